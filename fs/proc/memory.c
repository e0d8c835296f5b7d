/*
 * memory.c -- what /proc/<pid> says of a process's memory: maps, statm, cmdline, environ, auxv.
 *
 * The space is counted under the tree's lock and read under its own, so it may be another process's
 * and may end meanwhile. Source: proc(5).
 */
#include "proc.h"

#include <facet/space.h>

#define STRINGS_MAX (4 * 1024 * 1024 - PAGE_SIZE) /* kmalloc's largest piece, about */

struct space *proc_space(pid_t pid)
{
	const struct process *process;
	struct space *space = NULL;

	spin_lock(&process_tree_lock);
	process = proc_find(pid);
	if (process && process->space) {
		space = process->space;
		space_get(space);
	}
	spin_unlock(&process_tree_lock);
	return space;
}

static void show_area_name(struct text *text, const struct area *area, char *path)
{
	if (area->file) {
		ssize_t length = file_path(area->file, path, PATH_MAX);

		text_add(text, path, length > 0 ? (size_t)length : 0);
	} else if (area->flags & AREA_STACK) {
		text_printf(text, "[stack]");
	} else if (area->flags & AREA_HEAP) {
		text_printf(text, "[heap]");
	}
}

void proc_text_area(struct text *text, const struct area *area, char *path)
{
	const char rights[] = {
		area->flags & AREA_READ ? 'r' : '-',
		area->flags & AREA_WRITE ? 'w' : '-',
		area->flags & AREA_EXEC ? 'x' : '-',
		area->flags & AREA_SHARED ? 's' : 'p',
		' ',
	};
	uint64_t device = 0, inode = 0;
	size_t start = text->size;

	if (area->file)
		file_identity(area->file, &device, &inode);
	text_hex(text, area->start, 8, '-');
	text_hex(text, area->end, 8, ' ');
	text_add(text, rights, sizeof(rights));
	text_hex(text, area->file ? area->offset : 0, 8, ' ');
	text_hex(text, device_major(device), 2, ':');
	text_hex(text, device_minor(device), 2, ' ');
	text_field(text, inode);
	if (area->file || (area->flags & (AREA_STACK | AREA_HEAP)))
		text_pad(text, start, MAPS_PATH_COLUMN);
	show_area_name(text, area, path);
	text_add(text, "\n", 1);
}

int proc_show_maps(struct text *text, pid_t pid)
{
	struct space *space = proc_space(pid);
	char *path = kmalloc(PATH_MAX);
	const struct area *area;

	if (space && path) {
		mutex_lock(&space->lock);
		tree_for_each_entry(area, &space->areas, node)
			proc_text_area(text, area, path);
		mutex_unlock(&space->lock);
	}
	if (space)
		space_put(space);
	kfree(path);
	return path ? 0 : -ENOMEM;
}

void proc_space_sums(struct space *space, const struct file *executable, struct space_sums *sums)
{
	const struct area *area;

	tree_for_each_entry(area, &space->areas, node) {
		size_t pages = (area->end - area->start) >> PAGE_SHIFT;

		if (area->flags & AREA_STACK)
			sums->stack += pages;
		else if ((area->flags & (AREA_WRITE | AREA_SHARED)) == AREA_WRITE)
			sums->data += pages;
		else if ((area->flags & AREA_EXEC) && area->file && executable &&
			 area->file->inode == executable->inode)
			sums->code += pages;
		else if (area->flags & AREA_EXEC)
			sums->library += pages;
	}
}

int proc_show_statm(struct text *text, pid_t pid)
{
	struct space *space = proc_space(pid);
	struct file *executable = proc_executable(pid);
	struct space_sums sums = { 0 };

	if (space) {
		mutex_lock(&space->lock);
		proc_space_sums(space, executable, &sums);
		text_field(text, space->mapped_pages);
		text_field(text, space->resident_pages);
		text_field(text, space->shared_pages);
		mutex_unlock(&space->lock);
		space_put(space);
		text_printf(text, "%lu 0 %lu 0\n", sums.code, sums.data + sums.stack);
	} else {
		text_printf(text, "0 0 0 0 0 0 0\n");
	}
	if (executable)
		file_put(executable);
	return 0;
}

/* What lies between two addresses of the process. A process without memory has nothing to say. */
static int show_strings(struct text *text, struct space *space, vaddr_t start, vaddr_t end)
{
	size_t size = end > start ? MIN(end - start, STRINGS_MAX) : 0;
	ssize_t got;

	if (!size)
		return 0;
	if (!text_reserve(text, size))
		return -ENOMEM;
	got = space_read(space, start, text->bytes, size);
	if (got > 0)
		text->size = (size_t)got;
	return got < 0 && got != -EFAULT ? (int)got : 0;
}

int proc_show_arguments(struct text *text, pid_t pid)
{
	struct space *space = proc_space(pid);
	int error = 0;

	if (space) {
		error = show_strings(text, space, space->arg_start, space->arg_end);
		space_put(space);
	}
	return error;
}

int proc_show_environment(struct text *text, pid_t pid)
{
	struct space *space = proc_space(pid);
	int error = 0;

	if (space) {
		error = show_strings(text, space, space->env_start, space->env_end);
		space_put(space);
	}
	return error;
}

/* From the copy that the program found on its stack. */
int proc_show_auxiliary(struct text *text, pid_t pid)
{
	struct space *space = proc_space(pid);
	int error = 0;

	if (space) {
		error = show_strings(text, space, space->auxiliary_start, space->auxiliary_end);
		space_put(space);
	}
	return error;
}
