/*
 * splice.c -- splice(2), tee(2) and vmsplice(2): bytes into a pipe and out of it without a buffer
 * of the caller's. They are copied once, from or to the pipe's own pages.
 *
 * While bytes move the pipe is locked, so that none is lost when the other side takes fewer. That
 * is bounded only where the other side never waits: a pipe, or a file that has offsets.
 *
 * Locks: the pipes', of two in the order of their addresses; then the file's.
 */
#include <arch/uaccess.h>
#include <facet/restart.h>
#include <facet/syscalls.h>

#include "pipe.h"

#define SPLICE_F_NONBLOCK 2u
#define SPLICE_F_ALL 15u

struct splice {
	struct file *in, *out;
	uint64_t offset; /* in the one that is no pipe */
	size_t left;
	bool may_wait;
};

static struct pipe *pipe_of(const struct file *file)
{
	return file->ops == &pipe_ops ? file->inode->pipe : NULL;
}

/* Both: the pipe is locked. 1, 0 if there will never be any, or -errno. */
static int await_bytes(const struct splice *splice)
{
	struct pipe *pipe = pipe_of(splice->in);
	int error = 0;

	while (!bytes_in(pipe) && pipe->writers && !error)
		error = splice->may_wait
				? wait_sleep_mutex(&pipe->readable, &splice->in->inode->lock,
						   SLEEP_INTERRUPTIBLE)
				: -EAGAIN;
	return bytes_in(pipe) ? 1 : error;
}

static int await_room(const struct splice *splice)
{
	struct pipe *pipe = pipe_of(splice->out);
	int error = 0;

	while (pipe->readers && !room_in(pipe) && !error)
		error = splice->may_wait
				? wait_sleep_mutex(&pipe->writable, &splice->out->inode->lock,
						   SLEEP_INTERRUPTIBLE)
				: -EAGAIN;
	if (!pipe->readers)
		return pipe_broken();
	return room_in(pipe) ? 1 : error;
}

static int await_locked(const struct splice *splice, const struct file *pipe,
			int (*await)(const struct splice *splice))
{
	int ready;

	mutex_lock(&pipe->inode->lock);
	ready = await(splice);
	pipe_changed(pipe_of(pipe)); /* what woke this one is left for the next one */
	mutex_unlock(&pipe->inode->lock);
	return ready;
}

/* All that is there. */
static ssize_t pipe_to_file(struct splice *splice)
{
	struct pipe *pipe = pipe_of(splice->in);
	ssize_t moved = await_bytes(splice);
	size_t done = 0, size;

	while (moved > 0 && splice->left && bytes_in(pipe)) {
		struct transfer from;
		char *bytes = pipe_at(pipe, pipe->tail, &size);

		transfer_init_kernel(&from, bytes, MIN(size, splice->left));
		moved = file_write(splice->out, &from, splice->offset);
		if (moved <= 0)
			break;
		pipe_drop(pipe, (size_t)moved);
		splice->offset += (size_t)moved;
		splice->left -= (size_t)moved;
		done += (size_t)moved;
	}
	pipe_changed(pipe);
	return done ? (ssize_t)done : moved;
}

/* As much as there is room for. */
static ssize_t file_to_pipe(struct splice *splice)
{
	struct pipe *pipe = pipe_of(splice->out);
	ssize_t moved = await_room(splice);
	size_t done = 0, size;

	while (moved > 0 && splice->left && room_in(pipe)) {
		struct transfer to;
		char *bytes = pipe_back(pipe, &size);

		if (!bytes) {
			moved = -ENOMEM;
			break;
		}
		transfer_init_kernel(&to, bytes, MIN(MIN(size, room_in(pipe)), splice->left));
		moved = file_read(splice->in, &to, splice->offset);
		if (moved <= 0)
			break;
		pipe->head += (uint32_t)moved;
		splice->offset += (size_t)moved;
		splice->left -= (size_t)moved;
		done += (size_t)moved;
	}
	pipe_changed(pipe);
	return done ? (ssize_t)done : moved;
}

/* With both locked: what one has and the other has room for. The first one may keep it. */
static ssize_t pour(const struct splice *splice, bool keep)
{
	struct pipe *in = pipe_of(splice->in), *out = pipe_of(splice->out);
	uint32_t position = in->tail;
	size_t done = 0, size;
	int error = 0;

	while (done < splice->left && position != in->head && room_in(out)) {
		size_t room;
		const char *from = pipe_at(in, position, &size);
		char *to = pipe_back(out, &room);

		if (!to) {
			error = -ENOMEM;
			break;
		}
		size = MIN(MIN(size, splice->left - done), MIN(room, room_in(out)));
		memcpy(to, from, size);
		out->head += (uint32_t)size;
		position += (uint32_t)size;
		done += size;
		if (!keep)
			pipe_drop(in, size);
	}
	pipe_changed(in);
	pipe_changed(out);
	return done ? (ssize_t)done : error;
}

static void lock_both(const struct splice *splice)
{
	struct inode *first = splice->in->inode, *second = splice->out->inode;

	mutex_lock(first < second ? &first->lock : &second->lock);
	mutex_lock_nested(first < second ? &second->lock : &first->lock);
}

static void unlock_both(const struct splice *splice)
{
	mutex_unlock(&splice->in->inode->lock);
	mutex_unlock(&splice->out->inode->lock);
}

