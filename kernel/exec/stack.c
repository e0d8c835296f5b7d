/*
 * The stack that a program finds: argument count, vectors, auxiliary vector, and the strings above
 * them.
 *
 * Source: System V ABI, AMD64 supplement, 3.4.1 "Initial Stack and Register State"; getauxval(3).
 */
#include <arch/cpu.h>
#include <arch/signal_frame.h>
#include <facet/elf_image.h>
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/slab.h>
#include <facet/space.h>
#include <facet/string.h>

#include "exec_private.h"

/* clang-format off */
enum {
	AT_NULL = 0, AT_PHDR = 3, AT_PHENT = 4, AT_PHNUM = 5, AT_PAGESZ = 6, AT_BASE = 7,
	AT_FLAGS = 8, AT_ENTRY = 9, AT_UID = 11, AT_EUID = 12, AT_GID = 13, AT_EGID = 14,
	AT_PLATFORM = 15, AT_HWCAP = 16, AT_CLKTCK = 17, AT_SECURE = 23, AT_RANDOM = 25,
	AT_HWCAP2 = 26, AT_EXECFN = 31, AT_MINSIGSTKSZ = 51,
};
/* clang-format on */

#define RANDOM_SIZE 16
#define AUXILIARY_WORDS 48
#define STACK_GAP_MIN (128ul << 20) /* between the stack's top and where mmap begins, as on Linux */

/* Writes downwards from `top`. */
struct stack_writer {
	struct space *space;
	vaddr_t top;
	int error;
};

static vaddr_t stack_push(struct stack_writer *stack, const void *bytes, size_t size)
{
	stack->top -= size;
	if (!stack->error)
		stack->error = space_write(stack->space, stack->top, bytes, size);
	return stack->top;
}

/* Not for secrets: a start value for stack protectors, from the time-stamp counter. */
static void random_bytes(uint64_t words[2])
{
	uint64_t state = rdtsc() ^ (uint64_t)current_process() << 16;

	for (int i = 0; i < 2; i++) {
		state += 0x9e3779b97f4a7c15ul; /* splitmix64 */
		words[i] = (state ^ state >> 30) * 0xbf58476d1ce4e5b9ul;
		words[i] = (words[i] ^ words[i] >> 27) * 0x94d049bb133111ebul;
		words[i] ^= words[i] >> 31;
	}
}

static void auxiliary_add(uint64_t *words, size_t *count, uint64_t type, uint64_t value)
{
	words[(*count)++] = type;
	words[(*count)++] = value;
}

/* A C library trusts nothing that the caller can set, if the program may what he may not. */
static void auxiliary_add_ids(uint64_t *words, size_t *count, const struct exec_image *image)
{
	const struct credentials *own = &current_process()->credentials;
	uid_t euid = image->sets_uid ? image->euid : own->euid;
	gid_t egid = image->sets_gid ? image->egid : own->egid;

	auxiliary_add(words, count, AT_UID, own->uid);
	auxiliary_add(words, count, AT_EUID, euid);
	auxiliary_add(words, count, AT_GID, own->gid);
	auxiliary_add(words, count, AT_EGID, egid);
	auxiliary_add(words, count, AT_SECURE, own->uid != euid || own->gid != egid);
}

/* Without AT_SYSINFO_EHDR: there is no vDSO, and a C library makes the calls themselves. */
static size_t auxiliary_vector(uint64_t words[AUXILIARY_WORDS], const struct elf_loaded *loaded,
			       const struct exec_image *image, vaddr_t random, vaddr_t platform,
			       vaddr_t path)
{
	uint32_t a, b, c, d;
	size_t count = 0;

	cpuid(1, 0, &a, &b, &c, &d);
	auxiliary_add(words, &count, AT_MINSIGSTKSZ, signal_frame_size_max());
	auxiliary_add(words, &count, AT_HWCAP, d);
	auxiliary_add(words, &count, AT_PAGESZ, PAGE_SIZE);
	auxiliary_add(words, &count, AT_CLKTCK, 100);
	auxiliary_add(words, &count, AT_PHDR, loaded->phdr_address);
	auxiliary_add(words, &count, AT_PHENT, sizeof(struct elf_phdr));
	auxiliary_add(words, &count, AT_PHNUM, loaded->phdr_count);
	auxiliary_add(words, &count, AT_BASE, loaded->interpreter_base);
	auxiliary_add(words, &count, AT_FLAGS, 0);
	auxiliary_add(words, &count, AT_ENTRY, loaded->entry);
	auxiliary_add_ids(words, &count, image);
	auxiliary_add(words, &count, AT_RANDOM, random);
	auxiliary_add(words, &count, AT_HWCAP2, 0); /* FSGSBASE and ring 3 MWAIT are off */
	auxiliary_add(words, &count, AT_EXECFN, path);
	auxiliary_add(words, &count, AT_PLATFORM, platform);
	auxiliary_add(words, &count, AT_NULL, 0);
	return count;
}

