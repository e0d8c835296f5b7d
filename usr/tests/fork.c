/*
 * fork returns twice, and the two processes have one past and separate futures: what either
 * writes to data, BSS, heap, stack or a private mapping stays with it, in both directions.
 * Shared anonymous memory and file offsets are the exceptions.
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/resource.h>

#define CHAIN 50

static volatile long data_word = 0x1111;
static volatile long bss_word;
static volatile long bss_pages[8 * PAGE / sizeof(long)];
static const volatile long constant = 0x7777;

struct cell {
	const char *name;
	volatile long *word;
};

static void returns_twice(void)
{
	pid_t parent = getpid();
	struct {
		pid_t returned, self, parent;
	} seen;
	int fd[2], status;
	pid_t child;

	must(pipe(fd));
	child = (pid_t)must(fork());
	if (child == 0) {
		seen.returned = child;
		seen.self = (pid_t)sys(SYS_getpid);
		seen.parent = getppid();
		must(write(fd[1], &seen, sizeof(seen)));
		_exit(42);
	}
	must(read(fd[0], &seen, sizeof(seen)));
	close(fd[0]);
	close(fd[1]);
	ok(child > 0 && child != parent, "fork returns a new pid in the parent");
	ok_equal(seen.returned, 0, "fork returns 0 in the child");
	ok_equal(seen.self, child, "the child's getpid is what the parent was told");
	ok_equal(seen.parent, parent, "the child's getppid is the parent");
	ok_equal(sys(SYS_getpid), parent, "the parent's pid is unchanged");
	ok_equal(waitpid(child, &status, 0), child, "the parent collects the child");
	ok_equal(exit_code(status), 42, "with the status it exited with");
}

/* Both write, each looks at its own after the other has written. */
static void isolated(struct cell *cells, size_t count)
{
	struct gate to_child = new_gate(), to_parent = new_gate();
	pid_t child;

	for (size_t i = 0; i < count; i++)
		*cells[i].word = 100 + (long)i;
	child = (pid_t)must(fork());
	if (child == 0) {
		int wrong = 0;

		for (size_t i = 0; i < count; i++)
			EXPECT(*cells[i].word == 100 + (long)i);
		for (size_t i = 0; i < count; i++)
			*cells[i].word = 200 + (long)i;
		open_gate(&to_parent);
		pass_gate(&to_child);
		for (size_t i = 0; i < count; i++)
			wrong |= (*cells[i].word != 200 + (long)i) << i;
		_exit(wrong);
	}
	pass_gate(&to_parent);
	for (size_t i = 0; i < count; i++)
		ok_equal(*cells[i].word, 100 + (long)i, "child's write to %s stays in the child",
			 cells[i].name);
	for (size_t i = 0; i < count; i++)
		*cells[i].word = 300 + (long)i;
	open_gate(&to_child);

	int wrong = exit_code(wait_child(child));

	for (size_t i = 0; i < count; i++)
		ok(wrong >= 0 && !(wrong >> i & 1), "parent's write to %s stays in the parent",
		   cells[i].name);
	free_gate(&to_child);
	free_gate(&to_parent);
}

static void isolation(void)
{
	volatile long stack_word;
	long *heap = (void *)sys(SYS_brk, 0);
	long *mapped = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);
	struct cell cells[] = {
		{ "data", &data_word },
		{ "BSS", &bss_word },
		{ "a far page of the BSS", &bss_pages[6 * PAGE / sizeof(long)] },
		{ "the heap", heap },
		{ "the stack", &stack_word },
		{ "a private mapping", mapped + PAGE / sizeof(long) },
	};

	ok_equal(sys(SYS_brk, (char *)heap + 2 * PAGE), (long)heap + (long)(2 * PAGE), "brk grows");
	isolated(cells, ARRAY_SIZE(cells));
	ok_equal(constant, 0x7777, "read-only data is what it was");
	ok_equal(mapped[0] | mapped[3 * PAGE / sizeof(long)], 0,
		 "pages nobody wrote are still zero");
	must(munmap(mapped, 4 * PAGE));
	sys(SYS_brk, heap);
}

static void read_all_pages(void *pages)
{
	for (size_t i = 0; i < 64; i++)
		EXPECT(((volatile char *)pages)[i * PAGE] == (char)(i + 1));
}

static void overwrite_all_pages(void *pages)
{
	read_all_pages(pages);
	memset(pages, 0x5a, 64 * PAGE);
}

