/*
 * The times of files: who may set them, what changes them by itself, and what does not.
 */
#include "files.h"

#include <sys/time.h>
#include <utime.h>

#define USER 1000

static struct stat status_of(const char *path)
{
	struct stat status = { 0 };

	lstat(path, &status);
	return status;
}

static long set_times(const char *path, long accessed, long modified)
{
	struct timespec times[2] = { { accessed, 5 }, { modified, 6 } };

	return sys(SYS_utimensat, AT_FDCWD, path, times, 0);
}

static long set_parts(const char *path, long accessed_ns, long modified_ns)
{
	struct timespec times[2] = { { 0, accessed_ns }, { 0, modified_ns } };

	return sys(SYS_utimensat, AT_FDCWD, path, times, 0);
}

static void times(void)
{
	struct timeval micro[2] = { { 10, 20 }, { 30, 40 } };
	struct utimbuf seconds = { 50, 60 };
	struct stat status;
	int fd;

	write_text("f", "x", 0644);
	ok_equal(set_times("f", 100, 200), 0, "utimensat");
	status = status_of("f");
	ok(status.st_atim.tv_sec == 100 && status.st_atim.tv_nsec == 5, "sets the time of access");
	ok(status.st_mtim.tv_sec == 200 && status.st_mtim.tv_nsec == 6, "and of the last change");
	ok(status.st_ctim.tv_sec > 1000, "not the status's: that is now");
	ok_equal(set_parts("f", UTIME_OMIT, 7), 0, "UTIME_OMIT");
	status = status_of("f");
	ok(status.st_atim.tv_sec == 100 && status.st_mtim.tv_nsec == 7, "leaves one as it is");
	ok_equal(set_parts("f", UTIME_NOW, UTIME_OMIT), 0, "UTIME_NOW");
	status = status_of("f");
	ok(status.st_atim.tv_sec > 1000 && status.st_mtim.tv_nsec == 7, "sets one to now");
	ok_equal(set_parts("none", UTIME_OMIT, UTIME_OMIT), 0, "to omit both asks for no file");
	ok_equal(set_parts("f", 1000000000, 0), -EINVAL, "a second of nanoseconds: EINVAL");
	ok_equal(set_parts("f", 0, -1), -EINVAL, "less than none: EINVAL");
	ok_equal(set_parts("none", 0, 0), -ENOENT, "no such file: ENOENT");
	ok_equal(sys(SYS_utimensat, AT_FDCWD, "f", 8L, 0), -EFAULT, "wild times: EFAULT");
	ok_equal(sys(SYS_utimensat, AT_FDCWD, NULL, NULL, 0), -EFAULT, "no path: EFAULT");
	ok_equal(sys(SYS_utimensat, AT_FDCWD, "f", NULL, 1), -EINVAL, "a wrong flag: EINVAL");
	ok_equal(set_times("f", -100, -200), 0, "before 1970");
	status = status_of("f");
	ok(status.st_mtim.tv_sec == -200 && status.st_mtim.tv_nsec == 6, "is kept as it is");
	fd = (int)must(open("f", O_RDONLY));
	ok_equal(sys(SYS_utimensat, fd, NULL, NULL, 0), 0, "a descriptor without a path");
	ok_equal(sys(SYS_utimensat, fd, NULL, NULL, AT_SYMLINK_NOFOLLOW), -EINVAL, "has no flags");
	close(fd);
	ok(status_of("f").st_mtim.tv_sec > 1000, "and gets the time of now");
	ok_equal(sys(SYS_utimes, "f", micro), 0, "utimes");
	ok(status_of("f").st_mtim.tv_nsec == 40000, "has microseconds");
	micro[0].tv_usec = 1000000;
	ok_equal(sys(SYS_utimes, "f", micro), -EINVAL, "fewer than a million");
	ok_equal(sys(SYS_utime, "f", &seconds), 0, "utime");
	status = status_of("f");
	ok(status.st_atim.tv_sec == 50 && status.st_mtim.tv_sec == 60, "has seconds");
	micro[0].tv_usec = 0;
	ok_equal(sys(SYS_futimesat, AT_FDCWD, "f", micro), 0, "futimesat");
	must(symlink("f", "l"));
	struct timespec link_times[2] = { { 1, 1 }, { 2, 2 } };

	must(utimensat(AT_FDCWD, "l", link_times, AT_SYMLINK_NOFOLLOW));
	ok(status_of("l").st_mtim.tv_sec == 2 && status_of("f").st_mtim.tv_sec == 30,
	   "a link has times of its own");
	must(unlink("l"));
	must(unlink("f"));
}

