/*
 * process.h -- what owns: identity, memory, files, limits, children.
 *
 * The tree, the pid table and the groups are guarded by process_tree_lock (RANK_PROCESS_TREE). The
 * list of threads changes under that and signals.lock together, and is read under either.
 */
#ifndef FACET_PROCESS_H
#define FACET_PROCESS_H

#include <facet/list.h>
#include <facet/signal.h>
#include <facet/thread.h>

struct descriptors; /* fs/: the descriptor table */
struct fs_context;  /* fs/: root, working directory, umask */
struct file;
struct process_timers;
struct space;
struct tty;
struct user;

#define GROUPS_MAX 32

/* getrlimit(2); the numbers are Linux's. */
/* clang-format off */
enum {
	RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_RSS, RLIMIT_NPROC,
	RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_AS, RLIMIT_LOCKS, RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE,
	RLIMIT_NICE, RLIMIT_RTPRIO, RLIMIT_RTTIME, RLIMITS,
};
/* clang-format on */

#define RLIM_INFINITY UINT64_MAX
#define DESCRIPTORS_MAX (1u << 20) /* RLIMIT_NOFILE goes no further */

struct rlimit {
	uint64_t current, maximum;
};

struct capabilities { /* capability.h: bits by their numbers */
	uint64_t effective, permitted, inheritable, bounding, ambient;
	uint32_t secure_bits;
};

struct credentials {
	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	uint32_t group_count;
	gid_t groups[GROUPS_MAX];
	struct capabilities capabilities;
};

struct usage {
	uint64_t user_ns, system_ns;
	uint64_t minor_faults, major_faults;
	uint64_t voluntary_switches, involuntary_switches;
	uint64_t max_resident_pages;
};

/* A session and its controlling terminal; a process group. Counted by their members. */
struct session {
	pid_t id;
	struct list hash_link;
	uint32_t count;      /* groups */
	struct tty *tty;     /* NULL: none. Another session may have taken it: session_terminal() */
	pid_t hung_up_group; /* in the foreground when vhangup(2) took the terminal; 0: none */
};

struct group {
	pid_t id;
	struct session *session;
	struct list hash_link;
	struct list members; /* process->group_link */
};

struct process {
	pid_t pid;
	struct list hash_link; /* pid table */
	struct process *parent;
	struct thread *parent_thread; /* that created it, or the oldest one left: __WNOTHREAD */
	struct list children;         /* child->sibling */
	struct list sibling;
	struct list zombies; /* children that ended, ->sibling: wait() does not scan the living */
	struct group *group;
	struct list group_link;
	struct list threads; /* that have not ended; the first one is the oldest */
	unsigned thread_count;
	struct thread *exec_thread;      /* all others end for its exec; NULL: there is none */
	struct wait_queue threads_ended; /* it sleeps there; condition under the tree lock */

	struct space *space;
	struct descriptors *descriptors;
	struct fs_context *fs;
	struct file *executable; /* /proc/<pid>/exe; NULL before the first exec */
	char comm[COMM_SIZE];

	struct signals signals;
	struct credentials credentials;
	struct user *user; /* of credentials.uid */
	unsigned ids;      /* counted for the user: the pid, and tids that differ; tree lock */
	struct rlimit limits[RLIMITS];
	struct usage usage;          /* of threads that ended, plus counters */
	struct usage children_usage; /* of children that were waited for */
	uint64_t start_ns;
	int16_t oom_adjustment, oom_adjustment_least; /* /proc/<pid>/oom_score_adj; tree lock */
	bool straced;                                 /* its calls are printed: strace.h */
	bool subreaper;                /* orphaned descendants become its children; tree lock */
	bool dumpable;                 /* others with its ids may look into it; tree lock */
	bool over_process_limit;       /* a change of user went beyond RLIMIT_NPROC: see exec */
	uint8_t membarriers;           /* membarrier(2): what was registered; atomic */
	uid_t login_uid;               /* who logged in, for audits; -1: nobody said */
	struct process_timers *timers; /* that it set; NULL: never any. Tree lock */
	struct list cpu_timers;        /* on its processor time, anybody's; tree lock */
	struct list pidfds;            /* that stand for it; tree lock */

	struct wait_queue child_events; /* its wait4 callers; condition under the tree lock */
	struct thread *vfork_waiter;    /* sleeps until this child's exec or exit; NULL: nobody */
	struct wait_queue vfork_done;   /* vfork_waiters of this process's children */
	bool executed;                  /* since fork: setpgid's EACCES */
	bool exiting;                   /* all threads end; signals.lock */
	bool zombie;
	bool stop_wanted;             /* a stop signal was taken, and may be void; signals.lock */
	bool stopped;                 /* each thread stops on its way to user mode; the same */
	bool continued;               /* since: the parent is still to be told; the same */
	unsigned stops_awaited;       /* threads that have not stopped yet; the same */
	struct wait_queue stop_queue; /* threads that have */
	struct wait_queue signal_waiters; /* rt_sigtimedwait(2) */
	uint8_t stop_signal;              /* of the last stop */
	bool stop_event, continue_event;  /* not yet waited for; tree lock */
	int exit_status;                  /* wait(2)'s encoding */
	int exit_signal;                  /* to the parent; SIGCHLD */
};

