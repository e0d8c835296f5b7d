// sources: drivers/scancodes.c drivers/keymap_de.c
// flags: -Idrivers
// What only a layout with AltGr and dead keys has: the third level, and marks on letters.
#include "tap.h"

#include "typing.h"

#define CIRCUMFLEX 0x29
#define ACUTE 0x0d

TEST(umlauts_are_letters)
{
	GIVES("äöüß", 0x28, 0x27, 0x1a, 0x0c);
	GIVES("ÄÖÜ?", SHIFT, 0x28, 0x27, 0x1a, 0x0c);
	GIVES("ÄÖÜß1Z", CAPS_LOCK, 0x28, 0x27, 0x1a, 0x0c, 0x02, 0x15);
	GIVES("ä", CAPS_LOCK, SHIFT, 0x28);
	GIVES("\033ä", ALT, 0x28);
}

TEST(altgr_is_a_level)
{
	GIVES("@€{[]}\\~|", RIGHT_ALT, 0x10, 0x12, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x1b, 0x56);
	GIVES("²³µ", RIGHT_ALT, 0x03, 0x04, 0x32);
	GIVES("@", CAPS_LOCK, RIGHT_ALT, 0x10);
	GIVES("aa", RIGHT_ALT, 0x1e, 0x05, 0xe0, 0xb8, 0x1e, 0x1e);
	GIVES("\033@", RIGHT_ALT, ALT, 0x10);
	GIVES("\033\034\035", RIGHT_ALT, CONTROL, 0x09, 0x0c, 0x0a);
}

TEST(control_goes_by_the_character)
{
	GIVES("\031\032\036", CONTROL, 0x2c, 0x15, CIRCUMFLEX);
	GIVES("", CONTROL, 0x28, 0x0c, ACUTE, 0x2b);
}

TEST(dead_keys_mark_letters)
{
	GIVES("âé", CIRCUMFLEX, 0x1e, ACUTE, 0x12);
	GIVES("è", SHIFT, ACUTE, LET_GO(SHIFT), 0x12);
	GIVES("Ê", CIRCUMFLEX, SHIFT, 0x12);
	GIVES("Ý", ACUTE, SHIFT, 0x2c);
}

TEST(dead_keys_can_stand_alone)
{
	GIVES("^", CIRCUMFLEX, 0x39);
	GIVES("''", ACUTE, 0x39, ACUTE, 0x39);
	GIVES("`", SHIFT, ACUTE, LET_GO(SHIFT), 0x39);
	GIVES("^x", CIRCUMFLEX, 0x2d);
	GIVES("^\r", CIRCUMFLEX, 0x1c);
	GIVES("^\003a", CIRCUMFLEX, CONTROL, 0x2e, LET_GO(CONTROL), 0x1e);
	GIVES("^", CIRCUMFLEX, CIRCUMFLEX, 0x39);
	GIVES("^á", CIRCUMFLEX, ACUTE, 0x1e);
	GIVES("\033[Aâ", CIRCUMFLEX, 0xe0, 0x48, 0x1e);
	GIVES("\033^a", ALT, CIRCUMFLEX, LET_GO(ALT), 0x1e);
}

TEST(keypad_has_a_comma)
{
	GIVES(",", NUM_LOCK, 0x53);
}

TEST(any_codes_are_survived)
{
	for (int i = 0; i < 1000000; i++)
		take((uint8_t)tap_random());
	GIVES("a", 0x1e);
}
