/*
 * terminal.c -- the bytes that programs write: characters in UTF-8, control characters, and where a
 * sequence begins and ends.
 *
 * What is not understood is swallowed whole, never shown. A control character within a sequence
 * does its work there, as on a VT102, and what bytes do not make a character shows as one that says
 * so.
 *
 * Sources: ECMA-48; console_codes(4); RFC 3629; Paul Williams, "A parser for DEC's ANSI-compatible
 * video terminals".
 */
#include <facet/string.h>

#include "terminal_private.h"

#define NOT_A_CHARACTER 0xfffd
#define PARAMETER_MAX 9999
#define PALETTE_DIGITS 7

enum { BEL = 7, BS, HT, LF, VT, FF, CR, SO, SI, CAN = 24, SUB = 26, ESC, DELETE = 127 };

/* DEC's special graphics, for 0x5f to 0x7e. */
static const uint16_t graphics[] = {
	' ',    0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1, 0x2424, 0x240b,
	0x2518, 0x2510, 0x250c, 0x2514, 0x253c, 0x23ba, 0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c,
	0x2524, 0x2534, 0x252c, 0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7,
};
#define GRAPHICS_FIRST 0x5f

/* Marks that are set upon the character before, and what only tells how to lay out others. */
static bool takes_no_cell(uint32_t code)
{
	return (code >= 0x300 && code < 0x370) || (code >= 0x200b && code < 0x2010) ||
	       (code >= 0x202a && code < 0x202f) || (code >= 0xfe00 && code < 0xfe10) ||
	       code == 0xfeff;
}

static void put_character(struct terminal *t, uint32_t code)
{
	const struct terminal_cursor *cursor = &t->cursor;

	if (code - GRAPHICS_FIRST < ARRAY_SIZE(graphics) && cursor->graphics[cursor->charset])
		code = graphics[code - GRAPHICS_FIRST];
	if (!takes_no_cell(code))
		terminal_put(t, code);
}

