/*
 * execve: the new program is built aside from a kernel copy of its arguments, and committed last.
 * Until the commit, which cannot fail, the caller is what it was.
 *
 * Locks: none held across the build; the commit takes the tree's for a moment. Source: execve(2).
 */
#include <arch/trap_frame.h>
#include <arch/uaccess.h>
#include <facet/counters.h>
#include <facet/err.h>
#include <facet/file.h>
#include <facet/format.h>
#include <facet/futex.h>
#include <facet/process.h>
#include <facet/process_timers.h>
#include <facet/sched.h>
#include <facet/slab.h>
#include <facet/space.h>
#include <facet/string.h>
#include <facet/syscalls.h>
#include <facet/trace.h>

#include "exec_private.h"

#define PATH_SIZE 4096

/* What is known of a program's file before it is loaded. */
struct program_start {
	char header[EXEC_HEADER_SIZE]; /* its first bytes, and zeros where it is shorter */
	size_t header_size;
	char interpreter
		[EXEC_HEADER_SIZE]; /* path of a script's: its #! line holds no longer one */
};

static int read_header(struct file *file, struct program_start *start)
{
	ssize_t size;

	memset(start->header, 0, EXEC_HEADER_SIZE);
	size = file_read_at(file, start->header, EXEC_HEADER_SIZE, 0);
	start->header_size = (size_t)size;
	return size < 0 ? (int)size : 0;
}

/* The interpreter and its argument take the place of argv[0]; the script's own path follows. */
static int script_arguments(struct exec_strings *strings, const char *path, const char *interpreter,
			    const char *argument)
{
	int error;

	exec_strings_drop_front(strings);
	error = exec_strings_add_front(strings, path);
	if (!error && argument)
		error = exec_strings_add_front(strings, argument);
	if (!error)
		error = exec_strings_add_front(strings, interpreter);
	return error;
}

/* Follows scripts to the program that runs in the end: image->file, and what `start` is for. */
static int resolve(const struct exec_target *target, struct exec_arguments *arguments,
		   struct exec_image *image, struct program_start *start)
{
	const char *path = target->name;
	char *interpreter, *argument;
	int error;

	image->file = file_open_executable(target->dirfd, target->path, target->flags);
	for (unsigned depth = 0;; depth++) {
		if (IS_ERR(image->file)) {
			error = (int)PTR_ERR(image->file);
			image->file = NULL;
			return error;
		}
		error = read_header(image->file, start);
		if (error || start->header[0] != '#' || start->header[1] != '!')
			return error;
		if (depth > EXEC_INTERPRETERS_MAX)
			return -ELOOP;
		if (target->hidden) /* the interpreter could not open the script */
			return -ENOENT;
		error = script_parse(start->header, start->header_size, &interpreter, &argument);
		if (!error)
			error = script_arguments(&arguments->arguments, path, interpreter,
						 argument);
		if (error)
			return error;
		file_put(image->file);
		strlcpy(start->interpreter, interpreter, sizeof(start->interpreter));
		path = start->interpreter;
		image->file = file_open_executable(AT_FDCWD, path, 0);
	}
}

static void comm_from_path(char comm[COMM_SIZE], const char *path)
{
	const char *slash = strrchr(path, '/');

	strlcpy(comm, slash ? slash + 1 : path, COMM_SIZE);
}

/*
 * Maps and fills a new space for the file in the image. What is already there where something must
 * be is no room.
 */
static int build_space(const char *path, const struct program_start *start,
		       const struct exec_arguments *arguments, struct exec_image *image)
{
	struct elf_loaded loaded;
	int error;

	image->space = space_create();
	if (!image->space)
		return -ENOMEM;
	stack_place(image->space);
	error = elf_load(image->file, start->header, start->header_size, image->space, &loaded);
	if (!error)
		error = stack_build(path, arguments, &loaded, image);
	if (!error)
		image->entry = loaded.start;
	return error == -EEXIST ? -ENOMEM : error;
}

static void exec_discard(struct exec_image *image)
{
	if (image->space)
		space_put(image->space);
	if (image->file)
		file_put(image->file);
}

int exec_prepare(const struct exec_target *target, struct exec_arguments *arguments,
		 struct exec_image *image)
{
	struct program_start *start = kmalloc(sizeof(*start));
	int error;

