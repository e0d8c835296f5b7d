/*
 * vga.c -- the 80 x 25 text screen: tty0.
 *
 * Understands what a shell's prompt and a line editor send: \r \n \b \t, and of the ANSI sequences
 * cursor movement, erasing and colours; others are swallowed. What is shown is kept in `cells` and
 * copied out, since reading the card's memory is slow.
 *
 * Everything here: the console's lock held, or boot, or panic. Sources: ECMA-48; FreeVGA, "CRTC".
 */
#include <arch/io.h>
#include <arch/layout.h>
#include <facet/console_devices.h>
#include <facet/printk.h>
#include <facet/string.h>
#include <facet/tty.h>

#define TEXT_MEMORY 0xb8000
#define COLUMNS 80
#define ROWS 25
#define CELLS (COLUMNS * ROWS)
#define TAB 8

#define COLOR_NORMAL 0x07 /* light grey on black */
#define COLOR_BRIGHT 0x08

#define CRTC_INDEX 0x3d4
#define CRTC_DATA 0x3d5
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW 0x0f

#define PARAMETERS_MAX 4

enum state { PLAIN, ESCAPE, SEQUENCE };

static uint16_t *memory;
static uint16_t cells[CELLS];
static unsigned row, column; /* column COLUMNS: the next character starts a new row */
static uint8_t color = COLOR_NORMAL;
static bool reversed;

static enum state state;
static unsigned parameters[PARAMETERS_MAX], parameter_count;

static uint16_t cell(char character)
{
	uint8_t shown = reversed ? (uint8_t)(color << 4 | color >> 4) & 0x7f : color;

	return (uint16_t)(shown << 8 | (uint8_t)character);
}

static void show(unsigned from, unsigned to)
{
	memcpy(memory + from, cells + from, (to - from) * sizeof(*cells));
}

static void erase(unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		cells[i] = (uint16_t)(color << 8 | ' ');
	show(from, to);
}

static void move_cursor(void)
{
	unsigned at = row * COLUMNS + MIN(column, COLUMNS - 1);

	outb(CRTC_INDEX, CRTC_CURSOR_HIGH);
	outb(CRTC_DATA, at >> 8);
	outb(CRTC_INDEX, CRTC_CURSOR_LOW);
	outb(CRTC_DATA, at & 0xff);
}

static void line_feed(void)
{
	if (row < ROWS - 1) {
		row++;
		return;
	}
	memmove(cells, cells + COLUMNS, (CELLS - COLUMNS) * sizeof(*cells));
	show(0, CELLS - COLUMNS);
	erase(CELLS - COLUMNS, CELLS);
}

static void put_character(char character)
{
	unsigned at;

	if (column == COLUMNS) {
		column = 0;
		line_feed();
	}
	at = row * COLUMNS + column++;
	cells[at] = cell(character);
	memory[at] = cells[at];
}

static void put_plain(char character)
{
	switch (character) {
	case '\r':
		column = 0;
		break;
	case '\n':
		line_feed();
		break;
	case '\b':
		if (column)
			column--;
		break;
	case '\t':
		column = MIN((column / TAB + 1) * TAB, COLUMNS - 1);
		break;
	case '\033':
		state = ESCAPE;
		break;
	default:
		if ((uint8_t)character >= ' ' && character != 0x7f)
			put_character(character);
	}
}

/* ANSI has red = 1, green = 2, blue = 4; the card has red and blue the other way. */
static uint8_t card_color(unsigned ansi)
{
	return (uint8_t)((ansi & 1) << 2 | (ansi & 2) | (ansi & 4) >> 2);
}

