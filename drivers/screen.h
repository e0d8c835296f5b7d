/*
 * screen.h -- tty0: one terminal, shown by one back end.
 *
 * Context of everything here: the console's lock held, or boot, or panic.
 */
#ifndef DRIVERS_SCREEN_H
#define DRIVERS_SCREEN_H

#include "terminal.h"

struct screen_backend {
	void (*draw)(unsigned row, unsigned column, cell_t cell);
	/* NULL: the cursor is a cell with its colours exchanged. */
	void (*move_cursor)(unsigned row, unsigned column, bool visible);
};

/* At boot, before there is memory to be had: 80 x 25. Registers tty0. */
void screen_init(const struct screen_backend *backend);

#endif
