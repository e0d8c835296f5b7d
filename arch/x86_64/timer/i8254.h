/*
 * i8254.h -- the PIT, of which channel 0 can make the tick, and channel 2 is one of the references.
 *
 * Source: Intel 8254 data sheet.
 */
#ifndef TIMER_I8254_H
#define TIMER_I8254_H

#include <arch/io.h>

#define PIT_CHANNEL(channel) (uint16_t)(0x40 + (channel))
#define PIT_COMMAND 0x43
#define PIT_SELECT(channel) ((channel) << 6) /* alone: latches the count */
#define PIT_RATE 0x34 /* low and high byte, mode 2: one pulse each time round */

/* From `divisor` down to 1, again and again; 0 stands for 65536. */
static inline void pit_start_channel(unsigned channel, uint16_t divisor)
{
	outb(PIT_COMMAND, (uint8_t)(PIT_SELECT(channel) | PIT_RATE));
	outb(PIT_CHANNEL(channel), (uint8_t)divisor);
	outb(PIT_CHANNEL(channel), (uint8_t)(divisor >> 8));
}

/* As a counter that goes up, of 16 bits. */
static inline uint32_t pit_count(unsigned channel)
{
	uint32_t low;

	outb(PIT_COMMAND, (uint8_t)PIT_SELECT(channel));
	low = inb(PIT_CHANNEL(channel));
	return -(low | (uint32_t)inb(PIT_CHANNEL(channel)) << 8);
}

#endif
