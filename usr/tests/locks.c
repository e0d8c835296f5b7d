/*
 * Locks of open files: flock and F_OFD_SETLK; deadlocks of record locks, and that kinds meet or do
 * not (flock(2), fcntl(2)).
 */
#include "files.h"

#include <sys/file.h>

#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#define F_OFD_SETLKW 38
#endif

static int file, other; /* two opens of one file */

static int lock_range(int fd, int command, int type, long start, long length)
{
	struct flock lock = { .l_type = (short)type, .l_start = start, .l_len = length };

	return fcntl(fd, command, &lock) == 0 ? 0 : -errno;
}

static int set(int fd, int type, long start, long length)
{
	return lock_range(fd, F_SETLK, type, start, length);
}

static int set_open(int fd, int type, long start, long length)
{
	return lock_range(fd, F_OFD_SETLK, type, start, length);
}

static int whole(int fd, int operation)
{
	return flock(fd, operation | LOCK_NB) == 0 ? 0 : -errno;
}

/* flock ----------------------------------------------------------------------------------- */

static void flock_types(void)
{
	int copy = (int)must(dup(file)), reads = (int)must(open("file", O_RDONLY));
	int path = (int)must(open("file", O_PATH)), ends[2];

	ok_equal(whole(file, LOCK_SH), 0, "flock: shared");
	ok_equal(whole(other, LOCK_SH), 0, "two may have it");
	ok_equal(whole(other, LOCK_EX), -EWOULDBLOCK, "but none of them alone");
	ok_equal(whole(file, LOCK_EX), 0, "who failed has lost what he had");
	ok_equal(whole(file, LOCK_EX), 0, "what one has one gets again");
	ok_equal(whole(other, LOCK_SH), -EWOULDBLOCK, "alone is alone");
	ok_equal(whole(copy, LOCK_SH), 0, "a copy of the descriptor has the same lock");
	ok_equal(whole(other, LOCK_SH), 0, "and can change it");
	ok_equal(whole(copy, LOCK_UN), 0, "and unlock it");
	ok_equal(whole(other, LOCK_EX), 0, "for all copies");
	ok_equal(whole(other, LOCK_UN), 0, "unlocked");
	ok_equal(whole(other, LOCK_UN), 0, "twice is no error");
	ok_equal(whole(reads, LOCK_EX), 0, "a descriptor for reading is enough");
	close(reads);
	ok_equal(whole(file, LOCK_EX), 0, "the end of the open file unlocks");
	close(copy);
	ok_equal(whole(other, LOCK_SH), -EWOULDBLOCK, "that of a copy does not");
	whole(file, LOCK_UN);
	ok_errno(flock(77, LOCK_SH), EBADF, "flock of nothing: EBADF");
	ok_errno(flock(path, LOCK_SH), EBADF, "of an O_PATH descriptor");
	ok_errno(flock(file, 0), EINVAL, "no operation is EINVAL");
	ok_errno(flock(file, LOCK_SH | LOCK_EX), EINVAL, "two are");
	ok_errno(flock(file, LOCK_NB), EINVAL, "LOCK_NB alone is none");
	must(pipe(ends));
	ok_equal(whole(ends[0], LOCK_EX), 0, "a pipe can be locked");
	ok_equal(whole(ends[1], LOCK_EX), -EWOULDBLOCK, "its ends are two opens of one file");
	close(ends[0]);
	close(ends[1]);
	close(path);
}

static void flock_in_child(void *operation)
{
	EXPECT(flock(other, *(int *)operation) == 0);
}

static void flock_waits(void)
{
	static int alone = LOCK_EX, shared = LOCK_SH, none = LOCK_UN;
	pid_t child, second;

	whole(file, LOCK_EX);
	child = start_child(flock_in_child, &alone);
	second = start_child(flock_in_child, &shared);
	ok(await_state(child, 'S') && await_state(second, 'S'), "flock waits");
	whole(file, LOCK_UN);
	ok(wait_child(child) == 0 && wait_child(second) == 0, "until it is unlocked");
	ok_equal(whole(file, LOCK_EX), -EWOULDBLOCK, "a child's lock is of the parent's open file");
	ok_child(flock_in_child, &none, "which the child can unlock");
	ok_equal(whole(file, LOCK_EX), 0, "for the parent");
	child = start_child(flock_in_child, &alone);
	await_state(child, 'S');
	must(kill(child, SIGKILL));
	ok_equal(wait_child(child), SIGKILL, "who waits can be killed");
	whole(file, LOCK_UN);
	ok_equal(whole(file, LOCK_EX), 0, "and has not got it");
	whole(file, LOCK_UN);
}

static void upgrade(void *unused)
{
	(void)unused;
	EXPECT(flock(other, LOCK_EX) == 0);
	EXPECT(flock(other, LOCK_UN) == 0);
}

/* Each has it shared and wants it alone. */
static void flock_upgrades(void)
{
	pid_t child;

	whole(file, LOCK_SH);
	whole(other, LOCK_SH);
	child = start_child(upgrade, NULL);
	await_state(child, 'S');
	ok_equal(flock(file, LOCK_EX), 0, "two that want it alone get it one after the other");
	whole(file, LOCK_UN);
	ok_equal(wait_child(child), 0, "both");
}

/* Locks of open files on ranges ----------------------------------------------------------- */

