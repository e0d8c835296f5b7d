/*
 * eventfd: a counter to wait for: reads and writes with their limits, semaphores, waiting and
 * waking, poll, and the errors (eventfd(2)).
 */
#include "tap.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/uio.h>

#define MOST 0xfffffffffffffffeul

static int fd;

static long add(uint64_t value)
{
	return write(fd, &value, sizeof(value));
}

/* What a read takes; -errno as a negative number. */
static long take(void)
{
	uint64_t value = 0;

	return read(fd, &value, sizeof(value)) == sizeof(value) ? (long)value : -errno;
}

static int ready(int events)
{
	struct pollfd look = { fd, (short)events, 0 };

	must(poll(&look, 1, 0));
	return look.revents;
}

static void counting(void)
{
	fd = (int)must(eventfd(3, EFD_NONBLOCK));
	ok_equal(take(), 3, "it begins with what it was made with");
	ok_equal(take(), -EAGAIN, "a read of 0 would wait");
	ok_equal(add(5), 8, "a write is 8 bytes");
	ok_equal(add(7), 8, "another one");
	ok_equal(take(), 12, "a read takes the sum");
	ok_equal(take(), -EAGAIN, "and leaves nothing");
	ok_equal(add(0), 8, "0 may be added");
	ok_equal(take(), -EAGAIN, "and is nothing to read");
	ok_equal(add(MOST), 8, "the most that there can be");
	ok_errno(add(1), EAGAIN, "one more would wait");
	ok_equal(add(0), 8, "0 more would not");
	ok_equal(take(), (long)MOST, "all is read at once");
	ok_errno(add(MOST + 1), EINVAL, "2^64 - 1 is EINVAL");
	close(fd);
	fd = (int)must(eventfd(0xffffffff, EFD_NONBLOCK));
	ok_equal(take(), 0xffffffff, "the first value has 32 bits");
	close(fd);
}

static void semaphore(void)
{
	fd = (int)must(eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE));
	ok_equal(take(), 1, "of a semaphore a read takes 1");
	ok_equal(add(1), 8, "a write adds what it says");
	ok_equal(take(), 1, "again 1");
	ok_equal(take(), 1, "and the last 1");
	ok_equal(take(), -EAGAIN, "then there is none");
	close(fd);
}

static void sizes(void)
{
	char bytes[32];
	uint64_t parts[2] = { 1, 2 };
	struct iovec both[] = { { &parts[0], 8 }, { &parts[1], 8 } };

	fd = (int)must(eventfd(1, EFD_NONBLOCK));
	ok_errno(read(fd, bytes, 7), EINVAL, "a read of 7 bytes is EINVAL");
	ok_errno(write(fd, bytes, 7), EINVAL, "a write too");
	ok_equal(read(fd, bytes, 32), 8, "a larger read is one of 8 bytes");
	must(add(1));
	ok_equal(readv(fd, both, 2), 8, "a read into two places fills the first");
	ok(parts[0] == 1 && parts[1] == 2, "and not the second");
	ok_errno(pread(fd, bytes, 8, 0), ESPIPE, "pread is ESPIPE");
	ok_equal(sys(SYS_write, fd, 1, 8), -EFAULT, "a write from nowhere is EFAULT");
	ok_equal(sys(SYS_read, fd, -1, 8), -EFAULT, "a read to nowhere");
	close(fd);
}

static void across_pages(void)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	uint64_t value = 0x0102030405060708;

	fd = (int)must(eventfd(0, EFD_NONBLOCK));
	memcpy(pages + PAGE - 3, &value, 8);
	ok_equal(write(fd, pages + PAGE - 3, 8), 8, "a value that crosses a page");
	ok_equal(read(fd, pages + PAGE - 5, 8), 8, "is read across one");
	ok(!memcmp(pages + PAGE - 5, &value, 8), "whole");
	must(mprotect(pages + PAGE, PAGE, PROT_NONE));
	ok_errno(write(fd, pages + PAGE - 3, 8), EFAULT, "half of it out of reach is EFAULT");
	ok_equal(take(), -EAGAIN, "and adds nothing");
	must(mprotect(pages, PAGE, PROT_READ));
	must(add(1));
	ok_errno(read(fd, pages, 8), EFAULT, "a read into a read-only page is EFAULT");
	munmap(pages, 2 * PAGE);
	close(fd);
}

static void flags(void)
{
	struct stat status;
	char name[64], target[64];
	ssize_t length;

	fd = (int)must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	ok_equal(fcntl(fd, F_GETFD), FD_CLOEXEC, "EFD_CLOEXEC");
	ok_equal(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK, "EFD_NONBLOCK, and for both ways");
	ok_errno(eventfd(0, 2), EINVAL, "an unknown flag is EINVAL");
	ok(fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == 0, "its file is of no type");
	format_text(name, sizeof(name), "/proc/self/fd/%d", fd);
	length = readlink(name, target, sizeof(target));
	ok(length == 20 && !memcmp(target, "anon_inode:[eventfd]", 20), "/proc knows what it is");
	close(fd);
	fd = (int)must(sys(SYS_eventfd, 4));
	ok_equal(take(), 4, "the call without flags");
	ok_equal(fcntl(fd, F_GETFL), O_RDWR, "has none");
	close(fd);
}

