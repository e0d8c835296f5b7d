/*
 * /proc/<pid>/task: each thread has its files there, with its own name, state and id; the directory
 * has every thread that stays once, while others come and go.
 */
#include "files.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 50 };

static char text[8192];
static pid_t ids[THREADS];
static struct gate started, stop, stop_first;

static const char *task_file(pid_t tid, const char *name)
{
	static char path[80];

	format_text(path, sizeof(path), "/proc/self/task/%d/%s", tid, name);
	return path;
}

static void *wait_thread(void *slot)
{
	*(pid_t *)slot = (pid_t)sys(SYS_gettid);
	open_gate(&started);
	pass_gate(slot == &ids[0] ? &stop_first : &stop);
	return NULL;
}

static void start_threads(pthread_t *threads, size_t count)
{
	started = new_gate();
	stop = new_gate();
	stop_first = new_gate();
	for (size_t i = 0; i < count; i++)
		must(pthread_create(&threads[i], NULL, wait_thread, &ids[i]) ? -1 : 0);
	for (size_t i = 0; i < count; i++)
		pass_gate(&started);
}

static void stop_threads(pthread_t *threads, size_t count)
{
	open_gate(&stop_first);
	for (size_t i = 1; i < count; i++)
		open_gate(&stop);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	free_gate(&started);
	free_gate(&stop);
	free_gate(&stop_first);
}

/* How often `task` names `tid`, read in pieces of `size` bytes; *others: how many names it has. */
static int listed(pid_t tid, size_t size, int *others)
{
	int folder = (int)must(open("/proc/self/task", O_RDONLY | O_DIRECTORY)), count = 0;
	char entries[1024];
	long length;

	*others = 0;
	while ((length = sys(SYS_getdents64, folder, entries, size)) > 0) {
		for (long at = 0; at < length;) {
			struct directory_entry *entry = (struct directory_entry *)(entries + at);

			count += (pid_t)decimal(entry->name) == tid;
			*others += entry->name[0] != '.';
			at += entry->size;
		}
	}
	close(folder);
	return length < 0 ? -1 : count;
}

static long field(int number)
{
	char *at = strrchr(text, ')');

	for (int n = 2; at && n < number; n++)
		at = strchr(at + 1, ' ');
	return at ? strtol(at + 1, NULL, 10) : -1;
}

static char state_letter(void)
{
	char *at = strrchr(text, ')');

	return at ? at[2] : 0;
}

static bool await_thread(pid_t tid, char state)
{
	time_t start = time(NULL);

	do {
		if (read_text(task_file(tid, "stat"), text, sizeof(text)) <= 0)
			return false;
		if (state_letter() == state)
			return true;
		sys(SYS_sched_yield);
	} while (time(NULL) - start < 5);
	return false;
}

static bool has_line(const char *name, long value)
{
	char *at = strstr(text, name);

	return at && (long)decimal(at + strlen(name)) == value;
}

static void alone(void)
{
	struct stat status;
	int names;

	ok_equal(listed(getpid(), 1024, &names), 1, "the only thread is listed");
	ok_equal(names, 1, "alone");
	must(stat("/proc/self/task", &status));
	ok_equal((long)status.st_nlink, 3, "the directory has a link for it");
	ok(readlink("/proc/thread-self", text, sizeof(text)) > 0, "thread-self is a link");
	ok_equal((long)decimal(text), getpid(), "below the process");
	ok(read_text("/proc/thread-self/stat", text, sizeof(text)) > 0, "that leads to it");
	ok_equal((long)decimal(text), getpid(), "and has its id");
}

static void files_of_a_thread(pid_t tid)
{
	char path[40];

	ok(await_thread(tid, 'S'), "a thread that waits is in state S");
	ok_equal((long)decimal(text), tid, "stat has its own id");
	ok_equal(field(4), getppid(), "and the process's parent");
	ok_equal(field(20), THREADS + 1, "and counts all threads");
	read_text(task_file(getpid(), "stat"), text, sizeof(text));
	ok_equal(state_letter(), 'R', "the one that asks is in state R");
	read_text(task_file(tid, "status"), text, sizeof(text));
	ok(has_line("\nPid:\t", tid), "status has its own id");
	ok(has_line("\nTgid:\t", getpid()), "and the process's");
	ok(has_line("\nThreads:\t", THREADS + 1), "and counts all threads");
	ok(read_text(task_file(tid, "maps"), text, sizeof(text)) > 0, "its maps are the process's");
	ok(read_text(task_file(tid, "cmdline"), text, sizeof(text)) > 0, "and its arguments");
	ok(access(task_file(tid, "fd/1"), F_OK) == 0, "and its descriptors");
	ok(access(task_file(tid, "task"), F_OK) == -1, "below a thread are no threads");
	format_text(path, sizeof(path), "/proc/%d/stat", tid);
	ok(read_text(path, text, sizeof(text)) > 0, "a thread's id in /proc is found as well");
	format_text(path, sizeof(path), "/proc/%d/status", tid);
	read_text(path, text, sizeof(text));
	ok(has_line("\nTgid:\t", getpid()), "and tells of the process");
	format_text(path, sizeof(path), "/proc/1/task/%d", tid);
	ok_errno(access(path, F_OK), ENOENT, "it is no thread of another process");
}

