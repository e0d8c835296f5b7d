/*
 * unsent: fills the terminal until it takes no more, and tells what the calls about such output say
 * then: how much waits, who waits for it to go, and what is left when it was thrown away.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static void interrupt(int signal)
{
	(void)signal;
}

static int waiting(void)
{
	int count = -1;

	ioctl(1, TIOCOUTQ, &count);
	return count;
}

static int is_writable(void)
{
	struct pollfd output = { .fd = 1, .events = POLLOUT };

	return poll(&output, 1, 0);
}

int main(void)
{
	static char line[64];
	struct sigaction action = { .sa_handler = interrupt };
	struct termios termios;
	int flags = fcntl(1, F_GETFL), full, drained, set, flushed;

	sigaction(SIGALRM, &action, NULL);
	tcgetattr(1, &termios);
	memset(line, 'x', sizeof(line));
	fcntl(1, F_SETFL, flags | O_NONBLOCK);
	while (write(1, line, sizeof(line)) > 0)
		;
	fcntl(1, F_SETFL, flags);
	full = !is_writable() && waiting() > (int)sizeof(line);
	alarm(1);
	drained = tcdrain(1) ? errno : 0;
	alarm(1);
	set = tcsetattr(1, TCSADRAIN, &termios) ? errno : 0;
	tcflush(1, TCIFLUSH);
	full = full && waiting() > (int)sizeof(line);
	tcflush(1, TCOFLUSH);
	flushed = is_writable() && waiting() < (int)sizeof(line);
	printf("\nfull %d, drain %s, set %s, flushed %d\n", full, strerror(drained), strerror(set),
	       flushed);
	fflush(stdout);
	drained = tcdrain(1);
	printf("at the end %d, then %d\n", drained, waiting());
	return 0;
}
