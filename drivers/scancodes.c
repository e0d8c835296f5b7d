/*
 * scancodes.c -- scan code set 1 into the bytes that a terminal sends, as Linux's console does it.
 *
 * Characters come by the keymap, in UTF-8; cursor, function and other special keys as the escape
 * sequences of terminfo's "linux". Alt puts an escape in front. Control makes control characters,
 * of digits and signs too, and nothing of other characters, as Linux's default keymap has it. Caps
 * Lock is for letters. The keypad moves the cursor until Num Lock makes it digits.
 *
 * Pure. Source: IBM PS/2 Technical Reference, keyboards, scan code set 1; terminfo, "linux";
 * Linux's defkeymap.map.
 */
#include <facet/string.h>

#include "keymap.h"
#include "scancodes.h"

#define RELEASED 0x80
#define EXTENDED 0xe0 /* the next code is one that the PC of 1981 had not */
#define PAUSE 0xe1    /* begins the two halves of the Pause key, */
#define PAUSE_REST 2  /*   each with two more codes */
#define ESCAPE 27
#define DELETE 127
#define NO_CHARACTER 0xffff

enum {
	KEY_ESCAPE = 0x01,
	KEY_BACKSPACE = 0x0e,
	KEY_TAB = 0x0f,
	KEY_ENTER = 0x1c,
	KEY_CONTROL = 0x1d,
	KEY_LEFT_SHIFT = 0x2a,
	KEY_SLASH = 0x35,
	KEY_RIGHT_SHIFT = 0x36,
	KEY_KEYPAD_ASTERISK = 0x37, /* with EXTENDED: Print Screen */
	KEY_ALT = 0x38,
	KEY_SPACE = 0x39,
	KEY_CAPS_LOCK = 0x3a,
	KEY_F1 = 0x3b,
	KEY_F10 = 0x44,
	KEY_NUM_LOCK = 0x45,
	KEY_KEYPAD_7 = 0x47,
	KEY_KEYPAD_MINUS = 0x4a,
	KEY_KEYPAD_PLUS = 0x4e,
	KEY_KEYPAD_DECIMAL = 0x53,
	KEY_F11 = 0x57,
	KEY_F12 = 0x58,
};

#define FUNCTION_KEYS 12

static const struct {
	uint8_t first, count;
} rows[ROWS] = {
	[ROW_DIGITS] = { 0x02, 12 }, [ROW_TOP] = { 0x10, 12 },  [ROW_HOME] = { 0x1e, 12 },
	[ROW_BOTTOM] = { 0x2b, 11 }, [ROW_EXTRA] = { 0x56, 1 },
};

/* From the keypad's 7 on, without Num Lock; the cursor block has the same with EXTENDED. */
static const char *const cursor_keys[] = {
	"\033[1~", "\033[A", "\033[5~", NULL, /* Home, up, Page Up */
	"\033[D",  "\033[G", "\033[C",  NULL, /* left, middle, right */
	"\033[4~", "\033[B", "\033[6~", "\033[2~",
	"\033[3~" /* End, down, Page Down, Insert, Delete */
};

static const char keypad_digits[] = "789-456+1230";

/* Without Shift, and with it: F13 and so on, of which terminfo knows eight. */
static const char *const function_keys[2][FUNCTION_KEYS] = {
	{ "\033[[A", "\033[[B", "\033[[C", "\033[[D", "\033[[E", "\033[17~", "\033[18~", "\033[19~",
	  "\033[20~", "\033[21~", "\033[23~", "\033[24~" },
	{ "\033[25~", "\033[26~", "\033[28~", "\033[29~", "\033[31~", "\033[32~", "\033[33~",
	  "\033[34~" },
};

/* What Control makes of characters that have no control character by their code. */
static const char control_signs[] = " `2345678-/'?";
static const char controls[] = "\0\0\0\033\034\035\036\037\177\037\177\a\177";

_Static_assert(sizeof(control_signs) == sizeof(controls), "each has its control character");

static bool is_shift(const struct keyboard_state *state)
{
	return state->left_shift || state->right_shift;
}

static bool is_control(const struct keyboard_state *state)
{
	return state->left_control || state->right_control;
}

static bool is_altgr(const struct keyboard_state *state)
{
	return keymap.has_altgr && state->right_alt;
}

static bool is_alt(const struct keyboard_state *state)
{
	return state->left_alt || (state->right_alt && !keymap.has_altgr);
}

/* False: the key is no modifier and no lock. */
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
	case KEY_CONTROL:
		*(extended ? &state->right_control : &state->left_control) = pressed;
		return true;
	case KEY_ALT:
		*(extended ? &state->right_alt : &state->left_alt) = pressed;
		return true;
	case KEY_CAPS_LOCK:
		state->caps_lock ^= pressed && !state->caps_held; /* held, it repeats */
		state->caps_held = pressed;
		return true;
	case KEY_NUM_LOCK:
		state->num_lock ^= pressed && !state->num_held;
		state->num_held = pressed;
		return true;
	}
	return false;
}

/* Latin-1 has its small letters 32 behind the capital ones. */
static bool are_letters(uint16_t small, uint16_t capital)
{
	bool latin = (small >= 'a' && small <= 'z') || small >= u'à';

	return latin && capital + 32 == small;
}

/* The character that the keymap has for a key. */
static uint16_t printed(const struct keyboard_state *state, uint8_t key)
{
	unsigned level = is_altgr(state) ? LEVEL_ALTGR : 0;

	for (unsigned row = 0; row < ROWS; row++) {
		unsigned at = key - rows[row].first;
		uint16_t plain, shifted, found;

		if (key < rows[row].first || at >= rows[row].count)
			continue;
		plain = keymap.keys[level][row][at];
		shifted = keymap.keys[level | LEVEL_SHIFT][row][at];
		found = is_shift(state) != (state->caps_lock && are_letters(plain, shifted))
				? shifted
				: plain;
		return found && found != ' ' ? found : NO_CHARACTER;
	}
	return NO_CHARACTER;
}

