/*
 * Which program is process 1, and what it gets from the kernel's command line.
 *
 * As on Linux: init= names it, else the usual places are tried; words that the kernel does not know
 * go to its environment (name=value) or its arguments. Context: boot, acting for the first process.
 */
#include <facet/cmdline.h>
#include <facet/errno.h>
#include <facet/exec.h>
#include <facet/file.h>
#include <facet/panic.h>
#include <facet/printk.h>
#include <facet/slab.h>
#include <facet/string.h>

#include "init.h"

#define TEXT_SIZE 1024
#define STRINGS_LIMIT (32 * PAGE_SIZE)

static const char *const kernel_words[] = {
	"console", "debug_exit", "init",  "loglevel",      "noapic", "overcommit",
	"panic",   "plant",      "quiet", "tick_phase_us", "wx",
};

static const char *const usual_places[] = { "/init", "/sbin/init", "/bin/init", "/bin/sh" };

static bool is_kernel_word(const struct cmdline_word *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(kernel_words); i++)
		if (cmdline_is(word, kernel_words[i]))
			return true;
	return false;
}

/* Words behind -- are all arguments. */
static int add_words(struct exec_arguments *arguments, const char *cmdline, char *text)
{
	struct cmdline_word word;
	bool only_arguments = false;
	int error = 0;

	for (const char *rest = cmdline; !error && cmdline_next(&rest, &word);) {
		if (!only_arguments && cmdline_is(&word, "--")) {
			only_arguments = true;
			continue;
		}
		if (!only_arguments && is_kernel_word(&word))
			continue;
		if (cmdline_text(&word, text, TEXT_SIZE) >= TEXT_SIZE)
			return -E2BIG;
		error = exec_strings_add(word.value && !only_arguments ? &arguments->environment
								       : &arguments->arguments,
					 text);
	}
	return error;
}

static int try_program(struct thread *thread, const char *path, const char *cmdline, char *text)
{
	struct exec_arguments arguments = {
		.arguments = { .limit = STRINGS_LIMIT },
		.environment = { .limit = STRINGS_LIMIT },
	};
	struct exec_target target = { .dirfd = AT_FDCWD, .path = path, .name = path };
	struct exec_image image;
	int error = exec_strings_add(&arguments.arguments, path);

	if (!error)
		error = exec_strings_add(&arguments.environment, "HOME=/");
	if (!error)
		error = exec_strings_add(&arguments.environment, "TERM=linux");
	if (!error)
		error = add_words(&arguments, cmdline, text);
	if (!error)
		error = exec_prepare(&target, &arguments, &image);
	if (!error)
		exec_commit(thread, &image);
	exec_arguments_free(&arguments);
	return error;
}

void init_program_load(struct thread *thread, const char *cmdline)
{
	char *text = kmalloc(TEXT_SIZE), *path = kmalloc(TEXT_SIZE);
	int error = -ENOENT;

	if (!text || !path)
		panic("boot: no memory for the first program's arguments");
	if (cmdline_get(cmdline, "init", path, TEXT_SIZE) > 0) {
		error = try_program(thread, path, cmdline, text);
		if (error)
			panic("boot: init=%s cannot be run: error %d", path, error);
	}
	for (size_t i = 0; error && i < ARRAY_SIZE(usual_places); i++) {
		error = try_program(thread, usual_places[i], cmdline, text);
		if (error && error != -ENOENT)
			pr_err("boot: %s cannot be run: error %d\n", usual_places[i], error);
	}
	if (error)
		panic("boot: no init: none of /init, /sbin/init, /bin/init, /bin/sh can be run");
	kfree(text);
	kfree(path);
}
