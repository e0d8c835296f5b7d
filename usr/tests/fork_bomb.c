/*
 * Bombs: forks up to the limit of processes, in a row and from every child, and memory up to
 * its end. Each is refused with an error, and the machine goes on.
 *
 * Facet's limits are the configured process count and the memory there is. On Linux, where
 * that would hurt the host, each bomb gets a user of its own with a limit, or a small RLIMIT_AS.
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/resource.h>

#define MOST 20000
#define SOME_USER 54321
#define MIB (1024 * 1024UL)

/* After this fork fails at some number of processes that does no harm. */
static void limit_processes(void)
{
	struct rlimit limit = { 80, 80 };

	if (on_facet())
		return;
	EXPECT(setrlimit(RLIMIT_NPROC, &limit) == 0);
	EXPECT(sys(SYS_setuid, SOME_USER) == 0);
}

static void fork_in_a_row(void *unused)
{
	struct gate never = new_gate();
	long pid, again;
	int count = 0;
	char byte;

	(void)unused;
	limit_processes();
	while (count < MOST && (pid = sys(SYS_fork)) > 0)
		count++;
	if (pid == 0) {
		close(never.fd[1]);
		sys(SYS_read, never.fd[0], &byte, 1);
		_exit(0);
	}
	EXPECT(count < MOST);
	EXPECT(pid == -EAGAIN || pid == -ENOMEM);
	EXPECT(count >= (few_processes(60) ? 4 : 60));
	again = sys(SYS_fork);
	if (again == 0)
		_exit(0);
	EXPECT(again == pid);
	free_gate(&never); /* all of them see end of file */
	for (int i = 0; i < count; i++)
		EXPECT(wait(NULL) > 0);
	while (wait(NULL) > 0)
		;
	pid = sys(SYS_fork);
	if (pid == 0)
		_exit(0);
	EXPECT(pid > 0 && wait_child((pid_t)pid) == 0);
}

struct bomb {
	/*
	 * How many processes cannot fork any more: in a page that is there already, for with the
	 * memory used up a pipe cannot take a byte.
	 */
	int *full;
	struct gate alive; /* end of file here: all have ended */
};

/* Every process forks until it cannot; nobody ends by itself. */
static void fork_from_all(void *arg)
{
	struct bomb *bomb = arg;

	setpgid(0, 0);
	limit_processes();
	while (sys(SYS_fork) >= 0)
		;
	__atomic_fetch_add(bomb->full, 1, __ATOMIC_SEQ_CST);
	for (;;)
		sys(SYS_pause);
}

/* SIGKILL is the way to end a bomb. It leaves orphans by the thousand to process 1. */
static void explode(void)
{
	int *full = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct bomb bomb = { full, new_gate() };
	char byte;
	pid_t first;

	*full = 0;
	first = start_child(fork_from_all, &bomb);
	while (__atomic_load_n(full, __ATOMIC_SEQ_CST) < 2)
		sys(SYS_sched_yield);
	close(bomb.alive.fd[1]);
	must(kill(-first, SIGKILL));
	while (read(bomb.alive.fd[0], &byte, 1) > 0)
		;
	ok(true, "a whole fork bomb ends");
	ok_equal(wait_child(first), SIGKILL, "its first process is collected");
	close(bomb.alive.fd[0]);
	must(munmap(full, PAGE));
}

struct chunk {
	struct chunk *next;
};

/* Maps and touches a MiB after the other until it is refused; returns how many. */
static unsigned long eat(struct chunk **chunks, bool *refused_well)
{
	unsigned long count = 0;

	for (; count < 64 * 1024; count++) {
		struct chunk *chunk = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (chunk == MAP_FAILED) {
			*refused_well = errno == ENOMEM;
			return count;
		}
		for (size_t at = 0; at < MIB && count < 256; at += PAGE)
			((volatile char *)chunk)[at] = 1;
		chunk->next = *chunks;
		*chunks = chunk;
	}
	*refused_well = false;
	return count;
}

static void eat_memory(void *unused)
{
	struct rlimit limit = { 32 * MIB, 32 * MIB };
	unsigned long free_mib = (unsigned long)meminfo("MemFree:") / 1024, first, again;
	struct chunk *chunks = NULL;
	bool well;
	long pid;

	(void)unused;
	if (!on_facet()) {
		EXPECT(setrlimit(RLIMIT_AS, &limit) == 0);
		free_mib = 31;
	}
	first = eat(&chunks, &well);
	EXPECT(well);
	EXPECT(first <= free_mib && first >= free_mib / 2);
	pid = sys(SYS_fork); /* with nothing left: refused, or a child that runs */
	if (pid == 0)
		_exit(0);
	EXPECT(pid > 0 || pid == -ENOMEM || pid == -EAGAIN);
	if (pid > 0)
		EXPECT(wait_child((pid_t)pid) == 0);
	while (chunks) {
		struct chunk *next = chunks->next;

		EXPECT(munmap(chunks, MIB) == 0);
		chunks = next;
	}
	again = eat(&chunks, &well);
	EXPECT(well && again + 1 >= first);
}

/* Forks of a process with 1 MiB of its own, each of which writes to all of it. */
static void fork_with_memory(void *unused)
{
	struct gate never = new_gate();
	char *block = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct gate ready = new_gate();
	int count = 0;
	long pid;
	char byte;

	(void)unused;
	memset(block, 1, MIB);
	while (count < MOST && (pid = sys(SYS_fork)) > 0) {
		count++;
		pass_gate(&ready);
	}
	if (pid == 0) {
		close(never.fd[1]);
		memset(block, 2, MIB);
		open_gate(&ready);
		sys(SYS_read, never.fd[0], &byte, 1);
		_exit(block[0] == 2 && block[MIB - 1] == 2 ? 0 : 1);
	}
	EXPECT(pid == -EAGAIN || pid == -ENOMEM);
	EXPECT(block[0] == 1 && block[MIB - 1] == 1);
	free_gate(&never);
	for (int i = 0; i < count; i++) {
		int status;

		EXPECT(wait(&status) > 0 && status == 0);
	}
}

static void nothing(void *unused)
{
	(void)unused;
}

int main(void)
{
	if (!on_facet() && getuid()) {
		skip("on Linux this needs root");
		return done();
	}
	ok_child(fork_in_a_row, NULL, "fork at the limit is refused, and works again below it");
	ok_child(nothing, NULL, "a child can be forked after it");
	explode();
	ok_child(nothing, NULL, "a child can be forked after the bomb");
	ok_child(eat_memory, NULL, "memory beyond the end is ENOMEM, and comes back");
	ok_child(nothing, NULL, "a child can be forked after it");
	if (on_facet())
		ok_child(fork_with_memory, NULL,
			 "forks beyond memory are refused, and the forked run");
	else
		skip("forks beyond memory: Linux has no end of it");
	ok_child(nothing, NULL, "a child can be forked after all of them");
	return done();
}
