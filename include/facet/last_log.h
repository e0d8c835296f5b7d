/*
 * last_log.h -- the log of the boot before this one, where memory outlives a warm reboot.
 *
 * Linked by CONFIG_LAST_LOG; without it, the functions are empty.
 */
#ifndef FACET_LAST_LOG_H
#define FACET_LAST_LOG_H

#include <facet/bootinfo.h>

#define LAST_LOG_SIZE 24320 /* bytes of it that are kept: the newest */

#ifdef CONFIG_LAST_LOG
/* Finds it, and keeps this boot's log from now on. Context: boot, once the direct map is there. */
void last_log_init(const struct bootinfo *info);

/* Keeps more of this boot's. Context: the log's lock held, boot or a panic. */
void last_log_write(const char *bytes, size_t size);

/* Whether this boot's is being kept. */
bool last_log_is_kept(void);

/* Copies what is left of the boot before this one; returns how many bytes. */
size_t last_log_read(char *buffer, size_t size);
#else
static inline void last_log_init(const struct bootinfo *info)
{
	(void)info;
}
static inline void last_log_write(const char *bytes, size_t size)
{
	(void)bytes;
	(void)size;
}
#endif

#endif
