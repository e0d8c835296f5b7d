/*
 * tty_ioctl.c -- what is asked of a terminal by ioctl: settings, size, sessions, queues.
 *
 * What changes the terminal is refused to a process in its background, as a write would be.
 * Source: tty_ioctl(4); Linux's numbers.
 */
#include "tty_private.h"

#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/signal.h>
#include <facet/string.h>

/* clang-format off */
enum {
	TCGETS = 0x5401, TCSETS, TCSETSW, TCSETSF, TCSBRK = 0x5409, TCXONC, TCFLSH,
	TIOCEXCL, TIOCNXCL, TIOCSCTTY, TIOCGPGRP, TIOCSPGRP, TIOCOUTQ, TIOCSTI, TIOCGWINSZ,
	TIOCSWINSZ, FIONREAD = 0x541b, TIOCNOTTY = 0x5422, TIOCSETD, TIOCGETD, TCSBRKP,
	TIOCGSID = 0x5429,
};
/* clang-format on */

#define TIOCGEXCL 0x80045440
#define N_TTY 0 /* the line discipline; there is no other */

enum { TCIFLUSH, TCOFLUSH, TCIOFLUSH };

static long get_termios(struct tty *tty, void __user *argument)
{
	struct termios termios;

	spin_lock(&tty->lock);
	termios = tty->termios;
	spin_unlock(&tty->lock);
	return copy_to_user(argument, &termios, sizeof(termios)) ? -EFAULT : 0;
}

/* Until all that was written is on its way to the other side. */
static int wait_sent(const struct tty_open *open)
{
	int error = console_wait_sent(UINT64_MAX, SLEEP_INTERRUPTIBLE);

	return tty_is_hung_up(open) ? -EIO : error;
}

static long set_termios(const struct tty_open *open, unsigned request, const void __user *argument)
{
	struct tty *tty = open->tty;
	struct termios termios;
	int error = tty_check_change(tty);

	if (!error && request != TCSETS)
		error = wait_sent(open);
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
	if (which > TCIOFLUSH)
		return -EINVAL;
	spin_lock(&tty->lock);
	if (which != TCOFLUSH)
		tty_flush_input(tty);
	if (which != TCIFLUSH)
		console_discard();
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
			console_send_first(character);
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

/* Pretends that a byte was typed: whoever may do that to a terminal may run what its user may. */
static long simulate_input(struct tty *tty, const void __user *argument)
{
	uint8_t byte;

	if (!tty_is_controlling(tty) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (copy_from_user(&byte, argument, 1))
		return -EFAULT;
	tty_input(tty, &byte, 1);
	return 0;
}

static long set_discipline(struct tty *tty, const uint32_t __user *argument)
{
	uint32_t discipline;
	int error = tty_check_change(tty);

	if (error)
		return error;
	if (get_user_u32(&discipline, argument))
		return -EFAULT;
	return discipline == N_TTY ? 0 : -EINVAL;
}

static long set_exclusive(struct tty *tty, bool exclusive)
{
	WRITE_ONCE(tty->exclusive, exclusive);
	return 0;
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
	const struct tty_open *open = file->private;
	struct tty *tty = open->tty;
	void *pointer = (void *)argument;
	int error;

	if (tty_is_hung_up(open))
		return request == TIOCSPGRP ? -ENOTTY : -EIO;
	switch (request) {
	case TCGETS:
		return get_termios(tty, pointer);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(open, request, pointer);
	case TIOCGWINSZ:
		return get_size(tty, pointer);
	case TIOCSWINSZ:
		return set_size(tty, pointer);
	case TCFLSH:
		return flush(tty, argument);
	case TCXONC:
		return set_flow(tty, argument);
	case TCSBRK:
	case TCSBRKP: /* a break is not sent */
		error = tty_check_change(tty);
		return error ? error : wait_sent(open);
	case FIONREAD:
		return readable(tty, pointer);
	case TIOCOUTQ:
		return put_user_u32((uint32_t)console_unsent(), pointer);
	case TIOCSTI:
		return simulate_input(tty, pointer);
	case TIOCEXCL:
	case TIOCNXCL:
		return set_exclusive(tty, request == TIOCEXCL);
	case TIOCGEXCL:
		return put_user_u32(READ_ONCE(tty->exclusive), pointer);
	case TIOCGETD:
		return put_user_u32(N_TTY, pointer);
	case TIOCSETD:
		return set_discipline(tty, pointer);
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
