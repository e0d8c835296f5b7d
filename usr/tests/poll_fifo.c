/*
 * What poll says of FIFOs, whose ends come and go (fifo(7), poll(2)).
 */
#include "files.h"

#include <poll.h>

static int look(int fd, int events)
{
	struct pollfd one = { fd, (short)events, 0 };

	must(poll(&one, 1, 0));
	return one.revents;
}

static void fifos(void)
{
	char byte;
	int reads, writes;

	must(mknod("fifo", S_IFIFO | 0600, 0));
	reads = (int)must(open("fifo", O_RDONLY | O_NONBLOCK));
	ok_equal(look(reads, POLLIN), 0, "a FIFO that nobody has written to has not hung up");
	writes = (int)must(open("fifo", O_WRONLY));
	ok_equal(look(reads, POLLIN), 0, "with a writer there is nothing to read yet");
	close(writes);
	ok_equal(look(reads, POLLIN), POLLHUP, "when it has gone that is a hang-up");
	writes = (int)must(open("fifo", O_WRONLY));
	ok_equal(look(reads, POLLIN), 0, "until the next one comes");
	must(write(writes, "x", 1));
	ok_equal(look(reads, POLLIN), POLLIN, "who writes");
	must(read(reads, &byte, 1));
	close(reads);
	ok_equal(look(writes, POLLOUT), POLLOUT | POLLERR, "a writer sees the reader go");
	close(writes);
	reads = (int)must(open("fifo", O_RDWR));
	ok_equal(look(reads, POLLIN | POLLOUT), POLLOUT, "both ends in one");
	must(write(reads, "x", 1));
	ok_equal(look(reads, POLLIN | POLLOUT), POLLIN | POLLOUT, "which reads what it wrote");
	close(reads);
}

int main(void)
{
	enter_scratch();
	fifos();
	leave_scratch();
	return done();
}
