/*
 * transfer.c -- bytes between a file and the memory of its reader or writer, in one or many
 * segments.
 *
 * A file system moves what it has, piece by piece, and need not know whether the other side is one
 * buffer, a vector, or the kernel itself. One buffer of a user is what it mostly is, so that has a
 * short path.
 */
#include "internal.h"

#include <arch/uaccess.h>

/*
 * How many of `size` bytes go into the current segment; moves on to the next one when that is full.
 */
static size_t in_segment(struct transfer *transfer, size_t size)
{
	while (!transfer->segment) {
		transfer->at = transfer->next->base;
		transfer->segment = MIN(transfer->next->size, transfer->left);
		transfer->next++;
	}
	return MIN(size, transfer->segment);
}

static void advance(struct transfer *transfer, size_t size)
{
	transfer->at += size;
	transfer->segment -= size;
	transfer->left -= size;
}

static out_of_line size_t out_segments(struct transfer *transfer, const void *from, size_t size)
{
	size_t done = 0;

	size = MIN(size, transfer->left);
	while (done < size) {
		size_t part = in_segment(transfer, size - done), failed = 0;

		if (transfer->kernel)
			memcpy((void *)transfer->at, (const char *)from + done, part);
		else
			failed = copy_to_user_partial((void *)transfer->at,
						      (const char *)from + done, part);
		advance(transfer, part - failed);
		done += part - failed;
		if (failed)
			break;
	}
	return done;
}

size_t transfer_out(struct transfer *transfer, const void *from, size_t size)
{
	if (unlikely(size > transfer->segment || transfer->kernel))
		return out_segments(transfer, from, size);
	size -= copy_to_user_partial((void *)transfer->at, from, size);
	advance(transfer, size);
	return size;
}

static out_of_line size_t in_segments(struct transfer *transfer, void *to, size_t size)
{
	size_t done = 0;

	size = MIN(size, transfer->left);
	while (done < size) {
		size_t part = in_segment(transfer, size - done), failed = 0;

		if (transfer->kernel)
			memcpy((char *)to + done, (const void *)transfer->at, part);
		else
			failed = copy_from_user_partial((char *)to + done,
							(const void *)transfer->at, part);
		advance(transfer, part - failed);
		done += part - failed;
		if (failed)
			break;
	}
	return done;
}

size_t transfer_in(struct transfer *transfer, void *to, size_t size)
{
	if (unlikely(size > transfer->segment || transfer->kernel))
		return in_segments(transfer, to, size);
	size -= copy_from_user_partial(to, (const void *)transfer->at, size);
	advance(transfer, size);
	return size;
}

size_t transfer_out_zeros(struct transfer *transfer, size_t size)
{
	const void *zeros = frame_memory(zero_frame);
	size_t done = 0;

	size = MIN(size, transfer->left);
	while (done < size) {
		size_t part = MIN(size - done, PAGE_SIZE);
		size_t moved = transfer_out(transfer, zeros, part);

		done += moved;
		if (moved < part)
			break;
	}
	return done;
}
