/*
 * Two hogs and a sleeper, for the event trace. Between the marks `before` and `after` the program
 * also prints by how much the kernel's counters have grown, as "counter: NAME N".
 *
 * What is counted must be what is traced, so nothing may come between a mark and the counters
 * beside it: a sleep puts them behind a tick, and a first reading brings in the pages.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HOGS = 2, LOOPS = 60000000, NAPS = 5, NAP_NS = 10000000 };

static char before[8192], after[8192];

static void nap(long ns)
{
	nanosleep(&(struct timespec){ .tv_nsec = ns }, NULL);
}

static void mark(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		perror("mark");
}

static void read_counters(char text[8192])
{
	int fd = open("/proc/facet/counters", O_RDONLY);
	ssize_t size = read(fd, text, 8191);

	text[size > 0 ? size : 0] = '\0';
	close(fd);
}

static void hog(void)
{
	for (volatile int i = 0; i < LOOPS; i++)
		;
	_exit(0);
}

static void sleeper(void)
{
	for (int i = 0; i < NAPS; i++)
		nap(NAP_NS);
	_exit(0);
}

static void print_growth(void)
{
	char *line = strtok(after, "\n"), *old = before, name[64];
	unsigned long now, then;

	for (; line; line = strtok(NULL, "\n"), old = strchr(old, '\n') + 1)
		if (sscanf(line, "%63s %lu", name, &now) == 2 && sscanf(old, "%*s %lu", &then) == 1)
			printf("counter: %s %lu\n", name, now - then);
}

int main(void)
{
	int fd = open("/proc/facet/trace", O_WRONLY);

	printf("hogs\n");
	fflush(stdout);
	read_counters(after);
	read_counters(before);
	nap(1);
	mark(fd, "mark before");
	read_counters(before);
	for (int i = 0; i < HOGS; i++)
		if (fork() == 0)
			hog();
	if (fork() == 0)
		sleeper();
	while (wait(NULL) > 0)
		;
	read_counters(after);
	nap(1);
	read_counters(after);
	mark(fd, "mark after");
	print_growth();
	return 0;
}
