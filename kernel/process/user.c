/*
 * Users, as far as something is counted for each: the processes that RLIMIT_NPROC limits.
 *
 * A user is here while a process has it as its real user id. Lock: process_tree_lock, held by the
 * caller, but for user_init(). Source: getrlimit(2), RLIMIT_NPROC.
 */
#include <facet/slab.h>

#include "process_private.h"

#define BUCKETS 64

struct user {
	struct list hash_link;
	uid_t uid;
	unsigned processes;
};

static struct list users[BUCKETS];
static struct slab_cache *user_cache;

void user_init(void)
{
	for (unsigned i = 0; i < BUCKETS; i++)
		list_init(&users[i]);
	user_cache = slab_cache_create("user", sizeof(struct user), 8);
}

struct user *user_get(uid_t uid)
{
	struct list *bucket = &users[uid % BUCKETS];
	struct user *user;

	list_for_each_entry(user, bucket, hash_link) {
		if (user->uid == uid) {
			user->processes++;
			return user;
		}
	}
	user = slab_alloc(user_cache);
	if (!user)
		return NULL;
	user->uid = uid;
	user->processes = 1;
	list_push_back(bucket, &user->hash_link);
	return user;
}

void user_put(struct user *user)
{
	if (--user->processes)
		return;
	list_remove(&user->hash_link);
	slab_free(user_cache, user);
}

void user_count_again(struct user *user)
{
	user->processes++;
}

void user_move(struct user *from, struct user *to, unsigned count)
{
	to->processes += count - 1;
	from->processes -= count - 1;
	user_put(from);
}

unsigned user_process_count(const struct user *user)
{
	return user->processes;
}