	*image = (struct exec_image){ .file = NULL };
	if (!start)
		return -ENOMEM;
	comm_from_path(image->comm, target->name);
	error = resolve(target, arguments, image, start);
	if (!error && !exec_arguments_fit(arguments))
		error = -E2BIG;
	if (!error)
		identity_prepare(image);
	if (!error)
		error = build_space(target->name, start, arguments, image);
	kfree(start);
	if (error)
		exec_discard(image);
	return error;
}

void exec_commit(struct thread *thread, struct exec_image *image)
{
	struct process *process = thread->process;
	struct space *old = process->space, *left = NULL;
	struct file *old_file = process->executable;

	futex_leave(thread, false);
	count_event(COUNT_execs);
	if (IS_ENABLED(CONFIG_TRACE))
		trace_text(TRACE_exec, process->pid, image->comm);
	spin_lock(&process_tree_lock); /* whoever reads /proc takes references under it */
	process->space = image->space;
	if (thread == current_thread())
		left = space_activate(image->space);
	process->executable = image->file;
	memcpy(process->comm, image->comm, COMM_SIZE);
	identity_commit(process, image);
	process->executed = true;
	process->exit_signal = SIGCHLD;
	process->membarriers = 0;
	process_vfork_done(process);
	spin_unlock(&process_tree_lock);
	posix_timers_delete_all(process);
	signals_reset(process);
	descriptors_close_on_exec(process->descriptors);
	thread->clear_tid = 0;
	thread->signal_stack = (struct signal_stack){ .size = 0 };
	thread->restart.call = NULL;
	if (thread == current_thread()) {
		context_set_fs(0);
		context_set_gs(0);
	}
	fpu_reset(thread);
	frame_init_user(thread_frame(thread), image->entry, image->stack);
	if (old)
		space_put(old);
	if (left)
		space_release(left);
	if (old_file)
		file_put(old_file);
}

/*
 * What a path relative to a descriptor is called elsewhere: /dev/fd is where the new program, or a
 * script's interpreter, finds it. Returns 0, -ENOMEM or -ENAMETOOLONG; *name is to be freed.
 */
static int name_target(struct exec_target *target, char **name)
{
	int length;

	target->name = target->path;
	if (target->dirfd == AT_FDCWD || *target->path == '/')
		return 0;
	*name = kmalloc(PATH_SIZE);
	if (!*name)
		return -ENOMEM;
	length = snprintf(*name, PATH_SIZE, "/dev/fd/%d%s%s", target->dirfd,
			  *target->path ? "/" : "", target->path);
	target->name = *name;
	target->hidden = descriptor_flags(target->dirfd, false, false) > 0;
	return length < PATH_SIZE ? 0 : -ENAMETOOLONG;
}

static int execute(const struct exec_target *target, const vaddr_t __user *argv,
		   const vaddr_t __user *envp)
{
	struct exec_arguments arguments = { .arguments = { .bytes = NULL } };
	struct exec_image image;
	int error = process_limit_forbids_exec() ? -EAGAIN : 0;

	if (!error)
		error = exec_arguments_copy(&arguments, argv, envp);
	if (!error)
		error = exec_prepare(target, &arguments, &image);
	if (!error) {
		error = threads_end_others();
		if (error)
			exec_discard(&image);
		else
			exec_commit(current_thread(), &image);
	}
	exec_arguments_free(&arguments);
	return error;
}

long sys_execveat(int dirfd, const char __user *path, const vaddr_t __user *argv,
		  const vaddr_t __user *envp, int flags)
{
	struct exec_target target = { .dirfd = dirfd, .flags = flags };
	char *kernel_path, *name = NULL;
	ssize_t length;
	int error = 0;

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	kernel_path = kmalloc(PATH_SIZE);
	if (!kernel_path)
		return -ENOMEM;
	target.path = kernel_path;
	length = strncpy_from_user(kernel_path, path, PATH_SIZE);
	if (length <= 0 && !(length == 0 && flags & AT_EMPTY_PATH))
		error = length < 0 ? (int)length : -ENOENT;
	if (!error)
		error = name_target(&target, &name);
	if (!error)
		error = execute(&target, argv, envp);
	kfree(name);
	kfree(kernel_path);
	return error;
}

long sys_execve(const char __user *path, const vaddr_t __user *argv, const vaddr_t __user *envp)
{
	return sys_execveat(AT_FDCWD, path, argv, envp, 0);
}
