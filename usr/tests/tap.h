/*
 * tap.h -- what the user tests share: TAP output, children, gates between processes, /proc.
 *
 * Each test is one static ELF that prints TAP 13 with the plan as its last line, so a test that
 * dies half-way is seen by the missing plan. It also runs on Linux as it is: what is about Facet
 * alone is skipped there. Only the first process counts points; a child says what is wrong with
 * EXPECT, which names the line and ends the child with status 1.
 *
 * There are no sleeps to order processes. A gate (a pipe) or await_state (/proc/<pid>/stat) does
 * it.
 */
#pragma once

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define __printf(text, first) __attribute__((format(printf, text, first)))

static int tap_count;
static int tap_failures;

struct tap_line {
	size_t length;
	char text[400];
};

static inline void tap_put(struct tap_line *line, char c)
{
	if (line->length < sizeof(line->text) - 1)
		line->text[line->length++] = c;
}

static inline void tap_number(struct tap_line *line, unsigned long value, unsigned base)
{
	char digits[24];
	size_t count = 0;

	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (count)
		tap_put(line, digits[--count]);
}

/* The subset of printf that tests use: %s %c %d %u %x %ld %lu %lx %%. It keeps the ELFs small. */
static inline void tap_vformat(struct tap_line *line, const char *format, va_list args)
{
	for (; *format; format++) {
		bool wide = false;
		long value;

		if (*format != '%') {
			tap_put(line, *format);
			continue;
		}
		if (*++format == 'l') {
			wide = true;
			format++;
		}
		switch (*format) {
		case 's':
			for (const char *s = va_arg(args, const char *); *s; s++)
				tap_put(line, *s);
			break;
		case 'c':
			tap_put(line, va_arg(args, int));
			break;
		case 'd':
			value = wide ? va_arg(args, long) : va_arg(args, int);
			if (value < 0)
				tap_put(line, '-');
			tap_number(line, value < 0 ? -(unsigned long)value : (unsigned long)value,
				   10);
			break;
		case 'u':
		case 'x':
			tap_number(line,
				   wide ? va_arg(args, unsigned long) : va_arg(args, unsigned),
				   *format == 'u' ? 10 : 16);
			break;
		default:
			tap_put(line, *format);
		}
	}
}

static inline void tap_flush(struct tap_line *line)
{
	size_t done = 0;

	tap_put(line, '\n');
	while (done < line->length) {
		ssize_t n = write(1, line->text + done, line->length - done);

		if (n <= 0)
			_exit(2);
		done += (size_t)n;
	}
}

static inline __printf(3, 4) void format_text(char *buffer, size_t size, const char *format, ...)
{
	struct tap_line line = { 0 };
	va_list args;

	va_start(args, format);
	tap_vformat(&line, format, args);
	va_end(args);
	if (line.length >= size)
		line.length = size - 1;
	memcpy(buffer, line.text, line.length);
	buffer[line.length] = 0;
}

static inline __printf(1, 2) void diag(const char *format, ...)
{
	struct tap_line line = { 2, "# " };
	va_list args;

	va_start(args, format);
	tap_vformat(&line, format, args);
	va_end(args);
	tap_flush(&line);
}

static inline __attribute__((noreturn)) __printf(1, 2) void bail(const char *format, ...)
{
	struct tap_line line = { 10, "Bail out! " };
	va_list args;

	va_start(args, format);
	tap_vformat(&line, format, args);
	va_end(args);
	tap_flush(&line);
	_exit(1);
}

static inline void tap_point(bool good, const char *format, va_list args, const char *directive)
{
	struct tap_line line = { 0 };

	if (!tap_count) {
		struct tap_line version = { 14, "TAP version 13" };

		tap_flush(&version);
	}
	tap_count++;
	for (const char *s = good ? "ok " : "not ok "; *s; s++)
		tap_put(&line, *s);
	tap_number(&line, (unsigned long)tap_count, 10);
	for (const char *s = " - "; *s; s++)
		tap_put(&line, *s);
	tap_vformat(&line, format, args);
	for (const char *s = directive; *s; s++)
		tap_put(&line, *s);
	tap_flush(&line);
	tap_failures += !good;
}

static inline __printf(2, 3) bool ok(bool good, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_point(good, format, args, "");
	va_end(args);
	return good;
}

static inline __printf(3, 4) bool ok_equal(long got, long wanted, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_point(got == wanted, format, args, "");
	va_end(args);
	if (got != wanted)
		diag("got %ld (0x%lx), wanted %ld (0x%lx)", got, (unsigned long)got, wanted,
		     (unsigned long)wanted);
	return got == wanted;
}

static inline __printf(1, 2) void skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_point(true, format, args, " # SKIP");
	va_end(args);
}

/* The plan and the exit status of the test. */
static inline int done(void)
{
	struct tap_line line = { 3, "1.." };

	tap_number(&line, (unsigned long)tap_count, 10);
	tap_flush(&line);
	return tap_failures != 0;
}

