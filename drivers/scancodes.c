/*
 * scancodes.c -- scan code set 1, US layout, into the bytes that a terminal sends.
 *
 * Cursor and other special keys become the escape sequences of an xterm, Alt puts an escape in
 * front, Control clears the upper bits.
 *
 * Pure. Source: IBM PS/2 Technical Reference, keyboards, scan code set 1; console_codes(4).
 */
#include <facet/string.h>

#include "scancodes.h"

#define RELEASED 0x80
#define EXTENDED 0xe0 /* the next code is one that the PC of 1981 had not */
#define PAUSE 0xe1    /* begins the two halves of the Pause key, */
#define PAUSE_REST 2  /*   each with two more codes */

enum {
	KEY_LEFT_CONTROL = 0x1d,
	KEY_LEFT_SHIFT = 0x2a,
	KEY_RIGHT_SHIFT = 0x36,
	KEY_ALT = 0x38,
	KEY_CAPS_LOCK = 0x3a,
	KEY_KEYPAD_FIRST = 0x47,
	KEY_DELETE = 0x53,
	KEY_KEYPAD_ENTER = 0x1c,
	KEY_KEYPAD_SLASH = 0x35,
};

#define KEYS 0x59

/* clang-format off */
static const char plain[KEYS] = {
	[0x01] = 27,
	[0x02] = '1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '-', '=', 127, '\t',
	[0x10] = 'q', 'w', 'e', 'r', 't', 'y', 'u', 'i', 'o', 'p', '[', ']', '\r',
	[0x1e] = 'a', 's', 'd', 'f', 'g', 'h', 'j', 'k', 'l', ';', '\'', '`',
	[0x2b] = '\\', 'z', 'x', 'c', 'v', 'b', 'n', 'm', ',', '.', '/',
	[0x37] = '*',
	[0x39] = ' ',
	[0x4a] = '-',
	[0x4e] = '+',
	[0x56] = '<',
};
/* clang-format on */

/* clang-format off */
static const char shifted[KEYS] = {
	[0x01] = 27,
	[0x02] = '!', '@', '#', '$', '%', '^', '&', '*', '(', ')', '_', '+', 127, '\t',
	[0x10] = 'Q', 'W', 'E', 'R', 'T', 'Y', 'U', 'I', 'O', 'P', '{', '}', '\r',
	[0x1e] = 'A', 'S', 'D', 'F', 'G', 'H', 'J', 'K', 'L', ':', '"', '~',
	[0x2b] = '|', 'Z', 'X', 'C', 'V', 'B', 'N', 'M', '<', '>', '?',
	[0x37] = '*',
	[0x39] = ' ',
	[0x4a] = '-',
	[0x4e] = '+',
	[0x56] = '>',
};
/* clang-format on */

/* Of the cursor block, also on the keypad, which is taken to be without NumLock. */
static const char *const cursor_keys[] = {
	[0x47 - KEY_KEYPAD_FIRST] = "\033[H", /* Home */
	[0x48 - KEY_KEYPAD_FIRST] = "\033[A",
	[0x49 - KEY_KEYPAD_FIRST] = "\033[5~", /* Page Up */
	[0x4b - KEY_KEYPAD_FIRST] = "\033[D",
	[0x4d - KEY_KEYPAD_FIRST] = "\033[C",
	[0x4f - KEY_KEYPAD_FIRST] = "\033[F", /* End */
	[0x50 - KEY_KEYPAD_FIRST] = "\033[B",
	[0x51 - KEY_KEYPAD_FIRST] = "\033[6~", /* Page Down */
	[0x52 - KEY_KEYPAD_FIRST] = "\033[2~", /* Insert */
	[0x53 - KEY_KEYPAD_FIRST] = "\033[3~", /* Delete */
};

/* Shift, Control, Alt and Caps Lock. False: the key is none of them. */
static bool take_modifier(struct keyboard_state *state, uint8_t key, bool extended, bool pressed)
{
	switch (key) {
	case KEY_LEFT_SHIFT:
		if (!extended) /* else it is part of another key's code */
			state->left_shift = pressed;
		return true;
	case KEY_RIGHT_SHIFT:
		if (!extended)
			state->right_shift = pressed;
		return true;
	case KEY_LEFT_CONTROL:
		*(extended ? &state->right_control : &state->left_control) = pressed;
		return true;
	case KEY_ALT:
		*(extended ? &state->right_alt : &state->left_alt) = pressed;
		return true;
	case KEY_CAPS_LOCK:
		if (pressed)
			state->caps_lock = !state->caps_lock;
		return true;
	}
	return false;
}

static bool is_letter(char character)
{
	return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/* The character of a key, 0 for none. */
static char character_of(const struct keyboard_state *state, uint8_t key, bool extended)
{
	bool shift = state->left_shift || state->right_shift;
	char character;

	if (extended && key != KEY_KEYPAD_ENTER && key != KEY_KEYPAD_SLASH)
		return 0;
	if (is_letter(plain[key]) && state->caps_lock)
		shift = !shift;
	character = shift && !extended ? shifted[key] : plain[key];

	if (!state->left_control && !state->right_control)
		return character;
	if (character == ' ')
		return 0; /* Ctrl-Space is NUL, which no terminal program waits for */
	if (is_letter(character) || (character >= '[' && character <= '_') || character == '@')
		return character & 0x1f;
	return character;
}

/* What a cursor key sends, NULL if it is none. */
static const char *cursor_key(uint8_t key)
{
	return key >= KEY_KEYPAD_FIRST && key <= KEY_DELETE ? cursor_keys[key - KEY_KEYPAD_FIRST]
							    : NULL;
}

enum scancode_event scancode_take(struct keyboard_state *state, uint8_t code, char *text,
				  size_t *size)
{
	bool pressed = !(code & RELEASED), extended = state->extended;
	uint8_t key = code & (uint8_t)~RELEASED;
	char character;

	*size = 0;
	state->extended = false;
	if (state->to_skip) {
		state->to_skip--;
		return SCANCODE_TEXT;
	}
	if (code == PAUSE) {
		state->to_skip = PAUSE_REST;
		return SCANCODE_TEXT;
	}
	if (code == EXTENDED) {
		state->extended = true;
		return SCANCODE_TEXT;
	}
	if (take_modifier(state, key, extended, pressed) || !pressed || key >= KEYS)
		return SCANCODE_TEXT;

	if (key == KEY_DELETE && (state->left_control || state->right_control) &&
	    (state->left_alt || state->right_alt))
		return SCANCODE_RESTART;

	character = character_of(state, key, extended);
	if (character) {
		if (state->left_alt || state->right_alt)
			text[(*size)++] = 27;
		text[(*size)++] = character;
	} else if (cursor_key(key)) {
		*size = strlen(cursor_key(key));
		memcpy(text, cursor_key(key), *size);
	}
	return SCANCODE_TEXT;
}
