/*
 * fcntl's record locks: ranges that split and merge, conflicts between processes, waiting,
 * deadlock, and when a process loses them (fcntl(2)).
 */
#include "files.h"

#include <sys/mman.h>

static int file;

static struct flock range(int type, long start, long length)
{
	return (struct flock){ .l_type = (short)type, .l_start = start, .l_len = length };
}

static int set(int fd, int type, long start, long length)
{
	struct flock lock = range(type, start, length);

	return fcntl(fd, F_SETLK, &lock) == 0 ? 0 : -errno;
}

/* What is in the way of a lock, told to who asks from another process. */
struct answer {
	struct flock lock;
};

static void ask(void *arg)
{
	struct answer *answer = arg;

	EXPECT(fcntl(file, F_GETLK, &answer->lock) == 0);
}

/* The lock that another process would meet there. */
static struct flock met(int type, long start, long length)
{
	struct answer *answer = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				     -1, 0);
	struct flock lock;

	answer->lock = range(type, start, length);
	if (child_status(ask, answer) != 0)
		answer->lock.l_type = 77;
	lock = answer->lock;
	munmap(answer, PAGE);
	return lock;
}

static bool is(struct flock lock, int type, long start, long length)
{
	bool right = lock.l_type == type && lock.l_start == start && lock.l_len == length &&
		     lock.l_whence == SEEK_SET && lock.l_pid == getpid();

	if (!right)
		diag("type %d, from %ld, length %ld, pid %d", lock.l_type, (long)lock.l_start,
		     (long)lock.l_len, lock.l_pid);
	return right;
}

static bool is_free(long start, long length)
{
	return met(F_WRLCK, start, length).l_type == F_UNLCK;
}

static void one_lock(void)
{
	ok(is_free(0, 0), "at first nothing is locked");
	ok_equal(set(file, F_WRLCK, 10, 10), 0, "a lock");
	ok(is(met(F_RDLCK, 0, 0), F_WRLCK, 10, 10), "another process meets it");
	ok(is(met(F_WRLCK, 19, 1), F_WRLCK, 10, 10), "at its last byte");
	ok(is_free(20, 0), "not behind it");
	ok(is_free(0, 10), "nor before");
	ok_equal(set(file, F_RDLCK, 10, 10), 0, "its type can change");
	ok(is(met(F_WRLCK, 0, 0), F_RDLCK, 10, 10), "to shared");
	ok_equal(met(F_RDLCK, 0, 0).l_type, F_UNLCK, "which is in no reader's way");
	ok_equal(set(file, F_UNLCK, 0, 0), 0, "unlocking all");
	ok(is_free(0, 0), "leaves nothing");
	ok_equal(set(file, F_UNLCK, 5, 5), 0, "unlocking what is not locked");
}

static void splitting(void)
{
	set(file, F_WRLCK, 0, 100);
	ok_equal(set(file, F_UNLCK, 40, 20), 0, "a hole in a lock");
	ok(is(met(F_WRLCK, 0, 0), F_WRLCK, 0, 40), "leaves the part before");
	ok(is_free(40, 20), "the hole is free");
	ok(is(met(F_WRLCK, 50, 0), F_WRLCK, 60, 40), "and the part behind");
	ok_equal(set(file, F_RDLCK, 50, 20), 0, "another type over hole and lock");
	ok(is(met(F_WRLCK, 45, 20), F_RDLCK, 50, 20), "takes its range");
	ok(is(met(F_WRLCK, 70, 0), F_WRLCK, 70, 30), "from the other");
	ok(is_free(40, 10), "the rest of the hole is free");
	ok_equal(set(file, F_WRLCK, 40, 30), 0, "one type over all");
	ok(is(met(F_WRLCK, 0, 0), F_WRLCK, 0, 100), "makes one lock of four");
	set(file, F_UNLCK, 0, 50);
	ok(is(met(F_WRLCK, 0, 0), F_WRLCK, 50, 50), "the front can go");
	set(file, F_UNLCK, 90, 0);
	ok(is(met(F_WRLCK, 0, 0), F_WRLCK, 50, 40), "and the end");
	set(file, F_WRLCK, 91, 9);
	ok(is(met(F_WRLCK, 85, 0), F_WRLCK, 50, 40), "one byte apart they stay two");
	set(file, F_WRLCK, 90, 1);
	ok(is(met(F_WRLCK, 85, 0), F_WRLCK, 50, 50), "the byte joins them");
	set(file, F_RDLCK, 60, 10);
	ok(is(met(F_WRLCK, 0, 55), F_WRLCK, 50, 10), "another type in the midst");
	ok(is(met(F_WRLCK, 60, 5), F_RDLCK, 60, 10), "is a lock of its own");
	ok(is(met(F_WRLCK, 70, 5), F_WRLCK, 70, 30), "between two");
	set(file, F_UNLCK, 0, 0);
	for (int i = 0; i < 50; i++)
		set(file, F_WRLCK, i * 2, 1);
	ok(is(met(F_WRLCK, 50, 0), F_WRLCK, 50, 1) && is_free(51, 1), "every second byte");
	set(file, F_WRLCK, 0, 100);
	ok(is(met(F_WRLCK, 0, 0), F_WRLCK, 0, 100), "and all at once");
	set(file, F_UNLCK, 0, 0);
	ok(is_free(0, 0), "and nothing");
}

