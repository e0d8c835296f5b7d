/*
 * process_private.h -- between the files of this room.
 */
#ifndef PROCESS_PRIVATE_H
#define PROCESS_PRIVATE_H

#include <facet/process.h>

/* personality(2): the execution domain, and a flag. */
#define PERSONALITY_DOMAIN 0xffu
#define PERSONALITY_LINUX32 8u
#define PERSONALITY_UNAME26 0x0020000u

/* --- table.c: tree lock held, except where noted --- */

/* -EAGAIN: none left. */
int pid_alloc(void);
/* Gives an id back unless a process, a group or a session still has it. */
void pid_release(pid_t id);
void table_insert(struct process *process);
void table_remove(struct process *process);
/* Threads whose id is not their process's. */
void table_insert_thread(struct thread *thread);
void table_remove_thread(struct thread *thread);

/* A group with one member more; it is made, in `session`, if it does not exist. NULL: no memory. */
struct group *group_join(struct process *process, pid_t id, struct session *session);
void group_leave(struct process *process);
void group_drop_if_empty(struct group *group);
/* Without a group yet; session_discard() takes back one that never got any. NULL: no memory. */
struct session *session_create(pid_t id);
void session_discard(struct session *session);

void table_init(void);

/* --- user.c: tree lock held --- */

struct user;
void user_init(void);
/* Counts one process more for a user. NULL: no memory. */
struct user *user_get(uid_t uid);
void user_put(struct user *user);
void user_count_again(struct user *user);
/* `count` processes of one are the other's, for whom one of them is counted already. */
void user_move(struct user *from, struct user *to, unsigned count);
unsigned user_process_count(const struct user *user);

/* --- process.c --- */

void process_free(struct process *process);
/* A pid, and a place among the user's processes; -EAGAIN or -ENOMEM. Takes the tree lock. */
int pid_for(const struct process *parent, struct user **user);
void pid_give_back(pid_t pid, struct user *user);
/* The same for a thread of the process's. */
int tid_for(struct process *process);
void tid_release(struct process *process, pid_t tid); /* tree lock held */

/* --- thread.c --- */

/* The only thread left takes over its process's pid. Tree lock held. */
void thread_become_first(struct process *process, struct thread *thread);
/* Off the list of threads. Tree lock held; takes signals.lock. */
void thread_leave(struct process *process, struct thread *thread);

/* --- capability.c, for prctl --- */

int capability_drop_bounding(unsigned long capability);
int capabilities_set_secure_bits(unsigned long bits);
bool capabilities_are_kept(void);
int capabilities_keep(bool keep);
int capabilities_set_ambient(uint64_t set, bool raise);

/* --- exit.c --- */

/* The end of a process, by its last thread. */
noreturn void process_end(void);

/* Whether orphaned descendants become its children. Tree lock held. */
void subreaper_set(struct process *process, bool on);

/* A thread ended, and others are left, which its children stay with. Tree lock held. */
void children_of_thread_stay(struct process *process, struct thread *thread);

/* Takes a zombie out of the tree. The caller frees it, unlocked. */
void process_reap(struct process *process);

/* --- usage.c --- */

/* A thread that ends leaves its times and switches to its process. */
void usage_charge_thread(struct process *process, struct thread *thread);
int usage_to_user(void __user *to, const struct usage *usage); /* struct rusage */
void usage_add(struct usage *sum, const struct usage *usage);

#endif
