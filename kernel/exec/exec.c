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
#include <facet/process.h>
#include <facet/sched.h>
#include <facet/slab.h>
#include <facet/space.h>
#include <facet/string.h>
#include <facet/syscalls.h>
#include <facet/trace.h>

#include "exec_private.h"

#define PATH_SIZE 4096

/* Room for one more string of up to `size` bytes. Returns 0, -E2BIG or -ENOMEM. */
static int strings_reserve(struct exec_strings *strings, size_t size)
{
	size_t wanted = strings->size + size, capacity = MAX(strings->capacity, 256ul);
	char *bytes;

	if (wanted > strings->limit)
		return -E2BIG;
	if (wanted <= strings->capacity)
		return 0;
	while (capacity < wanted)
		capacity *= 2;
	bytes = kmalloc(capacity);
	if (!bytes)
		return -ENOMEM;
	if (strings->size)
		memcpy(bytes, strings->bytes, strings->size);
	kfree(strings->bytes);
	strings->bytes = bytes;
	strings->capacity = capacity;
	return 0;
}

int exec_strings_add(struct exec_strings *strings, const char *string)
{
	size_t size = strlen(string) + 1;
	int error = strings_reserve(strings, size);

	if (error)
		return error;
	memcpy(strings->bytes + strings->size, string, size);
	strings->size += size;
	strings->count++;
	return 0;
}

/* Puts a string in front of the others. */
static int strings_add_front(struct exec_strings *strings, const char *string)
{
	size_t size = strlen(string) + 1;
	int error = strings_reserve(strings, size);

	if (error)
		return error;
	memmove(strings->bytes + size, strings->bytes, strings->size);
	memcpy(strings->bytes, string, size);
	strings->size += size;
	strings->count++;
	return 0;
}

static void strings_drop_front(struct exec_strings *strings)
{
	size_t size;

	if (!strings->count)
		return;
	size = strlen(strings->bytes) + 1;
	strings->size -= size;
	memmove(strings->bytes, strings->bytes + size, strings->size);
	strings->count--;
}

void exec_arguments_free(struct exec_arguments *arguments)
{
	kfree(arguments->arguments.bytes);
	kfree(arguments->environment.bytes);
}

/*
 * The rest of one string goes where there is room; it is asked for in growing steps, as most are
 * short.
 */
static int string_from_user(struct exec_strings *strings, const char __user *from)
{
	for (size_t room = 256;; room *= 4) {
		ssize_t length;
		int error;

		room = MIN(room, EXEC_STRING_MAX);
		error = strings_reserve(strings, MIN(room, strings->limit - strings->size));
		if (error)
			return error;
		length = strncpy_from_user(strings->bytes + strings->size, from,
					   MIN(room, strings->capacity - strings->size));
		if (length >= 0) {
			strings->size += (size_t)length + 1;
			strings->count++;
			return 0;
		}
		if (length != -ENAMETOOLONG)
			return (int)length;
		if (room == EXEC_STRING_MAX || strings->size + room >= strings->limit)
			return -E2BIG;
	}
}

static int strings_from_user(struct exec_strings *strings, const vaddr_t __user *vector)
{
	vaddr_t string;
	int error;

	for (; vector; vector++) {
		if (get_user_u64(&string, vector))
			return -EFAULT;
		if (!string)
			break;
		error = string_from_user(strings, (const char __user *)string);
		if (error)
			return error;
	}
	return 0;
}

/* Strings and pointers together may take a quarter of the stack, and no more than Linux allows. */
static size_t strings_limit(void)
{
	return MAX(MIN(limit_of(RLIMIT_STACK) / 4, 6ul << 20), 32 * PAGE_SIZE);
}

static size_t arguments_size(const struct exec_arguments *arguments)
{
	return arguments->arguments.size + arguments->environment.size +
	       (arguments->arguments.count + arguments->environment.count) * sizeof(vaddr_t);
}

/* Reads the beginning of a file. Returns the bytes read or -errno. */
static ssize_t read_header(struct file *file, char header[EXEC_HEADER_SIZE])
{
	memset(header, 0, EXEC_HEADER_SIZE);
	return file_read_at(file, header, EXEC_HEADER_SIZE, 0);
}

/* The interpreter and its argument take the place of argv[0]; the script's own path follows. */
static int script_arguments(struct exec_strings *strings, const char *path, const char *interpreter,
			    const char *argument)
{
	int error;

	strings_drop_front(strings);
	error = strings_add_front(strings, path);
	if (!error && argument)
		error = strings_add_front(strings, argument);
	if (!error)
		error = strings_add_front(strings, interpreter);
	return error;
}

/*
 * Follows scripts to the program that runs in the end: image->file, and `header` from it. `path` is
 * replaced by that program's.
 */
