/*
 * memfd_create: a file without a name: its bytes, its mappings, its name in /proc, and that it can
 * be run (memfd_create(2)).
 */
#include "tap.h"

#include <sys/mman.h>

#define GET_SEALS 1034
#define ADD_SEALS 1033

static int make(const char *name, unsigned flags)
{
	return (int)sys(SYS_memfd_create, name, flags);
}

static void bytes(void)
{
	int fd = make("test", 0), again;
	struct stat status;
	char path[64], text[64];
	ssize_t length;

	ok(fd >= 0, "memfd_create");
	ok_equal(fcntl(fd, F_GETFD), 0, "stays open on exec");
	ok_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR, "for reading and writing");
	must(fstat(fd, &status));
	ok(S_ISREG(status.st_mode) && status.st_size == 0, "it is an empty regular file");
	ok_equal(status.st_nlink, 0, "with no name");
	ok_equal(status.st_mode & 0777, 0777, "that everybody may use");
	ok_equal(write(fd, "hello", 5), 5, "it takes bytes");
	ok_equal(pread(fd, text, sizeof(text), 1), 4, "and gives them");
	ok_equal(ftruncate(fd, 10000), 0, "it grows");
	ok_equal(pread(fd, text, 5, 9000), 5, "by zeros");
	ok(text[0] == 0, "that are read");
	format_text(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, text, sizeof(text));
	ok(length == 21 && !memcmp(text, "/memfd:test (deleted)", 21), "/proc shows its name");
	again = (int)must(open(path, O_RDWR));
	ok_equal(pread(again, text, 5, 0), 5, "it can be opened there");
	ok(!memcmp(text, "hello", 5), "with its bytes");
	must(pwrite(again, "J", 1, 0));
	close(again);
	ok(pread(fd, text, 5, 0) == 5 && text[0] == 'J', "written there it changes");
	close(fd);
	fd = make("", 1);
	ok_equal(fcntl(fd, F_GETFD), FD_CLOEXEC, "MFD_CLOEXEC");
	close(fd);
}

static void errors(void)
{
	char name[252];
	int fd;

	memset(name, 'x', sizeof(name));
	name[249] = 0;
	fd = make(name, 0);
	ok(fd >= 0, "a name of 249 bytes");
	close(fd);
	name[249] = 'x';
	name[250] = 0;
	ok_equal(make(name, 0), -EINVAL, "one of 250 is EINVAL");
	ok_equal(make("x", 0x100), -EINVAL, "an unknown flag");
	ok_equal(make((char *)16, 0), -EFAULT, "a wild name is EFAULT");
}

static void seals(void)
{
	int fd = make("x", 0);

	ok_equal(fcntl(fd, GET_SEALS), 1, "the one seal says that there will be no other");
	ok_errno(fcntl(fd, ADD_SEALS, 2), EPERM, "so adding one is EPERM");
	close(fd);
}

static void write_map(void *map)
{
	memcpy(map, "child", 5);
}

static void mappings(void)
{
	int fd = make("x", 0);
	char *map, text[8] = "";

	must(ftruncate(fd, 2 * PAGE));
	map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ok(map != MAP_FAILED, "it can be mapped");
	ok_child(write_map, map, "by parent and child");
	ok(!memcmp(map, "child", 5), "who share it");
	ok(pread(fd, text, 5, 0) == 5 && !memcmp(text, "child", 5), "with those who read it");
	close(fd);
	memcpy(map + PAGE, "still", 5);
	ok(!memcmp(map + PAGE, "still", 5), "the mapping outlives the descriptor");
	munmap(map, 2 * PAGE);
}

/* The program copies itself into one and runs that. */
static void run(void *unused)
{
	int fd = make("program", 0), self = (int)must(open(self_path(), O_RDONLY));
	char *words[] = { "program", "again", NULL }, *none[] = { NULL }, buffer[4096], path[64];

	(void)unused;
	for (ssize_t n; (n = read(self, buffer, sizeof(buffer))) > 0;)
		EXPECT(write(fd, buffer, (size_t)n) == n);
	format_text(path, sizeof(path), "/proc/self/fd/%d", fd);
	execve(path, words, none);
	EXPECT(!"execve came back");
}

/* The one that made it has gone; who opened it by its name in /proc still writes to it. */
static void run_written(void *unused)
{
	int fd = make("program", 0), again;
	char *words[] = { "program", "again", NULL }, *none[] = { NULL }, path[64];

	(void)unused;
	format_text(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = (int)must(open(path, O_RDWR));
	close(fd);
	format_text(path, sizeof(path), "/proc/self/fd/%d", again);
	EXPECT(execve(path, words, none) == -1 && errno == ETXTBSY);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "again"))
		return 0;
	bytes();
	errors();
	seals();
	mappings();
	ok_child(run, NULL, "what is in one can be run");
	ok_child(run_written, NULL, "unless it is open for writing by its name: ETXTBSY");
	return done();
}
