/*
 * The processes that a measure starts.
 */
#include "bench.h"
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t children[MOST_CHILDREN];
static size_t child_count;

pid_t start_child(void)
{
	pid_t child;

	if (child_count == MOST_CHILDREN) {
		errno = EAGAIN;
		return -1;
	}
	child = fork();
	if (child > 0)
		children[child_count++] = child;
	return child;
}

void end_children(void)
{
	for (size_t i = 0; i < child_count; i++)
		kill(children[i], SIGKILL);
	for (size_t i = 0; i < child_count; i++)
		waitpid(children[i], NULL, 0);
	child_count = 0;
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
