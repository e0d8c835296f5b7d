/*
 * brk, mmap, munmap, mprotect: arguments as Linux x86_64 passes them, for map.c.
 *
 * Source: mmap(2), mprotect(2), brk(2).
 */
#include <facet/err.h>
#include <facet/file.h>
#include <facet/process.h>
#include <facet/space.h>
#include <facet/syscalls.h>

#include "mm_private.h"

#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define PROT_SEM 8 /* accepted and without meaning, as on Linux */
#define PROT_GROWSDOWN 0x01000000
#define PROT_GROWSUP 0x02000000
#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM)

#define MAP_SHARED 0x01
#define MAP_PRIVATE 0x02
#define MAP_SHARED_VALIDATE 0x03
#define MAP_TYPE 0x0f
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_32BIT 0x40
#define MAP_GROWSDOWN 0x100
#define MAP_LOCKED 0x2000
#define MAP_POPULATE 0x8000
#define MAP_NONBLOCK 0x10000
#define MAP_HUGETLB 0x40000
#define MAP_FIXED_NOREPLACE 0x100000

/*
 * What MAP_SHARED_VALIDATE knows: it takes no flag that is newer than itself. MAP_SYNC is one that
 * it refuses, since there is no memory that outlives the machine's power.
 */
#define MAP_DENYWRITE 0x800
#define MAP_EXECUTABLE 0x1000
#define MAP_NORESERVE 0x4000
#define MAP_STACK 0x20000
#define MAP_KNOWN                                                                           \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT | MAP_GROWSDOWN | MAP_DENYWRITE | \
	 MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK)

static uint32_t area_rights(int prot)
{
	return (prot & PROT_READ ? AREA_READ : 0) | (prot & PROT_WRITE ? AREA_WRITE : 0) |
	       (prot & PROT_EXEC ? AREA_EXEC : 0);
}

long sys_brk(vaddr_t end)
{
	struct space *space = current_process()->space;
	vaddr_t result = space_brk(space, end);

	if (unlikely(READ_ONCE(space->locks_of_new)))
		space_populate(space, space->brk_start, page_round_up(result), POPULATE_AS_ALLOWED);
	return (long)result;
}

static int check_file(struct file *file, int prot, bool shared, bool *anonymous)
{
	int error = file_may_map(file, anonymous);

	if (error == -EBADF)
		return error;
	if (!file_is_readable(file) || (shared && prot & PROT_WRITE && !file_is_writable(file)))
		return -EACCES;
	if (prot & PROT_EXEC && !file_may_execute(file))
		return -EPERM;
	return error;
}

/* The file behind a mapping; NULL for anonymous memory that is private. ERR_PTR(-errno). */
static struct file *file_to_map(int fd, size_t size, int prot, int flags)
{
	bool shared = (flags & MAP_TYPE) != MAP_PRIVATE, anonymous = flags & MAP_ANONYMOUS;
	struct file *file;
	int error;

	if (!anonymous) {
		file = descriptor_get(fd);
		if (!file)
			return ERR_PTR(-EBADF);
		error = check_file(file, prot, shared, &anonymous);
		if (!error && !anonymous)
			return file;
		file_put(file);
		if (error)
			return ERR_PTR(error);
	}
	if (!shared)
		return NULL;
	file = file_create_anonymous("dev/zero", page_round_up(size));
	return file ? file : ERR_PTR(-ENOMEM);
}

/* What sort of area it becomes, or -errno. */
static int area_flags_of(int prot, int flags)
{
	uint32_t area_flags = area_rights(prot);

	switch (flags & MAP_TYPE) {
	case MAP_PRIVATE:
		break;
	case MAP_SHARED_VALIDATE:
		if (flags & MAP_ANONYMOUS)
			return -EINVAL;
		if (flags & ~MAP_KNOWN)
			return -EOPNOTSUPP;
		/* fall through */
	case MAP_SHARED:
		if (flags & MAP_GROWSDOWN)
			return -EINVAL;
		area_flags |= AREA_SHARED;
		break;
	default:
		return -EINVAL;
	}
	if (flags & MAP_GROWSDOWN)
		area_flags |= AREA_GROWS_DOWN;
	if (flags & MAP_LOCKED)
		area_flags |= AREA_LOCKED;
	if (flags & MAP_NORESERVE && commit_mode() != COMMIT_STRICT)
		area_flags |= AREA_NO_RESERVE;
	return (int)area_flags;
}

static enum map_place place_of(int flags)
{
	if (flags & MAP_FIXED_NOREPLACE)
		return MAP_NO_REPLACE;
	if (flags & MAP_FIXED)
		return MAP_REPLACE;
	return flags & MAP_32BIT ? MAP_LOW : MAP_ANYWHERE;
}

long sys_mmap(vaddr_t address, size_t size, int prot, int flags, int fd, off_t offset)
{
	struct space *space = current_process()->space;
	int area_flags = area_flags_of(prot, flags);
	struct file *file;
	long result;

	if (area_flags < 0)
		return area_flags;
	if (!size || offset & ~PAGE_MASK || flags & MAP_HUGETLB)
		return -EINVAL;
	if (size > USER_END)
		return -ENOMEM;
	if (offset < 0 || (uint64_t)offset + page_round_up(size) > INT64_MAX)
		return -EOVERFLOW;
	if (flags & MAP_LOCKED && !space_may_lock_at_all())
		return -EPERM;
	file = file_to_map(fd, size, prot, flags);
	if (IS_ERR(file))
		return PTR_ERR(file);
	if (flags & MAP_ANONYMOUS)
		offset = 0;
	result = space_map(space, address, size, (uint32_t)area_flags, place_of(flags), file,
			   (uint64_t)offset);
	if (file)
		file_put(file);
	if (result > 0 && ((flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE ||
			   (READ_ONCE(space->locks_of_new) | (uint32_t)area_flags) & AREA_LOCKED))
		space_populate(space, (vaddr_t)result, (vaddr_t)result + page_round_up(size),
			       POPULATE_AS_ALLOWED);
	return result;
}

long sys_munmap(vaddr_t address, size_t size)
{
	return space_unmap(current_process()->space, address, size);
}

long sys_mprotect(vaddr_t address, size_t size, int prot)
{
	bool down = prot & PROT_GROWSDOWN, up = prot & PROT_GROWSUP;

	prot &= ~(PROT_GROWSDOWN | PROT_GROWSUP);
	if (down && up)
		return -EINVAL;
	if (prot & ~PROT_ALL)
		return size || address & ~PAGE_MASK ? -EINVAL : 0;
	return space_protect(current_process()->space, address, size, area_rights(prot),
			     down ? PROTECT_DOWNWARDS
			     : up ? PROTECT_UPWARDS
				  : PROTECT_RANGE);
}
