/*
 * prctl(2): what a thread sets for itself, what its children and its next program get of it, and
 * each operation's errors.
 */
#include "tap.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define WILD 8L

static char *page_read_only, *page_end;

static void make_pages(void)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);

	if (pages == MAP_FAILED)
		bail("mmap");
	page_end = pages + PAGE;
	must(mprotect(page_end, PAGE, PROT_NONE));
	page_read_only = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static bool is_named(const char *wanted)
{
	char name[16];

	memset(name, 'x', sizeof(name));
	return sys(SYS_prctl, PR_GET_NAME, name) == 0 && !strcmp(name, wanted);
}

static void *in_thread(void *result)
{
	char text[32] = "";

	*(bool *)result = is_named("first") && sys(SYS_prctl, PR_SET_NAME, "second") == 0 &&
			  is_named("second") && read_text("/proc/self/comm", text, 32) > 0 &&
			  !strcmp(text, "first\n");
	return NULL;
}

static void child_is_first(void *unused)
{
	(void)unused;
	EXPECT(is_named("first"));
}

static void names(void)
{
	char text[32] = "";
	bool good = false;
	pthread_t thread;

	ok_equal(sys(SYS_prctl, PR_SET_NAME, "0123456789abcdefgh"), 0, "a name that is too long");
	ok(is_named("0123456789abcde"), "is cut to 15 bytes");
	ok(read_text("/proc/self/comm", text, sizeof(text)) > 0 &&
		   !strcmp(text, "0123456789abcde\n"),
	   "and is comm");
	memcpy(page_end - 16, "fifteen bytes..", 16);
	ok_equal(sys(SYS_prctl, PR_SET_NAME, page_end - 16), 0, "at the end of a page");
	memcpy(page_end - 15, "fifteen bytes..", 15);
	ok_equal(sys(SYS_prctl, PR_SET_NAME, page_end - 15), 0, "15 bytes without their end too");
	ok_equal(sys(SYS_prctl, PR_SET_NAME, page_end - 3), -EFAULT, "cut off by it: EFAULT");
	ok_equal(sys(SYS_prctl, PR_SET_NAME, WILD), -EFAULT, "from nowhere: EFAULT");
	ok(is_named("fifteen bytes.."), "which leaves the name");
	ok_equal(sys(SYS_prctl, PR_GET_NAME, WILD), -EFAULT, "told to nowhere: EFAULT");
	ok_equal(sys(SYS_prctl, PR_GET_NAME, page_end - 15), -EFAULT, "16 bytes are written");
	ok_equal(sys(SYS_prctl, PR_GET_NAME, page_read_only), -EFAULT, "not to a read-only page");
	must(prctl(PR_SET_NAME, "first"));
	if (pthread_create(&thread, NULL, in_thread, &good))
		bail("pthread_create");
	pthread_join(thread, NULL);
	ok(good, "a thread begins with its creator's, and has its own then");
	ok(is_named("first"), "its creator keeps it");
	ok_child(child_is_first, NULL, "a child has its parent's");
}

