/*
 * uaccess.c -- the only way to user memory.
 *
 * A range is checked against the user half first, so that an access can only fault as a user page
 * does. The fault's handler resolves it, or finds the instruction in __ex_table and goes on at its
 * fix-up. The table has some ten entries and is looked at only then: a plain search does.
 */
#include <arch/cpu.h>
#include <arch/fixup.h>
#include <arch/layout.h>
#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/string.h>

typedef uint64_t unaligned_word __attribute__((aligned(1)));

struct fixup {
	vaddr_t instruction, goes_on;
};

extern const struct fixup __start___ex_table[], __stop___ex_table[];

/* user_copy.asm */
size_t user_copy(void *to, const void *from, size_t size);

/* With SMAP, the kernel reaches user memory only between these. */
static inline void window_open(void)
{
	if (cpu_features.smap)
		__asm__ volatile("stac" : : : "memory");
}

static inline void window_close(void)
{
	if (cpu_features.smap)
		__asm__ volatile("clac" : : : "memory");
}

/* One load or store; `fault` is the label to go on at when it cannot be done. */
#define user_load(value, from) \
	__asm__ goto("1:\tmov %1, %0" FIXUP : "=r"(value) : "m"(*(from)) : : fault)
#define user_store(value, to) \
	__asm__ goto("1:\tmov %1, %0" FIXUP : "=m"(*(to)) : "r"(value) : : fault)

size_t copy_from_user_partial(void *to, const void __user *from, size_t size)
{
	size_t left;

	if (!user_range_ok((vaddr_t)from, size))
		return size;
	window_open();
	left = user_copy(to, from, size);
	window_close();
	return left;
}

size_t copy_to_user_partial(void __user *to, const void *from, size_t size)
{
	size_t left;

	if (!user_range_ok((vaddr_t)to, size))
		return size;
	window_open();
	left = user_copy(to, from, size);
	window_close();
	return left;
}

int copy_from_user(void *to, const void __user *from, size_t size)
{
	return copy_from_user_partial(to, from, size) ? -EFAULT : 0;
}

static int check_zeros(vaddr_t from, size_t size)
{
	uint8_t bytes[64];

	for (size_t count, at = 0; at < size; at += count) {
		count = MIN(size - at, sizeof(bytes));
		if (copy_from_user(bytes, (const void __user *)(from + at), count))
			return -EFAULT;
		for (size_t i = 0; i < count; i++)
			if (bytes[i])
				return -E2BIG;
	}
	return 0;
}

int copy_struct_from_user(void *to, size_t size, const void __user *from, size_t from_size)
{
	size_t common = MIN(size, from_size);
	int error = check_zeros((vaddr_t)from + common, from_size - common);

	if (error)
		return error;
	memset((uint8_t *)to + common, 0, size - common);
	return copy_from_user(to, from, common);
}

int copy_to_user(void __user *to, const void *from, size_t size)
{
	return copy_to_user_partial(to, from, size) ? -EFAULT : 0;
}

/* The lowest bit of the result stands in the lowest zero byte of `word`; 0: there is none. */
static inline uint64_t zero_bytes(uint64_t word)
{
	return (word - 0x0101010101010101) & ~word & 0x8080808080808080;
}

static ssize_t copy_bytes(char *to, const char __user *from, size_t done, size_t limit)
{
	char byte;

	for (; done < limit; done++) {
		user_load(byte, from + done);
		to[done] = byte;
		if (!byte)
			return (ssize_t)done;
	}
	return -ENAMETOOLONG;
fault:
	return -EFAULT;
}

/*
 * Eight bytes at a time, as long as all eight may be read and written. A word may reach into a page
 * that is not there behind a string that ends before it: after a fault the bytes are tried singly.
 */
