/*
 * terminal_cells.c -- cells and cursor: what the terminal's characters and sequences come down to.
 *
 * A row is reached through a pointer, so that scrolling moves pointers, whatever the width.
 */
#include <facet/string.h>

#include "terminal_private.h"

#define TAB_WIDTH 8

const struct terminal_pen terminal_pen_normal = { .foreground = COLOR_WHITE };

static size_t tabs_size(unsigned columns)
{
	return BITMAP_WORDS(columns) * sizeof(uint64_t);
}

void terminal_init(struct terminal *t, void *memory, unsigned rows, unsigned columns)
{
	cell_t **lines = memory;
	uint64_t *tabs = (uint64_t *)(lines + rows);
	cell_t *cells = (cell_t *)(tabs + BITMAP_WORDS(columns));

	memset(t, 0, sizeof(*t));
	t->rows = rows;
	t->columns = columns;
	t->lines = lines;
	t->tabs = tabs;
	for (unsigned row = 0; row < rows; row++)
		t->lines[row] = cells + (size_t)row * columns;
	terminal_reset(t);
}

void terminal_reset(struct terminal *t)
{
	t->cursor = (struct terminal_cursor){ .pen = terminal_pen_normal };
	t->saved = t->cursor;
	t->top = 0;
	t->bottom = t->rows;
	t->inserts = t->returns = t->clips = t->hides_cursor = t->swaps_colors = false;
	memset(t->tabs, 0, tabs_size(t->columns));
	for (unsigned column = TAB_WIDTH; column < t->columns; column += TAB_WIDTH)
		bitmap_set(t->tabs, column);
	terminal_erase_rows(t, 0, t->rows);
}

static void mark(struct terminal *t, unsigned first, unsigned end)
{
	t->changed_first = MIN(t->changed_first, first);
	t->changed_end = MAX(t->changed_end, end);
}

void terminal_mark_all(struct terminal *t)
{
	mark(t, 0, t->rows);
}

static cell_t make_cell(uint32_t code, unsigned foreground, unsigned background)
{
	return code | foreground << CELL_FOREGROUND_SHIFT | background << CELL_BACKGROUND_SHIFT;
}

/* What is erased takes the background that is set, as on Linux. */
static cell_t blank(const struct terminal *t)
{
	return make_cell(' ', t->cursor.pen.foreground, t->cursor.pen.background);
}

static cell_t drawn(const struct terminal_pen *pen, uint32_t code)
{
	unsigned foreground = pen->foreground | (pen->bold ? COLOR_BRIGHT : 0);
	cell_t cell = pen->reversed ? make_cell(code, pen->background, foreground)
				    : make_cell(code, foreground, pen->background);

	return pen->underlined ? cell | CELL_UNDERLINED : cell;
}

void terminal_erase(struct terminal *t, unsigned row, unsigned from, unsigned to)
{
	cell_t *line = t->lines[row], with = blank(t);

	for (unsigned column = from; column < to; column++)
		line[column] = with;
	mark(t, row, row + 1);
}

void terminal_erase_rows(struct terminal *t, unsigned first, unsigned end)
{
	for (unsigned row = first; row < end; row++)
		terminal_erase(t, row, 0, t->columns);
}

void terminal_fill(struct terminal *t, uint32_t code)
{
	for (unsigned row = 0; row < t->rows; row++)
		for (unsigned column = 0; column < t->columns; column++)
			t->lines[row][column] = drawn(&terminal_pen_normal, code);
	terminal_mark_all(t);
}

void terminal_insert_cells(struct terminal *t, unsigned count)
{
	unsigned at = t->cursor.column;
	cell_t *line = t->lines[t->cursor.row];

	count = MIN(count, t->columns - at);
	memmove(line + at + count, line + at, (t->columns - at - count) * sizeof(*line));
	terminal_erase(t, t->cursor.row, at, at + count);
}

void terminal_delete_cells(struct terminal *t, unsigned count)
{
	unsigned at = t->cursor.column;
	cell_t *line = t->lines[t->cursor.row];

	count = MIN(count, t->columns - at);
	memmove(line + at, line + at + count, (t->columns - at - count) * sizeof(*line));
	terminal_erase(t, t->cursor.row, t->columns - count, t->columns);
}

static void reverse(cell_t **lines, unsigned first, unsigned end)
{
	for (; first + 1 < end; first++, end--) {
		cell_t *line = lines[first];

		lines[first] = lines[end - 1];
		lines[end - 1] = line;
	}
}

/* The first `count` rows of [first, end) come behind the others. */
static void rotate(struct terminal *t, unsigned first, unsigned end, unsigned count)
{
	reverse(t->lines, first, first + count);
	reverse(t->lines, first + count, end);
	reverse(t->lines, first, end);
	mark(t, first, end);
}

void terminal_scroll_up(struct terminal *t, unsigned first, unsigned end, unsigned count)
{
	count = MIN(count, end - first);
	rotate(t, first, end, count);
	terminal_erase_rows(t, end - count, end);
}

void terminal_scroll_down(struct terminal *t, unsigned first, unsigned end, unsigned count)
{
	count = MIN(count, end - first);
	rotate(t, first, end, end - first - count);
	terminal_erase_rows(t, first, first + count);
}

void terminal_line_feed(struct terminal *t)
{
	t->cursor.wraps = false;
	if (t->cursor.row + 1 == t->bottom)
		terminal_scroll_up(t, t->top, t->bottom, 1);
	else if (t->cursor.row + 1 < t->rows)
		t->cursor.row++;
	if (t->returns)
		t->cursor.column = 0;
}

void terminal_reverse_line_feed(struct terminal *t)
{
	t->cursor.wraps = false;
	if (t->cursor.row == t->top)
		terminal_scroll_down(t, t->top, t->bottom, 1);
	else if (t->cursor.row > 0)
		t->cursor.row--;
}

void terminal_move(struct terminal *t, unsigned row, unsigned column)
{
	unsigned first = t->cursor.origin ? t->top : 0;
	unsigned end = t->cursor.origin ? t->bottom : t->rows;

	t->cursor.row = MIN(row, end - 1 - first) + first;
	t->cursor.column = MIN(column, t->columns - 1);
	t->cursor.wraps = false;
}

void terminal_tab(struct terminal *t)
{
	size_t stop = bitmap_find_set(t->tabs, t->columns, t->cursor.column + 1);

	t->cursor.column = MIN((unsigned)stop, t->columns - 1);
}

void terminal_put(struct terminal *t, uint32_t code)
{
	struct terminal_cursor *cursor = &t->cursor;

	if (cursor->wraps) {
		cursor->column = 0;
		terminal_line_feed(t);
	}
	if (t->inserts)
		terminal_insert_cells(t, 1);
	t->lines[cursor->row][cursor->column] = drawn(&cursor->pen, code);
	mark(t, cursor->row, cursor->row + 1);
	if (cursor->column + 1 < t->columns)
		cursor->column++;
	else
		cursor->wraps = !t->clips;
}
