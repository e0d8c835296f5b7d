/*
 * lapic.h -- the local APIC's registers, for lapic_read() and lapic_write() of irq.h.
 *
 * Source: Intel SDM volume 3, chapter 11 (xAPIC).
 */
#ifndef ARCH_LAPIC_H
#define ARCH_LAPIC_H

#define LAPIC_ID 0x020
#define LAPIC_TASK_PRIORITY 0x080
#define LAPIC_EOI 0x0b0
#define LAPIC_SPURIOUS 0x0f0
#define LAPIC_ERROR_STATUS 0x280
#define LAPIC_LVT_TIMER 0x320
#define LAPIC_LVT_LINT0 0x350
#define LAPIC_LVT_LINT1 0x360
#define LAPIC_LVT_ERROR 0x370
#define LAPIC_TIMER_INITIAL 0x380
#define LAPIC_TIMER_CURRENT 0x390
#define LAPIC_TIMER_DIVIDE 0x3e0

#define LAPIC_SPURIOUS_ENABLE (1u << 8)
#define LAPIC_LVT_NMI (4u << 8)
#define LAPIC_LVT_EXTINT (7u << 8) /* the vector comes from the 8259 */
#define LAPIC_LVT_MASKED (1u << 16)
#define LAPIC_LVT_PERIODIC (1u << 17)
#define LAPIC_DIVIDE_BY_1 0xbu

#endif
