/*
 * Memory of a line: every piece is on a list, and the list is cut back when the line has run.
 *
 * So nobody has to know who frees a word or a node, and a loop does not grow.
 */
#include "sh.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <usr.h>

struct arena_block {
	struct arena_block *older;
	max_align_t data[];
};

static struct arena_block *newest;

void *allocate(size_t size)
{
	struct arena_block *block = malloc(sizeof(*block) + size);

	if (!block)
		exit(complain(errno, "out of memory"));
	block->older = newest;
	newest = block;
	return memset(block->data, 0, size);
}

struct arena_block *arena_mark(void)
{
	return newest;
}

void arena_release(struct arena_block *mark)
{
	while (newest != mark) {
		struct arena_block *older = newest->older;

		free(newest);
		newest = older;
	}
}

char *copy_text(const char *text, size_t length)
{
	return memcpy(allocate(length + 1), text, length);
}

void buffer_add(struct buffer *buffer, char character)
{
	if (buffer->length == buffer->size) {
		char *data = allocate(buffer->size * 2 + 32);

		if (buffer->length > 0)
			memcpy(data, buffer->data, buffer->length);
		buffer->size = buffer->size * 2 + 32;
		buffer->data = data;
	}
	buffer->data[buffer->length++] = character;
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
	while (*text)
		buffer_add(buffer, *text++);
}

char *buffer_text(struct buffer *buffer)
{
	buffer_add(buffer, '\0');
	buffer->length--;
	return buffer->data;
}
