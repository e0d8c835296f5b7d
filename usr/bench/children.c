/*
 * The processes that a measure starts.
 */
#include "bench.h"
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FEW = 250 };

/*
 * Beside the C library's own variables, which the linker puts before what is common: each page that
 * the parent or the child writes to between two forks costs a copy of it for each child. The table
 * of more than FEW is shared, though none but the parent uses it, or the kernel would have to
 * promise memory for every child's.
 */
struct children {
	size_t count;
	pid_t few[FEW];
};
struct children children __attribute__((common));
static pid_t *many;

void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void shared_free(void *memory, size_t size)
{
	munmap(memory, size);
}

static pid_t *place_of(size_t child)
{
	return child < FEW ? &children.few[child] : &many[child - FEW];
}

pid_t start_child(void)
{
	pid_t child;

	if (children.count == FEW && !many) {
		many = shared_memory((MOST_CHILDREN - FEW) * sizeof(*many));
		if (!many)
			return -1;
	}
	if (children.count == MOST_CHILDREN) {
		errno = EAGAIN;
		return -1;
	}
	child = fork();
	if (child > 0)
		*place_of(children.count++) = child;
	return child;
}

void end_children(void)
{
	for (size_t i = 0; i < children.count; i++)
		kill(*place_of(i), SIGKILL);
	for (size_t i = 0; i < children.count; i++)
		waitpid(*place_of(i), NULL, 0);
	children.count = 0;
	if (many)
		shared_free(many, (MOST_CHILDREN - FEW) * sizeof(*many));
	many = NULL;
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
