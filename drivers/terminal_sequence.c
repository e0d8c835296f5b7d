/*
 * terminal_sequence.c -- what the sequences behind ESC [ ask of the terminal.
 *
 * Those that TERM=linux names, and those that programs send without asking. More colours than there
 * are become the nearest, as Linux chooses it: bright where a component is, dark backgrounds.
 *
 * Sources: ECMA-48, 8.3; console_codes(4).
 */
#include <facet/format.h>
#include <facet/string.h>

#include "terminal_private.h"

void terminal_answer(struct terminal *t, const char *text)
{
	size_t size = strlen(text);

	if (size > sizeof(t->answer) - t->answer_size)
		return;
	memcpy(t->answer + t->answer_size, text, size);
	t->answer_size += size;
}

/* --- colours: SGR --- */

struct color {
	unsigned red, green, blue;
};

/* Of the 256: sixteen, a cube of 6 x 6 x 6, 24 greys. */
static struct color color_of_index(unsigned index)
{
	struct color color;

	if (index < 16) {
		unsigned low = index & COLOR_BRIGHT ? 0x55 : 0, high = low + 0xaa;

		color = (struct color){ index & 1 ? high : low, index & 2 ? high : low,
					index & 4 ? high : low };
	} else if (index < 232) {
		index -= 16;
		color = (struct color){ index / 36 * 85 / 2, index / 6 % 6 * 85 / 2,
					index % 6 * 85 / 2 };
	} else {
		index = index * 10 - 2312;
		color = (struct color){ index, index, index };
	}
	return color;
}

static void set_foreground(struct terminal_pen *pen, struct color color)
{
	unsigned most = MAX(MAX(color.red, color.green), color.blue);
	unsigned hue = (color.red > most / 2) | (color.green > most / 2) << 1 |
		       (color.blue > most / 2) << 2;

	if (hue == COLOR_WHITE && most <= 0x55) /* a dark grey is bright black */
		hue = COLOR_BRIGHT;
	else if (most > 0xaa)
		hue |= COLOR_BRIGHT;
	pen->foreground = (uint8_t)hue;
}

static void set_background(struct terminal_pen *pen, struct color color)
{
	pen->background = (uint8_t)(color.red >> 7 | color.green >> 7 << 1 | color.blue >> 7 << 2);
}

/* 38 and 48: 5 and an index, or 2 and three components. Returns how many parameters it took. */
static unsigned set_extended(struct terminal *t, unsigned at)
{
	const unsigned *parameters = t->parameters + at;
	unsigned left = t->parameter_count - at, taken;
	struct color color;

	if (left >= 3 && parameters[1] == 5) {
		color = color_of_index(MIN(parameters[2], 255));
		taken = 3;
	} else if (left >= 5 && parameters[1] == 2) {
		color = (struct color){ MIN(parameters[2], 255), MIN(parameters[3], 255),
					MIN(parameters[4], 255) };
		taken = 5;
	} else {
		return left;
	}
	if (parameters[0] == 38)
		set_foreground(&t->cursor.pen, color);
	else
		set_background(&t->cursor.pen, color);
	return taken;
}

static void set_attribute(struct terminal_pen *pen, unsigned parameter)
{
	if (parameter == 0)
		*pen = terminal_pen_normal;
	else if (parameter == 1 || parameter == 22)
		pen->bold = parameter == 1;
	else if (parameter == 4 || parameter == 21 || parameter == 24)
		pen->underlined = parameter != 24;
	else if (parameter == 7 || parameter == 27)
		pen->reversed = parameter == 7;
	else if (parameter >= 30 && parameter <= 37)
		pen->foreground = (uint8_t)(parameter - 30);
	else if (parameter == 39)
		pen->foreground = terminal_pen_normal.foreground;
	else if (parameter >= 40 && parameter <= 47)
		pen->background = (uint8_t)(parameter - 40);
	else if (parameter == 49)
		pen->background = terminal_pen_normal.background;
	else if (parameter >= 90 && parameter <= 97)
		pen->foreground = (uint8_t)(parameter - 90 + COLOR_BRIGHT);
	else if (parameter >= 100 && parameter <= 107)
		pen->background = (uint8_t)(parameter - 100 + COLOR_BRIGHT);
}

static void set_pen(struct terminal *t)
{
	for (unsigned i = 0; i < t->parameter_count;) {
		unsigned parameter = t->parameters[i];

		if (parameter == 38 || parameter == 48) {
			i += set_extended(t, i);
			continue;
		}
		set_attribute(&t->cursor.pen, parameter);
		i++;
	}
}

/* --- modes and reports --- */

static void set_private_mode(struct terminal *t, unsigned mode, bool set)
{
	switch (mode) {
	case 5:
		t->swaps_colors = set;
		terminal_mark_all(t);
		break;
	case 6:
		t->cursor.origin = set;
		terminal_move(t, 0, 0);
		break;
	case 7:
		t->clips = !set;
		t->cursor.wraps = t->cursor.wraps && set;
		break;
	case 25:
		t->hides_cursor = !set;
		break;
	}
}

static void set_modes(struct terminal *t, bool set)
{
	for (unsigned i = 0; i < t->parameter_count; i++) {
		unsigned mode = t->parameters[i];

		if (t->mark == '?')
			set_private_mode(t, mode, set);
		else if (!t->mark && mode == 4)
			t->inserts = set;
		else if (!t->mark && mode == 20)
			t->returns = set;
	}
}

