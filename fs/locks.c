/*
 * locks.c -- who holds which bytes of a file, and who waits for them.
 *
 * An owner's locks on a file are apart: a new one takes away what it covers of the others, and is
 * one with those of its type that it touches. Whoever lets something go wakes all who wait for that
 * file, and each looks again.
 *
 * A process that would wait for one that waits, over some others, for itself is told so: EDEADLK.
 * That is looked for along the first lock that is in each one's way, and over so many of them as
 * Linux does. flock(2)'s and those of open files are not searched, as on Linux: who waits is a
 * process, but who could release is whoever has the file.
 *
 * Lock: locks_lock (RANK_FILE_LOCKS) guards all of them, on all files, for a deadlock goes from
 * file to file. Source: fcntl(2), flock(2), POSIX.1-2017 fcntl().
 */
#include "locks.h"

#define DEADLOCK_STEPS 10

struct inode_locks {
	struct list link; /* all_locked */
	const struct inode *inode;
	struct list held;
	struct wait_queue waiters;
};

/* A process's thread that sleeps; on its stack. */
struct waiting {
	struct list link;
	const struct inode_locks *locks;
	const struct file_lock *wanted;
};

static struct spinlock locks_lock = SPINLOCK_INIT(RANK_FILE_LOCKS);
static struct list all_waiting = LIST_INIT(all_waiting);
static struct list all_locked = LIST_INIT(all_locked); /* files that ever were, for /proc */

/* Made for the first lock, gone with the inode. NULL: no memory. */
static struct inode_locks *locks_of(struct inode *inode)
{
	struct inode_locks *locks = READ_ONCE(inode->locks), *faster;

	if (locks)
		return locks;
	locks = kmalloc(sizeof(*locks));
	if (!locks)
		return NULL;
	locks->inode = inode;
	list_init(&locks->held);
	wait_queue_init(&locks->waiters);
	spin_lock(&locks_lock);
	faster = inode->locks;
	if (!faster) {
		__atomic_store_n(&inode->locks, locks, __ATOMIC_RELEASE);
		list_push_back(&all_locked, &locks->link);
	}
	spin_unlock(&locks_lock);
	if (!faster)
		return locks;
	kfree(locks);
	return faster;
}

/* --- ranges: locks_lock held ---------------------------------------------------------------- */

static bool same_owner(const struct file_lock *a, const struct file_lock *b)
{
	return a->kind == b->kind && a->owner == b->owner;
}

static bool overlap(const struct file_lock *a, const struct file_lock *b)
{
	return a->start <= b->last && b->start <= a->last;
}

static bool touch(const struct file_lock *a, const struct file_lock *b)
{
	return a->start <= b->last + 1 && b->start <= a->last + 1;
}

/* The first lock that is in the way. NULL: none. */
static struct file_lock *conflict(const struct inode_locks *locks, const struct file_lock *wanted)
{
	struct file_lock *lock;

	list_for_each_entry(lock, &locks->held, link)
		if ((lock->kind == LOCK_FLOCK) == (wanted->kind == LOCK_FLOCK) &&
		    !same_owner(lock, wanted) && overlap(lock, wanted) &&
		    (lock->type == LOCK_EXCLUSIVE || wanted->type == LOCK_EXCLUSIVE))
			return lock;
	return NULL;
}

static void insert(struct inode_locks *locks, struct file_lock *lock)
{
	struct file_lock *next;

	list_for_each_entry(next, &locks->held, link)
		if (next->start > lock->start)
			break;
	list_insert_before(&next->link, &lock->link);
}

static void insert_copy(struct inode_locks *locks, const struct file_lock *model,
			struct list *spare)
{
	struct file_lock *copy = list_pop_front_entry(spare, struct file_lock, link);

	*copy = *model;
	insert(locks, copy);
}

static void let_go(struct file_lock *lock, struct list *spare)
{
	list_remove(&lock->link);
	list_push_back(spare, &lock->link);
}

/* Takes the range of `hole` out of a lock of the same owner, which may leave none, one or two. */
static void cut(struct inode_locks *locks, struct file_lock *lock, const struct file_lock *hole,
		struct list *spare)
{
	struct file_lock behind = *lock;

	if (lock->start < hole->start)
		lock->last = hole->start - 1;
	else
		let_go(lock, spare);
	if (behind.last > hole->last) {
		behind.start = hole->last + 1;
		insert_copy(locks, &behind, spare);
	}
}

/* Nothing is in the way. `spare` has room for two more, or, where nothing is cut in two, none. */
static void apply(struct inode_locks *locks, const struct file_lock *wanted, struct list *spare)
{
	struct file_lock whole = *wanted, *lock, *next;

	list_for_each_entry_safe(lock, next, &locks->held, link) {
		if (!same_owner(lock, wanted))
			continue;
		if (lock->type == wanted->type && touch(lock, &whole)) {
			whole.start = MIN(whole.start, lock->start);
			whole.last = MAX(whole.last, lock->last);
			let_go(lock, spare);
		} else if (lock->type != wanted->type && overlap(lock, wanted)) {
			cut(locks, lock, wanted, spare);
		}
	}
	if (wanted->type != LOCK_NONE)
		insert_copy(locks, &whole, spare);
	if (wanted->type != LOCK_EXCLUSIVE)
		wait_wake_all(&locks->waiters);
}

