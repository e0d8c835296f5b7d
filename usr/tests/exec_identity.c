/*
 * Whom a program runs as: set-user-ID and set-group-ID files, AT_SECURE, and the saved ids, which
 * each execve sets anew (execve(2), credentials(7)).
 *
 * The program is this one, in several copies; it reports its ids to descriptor 10.
 */
#include "files.h"

#include <sys/mount.h>

extern char **environ;

#define USER 1234 /* the caller's, where it is not root */
#define OWNER 4321
#define GROUP 77
#define OWNERS_GROUP 78

struct identity {
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;
	unsigned long secure, at_uid, at_euid, at_gid, at_egid;
};

static struct identity seen;

/* As the kernel has put it there: getauxval() answers AT_SECURE from what it makes of the ids. */
static unsigned long auxiliary(unsigned long type)
{
	char **end = environ;
	const unsigned long *entry;

	while (*end)
		end++;
	for (entry = (const unsigned long *)(end + 1); *entry; entry += 2)
		if (*entry == type)
			return entry[1];
	return ~0UL;
}

static int report(void)
{
	struct identity own = {
		.secure = auxiliary(AT_SECURE),
		.at_uid = auxiliary(AT_UID),
		.at_euid = auxiliary(AT_EUID),
		.at_gid = auxiliary(AT_GID),
		.at_egid = auxiliary(AT_EGID),
	};

	sys(SYS_getresuid, &own.real, &own.effective, &own.saved);
	sys(SYS_getresgid, &own.real_group, &own.effective_group, &own.saved_group);
	return sys(SYS_write, 10, &own, sizeof(own)) != sizeof(own);
}

/* What `path` sees of itself, started by a process with these three ids, for users and groups. */
static bool run(const char *path, uid_t real, uid_t effective, uid_t saved)
{
	char *argv[] = { "report", NULL };
	int fd[2];
	ssize_t length;
	pid_t child;

	must(pipe(fd));
	child = (pid_t)must(fork());
	if (child == 0) {
		must(dup2(fd[1], 10));
		close(fd[0]);
		close(fd[1]);
		if (real != 0 || effective != 0 || saved != 0) {
			must(sys(SYS_setgroups, 0, NULL));
			EXPECT(sys(SYS_setresgid, GROUP, GROUP, GROUP) == 0);
			EXPECT(sys(SYS_setresuid, real, effective, saved) == 0);
		}
		execve(path, argv, argv + 1);
		_exit(90);
	}
	close(fd[1]);
	memset(&seen, 0xff, sizeof(seen));
	length = must(read(fd[0], &seen, sizeof(seen)));
	close(fd[0]);
	return wait_child(child) == 0 && length == sizeof(seen);
}

static bool users_are(uid_t real, uid_t effective)
{
	return seen.real == real && seen.effective == effective && seen.saved == effective &&
	       seen.at_uid == real && seen.at_euid == effective;
}

static bool groups_are(gid_t real, gid_t effective)
{
	return seen.real_group == real && seen.effective_group == effective &&
	       seen.saved_group == effective && seen.at_gid == real && seen.at_egid == effective;
}

/* A copy of this program; chown takes the bits away, so they come last. */
static void make(const char *path, uid_t owner, gid_t group, mode_t mode)
{
	copy_file(self_path(), path, 0755);
	must(chown(path, owner, group));
	must(chmod(path, mode));
}

static void plain(void)
{
	make("plain", OWNER, OWNERS_GROUP, 0755);
	ok(run("plain", 0, 0, 0) && users_are(0, 0) && groups_are(0, 0) && !seen.secure,
	   "root stays root");
	ok(run("plain", USER, USER, USER) && users_are(USER, USER) && groups_are(GROUP, GROUP) &&
		   !seen.secure,
	   "another user stays who he is");
	ok(run("plain", USER, OWNER, 0) && users_are(USER, OWNER),
	   "the saved id becomes the effective one");
	ok_equal((long)seen.secure, 1, "AT_SECURE where real and effective differ");
	ok(run("plain", USER, USER, 0) && users_are(USER, USER) && !seen.secure,
	   "a saved root is gone with the exec");
}