static void open_files(void)
{
	struct flock lock = { .l_type = F_WRLCK };
	int copy = (int)must(dup(file));

	ok_equal(set_open(file, F_WRLCK, 0, 10), 0, "F_OFD_SETLK");
	ok_equal(set_open(other, F_RDLCK, 5, 1), -EAGAIN, "another open meets it");
	ok_equal(set_open(copy, F_RDLCK, 5, 1), 0, "a copy does not");
	ok_equal(set_open(other, F_RDLCK, 5, 1), 0, "and can share a part");
	ok_equal(set(file, F_WRLCK, 0, 1), -EAGAIN, "it is in the way of the process's own");
	must(fcntl(other, F_OFD_GETLK, &lock));
	ok(lock.l_type == F_WRLCK && lock.l_start == 0 && lock.l_len == 5,
	   "F_OFD_GETLK tells of it");
	ok_equal(lock.l_pid, -1, "without a process");
	lock = (struct flock){ .l_type = F_WRLCK };
	must(fcntl(file, F_GETLK, &lock));
	ok_equal(lock.l_pid, -1, "F_GETLK does too");
	close(copy);
	ok_equal(set_open(other, F_RDLCK, 0, 1), -EAGAIN, "the end of a copy leaves it");
	lock = (struct flock){ .l_type = F_WRLCK, .l_pid = 1 };
	ok_errno(fcntl(file, F_OFD_SETLK, &lock), EINVAL, "l_pid must be 0");
	ok_errno(fcntl(file, F_OFD_GETLK, &lock), EINVAL, "for F_OFD_GETLK");
	ok_equal(whole(other, LOCK_EX), 0, "flock's are in nobody's way but their own");
	whole(other, LOCK_UN);
	ok_equal(set_open(file, F_UNLCK, 0, 0), 0, "unlocked");
	ok_equal(set(file, F_WRLCK, 0, 1), 0, "a process's lock is in the way");
	ok_equal(set_open(file, F_WRLCK, 0, 1), -EAGAIN, "of its own open files");
	set(file, F_UNLCK, 0, 0);
	set_open(other, F_UNLCK, 0, 0);
}

static void wait_open(void *unused)
{
	(void)unused;
	EXPECT(lock_range(other, F_OFD_SETLKW, F_WRLCK, 0, 0) == 0);
}

static void open_files_wait(void)
{
	pid_t child;
	int copy;

	set_open(file, F_WRLCK, 3, 1);
	child = start_child(wait_open, NULL);
	ok(await_state(child, 'S'), "F_OFD_SETLKW waits");
	set_open(file, F_UNLCK, 3, 1);
	ok_equal(wait_child(child), 0, "until it is free");
	ok_equal(set_open(file, F_WRLCK, 3, 1), -EAGAIN, "the lock outlives the child");
	set_open(other, F_UNLCK, 0, 0);
	copy = (int)must(open("file", O_RDWR));
	set_open(copy, F_WRLCK, 0, 0);
	child = start_child(wait_open, NULL);
	await_state(child, 'S');
	close(copy); /* the child has it too */
	ok(await_state(child, 'S'), "the child has the open file, too");
	must(kill(child, SIGKILL));
	ok_equal(wait_child(child), SIGKILL, "with its end");
	ok_equal(set_open(other, F_WRLCK, 0, 0), 0, "the lock goes");
	set_open(other, F_UNLCK, 0, 0);
}

/* Deadlocks ------------------------------------------------------------------------------- */

struct step {
	struct gate held;
	int own, wanted; /* bytes */
};

static void hold_and_want(void *arg)
{
	struct step *step = arg;

	EXPECT(set(file, F_WRLCK, step->own, 1) == 0);
	open_gate(&step->held);
	EXPECT(lock_range(file, F_SETLKW, F_WRLCK, step->wanted, 1) == 0);
}

static pid_t start_step(int own, int wanted)
{
	struct step step = { new_gate(), own, wanted };
	pid_t child = start_child(hold_and_want, &step);

	pass_gate(&step.held);
	free_gate(&step.held);
	await_state(child, 'S');
	return child;
}

static int want(int byte)
{
	return lock_range(file, F_SETLKW, F_WRLCK, byte, 1);
}

static void deadlocks(void)
{
	pid_t child[8];
	bool all = true;

	set(file, F_WRLCK, 0, 1);
	child[0] = start_step(1, 0);
	ok_equal(want(1), -EDEADLK, "two who wait for each other: EDEADLK");
	ok_equal(set(file, F_WRLCK, 1, 1), -EAGAIN, "without waiting it is EAGAIN");
	set(file, F_UNLCK, 0, 0);
	ok_equal(wait_child(child[0]), 0, "the other one gets it");

	set(file, F_WRLCK, 0, 1);
	for (int i = 0; i < 8; i++)
		child[i] = start_step(i + 1, i);
	ok_equal(want(8), -EDEADLK, "nine in a ring");
	ok_equal(want(4), -EDEADLK, "or some of them");
	set(file, F_UNLCK, 0, 0);
	for (int i = 0; i < 8; i++)
		all = wait_child(child[i]) == 0 && all;
	ok(all, "all get theirs in turn");

	set(file, F_WRLCK, 0, 1);
	set(file, F_WRLCK, 5, 1);
	child[0] = start_step(1, 0);
	child[1] = start_step(2, 1);
	set(file, F_UNLCK, 0, 1);
	ok_equal(want(2), 0, "a chain that ends is no ring");
	ok(wait_child(child[0]) == 0 && wait_child(child[1]) == 0, "all go on");
	set(file, F_UNLCK, 0, 0);
}

int main(void)
{
	enter_scratch();
	write_file("file", scratch_path, 0, 0644);
	file = (int)must(open("file", O_RDWR));
	other = (int)must(open("file", O_RDWR));
	flock_types();
	flock_waits();
	flock_upgrades();
	open_files();
	open_files_wait();
	deadlocks();
	close(file);
	close(other);
	leave_scratch();
	return done();
}