static void set_rendition(unsigned parameter)
{
	if (parameter == 0) {
		color = COLOR_NORMAL;
		reversed = false;
	} else if (parameter == 1) {
		color |= COLOR_BRIGHT;
	} else if (parameter == 22) {
		color &= ~COLOR_BRIGHT;
	} else if (parameter == 7 || parameter == 27) {
		reversed = parameter == 7;
	} else if (parameter >= 30 && parameter <= 37) {
		color = (color & 0xf8) | card_color(parameter - 30);
	} else if (parameter == 39) {
		color = (color & 0xf8) | (COLOR_NORMAL & 0x07);
	} else if (parameter >= 40 && parameter <= 47) {
		color = (uint8_t)((color & 0x0f) | card_color(parameter - 40) << 4);
	} else if (parameter == 49) {
		color &= 0x0f;
	}
}

/* J and K: from the cursor to the end (0), from the start to the cursor (1), all (2). */
static void erase_range(unsigned mode, unsigned start, unsigned end)
{
	unsigned at = row * COLUMNS + MIN(column, COLUMNS - 1);

	if (mode == 0)
		erase(at, end);
	else if (mode == 1)
		erase(start, at + 1);
	else if (mode == 2)
		erase(start, end);
}

static void finish_sequence(char final)
{
	unsigned first = parameters[0], count = MAX(first, 1);

	switch (final) {
	case 'A':
		row -= MIN(count, row);
		break;
	case 'B':
		row = MIN(row + count, ROWS - 1);
		break;
	case 'C':
		column = MIN(column + count, COLUMNS - 1);
		break;
	case 'D':
		column -= MIN(count, column);
		break;
	case 'G':
		column = MIN(count, COLUMNS) - 1;
		break;
	case 'H':
	case 'f':
		row = MIN(count, ROWS) - 1;
		column = MIN(MAX(parameters[1], 1), COLUMNS) - 1;
		break;
	case 'J':
		erase_range(first, 0, CELLS);
		break;
	case 'K':
		erase_range(first, row * COLUMNS, (row + 1) * COLUMNS);
		break;
	case 'm':
		for (unsigned i = 0; i < parameter_count; i++)
			set_rendition(parameters[i]);
		break;
	}
}

static void put_sequence(char character)
{
	unsigned *parameter = &parameters[parameter_count - 1];

	if (character >= '0' && character <= '9') {
		*parameter = MIN(*parameter * 10 + (unsigned)(character - '0'), 9999);
	} else if (character == ';') {
		if (parameter_count < PARAMETERS_MAX)
			parameters[parameter_count++] = 0;
	} else if (character >= '@' && character <= '~') {
		finish_sequence(character);
		state = PLAIN;
	} else if ((uint8_t)character < ' ') {
		state = PLAIN;
	}
}

static void put(char character)
{
	switch (state) {
	case PLAIN:
		put_plain(character);
		break;
	case ESCAPE:
		memset(parameters, 0, sizeof(parameters));
		parameter_count = 1;
		state = character == '[' ? SEQUENCE : PLAIN;
		break;
	case SEQUENCE:
		put_sequence(character);
		break;
	}
}

static void vga_write(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		put(bytes[i]);
	move_cursor();
}

static const struct console_device vga_console = {
	.name = "tty0",
	.write = vga_write,
};

/* Text memory that is there keeps what is written to it. */
static bool probe(void)
{
	volatile uint16_t *first = memory;
	uint16_t saved = *first;
	bool kept;

	*first = 0x55aa;
	kept = *first == 0x55aa;
	*first = 0xaa55;
	kept = kept && *first == 0xaa55;
	*first = saved;
	return kept;
}

void vga_init(const struct bootinfo *info)
{
	if (info->console == BOOT_CONSOLE_FRAMEBUFFER)
		pr_notice("console: the loader set graphics (%u x %u): text goes to ttyS0 only\n",
			  info->framebuffer.width, info->framebuffer.height);
	else if (info->console == BOOT_CONSOLE_NONE)
		pr_notice("console: the loader left no text screen: text goes to ttyS0 only\n");
	if (info->console != BOOT_CONSOLE_TEXT)
		return;
	memory = phys_to_virt(TEXT_MEMORY);
	if (!probe())
		return;
	erase(0, CELLS);
	move_cursor();
	console_register(&vga_console);
}
