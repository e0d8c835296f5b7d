/*
 * font.h -- the fonts that scripts/font.py makes of the distribution's console fonts.
 */
#ifndef DRIVERS_FONT_H
#define DRIVERS_FONT_H

#include <facet/types.h>

struct font {
	unsigned width, height; /* pixels */
	const uint8_t *bitmaps; /* rows of whole bytes, the leftmost pixel highest */
	unsigned code_count;
	const uint16_t *codes;  /* characters that it has, rising, */
	const uint16_t *glyphs; /*   and the place of each in `bitmaps` */
};

extern const struct font fonts[]; /* each larger than the one before */
extern const unsigned font_count;

#endif