static bool is_scalar(uint32_t code)
{
	return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

/* The bytes of a character were cut off. */
static void end_character(struct terminal *t)
{
	if (!t->code_left)
		return;
	t->code_left = 0;
	terminal_put(t, NOT_A_CHARACTER);
}

static void begin_character(struct terminal *t, uint8_t byte)
{
	if (byte < 0x80) {
		put_character(t, byte);
		return;
	}
	t->code_left = byte >= 0xf5   ? 0
		       : byte >= 0xf0 ? 3
		       : byte >= 0xe0 ? 2
		       : byte >= 0xc2 ? 1
				      : 0;
	if (!t->code_left) {
		terminal_put(t, NOT_A_CHARACTER);
		return;
	}
	t->code = byte & (0x3fu >> t->code_left);
	t->code_least = t->code_left == 1 ? 0x80 : t->code_left == 2 ? 0x800 : 0x10000;
}

static void put_text(struct terminal *t, uint8_t byte)
{
	if (!t->code_left || (byte & 0xc0) != 0x80) {
		end_character(t);
		begin_character(t, byte);
		return;
	}
	t->code = t->code << 6 | (byte & 0x3f);
	if (--t->code_left == 0)
		put_character(t, is_scalar(t->code) && t->code >= t->code_least ? t->code
										: NOT_A_CHARACTER);
}

static void put_control(struct terminal *t, uint8_t byte)
{
	switch (byte) {
	case BS:
		t->cursor.column -= t->cursor.column ? 1 : 0;
		t->cursor.wraps = false;
		break;
	case HT:
		terminal_tab(t);
		break;
	case LF:
	case VT:
	case FF:
		terminal_line_feed(t);
		break;
	case CR:
		t->cursor.column = 0;
		t->cursor.wraps = false;
		break;
	case SO:
	case SI:
		t->cursor.charset = byte == SO;
		break;
	case CAN:
	case SUB:
		t->state = TERMINAL_TEXT;
		break;
	case ESC:
		t->state = TERMINAL_ESCAPE;
		break;
	}
}

static void begin_sequence(struct terminal *t)
{
	t->state = TERMINAL_SEQUENCE;
	t->mark = 0;
	t->parameters[0] = 0;
	t->parameter_count = 1;
}

/* The byte behind an ESC that begins something longer: what is read next. */
static enum terminal_state state_behind(uint8_t byte)
{
	switch (byte) {
	case '(':
		return TERMINAL_CHARSET_0;
	case ')':
		return TERMINAL_CHARSET_1;
	case '#':
		return TERMINAL_HASH;
	case ']':
		return TERMINAL_COMMAND;
	case 'P':
	case 'X':
	case '^':
	case '_':
		return TERMINAL_STRING;
	case ' ':
	case '%':
	case '*':
	case '+':
	case '-':
	case '.':
	case '/':
		return TERMINAL_SWALLOW;
	default:
		return TERMINAL_TEXT;
	}
}

static void put_escape(struct terminal *t, uint8_t byte)
{
	t->state = state_behind(byte);
	switch (byte) {
	case '[':
		begin_sequence(t);
		break;
	case 'c':
		terminal_reset(t);
		break;
	case 'D':
		terminal_line_feed(t);
		break;
	case 'E':
		t->cursor.column = 0;
		terminal_line_feed(t);
		break;
	case 'H':
		bitmap_set(t->tabs, t->cursor.column);
		break;
	case 'M':
		terminal_reverse_line_feed(t);
		break;
	case 'Z':
		terminal_answer(t, "\033[?6c");
		break;
	case '7':
		t->saved = t->cursor;
		break;
	case '8':
		t->cursor = t->saved;
		break;
	}
}

static void put_sequence(struct terminal *t, uint8_t byte)
{
	unsigned *parameter = &t->parameters[t->parameter_count - 1];

	if (byte >= '0' && byte <= '9') {
		*parameter = MIN(*parameter * 10 + (byte - '0'), PARAMETER_MAX);
	} else if (byte == ';' || byte == ':') {
		if (t->parameter_count < TERMINAL_PARAMETERS)
			t->parameters[t->parameter_count++] = 0;
	} else if (byte == '[') {
		t->state = TERMINAL_KEY;
	} else if (byte < '@') {
		t->mark = (char)byte;
	} else {
		t->state = TERMINAL_TEXT;
		terminal_sequence(t, (char)byte);
	}
}

/* Within a string, control characters are its own. */
static void put_string(struct terminal *t, uint8_t byte)
{
	if (byte == BEL || byte == CAN || byte == SUB)
		t->state = TERMINAL_TEXT;
	else if (byte == ESC)
		t->state = TERMINAL_STRING_ESCAPE;
	else if (t->state == TERMINAL_STRING_ESCAPE && byte == '\\')
		t->state = TERMINAL_TEXT;
	else
		t->state = TERMINAL_STRING;
}

/* ESC ] R and ESC ] P with seven digits are Linux's, and set a palette that stays as it is. */
static void put_command(struct terminal *t, uint8_t byte)
{
	if (byte == 'P') {
		t->state = TERMINAL_PALETTE;
		t->parameter_count = 1;
	} else {
		t->state = byte == 'R' ? TERMINAL_TEXT : TERMINAL_STRING;
	}
}

static void put(struct terminal *t, uint8_t byte)
{
	if (t->state == TERMINAL_STRING || t->state == TERMINAL_STRING_ESCAPE) {
		put_string(t, byte);
		return;
	}
	if (byte < ' ' || byte == DELETE) {
		end_character(t);
		put_control(t, byte);
		return;
	}
	switch (t->state) {
	case TERMINAL_TEXT:
		put_text(t, byte);
		return;
	case TERMINAL_ESCAPE:
		put_escape(t, byte);
		return;
	case TERMINAL_SEQUENCE:
		put_sequence(t, byte);
		return;
	case TERMINAL_COMMAND:
		put_command(t, byte);
		return;
	case TERMINAL_PALETTE:
		if (t->parameter_count++ < PALETTE_DIGITS)
			return;
		break;
	case TERMINAL_CHARSET_0:
	case TERMINAL_CHARSET_1:
		t->cursor.graphics[t->state == TERMINAL_CHARSET_1] = byte == '0';
		break;
	case TERMINAL_HASH:
		if (byte == '8')
			terminal_fill(t, 'E');
		break;
	default:
		break;
	}
	t->state = TERMINAL_TEXT;
}

void terminal_write(struct terminal *t, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		put(t, (uint8_t)bytes[i]);
}
