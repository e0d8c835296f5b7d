/*
 * config_text.h -- the configuration that this kernel was built with, in the kernel.
 *
 * Made from .config by scripts/kconfig.py. /proc/config shows the text, /proc/defconfig what in it
 * is not a default. The boot log, the panic screen and uname carry the hash, which is over the
 * options' values alone, whatever the file looked like. Hash and text lie between two markers, by
 * which scripts/extract-config finds them in an image.
 */
#ifndef FACET_CONFIG_TEXT_H
#define FACET_CONFIG_TEXT_H

#include <stddef.h>

extern const char *const config_hash; /* eight hexadecimal digits and a NUL */
extern const char *const config_text; /* byte for byte .config; no NUL */
extern const size_t config_text_size;

extern const char config_chosen[]; /* as `make savedefconfig` writes it */
extern const size_t config_chosen_size;

#endif
