/*
 * capability.h -- what root's rights are divided into: who has one may what it names.
 *
 * A process has five sets of them (struct capabilities), which setuid, exec, capset and prctl
 * change. Files have none. Source: capabilities(7).
 */
#ifndef FACET_CAPABILITY_H
#define FACET_CAPABILITY_H

#include <facet/process.h>

/* Those that something here asks for; the numbers are Linux's. */
enum capability {
	CAP_CHOWN = 0,
	CAP_DAC_OVERRIDE = 1,
	CAP_DAC_READ_SEARCH = 2,
	CAP_FOWNER = 3,
	CAP_FSETID = 4,
	CAP_KILL = 5,
	CAP_SETGID = 6,
	CAP_SETUID = 7,
	CAP_SETPCAP = 8,
	CAP_IPC_LOCK = 14,
	CAP_SYS_CHROOT = 18,
	CAP_SYS_PTRACE = 19,
	CAP_SYS_ADMIN = 21,
	CAP_SYS_BOOT = 22,
	CAP_SYS_NICE = 23,
	CAP_SYS_RESOURCE = 24,
	CAP_SYS_TIME = 25,
	CAP_SYS_TTY_CONFIG = 26,
	CAP_MKNOD = 27,
	CAP_AUDIT_CONTROL = 30,
	CAP_SYSLOG = 34,
};

#define CAPABILITY_LAST 40 /* Linux 6.1's */
#define CAPABILITIES_ALL ((1ull << (CAPABILITY_LAST + 1)) - 1)

static inline bool capability_in(uint64_t set, unsigned capability)
{
	return set >> capability & 1;
}

/* Whether the current process may what it names. */
static inline bool capable(enum capability capability)
{
	return capability_in(current_process()->credentials.capabilities.effective, capability);
}

/* What access(2) asks with, and its like: as a new program of the real ids would have them. */
uint64_t capabilities_of_real_ids(const struct credentials *credentials);

/* All of these: tree lock held. `old` is what the credentials were before the call. */

/* The user ids have changed, all but the one for files; that one has. */
void capabilities_change_user(struct credentials *own, const struct credentials *old);
void capabilities_change_file_user(struct credentials *own, uid_t old);
/*
 * The process, with the ids of the new program, has executed it; no_new: prctl(2),
 * PR_SET_NO_NEW_PRIVS. Returns whether it has a right that it could not have had before.
 */
bool capabilities_exec(struct credentials *own, bool no_new);

#endif
