/*
 * testrun [NAME...]: run the test programs /tests/NAME, all of them if none is named, and count.
 *
 * A test passes if it ends with status 0 and its output is TAP that says so: a plan, as many points
 * as planned, numbered in order, none of them "not ok". Its output is passed through as it is.
 *
 * On Facet a test must also leave no memory behind. Before and after it the kernel is told to give
 * up all that it only caches, orphans are reaped, and MemFree of /proc/meminfo must be the same.
 * A first run of a test that does nothing brings in the pages that testrun itself needs.
 *
 * As process 1 it is init: it collects orphans as they end, and powers the machine off at the end.
 * The last line says how many test programs passed and failed; there is no limit of time here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <usr.h>

enum { MOST_TESTS = 256, LONGEST_NAME = 64, LEAK_LOOKS = 50, MS = 1000000 };

/* What the output of one test said. */
struct tap {
	char line[256]; /* the start of the line that is being read */
	size_t length;
	long planned; /* -1: no plan yet */
	long points, failed;
	const char *fault; /* the first thing that is wrong with the output itself */
};

static char names[MOST_TESTS][LONGEST_NAME];
static size_t name_count;
static long all_points, all_failed_points;

static volatile pid_t test; /* 0: it was collected */
static int test_status;

/* The test and, as process 1, all orphans as they end. Runs only where SIGCHLD is not blocked. */
static void collect(int signal)
{
	int status, before = errno;
	pid_t pid;

	(void)signal;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == test) {
			test = 0;
			test_status = status;
		}
	}
	errno = before;
}

static bool on_facet(void)
{
	struct utsname name;

	return uname(&name) == 0 && strstr(name.release, "facet");
}

static bool is_init(void)
{
	return getpid() == 1;
}

static void tap_line(struct tap *tap)
{
	bool failed = strncmp(tap->line, "not ok", 6) == 0;
	char *number = tap->line + 2 + (failed ? 4 : 0);
	long value;

	if (strncmp(tap->line, "Bail out!", 9) == 0)
		tap->fault = "bailed out";
	if (strncmp(tap->line, "1..", 3) == 0) {
		number = tap->line + 3;
		number[strspn(number, "0123456789")] = '\0';
		if (tap->planned >= 0 || !parse_number(number, 0, 1000000, &tap->planned))
			tap->fault = "a second or a broken plan";
	} else if (failed || strncmp(tap->line, "ok", 2) == 0) {
		tap->points++;
		tap->failed += failed;
		number += *number == ' ';
		number[strspn(number, "0123456789")] = '\0';
		if (!parse_number(number, 1, 1000000, &value) || value != tap->points)
			tap->fault = "its points are not numbered in order";
	}
}

/* Pass the test's output on while reading what it says, until all who could write have ended. */
static void tap_read(struct tap *tap, int fd)
{
	static char data[4096];
	ssize_t size;

	*tap = (struct tap){ .planned = -1 };
	while ((size = read(fd, data, sizeof(data))) > 0 || (size < 0 && errno == EINTR)) {
		if (size > 0)
			write_all(STDOUT_FILENO, data, (size_t)size);
		for (ssize_t i = 0; i < size; i++) {
			if (data[i] != '\n') {
				if (tap->length < sizeof(tap->line) - 1)
					tap->line[tap->length++] = data[i];
				continue;
			}
			tap->line[tap->length] = '\0';
			tap_line(tap);
			tap->length = 0;
		}
	}
	if (tap->length > 0) {
		print("\n");
		tap->fault = "its last line is not complete";
	}
}

