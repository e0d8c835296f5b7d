/*
 * keymap.h -- what is printed on a keyboard's keys. A layout is one file, keymap_*.c, and
 * KEYBOARD_LAYOUT chooses which is linked.
 *
 * A third one is such a file, a Kconfig entry and a line in the makefile.
 */
#ifndef DRIVERS_KEYMAP_H
#define DRIVERS_KEYMAP_H

#include <facet/types.h>

/* Held down with a key. Right Alt is AltGr where the layout has characters for it, else Alt. */
enum keymap_level {
	LEVEL_SHIFT = 1,
	LEVEL_ALTGR = 2,
	LEVELS = 4,
};

/* The keys from left to right; the last row is the one beside the left Shift, of 105 keys. */
enum keymap_row { ROW_DIGITS, ROW_TOP, ROW_HOME, ROW_BOTTOM, ROW_EXTRA, ROWS };

#define ROW_KEYS_MAX 12

/* A key that puts a mark on the letter typed next; behind a space it is a character of its own. */
struct dead_key {
	uint16_t key; /* as printed; 0: behind the last */
	char accent;
	const uint16_t *letters, *marked; /* as many; end in 0 */
};

struct keymap {
	/* In Unicode; a space, or nothing, stands for no character. */
	uint16_t keys[LEVELS][ROWS][ROW_KEYS_MAX + 1];
	bool has_altgr;
	char decimal; /* of the keypad */
	const struct dead_key *dead;
};

extern const struct keymap keymap;

#endif
