/*
 * What programs do with files most: blocks of 4 KiB, and names. All in /tmp, which is memory.
 */
#include "bench.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <usr.h>

enum { CALLS = 100, BLOCK = 4096, BLOCKS = 16 };

#define FILE_PATH "/tmp/bench.file"

static int fd;
static char *block; /* not among the variables: each page of those is copied at a fork */

/* Every block is there, so that a write replaces one and allocates nothing. */
static bool make_file(unsigned long parameter)
{
	(void)parameter;
	block = shared_memory(BLOCK);
	if (!block)
		return false;
	fd = open(FILE_PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);
	for (int i = 0; fd >= 0 && i < BLOCKS; i++) {
		if (!write_all(fd, block, BLOCK))
			return false;
	}
	return fd >= 0;
}

static void remove_file(unsigned long parameter)
{
	(void)parameter;
	close(fd);
	unlink(FILE_PATH);
	shared_free(block, BLOCK);
}

static uint64_t read_block(unsigned long parameter)
{
	uint64_t start = window_start();

	(void)parameter;
	for (int i = 0; i < CALLS; i++) {
		if (pread(fd, block, BLOCK, i % BLOCKS * BLOCK) != BLOCK)
			give_up("pread");
	}
	return window_each(start, CALLS);
}

static uint64_t write_block(unsigned long parameter)
{
	uint64_t start = window_start();

	(void)parameter;
	for (int i = 0; i < CALLS; i++) {
		if (pwrite(fd, block, BLOCK, i % BLOCKS * BLOCK) != BLOCK)
			give_up("pwrite");
	}
	return window_each(start, CALLS);
}

static uint64_t open_close(unsigned long parameter)
{
	uint64_t start = window_start();

	(void)parameter;
	for (int i = 0; i < CALLS; i++) {
		int opened = open(FILE_PATH, O_RDONLY);

		if (opened < 0)
			give_up("open");
		close(opened);
	}
	return window_each(start, CALLS);
}

static uint64_t stat_path(unsigned long parameter)
{
	struct stat status;
	uint64_t start = window_start();

	(void)parameter;
	for (int i = 0; i < CALLS; i++) {
		if (stat(FILE_PATH, &status))
			give_up("stat");
	}
	return window_each(start, CALLS);
}

static const struct measure table[] = {
	{ .name = "read_file_4k",
	  .what = "read of 4 KiB from a file in memory",
	  .rounds = ROUNDS,
	  .set_up = make_file,
	  .tear_down = remove_file,
	  .round = read_block },
	{ .name = "write_file_4k",
	  .what = "write of 4 KiB over a file in memory",
	  .rounds = ROUNDS,
	  .set_up = make_file,
	  .tear_down = remove_file,
	  .round = write_block },
	{ .name = "open_close_file",
	  .what = "open and close of a file in memory",
	  .rounds = ROUNDS,
	  .set_up = make_file,
	  .tear_down = remove_file,
	  .round = open_close },
	{ .name = "stat_file",
	  .what = "stat of a file in memory",
	  .rounds = ROUNDS,
	  .set_up = make_file,
	  .tear_down = remove_file,
	  .round = stat_path },
};

const struct measures file_measures = MEASURES("files", table);
