/*
 * tty_ioctl.c -- what is asked of a terminal by ioctl: settings, size, sessions, queues.
 *
 * What changes the terminal is refused to a process in its background, as a write would be.
 * Source: tty_ioctl(4); Linux's numbers.
 */
#include "tty_private.h"

#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/signal.h>
#include <facet/string.h>

/* clang-format off */
enum {
	TCGETS = 0x5401, TCSETS, TCSETSW, TCSETSF, TCSBRK = 0x5409, TCXONC, TCFLSH,
	TIOCSCTTY = 0x540e, TIOCGPGRP, TIOCSPGRP, TIOCOUTQ, TIOCGWINSZ = 0x5413, TIOCSWINSZ,
	FIONREAD = 0x541b, TIOCNOTTY = 0x5422, TCSBRKP = 0x5425, TIOCGSID = 0x5429,
};
/* clang-format on */

static long get_termios(struct tty *tty, void __user *argument)
{
	struct termios termios;

	spin_lock(&tty->lock);
	termios = tty->termios;
	spin_unlock(&tty->lock);
	return copy_to_user(argument, &termios, sizeof(termios)) ? -EFAULT : 0;
}

/* Output is never behind, so TCSETSW has nothing to wait for. */
static long set_termios(struct tty *tty, unsigned request, const void __user *argument)
{
	struct termios termios;
	int error = tty_check_change(tty);

	if (error)
		return error;
	if (copy_from_user(&termios, argument, sizeof(termios)))
		return -EFAULT;
	spin_lock(&tty->lock);
	if (request == TCSETSF)
		tty_flush_input(tty);
	tty_set_termios(tty, &termios);
	spin_unlock(&tty->lock);
	return 0;
}

static long get_size(struct tty *tty, void __user *argument)
{
	struct winsize size;

	spin_lock(&tty->lock);
	size = tty->size;
	spin_unlock(&tty->lock);
	return copy_to_user(argument, &size, sizeof(size)) ? -EFAULT : 0;
}

static long set_size(struct tty *tty, const void __user *argument)
{
	struct winsize size;
	pid_t group = 0;

	if (copy_from_user(&size, argument, sizeof(size)))
		return -EFAULT;
	spin_lock(&tty->lock);
	if (memcmp(&size, &tty->size, sizeof(size)))
		group = tty->group;
	tty->size = size;
	spin_unlock(&tty->lock);
	if (group)
		signal_send_group(group, SIGWINCH);
	return 0;
}

static long flush(struct tty *tty, unsigned long which)
{
	int error = tty_check_change(tty);

	if (error)
		return error;
	if (which > 2)
		return -EINVAL;
	if (which == 1) /* TCOFLUSH: nothing waits to go out */
		return 0;
	spin_lock(&tty->lock);
	tty_flush_input(tty);
	spin_unlock(&tty->lock);
	return 0;
}

/* TCOOFF and TCOON stop and start output; TCIOFF and TCION ask the other side for it. */
static long set_flow(struct tty *tty, unsigned long action)
{
	int error = tty_check_change(tty);
	char character;

	if (error)
		return error;
	if (action > 3)
		return -EINVAL;
	spin_lock(&tty->lock);
	if (action > 1) {
		character = (char)tty->termios.characters[action == 2 ? VSTOP : VSTART];
		if (character)
			console_write(&character, 1);
	} else {
		tty_hold_output(tty, action == 0);
	}
	spin_unlock(&tty->lock);
	return 0;
}

static long readable(struct tty *tty, uint32_t __user *argument)
{
	size_t bytes;

	spin_lock(&tty->lock);
	bytes = tty_readable(tty);
	spin_unlock(&tty->lock);
	return put_user_u32((uint32_t)bytes, argument);
}

/* Requests about sessions and groups. */
static long job_ioctl(struct tty *tty, unsigned request, unsigned long argument)
{
	uint32_t group;

	switch (request) {
	case TIOCSCTTY:
		return tty_make_controlling(tty, argument == 1);
	case TIOCNOTTY:
		return tty_give_up(tty);
	case TIOCSPGRP:
		if (get_user_u32(&group, (const uint32_t *)argument))
			return -EFAULT;
		return tty_set_foreground(tty, (pid_t)group);
	}
	if (!tty_is_controlling(tty))
		return -ENOTTY;
	return put_user_u32((uint32_t)(request == TIOCGSID ? tty->session : tty->group),
			    (uint32_t *)argument);
}

long tty_ioctl(struct file *file, unsigned request, unsigned long argument)
{
	struct tty *tty = file->private;
	void *pointer = (void *)argument;

	switch (request) {
	case TCGETS:
		return get_termios(tty, pointer);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(tty, request, pointer);
	case TIOCGWINSZ:
		return get_size(tty, pointer);
	case TIOCSWINSZ:
		return set_size(tty, pointer);
	case TCFLSH:
		return flush(tty, argument);
	case TCXONC:
		return set_flow(tty, argument);
	case TCSBRK:
	case TCSBRKP:
		return tty_check_change(tty); /* output is out; a break is not sent */
	case FIONREAD:
		return readable(tty, pointer);
	case TIOCOUTQ:
		return put_user_u32(0, pointer);
	case TIOCSCTTY:
	case TIOCNOTTY:
	case TIOCGPGRP:
	case TIOCSPGRP:
	case TIOCGSID:
		return job_ioctl(tty, request, argument);
	default:
		return -ENOTTY;
	}
}