extern struct spinlock process_tree_lock;

/*
 * The first thread's name is the process's; the others have their own. The tree lock is held where
 * the thread is not the caller.
 */
static inline char *thread_comm(struct thread *thread)
{
	return thread->tid == thread->process->pid ? thread->process->comm : thread->comm;
}

static inline struct process *current_process(void)
{
	return current_thread()->process;
}

/* A limit of the current process, in force. */
static inline uint64_t limit_of(unsigned resource)
{
	return current_process()->limits[resource].current;
}

void process_init(void);

/*
 * Session 0 and group 0 for the first process, as on Linux: setsid() works there. Returns 0 or
 * -ENOMEM.
 */
int process_first_group(struct process *process);

/*
 * Built but not published; for fork and the first process. NULL: no memory or no pid (*error says
 * which).
 */
struct process *process_create(struct process *parent, int *error);
/* Takes back one that was never published. */
void process_discard(struct process *process);
/*
 * In the tree, findable, runnable. Returns 0, or -ERESTARTNOINTR with nothing published when the
 * parent has a signal to act on: it may have been meant for the whole group, of which the child
 * would be.
 */
int process_publish(struct process *process);
/*
 * One thread more of the current process, built but not published: an id, and what thread_create()
 * gives. NULL: no memory or no id (*error says which). thread_discard() takes it back.
 */
struct thread *process_add_thread(int *error);
void thread_discard(struct thread *thread);
/* Runnable and findable. Returns 0, or -EINTR with nothing published when the process ends. */
int thread_publish(struct thread *thread);

/* By pid; tree lock held. Zombies are found too. NULL: none. */
struct process *process_find(pid_t pid);
struct group *group_find(pid_t id);

/*
 * Whether no member but `leaving` has a parent outside the group but in its session: nobody could
 * continue it. Tree lock held.
 */
bool group_is_orphaned(const struct group *group, const struct process *leaving);

/* Ascending by pid, for /proc: the first process with a pid >= `pid`. Tree lock held. */
struct process *process_next(pid_t pid);

extern struct process *init_process; /* PID 1 */

unsigned process_count(void);
pid_t process_newest(void); /* the id that was given last, to a process or a thread */
/* Those that there have been since boot. */
uint64_t process_published_count(void);

/*
 * A vforked child has a space of its own now, or ended: the parent's thread goes on. Tree lock
 * held.
 */
void process_vfork_done(struct process *process);

/* Ends the process, all threads: exit_group(2). `status` is wait's encoding. */
noreturn void process_exit(int status);
/* Ends a thread that was told to by another one: for exit_group, exec or SIGKILL. */
noreturn void thread_end_killed(void);
/*
 * Ends all other threads, for an exec, and gives the caller the process's pid. Returns 0, or -EINTR
 * when it is told to end itself meanwhile. Context: thread, no lock held.
 */
int threads_end_others(void);

/*
 * The current thread leaves its memory, by an exec or its end: the others there are told which
 * locks it held, and that it is gone. Context: no lock held.
 */
void thread_leave_memory(struct thread *thread);

/* By id; tree lock held. NULL: no such thread, or it has ended. */
struct thread *thread_find(pid_t tid);

/*
 * Tells the parent that a child ended (`signal` is its exit_signal; 0: no signal), stopped or went
 * on, with what SIGCHLD carries. Tree lock held.
 */
void process_notify_parent(struct process *process, int signal, int code, int status);

/* Whether the caller may signal `target`. */
bool process_may_control(const struct process *target);
/* Whether it may look into it, as for ptrace(2), by which of its ids. Tree lock held. */
enum which_ids { FILE_IDS, REAL_IDS };
bool process_may_trace(const struct process *target, enum which_ids ids);

/*
 * The process acts for another user or group from now on: it can no longer be looked into, and a
 * parent of before has no say over it. Tree lock held.
 */
void process_forget_trust(struct process *process);

/*
 * Whether the user whom the current process has become has too many processes: execve(2), EAGAIN.
 */
bool process_limit_forbids_exec(void);

struct system_names {
	char node[65], domain[65];
};
struct system_names system_names(void);
/* Both: 0, or -EINVAL if it is too long. `name` is in kernel memory. */
int system_set_node(const char *name, size_t length);
int system_set_domain(const char *name, size_t length);

/* Usage of a live process, its running threads included. Tree lock held. */
void process_usage(struct process *process, struct usage *usage);
/* The same of one thread, as far as it is counted for each. */
void thread_usage(struct thread *thread, struct usage *usage);

#endif
