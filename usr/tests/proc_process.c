/*
 * /proc/<pid>: each file has the form that proc(5) gives it, agrees with the others and with the
 * system calls, and may be opened by whom Linux lets open it.
 */
#include "files.h"

#include <sys/mman.h>
#include <sys/prctl.h>

static char text[65536];

static const char *file_of(pid_t pid, const char *name)
{
	static char path[80];

	format_text(path, sizeof(path), "/proc/%d/%s", pid, name);
	return path;
}

static size_t count_of(const char *string, char c)
{
	size_t count = 0;

	for (; *string; string++)
		count += *string == c;
	return count;
}

/* What stands behind `name` at the start of a line of `text`; NULL: no such line. */
static const char *line(const char *name)
{
	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, name, strlen(name)))
			return at + strlen(name);
	}
	return NULL;
}

static void read_own(const char *name)
{
	if (read_text(file_of(getpid(), name), text, sizeof(text)) < 0)
		text[0] = 0;
}

static unsigned long hexadecimal(const char *at)
{
	return at ? strtoul(at, NULL, 16) : 0;
}

/* Field `number` of what is in `text`, as proc(5) counts them. */
static long field(int number)
{
	char *at = strrchr(text, ')');

	for (int n = 2; at && n < number; n++)
		at = strchr(at + 1, ' ');
	return at ? strtol(at + 1, NULL, 10) : -1;
}

static int pages_of_statm[7];

static void statm(void)
{
	char *at = text;

	read_own("statm");
	for (int i = 0; i < 7; i++)
		pages_of_statm[i] = (int)strtol(at, &at, 10);
	ok(*at == '\n' && !at[1], "statm has seven numbers");
	read_own("stat");
	ok_equal(field(23), pages_of_statm[0] * (long)PAGE, "the first is stat's size");
	ok(labs(field(24) - pages_of_statm[1]) < 64, "the second what is resident");
	ok(pages_of_statm[2] <= pages_of_statm[1], "no more is shared than that");
	ok(pages_of_statm[3] > 0 && pages_of_statm[3] < pages_of_statm[0], "there is code");
	ok(pages_of_statm[5] > 0 && pages_of_statm[5] < pages_of_statm[0], "and data");
}

static void stat_line(void)
{
	int on_stack;

	read_own("stat");
	ok_equal((long)count_of(text, ' '), 51, "stat has 52 fields");
	ok_equal((long)count_of(text, '\n'), 1, "in one line");
	ok_equal(field(7) == -1 ? -1 : 0, 0, "the terminal's number is not negative");
	ok_equal(field(18), 20, "the priority of nice 0 is 20");
	ok_equal(field(38), SIGCHLD, "the exit signal is SIGCHLD");
	ok_equal(field(41), 0, "the class is the normal one");
	ok((unsigned long)field(28) >= (unsigned long)&on_stack, "the stack begins above a local");
	ok(field(48) > 0 && field(49) > field(48), "arguments lie between two addresses");
	ok_equal(field(50), field(49), "and the environment behind them");
	ok_equal(*(char *)field(48), *self_path() ? *(char *)field(48) : 0, "which can be read");
	ok_equal(field(52), 0, "a living process has no exit status");
}

static void status_lines(void)
{
	/* clang-format off */
	static const char *const names[] = {
		"Name:\t", "Umask:\t", "State:\t", "Tgid:\t", "Ngid:\t", "Pid:\t", "PPid:\t",
		"TracerPid:\t", "Uid:\t", "Gid:\t", "FDSize:\t", "Groups:\t", "VmSize:\t",
		"VmLck:\t", "VmPin:\t", "VmHWM:\t", "VmRSS:\t", "RssAnon:\t", "RssFile:\t",
		"RssShmem:\t", "VmData:\t", "VmStk:\t", "VmExe:\t", "VmLib:\t", "VmPTE:\t",
		"VmSwap:\t", "Threads:\t", "SigQ:\t", "SigPnd:\t", "ShdPnd:\t", "SigBlk:\t",
		"SigIgn:\t", "SigCgt:\t", "CapInh:\t", "CapPrm:\t", "CapEff:\t", "CapBnd:\t",
		"CapAmb:\t", "NoNewPrivs:\t", "Seccomp:\t", "Cpus_allowed:\t",
		"Cpus_allowed_list:\t", "Mems_allowed:\t", "Mems_allowed_list:\t",
		"voluntary_ctxt_switches:\t", "nonvoluntary_ctxt_switches:\t",
	};
	/* clang-format on */
	const char *at, *missing = NULL;

	read_own("status");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!line(names[i]))
			missing = names[i];
	ok(!missing, "status has all lines that programs look for");
	if (missing)
		diag("%s", missing);
	ok_equal((long)decimal(line("Tgid:\t")), getpid(), "the thread group is the process");
	ok_equal((long)decimal(line("Threads:\t")), 1, "of one thread");
	ok_equal((long)decimal(line("FDSize:\t")) % 8, 0, "the table has room for whole words");
	at = line("VmRSS:\t");
	ok(at && strstr(at, " kB\n"), "sizes are in kB");
	ok(decimal(line("VmHWM:\t")) >= decimal(line("VmRSS:\t")), "the peak is no less than now");
	ok(labs((long)(decimal(line("RssAnon:\t")) + decimal(line("RssFile:\t")) +
		       decimal(line("RssShmem:\t"))) -
		(long)decimal(line("VmRSS:\t"))) < 256,
	   "what is resident is anonymous, of files or shared");
	ok(decimal(line("VmStk:\t")) >= 4 && decimal(line("VmData:\t")) >= 4, "stack and data");
	ok(decimal(line("VmExe:\t")) >= 4, "and code");
}

