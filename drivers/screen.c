/*
 * screen.c -- tty0: what is written to it, on the screen.
 *
 * Bytes go into the terminal's cells. Of these, those that differ from what was drawn are drawn, so
 * nothing is ever read from the screen, which on hardware is slow.
 *
 * Locks: the console's, around everything; in a panic, none.
 */
#include <facet/slab.h>
#include <facet/string.h>
#include <facet/tty.h>

#include "screen.h"

#define NOTHING_SHOWN 0xff /* a byte of a cell that is never wanted */

static uint64_t early_memory[TERMINAL_MEMORY(EARLY_ROWS, EARLY_COLUMNS) / sizeof(uint64_t)];
static cell_t early_shown[EARLY_ROWS * EARLY_COLUMNS];

static struct terminal terminal;
static const struct screen_backend *backend;
static cell_t *shown;       /* a cell of each place, row by row */
static unsigned cursor_row; /* where it was drawn */

static void show_row(unsigned row, unsigned cursor_column)
{
	cell_t *was = shown + (size_t)row * terminal.columns;

	for (unsigned column = 0; column < terminal.columns; column++) {
		cell_t cell = terminal_cell(&terminal, row, column);

		if (column == cursor_column)
			cell = cell_reversed(cell);
		if (cell == was[column])
			continue;
		was[column] = cell;
		backend->draw(row, column, cell);
	}
}

/* The cursor's row and that where it was are looked at too. */
static void show(void)
{
	const struct terminal_cursor *cursor = &terminal.cursor;
	bool as_cell = !backend->move_cursor && !terminal.hides_cursor;
	unsigned first = MIN(terminal.changed_first, MIN(cursor->row, cursor_row));
	unsigned end = MAX(terminal.changed_end, MAX(cursor->row, cursor_row) + 1);

	terminal.changed_first = terminal.rows;
	terminal.changed_end = 0;
	cursor_row = cursor->row;
	for (unsigned row = first; row < end; row++)
		show_row(row, as_cell && row == cursor->row ? cursor->column : terminal.columns);
	if (backend->move_cursor)
		backend->move_cursor(cursor->row, cursor->column, !terminal.hides_cursor);
}

static void screen_write(const char *bytes, size_t size)
{
	terminal_write(&terminal, bytes, size);
	show();
}

static void screen_size(unsigned *rows, unsigned *columns)
{
	*rows = terminal.rows;
	*columns = terminal.columns;
}

static const struct console_device screen_console = {
	.name = "tty0",
	.write = screen_write,
	.size = screen_size,
};

void screen_init(const struct screen_backend *to)
{
	backend = to;
	shown = early_shown;
	memset(shown, NOTHING_SHOWN, sizeof(early_shown));
	terminal_init(&terminal, early_memory, EARLY_ROWS, EARLY_COLUMNS);
	show();
	console_register(&screen_console);
}

void screen_grow(unsigned rows, unsigned columns)
{
	void *memory = kmalloc(TERMINAL_MEMORY(rows, columns));
	cell_t *drawn = kmalloc((size_t)rows * columns * sizeof(*drawn));
	struct terminal early = terminal;

	if (!memory || !drawn) {
		kfree(memory);
		kfree(drawn);
		return;
	}
	memset(drawn, NOTHING_SHOWN, (size_t)rows * columns * sizeof(*drawn));
	shown = drawn;
	terminal_init(&terminal, memory, rows, columns);
	for (unsigned row = 0; row < MIN(rows, early.rows); row++)
		memcpy(terminal.lines[row], early.lines[row],
		       MIN(columns, early.columns) * sizeof(cell_t));
	terminal.cursor = early.cursor;
	show();
}