static int resolve(char *path, struct exec_arguments *arguments, struct exec_image *image,
		   char *header, ssize_t *header_size)
{
	char *interpreter, *argument;
	int error;

	for (unsigned depth = 0;; depth++) {
		image->file = file_open_executable(path);
		if (IS_ERR(image->file)) {
			error = (int)PTR_ERR(image->file);
			image->file = NULL;
			return error;
		}
		*header_size = read_header(image->file, header);
		if (*header_size < 0)
			return (int)*header_size;
		if (header[0] != '#' || header[1] != '!')
			return 0;
		if (depth > EXEC_INTERPRETERS_MAX)
			return -ELOOP;
		error = script_parse(header, (size_t)*header_size, &interpreter, &argument);
		if (!error)
			error = script_arguments(&arguments->arguments, path, interpreter,
						 argument);
		if (error)
			return error;
		file_put(image->file);
		image->file = NULL;
		strlcpy(path, interpreter, PATH_SIZE);
	}
}

static void comm_from_path(char comm[COMM_SIZE], const char *path)
{
	const char *slash = strrchr(path, '/');

	strlcpy(comm, slash ? slash + 1 : path, COMM_SIZE);
}

/* Maps and fills a new space for the file in the image. */
static int build_space(const char *path, const char *header, size_t header_size,
		       const struct exec_arguments *arguments, struct exec_image *image)
{
	struct elf_loaded loaded;
	int error;

	image->space = space_create();
	if (!image->space)
		return -ENOMEM;
	error = elf_load(image->file, header, header_size, image->space, &loaded);
	if (!error)
		error = stack_build(path, arguments, &loaded, image);
	if (!error)
		image->entry = loaded.entry;
	return error;
}

static void exec_discard(struct exec_image *image)
{
	if (image->space)
		space_put(image->space);
	if (image->file)
		file_put(image->file);
}

int exec_prepare(const char *path, struct exec_arguments *arguments, struct exec_image *image)
{
	char *buffer = kmalloc(PATH_SIZE + EXEC_HEADER_SIZE);
	char *header;
	ssize_t header_size = 0;
	int error;

	*image = (struct exec_image){ .file = NULL };
	if (!buffer)
		return -ENOMEM;
	header = buffer + PATH_SIZE;
	strlcpy(buffer, path, PATH_SIZE);
	comm_from_path(image->comm, path);
	error = resolve(buffer, arguments, image, header, &header_size);
	if (!error && arguments_size(arguments) > strings_limit())
		error = -E2BIG;
	if (!error)
		error = build_space(path, header, (size_t)header_size, arguments, image);
	kfree(buffer);
	if (error)
		exec_discard(image);
	return error;
}

void exec_commit(struct thread *thread, struct exec_image *image)
{
	struct process *process = thread->process;
	struct space *old = process->space, *left = NULL;
	struct file *old_file = process->executable;

	count_event(COUNT_execs);
	if (IS_ENABLED(CONFIG_TRACE))
		trace_text(TRACE_exec, process->pid, image->comm);
	spin_lock(&process_tree_lock); /* whoever reads /proc takes references under it */
	process->space = image->space;
	if (thread == current_thread())
		left = space_activate(image->space);
	process->executable = image->file;
	memcpy(process->comm, image->comm, COMM_SIZE);
	process->executed = true;
	process_vfork_done(process);
	spin_unlock(&process_tree_lock);
	signals_reset(process);
	descriptors_close_on_exec(process->descriptors);
	thread->clear_tid = thread->robust_list = 0;
	thread->signal_stack = (struct signal_stack){ .size = 0 };
	thread->restart.call = NULL;
	thread->context.fs_base = thread->context.gs_base = 0;
	if (thread == current_thread()) {
		context_load_fs(0);
		context_load_gs(0);
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

static int copy_arguments(struct exec_arguments *arguments, const vaddr_t __user *argv,
			  const vaddr_t __user *envp)
{
	int error;

	arguments->arguments.limit = arguments->environment.limit = strings_limit();
	error = strings_from_user(&arguments->arguments, argv);
	if (!error)
		error = strings_from_user(&arguments->environment, envp);
	/* As Linux does since 5.18: a program never sees an empty argument vector. */
	if (!error && !arguments->arguments.count)
		error = exec_strings_add(&arguments->arguments, "");
	return error;
}

long sys_execve(const char __user *path, const vaddr_t __user *argv, const vaddr_t __user *envp)
{
	struct exec_arguments arguments = { .arguments = { .bytes = NULL } };
	struct exec_image image;
	char *kernel_path = kmalloc(PATH_SIZE);
	ssize_t length;
	int error;

	if (!kernel_path)
		return -ENOMEM;
	length = strncpy_from_user(kernel_path, path, PATH_SIZE);
	error = length < 0 ? (int)length : length ? 0 : -ENOENT;
	if (!error)
		error = copy_arguments(&arguments, argv, envp);
	if (!error)
		error = exec_prepare(kernel_path, &arguments, &image);
	if (!error) {
		error = threads_end_others();
		if (error)
			exec_discard(&image);
		else
			exec_commit(current_thread(), &image);
	}
	exec_arguments_free(&arguments);
	kfree(kernel_path);
	return error;
}