static void what_changes_status(void)
{
	struct stat status, before;

	write_text("f", "x", 0644);
	set_times("f", 1, 1);
	before = status_of("f");
	pass_time();
	must(chmod("f", 0600));
	status = status_of("f");
	ok(status.st_mtim.tv_sec == 1 && changed_since(&before, &status),
	   "chmod changes the status and not the content");
	before = status;
	pass_time();
	must(chown("f", (uid_t)-1, (gid_t)-1));
	status = status_of("f");
	ok(changed_since(&before, &status), "chown changes it");
	before = status;
	pass_time();
	must(link("f", "g"));
	status = status_of("f");
	ok(changed_since(&before, &status), "and link");
	before = status;
	pass_time();
	must(unlink("g"));
	status = status_of("f");
	ok(changed_since(&before, &status), "and unlink");
	must(truncate("f", 5));
	ok(status_of("f").st_mtim.tv_sec > 1000, "truncate changes the content");
	must(unlink("f"));
}

static void what_changes_times(void)
{
	char text[10];
	int fd;

	write_text("f", "x", 0644);
	set_times("f", 1000, 1000);
	fd = (int)must(open("f", O_RDWR));
	must(read(fd, text, 1));
	ok(status_of("f").st_atim.tv_sec > 1000, "a read is an access");
	ok_equal(status_of("f").st_mtim.tv_sec, 1000, "and no change");
	set_times("f", 1000, 1000);
	must(write(fd, "y", 1));
	ok(status_of("f").st_mtim.tv_sec > 1000, "a write is a change");
	ok_equal(status_of("f").st_atim.tv_sec, 1000, "and no access");
	close(fd);
	set_times("f", 1000, 1000);
	fd = (int)must(open("f", O_RDONLY | O_NOATIME));
	must(read(fd, text, 1));
	ok_equal(status_of("f").st_atim.tv_sec, 1000, "O_NOATIME leaves no trace");
	close(fd);
	must(mkdir("d", 0755));
	set_times("d", 1000, 1000);
	write_text("d/f", "x", 0644);
	ok(status_of("d").st_mtim.tv_sec > 1000, "a new name changes the folder");
	set_times("d", 1000, 1000);
	write_text("d/f", "y", 0644);
	ok_equal(status_of("d").st_mtim.tv_sec, 1000, "new content does not");
	must(unlink("d/f"));
	ok(status_of("d").st_mtim.tv_sec > 1000, "a name less does");
	must(link("f", "g"));
	ok(status_of("f").st_nlink == 2, "a link to it");
	must(unlink("g"));
	must(unlink("f"));
	must(rmdir("d"));
}

static void touches(void *unused)
{
	int fd;

	(void)unused;
	must(setresgid(USER, USER, USER));
	must(setresuid(USER, USER, USER));
	EXPECT(set_times("writable", 1, 1) == -EPERM);
	EXPECT(set_parts("writable", UTIME_NOW, UTIME_NOW) == 0);
	EXPECT(set_parts("writable", UTIME_NOW, UTIME_OMIT) == -EPERM);
	EXPECT(sys(SYS_utimensat, AT_FDCWD, "writable", NULL, 0) == 0);
	EXPECT(sys(SYS_utimensat, AT_FDCWD, "readable", NULL, 0) == -EACCES);
	EXPECT(set_times("own", 1, 1) == 0);
	EXPECT(open("readable", O_RDONLY | O_NOATIME) == -1 && errno == EPERM);
	fd = (int)must(open("readable", O_RDONLY));
	EXPECT(fcntl(fd, F_SETFL, O_NOATIME) == -1 && errno == EPERM);
	must(close(fd));
	EXPECT(truncate("readable", 0) == -1 && errno == EACCES);
	EXPECT(truncate("writable", 0) == 0);
}

static void rights(void)
{
	if (geteuid() != 0) {
		skip("times of others need root");
		return;
	}
	write_text("writable", "x", 0666);
	write_text("readable", "x", 0644);
	write_text("own", "x", 0644);
	must(chown("own", USER, USER));
	ok_child(touches, NULL, "times are the owner's, now is every writer's");
	must(unlink("writable"));
	must(unlink("readable"));
	must(unlink("own"));
}

int main(void)
{
	umask(0);
	enter_scratch();
	times();
	what_changes_status();
	what_changes_times();
	rights();
	leave_scratch();
	return done();
}
