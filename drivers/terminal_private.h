/*
 * terminal_private.h -- between the files of the terminal: terminal.c reads the bytes,
 * terminal_sequence.c does what they ask, terminal_cells.c moves the cells.
 */
#ifndef DRIVERS_TERMINAL_PRIVATE_H
#define DRIVERS_TERMINAL_PRIVATE_H

#include "terminal.h"

/* --- terminal_cells.c --- */

extern const struct terminal_pen terminal_pen_normal;

void terminal_reset(struct terminal *t);
void terminal_put(struct terminal *t, uint32_t code);

void terminal_line_feed(struct terminal *t);
void terminal_reverse_line_feed(struct terminal *t);
/* To a row of the screen, or of the region under origin mode; limited to either. */
void terminal_move(struct terminal *t, unsigned row, unsigned column);
void terminal_tab(struct terminal *t);

/* Cells [from, to) of a row become blanks; rows [first, end). */
void terminal_erase(struct terminal *t, unsigned row, unsigned from, unsigned to);
void terminal_erase_rows(struct terminal *t, unsigned first, unsigned end);
/* At the cursor. */
void terminal_insert_cells(struct terminal *t, unsigned count);
void terminal_delete_cells(struct terminal *t, unsigned count);
/* Rows [first, end), up by `count`, or down. */
void terminal_scroll_up(struct terminal *t, unsigned first, unsigned end, unsigned count);
void terminal_scroll_down(struct terminal *t, unsigned first, unsigned end, unsigned count);
void terminal_fill(struct terminal *t, uint32_t code);
void terminal_mark_all(struct terminal *t);

/* --- terminal_sequence.c --- */

/* Of ESC [, with its parameters. */
void terminal_sequence(struct terminal *t, char final);
void terminal_answer(struct terminal *t, const char *text);

#endif
