/*
 * The dispatch table, and what is not there: both from table.def.
 *
 * entry.asm calls through the table with the number in bounds. A call that is not offered is
 * ENOSYS, and logged with its name the first time that somebody asks for it. No lock: a race logs a
 * line twice.
 */
#include <arch/trap_frame.h>
#include <facet/bitmap.h>
#include <facet/errno.h>
#include <facet/printk.h>
#include <facet/process.h>
#include <facet/syscalls.h>

#include "syscall.h"

#define SYSCALL_LIMIT 512
#define RSEQ 334 /* glibc's start-up asks for it in every program, and does without: no news */

#define SYSCALL(number, name, function, room, note) [number] = #name,
#define ABSENT(number, name) [number] = #name,
static const char *const names[SYSCALL_LIMIT] = {
#include "table.def"
};
#undef SYSCALL
#undef ABSENT

#define SYSCALL(number, name, function, room, note) [number] = (void *)function,
#define ABSENT(number, name)
void *const syscall_table[SYSCALL_LIMIT] = {
	[0 ... SYSCALL_LIMIT - 1] = (void *)syscall_unknown,
#include "table.def"
};
#undef SYSCALL
#undef ABSENT

const uint32_t syscall_count = SYSCALL_LIMIT;

long syscall_unknown(void)
{
	static uint64_t logged[BITMAP_WORDS(SYSCALL_LIMIT)];
	uint32_t number = (uint32_t)thread_frame(current_thread())->orig_rax;
	const char *name = number < SYSCALL_LIMIT ? names[number] : NULL;

	if (name && !bitmap_test(logged, number)) {
		bitmap_set(logged, number);
		printk(number == RSEQ ? LOG_DEBUG : LOG_INFO,
		       "%s[%d]: system call %s (%u) is not offered\n", current_process()->comm,
		       current_process()->pid, name, number);
	}
	return -ENOSYS;
}
