/*
 * personality: the few ways in which a program may see an older or narrower Linux.
 *
 * What Linux itself makes nothing of for a 64-bit program is taken and kept; what would change how
 * memory is laid out or how select counts is refused. Source: personality(2).
 */
#include <facet/errno.h>
#include <facet/syscalls.h>

#include "process_private.h"

#define PERSONALITY_ASK UINT32_MAX

enum {
	FDPIC_FUNCPTRS = 0x0080000,
	ADDR_NO_RANDOMIZE = 0x0040000, /* as it is */
	ADDR_LIMIT_32BIT = 0x0800000,
	SHORT_INODE = 0x1000000,
	WHOLE_SECONDS = 0x2000000,
	ADDR_LIMIT_3GB = 0x8000000,
};

#define ACCEPTED                                                                         \
	(PERSONALITY_DOMAIN | PERSONALITY_UNAME26 | FDPIC_FUNCPTRS | ADDR_NO_RANDOMIZE | \
	 ADDR_LIMIT_32BIT | SHORT_INODE | WHOLE_SECONDS | ADDR_LIMIT_3GB)

long sys_personality(unsigned wanted)
{
	struct thread *thread = current_thread();
	uint32_t old = thread->attributes.personality, domain = wanted & PERSONALITY_DOMAIN;

	if (wanted == PERSONALITY_ASK)
		return old;
	if (wanted & ~ACCEPTED || (domain && domain != PERSONALITY_LINUX32))
		return -EINVAL;
	thread->attributes.personality = wanted;
	return old;
}
