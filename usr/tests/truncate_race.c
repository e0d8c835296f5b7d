/*
 * A file is cut and written anew while four processes read it through mappings, change their
 * rights, move them, and fork. What they read is of the round that goes on or nothing: a page that
 * was cut off is seen by nobody again.
 */
#include "tap.h"

#include <setjmp.h>
#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)

enum { PAGES = 12, ROUNDS = 120, READERS = 4 };

static struct {
	volatile unsigned begun, done; /* rounds */
	volatile unsigned readers, reads, lost;
} * common;

static int fd;
static sigjmp_buf lost;

static void on_bus(int signal)
{
	(void)signal;
	siglongjmp(lost, 1);
}

/* *value: the round that the page is of, 0 if it is empty. False: it is cut off. */
static bool look(const char *page, unsigned *value)
{
	if (sigsetjmp(lost, 1))
		return false;
	*value = *(const volatile unsigned *)page;
	return true;
}

static void read_all(const char *block)
{
	for (size_t i = 0; i < PAGES; i++) {
		unsigned done = common->done, value = 0;

		if (!look(block + i * PAGE, &value))
			common->lost++;
		else
			EXPECT(value == 0 || (value >= done && value <= common->begun));
		common->reads++;
	}
}

static void grandchild(void *block)
{
	read_all(block);
}

static void reader(void *number)
{
	char *place = (char *)0x400000000000 + (uintptr_t)number * 64 * PAGE, *block = place;
	unsigned turn = 0;

	must((intptr_t)mmap(block, PAGES * PAGE, RW, MAP_FIXED | MAP_SHARED, fd, 0));
	signal(SIGBUS, on_bus);
	common->readers++;
	while (common->done < ROUNDS) {
		read_all(block);
		switch (turn++ % 4) {
		case 0:
			must(mprotect(block + PAGE, 5 * PAGE, PROT_READ));
			break;
		case 1:
			must(mprotect(block, PAGES * PAGE, RW));
			break;
		case 2:
			EXPECT(child_status(grandchild, block) == 0);
			break;
		case 3:
			block = mremap(block, PAGES * PAGE, PAGES * PAGE,
				       MREMAP_MAYMOVE | MREMAP_FIXED,
				       block == place ? place + 32 * PAGE : place);
			break;
		}
		sys(SYS_sched_yield);
	}
}

/* Each page of the file begins with the number of the round. */
static void write_round(unsigned round)
{
	common->begun = round;
	must(ftruncate(fd, (off_t)(round % 3 * PAGE)));
	must(ftruncate(fd, PAGES * PAGE));
	for (size_t i = 0; i < PAGES; i++)
		must(pwrite(fd, &round, sizeof(round), (off_t)(i * PAGE)));
	common->done = round;
}

int main(void)
{
	char path[] = "/tmp/race-XXXXXX";
	pid_t readers[READERS];
	bool good = true;

	fd = (int)must(mkstemp(path));
	must(unlink(path));
	common = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	write_round(1);
	for (size_t i = 0; i < READERS; i++)
		readers[i] = start_child(reader, (void *)i);
	while (common->readers < READERS)
		sys(SYS_sched_yield);
	for (unsigned round = 2; round <= ROUNDS; round++) {
		write_round(round);
		for (int i = 0; i < 3; i++)
			sys(SYS_sched_yield);
	}
	for (size_t i = 0; i < READERS; i++)
		good = wait_child(readers[i]) == 0 && good;
	ok(good, "no reader sees a page that was cut off before");
	ok(common->reads > ROUNDS, "there was something to see");
	return done();
}
