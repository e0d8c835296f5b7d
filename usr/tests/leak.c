/*
 * What a process used comes back when it ends: free memory is the same before and after rounds
 * of everything that allocates, with caches drained. The runner checks each whole test the same
 * way; here each kind is on its own, so a leak has a name. A leak of 21 bytes a round is a page.
 */
#include "files.h"

#include <sched.h>
#include <sys/mman.h>

#define ROUNDS 200
#define SLACK_KIB 4 /* the same objects may lie in a page more or less */

static void drain(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	if (fd >= 0) {
		must(write(fd, "3", 1));
		close(fd);
	}
}

static void nothing(void *unused)
{
	(void)unused;
}

static void fork_wait(void)
{
	child_status(nothing, NULL);
}

static void fork_killed(void)
{
	struct gate gate = new_gate();
	pid_t child = (pid_t)must(fork());

	if (child == 0) {
		pass_gate(&gate);
		_exit(0);
	}
	kill(child, SIGKILL);
	wait_child(child);
	free_gate(&gate);
}

static void fork_touch(void)
{
	char *block = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	pid_t child;

	memset(block, 1, 64 * PAGE);
	child = (pid_t)must(fork());
	if (child == 0) {
		memset(block, 2, 32 * PAGE);
		_exit(0);
	}
	memset(block, 3, 48 * PAGE);
	wait_child(child);
	munmap(block, 64 * PAGE);
}

static void fork_exec(void)
{
	pid_t child = (pid_t)must(fork());

	if (child == 0) {
		char *argv[] = { "leak", "exit", NULL };

		execv(self_path(), argv);
		_exit(1);
	}
	wait_child(child);
}

static void exec_fails(void)
{
	char *argv[] = { "x", NULL };

	write_text("broken", "\177ELF and nothing more", 0755);
	execv("broken", argv);
	execv("missing", argv);
	unlink("broken");
}

static void map_unmap(void)
{
	char *block = mmap(NULL, 1024 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	char *far = mmap((void *)0x300000000000, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	for (size_t i = 0; i < 1024; i += 16)
		block[i * PAGE] = 1;
	*far = 1;
	for (size_t i = 0; i < 1024; i += 64)
		mprotect(block + i * PAGE, PAGE, PROT_READ);
	munmap(block + 100 * PAGE, 300 * PAGE);
	munmap(block, 1024 * PAGE);
	munmap(far, PAGE);
}

static void shared_map(void)
{
	char *block = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			   0);
	pid_t child = (pid_t)must(fork());

	if (child == 0) {
		memset(block, 1, 16 * PAGE);
		_exit(0);
	}
	wait_child(child);
	munmap(block, 16 * PAGE);
}

static void heap(void)
{
	char *end = (char *)sys(SYS_brk, 0);

	sys(SYS_brk, end + 64 * PAGE);
	memset(end, 1, 64 * PAGE);
	sys(SYS_brk, end);
}

static void pipes(void)
{
	static char data[8192];
	int fd[2];

	must(pipe(fd));
	must(write(fd[1], data, sizeof(data)));
	close(fd[0]);
	close(fd[1]);
}

static void files(void)
{
	static char data[20000];
	char name[20];
	int fd;

	must(mkdir("folder", 0755));
	for (int i = 0; i < 20; i++) {
		format_text(name, sizeof(name), "folder/f%d", i);
		write_file(name, data, sizeof(data), 0644);
	}
	fd = (int)must(open("folder/f3", O_RDONLY));
	remove_tree("folder");
	close(fd);
}

/* A child that ends with all of it still open and mapped, and leaves an orphan. */
static void all_at_exit(void *orphan)
{
	int fd[2];
	pid_t child;
	char *block = mmap(NULL, 32 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);

	memset(block, 1, 32 * PAGE);
	must(pipe(fd));
	must(write(fd[1], block, 4096));
	must(open("left", O_RDWR | O_CREAT, 0644));
	must(unlink("left"));
	child = (pid_t)must(fork());
	if (child)
		*(pid_t *)orphan = child;
}

/* What the orphan holds is given back when process 1 has collected it. */
static void left_open(void)
{
	pid_t *orphan = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	child_status(all_at_exit, orphan);
	while (waitpid(-1, NULL, WNOHANG) > 0 || (on_facet() && kill(*orphan, 0) == 0))
		sched_yield();
	munmap(orphan, PAGE);
}

static void faults(void)
{
	pid_t child = (pid_t)must(fork());

	if (child == 0) {
		__asm__ volatile("ud2");
		_exit(0);
	}
	wait_child(child);
}

/*
 * Measures all before it says anything: whoever reads this output would otherwise be at work, with
 * memory of its own, while it is measured.
 */
static struct result {
	const char *name;
	long before, after;
} results[16];
static int result_count;

static void check(const char *name, void (*round)(void))
{
	struct result *result = &results[result_count++];

	result->name = name;
	round(); /* what is allocated once and kept */
	drain();
	result->before = meminfo("MemFree:");
	for (int i = 0; i < ROUNDS; i++)
		round();
	drain();
	result->after = meminfo("MemFree:");
}

static void report(void)
{
	for (const struct result *result = results; result < results + result_count; result++) {
		if (on_facet())
			ok(labs(result->after - result->before) <= SLACK_KIB,
			   "%s leaves nothing behind in %d rounds", result->name, ROUNDS);
		else
			skip("%s: on Linux others use memory too", result->name);
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 0;
	enter_scratch();
	check("fork, exit and wait", fork_wait);
	check("a killed child", fork_killed);
	check("memory written after fork", fork_touch);
	check("exec", fork_exec);
	check("an exec that fails", exec_fails);
	check("mapping and unmapping", map_unmap);
	check("shared memory", shared_map);
	check("the heap", heap);
	check("a pipe with bytes in it", pipes);
	check("files and folders", files);
	check("what is open and mapped at exit", left_open);
	check("a child that dies of a fault", faults);
	leave_scratch();
	report();
	return done();
}
