/*
 * screen.h -- tty0: one terminal, shown by one back end.
 *
 * A back end is called by one at a time, without a lock: at boot, by the thread that draws, or in a
 * panic, which that thread does not outlive.
 */
#ifndef DRIVERS_SCREEN_H
#define DRIVERS_SCREEN_H

#include "terminal.h"

/* What fits into every screen: its size before there is memory to be had. */
#define EARLY_ROWS 25
#define EARLY_COLUMNS 80

struct screen_backend {
	void (*draw)(unsigned row, unsigned column, cell_t cell);
	/* NULL: the cursor is a cell with its colours exchanged. */
	void (*move_cursor)(unsigned row, unsigned column, bool visible);
};

/* At boot: registers tty0. */
void screen_init(const struct screen_backend *backend);
/* With memory: to the screen's real size. Draws everything; without memory it stays as it is. */
void screen_grow(unsigned rows, unsigned columns);

#endif