static void masks(void)
{
	sigset_t set;

	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, (void (*)(int))masks);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGTERM);
	read_own("status");
	ok_equal((long)hexadecimal(line("SigIgn:\t")) & 1 << (SIGUSR1 - 1), 1 << (SIGUSR1 - 1),
		 "an ignored signal is in SigIgn");
	ok_equal((long)hexadecimal(line("SigCgt:\t")) & 1 << (SIGUSR2 - 1), 1 << (SIGUSR2 - 1),
		 "a caught one in SigCgt");
	ok_equal((long)hexadecimal(line("SigBlk:\t")), 1 << (SIGTERM - 1),
		 "a blocked one in SigBlk");
	ok_equal((long)(hexadecimal(line("ShdPnd:\t")) | hexadecimal(line("SigPnd:\t"))),
		 1 << (SIGTERM - 1), "and pending when it comes");
	read_own("stat");
	ok_equal(field(32), 1 << (SIGTERM - 1), "the same in stat: blocked");
	ok_equal(field(33) & 1 << (SIGUSR1 - 1), 1 << (SIGUSR1 - 1), "ignored");
	ok_equal(field(34) & 1 << (SIGUSR2 - 1), 1 << (SIGUSR2 - 1), "caught");
	signal(SIGTERM, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}

static void write_own(const char *name, const char *what, long expected, const char *why)
{
	int fd = (int)must(open(file_of(getpid(), name), O_WRONLY));

	ok_equal(sys(SYS_write, fd, what, strlen(what)), expected, "%s", why);
	close(fd);
}

static void sleep_at_gate(void *gate)
{
	pass_gate(gate);
}

static void names(void)
{
	struct gate gate = new_gate();
	pid_t child = start_child(sleep_at_gate, &gate);
	int fd;

	read_own("comm");
	ok(!strcmp(text, "proc_process\n"), "comm is the program's name");
	write_own("comm", "a)b (c\\", 7, "it can be changed");
	read_own("comm");
	ok(!strcmp(text, "a)b (c\\\n"), "to what it then says");
	read_own("status");
	ok(line("Name:\ta)b (c\\\\\n"), "in status a backslash is doubled");
	read_own("stat");
	ok(strstr(text, " (a)b (c\\) R "), "in stat it is as it is");
	ok_equal(field(4), getppid(), "where the fields begin behind the last parenthesis");
	write_own("comm", "0123456789abcdef0123", 20, "a long name is taken");
	read_own("comm");
	ok(!strcmp(text, "0123456789abcde\n"), "and cut off at 15 bytes");
	fd = (int)must(open(file_of(child, "comm"), O_WRONLY));
	ok_errno(write(fd, "x", 1), EINVAL, "another process names itself");
	close(fd);
	write_own("comm", "proc_process", 12, "back");
	open_gate(&gate);
	wait_child(child);
	free_gate(&gate);
}

static void out_of_memory_score(void)
{
	long score;

	read_own("oom_score_adj");
	ok(!strcmp(text, "0\n"), "oom_score_adj is 0");
	read_own("oom_score");
	score = (long)decimal(text);
	ok(score >= 0 && score <= 2000, "oom_score is between 0 and 2000");
	write_own("oom_score_adj", "500\n", 4, "a process may volunteer");
	read_own("oom_score_adj");
	ok(!strcmp(text, "500\n"), "and reads that back");
	read_own("oom_score");
	ok((long)decimal(text) > score, "its score rises");
	write_own("oom_score_adj", "1001", -EINVAL, "1001 is too much");
	write_own("oom_score_adj", "-1001", -EINVAL, "-1001 too little");
	write_own("oom_score_adj", "much", -EINVAL, "a word is no number");
	write_own("oom_score_adj", "", -EINVAL, "nor is nothing");
	write_own("oom_score_adj", "0", 1, "and can take it back");
}

