/*
 * The stack grows by being touched, to RLIMIT_STACK and no further, and starts again small after
 * exec. What is above and below it is not part of it.
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/resource.h>

#define LIMIT (1024 * 1024)

static char *here(void)
{
	return __builtin_frame_address(0);
}

/* Touches downwards, a page at a time, from where the stack is now. */
static void touch_down(void *bytes)
{
	char *at = here() - 256;

	for (size_t done = 0; done < *(size_t *)bytes; done += PAGE)
		((volatile char *)at)[-(long)done] = 1;
}

static void touch_at_once(void *bytes)
{
	volatile char *at = here() - *(size_t *)bytes;

	*at = 1;
	EXPECT(*at == 1 && at[64] == 0);
}

static int run_with(rlim_t stack, const char *how, size_t bytes)
{
	char text[24];
	pid_t child = (pid_t)must(fork());

	if (child == 0) {
		struct rlimit limit = { stack, stack };
		char *argv[] = { "stack", (char *)how, text, NULL };

		must(setrlimit(RLIMIT_STACK, &limit));
		format_text(text, sizeof(text), "%lu", bytes);
		execv(self_path(), argv);
		_exit(1);
	}
	return wait_child(child);
}

static int limited_run(const char *how, size_t bytes)
{
	return run_with(LIMIT, how, bytes);
}

static void recurse(unsigned depth)
{
	volatile char frame[1000];

	frame[0] = (char)depth;
	if (depth)
		recurse(depth - 1);
	if (frame[0] != (char)depth)
		_exit(1);
}

static void zeroes_below(void *unused)
{
	volatile char *at = here() - 40 * PAGE;
	unsigned char sum = 0;

	(void)unused;
	for (size_t i = 0; i < 20 * PAGE; i++)
		sum |= (unsigned char)at[i];
	EXPECT(sum == 0);
}

static int limited(const char *how, size_t bytes)
{
	if (!strcmp(how, "down"))
		touch_down(&bytes);
	else if (!strcmp(how, "once"))
		touch_at_once(&bytes);
	else if (!strcmp(how, "recurse"))
		recurse((unsigned)bytes);
	else if (!strcmp(how, "zero"))
		zeroes_below(NULL);
	return 0;
}

/* A child's stack grows without its parent's. */
static void separate_growth(void)
{
	size_t bytes = 512 * 1024;
	volatile char *deep = here() - 300 * 1024;

	ok_child(touch_down, &bytes, "a child's stack grows after fork");
	*deep = 7;
	ok_child(touch_down, &bytes, "also when the parent's has grown");
	ok_equal(*deep, 7, "the parent's is its own");
}

/* A buffer far down the stack, which only the kernel's copy touches. */
static void kernel_grows_it(void)
{
	int fd[2];
	char *buffer = here() - 200 * 1024;

	must(pipe(fd));
	must(write(fd[1], "deep", 4));
	ok_equal(sys(SYS_read, fd[0], buffer, 4), 4, "a system call may be what grows it");
	ok(!memcmp(buffer, "deep", 4), "and the bytes are there");
	close(fd[0]);
	close(fd[1]);
}

int main(int argc, char **argv)
{
	if (argc == 3)
		return limited(argv[1], decimal(argv[2]));

	ok_equal(limited_run("down", LIMIT - 32 * 1024), 0, "the stack grows to nearly its limit");
	ok_equal(death_signal(limited_run("down", LIMIT + PAGE)), SIGSEGV, "beyond it is SIGSEGV");
	ok_equal(limited_run("once", LIMIT / 2), 0, "it grows in one step too");
	ok_equal(death_signal(limited_run("once", LIMIT + 64 * 1024)), SIGSEGV,
		 "but not past the limit");
	ok_equal(limited_run("recurse", 800), 0, "800 calls deep");
	ok_equal(death_signal(limited_run("recurse", 2000)), SIGSEGV, "2,000 do not fit");
	ok_equal(limited_run("zero", 0), 0, "new pages of it are zero");
	ok_equal(run_with(RLIM_INFINITY, "down", LIMIT), 0, "without a limit it grows");
	separate_growth();
	kernel_grows_it();
	return done();
}
