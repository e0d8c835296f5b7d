/*
 * The processes that a measure starts.
 */
#include "bench.h"
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * In shared memory: a page of variables that the parent or the child writes to between two forks
 * costs a copy of it for each child.
 */
struct children {
	size_t count;
	pid_t pids[MOST_CHILDREN];
};
static struct children *children;

void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void shared_free(void *memory, size_t size)
{
	munmap(memory, size);
}

/* By the call itself: in the child, the C library's fork writes to variables of its own. */
pid_t start_child(void)
{
	pid_t child;

	if (!children)
		children = shared_memory(sizeof(*children));
	if (!children)
		return -1;
	if (children->count == MOST_CHILDREN) {
		errno = EAGAIN;
		return -1;
	}
	child = (pid_t)syscall(SYS_fork);
	if (child > 0)
		children->pids[children->count++] = child;
	return child;
}

void end_children(void)
{
	if (!children)
		return;
	for (size_t i = 0; i < children->count; i++)
		kill(children->pids[i], SIGKILL);
	for (size_t i = 0; i < children->count; i++)
		waitpid(children->pids[i], NULL, 0);
	shared_free(children, sizeof(*children));
	children = NULL;
}

void wait_for(pid_t child)
{
	int status;

	if (child < 0)
		give_up("fork");
	if (waitpid(child, &status, 0) != child)
		give_up("wait");
	if (status != 0) {
		errno = ECHILD;
		give_up("the child failed");
	}
}
