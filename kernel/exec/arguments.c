/*
 * What a program is started with: its arguments and its environment, copied out of the caller's
 * memory before that goes.
 *
 * No lock; a copy is its caller's alone. Source: execve(2), "Limits on size of arguments and
 * environment".
 */
#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/slab.h>
#include <facet/string.h>

#include "exec_private.h"

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
int exec_strings_add_front(struct exec_strings *strings, const char *string)
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

void exec_strings_drop_front(struct exec_strings *strings)
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

bool exec_arguments_fit(const struct exec_arguments *arguments)
{
	return arguments_size(arguments) <= strings_limit();
}

int exec_arguments_copy(struct exec_arguments *arguments, const vaddr_t __user *argv,
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