static void places(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = -2, .l_len = 4 };

	must(lseek(file, 50, SEEK_SET));
	must(fcntl(file, F_SETLK, &lock));
	ok(is(met(F_WRLCK, 0, 0), F_WRLCK, 48, 4), "SEEK_CUR counts from the offset");
	set(file, F_UNLCK, 0, 0);
	lock = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -10 };
	must(fcntl(file, F_SETLK, &lock));
	ok(is(met(F_WRLCK, 0, 0), F_WRLCK, 190, 0), "SEEK_END from the end, on to wherever");
	set(file, F_UNLCK, 0, 0);
	ok_equal(set(file, F_WRLCK, 20, -5), 0, "a negative length");
	ok(is(met(F_WRLCK, 0, 0), F_WRLCK, 15, 5), "is what lies before");
	set(file, F_UNLCK, 0, 0);
	ok_equal(set(file, F_WRLCK, 0x7fffffffffffffff, 1), 0, "the last byte there can be");
	ok(is(met(F_WRLCK, 0, 0), F_WRLCK, 0x7fffffffffffffff, 0), "is up to the end");
	set(file, F_UNLCK, 0, 0);
	ok_equal(set(file, F_WRLCK, 5, 0x7ffffffffffffffb), 0, "a length up to it");
	ok(is(met(F_WRLCK, 0, 0), F_WRLCK, 5, 0), "too");
	set(file, F_UNLCK, 0, 0);
}

static void errors(void)
{
	int reads = (int)must(open("file", O_RDONLY)), writes = (int)must(open("file", O_WRONLY));
	struct flock lock = range(F_WRLCK, 0, 1);
	char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);
	struct flock *cut = (struct flock *)(page + PAGE - 16);

	ok_equal(set(reads, F_WRLCK, 0, 1), -EBADF, "to write-lock it must be open for writing");
	ok_equal(set(writes, F_RDLCK, 0, 1), -EBADF, "to read-lock for reading");
	ok_equal(set(writes, F_UNLCK, 0, 1), 0, "to unlock for anything");
	ok_equal(set(77, F_WRLCK, 0, 1), -EBADF, "what is not open");
	ok_equal(set(file, 3, 0, 1), -EINVAL, "an unknown type");
	ok_equal(set(file, -1, 0, 1), -EINVAL, "whichever");
	ok_equal(set(file, F_WRLCK, -1, 1), -EINVAL, "before the start");
	ok_equal(set(file, F_WRLCK, 5, -6), -EINVAL, "by a length too");
	ok_equal(set(file, F_WRLCK, 5, 0x7fffffffffffffff), -EOVERFLOW, "beyond the end");
	lock.l_whence = 3;
	ok_errno(fcntl(file, F_SETLK, &lock), EINVAL, "an unknown place");
	ok_errno(fcntl(file, F_SETLK, 16), EFAULT, "a wild pointer");
	ok_errno(fcntl(file, F_GETLK, 16), EFAULT, "for F_GETLK");
	lock = range(F_UNLCK, 0, 1);
	ok_errno(fcntl(file, F_GETLK, &lock), EINVAL, "F_GETLK of F_UNLCK");
	*cut = range(F_WRLCK, 0, 1);
	ok_equal(fcntl(file, F_GETLK, cut), 0, "a structure across pages");
	must(mprotect(page + PAGE, PAGE, PROT_NONE));
	ok_errno(fcntl(file, F_SETLK, cut), EFAULT, "half of which is gone");
	must(mprotect(page + PAGE, PAGE, PROT_READ));
	ok_equal(fcntl(file, F_SETLK, cut), 0, "F_SETLK of one in a read-only page");
	must(mprotect(page, 2 * PAGE, PROT_READ | PROT_WRITE));
	*cut = range(F_WRLCK, 0, 1);
	must(mprotect(page, 2 * PAGE, PROT_READ));
	ok_errno(fcntl(file, F_GETLK, cut), EFAULT, "F_GETLK writes to it");
	munmap(page, 2 * PAGE);
	close(reads);
	close(writes);
}

static void try_lock(void *type)
{
	EXPECT(set(file, *(int *)type, 0, 10) == -EAGAIN);
}

