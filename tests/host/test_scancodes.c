// sources: drivers/scancodes.c
// flags: -Idrivers
// What typing sends, byte for byte; and any codes at all leave the keyboard usable.
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#include "scancodes.h"

static struct keyboard_state state;
static char typed[256];
static size_t typed_size;
static bool restart;

static void take(uint8_t code)
{
	char *text = malloc(SCANCODE_TEXT_MAX);
	size_t size;

	restart = scancode_take(&state, code, text, &size) == SCANCODE_RESTART;
	CHECK(size <= SCANCODE_TEXT_MAX);
	if (typed_size + size < sizeof(typed)) {
		memcpy(typed + typed_size, text, size);
		typed_size += size;
	}
	free(text);
}

/* Whether the codes, from a keyboard at rest, give this text. */
static bool gives(const char *text, const uint8_t *codes, size_t count)
{
	memset(&state, 0, sizeof(state));
	typed_size = 0;
	for (size_t i = 0; i < count; i++)
		take(codes[i]);
	return typed_size == strlen(text) && memcmp(typed, text, typed_size) == 0;
}

#define GIVES(text, ...)                                    \
	CHECK(gives(text, (const uint8_t[]){ __VA_ARGS__ }, \
		    sizeof((const uint8_t[]){ __VA_ARGS__ })))

TEST(letters_and_shift)
{
	GIVES("a", 0x1e, 0x9e);
	GIVES("Ab", 0x2a, 0x1e, 0x9e, 0xaa, 0x30, 0xb0);
	GIVES("!", 0x36, 0x02);
	GIVES("a\r\177\t ", 0x1e, 0x1c, 0x0e, 0x0f, 0x39);
	GIVES("|", 0x2a, 0x2b);
}

TEST(caps_lock_is_for_letters)
{
	GIVES("A1a", 0x3a, 0xba, 0x1e, 0x02, 0x2a, 0x1e);
	GIVES("a", 0x3a, 0xba, 0x3a, 0xba, 0x1e);
}

TEST(control_and_alt)
{
	GIVES("\003", 0x1d, 0x2e);
	GIVES("\004x", 0x1d, 0x20, 0x9d, 0x2d);
	GIVES("\003", 0xe0, 0x1d, 0x2e);
	GIVES("\034", 0x1d, 0x2b);
	GIVES("\033b", 0x38, 0x30);
}

TEST(cursor_keys_are_sequences)
{
	GIVES("\033[A", 0xe0, 0x48, 0xe0, 0xc8);
	GIVES("\033[D", 0xe0, 0x4b);
	GIVES("\033[3~", 0xe0, 0x53);
	GIVES("\033[A", 0xe0, 0x2a, 0xe0, 0x48); /* with the shift that some keyboards add */
	GIVES("/", 0xe0, 0x35);
	GIVES("\r", 0xe0, 0x1c);
}

TEST(keys_without_text_give_none)
{
	GIVES("", 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5); /* Pause */
	GIVES("x", 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5, 0x2d);
	GIVES("", 0x3b, 0x57, 0x58, 0x7f, 0xff, 0x00, 0xfa);
}

TEST(control_alt_delete_restarts)
{
	gives("", (const uint8_t[]){ 0x1d, 0x38, 0xe0, 0x53 }, 4);
	CHECK(restart);
	gives("", (const uint8_t[]){ 0x1d, 0xe0, 0x53 }, 3);
	CHECK(!restart);
}

TEST(any_codes_are_survived)
{
	for (int i = 0; i < 1000000; i++)
		take((uint8_t)tap_random());
	GIVES("a", 0x1e);
}