/* End what the test left running and reap it. Only process 1 gets orphans as children. */
static void clean_up(pid_t group)
{
	kill(-group, SIGKILL);
	if (!is_init())
		return;
	kill(-1, SIGKILL); /* everybody else, for some may have left the group */
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

static void start_test(const char *name, int output)
{
	char path[LONGEST_NAME + 8];

	setpgid(0, 0);
	signal(SIGQUIT, SIG_DFL); /* BusyBox's sh -c leaves it ignored */
	dup2(output, STDOUT_FILENO);
	if (!name) { /* the test that does nothing */
		print("# testrun runs nothing, to be complete in memory\n");
		_exit(0);
	}
	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/tests/", name);
	execl(path, path, (char *)NULL);
	complain(errno, "%s", path);
	_exit(127);
}

/* Run one test. Returns NULL if it passed, or what was wrong. */
static const char *run_test(const char *name)
{
	static char ending[32];
	sigset_t child_ends, before;
	struct tap tap;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return "there is no pipe for its output";
	sigemptyset(&child_ends);
	sigaddset(&child_ends, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_ends, &before);
	test = pid = fork();
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid == 0)
		start_test(name, ends[1]);
	close(ends[1]);
	if (pid > 0)
		tap_read(&tap, ends[0]);
	close(ends[0]);
	if (pid < 0)
		return "it could not be forked";
	sigprocmask(SIG_BLOCK, &child_ends, NULL);
	while (test)
		sigsuspend(&before);
	clean_up(pid);
	sigprocmask(SIG_SETMASK, &before, NULL);
	all_points += tap.points;
	all_failed_points += tap.failed;

	if (WIFSIGNALED(test_status)) {
		snprintf(ending, sizeof(ending), "signal %d ended it", WTERMSIG(test_status));
		return ending;
	}
	if (tap.fault)
		return tap.fault;
	if (tap.failed > 0)
		return "points failed";
	if (tap.planned != tap.points)
		return tap.planned < 0 ? "it has no plan" : "it did not do what it planned";
	if (WEXITSTATUS(test_status) != 0) {
		snprintf(ending, sizeof(ending), "it ended with status %d",
			 WEXITSTATUS(test_status));
		return ending;
	}
	return NULL;
}

static long free_memory(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	if (fd >= 0) {
		write_all(fd, "3\n", 2);
		close(fd);
	}
	return meminfo_kib("MemFree");
}

/*
 * How much less memory is free than before. Where another process is init, it may need a moment to
 * reap the test's orphans; process 1 has reaped them, and the first look must do.
 */
static long lost_kib(const char *name, long before)
{
	long after = free_memory();

	for (int looks = is_init() ? 0 : LEAK_LOOKS; after != before && looks > 0; looks--) {
		nanosleep(&(struct timespec){ .tv_nsec = 10 * MS }, NULL);
		after = free_memory();
	}
	if (after != before)
		print("# %s: %ld KiB were free before, %ld KiB after\n", name, before, after);
	return before - after;
}

/*
 * What is lost, or given back once too often, is so again with each run. What a run only laid out
 * differently, in a slab's page more or less, is not.
 */
static bool leaks(const char *name, long before)
{
	long first = lost_kib(name, before), second;

	if (first == 0)
		return false;
	before = free_memory();
	print("# running %s again\n", name);
	if (run_test(name))
		return true;
	second = lost_kib(name, before);
	return first > 0 ? second > 0 : second < 0;
}

static bool passes(const char *name, bool check_memory)
{
	long before = check_memory ? free_memory() : 0;
	const char *fault;

	print("# running %s\n", name);
	fault = run_test(name);
	if (fault)
		print("not ok - %s: %s\n", name, fault);
	else if (check_memory && leaks(name, before))
		print("not ok - %s leaks\n", name);
	else
		return print("ok - %s\n", name);
	return false;
}

static void add_name(const char *name)
{
	if (name_count == MOST_TESTS || strlen(name) >= LONGEST_NAME)
		exit(complain(0, "%s: more or longer names than there is room for", name));
	strcpy(names[name_count++], name);
}

static int by_name(const void *left, const void *right)
{
	return strcmp(left, right);
}

static void add_all(void)
{
	struct dirent *entry;
	DIR *directory = opendir("/tests");

	if (!directory) {
		complain(errno, "/tests");
		return;
	}
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] != '.')
			add_name(entry->d_name);
	}
	closedir(directory);
	qsort(names, name_count, sizeof(names[0]), by_name);
}

int main(int argc, char **argv)
{
	size_t passed = 0;
	bool check_memory = on_facet();

	for (int i = 1; i < argc; i++)
		add_name(argv[i]);
	if (argc < 2)
		add_all();
	if (!check_memory)
		print("# this is not Facet: no look at the memory that tests leave behind\n");
	setenv("PATH", "/bin", 0);
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = collect, .sa_flags = SA_RESTART },
		  NULL);
	run_test(NULL);
	free_memory();
	all_points = all_failed_points = 0;

	for (size_t i = 0; i < name_count; i++)
		passed += passes(names[i], check_memory);
	print("# points: %ld passed, %ld failed\n", all_points - all_failed_points,
	      all_failed_points);
	print("facet-tests: %lu passed, %lu failed\n", (unsigned long)passed,
	      (unsigned long)(name_count - passed));
	if (is_init()) {
		reboot(RB_POWER_OFF);
		complain(errno, "cannot power off");
		for (;;)
			wait(NULL);
	}
	return passed == name_count && passed > 0 ? 0 : 1;
}
