/*
 * process_timers.h -- the life of the timers that a process owns: interval timers and POSIX timers.
 */
#ifndef FACET_PROCESS_TIMERS_H
#define FACET_PROCESS_TIMERS_H

struct process;

/*
 * exec keeps the interval timers alone; what POSIX timers have sent and nobody took is forgotten.
 * Context: the process's only thread, no lock held.
 */
void posix_timers_delete_all(struct process *process);

/* The process ends, and is still the current one. The same context. */
void process_timers_end(struct process *process);

#endif
