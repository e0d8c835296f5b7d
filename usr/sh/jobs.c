/*
 * Processes: making them, which group has the terminal, waiting for them.
 *
 * At a terminal every pipeline is a process group of its own, and the group in the foreground gets
 * what ^C sends. The shell must survive those signals and its children must not, so they are set
 * back between fork and exec. ^Z stays ignored, for nothing here continues a stopped job.
 *
 * SIGINT is blocked rather than ignored: a loop that starts no programs can see that it is pending.
 */
#include "sh.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <usr.h>

struct job {
	struct job *next;
	int number;
	pid_t pid;
};

bool job_control;
pid_t last_background;

static struct job *jobs;

static void set_terminal_signals(void (*action)(int))
{
	static const int signals[] = { SIGQUIT, SIGTTIN, SIGTTOU };
	sigset_t interrupt;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], action);
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(action == SIG_IGN ? SIG_BLOCK : SIG_UNBLOCK, &interrupt, NULL);
}

bool take_interrupt(void)
{
	sigset_t pending;

	if (!job_control || sigpending(&pending) || !sigismember(&pending, SIGINT))
		return false;
	signal(SIGINT, SIG_IGN); /* ignoring it, if only for a moment, makes it go away */
	signal(SIGINT, SIG_DFL);
	return true;
}

void jobs_start(void)
{
	set_terminal_signals(SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	setpgid(0, 0); /* refused to a session's leader, who leads its group already */
	job_control = tcsetpgrp(STDIN_FILENO, getpgrp()) == 0;
	if (!job_control)
		set_terminal_signals(SIG_DFL);
}

int foreground_ended(int status)
{
	if (job_control) {
		tcsetpgrp(STDIN_FILENO, getpgrp());
		if (status == INTERRUPTED)
			abandon_line();
	}
	return status;
}

/* A background process without job control: ^C and the shell's input are not for it. */
static void detach_child(void)
{
	int null = open("/dev/null", O_RDONLY);

	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if (null > 0) {
		dup2(null, STDIN_FILENO);
		close(null);
	}
}

pid_t fork_child(pid_t group, bool foreground)
{
	pid_t pid = fork();

	if (pid < 0) {
		complain(errno, "fork");
	} else if (pid > 0 && job_control) {
		/* Here and in the child: whoever runs first, both find it done. */
		setpgid(pid, group ? group : pid);
	} else if (pid == 0) {
		jobs = NULL;
		if (!job_control) {
			if (!foreground)
				detach_child();
			return 0;
		}
		setpgid(0, group);
		if (foreground)
			tcsetpgrp(STDIN_FILENO, getpgrp());
		set_terminal_signals(SIG_DFL);
		job_control = false;
	}
	return pid;
}

static int status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int wait_child(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return 127;
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGINT && WTERMSIG(status) != SIGPIPE)
		print_to(STDERR_FILENO, "%s\n", strsignal(WTERMSIG(status)));
	return status_of(status);
}

void job_add(pid_t pid)
{
	struct job *job = malloc(sizeof(*job));

	last_background = pid;
	if (!job)
		return; /* it runs all the same, only its end is not told */
	*job = (struct job){ .next = jobs, .number = jobs ? jobs->number + 1 : 1, .pid = pid };
	jobs = job;
	if (job_control)
		print_to(STDERR_FILENO, "[%d] %d\n", job->number, pid);
}

/* Forget the job of this process. Returns its number, or 0. */
static int job_remove(pid_t pid)
{
	for (struct job **link = &jobs; *link; link = &(*link)->next) {
		struct job *job = *link;
		int number = job->number;

		if (job->pid != pid)
			continue;
		*link = job->next;
		free(job);
		return number;
	}
	return 0;
}

void jobs_report(void)
{
	int status;
	pid_t pid;

	while (job_control && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		int number = job_remove(pid);

		if (number > 0)
			print_to(STDERR_FILENO, "[%d] done, status %d\n", number,
				 status_of(status));
	}
}

void jobs_list(void)
{
	jobs_report();
	for (const struct job *job = jobs; job; job = job->next)
		print("[%d] %d\n", job->number, job->pid);
}

int jobs_wait(void)
{
	while (jobs) {
		wait_child(jobs->pid);
		job_remove(jobs->pid);
	}
	return 0;
}
