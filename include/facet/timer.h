/*
 * timer.h -- the source of the tick: arch/x86_64/timer/pit.c or lapic.c, by choice.
 *
 * The interrupt controller is the same for both, so the choice compares timers and not controllers.
 */
#ifndef FACET_TIMER_H
#define FACET_TIMER_H

extern const char timer_name[];

/*
 * Starts an interrupt `hz` times a second, whose handler calls clock_tick(). Context: boot,
 * interrupts off.
 */
void timer_start(unsigned hz);

/* Context: the timer's interrupt, before the return path may switch. */
void timer_acknowledge(void);

#endif
