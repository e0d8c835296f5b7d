/*
 * init: process 1, the first user program, ancestor of all others.
 *
 * The kernel starts it with the console as standard input, output and error. It greets, keeps one
 * shell running, in a session of its own with the console as controlling terminal, and waits for
 * every orphan, which the kernel makes its child. It must not end: the kernel has nothing to run
 * then.
 *
 * BusyBox's poweroff, reboot and halt do not end the machine's run themselves, they tell process 1
 * to do it: by SIGUSR2, SIGTERM and SIGUSR1. So does the kernel when Ctrl-Alt-Del is pressed, by
 * SIGINT: as no terminal is its own, no ^C can reach it.
 *
 * run=COMMAND on the kernel's command line reaches it as an environment variable: the shell runs
 * that command, and the machine is powered off after it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <usr.h>

static char *const environment[] = { "PATH=/bin:/usr/bin", "HOME=/root", "TERM=linux", "PS1=# ",
				     NULL };

static void end_run(int signal)
{
	if (signal == SIGINT)
		complain(0, "Ctrl-Alt-Del");
	if (signal == SIGUSR2)
		reboot(RB_POWER_OFF);
	reboot(signal == SIGUSR1 ? RB_HALT_SYSTEM : RB_AUTOBOOT);
}

static void obey_signals(void)
{
	const struct sigaction action = { .sa_handler = end_run };

	sigaction(SIGUSR2, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	reboot(RB_DISABLE_CAD); /* the keys restart no more, they send that signal */
}

static void greet(void)
{
	int fd = open("/etc/motd", O_RDONLY);

	if (fd < 0)
		return;
	copy_all(fd, STDOUT_FILENO);
	close(fd);
}

/* The shell's pid, or -1. An interactive shell is asked for if there is no command. */
static pid_t start_shell(const char *command)
{
	char *const interactive[] = { "-sh", NULL };
	char *const once[] = { "sh", "-c", (char *)command, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		if (setsid() < 0 || ioctl(STDIN_FILENO, TIOCSCTTY, 0))
			complain(errno, "no controlling terminal: ^C will not reach programs");
		if (chdir("/root"))
			chdir("/");
		execve("/bin/sh", command ? once : interactive, environment);
		complain(errno, "/bin/sh");
		_exit(127);
	}
	if (pid < 0)
		complain(errno, "cannot start a shell");
	return pid;
}

/* Wait for `pid`, and for orphans that end before it. Returns its status as wait(2) has it. */
static int reap_until(pid_t pid)
{
	int status;
	pid_t ended;

	do
		ended = wait(&status);
	while (ended != pid && (ended > 0 || errno == EINTR));
	return ended == pid ? status : -1;
}

static void report(int status)
{
	if (WIFSIGNALED(status))
		complain(0, "signal %d ended the shell, here is another", WTERMSIG(status));
	else
		complain(0, "the shell ended with status %d, here is another", WEXITSTATUS(status));
}

/* A shell that cannot start, or ends at once, is tried again at most once a second. */
static void pause_a_second(void)
{
	nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
}

int main(void)
{
	const char *command = getenv("run");

	if (getpid() != 1)
		return complain(0, "the kernel starts this program, as process 1");
	obey_signals();
	greet();
	if (command) {
		reap_until(start_shell(command));
		reboot(RB_POWER_OFF);
		complain(errno, "cannot power off");
	}
	for (;;) {
		time_t start = time(NULL);
		pid_t shell = start_shell(NULL);

		if (shell > 0)
			report(reap_until(shell));
		if (shell < 0 || time(NULL) - start < 1)
			pause_a_second();
	}
}