/* --- bytes --- */

static void put(char *text, size_t *size, char byte)
{
	text[(*size)++] = byte;
}

static void put_utf8(char *text, size_t *size, uint16_t character)
{
	if (character < 0x80) {
		put(text, size, (char)character);
		return;
	}
	if (character < 0x800) {
		put(text, size, (char)(0xc0 | character >> 6));
	} else {
		put(text, size, (char)(0xe0 | character >> 12));
		put(text, size, (char)(0x80 | (character >> 6 & 0x3f)));
	}
	put(text, size, (char)(0x80 | (character & 0x3f)));
}

static void put_sequence(char *text, size_t *size, const char *sequence)
{
	for (; sequence && *sequence; sequence++)
		put(text, size, *sequence);
}

static const struct dead_key *dead_key(uint16_t character)
{
	const struct dead_key *dead = keymap.dead;

	while (dead->key && dead->key != character)
		dead++;
	return dead->key ? dead : NULL;
}

/* The letter with the mark of the dead key that was pressed before it; 0: there is no such. */
static uint16_t marked(const struct dead_key *dead, uint16_t character)
{
	if (character == ' ')
		return (uint8_t)dead->accent;
	for (size_t i = 0; dead->letters[i]; i++)
		if (dead->letters[i] == character)
			return dead->marked[i];
	return 0;
}

/* A dead key pressed twice waits on; before what it cannot mark it is a character of its own. */
static void put_character(struct keyboard_state *state, uint16_t character, char *text,
			  size_t *size)
{
	const struct dead_key *before = state->dead, *dead = dead_key(character);
	uint16_t mark = before ? marked(before, character) : 0;

	state->dead = dead;
	if (before && !mark && dead != before)
		put(text, size, before->accent);
	if (!dead)
		put_utf8(text, size, mark ? mark : character);
}

/* --- keys --- */

/* The cursor block, and the keypad. True if it was one of them. */
static bool take_keypad(const struct keyboard_state *state, uint8_t key, bool extended, char *text,
			size_t *size)
{
	unsigned at = key - KEY_KEYPAD_7;
	bool is_sign = key == KEY_KEYPAD_MINUS || key == KEY_KEYPAD_PLUS;

	if (key < KEY_KEYPAD_7 || key > KEY_KEYPAD_DECIMAL)
		return false;
	if (extended || !(state->num_lock || is_sign))
		put_sequence(text, size, cursor_keys[at]);
	else
		put(text, size, key == KEY_KEYPAD_DECIMAL ? keymap.decimal : keypad_digits[at]);
	return true;
}

static bool take_function_key(const struct keyboard_state *state, uint8_t key, char *text,
			      size_t *size)
{
	unsigned number = key - (key <= KEY_F10 ? KEY_F1 : KEY_F11 - 10);

	if ((key < KEY_F1 || key > KEY_F10) && key != KEY_F11 && key != KEY_F12)
		return false;
	if (!is_control(state) && !is_alt(state) && !is_altgr(state))
		put_sequence(text, size, function_keys[is_shift(state)][number]);
	return true;
}

/* What Control makes of a character. */
static uint16_t control(uint16_t character)
{
	const char *sign;

	if ((character >= '@' && character <= '_') || (character >= 'a' && character <= 'z'))
		return character & 0x1f;
	sign = character < 0x80 ? strchr(control_signs, character) : NULL;
	return sign ? (uint8_t)controls[sign - control_signs] : NO_CHARACTER;
}

static uint16_t character_of(const struct keyboard_state *state, uint8_t key, bool extended)
{
	uint16_t character;

	if (extended && key != KEY_ENTER)
		return key == KEY_SLASH ? '/' : NO_CHARACTER;
	switch (key) {
	case KEY_ESCAPE:
		return ESCAPE;
	case KEY_BACKSPACE:
		return is_control(state) ? '\b' : DELETE;
	case KEY_TAB:
		return '\t';
	case KEY_ENTER:
		return '\r';
	case KEY_KEYPAD_ASTERISK:
		return '*';
	}
	character = key == KEY_SPACE ? ' ' : printed(state, key);
	return is_control(state) ? control(character) : character;
}

static void take_character(struct keyboard_state *state, uint8_t key, bool extended, char *text,
			   size_t *size)
{
	uint16_t character = character_of(state, key, extended);
	bool is_back_tab = key == KEY_TAB && is_shift(state);

	if (character == NO_CHARACTER)
		return;
	if (is_alt(state) || is_back_tab) {
		put(text, size, ESCAPE);
		put_utf8(text, size, character);
	} else {
		put_character(state, character, text, size);
	}
}

enum scancode_event scancode_take(struct keyboard_state *state, uint8_t code, char *text,
				  size_t *size)
{
	bool pressed = !(code & RELEASED), extended = state->extended;
	uint8_t key = code & (uint8_t)~RELEASED;

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
	if (take_modifier(state, key, extended, pressed) || !pressed)
		return SCANCODE_TEXT;
	if (key == KEY_KEYPAD_DECIMAL && is_control(state) && (state->left_alt || state->right_alt))
		return SCANCODE_CTRL_ALT_DEL;
	if (!take_keypad(state, key, extended, text, size) &&
	    !take_function_key(state, key, text, size))
		take_character(state, key, extended, text, size);
	return SCANCODE_TEXT;
}