static void many_pages(void)
{
	char *pages = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	bool same = true;

	for (size_t i = 0; i < 64; i++)
		pages[i * PAGE] = (char)(i + 1);
	ok_child(read_all_pages, pages, "a child sees 64 pages as they were");
	ok_child(overwrite_all_pages, pages, "a child overwrites 64 pages");
	for (size_t i = 0; i < 64; i++)
		same = same && pages[i * PAGE] == (char)(i + 1) && pages[i * PAGE + 7] == 0;
	ok(same, "the parent's 64 pages are untouched");
	must(munmap(pages, 64 * PAGE));
}

static void write_shared(void *shared)
{
	((volatile long *)shared)[0] = 77;
	((volatile long *)shared)[3 * PAGE / sizeof(long)] = 88;
}

static void shared_memory(void)
{
	volatile long *shared = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct gate gate = new_gate();
	pid_t child;

	ok(shared != MAP_FAILED, "shared anonymous memory is mapped");
	shared[0] = 1;
	ok_child(write_shared, (void *)shared, "a child writes to shared memory");
	ok_equal(shared[0], 77, "the parent sees a write to a page touched before fork");
	ok_equal(shared[3 * PAGE / sizeof(long)], 88,
		 "and one to a page first touched by the child");
	child = (pid_t)must(fork());
	if (child == 0) {
		pass_gate(&gate);
		_exit(shared[1] == 99 && shared[2 * PAGE / sizeof(long)] == 98 ? 0 : 1);
	}
	shared[1] = 99;
	shared[2 * PAGE / sizeof(long)] = 98;
	open_gate(&gate);
	ok_equal(wait_child(child), 0, "a child sees what the parent writes after fork");
	free_gate(&gate);
	must(munmap((void *)shared, 4 * PAGE));
}

static void child_of_vfork(void)
{
	struct gate gate = new_gate();
	char byte = 0;
	int status;
	pid_t child;

	must(fcntl(gate.fd[0], F_SETFL, O_NONBLOCK));
	child = vfork();
	if (child == 0) {
		for (int i = 0; i < 20; i++)
			sys(SYS_sched_yield);
		sys(SYS_write, gate.fd[1], "v", 1);
		_exit(9);
	}
	ok(child > 0, "vfork returns the child's pid");
	ok(read(gate.fd[0], &byte, 1) == 1 && byte == 'v',
	   "the parent goes on when the child of vfork has ended, not earlier");
	free_gate(&gate);
	ok_equal(waitpid(child, &status, 0), child, "the child of vfork is collected");
	ok_equal(exit_code(status), 9, "with its status");
}

/* Each child forks the next and exits with one more than the next did. */
static void chain(void *depth)
{
	for (int left = *(int *)depth; left; left--) {
		pid_t self = getpid(), child = (pid_t)must(fork());

		if (child)
			_exit(exit_code(wait_child(child)) + 1);
		if (getppid() != self)
			_exit(200);
	}
	_exit(1);
}

static void fork_twice_on_the_stack(void *unused)
{
	volatile char deep[16 * PAGE];
	pid_t child;

	(void)unused;
	for (size_t i = 0; i < sizeof(deep); i += PAGE)
		deep[i] = (char)(i / PAGE);
	child = (pid_t)must(fork());
	for (size_t i = 0; i < sizeof(deep); i += PAGE)
		EXPECT(deep[i] == (char)(i / PAGE));
	if (child)
		EXPECT(wait_child(child) == 0);
}

static void shared_offset(void)
{
	char byte = 0;
	int fd = (int)must(open(self_path(), O_RDONLY));
	pid_t child = (pid_t)must(fork());

	if (child == 0)
		_exit(read(fd, &byte, 1) == 1 && byte == 0x7f ? 0 : 1);
	ok_equal(wait_child(child), 0, "a child reads the first byte of an open file");
	must(read(fd, &byte, 1));
	ok_equal(byte, 'E', "the parent reads the second: the offset is shared");
	close(fd);
}

int main(void)
{
	int depth = CHAIN;

	returns_twice();
	isolation();
	many_pages();
	shared_memory();
	child_of_vfork();
	if (few_processes(CHAIN))
		skip("a chain of %d forks needs more processes than there may be", CHAIN);
	else
		ok_equal(exit_code(child_status(chain, &depth)), CHAIN + 1, "a chain of %d forks",
			 CHAIN);
	ok_child(fork_twice_on_the_stack, NULL, "a deep stack is the same on both sides");
	shared_offset();
	return done();
}
