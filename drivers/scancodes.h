/*
 * scancodes.h -- from what a keyboard sends to what a terminal reads. Pure: tested on the host.
 */
#ifndef DRIVERS_SCANCODES_H
#define DRIVERS_SCANCODES_H

#include <facet/types.h>

struct dead_key;

#define SCANCODE_TEXT_MAX 8

/* Which keys are held, and where in a sequence of codes we are. All zeros at the start. */
struct keyboard_state {
	bool left_shift, right_shift, left_control, right_control, left_alt, right_alt;
	bool caps_lock, num_lock;
	bool caps_held, num_held;
	bool extended;               /* the last code was 0xe0 */
	uint8_t to_skip;             /* codes of the Pause key still to come */
	const struct dead_key *dead; /* was pressed before the next letter; NULL: none */
};

enum scancode_event {
	SCANCODE_TEXT, /* `size` bytes, maybe none */
	SCANCODE_CTRL_ALT_DEL,
};

/* Takes one code of set 1. `text` has SCANCODE_TEXT_MAX bytes, of UTF-8 or an escape sequence. */
enum scancode_event scancode_take(struct keyboard_state *state, uint8_t code, char *text,
				  size_t *size);

#endif