static void set_user(void)
{
	make("set-user", OWNER, OWNERS_GROUP, 04755);
	ok(run("set-user", USER, USER, USER) && users_are(USER, OWNER), "set-user-ID: the owner");
	ok(groups_are(GROUP, GROUP), "groups stay");
	ok_equal((long)seen.secure, 1, "AT_SECURE is set");
	ok(run("set-user", 0, 0, 0) && users_are(0, OWNER) && seen.secure, "root becomes him too");
	ok(run("set-user", OWNER, OWNER, OWNER) && users_are(OWNER, OWNER) && !seen.secure,
	   "for the owner himself nothing changes");
	make("set-root", 0, 0, 04755);
	ok(run("set-root", USER, USER, USER) && users_are(USER, 0) && seen.secure,
	   "root's file makes anybody root");
	make("no-others", OWNER, OWNERS_GROUP, 04750);
	ok(!run("no-others", USER, USER, USER), "but only whoever may execute it");
	make("no-bit", OWNER, OWNERS_GROUP, 04644);
	ok(!run("no-bit", 0, 0, 0), "and the bit alone does not make it a program");
}

static void set_group(void)
{
	make("set-group", OWNER, OWNERS_GROUP, 02755);
	ok(run("set-group", USER, USER, USER) && groups_are(GROUP, OWNERS_GROUP),
	   "set-group-ID: the file's group");
	ok(users_are(USER, USER) && seen.secure, "users stay, AT_SECURE is set");
	make("lock-bit", OWNER, OWNERS_GROUP, 02745);
	ok(run("lock-bit", USER, USER, USER) && groups_are(GROUP, GROUP) && !seen.secure,
	   "not if the group may not execute it");
	make("both", OWNER, OWNERS_GROUP, 06755);
	ok(run("both", USER, USER, USER) && users_are(USER, OWNER) &&
		   groups_are(GROUP, OWNERS_GROUP) && seen.secure,
	   "both at once");
}

/* Of a script the bits say nothing, of its interpreter they do. */
static void scripts(void)
{
	char text[100];

	format_text(text, sizeof(text), "#!%s/plain\n", scratch_path);
	write_text("script", text, 0755);
	must(chown("script", OWNER, OWNERS_GROUP));
	must(chmod("script", 06755));
	ok(run("script", USER, USER, USER) && users_are(USER, USER) && groups_are(GROUP, GROUP) &&
		   !seen.secure,
	   "a script's bits do not count");
	format_text(text, sizeof(text), "#!%s/both\n", scratch_path);
	write_text("script", text, 0755);
	ok(run("script", USER, USER, USER) && users_are(USER, OWNER) &&
		   groups_are(GROUP, OWNERS_GROUP) && seen.secure,
	   "its interpreter's do");
}

static void without_set_id(void)
{
	must(mkdir("nosuid", 0755));
	if (mount("none", "nosuid", "tmpfs", MS_NOSUID, NULL)) {
		skip("a mount without set-user-ID: no right to mount");
		return;
	}
	make("nosuid/both", OWNER, OWNERS_GROUP, 06755);
	ok(run("nosuid/both", USER, USER, USER) && users_are(USER, USER) &&
		   groups_are(GROUP, GROUP) && !seen.secure,
	   "a mount with MS_NOSUID has no such files");
	unlink("nosuid/both");
	umount2("nosuid", MNT_DETACH);
}

int main(int argc, char **argv)
{
	if (argc == 1 && !strcmp(argv[0], "report"))
		return report();
	if (argc == 2 && strstr(argv[1], "script")) /* as an interpreter */
		return report();
	enter_scratch();
	must(chmod(".", 0755));
	plain();
	set_user();
	set_group();
	scripts();
	without_set_id();
	leave_scratch();
	return done();
}
