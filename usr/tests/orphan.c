/*
 * The end of a process: a zombie until its parent waits, orphans that process 1 adopts and
 * collects, and everything else of the dead that goes at once.
 */
#include "tap.h"

static void wait_for_gate(void *gate)
{
	pass_gate(gate);
}

static void zombie(void)
{
	struct gate gate = new_gate();
	char text[400], path[40];
	pid_t child = start_child(wait_for_gate, &gate);

	char state = process_state(child);

	/* D: it waits for a lock that somebody holds for a moment. */
	ok(state == 'S' || state == 'R' || state == 'D', "a living child is S, R or D");
	ok(await_state(child, 'S'), "one that waits for a pipe is S");
	open_gate(&gate);
	ok(await_state(child, 'Z'), "after its exit it is Z");
	ok_equal(kill(child, 0), 0, "a zombie can be signalled");
	ok_equal(kill(child, SIGKILL), 0, "even killed");
	ok_equal(process_state(child), 'Z', "and stays what it is");
	format_text(path, sizeof(path), "/proc/%d/cmdline", child);
	ok_equal(read_text(path, text, sizeof(text)), 0, "its command line is empty");
	ok_equal(getpgid(child), getpgrp(), "its group is still known");
	ok_equal(exit_code(wait_child(child)), 0, "wait collects it");
	ok_equal(process_state(child), 0, "then /proc has it no more");
	ok_errno(kill(child, 0), ESRCH, "and kill finds nobody");
	free_gate(&gate);
}

/* Another process 1 than Facet's may be slow about it: there it gets a moment only. */
static void ok_collected(pid_t pid, const char *what)
{
	uint64_t patience = on_facet() ? 5000000000 : 50000000;

	for (uint64_t start = now_ns(); process_state(pid) && now_ns() - start < patience;)
		sys(SYS_sched_yield);
	if (process_state(pid) && !on_facet())
		skip("this process 1 is slow to collect %s", what);
	else
		ok_equal(process_state(pid), 0, "process 1 collects %s", what);
}

static void leave_orphan(void *gates)
{
	struct gate *gate = gates;
	struct {
		pid_t self, parent;
	} seen;

	if (must(fork()))
		_exit(0);
	pass_gate(&gate[0]); /* the parent is dead and collected */
	seen.self = getpid();
	seen.parent = getppid();
	must(write(gate[1].fd[1], &seen, sizeof(seen)));
	pass_gate(&gate[0]);
	_exit(0);
}

static void orphan(void)
{
	struct gate gates[2] = { new_gate(), new_gate() };
	struct {
		pid_t self, parent;
	} seen;

	ok_child(leave_orphan, gates, "a parent ends before its child");
	open_gate(&gates[0]);
	must(read(gates[1].fd[0], &seen, sizeof(seen)));
	if (seen.parent != 1 && !on_facet())
		skip("this Linux has another reaper than process 1");
	else
		ok_equal(seen.parent, 1, "the orphan's parent is process 1");
	ok_errno(waitpid(seen.self, NULL, WNOHANG), ECHILD, "the orphan is not ours");
	open_gate(&gates[0]);
	ok_collected(seen.self, "the orphan");
	free_gate(&gates[0]);
	free_gate(&gates[1]);
}

/* A parent that dies with a zombie it never collected, and with a stopped child. */
static void leave_zombie(void *pids)
{
	pid_t pid = (pid_t)must(fork());

	if (pid == 0)
		_exit(5);
	if (!await_state(pid, 'Z'))
		_exit(1);
	must(write(*(int *)pids, &pid, sizeof(pid)));
}

static void orphaned_zombie(void)
{
	int fd[2];
	pid_t zombie;

	must(pipe(fd));
	ok_child(leave_zombie, &fd[1], "a parent ends without collecting its zombie");
	must(read(fd[0], &zombie, sizeof(zombie)));
	ok_collected(zombie, "the zombie");
	close(fd[0]);
	close(fd[1]);
}

/* Ends of a pipe held by the dead are closed at exit, not at wait. */
static void files_close_at_exit(void)
{
	int fd[2];
	char byte;
	pid_t child;

	must(pipe(fd));
	child = (pid_t)must(fork());
	if (child == 0)
		_exit(0);
	close(fd[1]);
	ok_equal(read(fd[0], &byte, 1), 0, "a zombie holds no end of a pipe");
	ok(await_state(child, 'Z'), "it is still a zombie then");
	wait_child(child);
	close(fd[0]);
}

#define ORPHANS 20

static void abandon(void *gate)
{
	for (int i = 0; i < ORPHANS; i++)
		if (must(fork()) == 0) {
			pass_gate(gate);
			_exit(0);
		}
}

static void many_orphans(void)
{
	struct gate gate = new_gate(), alive = new_gate();
	char byte;

	ok_child(abandon, &gate, "a parent leaves %d orphans", ORPHANS);
	close(alive.fd[1]);
	for (int i = 0; i < ORPHANS; i++)
		open_gate(&gate);
	/* each orphan holds a write end of `alive`: end of file is when the last is gone */
	ok_equal(read(alive.fd[0], &byte, 1), 0, "all of them go on and end");
	close(alive.fd[0]);
	free_gate(&gate);
	ok_errno(wait(NULL), ECHILD, "none of them is our child");
}

int main(void)
{
	zombie();
	orphan();
	orphaned_zombie();
	files_close_at_exit();
	if (few_processes(ORPHANS))
		skip("%d orphans are more processes than there may be", ORPHANS);
	else
		many_orphans();
	return done();
}
