/*
 * uaccess.h -- the only way to user memory.
 *
 * Every function takes any 64-bit value as a user pointer, and a bad one is -EFAULT, never a kernel
 * error: the access has a fix-up. Under SMAP the window is open only inside. Page faults on the way
 * take the space lock and may sleep, so no spinlock and no space lock may be held.
 * Context: thread.
 */
#ifndef ARCH_UACCESS_H
#define ARCH_UACCESS_H

#include <arch/layout.h>
#include <facet/types.h>

/* Whole or -EFAULT; then some of the bytes may have been copied. */
int copy_from_user(void *to, const void __user *from, size_t size);
int copy_to_user(void __user *to, const void *from, size_t size);

/*
 * A structure that grows from version to version: the caller's of `from_size` bytes into one of
 * `size`. What is missing is zero, and what is not known must be: -E2BIG, with nothing copied.
 */
int copy_struct_from_user(void *to, size_t size, const void __user *from, size_t from_size);

/* Bytes that could not be copied; for read and write, which report short counts. */
size_t copy_from_user_partial(void *to, const void __user *from, size_t size);
size_t copy_to_user_partial(void __user *to, const void *from, size_t size);

/*
 * Copies a string with its NUL. Returns its length, -EFAULT, or -ENAMETOOLONG when `size` does not
 * hold it.
 */
ssize_t strncpy_from_user(char *to, const char __user *from, size_t size);

/* Scalars; a few instructions. */
int get_user_u64(uint64_t *value, const uint64_t __user *from);
int get_user_u32(uint32_t *value, const uint32_t __user *from);
int put_user_u64(uint64_t value, uint64_t __user *to);
int put_user_u32(uint32_t value, uint32_t __user *to);

/*
 * One member of each of `count` structures of `stride` bytes, which lie in the same order on both
 * sides.
 */
int put_user_u16_each(uint16_t __user *to, const uint16_t *from, size_t stride, size_t count);

/* Whether [address, address + size) lies in the user half; wraps are refused. */
static inline bool user_range_ok(vaddr_t address, size_t size)
{
	return size <= USER_END && address <= USER_END - size;
}

/*
 * The same under a spinlock: -EFAULT also when the page is not there, for it is not brought in.
 */
int get_user_u32_resident(uint32_t *value, const uint32_t __user *from);

/*
 * Atomic. 0 if `*expected` stood there and was replaced by `new`; -EAGAIN with `*expected` what
 * stands there; -EFAULT.
 */
int cmpxchg_user_u32(uint32_t __user *to, uint32_t *expected, uint32_t new);

/* Whether the kernel instruction is one that does not want its fault resolved. */
bool uaccess_is_resident_only(vaddr_t rip);

/* The fix-up for a faulting kernel instruction; 0: it has none, the fault is the kernel's own. */
vaddr_t uaccess_fixup(vaddr_t rip);

#endif
