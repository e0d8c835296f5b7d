/*
 * console_devices.h -- the devices behind /dev/console: drivers/serial.c, and drivers/vga.c or
 * drivers/framebuffer.c with drivers/keyboard.c. Each is linked by its option; without it, its
 * functions are empty.
 *
 * Output is ready from the first C function on, input only when interrupts and their bottoms are.
 */
#ifndef FACET_CONSOLE_DEVICES_H
#define FACET_CONSOLE_DEVICES_H

#include <facet/bootinfo.h>

#ifdef CONFIG_CONSOLE_SERIAL
/* Registers ttyS0, if the port is there. Context: boot_main, before anything is printed. */
void serial_init(void);
/* Takes its interrupt, unless `console=` names others only. Context: boot, after irq_init(). */
void serial_start(void);
#else
static inline void serial_init(void)
{
}
static inline void serial_start(void)
{
}
#endif

#ifdef CONFIG_CONSOLE_VGA
/* Registers tty0, if the loader left a text screen. Context: boot_main. */
void vga_init(const struct bootinfo *info);
/* From here on a thread draws. Context: boot, when threads can start. */
void screen_start(void);
/* Finds the PS/2 keyboard and takes its interrupt. Context: as serial_start(). */
void keyboard_start_input(void);
#else
static inline void vga_init(const struct bootinfo *info)
{
	(void)info;
}
static inline void screen_start(void)
{
}
static inline void keyboard_start_input(void)
{
}
#endif

#ifdef CONFIG_CONSOLE_FRAMEBUFFER
/* Registers tty0, if the loader left a screen of pixels. Context: boot_main. */
void framebuffer_init(const struct bootinfo *info);
/* Maps it well, and takes all of it. Context: boot, once there is memory. */
void framebuffer_start(void);
#else
static inline void framebuffer_init(const struct bootinfo *info)
{
	(void)info;
}
static inline void framebuffer_start(void)
{
}
#endif

#endif
