/*
 * strace.h -- the tracing of system calls: its hooks, which are nothing without CONFIG_STRACE.
 */
#ifndef FACET_STRACE_H
#define FACET_STRACE_H

#include <facet/config.h>
#include <facet/types.h>

struct process;
struct siginfo;
struct strace_line;
struct trap_frame;

/* Of a thread: the call that it is in. */
struct strace_state {
#ifdef CONFIG_STRACE
	struct strace_line *line; /* NULL: none, or not traced */
#endif
};

#define STRACE_ALL (-1) /* in place of a pid: everybody */

#ifdef CONFIG_STRACE

/* Around each call, from entry.asm: the arguments and the result are in the frame. */
void strace_enter(const struct trap_frame *frame);
void strace_leave(const struct trap_frame *frame);

/* A process ends with wait(2)'s status; a signal is acted on. */
void strace_process_end(const struct process *process, int status);
void strace_signal(const struct siginfo *info);

/* At boot: strace=PID or strace=all of the command line. */
void strace_boot(void);
/* A process is made, and not published yet; `parent` is NULL for the first one. */
void strace_inherit(struct process *child, const struct process *parent);

/* Begins or ends the tracing of a process, or of STRACE_ALL. Returns 0 or -ESRCH. */
int strace_follow(pid_t pid, bool follow);

#else

static inline void strace_process_end(const struct process *process, int status)
{
	(void)process, (void)status;
}

static inline void strace_signal(const struct siginfo *info)
{
	(void)info;
}

static inline void strace_boot(void)
{
}

static inline void strace_inherit(struct process *child, const struct process *parent)
{
	(void)child, (void)parent;
}

#endif

#endif
