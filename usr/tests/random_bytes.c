/*
 * getrandom and /dev/urandom: flags, sizes, that no two answers are the same, what a signal and a
 * bad pointer do (getrandom(2)).
 */
#include "tap.h"

#include <sys/mman.h>

#define MIB (1024 * 1024)

static unsigned char bytes[MIB];

static long random_to(void *buffer, size_t size, unsigned flags)
{
	return sys(SYS_getrandom, buffer, size, flags);
}

/* Bits set are about half of all: 5 standard deviations around it. */
static bool looks_random(const unsigned char *data, size_t size)
{
	long ones = 0, half = (long)size * 4;

	for (size_t i = 0; i < size; i++)
		ones += __builtin_popcount(data[i]);
	return (ones - half) * (ones - half) < 25 * (long)size * 2;
}

static void content(void)
{
	unsigned char other[64];
	int fd = (int)must(open("/dev/urandom", O_RDONLY));

	ok_equal(random_to(bytes, 64, 0), 64, "64 bytes");
	ok_equal(random_to(other, 64, 0), 64, "64 more");
	ok(memcmp(bytes, other, 64) != 0, "are others");
	ok_equal(random_to(bytes, MIB, 0), MIB, "a MiB in one call");
	ok(looks_random(bytes, MIB), "half of its bits are set");
	ok(memcmp(bytes, bytes + MIB / 2, MIB / 2) != 0, "its halves differ");
	ok_equal(random_to(bytes, 0, 0), 0, "no bytes");
	memset(bytes, 0x55, 64);
	ok_equal(random_to(bytes, 33, 0), 33, "33 bytes");
	ok(bytes[33] == 0x55 && bytes[34] == 0x55, "and not one more");
	ok_equal(read(fd, bytes, 300), 300, "the device gives as many as are asked for");
	ok(looks_random(bytes, 256), "of the same kind");
	close(fd);
}

static void flags(void)
{
	for (unsigned flag = 1; flag <= 4; flag *= 2)
		ok_equal(random_to(bytes, 16, flag), 16, "flag %u", flag);
	ok_equal(random_to(bytes, 16, 3), 16, "GRND_NONBLOCK and GRND_RANDOM");
	ok_equal(random_to(bytes, 16, 6), -EINVAL,
		 "GRND_RANDOM and GRND_INSECURE exclude each other");
	ok_equal(random_to(bytes, 16, 8), -EINVAL, "an unknown flag is EINVAL");
	ok_equal(random_to(bytes, 16, 0x80000000), -EINVAL, "whichever");
}

static void pointers(void)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);

	ok_equal(random_to((void *)16, 16, 0), -EFAULT, "a wild pointer is EFAULT");
	ok_equal(random_to((void *)-8, 16, 0), -EFAULT, "one that wraps");
	ok_equal(random_to((void *)0xffff800000000000, 16, 0), -EFAULT, "the kernel's memory");
	ok_equal(random_to(pages + PAGE - 8, 16, 0), 16, "across a page");
	must(mprotect(pages + PAGE, PAGE, PROT_READ));
	ok_equal(random_to(pages + PAGE, 16, 0), -EFAULT, "into a read-only page");
	ok(random_to(pages, 2 * PAGE, 0) > 0, "what fits before that page is a short count");
	munmap(pages, 2 * PAGE);
}

static volatile sig_atomic_t signals;

static void count_signal(int signal)
{
	(void)signal;
	signals++;
}

/* A signal that is pending already: small requests are whole, large ones may stop after a page. */
static void with_signal(void *unused)
{
	struct sigaction action = { .sa_handler = count_signal };
	long size;

	(void)unused;
	must(sigaction(SIGALRM, &action, NULL));
	for (int i = 0; i < 4; i++) {
		pid_t child = fork();

		if (child == 0) {
			kill(getppid(), SIGALRM);
			_exit(0);
		}
		size = random_to(bytes, 256, 0);
		EXPECT(size == 256);
		size = random_to(bytes, MIB, 0);
		EXPECT(size == MIB || (size > 0 && size % 4096 == 0));
		wait_child(child);
	}
	EXPECT(signals > 0);
}

int main(void)
{
	content();
	flags();
	pointers();
	ok_child(with_signal, NULL, "a signal never cuts 256 bytes, and others at a page");
	return done();
}
