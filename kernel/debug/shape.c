/*
 * shape.c -- the configuration in one line, for the boot log and the panic screen.
 *
 * The names come from the policies themselves, so the line tells what was linked; the hash
 * stands for all other options.
 */
#include <facet/config_text.h>
#include <facet/fork_memory.h>
#include <facet/format.h>
#include <facet/programs.h>
#include <facet/sched_policy.h>
#include <facet/shape.h>
#include <facet/timer.h>

void shape_line(char *buffer, size_t size)
{
	snprintf(buffer, size, "facet: sched=%s fork=%s timer=%s programs=%s hz=%d config=%s",
		 sched_policy_name, fork_memory_name, timer_name, programs_name, CONFIG_HZ,
		 config_hash);
}
