/*
 * kill [-SIGNAL] PID...: send a signal, SIGTERM by default, by number or name with or without SIG.
 * A negative process id stands for a process group. kill -l lists the names.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <usr.h>

static const char *const names[] = {
	[SIGHUP] = "HUP",   [SIGINT] = "INT",       [SIGQUIT] = "QUIT", [SIGILL] = "ILL",
	[SIGTRAP] = "TRAP", [SIGABRT] = "ABRT",     [SIGBUS] = "BUS",   [SIGFPE] = "FPE",
	[SIGKILL] = "KILL", [SIGUSR1] = "USR1",     [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
	[SIGPIPE] = "PIPE", [SIGALRM] = "ALRM",     [SIGTERM] = "TERM", [SIGSTKFLT] = "STKFLT",
	[SIGCHLD] = "CHLD", [SIGCONT] = "CONT",     [SIGSTOP] = "STOP", [SIGTSTP] = "TSTP",
	[SIGTTIN] = "TTIN", [SIGTTOU] = "TTOU",     [SIGURG] = "URG",   [SIGXCPU] = "XCPU",
	[SIGXFSZ] = "XFSZ", [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH",
	[SIGIO] = "IO",     [SIGPWR] = "PWR",       [SIGSYS] = "SYS",
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

static bool parse_signal(const char *text, long *signal)
{
	if (parse_number(text, 0, 64, signal))
		return true;
	if (strncmp(text, "SIG", 3) == 0)
		text += 3;
	for (*signal = 1; *signal < NAMES; ++*signal) {
		if (strcmp(names[*signal], text) == 0)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	long signal = SIGTERM;
	int first = 1, status = 0;

	if (argc == 2 && strcmp(argv[1], "-l") == 0) {
		for (int i = 1; i < NAMES; i++)
			print("%2d %s\n", i, names[i]);
		return 0;
	}
	if (argc > 2 && argv[1][0] == '-') {
		if (!parse_signal(argv[1] + 1, &signal))
			return complain(0, "%s is no signal", argv[1] + 1);
		first++;
	}
	if (first == argc)
		return complain(0, "usage: kill [-SIGNAL] PID...");
	for (int i = first; i < argc; i++) {
		long pid;

		if (!parse_number(argv[i], INT_MIN, INT_MAX, &pid))
			status = complain(0, "%s is no process id", argv[i]);
		else if (kill((pid_t)pid, (int)signal))
			status = complain(errno, "%s", argv[i]);
	}
	return status;
}