/* Waits for one after the other: when both are locked somebody may have been faster. */
static ssize_t pipe_to_pipe(const struct splice *splice, bool keep)
{
	ssize_t moved;

	do {
		moved = await_locked(splice, splice->in, await_bytes);
		if (moved > 0)
			moved = await_locked(splice, splice->out, await_room);
		if (moved <= 0)
			return moved;
		lock_both(splice);
		moved = pour(splice, keep);
		unlock_both(splice);
	} while (!moved);
	return moved;
}

/* One end is a pipe, the other a file whose place is told, or its own. */
static ssize_t with_file(struct splice *splice, uint64_t __user *place)
{
	bool reads = !pipe_of(splice->in);
	struct file *file = reads ? splice->in : splice->out;
	struct inode *pipe = reads ? splice->out->inode : splice->in->inode;
	ssize_t done;

	if (!file_has_offset(file) || (!reads && file->flags & O_APPEND))
		return -EINVAL;
	if (offset_from_user(&splice->offset, file, place))
		return -EFAULT;
	if (splice->offset > FILE_SIZE_MAX)
		return -EINVAL;
	mutex_lock(&pipe->lock);
	done = reads ? file_to_pipe(splice) : pipe_to_file(splice);
	mutex_unlock(&pipe->lock);
	if (done <= 0)
		return done;
	return offset_to_user(file, place, splice->offset) ? -EFAULT : done;
}

static ssize_t do_splice(struct splice *splice, uint64_t __user *from, uint64_t __user *to)
{
	const struct pipe *in = pipe_of(splice->in), *out = pipe_of(splice->out);

	if ((in && from) || (out && to))
		return -ESPIPE;
	if (!(splice->in->access & FILE_READ) || !(splice->out->access & FILE_WRITE))
		return -EBADF;
	if (in == out)
		return -EINVAL;
	if (in && out)
		return pipe_to_pipe(splice, false);
	return with_file(splice, in ? to : from);
}

static ssize_t do_tee(const struct splice *splice)
{
	const struct pipe *in = pipe_of(splice->in), *out = pipe_of(splice->out);

	if (!(splice->in->access & FILE_READ) || !(splice->out->access & FILE_WRITE))
		return -EBADF;
	return in && out && in != out ? pipe_to_pipe(splice, true) : -EINVAL;
}

static bool nonblocking(const struct file *pipe)
{
	return pipe_of(pipe) && pipe->flags & O_NONBLOCK;
}

/* Both files, counted, or neither. */
static int splice_begin(struct splice *splice, int in, int out, size_t size, unsigned flags)
{
	splice->in = descriptor_get(in);
	if (!splice->in)
		return -EBADF;
	splice->out = descriptor_get(out);
	if (!splice->out) {
		file_put(splice->in);
		return -EBADF;
	}
	splice->left = MIN(size, MAX_RW_COUNT);
	splice->may_wait = !(flags & SPLICE_F_NONBLOCK) && !nonblocking(splice->in) &&
			   !nonblocking(splice->out);
	return 0;
}

static void splice_end(const struct splice *splice)
{
	file_put(splice->in);
	file_put(splice->out);
}

long sys_splice(int in, uint64_t __user *from, int out, uint64_t __user *to, size_t size,
		unsigned flags)
{
	struct splice splice;
	long done;

	if (!size)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	done = splice_begin(&splice, in, out, size, flags);
	if (done)
		return done;
	done = do_splice(&splice, from, to);
	splice_end(&splice);
	return done;
}

long sys_tee(int in, int out, size_t size, unsigned flags)
{
	struct splice splice;
	long done;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!size)
		return 0;
	done = splice_begin(&splice, in, out, size, flags);
	if (done)
		return done;
	done = do_tee(&splice);
	splice_end(&splice);
	return done;
}

static ssize_t user_to_pipe(struct pipe *pipe, struct transfer *user)
{
	int error = 0;
	size_t done = pipe_put(pipe, user, MIN(room_in(pipe), user->left), &error);

	return done ? (ssize_t)done : error;
}

/* As much as there is, or room for, of what a vector names. */
static ssize_t move_user(struct file *file, struct transfer *user, bool may_wait)
{
	struct splice splice = { .in = file, .out = file, .may_wait = may_wait };
	bool writes = file->access & FILE_WRITE;
	struct pipe *pipe = pipe_of(file);
	ssize_t done;

	mutex_lock(&file->inode->lock);
	done = writes ? await_room(&splice) : await_bytes(&splice);
	if (done > 0)
		done = writes ? user_to_pipe(pipe, user) : pipe_take(pipe, user);
	pipe_changed(pipe);
	mutex_unlock(&file->inode->lock);
	return done;
}

long sys_vmsplice(int fd, const struct iovec __user *from, size_t count, unsigned flags)
{
	struct transfer user;
	struct vector vector;
	struct file *file;
	ssize_t done = -EBADF;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	file = descriptor_get(fd);
	if (!file)
		return -EBADF;
	if (pipe_of(file))
		done = vector_from_user(&vector, from, count, &user);
	if (!done) {
		if (user.left)
			done = move_user(file, &user, !(flags & SPLICE_F_NONBLOCK));
		vector_free(&vector);
	}
	file_put(file);
	return done;
}