/*
 * flock(2) changes a type in two steps: what two have shared, and each wants alone, one of them
 * gets.
 */
static void drop_other_type(struct inode_locks *locks, const struct file_lock *wanted,
			    struct list *spare)
{
	struct file_lock *lock, *next;

	list_for_each_entry_safe(lock, next, &locks->held, link)
		if (same_owner(lock, wanted) && lock->type != wanted->type)
			let_go(lock, spare);
	wait_wake_all(&locks->waiters);
}

/* --- waiting: locks_lock held --------------------------------------------------------------- */

static const struct waiting *waiting_of(const void *owner)
{
	const struct waiting *waiting;

	list_for_each_entry(waiting, &all_waiting, link)
		if (waiting->wanted->owner == owner)
			return waiting;
	return NULL;
}

static bool would_deadlock(const struct file_lock *wanted, const struct file_lock *blocker)
{
	for (unsigned step = 0; blocker && step < DEADLOCK_STEPS; step++) {
		const struct waiting *waiting;

		if (blocker->kind != LOCK_PROCESS)
			return false;
		if (blocker->owner == wanted->owner)
			return true;
		waiting = waiting_of(blocker->owner);
		blocker = waiting ? conflict(waiting->locks, waiting->wanted) : NULL;
	}
	return false;
}

/* Sleeps with the lock released. 0, or why the call ends. */
static int wait_for(struct inode_locks *locks, const struct file_lock *wanted,
		    const struct file_lock *blocker)
{
	struct waiting waiting = { .locks = locks, .wanted = wanted };
	int error;

	if (wanted->kind != LOCK_PROCESS)
		return wait_sleep(&locks->waiters, &locks_lock, SLEEP_INTERRUPTIBLE);
	if (would_deadlock(wanted, blocker))
		return -EDEADLK;
	list_push_back(&all_waiting, &waiting.link);
	error = wait_sleep(&locks->waiters, &locks_lock, SLEEP_INTERRUPTIBLE);
	list_remove(&waiting.link);
	return error;
}

/* --- the interface -------------------------------------------------------------------------- */

static void free_all(struct list *spare)
{
	while (!list_empty(spare))
		kfree(list_pop_front_entry(spare, struct file_lock, link));
}

/* The new lock, and the second half of one that is cut in two. */
static int allocate(struct list *spare)
{
	for (unsigned i = 0; i < 2; i++) {
		struct file_lock *lock = kmalloc(sizeof(*lock));

		if (!lock)
			return -ENOLCK;
		list_push_back(spare, &lock->link);
	}
	return 0;
}

int lock_change(struct inode *inode, const struct file_lock *wanted, bool wait)
{
	struct list spare = LIST_INIT(spare);
	struct inode_locks *locks = locks_of(inode);
	const struct file_lock *blocker;
	int error = locks ? allocate(&spare) : -ENOLCK;

	if (!error) {
		spin_lock(&locks_lock);
		if (wanted->kind == LOCK_FLOCK)
			drop_other_type(locks, wanted, &spare);
		while (!error && wanted->type != LOCK_NONE && (blocker = conflict(locks, wanted)))
			error = wait ? wait_for(locks, wanted, blocker) : -EAGAIN;
		if (!error)
			apply(locks, wanted, &spare);
		spin_unlock(&locks_lock);
	}
	free_all(&spare);
	return error;
}

bool lock_is_possible(struct inode *inode, struct file_lock *lock)
{
	const struct inode_locks *locks = READ_ONCE(inode->locks);
	const struct file_lock *blocker = NULL;

	if (!locks)
		return true;
	spin_lock(&locks_lock);
	blocker = conflict(locks, lock);
	if (blocker)
		*lock = *blocker;
	spin_unlock(&locks_lock);
	return !blocker;
}

static void release(struct inode *inode, enum lock_kind kind, const void *owner)
{
	struct file_lock all = { .kind = kind, .owner = owner, .last = LOCK_TO_END };
	struct list spare = LIST_INIT(spare);

	spin_lock(&locks_lock);
	apply(inode->locks, &all, &spare);
	spin_unlock(&locks_lock);
	free_all(&spare);
}

void locks_release_process(struct inode *inode, const struct descriptors *descriptors)
{
	release(inode, LOCK_PROCESS, descriptors);
}

void locks_release_file(struct file *file)
{
	release(file->inode, LOCK_OPEN, file);
	release(file->inode, LOCK_FLOCK, file);
}

void locks_free(struct inode *inode)
{
	if (!inode->locks)
		return;
	spin_lock(&locks_lock);
	list_remove(&inode->locks->link);
	spin_unlock(&locks_lock);
	kfree(inode->locks);
}

size_t locks_copy(struct held_lock *to, size_t room)
{
	const struct inode_locks *locks;
	const struct file_lock *lock;
	size_t count = 0;

	spin_lock(&locks_lock);
	list_for_each_entry(locks, &all_locked, link)
		list_for_each_entry(lock, &locks->held, link)
			if (count++ < room)
				*to++ = (struct held_lock){
					.lock = *lock,
					.device = locks->inode->mount->device,
					.number = locks->inode->number,
				};
	spin_unlock(&locks_lock);
	return count;
}