/* A raw system call: the kernel's own return value, -errno on failure. */
static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#define SYS_PICK(nr, a, b, c, d, e, f, ...) \
	sys6((long)(nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define sys(...) SYS_PICK(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* A library call that must fail with `error`. */
#define ok_errno(call, error, ...)                                       \
	({                                                               \
		errno = 0;                                               \
		long result_ = (long)(call);                             \
		ok_equal(result_ == -1 ? errno : 0, error, __VA_ARGS__); \
	})

/* A step that the test stands on. */
#define must(call)                                                                     \
	({                                                                             \
		long result_ = (long)(call);                                           \
		if (result_ == -1)                                                     \
			bail("%s:%d: %s: errno %d", __FILE__, __LINE__, #call, errno); \
		result_;                                                               \
	})

/* In a child: a condition that ends it with status 1. */
#define EXPECT(condition)                                                                    \
	do {                                                                                 \
		if (!(condition)) {                                                          \
			diag("%s:%d: not so: %s (errno %d)", __FILE__, __LINE__, #condition, \
			     errno);                                                         \
			_exit(1);                                                            \
		}                                                                            \
	} while (0)

/* Children ---------------------------------------------------------------------------------- */

static inline pid_t start_child(void (*body)(void *), void *arg)
{
	pid_t pid = (pid_t)must(fork());

	if (pid == 0) {
		body(arg);
		_exit(0);
	}
	return pid;
}

static inline int wait_child(pid_t pid)
{
	int status = -1;

	if (waitpid(pid, &status, 0) != pid)
		bail("waitpid %d: errno %d", pid, errno);
	return status;
}

/* The wait status of a child that ran `body`; it exits 0 if `body` returns. */
static inline int child_status(void (*body)(void *), void *arg)
{
	return wait_child(start_child(body, arg));
}

static inline __printf(3, 4) bool ok_child(void (*body)(void *), void *arg, const char *format, ...)
{
	int status = child_status(body, arg);
	va_list args;

	va_start(args, format);
	tap_point(status == 0, format, args, "");
	va_end(args);
	if (status != 0)
		diag("wait status 0x%x", (unsigned)status);
	return status == 0;
}

static inline int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline int death_signal(int status)
{
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

/* A gate: one byte a pass. Whoever passes waits until somebody opened. */
struct gate {
	int fd[2];
};

static inline struct gate new_gate(void)
{
	struct gate gate;

	must(pipe(gate.fd));
	return gate;
}

static inline void open_gate(struct gate *gate)
{
	must(write(gate->fd[1], "", 1));
}

static inline void pass_gate(struct gate *gate)
{
	char byte;

	if (read(gate->fd[0], &byte, 1) != 1)
		_exit(3);
}

static inline void free_gate(struct gate *gate)
{
	close(gate->fd[0]);
	close(gate->fd[1]);
}

/*
 * What the system says of itself ----------------------------------------------------------------
 */

static inline bool on_facet(void)
{
	return access("/proc/config", R_OK) == 0;
}

/* Reads a whole file as text; -1 when it is not there. */
static inline ssize_t read_text(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY);
	size_t length = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while (length < size - 1 && (n = read(fd, buffer + length, size - 1 - length)) > 0)
		length += (size_t)n;
	buffer[length] = 0;
	close(fd);
	return (ssize_t)length;
}

static inline bool config_has(const char *line)
{
	static char text[16384];

	return read_text("/proc/config", text, sizeof(text)) > 0 && strstr(text, line);
}

/* The state letter of /proc/<pid>/stat; 0 when there is no such process. */
static inline char process_state(pid_t pid)
{
	char path[40], text[512];
	char *end;

	format_text(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_text(path, text, sizeof(text)) <= 0)
		return 0;
	end = strrchr(text, ')');
	return end ? end[2] : 0;
}

/* Lets others run until the process is in `state`; false after five seconds. */
static inline bool await_state(pid_t pid, char state)
{
	time_t start = time(NULL);

	while (process_state(pid) != state) {
		if (time(NULL) - start > 5)
			return false;
		sys(SYS_sched_yield);
	}
	return true;
}

static inline unsigned long decimal(const char *text)
{
	unsigned long value = 0;

	while (*text == ' ' || *text == '\t')
		text++;
	while (*text >= '0' && *text <= '9')
		value = value * 10 + (unsigned long)(*text++ - '0');
	return value;
}

/* A line of /proc/meminfo in KiB, by its name with the colon. */
static inline long meminfo(const char *name)
{
	static char text[4096];
	char *line;

	if (read_text("/proc/meminfo", text, sizeof(text)) <= 0)
		return -1;
	line = strstr(text, name);
	return line ? (long)decimal(line + strlen(name)) : -1;
}

/* A machine of 8 MiB boots and runs programs, but has no room for crowds. */
static inline bool small_machine(void)
{
	return on_facet() && meminfo("MemTotal:") < 12 * 1024;
}

/* A kernel may be configured for fewer processes than a test would like to have at once. */
static inline bool few_processes(rlim_t wanted)
{
	enum { OTHERS = 8 }; /* init, a shell, the runner, this test */
	struct rlimit limit;

	return on_facet() && getrlimit(RLIMIT_NPROC, &limit) == 0 &&
	       limit.rlim_cur < wanted + OTHERS;
}

/* The path this program was started by: one from the root, for tests that change their folder. */
static inline const char *self_path(void)
{
	return (const char *)getauxval(AT_EXECFN);
}

static inline uint64_t now_ns(void)
{
	struct timespec now;

	sys(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
