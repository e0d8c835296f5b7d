/*
 * i8259.c -- the two 8259 interrupt controllers of the PC, chained at line 2.
 *
 * Source: Intel 8259A data sheet. Alternative at run time: ioapic.c.
 */
#include <arch/io.h>
#include <arch/trap_frame.h>

#include "controllers.h"

#define FIRST 0x20 /* command; data is one above */
#define SECOND 0xa0
#define DATA 1

#define CASCADE 2 /* the first one's line where the second is */

#define ICW1_INIT 0x11 /* edge, chained, ICW4 follows */
#define ICW4_8086 0x01
#define OCW2_SPECIFIC_END 0x60
#define OCW3_READ_IN_SERVICE 0x0b

static uint16_t masked = 0xffff & ~(1u << CASCADE);

static void write_masks(void)
{
	outb(FIRST + DATA, (uint8_t)masked);
	outb(SECOND + DATA, (uint8_t)(masked >> 8));
}

void i8259_init(void)
{
	outb(FIRST, ICW1_INIT);
	outb(SECOND, ICW1_INIT);
	outb(FIRST + DATA, VECTOR_IRQ_BASE);
	outb(SECOND + DATA, VECTOR_IRQ_BASE + 8);
	outb(FIRST + DATA, 1 << CASCADE);
	outb(SECOND + DATA, CASCADE);
	outb(FIRST + DATA, ICW4_8086);
	outb(SECOND + DATA, ICW4_8086);
	write_masks();
}

void i8259_unmask(unsigned line)
{
	masked = (uint16_t)(masked & ~(1u << line));
	write_masks();
}

void i8259_mask(unsigned line)
{
	masked = (uint16_t)(masked | 1u << line);
	write_masks();
}

void i8259_acknowledge(unsigned line)
{
	if (line >= 8) {
		outb(SECOND, (uint8_t)(OCW2_SPECIFIC_END | (line - 8)));
		line = CASCADE;
	}
	outb(FIRST, (uint8_t)(OCW2_SPECIFIC_END | line));
}

/* A request that is withdrawn too early shows up as the lowest line, and is not in service. */
bool i8259_is_spurious(unsigned line)
{
	uint16_t port = line < 8 ? FIRST : SECOND;

	if (line % 8 != 7)
		return false;
	outb(port, OCW3_READ_IN_SERVICE);
	if (inb(port) & 0x80)
		return false;
	if (line >= 8) /* to the first controller the chained line was real */
		i8259_acknowledge(CASCADE);
	return true;
}
