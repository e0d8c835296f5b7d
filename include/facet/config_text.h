/*
 * config_text.h -- the configuration that this kernel was built with, in the kernel.
 *
 * Made from .config by scripts/kconfig.py. /proc/config shows the text; the panic screen and the boot
 * log carry the hash, which is over the options' values alone, whatever the file looked like.
 */
#ifndef FACET_CONFIG_TEXT_H
#define FACET_CONFIG_TEXT_H

#include <stddef.h>

extern const char config_text[];		/* NUL-terminated */
extern const size_t config_text_size;		/* bytes, without the NUL */
extern const char config_hash[];		/* eight hexadecimal digits */

#endif