static void polling(void)
{
	fd_set set;
	struct timeval none = { 0, 0 };

	fd = (int)must(eventfd(0, EFD_NONBLOCK));
	ok_equal(ready(POLLIN | POLLOUT), POLLOUT, "at 0 it can be written");
	must(add(1));
	ok_equal(ready(POLLIN | POLLOUT), POLLIN | POLLOUT, "at 1 read as well");
	take();
	must(add(MOST));
	ok_equal(ready(POLLIN | POLLOUT), POLLIN, "at the most read alone");
	FD_ZERO(&set);
	FD_SET(fd, &set);
	ok_equal(select(fd + 1, &set, NULL, NULL, &none), 1, "select sees it too");
	take();
	FD_SET(fd, &set);
	ok_equal(select(fd + 1, &set, NULL, NULL, &none), 0, "and that it is empty");
	close(fd);
}

static void read_twice(void *unused)
{
	(void)unused;
	EXPECT(take() == 6);
	EXPECT(take() == 1);
}

static void write_when_full(void *unused)
{
	(void)unused;
	EXPECT(add(2) == 8);
}

static void poll_it(void *unused)
{
	struct pollfd look = { fd, POLLIN, 0 };

	(void)unused;
	EXPECT(poll(&look, 1, -1) == 1 && look.revents == POLLIN);
}

static void take_one(void *unused)
{
	(void)unused;
	EXPECT(take() == 1);
}

static void waiting(void)
{
	pid_t child, second;

	fd = (int)must(eventfd(0, 0));
	child = start_child(read_twice, NULL);
	ok(await_state(child, 'S'), "a reader waits at 0");
	must(add(6));
	ok(await_state(child, 'S'), "gets what is written and waits again");
	must(add(1));
	ok_equal(wait_child(child), 0, "and gets that");
	must(add(MOST - 1));
	child = start_child(write_when_full, NULL);
	ok(await_state(child, 'S'), "a writer waits where the sum would be too large");
	ok_equal(take(), (long)MOST - 1, "until it is read");
	ok_equal(wait_child(child), 0, "then it goes on");
	ok_equal(take(), 2, "and has written");
	child = start_child(poll_it, NULL);
	ok(await_state(child, 'S'), "a poll waits");
	must(add(1));
	ok_equal(wait_child(child), 0, "and is woken");
	child = start_child(poll_it, NULL);
	ok_equal(wait_child(child), 0, "the next one finds it at once");
	take();
	child = start_child(poll_it, NULL);
	await_state(child, 'S');
	must(add(1));
	take();
	must(add(1));
	ok_equal(wait_child(child), 0, "one that a write and a read have woken counts it once");
	child = start_child(take_one, NULL);
	ok_equal(wait_child(child), 0, "a child shares the counter");
	close(fd);

	fd = (int)must(eventfd(0, EFD_SEMAPHORE));
	child = start_child(take_one, NULL);
	second = start_child(take_one, NULL);
	ok(await_state(child, 'S') && await_state(second, 'S'), "two wait for a semaphore");
	must(add(2));
	ok(wait_child(child) == 0 && wait_child(second) == 0, "a write of 2 lets both go");
	close(fd);
}

static volatile sig_atomic_t signals;

static void count_signal(int signal)
{
	(void)signal;
	signals++;
}

static void read_interrupted(void *restarts)
{
	struct sigaction action = { .sa_handler = count_signal,
				    .sa_flags = restarts ? SA_RESTART : 0 };
	long value;

	must(sigaction(SIGUSR1, &action, NULL));
	value = take();
	EXPECT(signals == 1 && value == (restarts ? 9 : -EINTR));
}

static void interrupted(void)
{
	static int yes = 1;
	pid_t child;

	fd = (int)must(eventfd(0, 0));
	child = start_child(read_interrupted, NULL);
	await_state(child, 'S');
	must(kill(child, SIGUSR1));
	ok_equal(wait_child(child), 0, "a handler ends a read: EINTR");
	child = start_child(read_interrupted, &yes);
	await_state(child, 'S');
	must(kill(child, SIGUSR1));
	must(add(9));
	ok_equal(wait_child(child), 0, "with SA_RESTART it goes on");
	close(fd);
}

int main(void)
{
	counting();
	semaphore();
	sizes();
	across_pages();
	flags();
	polling();
	waiting();
	interrupted();
	return done();
}
