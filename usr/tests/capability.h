/*
 * capability.h -- a process's capabilities as sets of 64, for the tests of them.
 */
#pragma once

#include "tap.h"

#include <sys/prctl.h>

#define VERSION_3 0x20080522
#define BIT(capability) (1ul << (capability))

enum {
	CHOWN = 0,
	DAC_OVERRIDE = 1,
	DAC_READ_SEARCH = 2,
	FOWNER = 3,
	FSETID = 4,
	KILL = 5,
	SETGID_ = 6,
	SETUID_ = 7,
	SETPCAP = 8,
	IPC_LOCK = 14,
	SYS_CHROOT = 18,
	SYS_PTRACE = 19,
	SYS_ADMIN = 21,
	SYS_BOOT = 22,
	SYS_NICE = 23,
	SYS_TIME = 25,
	MKNOD = 27,
};

struct sets {
	uint64_t effective, permitted, inheritable;
};

static uint64_t all; /* what this process began with */

static inline struct sets get(void)
{
	uint32_t header[] = { VERSION_3, 0 }, data[2][3];

	must(sys(SYS_capget, header, data) ? -1 : 0);
	return (struct sets){ data[0][0] | (uint64_t)data[1][0] << 32,
			      data[0][1] | (uint64_t)data[1][1] << 32,
			      data[0][2] | (uint64_t)data[1][2] << 32 };
}

static inline long set(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	uint32_t header[] = { VERSION_3, 0 };
	uint32_t data[2][3] = {
		{ (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
		{ (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32),
		  (uint32_t)(inheritable >> 32) },
	};

	return sys(SYS_capset, header, data);
}

static inline bool has(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct sets sets = get();
	bool same = sets.effective == effective && sets.permitted == permitted &&
		    sets.inheritable == inheritable;

	if (!same)
		diag("has %lx %lx %lx", sets.effective, sets.permitted, sets.inheritable);
	return same;
}

/* Only this one in force, or none of them but this one. */
static inline void only(int capability)
{
	must(set(BIT(capability), all, 0) ? -1 : 0);
}

static inline void without(int capability)
{
	must(set(all & ~BIT(capability), all, 0) ? -1 : 0);
}
