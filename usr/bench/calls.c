/*
 * Single system calls, each in a loop of a thousand, so that the clock's reading does not count.
 */
#include "bench.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <usr.h>

enum { CALLS = 1000 };

#define FILE_PATH "/tmp/bench.file"

static int fd;

/* getppid as programs call it, through the C library's function. */
static uint64_t null_call(unsigned long parameter)
{
	uint64_t start = window_start();

	(void)parameter;
	for (int i = 0; i < CALLS; i++)
		getppid();
	return window_each(start, CALLS);
}

/* The same with the instruction in the loop: what of it is the C library's. */
static uint64_t null_raw(unsigned long parameter)
{
	uint64_t start = window_start();

	(void)parameter;
	for (int i = 0; i < CALLS; i++) {
		long number = SYS_getppid;

		__asm__ volatile("syscall" : "+a"(number) : : "rcx", "r11", "memory");
	}
	return window_each(start, CALLS);
}

static bool open_device(unsigned long parameter)
{
	fd = open((const char *)parameter, O_RDWR);
	return fd >= 0;
}

/* As long as a round reads and writes, each from the start. */
static bool make_file(unsigned long parameter)
{
	static const char bytes[CALLS];

	(void)parameter;
	fd = open(FILE_PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);
	return fd >= 0 && write_all(fd, bytes, sizeof(bytes));
}

static void remove_file(unsigned long parameter)
{
	(void)parameter;
	close(fd);
	unlink(FILE_PATH);
}

static void close_device(unsigned long parameter)
{
	(void)parameter;
	close(fd);
}

static uint64_t write_byte(unsigned long parameter)
{
	uint64_t start = window_start();

	(void)parameter;
	for (int i = 0; i < CALLS; i++) {
		if (write(fd, "", 1) != 1)
			give_up("write");
	}
	return window_each(start, CALLS);
}

static uint64_t read_byte(unsigned long parameter)
{
	uint64_t start = window_start();
	char byte;

	(void)parameter;
	for (int i = 0; i < CALLS; i++) {
		if (read(fd, &byte, 1) != 1)
			give_up("read");
	}
	return window_each(start, CALLS);
}

static uint64_t write_file_byte(unsigned long parameter)
{
	lseek(fd, 0, SEEK_SET);
	return write_byte(parameter);
}

static uint64_t read_file_byte(unsigned long parameter)
{
	lseek(fd, 0, SEEK_SET);
	return read_byte(parameter);
}

static int pipe_ends[2];

static bool make_pipe(unsigned long parameter)
{
	(void)parameter;
	return pipe(pipe_ends) == 0;
}

static void close_pipe(unsigned long parameter)
{
	(void)parameter;
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

/* Both ends in this process: nobody waits and nobody is woken. */
static uint64_t pipe_byte(unsigned long parameter)
{
	uint64_t start = window_start();
	char byte = 0;

	(void)parameter;
	for (int i = 0; i < CALLS; i++) {
		if (write(pipe_ends[1], &byte, 1) != 1 || read(pipe_ends[0], &byte, 1) != 1)
			give_up("the pipe");
	}
	return window_each(start, CALLS);
}

/* open and close of a path of two parts. */
static uint64_t open_close(unsigned long parameter)
{
	enum { OPENS = 100 };
	uint64_t start = window_start();

	for (int i = 0; i < OPENS; i++) {
		int opened = open((const char *)parameter, O_RDONLY);

		if (opened < 0)
			give_up("open");
		close(opened);
	}
	return window_each(start, OPENS);
}

static volatile sig_atomic_t signals_seen;

static void see_signal(int signal)
{
	(void)signal;
	signals_seen++;
}

static bool handle_signal(unsigned long parameter)
{
	(void)parameter;
	return sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = see_signal }, NULL) == 0;
}

static void default_signal(unsigned long parameter)
{
	(void)parameter;
	signal(SIGUSR1, SIG_DFL);
}

/* kill to itself: the call, the handler, and the way back from it. */
static uint64_t signal_self(unsigned long parameter)
{
	enum { SIGNALS = 100 };
	pid_t self = getpid();
	uint64_t start = window_start(), each;

	(void)parameter;
	signals_seen = 0;
	for (int i = 0; i < SIGNALS; i++)
		kill(self, SIGUSR1);
	each = window_each(start, SIGNALS);
	if (signals_seen != SIGNALS)
		give_up("a signal to itself");
	return each;
}

#define PATH(text) ((unsigned long)(text))

static const struct measure table[] = {
	{ .name = "null_call",
	  .what = "getppid(), in a loop",
	  .rounds = ROUNDS,
	  .round = null_call },
	{ .name = "null_raw",
	  .what = "the same without the C library",
	  .rounds = ROUNDS,
	  .round = null_raw },
	{ .name = "write_null",
	  .what = "write of a byte to /dev/null",
	  .rounds = ROUNDS,
	  .set_up = open_device,
	  .tear_down = close_device,
	  .round = write_byte,
	  .parameter = PATH("/dev/null") },
	{ .name = "read_zero",
	  .what = "read of a byte from /dev/zero",
	  .rounds = ROUNDS,
	  .set_up = open_device,
	  .tear_down = close_device,
	  .round = read_byte,
	  .parameter = PATH("/dev/zero") },
	{ .name = "write_file",
	  .what = "write of a byte to a file in memory",
	  .rounds = ROUNDS,
	  .set_up = make_file,
	  .tear_down = remove_file,
	  .round = write_file_byte },
	{ .name = "read_file",
	  .what = "read of a byte from a file in memory",
	  .rounds = ROUNDS,
	  .set_up = make_file,
	  .tear_down = remove_file,
	  .round = read_file_byte },
	{ .name = "pipe_byte",
	  .what = "write and read of a byte, own pipe",
	  .rounds = ROUNDS,
	  .set_up = make_pipe,
	  .tear_down = close_pipe,
	  .round = pipe_byte },
	{ .name = "open_close",
	  .what = "open and close of /dev/null",
	  .rounds = ROUNDS,
	  .round = open_close,
	  .parameter = PATH("/dev/null") },
	{ .name = "signal_self",
	  .what = "signal to itself, handler, return",
	  .rounds = ROUNDS,
	  .set_up = handle_signal,
	  .tear_down = default_signal,
	  .round = signal_self },
};

const struct measures call_measures = MEASURES("calls", table);