static ssize_t copy_string(char *to, const char __user *from, size_t limit)
{
	size_t done = 0;
	unaligned_word word;
	uint64_t zeros;

	for (; limit - done >= sizeof(word); done += sizeof(word)) {
		user_load(word, (const unaligned_word *)(from + done));
		*(unaligned_word *)(to + done) = word;
		zeros = zero_bytes(word);
		if (zeros)
			return (ssize_t)(done + (unsigned)__builtin_ctzl(zeros) / 8);
	}
fault:
	return copy_bytes(to, from, done, limit);
}

ssize_t strncpy_from_user(char *to, const char __user *from, size_t size)
{
	size_t limit;
	ssize_t length;

	if ((vaddr_t)from >= USER_END)
		return -EFAULT;
	limit = MIN(size, USER_END - (vaddr_t)from);
	window_open();
	length = copy_string(to, from, limit);
	window_close();
	/* What ends at the end of user memory was not too long: it went on where nothing is. */
	return length == -ENAMETOOLONG && limit < size ? -EFAULT : length;
}

#define define_scalar_access(type, suffix)                          \
	int get_user_##suffix(type *value, const type __user *from) \
	{                                                           \
		type loaded;                                        \
                                                                    \
		if (!user_range_ok((vaddr_t)from, sizeof(type)))    \
			return -EFAULT;                             \
		window_open();                                      \
		user_load(loaded, from);                            \
		window_close();                                     \
		*value = loaded;                                    \
		return 0;                                           \
	fault:                                                      \
		window_close();                                     \
		return -EFAULT;                                     \
	}                                                           \
	int put_user_##suffix(type value, type __user *to)          \
	{                                                           \
		if (!user_range_ok((vaddr_t)to, sizeof(type)))      \
			return -EFAULT;                             \
		window_open();                                      \
		user_store(value, to);                              \
		window_close();                                     \
		return 0;                                           \
	fault:                                                      \
		window_close();                                     \
		return -EFAULT;                                     \
	}

define_scalar_access(uint64_t, u64)
define_scalar_access(uint32_t, u32)

int put_user_u16_each(uint16_t __user *to, const uint16_t *from, size_t stride, size_t count)
{
	size_t size = count * stride;

	if (!user_range_ok((vaddr_t)to, size))
		return -EFAULT;
	window_open();
	for (size_t at = 0; at < size; at += stride)
		user_store(*(const uint16_t *)((const char *)from + at),
			   (uint16_t *)((char *)to + at));
	window_close();
	return 0;
fault:
	window_close();
	return -EFAULT;
}

/* One instruction, of which uaccess_is_resident_only() knows the place. */
extern const char resident_load[];

__attribute__((noinline, noclone)) static int load_resident(uint32_t *value,
							    const uint32_t __user *from)
{
	uint32_t loaded;

	__asm__ goto("resident_load:\n1:\tmov %1, %0" FIXUP : "=r"(loaded) : "m"(*from) : : fault);
	*value = loaded;
	return 0;
fault:
	return -EFAULT;
}

int get_user_u32_resident(uint32_t *value, const uint32_t __user *from)
{
	int error;

	if (!user_range_ok((vaddr_t)from, sizeof(*from)))
		return -EFAULT;
	window_open();
	error = load_resident(value, from);
	window_close();
	return error;
}

bool uaccess_is_resident_only(vaddr_t rip)
{
	return rip == (vaddr_t)resident_load;
}

int cmpxchg_user_u32(uint32_t __user *to, uint32_t *expected, uint32_t new)
{
	uint32_t found = *expected;

	if (!user_range_ok((vaddr_t)to, sizeof(*to)))
		return -EFAULT;
	window_open();
	__asm__ goto("1:\tlock cmpxchg %2, %1" FIXUP
		     : "+a"(found), "+m"(*to)
		     : "r"(new)
		     : "memory", "cc"
		     : fault);
	window_close();
	if (found == *expected)
		return 0;
	*expected = found;
	return -EAGAIN;
fault:
	window_close();
	return -EFAULT;
}

vaddr_t uaccess_fixup(vaddr_t rip)
{
	for (const struct fixup *f = __start___ex_table; f < __stop___ex_table; f++)
		if (f->instruction == rip)
			return f->goes_on;
	return 0;
}