static void report(struct terminal *t, unsigned what)
{
	const struct terminal_cursor *cursor = &t->cursor;
	char text[32];

	if (what == 5) {
		terminal_answer(t, "\033[0n");
	} else if (what == 6) {
		snprintf(text, sizeof(text), "\033[%u;%uR",
			 cursor->row + 1 - (cursor->origin ? t->top : 0), cursor->column + 1);
		terminal_answer(t, text);
	}
}

/* --- erasing, scrolling, moving --- */

static void erase_in_screen(struct terminal *t, unsigned mode)
{
	unsigned row = t->cursor.row, column = t->cursor.column;

	if (mode == 0) {
		terminal_erase(t, row, column, t->columns);
		terminal_erase_rows(t, row + 1, t->rows);
	} else if (mode == 1) {
		terminal_erase_rows(t, 0, row);
		terminal_erase(t, row, 0, column + 1);
	} else if (mode == 2 || mode == 3) {
		terminal_erase_rows(t, 0, t->rows);
	}
	t->cursor.wraps = false;
}

static void erase_in_row(struct terminal *t, unsigned mode)
{
	unsigned row = t->cursor.row, column = t->cursor.column;

	if (mode <= 2)
		terminal_erase(t, row, mode == 0 ? column : 0, mode == 1 ? column + 1 : t->columns);
	t->cursor.wraps = false;
}

static void set_region(struct terminal *t, unsigned first, unsigned last)
{
	last = last ? MIN(last, t->rows) : t->rows;
	if (first >= last)
		return;
	t->top = first - 1;
	t->bottom = last;
	terminal_move(t, 0, 0);
}

/* By a distance, within the region if it is there. */
static void move_up(struct terminal *t, unsigned count)
{
	unsigned limit = t->cursor.row >= t->top ? t->top : 0;

	t->cursor.row -= MIN(count, t->cursor.row - limit);
	t->cursor.wraps = false;
}

static void move_down(struct terminal *t, unsigned count)
{
	unsigned limit = t->cursor.row < t->bottom ? t->bottom : t->rows;

	t->cursor.row = MIN(t->cursor.row + count, limit - 1);
	t->cursor.wraps = false;
}

static void to_column(struct terminal *t, unsigned column)
{
	t->cursor.column = MIN(column, t->columns - 1);
	t->cursor.wraps = false;
}

/* L and M: rows from the cursor to the end of the region. */
static void move_rows(struct terminal *t, unsigned count, bool insert)
{
	if (t->cursor.row < t->top || t->cursor.row >= t->bottom)
		return;
	if (insert)
		terminal_scroll_down(t, t->cursor.row, t->bottom, count);
	else
		terminal_scroll_up(t, t->cursor.row, t->bottom, count);
	t->cursor.wraps = false;
}

static void clear_tabs(struct terminal *t, unsigned mode)
{
	if (mode == 0)
		bitmap_clear(t->tabs, t->cursor.column);
	for (unsigned column = 0; mode == 3 && column < t->columns; column++)
		bitmap_clear(t->tabs, column);
}

/* The cursor's. False: `final` is none of these. */
static bool move_sequence(struct terminal *t, char final, unsigned count)
{
	struct terminal_cursor *cursor = &t->cursor;

	switch (final) {
	case 'A':
	case 'F':
		move_up(t, count);
		break;
	case 'B':
	case 'E':
	case 'e':
		move_down(t, count);
		break;
	case 'C':
	case 'a':
		to_column(t, cursor->column + count);
		break;
	case 'D':
		to_column(t, cursor->column - MIN(count, cursor->column));
		break;
	case 'G':
	case '`':
		to_column(t, count - 1);
		break;
	case 'd':
		terminal_move(t, count - 1, cursor->column);
		break;
	case 'H':
	case 'f':
		terminal_move(t, count - 1,
			      t->parameter_count > 1 ? MAX(t->parameters[1], 1) - 1 : 0);
		break;
	case 's':
		t->saved = *cursor;
		break;
	case 'u':
		*cursor = t->saved;
		break;
	default:
		return false;
	}
	if (final == 'E' || final == 'F')
		cursor->column = 0;
	return true;
}

void terminal_sequence(struct terminal *t, char final)
{
	unsigned first = t->parameters[0], count = MAX(first, 1);

	if (final == 'h' || final == 'l') {
		set_modes(t, final == 'h');
		return;
	}
	if (t->mark || move_sequence(t, final, count))
		return;
	switch (final) {
	case 'J':
		erase_in_screen(t, first);
		break;
	case 'K':
		erase_in_row(t, first);
		break;
	case 'L':
	case 'M':
		move_rows(t, count, final == 'L');
		break;
	case 'P':
		terminal_delete_cells(t, count);
		break;
	case '@':
		terminal_insert_cells(t, count);
		break;
	case 'S':
		terminal_scroll_up(t, t->top, t->bottom, count);
		break;
	case 'T':
		terminal_scroll_down(t, t->top, t->bottom, count);
		break;
	case 'X':
		terminal_erase(t, t->cursor.row, t->cursor.column,
			       t->cursor.column + MIN(count, t->columns - t->cursor.column));
		break;
	case 'c':
		if (first == 0)
			terminal_answer(t, "\033[?6c");
		break;
	case 'g':
		clear_tabs(t, first);
		break;
	case 'm':
		set_pen(t);
		break;
	case 'n':
		report(t, first);
		break;
	case 'r':
		set_region(t, count, t->parameter_count > 1 ? t->parameters[1] : 0);
		break;
	}
}
