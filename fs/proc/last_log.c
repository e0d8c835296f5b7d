/*
 * last_log.c -- /proc/facet/last_log: what the boot before this one printed, as dmesg -r shows it.
 */
#include <facet/last_log.h>

#include "proc.h"

int proc_show_last_log(struct text *text, pid_t pid)
{
	(void)pid;
	if (text_reserve(text, LAST_LOG_SIZE))
		text->size += last_log_read(text->bytes + text->size, LAST_LOG_SIZE);
	return 0;
}
