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

#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

#define MAP_SHARED 0x01
#define MAP_PRIVATE 0x02
#define MAP_SHARED_VALIDATE 0x03
#define MAP_TYPE 0x0f
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_GROWSDOWN 0x100
#define MAP_HUGETLB 0x40000
#define MAP_FIXED_NOREPLACE 0x100000

#define MAP_REFUSED (MAP_GROWSDOWN | MAP_HUGETLB)

/*
 * What MAP_SHARED_VALIDATE knows; the others of these need nothing done where memory is never paged
 * out.
 */
#define MAP_DENYWRITE 0x800
#define MAP_EXECUTABLE 0x1000
#define MAP_LOCKED 0x2000
#define MAP_NORESERVE 0x4000
#define MAP_POPULATE 0x8000
#define MAP_NONBLOCK 0x10000
#define MAP_STACK 0x20000
#define MAP_KNOWN                                                                             \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED | \
	 MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_FIXED_NOREPLACE)

static uint32_t area_rights(int prot)
{
	return (prot & PROT_READ ? AREA_READ : 0) | (prot & PROT_WRITE ? AREA_WRITE : 0) |
	       (prot & PROT_EXEC ? AREA_EXEC : 0);
}

long sys_brk(vaddr_t end)
{
	return (long)space_brk(current_process()->space, end);
}

/* The file behind a mapping; NULL for anonymous memory that is private. ERR_PTR(-errno). */
static struct file *file_to_map(int fd, size_t size, int prot, int flags)
{
	bool shared = (flags & MAP_TYPE) != MAP_PRIVATE, anonymous = false;
	struct file *file;
	int error;

	if (flags & MAP_ANONYMOUS) {
		if (!shared)
			return NULL;
		file = file_create_anonymous("/dev/zero", page_round_up(size));
		return file ? file : ERR_PTR(-ENOMEM);
	}
	file = descriptor_get(fd);
	if (!file)
		return ERR_PTR(-EBADF);
	error = file_may_map(file, &anonymous);
	if (!error &&
	    (!file_is_readable(file) || (shared && prot & PROT_WRITE && !file_is_writable(file))))
		error = -EACCES;
	if (error) {
		file_put(file);
		return ERR_PTR(error);
	}
	if (anonymous && !shared) {
		file_put(file);
		return NULL;
	}
	return file;
}

long sys_mmap(vaddr_t address, size_t size, int prot, int flags, int fd, off_t offset)
{
	enum map_place place = flags & MAP_FIXED_NOREPLACE ? MAP_NO_REPLACE
			       : flags & MAP_FIXED         ? MAP_REPLACE
							   : MAP_ANYWHERE;
	uint32_t area_flags = area_rights(prot);
	struct file *file;
	long result;

	switch (flags & MAP_TYPE) {
	case MAP_PRIVATE:
		break;
	case MAP_SHARED_VALIDATE:
		if (flags & ~MAP_KNOWN)
			return -EOPNOTSUPP;
		/* fall through */
	case MAP_SHARED:
		area_flags |= AREA_SHARED;
		break;
	default:
		return -EINVAL;
	}
	if (!size || offset & ~PAGE_MASK || flags & MAP_REFUSED || prot & ~PROT_ALL)
		return -EINVAL;
	if (size > USER_END)
		return -ENOMEM;
	if (offset < 0 || (uint64_t)offset + page_round_up(size) > INT64_MAX)
		return -EOVERFLOW;
	file = file_to_map(fd, size, prot, flags);
	if (IS_ERR(file))
		return PTR_ERR(file);
	if (flags & MAP_ANONYMOUS)
		offset = 0;
	result = space_map(current_process()->space, address, size, area_flags, place, file,
			   (uint64_t)offset);
	if (file)
		file_put(file);
	return result;
}

long sys_munmap(vaddr_t address, size_t size)
{
	return space_unmap(current_process()->space, address, size);
}

long sys_mprotect(vaddr_t address, size_t size, int prot)
{
	if (prot & ~PROT_ALL)
		return -EINVAL;
	return space_protect(current_process()->space, address, size, area_rights(prot));
}