/* Addresses of the strings that start at `address`, and a NULL. Returns the word behind it. */
static uint64_t *string_addresses(uint64_t *word, const struct exec_strings *strings,
				  vaddr_t address)
{
	const char *string = strings->bytes;

	for (size_t i = 0; i < strings->count; i++) {
		*word++ = address + (vaddr_t)(string - strings->bytes);
		string += strlen(string) + 1;
	}
	*word++ = 0;
	return word;
}

static void push_vectors(struct stack_writer *stack, const struct exec_arguments *arguments,
			 const uint64_t *auxiliary, size_t auxiliary_count)
{
	struct space *space = stack->space;
	size_t count = 1 + arguments->arguments.count + 1 + arguments->environment.count + 1 +
		       auxiliary_count;
	uint64_t *words = kmalloc(count * sizeof(*words)), *word = words;

	if (!words) {
		stack->error = -ENOMEM;
		return;
	}
	*word++ = arguments->arguments.count;
	word = string_addresses(word, &arguments->arguments, space->arg_start);
	word = string_addresses(word, &arguments->environment, space->env_start);
	memcpy(word, auxiliary, auxiliary_count * sizeof(*word));
	/* RSP is a multiple of 16 at entry. */
	stack->top = (stack->top - count * sizeof(*words)) & ~15ul;
	stack->top += count * sizeof(*words);
	space->auxiliary_end = stack->top;
	space->auxiliary_start = stack->top - auxiliary_count * sizeof(*words);
	stack_push(stack, words, count * sizeof(*words));
	kfree(words);
}

void stack_place(struct space *space)
{
	uint64_t gap = MIN(MAX(limit_of(RLIMIT_STACK), STACK_GAP_MIN), USER_END / 6 * 5);

	space->stack_top = USER_STACK_TOP;
	space->mmap_top = space->mmap_hint = page_round_down(USER_STACK_TOP - gap);
}

/* The stack's first pages, with room for what stack_build() writes. */
static int map_stack(struct space *space, const struct exec_arguments *arguments, bool executable)
{
	uint32_t flags = AREA_READ | AREA_WRITE | AREA_STACK | (executable ? AREA_EXEC : 0);
	size_t strings = arguments->arguments.size + arguments->environment.size;
	size_t vectors = (arguments->arguments.count + arguments->environment.count) *
			 sizeof(vaddr_t);
	size_t size = page_round_up(strings + vectors + PAGE_SIZE);
	int64_t result;

	if (area_breaks_wx(flags))
		return -ENOEXEC;
	result = space_map(space, USER_STACK_TOP - size, size, flags, MAP_NO_REPLACE, NULL, 0);
	return result < 0 ? (int)result : 0;
}

int stack_build(const char *path, const struct exec_arguments *arguments,
		const struct elf_loaded *loaded, struct exec_image *image)
{
	static const char platform_name[] = "x86_64";
	struct space *space = image->space;
	struct stack_writer stack = { .space = space, .top = USER_STACK_TOP };
	uint64_t auxiliary[AUXILIARY_WORDS], random[RANDOM_SIZE / sizeof(uint64_t)];
	vaddr_t path_address, platform;
	size_t count;

	space->brk_start = space->brk = page_round_up(loaded->end);
	stack.error = map_stack(space, arguments, loaded->stack_executable);
	if (stack.error)
		return stack.error;
	stack.top -= sizeof(uint64_t); /* Linux ends the stack with a word of zeros */
	path_address = stack_push(&stack, path, strlen(path) + 1);
	space->env_end = stack.top;
	space->env_start = stack_push(&stack, arguments->environment.bytes,
				      arguments->environment.size);
	space->arg_end = stack.top;
	space->arg_start = stack_push(&stack, arguments->arguments.bytes,
				      arguments->arguments.size);
	platform = stack_push(&stack, platform_name, sizeof(platform_name));
	random_bytes(random);
	stack.top &= ~15ul;
	count = auxiliary_vector(auxiliary, loaded, image,
				 stack_push(&stack, random, sizeof(random)), platform,
				 path_address);
	push_vectors(&stack, arguments, auxiliary, count);
	image->stack = stack.top;
	return stack.error;
}
