/*
 * last_log.c -- what outlives a reboot: /proc/facet/last_log, what the boot before this one
 * printed, as dmesg -r shows it, and /proc/facet/next_boot, what the boot loader is to start next.
 */
#include <facet/format.h>
#include <facet/last_log.h>
#include <facet/next_boot.h>

#include "proc.h"

int proc_show_last_log(struct text *text, pid_t pid)
{
	(void)pid;
	if (text_reserve(text, LAST_LOG_SIZE))
		text->size += last_log_read(text->bytes + text->size, LAST_LOG_SIZE);
	return 0;
}

int proc_show_next_boot(struct text *text, pid_t pid)
{
	(void)pid;
	text_printf(text, "%u\n", next_boot_get());
	return 0;
}

int proc_store_next_boot(pid_t pid, const char *text)
{
	uint64_t number;

	(void)pid;
	if (parse_u64(text, 10, &number))
		return -EINVAL;
	return next_boot_set(number);
}
