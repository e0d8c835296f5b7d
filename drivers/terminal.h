/*
 * terminal.h -- what a screen shows: cells, a cursor, and the sequences that programs send to both.
 *
 * The terminal is Linux's console, TERM=linux. It knows no hardware: bytes go in, and a back end
 * shows the cells that differ from what it has shown. Pure: tested on the host. Not locked.
 *
 * Sources: ECMA-48; DEC VT102; console_codes(4).
 */
#ifndef DRIVERS_TERMINAL_H
#define DRIVERS_TERMINAL_H

#include <facet/bitmap.h>
#include <facet/types.h>

/*
 * A character with its colours: code point, foreground, background, whether it is underlined.
 * Colours are the eight of ECMA-48 (black, red, green, yellow, blue, magenta, cyan, white) and,
 * from 8 on, bright ones.
 */
typedef uint32_t cell_t;

#define CELL_CODE 0x1fffffu
#define CELL_FOREGROUND_SHIFT 21
#define CELL_BACKGROUND_SHIFT 25
#define CELL_COLORS (0xffu << CELL_FOREGROUND_SHIFT)
#define CELL_UNDERLINED (1u << 29)

#define COLOR_WHITE 7
#define COLOR_BRIGHT 8

static inline uint32_t cell_code(cell_t cell)
{
	return cell & CELL_CODE;
}

static inline unsigned cell_foreground(cell_t cell)
{
	return cell >> CELL_FOREGROUND_SHIFT & 15;
}

static inline unsigned cell_background(cell_t cell)
{
	return cell >> CELL_BACKGROUND_SHIFT & 15;
}

/* With its colours exchanged: under the cursor, or on a reversed screen. */
static inline cell_t cell_reversed(cell_t cell)
{
	return (cell & ~CELL_COLORS) | cell_foreground(cell) << CELL_BACKGROUND_SHIFT |
	       cell_background(cell) << CELL_FOREGROUND_SHIFT;
}

/* How characters are drawn from now on. */
struct terminal_pen {
	uint8_t foreground, background;
	bool bold, underlined, reversed;
};

struct terminal_cursor {
	unsigned row, column;
	bool wraps; /* a character stands in the last column: the next one begins a new row */
	struct terminal_pen pen;
	bool origin;      /* rows count from the scrolling region's first */
	bool graphics[2]; /* the set G0, G1 is DEC's with lines and corners, not ASCII */
	uint8_t charset;  /* 0: G0, 1: G1 */
};

enum terminal_state {
	TERMINAL_TEXT,
	TERMINAL_ESCAPE,
	TERMINAL_SEQUENCE,      /* behind ESC [ */
	TERMINAL_KEY,           /* behind ESC [ [ */
	TERMINAL_SWALLOW,       /* one more byte of a sequence that means nothing here */
	TERMINAL_CHARSET_0,     /* behind ESC ( */
	TERMINAL_CHARSET_1,     /* behind ESC ) */
	TERMINAL_COMMAND,       /* behind ESC ], whose kind comes next */
	TERMINAL_PALETTE,       /* behind ESC ] P */
	TERMINAL_STRING,        /* up to BEL or ESC \ */
	TERMINAL_STRING_ESCAPE, /* an ESC in it */
	TERMINAL_HASH,          /* behind ESC # */
};

#define TERMINAL_PARAMETERS 16
#define TERMINAL_ANSWER_MAX 64

struct terminal {
	unsigned rows, columns;
	cell_t **lines; /* each row's cells; scrolling changes the order of these alone */
	uint64_t *tabs; /* a bit a column */

	struct terminal_cursor cursor, saved;
	unsigned top, bottom; /* the scrolling region, [top, bottom) */
	bool inserts;         /* characters push the rest of their row */
	bool returns;         /* a line feed is a carriage return too */
	bool clips;           /* characters beyond the last column take its place */
	bool hides_cursor, swaps_colors;

	unsigned changed_first, changed_end; /* rows that may differ from what was shown */

	enum terminal_state state;
	char mark; /* ? > = < behind ESC [; 0: none */
	unsigned parameters[TERMINAL_PARAMETERS], parameter_count;
	uint32_t code, code_least; /* of a character whose bytes have not all come (UTF-8) */
	unsigned code_left;

	/* What programs asked for; who takes it sets the size to 0. */
	char answer[TERMINAL_ANSWER_MAX];
	size_t answer_size;
};

/* Bytes of memory that a terminal keeps lines, tabs and cells in; aligned to 8. */
#define TERMINAL_MEMORY(rows, columns)                                      \
	((rows) * (sizeof(cell_t *) + (size_t)(columns) * sizeof(cell_t)) + \
	 BITMAP_WORDS(columns) * sizeof(uint64_t))

void terminal_init(struct terminal *terminal, void *memory, unsigned rows, unsigned columns);

void terminal_write(struct terminal *terminal, const char *bytes, size_t size);

/* What is to be seen there, the cursor left out. */
static inline cell_t terminal_cell(const struct terminal *terminal, unsigned row, unsigned column)
{
	cell_t cell = terminal->lines[row][column];

	return terminal->swaps_colors ? cell_reversed(cell) : cell;
}

#endif
