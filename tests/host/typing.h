/* Typing on a keyboard that is at rest at first: what scan codes give, byte for byte. */
#include <stdlib.h>
#include <string.h>

#include "scancodes.h"

static struct keyboard_state state;
static char typed[256];
static size_t typed_size;
static bool three_keys; /* Ctrl-Alt-Del was the last */

static void take(uint8_t code)
{
	char *text = malloc(SCANCODE_TEXT_MAX);
	size_t size;

	three_keys = scancode_take(&state, code, text, &size) == SCANCODE_CTRL_ALT_DEL;
	CHECK(size <= SCANCODE_TEXT_MAX);
	if (typed_size + size < sizeof(typed)) {
		memcpy(typed + typed_size, text, size);
		typed_size += size;
	}
	free(text);
}

static bool gives(const char *text, size_t size, const uint8_t *codes, size_t count)
{
	memset(&state, 0, sizeof(state));
	typed_size = 0;
	for (size_t i = 0; i < count; i++)
		take(codes[i]);
	return typed_size == size && memcmp(typed, text, size) == 0;
}

#define GIVES(text, ...)                                                      \
	CHECK(gives(text, sizeof(text) - 1, (const uint8_t[]){ __VA_ARGS__ }, \
		    sizeof((const uint8_t[]){ __VA_ARGS__ })))

/* Pressed together with others: their codes, and those that let go of them. */
#define SHIFT 0x2a
#define RIGHT_SHIFT 0x36
#define CONTROL 0x1d
#define RIGHT_CONTROL 0xe0, 0x1d
#define ALT 0x38
#define RIGHT_ALT 0xe0, 0x38
#define LET_GO(key) ((key) | 0x80)
#define CAPS_LOCK 0x3a, 0xba
#define NUM_LOCK 0x45, 0xc5
