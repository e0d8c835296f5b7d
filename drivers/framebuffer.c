/*
 * framebuffer.c -- a screen of pixels that the loader has set up, a back end of screen.c.
 *
 * Any format with red, green and blue at places of their own; nothing is ever read back. At boot it
 * is written to through the boot page tables, as uncached as firmware has set it up, so that what
 * goes wrong early is seen; with memory at hand it is mapped write-combining, which gathers the
 * pixels of a row into bursts, and the terminal grows to its size.
 *
 * Source: Multiboot2 specification 2.0, 3.6.12.
 */
#include <arch/layout.h>
#include <arch/page_table.h>
#include <facet/console_devices.h>
#include <facet/printk.h>
#include <facet/string.h>

#include "font.h"
#include "screen.h"

#define BOOT_MAPPED (4ul << 30) /* what the boot page tables reach */
#define SMALL_FONT_WIDTH 1920   /* on a wider screen its letters would be too small to read */
#define MISSING 0xfffd

typedef uint16_t pixel_16 __attribute__((aligned(1)));
typedef uint32_t pixel_32 __attribute__((aligned(1)));

static struct boot_framebuffer fb;
static unsigned pixel_bytes;
static uint8_t *pixels; /* NULL: out of reach until it is mapped */
static const struct font *font;
static uint32_t palette[16];
static bool in_use;

/* Where a character stands among the font's; the number of those: nowhere. */
static unsigned find(uint32_t code)
{
	unsigned low = 0, high = font->code_count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (font->codes[middle] < code)
			low = middle + 1;
		else
			high = middle;
	}
	return low < font->code_count && font->codes[low] == code ? low : font->code_count;
}

static const uint8_t *bitmap_of(uint32_t code)
{
	unsigned at = find(code);

	if (at == font->code_count)
		at = find(MISSING);
	if (at == font->code_count)
		at = find('?');
	return font->bitmaps + (size_t)font->glyphs[at] * font->height * ((font->width + 7) / 8);
}

/* One row of a character: a pixel for each bit, from bit 31 on. */
static void draw_row(uint8_t *to, uint32_t bits, uint32_t foreground, uint32_t background)
{
	for (unsigned i = 0; i < font->width; i++, bits <<= 1, to += pixel_bytes) {
		uint32_t pixel = bits >> 31 ? foreground : background;

		if (pixel_bytes == 4) {
			*(pixel_32 *)to = pixel;
		} else {
			*(pixel_16 *)to = (uint16_t)pixel;
			if (pixel_bytes == 3)
				to[2] = (uint8_t)(pixel >> 16);
		}
	}
}

static void framebuffer_draw(unsigned row, unsigned column, cell_t cell)
{
	uint32_t foreground = palette[cell_foreground(cell)];
	uint32_t background = palette[cell_background(cell)];
	const uint8_t *bitmap = bitmap_of(cell_code(cell));
	uint8_t *to;

	if (!pixels)
		return;
	to = pixels + (size_t)row * font->height * fb.pitch +
	     (size_t)column * font->width * pixel_bytes;
	for (unsigned line = 0; line < font->height; line++, to += fb.pitch) {
		uint32_t bits = 0;

		for (unsigned shift = 24, left = font->width; left;
		     left -= MIN(left, 8), shift -= 8)
			bits |= (uint32_t)*bitmap++ << shift;
		if (cell & CELL_UNDERLINED && line == font->height - font->height / 8)
			bits = UINT32_MAX;
		draw_row(to, bits, foreground, background);
	}
}

static const struct screen_backend framebuffer_backend = {
	.draw = framebuffer_draw,
};

static uint32_t channel(unsigned value, unsigned bits, unsigned shift)
{
	return (uint32_t)((uint64_t)value * ((1u << bits) - 1) / 255) << shift;
}

/* The colours of a VGA, where dark yellow is brown. */
static void make_palette(void)
{
	for (unsigned color = 0; color < ARRAY_SIZE(palette); color++) {
		unsigned low = color & COLOR_BRIGHT ? 0x55 : 0, high = low + 0xaa;
		unsigned red = color & 1 ? high : low;
		unsigned green = color == 3 ? 0x55 : color & 2 ? high : low;
		unsigned blue = color & 4 ? high : low;

		palette[color] = channel(red, fb.red_bits, fb.red_shift) |
				 channel(green, fb.green_bits, fb.green_shift) |
				 channel(blue, fb.blue_bits, fb.blue_shift);
	}
}

static size_t memory_size(void)
{
	return (size_t)fb.pitch * fb.height;
}

static bool channel_fits(unsigned bits, unsigned shift)
{
	return bits > 0 && bits <= 16 && bits + shift <= 8 * pixel_bytes;
}

/* Whether what the loader says can be true, and there is room for the early terminal. */
static bool is_usable(void)
{
	return fb.base && pixel_bytes >= 2 && pixel_bytes <= 4 && fb.width <= UINT16_MAX &&
	       fb.height <= UINT16_MAX && fb.pitch >= fb.width * pixel_bytes &&
	       fb.width >= EARLY_COLUMNS * font->width && fb.height >= EARLY_ROWS * font->height &&
	       channel_fits(fb.red_bits, fb.red_shift) &&
	       channel_fits(fb.green_bits, fb.green_shift) &&
	       channel_fits(fb.blue_bits, fb.blue_shift);
}

void framebuffer_init(const struct bootinfo *info)
{
	if (info->console != BOOT_CONSOLE_FRAMEBUFFER)
		return;
	fb = info->framebuffer;
	pixel_bytes = (fb.bits_per_pixel + 7u) / 8;
	font = &fonts[fb.width > SMALL_FONT_WIDTH ? font_count - 1 : 0];
	if (!is_usable()) {
		pr_notice("console: a screen of %u x %u pixels of %u bits cannot be used\n",
			  fb.width, fb.height, fb.bits_per_pixel);
		return;
	}
	make_palette();
	if (fb.base < BOOT_MAPPED && memory_size() <= BOOT_MAPPED - fb.base) {
		pixels = phys_to_virt(fb.base);
		memset(pixels, 0, memory_size());
	}
	in_use = true;
	screen_init(&framebuffer_backend);
}

void framebuffer_start(void)
{
	uint8_t *mapped;

	if (!in_use)
		return;
	mapped = device_map_write_combining(fb.base, memory_size());
	if (!mapped) {
		pr_notice("console: no memory to map the framebuffer\n");
		return;
	}
	if (!pixels)
		memset(mapped, 0, memory_size());
	pixels = mapped;
	screen_grow(fb.height / font->height, fb.width / font->width);
	pr_info("console: framebuffer of %u x %u pixels, %u bits, at %#lx\n", fb.width, fb.height,
		fb.bits_per_pixel, fb.base);
	pr_machine("console: %u bytes a line, bits of red %u from %u, green %u from %u, "
		   "blue %u from %u\n",
		   fb.pitch, fb.red_bits, fb.red_shift, fb.green_bits, fb.green_shift, fb.blue_bits,
		   fb.blue_shift);
}
