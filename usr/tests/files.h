/*
 * files.h -- a scratch folder of a test, and whole files in one call.
 *
 * A file left behind in a tmpfs is memory that the runner misses, so leave_scratch removes all.
 */
#pragma once

#include "tap.h"

/* What getdents64 writes: struct linux_dirent64. */
struct directory_entry {
	uint64_t inode;
	int64_t offset;
	uint16_t size;
	uint8_t type;
	char name[];
};

static char scratch_path[64];

/* Makes a folder of this process's own under /tmp and goes there. */
static inline void enter_scratch(void)
{
	mkdir("/tmp", 01777);
	format_text(scratch_path, sizeof(scratch_path), "/tmp/facet-test.%d", getpid());
	must(mkdir(scratch_path, 0755));
	must(chdir(scratch_path));
}

/* Not opendir: that brings in malloc, and with it half the size of a test. */
static inline void remove_tree(const char *path)
{
	struct directory_entry *entry;
	char entries[512], name[300];
	long length;
	int folder;

	if (unlink(path) == 0)
		return;
	folder = open(path, O_RDONLY | O_DIRECTORY);
	/* entries are removed while the folder is read, so it is read from its start each time */
	for (bool again = folder >= 0; again;) {
		again = false;
		lseek(folder, 0, SEEK_SET);
		length = sys(SYS_getdents64, folder, entries, sizeof(entries));
		for (long at = 0; at < length; at += entry->size) {
			entry = (struct directory_entry *)(entries + at);
			if (!strcmp(entry->name, ".") || !strcmp(entry->name, ".."))
				continue;
			format_text(name, sizeof(name), "%s/%s", path, entry->name);
			remove_tree(name);
			again = access(name, F_OK) == -1;
		}
	}
	if (folder >= 0)
		close(folder);
	rmdir(path);
}

static inline void leave_scratch(void)
{
	must(chdir("/"));
	remove_tree(scratch_path);
}

/* Was the status changed since `before`, which was taken before pass_time()? */
static inline bool changed_since(const struct stat *before, const struct stat *now)
{
	return now->st_ctim.tv_sec > before->st_ctim.tv_sec ||
	       (now->st_ctim.tv_sec == before->st_ctim.tv_sec &&
		now->st_ctim.tv_nsec > before->st_ctim.tv_nsec);
}

/* Until a change gets another time than one before: file systems' clocks are coarse. */
static inline void pass_time(void)
{
	struct timespec tick = { 0, 20 * 1000 * 1000 };

	nanosleep(&tick, NULL);
}

static inline void write_file(const char *path, const void *data, size_t size, mode_t mode)
{
	int fd = (int)must(open(path, O_WRONLY | O_CREAT | O_TRUNC, mode));
	size_t written = 0;

	while (written < size)
		written += (size_t)must(write(fd, (const char *)data + written, size - written));
	must(close(fd));
}

static inline void write_text(const char *path, const char *text, mode_t mode)
{
	write_file(path, text, strlen(text), mode);
}

static inline void copy_file(const char *from, const char *to, mode_t mode)
{
	char buffer[4096];
	int in = (int)must(open(from, O_RDONLY));
	int out = (int)must(open(to, O_WRONLY | O_CREAT | O_TRUNC, mode));
	ssize_t n;

	while ((n = must(read(in, buffer, sizeof(buffer)))) > 0)
		must(write(out, buffer, (size_t)n));
	close(in);
	must(close(out));
}
