/*
 * keymap_us.c -- US English, 101 keys and the one more of 105.
 *
 * Source: X Keyboard Extension's "us", which Linux's default console keymap agrees with.
 */
#include "keymap.h"

static const struct dead_key none = { 0 };

const struct keymap keymap = {
	.keys = {
		[0] = {
			[ROW_DIGITS] = u"1234567890-=",
			[ROW_TOP] = u"qwertyuiop[]",
			[ROW_HOME] = u"asdfghjkl;'`",
			[ROW_BOTTOM] = u"\\zxcvbnm,./",
			[ROW_EXTRA] = u"<",
		},
		[LEVEL_SHIFT] = {
			[ROW_DIGITS] = u"!@#$%^&*()_+",
			[ROW_TOP] = u"QWERTYUIOP{}",
			[ROW_HOME] = u"ASDFGHJKL:\"~",
			[ROW_BOTTOM] = u"|ZXCVBNM<>?",
			[ROW_EXTRA] = u">",
		},
	},
	.decimal = '.',
	.dead = &none,
};