static void simple_errors(void)
{
	static const unsigned wrong[] = { 0, 5, 12, 21 + 1000, 0x7fffffff, 0xffffffff };
	int value;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (wrong[i] != 5 && wrong[i] != 12)
			ok_equal(sys(SYS_prctl, wrong[i], 0, 0, 0, 0), -EINVAL,
				 "operation %u: EINVAL", wrong[i]);
	ok_equal(sys(SYS_prctl, PR_GET_UNALIGN, &value), -EINVAL, "x86 has no PR_GET_UNALIGN");
	ok_equal(sys(SYS_prctl, PR_GET_FPEMU, &value), -EINVAL, "no PR_GET_FPEMU");
	ok_equal(sys(SYS_prctl, PR_GET_FPEXC, &value), -EINVAL, "no PR_GET_FPEXC");
	ok_equal(sys(SYS_prctl, PR_GET_ENDIAN, &value), -EINVAL, "no PR_GET_ENDIAN");
	ok_equal(sys(SYS_prctl, PR_GET_TIMING), PR_TIMING_STATISTICAL, "PR_GET_TIMING");
	ok_equal(sys(SYS_prctl, PR_SET_TIMING, PR_TIMING_STATISTICAL), 0, "to set what it is");
	ok_equal(sys(SYS_prctl, PR_SET_TIMING, PR_TIMING_TIMESTAMP), -EINVAL, "no other: EINVAL");
	value = 0;
	ok(sys(SYS_prctl, PR_GET_TSC, &value) == 0 && value == PR_TSC_ENABLE, "rdtsc is allowed");
	ok_equal(sys(SYS_prctl, PR_SET_TSC, PR_TSC_ENABLE), 0, "and can be");
	ok_equal(sys(SYS_prctl, PR_SET_TSC, 77), -EINVAL, "anything else: EINVAL");
	ok_equal(sys(SYS_prctl, PR_GET_TSC, WILD), -EFAULT, "told to nowhere: EFAULT");
	ok_equal(sys(SYS_prctl, PR_CAPBSET_READ, 0), 1, "capability 0 is in the bounding set");
	ok_equal(sys(SYS_prctl, PR_CAPBSET_READ, 40), 1, "the last one too");
	ok_equal(sys(SYS_prctl, PR_CAPBSET_READ, 64), -EINVAL, "64 is none: EINVAL");
	ok_equal(sys(SYS_prctl, PR_CAPBSET_DROP, 64), -EINVAL, "nor can it be dropped");
	ok_equal(sys(SYS_prctl, PR_GET_KEEPCAPS), 0, "capabilities are not kept over setuid");
	ok_equal(sys(SYS_prctl, PR_SET_KEEPCAPS, 0), 0, "which can be said again");
	ok_equal(sys(SYS_prctl, PR_SET_KEEPCAPS, 2), -EINVAL, "2 is no answer: EINVAL");
}

static void ambient(void)
{
	ok_equal(sys(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0), 0,
		 "no ambient capability is set");
	ok_equal(sys(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 0, 0, 0), -EPERM,
		 "nor can one be that is not inheritable: EPERM");
	ok_equal(sys(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, 0, 0, 0), 0,
		 "one is lowered");
	ok_equal(sys(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), 0, "or all");
	ok_equal(sys(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0), -EINVAL,
		 "all means no particular one: EINVAL");
	ok_equal(sys(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 64, 0, 0), -EINVAL,
		 "capability 64: EINVAL");
	ok_equal(sys(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 1, 0), -EINVAL,
		 "an argument too many: EINVAL");
	ok_equal(sys(SYS_prctl, PR_CAP_AMBIENT, 9, 0, 0, 0), -EINVAL, "operation 9: EINVAL");
}

static void slack_of_child(void *unused)
{
	(void)unused;
	EXPECT(sys(SYS_prctl, PR_GET_TIMERSLACK) == 1234);
	EXPECT(sys(SYS_prctl, PR_SET_TIMERSLACK, 99) == 0);
	EXPECT(sys(SYS_prctl, PR_SET_TIMERSLACK, 0) == 0);
	EXPECT(sys(SYS_prctl, PR_GET_TIMERSLACK) == 1234);
}

static void timer_slack(void)
{
	ok_equal(sys(SYS_prctl, PR_GET_TIMERSLACK), 50000, "timers have 50 us of slack");
	ok_equal(sys(SYS_prctl, PR_SET_TIMERSLACK, 1234), 0, "or another");
	ok_equal(sys(SYS_prctl, PR_GET_TIMERSLACK), 1234, "which is told");
	ok_child(slack_of_child, NULL, "a child has its parent's as its default");
	ok_equal(sys(SYS_prctl, PR_SET_TIMERSLACK, 0), 0, "0 is the default");
	ok_equal(sys(SYS_prctl, PR_GET_TIMERSLACK), 50000, "which is the first one");
}

static void dumpable_child(void *unused)
{
	struct stat status;

	(void)unused;
	EXPECT(sys(SYS_prctl, PR_GET_DUMPABLE) == 1);
	EXPECT(stat("/proc/self/environ", &status) == 0 && status.st_uid == 0);
	must(setresgid(1000, 1000, 1000));
	must(setresuid(1000, 1000, 1000));
	EXPECT(sys(SYS_prctl, PR_GET_DUMPABLE) == 0);
	EXPECT(stat("/proc/self/environ", &status) == 0 && status.st_uid == 0);
	EXPECT(stat("/proc/self", &status) == 0 && status.st_uid == 1000);
	EXPECT(sys(SYS_prctl, PR_SET_DUMPABLE, 1) == 0);
	EXPECT(stat("/proc/self/environ", &status) == 0 && status.st_uid == 1000);
}

