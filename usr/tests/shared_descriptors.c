/*
 * Threads that share a table of descriptors: what one closes while another uses it, and numbers
 * that several take and give back at once (close(2), dup(2), fcntl(2)).
 */
#include "files.h"

#include <poll.h>
#include <pthread.h>

#define ROUNDS 300

static int ends[2], file;
static volatile int stop, step;

static pthread_t start(void *(*body)(void *), void *argument)
{
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	if (pthread_create(&thread, &small, body, argument))
		bail("pthread_create");
	return thread;
}

static long result_of(pthread_t thread)
{
	void *result;

	pthread_join(thread, &result);
	return (long)result;
}

static char thread_state(int tid)
{
	char path[64], text[512], *end;

	format_text(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	if (read_text(path, text, sizeof(text)) <= 0)
		return 0;
	end = strrchr(text, ')');
	return end ? end[2] : 0;
}

/* Until the thread that has told its id in `step` sleeps. */
static void await_sleeper(void)
{
	int tid;

	while (!(tid = __atomic_load_n(&step, __ATOMIC_SEQ_CST)) || thread_state(tid) != 'S')
		sys(SYS_sched_yield);
	step = 0;
}

static void tell(void)
{
	__atomic_store_n(&step, (int)sys(SYS_gettid), __ATOMIC_SEQ_CST);
}

static void *reads(void *unused)
{
	char byte = 0;
	ssize_t size;

	(void)unused;
	tell();
	size = read(ends[0], &byte, 1);
	return (void *)(long)(size == 1 ? byte : -errno);
}

static void *polls(void *unused)
{
	struct pollfd one = { ends[0], POLLIN, 0 };

	(void)unused;
	tell();
	return (void *)(long)(poll(&one, 1, -1) == 1 ? one.revents : -errno);
}

static void closed_in_use(void)
{
	pthread_t thread;
	int copy;

	must(pipe(ends));
	thread = start(reads, NULL);
	await_sleeper();
	copy = (int)must(dup(ends[0]));
	close(ends[0]);
	must(write(ends[1], "x", 1));
	ok_equal(result_of(thread), 'x', "a read goes on when its descriptor is closed");
	ends[0] = copy;
	thread = start(polls, NULL);
	await_sleeper();
	copy = (int)must(dup(ends[0]));
	close(ends[0]);
	must(write(ends[1], "y", 1));
	ok_equal(result_of(thread), POLLNVAL, "a poll is woken, and finds the number closed");
	close(copy);
	close(ends[1]);

	must(pipe(ends));
	thread = start(reads, NULL);
	await_sleeper();
	close(ends[0]); /* the reader's call has the file still */
	ok_equal(write(ends[1], "z", 1), 1, "while a read is under way there is a reader");
	ok_equal(result_of(thread), 'z', "who gets what is written");
	signal(SIGPIPE, SIG_IGN);
	ok_errno(write(ends[1], "z", 1), EPIPE, "afterwards there is none");
	close(ends[1]);
}

static void *waits_for_lock(void *unused)
{
	struct flock lock = { .l_type = F_WRLCK };

	(void)unused;
	tell();
	return (void *)(long)(fcntl(file, F_SETLKW, &lock) == 0 ? 0 : -errno);
}

static void hold_lock(void *arg)
{
	struct gate *gates = arg;
	struct flock lock = { .l_type = F_WRLCK };

	EXPECT(fcntl(file, F_SETLK, &lock) == 0);
	open_gate(&gates[0]);
	pass_gate(&gates[1]);
}

static void try_lock(void *unused)
{
	struct flock lock = { .l_type = F_WRLCK };

	(void)unused;
	EXPECT(fcntl(file, F_SETLK, &lock) == 0);
}

/* A lock that comes when the descriptor has gone would stay for ever. */
static void closed_while_locking(void)
{
	struct gate gates[2] = { new_gate(), new_gate() };
	pthread_t thread;
	pid_t child;
	int number = file;

	child = start_child(hold_lock, gates);
	pass_gate(&gates[0]);
	thread = start(waits_for_lock, NULL);
	await_sleeper();
	close(file);
	open_gate(&gates[1]);
	wait_child(child);
	ok_equal(result_of(thread), -EBADF, "F_SETLKW on what is closed meanwhile is EBADF");
	file = (int)must(open("file", O_RDWR));
	ok_equal(file, number, "the file is opened again");
	ok_child(try_lock, NULL, "and nobody has it locked");
	free_gate(&gates[0]);
	free_gate(&gates[1]);
}

/* Takes numbers and gives them back; each must be its own while it has it. */
static void *takes_numbers(void *arg)
{
	int mine[2], wrong = 0;
	char out = *(char *)arg, in;

	for (int i = 0; i < ROUNDS; i++) {
		if (pipe(mine))
			return (void *)-1l;
		in = 0;
		wrong += write(mine[1], &out, 1) != 1 || read(mine[0], &in, 1) != 1 || in != out;
		wrong += close(mine[0]) != 0 || close(mine[1]) != 0;
	}
	return (void *)(long)wrong;
}

static void *grows_table(void *unused)
{
	int wrong = 0;

	(void)unused;
	for (int i = 0; !stop; i = (i + 7) % 900) {
		int fd = dup2(file, 100 + i);

		wrong += fd != 100 + i;
		wrong += close(fd) != 0;
	}
	return (void *)(long)wrong;
}

static void many_at_once(void)
{
	static char letters[4] = "abcd";
	pthread_t threads[4], grower = start(grows_table, NULL);
	long wrong = 0;

	for (int i = 0; i < 4; i++)
		threads[i] = start(takes_numbers, &letters[i]);
	for (int i = 0; i < 4; i++)
		wrong += result_of(threads[i]);
	stop = 1;
	ok_equal(wrong, 0, "four threads open and close pipes and meet only their own");
	ok_equal(result_of(grower), 0, "while the table grows");
}

/* dup2 over a number that another thread is using: it has the old file or the new one. */
static void *replaces(void *unused)
{
	int null = (int)must(open("/dev/null", O_RDONLY));
	int zero = (int)must(open("/dev/zero", O_RDONLY));

	(void)unused;
	for (int i = 0; i < ROUNDS * 3; i++)
		must(dup2(i & 1 ? null : zero, 60));
	close(null);
	close(zero);
	stop = 1;
	return NULL;
}

static void replaced_in_use(void)
{
	char bytes[64];
	int wrong = 0, counts[2] = { 0 };
	pthread_t thread;

	stop = 0;
	must(dup2(file, 60));
	must(ftruncate(file, 0));
	thread = start(replaces, NULL);
	while (!stop) {
		ssize_t size = read(60, bytes, sizeof(bytes));

		wrong += size != 0 && size != sizeof(bytes);
		counts[size != 0]++;
	}
	result_of(thread);
	ok_equal(wrong, 0, "a number that is replaced is never closed in between");
	close(60);
}

int main(void)
{
	enter_scratch();
	file = (int)must(open("file", O_RDWR | O_CREAT, 0644));
	closed_in_use();
	closed_while_locking();
	many_at_once();
	replaced_in_use();
	close(file);
	leave_scratch();
	return done();
}
