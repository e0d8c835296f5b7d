/*
 * vga.c -- the PC's text screen of 80 x 25 characters, a back end of screen.c.
 *
 * The card's font is the BIOS's: IBM's code page 437. Eight backgrounds, for the ninth would blink.
 *
 * Source: FreeVGA, "CRTC"; Unicode's mapping table of code page 437.
 */
#include <arch/io.h>
#include <arch/layout.h>
#include <facet/config.h>
#include <facet/console_devices.h>
#include <facet/printk.h>

#include "screen.h"

#define TEXT_MEMORY 0xb8000
#define COLUMNS 80

#define CRTC_INDEX 0x3d4
#define CRTC_DATA 0x3d5
#define CRTC_CURSOR_START 0x0a
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW 0x0f

#define CURSOR_OFF 0x20

#define UNDERLINED_AS 3 /* cyan, as on Linux: the card has no lines in colour modes */
#define NOT_IN_FONT 0xfe

static volatile uint16_t *memory;
static uint8_t cursor_start; /* the card's own shape of the cursor */

/* clang-format off */
static const uint16_t upper_half[] = {
	0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7,
	0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5,
	0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9,
	0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192,
	0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba,
	0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb,
	0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556,
	0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510,
	0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f,
	0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567,
	0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b,
	0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580,
	0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4,
	0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229,
	0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248,
	0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};
/* clang-format on */

static uint8_t character_of(uint32_t code)
{
	if (code < 0x80)
		return (uint8_t)code;
	for (unsigned i = 0; i < ARRAY_SIZE(upper_half); i++)
		if (upper_half[i] == code)
			return (uint8_t)(0x80 + i);
	return NOT_IN_FONT;
}

/* ECMA-48 has red = 1, green = 2, blue = 4; the card has red and blue the other way. */
static unsigned card_color(unsigned color)
{
	return (color & 1) << 2 | (color & (2 | COLOR_BRIGHT)) | (color & 4) >> 2;
}

static void vga_draw(unsigned row, unsigned column, cell_t cell)
{
	unsigned foreground = card_color(cell_foreground(cell));
	unsigned background = card_color(cell_background(cell)) & 7;

	if (cell & CELL_UNDERLINED)
		foreground = UNDERLINED_AS | (foreground & COLOR_BRIGHT);
	memory[row * COLUMNS + column] = (uint16_t)(background << 12 | foreground << 8 |
						    character_of(cell_code(cell)));
}

static void crtc_write(uint8_t index, uint8_t value)
{
	outb(CRTC_INDEX, index);
	outb(CRTC_DATA, value);
}

static void vga_move_cursor(unsigned row, unsigned column, bool visible)
{
	unsigned at = row * COLUMNS + column;

	crtc_write(CRTC_CURSOR_START, visible ? cursor_start : cursor_start | CURSOR_OFF);
	crtc_write(CRTC_CURSOR_HIGH, (uint8_t)(at >> 8));
	crtc_write(CRTC_CURSOR_LOW, (uint8_t)at);
}

static const struct screen_backend vga_backend = {
	.draw = vga_draw,
	.move_cursor = vga_move_cursor,
};

/* Text memory that is there keeps what is written to it. */
static bool probe(void)
{
	uint16_t saved = *memory;
	bool kept;

	*memory = 0x55aa;
	kept = *memory == 0x55aa;
	*memory = 0xaa55;
	kept = kept && *memory == 0xaa55;
	*memory = saved;
	return kept;
}

void vga_init(const struct bootinfo *info)
{
	if (info->console == BOOT_CONSOLE_FRAMEBUFFER && !IS_ENABLED(CONFIG_CONSOLE_FRAMEBUFFER))
		pr_notice("console: the loader set graphics (%u x %u): text goes to ttyS0 only\n",
			  info->framebuffer.width, info->framebuffer.height);
	else if (info->console == BOOT_CONSOLE_NONE)
		pr_notice("console: the loader left no text screen: text goes to ttyS0 only\n");
	if (info->console != BOOT_CONSOLE_TEXT)
		return;
	memory = phys_to_virt(TEXT_MEMORY);
	if (!probe())
		return;
	outb(CRTC_INDEX, CRTC_CURSOR_START);
	cursor_start = inb(CRTC_DATA) & (uint8_t)~CURSOR_OFF;
	screen_init(&vga_backend);
	pr_machine("console: text of 80 x 25 at %#x\n", TEXT_MEMORY);
}
