/*
 * Ids, and what they name: processes, groups, sessions. An id is free again when none of the three
 * has it.
 *
 * Lookups go by hash, allocation by bitmap: nothing here depends on how many processes there are.
 * Lock: process_tree_lock, held by the caller.
 */
#include <facet/bitmap.h>
#include <facet/errno.h>
#include <facet/slab.h>

#include "process_private.h"

#define BUCKETS 256 /* a group or a session is asked for far less than a process */
#define PROCESS_BUCKETS 1024
#define PID_LIMIT 32768 /* as Linux's default pid_max */

struct spinlock process_tree_lock = SPINLOCK_INIT(RANK_PROCESS_TREE);

static struct list processes[PROCESS_BUCKETS], threads[BUCKETS], groups[BUCKETS], sessions[BUCKETS];
static uint64_t id_storage[IDMAP_WORDS(PID_LIMIT)];
static struct idmap ids;
static unsigned count;
static pid_t newest;
static struct slab_cache *group_cache, *session_cache;

#define bucket(table, id) (&(table)[(unsigned)(id) % ARRAY_SIZE(table)])

void table_init(void)
{
	for (unsigned i = 0; i < PROCESS_BUCKETS; i++)
		list_init(&processes[i]);
	for (unsigned i = 0; i < BUCKETS; i++) {
		list_init(&threads[i]);
		list_init(&groups[i]);
		list_init(&sessions[i]);
	}
	idmap_init(&ids, id_storage, 1, PID_LIMIT);
	group_cache = slab_cache_create("group", sizeof(struct group), 8);
	session_cache = slab_cache_create("session", sizeof(struct session), 8);
}

struct process *process_find(pid_t pid)
{
	struct process *process;

	list_for_each_entry(process, bucket(processes, pid), hash_link)
		if (process->pid == pid)
			return process;
	return NULL;
}

static struct thread *find_other_thread(pid_t tid)
{
	struct thread *thread;

	list_for_each_entry(thread, bucket(threads, tid), hash_link)
		if (thread->tid == tid)
			return thread;
	return NULL;
}

struct thread *thread_find(pid_t tid)
{
	struct process *process = process_find(tid);
	struct thread *first;

	if (!process)
		return find_other_thread(tid);
	/* The thread that the process began with stays the first one until it ends. */
	first = list_first_entry(&process->threads, struct thread, process_link);
	return first && first->tid == tid ? first : NULL;
}

struct group *group_find(pid_t id)
{
	struct group *group;

	list_for_each_entry(group, bucket(groups, id), hash_link)
		if (group->id == id)
			return group;
	return NULL;
}

static bool session_exists(pid_t id)
{
	struct session *session;

	list_for_each_entry(session, bucket(sessions, id), hash_link)
		if (session->id == id)
			return true;
	return false;
}

struct process *process_next(pid_t pid)
{
	struct process *process = NULL;

	/* Threads, groups and sessions have ids too. */
	for (size_t id = (size_t)MAX(pid, 1); !process; id++) {
		id = bitmap_find_set(ids.taken, PID_LIMIT, id);
		if (id >= PID_LIMIT)
			return NULL;
		process = process_find((pid_t)id);
	}
	return process;
}

unsigned process_count(void)
{
	return count;
}

pid_t process_newest(void)
{
	return READ_ONCE(newest);
}

int pid_alloc(void)
{
	int id = count < CONFIG_PROCESSES_MAX ? idmap_alloc(&ids) : -EAGAIN;

	if (id > 0) {
		count++;
		newest = id;
	}
	return id;
}

static void id_release(pid_t id)
{
	if (id && bitmap_test(ids.taken, (unsigned)id) && !process_find(id) && !group_find(id) &&
	    !session_exists(id) && !find_other_thread(id))
		idmap_free(&ids, (unsigned)id);
}

void pid_release(pid_t pid)
{
	count--;
	id_release(pid);
}

void table_insert(struct process *process)
{
	list_push_back(bucket(processes, process->pid), &process->hash_link);
}

void table_remove(struct process *process)
{
	list_remove(&process->hash_link);
}

void table_insert_thread(struct thread *thread)
{
	list_push_back(bucket(threads, thread->tid), &thread->hash_link);
}

void table_remove_thread(struct thread *thread)
{
	list_remove(&thread->hash_link);
}

struct session *session_create(pid_t id)
{
	struct session *session = slab_alloc_zeroed(session_cache);

	if (!session)
		return NULL;
	session->id = id;
	list_push_back(bucket(sessions, id), &session->hash_link);
	return session;
}

void session_discard(struct session *session)
{
	list_remove(&session->hash_link);
	slab_free(session_cache, session);
}

static void session_put(struct session *session)
{
	pid_t id = session->id;

	if (--session->count)
		return;
	session_discard(session);
	id_release(id);
}

struct group *group_join(struct process *process, pid_t id, struct session *session)
{
	struct group *group = group_find(id);

	if (!group) {
		group = slab_alloc_zeroed(group_cache);
		if (!group)
			return NULL;
		group->id = id;
		group->session = session;
		session->count++;
		list_init(&group->members);
		list_push_back(bucket(groups, id), &group->hash_link);
	}
	list_push_back(&group->members, &process->group_link);
	process->group = group;
	return group;
}

void group_drop_if_empty(struct group *group)
{
	pid_t id = group->id;

	if (!list_empty(&group->members))
		return;
	list_remove(&group->hash_link);
	session_put(group->session);
	slab_free(group_cache, group);
	id_release(id);
}

void group_leave(struct process *process)
{
	list_remove(&process->group_link);
	group_drop_if_empty(process->group);
	process->group = NULL;
}

bool group_is_orphaned(const struct group *group, const struct process *leaving)
{
	struct process *member;

	list_for_each_entry(member, &group->members, group_link) {
		const struct process *parent = member->parent;

		if (member == leaving || member->zombie || !parent || parent == init_process)
			continue;
		if (parent->group != group && parent->group->session == group->session)
			return false;
	}
	return true;
}