static void release_by_close(void *unused)
{
	(void)unused;
	set(file, F_WRLCK, 0, 10);
}

static void leaving(void)
{
	static int shared = F_RDLCK, alone = F_WRLCK;
	int copy = (int)must(dup(file)), other = (int)must(open("file", O_RDONLY));

	set(file, F_WRLCK, 0, 10);
	ok_child(try_lock, &shared, "F_SETLK in the way is EAGAIN");
	ok_child(try_lock, &alone, "for both types");
	ok_child(release_by_close, NULL, "a child has none of its parent's locks");
	ok(is(met(F_WRLCK, 0, 0), F_WRLCK, 0, 10), "nor takes them away by its end");
	close(copy);
	ok(is_free(0, 0), "a process that closes a copy loses them");
	set(file, F_WRLCK, 0, 10);
	close(other);
	ok(is_free(0, 0), "or another open of the file");
	set(file, F_WRLCK, 0, 10);
	must(dup2(0, 60));
	must(dup2(file, 60));
	must(dup2(0, 60));
	ok(is_free(0, 0), "or a copy by dup2 over it");
	close(60);
	set(file, F_WRLCK, 0, 10);
	copy = (int)must(dup(file));
	sys(SYS_close_range, copy, copy, 0);
	ok(is_free(0, 0), "or by close_range");
}

/* Waiting --------------------------------------------------------------------------------- */

static void wait_for(void *type)
{
	struct flock lock = range(*(int *)type, 0, 10);

	EXPECT(fcntl(file, F_SETLKW, &lock) == 0);
}

static void waiting(void)
{
	static int shared = F_RDLCK, alone = F_WRLCK;
	pid_t child, second, third;

	set(file, F_WRLCK, 0, 10);
	child = start_child(wait_for, &alone);
	second = start_child(wait_for, &shared);
	third = start_child(wait_for, &shared);
	ok(await_state(child, 'S') && await_state(second, 'S') && await_state(third, 'S'),
	   "F_SETLKW waits");
	set(file, F_UNLCK, 0, 5);
	ok(await_state(child, 'S') && await_state(second, 'S'), "while a part is locked");
	set(file, F_UNLCK, 5, 5);
	ok(wait_child(child) == 0 && wait_child(second) == 0 && wait_child(third) == 0,
	   "all get it when it is free");
	set(file, F_WRLCK, 0, 10);
	child = start_child(wait_for, &shared);
	await_state(child, 'S');
	set(file, F_RDLCK, 0, 10);
	ok_equal(wait_child(child), 0, "a reader when the type changes");
	set(file, F_UNLCK, 0, 0);
	child = start_child(wait_for, &alone);
	ok_equal(wait_child(child), 0, "without waiting where nobody is");
	ok(is_free(0, 0), "and its end frees it");
}

static volatile sig_atomic_t signals;

static void count_signal(int signal)
{
	(void)signal;
	signals++;
}

static void interrupted(void *restarts)
{
	struct sigaction action = { .sa_handler = count_signal,
				    .sa_flags = restarts ? SA_RESTART : 0 };
	struct flock lock = range(F_WRLCK, 0, 10);
	int result;

	must(sigaction(SIGUSR1, &action, NULL));
	result = fcntl(file, F_SETLKW, &lock) == 0 ? 0 : -errno;
	EXPECT(signals == 1 && result == (restarts ? 0 : -EINTR));
}

static void with_signals(void)
{
	static int yes = 1;
	pid_t child;

	set(file, F_WRLCK, 0, 10);
	child = start_child(interrupted, NULL);
	await_state(child, 'S');
	must(kill(child, SIGUSR1));
	ok_equal(wait_child(child), 0, "a handler ends F_SETLKW: EINTR");
	child = start_child(interrupted, &yes);
	await_state(child, 'S');
	must(kill(child, SIGUSR1));
	await_state(child, 'S');
	set(file, F_UNLCK, 0, 0);
	ok_equal(wait_child(child), 0, "with SA_RESTART it waits on");
	set(file, F_WRLCK, 0, 10);
	child = start_child(interrupted, NULL);
	await_state(child, 'S');
	must(kill(child, SIGKILL));
	ok_equal(wait_child(child), SIGKILL, "who waits can be killed");
	set(file, F_UNLCK, 0, 0);
	ok(is_free(0, 0), "and has not got it");
}

int main(void)
{
	enter_scratch();
	write_file("file", scratch_path, 0, 0644);
	file = (int)must(open("file", O_RDWR));
	must(ftruncate(file, 200));
	one_lock();
	splitting();
	places();
	errors();
	leaving();
	waiting();
	with_signals();
	close(file);
	leave_scratch();
	return done();
}
