/*
 * keymap_de.c -- German, 105 keys: what is printed on them, circumflex, acute and grave dead.
 *
 * Source: DIN 2137, T1; Linux's de-latin1, which the X Keyboard Extension's "de" agrees with.
 */
#include "keymap.h"

static const struct dead_key dead_keys[] = {
	{ u'^', '^', u"aeiouAEIOU", u"âêîôûÂÊÎÔÛ" },
	{ u'´', '\'', u"aeiouyAEIOUY", u"áéíóúýÁÉÍÓÚÝ" },
	{ u'`', '`', u"aeiouAEIOU", u"àèìòùÀÈÌÒÙ" },
	{ 0 },
};

const struct keymap keymap = {
	.keys = {
		[0] = {
			[ROW_DIGITS] = u"1234567890ß´",
			[ROW_TOP] = u"qwertzuiopü+",
			[ROW_HOME] = u"asdfghjklöä^",
			[ROW_BOTTOM] = u"#yxcvbnm,.-",
			[ROW_EXTRA] = u"<",
		},
		[LEVEL_SHIFT] = {
			[ROW_DIGITS] = u"!\"§$%&/()=?`",
			[ROW_TOP] = u"QWERTZUIOPÜ*",
			[ROW_HOME] = u"ASDFGHJKLÖÄ°",
			[ROW_BOTTOM] = u"'YXCVBNM;:_",
			[ROW_EXTRA] = u">",
		},
		[LEVEL_ALTGR] = {
			[ROW_DIGITS] = u" ²³   {[]}\\",
			[ROW_TOP] = u"@ €        ~",
			[ROW_BOTTOM] = u"       µ",
			[ROW_EXTRA] = u"|",
		},
	},
	.has_altgr = true,
	.decimal = ',',
	.dead = dead_keys,
};