static void names_of_threads(pid_t tid)
{
	int fd = (int)must(open(task_file(tid, "comm"), O_RDWR));

	read_text(task_file(tid, "comm"), text, sizeof(text));
	ok(!strcmp(text, "proc_threads\n"), "a thread begins with the name of its maker");
	ok_equal(write(fd, "worker", 6), 6, "another thread may name it");
	close(fd);
	read_text(task_file(tid, "comm"), text, sizeof(text));
	ok(!strcmp(text, "worker\n"), "which it keeps");
	read_text(task_file(tid, "stat"), text, sizeof(text));
	ok(strstr(text, " (worker) S "), "stat shows it");
	read_text(task_file(tid, "status"), text, sizeof(text));
	ok(!strncmp(text, "Name:\tworker\n", 13), "and status");
	read_text("/proc/self/comm", text, sizeof(text));
	ok(!strcmp(text, "proc_threads\n"), "the process's is another");
	read_text(task_file(ids[1], "comm"), text, sizeof(text));
	ok(!strcmp(text, "proc_threads\n"), "and so are the other threads'");
}

static void many(void)
{
	pthread_t threads[THREADS];
	bool once = true;
	int names;

	start_threads(threads, THREADS);
	for (size_t i = 0; i < THREADS; i++)
		once = once && listed(ids[i], 1024, &names) == 1;
	ok(once, "each thread is listed once");
	ok_equal(names, THREADS + 1, "and nothing else");
	once = true;
	for (size_t i = 0; i < THREADS; i++)
		once = once && listed(ids[i], 32, &names) == 1;
	ok(once && names == THREADS + 1, "a name at a time as well");
	files_of_a_thread(ids[0]);
	names_of_threads(ids[0]);
	stop_threads(threads, THREADS);
	ok_equal(listed(ids[0], 1024, &names), 0, "an ended thread is not listed");
	ok_errno(open(task_file(ids[0], "stat"), O_RDONLY), ENOENT, "nor there");
}

static void ended_while_open(void)
{
	pthread_t thread;
	int fd, folder;

	start_threads(&thread, 1);
	fd = (int)must(open(task_file(ids[0], "stat"), O_RDONLY));
	folder = (int)must(open(task_file(ids[0], ""), O_RDONLY | O_DIRECTORY));
	ok(read(fd, text, 10) == 10, "a thread's stat is open");
	stop_threads(&thread, 1);
	ok_equal(sys(SYS_pread64, fd, text, 10, 0), -ESRCH, "when it has ended that is ESRCH");
	ok(sys(SYS_openat, folder, "stat", O_RDONLY) < 0, "below its directory is nothing");
	close(fd);
	close(folder);
}

/* One that has been listed ends before the rest is read: nobody moves into its place. */
static void ended_while_listed(void)
{
	pthread_t threads[THREADS];
	int folder, seen[THREADS] = { 0 };
	bool once = true;
	char entries[32];

	start_threads(threads, THREADS);
	folder = (int)must(open("/proc/self/task", O_RDONLY | O_DIRECTORY));
	for (int reads = 0; sys(SYS_getdents64, folder, entries, sizeof(entries)) > 0; reads++) {
		pid_t tid = (pid_t)decimal(((struct directory_entry *)entries)->name);

		for (size_t i = 0; i < THREADS; i++)
			seen[i] += ids[i] == tid;
		if (reads == THREADS / 2) {
			open_gate(&stop_first);
			while (listed(ids[0], 1024, &(int){ 0 }))
				sys(SYS_sched_yield);
		}
	}
	for (size_t i = 0; i < THREADS; i++)
		once = once && seen[i] == 1;
	ok(once, "when a listed thread ends, all others are listed once nevertheless");
	close(folder);
	stop_threads(threads, THREADS);
}

static volatile bool over;

static void *come_and_go(void *unused)
{
	(void)unused;
	return NULL;
}

static void *keep_coming(void *unused)
{
	pthread_t thread;

	(void)unused;
	while (!over)
		if (!pthread_create(&thread, NULL, come_and_go, NULL))
			pthread_join(thread, NULL);
	return NULL;
}

static void while_others_come_and_go(void)
{
	pthread_t threads[THREADS], busy;
	bool all = true;
	int names;

	start_threads(threads, THREADS);
	must(pthread_create(&busy, NULL, keep_coming, NULL) ? -1 : 0);
	for (int round = 0; round < ROUNDS; round++)
		all = all && listed(ids[round % THREADS], round % 2 ? 1024 : 64, &names) == 1;
	over = true;
	pthread_join(busy, NULL);
	ok(all, "a thread that stays is listed once while others come and go");
	stop_threads(threads, THREADS);
}

static void *outlive(void *unused)
{
	bool zombie = await_thread(getpid(), 'Z');
	char kept = process_state(getpid());
	int names, itself = listed((pid_t)sys(SYS_gettid), 1024, &names);

	(void)unused;
	EXPECT(zombie && kept && itself == 1 && names == 2);
	exit(0);
}

/* The first thread ends, the process goes on. */
static void first_ends(void *unused)
{
	pthread_t thread;

	(void)unused;
	must(pthread_create(&thread, NULL, outlive, NULL) ? -1 : 0);
	sys(SYS_exit, 1);
}

int main(void)
{
	alone();
	many();
	ended_while_open();
	ended_while_listed();
	while_others_come_and_go();
	ok_child(first_ends, NULL, "a first thread that has ended is listed, as a zombie");
	return done();
}