/* Two processes of one user: one looks into the other. */
static void looks(void *unused)
{
	struct gate ready = new_gate(), end = new_gate();
	char path[40];
	pid_t child;
	int fd;

	(void)unused;
	must(setresgid(1000, 1000, 1000));
	must(setresuid(1000, 1000, 1000));
	must(prctl(PR_SET_DUMPABLE, 1));
	child = (pid_t)must(fork());
	if (!child) {
		open_gate(&ready);
		pass_gate(&end);
		must(prctl(PR_SET_DUMPABLE, 0));
		open_gate(&ready);
		pass_gate(&end);
		_exit(0);
	}
	format_text(path, sizeof(path), "/proc/%d/environ", child);
	pass_gate(&ready);
	fd = open(path, O_RDONLY);
	EXPECT(fd >= 0);
	close(fd);
	open_gate(&end);
	pass_gate(&ready);
	EXPECT(open(path, O_RDONLY) == -1 && errno == EACCES);
	open_gate(&end);
	EXPECT(wait_child(child) == 0);
}

static void dumpable(void)
{
	ok_equal(sys(SYS_prctl, PR_GET_DUMPABLE), 1, "a process can be looked into");
	ok_equal(sys(SYS_prctl, PR_SET_DUMPABLE, 0), 0, "or not");
	ok_equal(sys(SYS_prctl, PR_GET_DUMPABLE), 0, "which is told");
	ok_equal(sys(SYS_prctl, PR_SET_DUMPABLE, 2), -EINVAL, "2 cannot be asked for: EINVAL");
	ok_equal(sys(SYS_prctl, PR_SET_DUMPABLE, -1), -EINVAL, "nor -1");
	ok_equal(sys(SYS_prctl, PR_SET_DUMPABLE, 1), 0, "again it can");
	ok_child(dumpable_child, NULL, "a change of user ends it, and /proc becomes root's");
	ok_child(looks, NULL, "who is not dumpable is not looked into by his own user");
}

static const char *no_new_privileges_line(void)
{
	static char text[8192];
	char *line;

	if (read_text("/proc/self/status", text, sizeof(text)) <= 0)
		return "";
	line = strstr(text, "NoNewPrivs:");
	return line ? line + 12 : "";
}

static void gives_up(void *unused)
{
	char *argv[] = { "prctl", "privileges", NULL };

	(void)unused;
	EXPECT(sys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	EXPECT(sys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == -EINVAL);
	EXPECT(sys(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	EXPECT(*no_new_privileges_line() == '1');
	execv(self_path(), argv);
	_exit(9);
}

/* A copy of this program that makes its caller root: with and without. */
static void set_user_id(void *privileges)
{
	char *argv[] = { "copy", "euid", NULL };

	must(setresgid(1000, 1000, 1000));
	must(setresuid(1000, 1000, 1000));
	if (privileges)
		must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	execv("/tmp/prctl-copy", argv);
	_exit(99);
}

static bool copy_program(void)
{
	static char buffer[65536];
	int in = (int)must(open(self_path(), O_RDONLY)), out;
	ssize_t n;

	mkdir("/tmp", 01777);
	out = (int)must(open("/tmp/prctl-copy", O_CREAT | O_TRUNC | O_WRONLY, 0700));
	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		if (write(out, buffer, (size_t)n) != n)
			return false;
	must(fchmod(out, 04755));
	close(in);
	close(out);
	return n == 0;
}

static void no_new_privileges(void)
{
	ok_equal(sys(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0, "exec may give privileges");
	ok_equal(*no_new_privileges_line(), '0', "as /proc says");
	ok_equal(sys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), -EINVAL, "0 is no choice");
	ok_equal(sys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), -EINVAL, "a third argument");
	ok_equal(sys(SYS_prctl, PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0), -EINVAL, "a second to ask");
	ok_equal(exit_code(child_status(gives_up, NULL)), 1, "given up, it stays so over exec");
	if (!copy_program()) {
		skip("no room for a copy of the program");
	} else {
		ok_equal(exit_code(child_status(set_user_id, NULL)), 0,
			 "a set-user-ID program runs as its owner");
		ok_equal(exit_code(child_status(set_user_id, "")), 50,
			 "and as its caller where that gave it up");
	}
	unlink("/tmp/prctl-copy");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "privileges"))
		return (int)sys(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	if (argc > 1 && !strcmp(argv[1], "euid"))
		return geteuid() == 0 ? 0 : 50;
	make_pages();
	names();
	simple_errors();
	ambient();
	timer_slack();
	dumpable();
	no_new_privileges();
	return done();
}
