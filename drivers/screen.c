/*
 * screen.c -- tty0: what is written to it, on the screen.
 *
 * Bytes go into the terminal's cells. A thread brings the screen up to date, at most 50 times a
 * second: it draws the cells that differ from what it drew before, so however much is written
 * between two looks costs one redraw, writers never wait for a slow card, and nothing is ever read
 * from it. The thread is preempted as any other; it holds the lock only to copy one row. Before
 * there are threads, and in a panic, writing draws at once.
 *
 * Locks: screen_lock (RANK_SCREEN) around the terminal. What was drawn is the thread's own.
 */
#include <facet/clock.h>
#include <facet/console_devices.h>
#include <facet/pending.h>
#include <facet/printk.h>
#include <facet/sched.h>
#include <facet/slab.h>
#include <facet/string.h>
#include <facet/tty.h>

#include "screen.h"

#define FRAME_NS (NS_PER_SEC / 50)
#define NOTHING_SHOWN 0xff /* a byte of a cell that is never wanted */

static uint64_t early_memory[TERMINAL_MEMORY(EARLY_ROWS, EARLY_COLUMNS) / sizeof(uint64_t)];
static cell_t early_shown[EARLY_ROWS * EARLY_COLUMNS];
static cell_t early_row[EARLY_COLUMNS];

static struct spinlock screen_lock = SPINLOCK_INIT(RANK_SCREEN);
static struct terminal terminal;
static bool changed; /* since the thread looked last; it waits for that in `changes` */
static struct wait_queue changes = WAIT_QUEUE_INIT(changes);

static const struct screen_backend *backend;
static bool has_thread; /* which draws from now on */
static cell_t *shown;   /* what was drawn at each place, row by row */
static cell_t *row_copy;
static unsigned cursor_row; /* where the cursor was drawn */

/* What there is to do, taken from the terminal in one piece. */
struct frame_work {
	unsigned first, end; /* rows to look at */
	unsigned row, column;
	bool cursor_visible;
};

static struct frame_work take_work(void)
{
	const struct terminal_cursor *cursor = &terminal.cursor;
	struct frame_work work = {
		.first = MIN(terminal.changed_first, MIN(cursor->row, cursor_row)),
		.end = MAX(terminal.changed_end, MAX(cursor->row, cursor_row) + 1),
		.row = cursor->row,
		.column = cursor->column,
		.cursor_visible = !terminal.hides_cursor,
	};

	terminal.changed_first = terminal.rows;
	terminal.changed_end = 0;
	return work;
}

static void copy_row(unsigned row)
{
	for (unsigned column = 0; column < terminal.columns; column++)
		row_copy[column] = terminal_cell(&terminal, row, column);
}

static void draw_row(unsigned row, const struct frame_work *work)
{
	cell_t *was = shown + (size_t)row * terminal.columns;

	if (row == work->row && work->cursor_visible && !backend->move_cursor)
		row_copy[work->column] = cell_reversed(row_copy[work->column]);
	for (unsigned column = 0; column < terminal.columns; column++) {
		if (row_copy[column] == was[column])
			continue;
		backend->draw(row, column, row_copy[column]);
		was[column] = row_copy[column]; /* not before: a panic may come */
	}
}

static void draw_cursor(const struct frame_work *work)
{
	cursor_row = work->row;
	if (backend->move_cursor)
		backend->move_cursor(work->row, work->column, work->cursor_visible);
}

/* Without locks: boot, and panic. */
static void show_at_once(void)
{
	struct frame_work work = take_work();

	for (unsigned row = work.first; row < work.end; row++) {
		copy_row(row);
		draw_row(row, &work);
	}
	draw_cursor(&work);
}

static void show(void)
{
	struct frame_work work;

	spin_lock(&screen_lock);
	while (!changed)
		wait_sleep(&changes, &screen_lock, SLEEP_UNINTERRUPTIBLE);
	changed = false;
	work = take_work();
	spin_unlock(&screen_lock);

	for (unsigned row = work.first; row < work.end; row++) {
		spin_lock(&screen_lock);
		copy_row(row);
		spin_unlock(&screen_lock);
		draw_row(row, &work);
	}
	draw_cursor(&work);
}

static void screen_thread(void)
{
	for (;;) {
		show();
		sleep_until(clock_ns() + FRAME_NS, SLEEP_UNINTERRUPTIBLE);
	}
}

/* The bottom: answers are input, for whose locks a writer is too deep. */
static void give_answer(void)
{
	uint8_t answer[TERMINAL_ANSWER_MAX];
	size_t size;

	spin_lock(&screen_lock);
	size = terminal.answer_size;
	memcpy(answer, terminal.answer, size);
	terminal.answer_size = 0;
	spin_unlock(&screen_lock);
	console_input(answer, size);
}

static void screen_write(const char *bytes, size_t size)
{
	spin_lock(&screen_lock);
	terminal_write(&terminal, bytes, size);
	if (!has_thread) {
		show_at_once();
	} else if (!changed) {
		changed = true;
		wait_wake_one(&changes);
	}
	if (terminal.answer_size)
		pending_set(PENDING_SCREEN);
	spin_unlock(&screen_lock);
}

static void screen_write_panic(const char *bytes, size_t size)
{
	terminal_write(&terminal, bytes, size);
	/* The thread may have taken work that it will not get done. */
	terminal.changed_first = 0;
	terminal.changed_end = terminal.rows;
	show_at_once();
}

static void screen_size(unsigned *rows, unsigned *columns)
{
	*rows = terminal.rows;
	*columns = terminal.columns;
}

static const struct console_device screen_console = {
	.name = "tty0",
	.write = screen_write,
	.write_panic = screen_write_panic,
	.size = screen_size,
};

void screen_init(const struct screen_backend *to)
{
	backend = to;
	shown = early_shown;
	row_copy = early_row;
	memset(shown, NOTHING_SHOWN, sizeof(early_shown));
	terminal_init(&terminal, early_memory, EARLY_ROWS, EARLY_COLUMNS);
	show_at_once();
	pending_register(PENDING_SCREEN, give_answer);
	console_register(&screen_console);
}

void screen_grow(unsigned rows, unsigned columns)
{
	size_t cells = (size_t)rows * columns;
	void *memory = kmalloc(TERMINAL_MEMORY(rows, columns));
	cell_t *drawn = kmalloc((cells + columns) * sizeof(*drawn));
	struct terminal early = terminal;

	if (!memory || !drawn) {
		kfree(memory);
		kfree(drawn);
		return;
	}
	memset(drawn, NOTHING_SHOWN, cells * sizeof(*drawn));
	shown = drawn;
	row_copy = drawn + cells;
	terminal_init(&terminal, memory, rows, columns);
	for (unsigned row = 0; row < MIN(rows, early.rows); row++)
		memcpy(terminal.lines[row], early.lines[row],
		       MIN(columns, early.columns) * sizeof(cell_t));
	terminal.cursor = early.cursor;
	show_at_once();
}

void screen_start(void)
{
	if (!backend)
		return;
	has_thread = kernel_thread_start(screen_thread);
	if (!has_thread)
		pr_notice("console: no memory for the thread that draws tty0\n");
}