/* A container's root may not. */
static void out_of_memory_never(void)
{
	int fd = (int)must(open("/proc/self/oom_score_adj", O_WRONLY));

	if (!on_facet() && write(fd, "-1000", 5) == -1) {
		skip("this root may not be spared");
	} else {
		write_own("oom_score_adj", "-1000", 5, "root may be spared");
		read_own("oom_score");
		ok_equal((long)decimal(text), 0, "with a score of 0");
		write_own("oom_score_adj", "0", 1, "back");
	}
	close(fd);
}

static void not_less(void *unused)
{
	int fd;

	(void)unused;
	must(setresuid(1000, 1000, 1000));
	prctl(PR_SET_DUMPABLE, 1); /* setresuid has taken it, and its files with it */
	fd = (int)must(open("/proc/self/oom_score_adj", O_RDWR));
	EXPECT(write(fd, "10", 2) == 2);
	EXPECT(write(fd, "0", 1) == 1);
	EXPECT(write(fd, "-1", 2) == -1 && errno == EACCES);
	_exit(0);
}

static void auxiliary_vector(void)
{
	const unsigned long *words = (const void *)text;
	unsigned long type = 1;
	size_t count = 0;
	bool same = true;

	read_own("auxv");
	while (type && count < 100) {
		type = words[count];
		if (type && type != AT_EXECFN)
			same = same && getauxval(type) == words[count + 1];
		count += 2;
	}
	ok(count > 10 && !type, "auxv ends with AT_NULL");
	ok(same, "it is what the program found");
}

static void command_and_environment(char **arguments, char **environment)
{
	ssize_t size = read_text("/proc/self/environ", text, sizeof(text));

	ok(size == 0 || text[size - 1] == 0, "environ is strings");
	ok(!environment[0] || !strcmp(text, environment[0]), "the first is the first");
	size = read_text("/proc/self/cmdline", text, sizeof(text));
	ok(size > 0 && !strcmp(text, arguments[0]), "cmdline begins with argv[0]");
}

static void links(void)
{
	char place[200];
	ssize_t length = readlink("/proc/self/exe", text, sizeof(text) - 1);

	ok(length > 0, "exe leads somewhere");
	text[length > 0 ? length : 0] = 0;
	ok(text[0] == '/' && !strcmp(strrchr(text, '/'), "/proc_process"), "to this program");
	ok(access("/proc/self/exe", X_OK) == 0, "which can be executed through it");
	must(chdir("/proc"));
	length = readlink("/proc/self/cwd", place, sizeof(place));
	ok(length == 5 && !memcmp(place, "/proc", 5), "cwd is where this process went");
	ok(readlink("/proc/self/root", place, sizeof(place)) == 1 && place[0] == '/', "root is /");
	ok_equal(readlink("/proc/self/cwd", place, 3), 3, "a small buffer gets the beginning");
	must(chdir("/"));
	length = readlink("/proc/self", place, sizeof(place) - 1);
	place[length > 0 ? length : 0] = 0;
	ok_equal((long)decimal(place), getpid(), "self is the pid");
}

static void login(void)
{
	int fd;

	read_own("loginuid");
	ok(!strcmp(text, "4294967295"), "nobody logged in");
	fd = open("/proc/1/loginuid", O_WRONLY);
	ok(fd == -1 || write(fd, "0", 1) == -1, "nobody says for another who did");
	close(fd);
}

static void limits(void)
{
	static const struct rlimit files = { 99, 100 };
	struct rlimit before;

	must(getrlimit(RLIMIT_NOFILE, &before));
	read_own("limits");
	ok_equal((long)count_of(text, '\n'), 17, "there are sixteen limits below a headline");
	ok(line("Max open files ") && line("Max realtime timeout "), "by their names");
	if (prlimit(0, RLIMIT_NOFILE, &files, NULL) == 0) {
		read_own("limits");
		ok(line("Max open files            99                   100                  "
			"files "),
		   "a changed one is shown");
		setrlimit(RLIMIT_NOFILE, &before);
	}
}

int main(int argc, char **argv, char **environment)
{
	(void)argc;
	stat_line();
	statm();
	status_lines();
	masks();
	names();
	out_of_memory_score();
	out_of_memory_never();
	ok_child(not_less, NULL, "who is not root goes as low as it was, and no lower");
	auxiliary_vector();
	command_and_environment(argv, environment);
	links();
	login();
	limits();
	return done();
}
