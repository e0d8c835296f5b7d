/*
 * system.c -- what /proc says of the whole machine.
 *
 * Numbers that this kernel does not count are left out where programs accept that, and 0 where the
 * format has a place for them. Source: proc(5).
 */
#include "proc.h"

#include <arch/irq.h>
#include <facet/boot_stages.h>
#include <facet/bootinfo.h>
#include <facet/config_text.h>
#include <facet/sched.h>
#include <facet/tick.h>
#include <facet/version.h>

#define CLOCK_TICKS_PER_SEC 100 /* USER_HZ, whatever CONFIG_HZ is */

/* Of things that this kernel knows and has none of. */
int proc_show_nothing(struct text *text, pid_t pid)
{
	(void)text, (void)pid;
	return 0;
}

define_constant(proc_show_partitions, "major minor  #blocks  name\n\n")

define_constant(proc_show_swaps, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n")

/* There are no disks. */
int proc_show_devices(struct text *text, pid_t pid)
{
	const char *name;

	(void)pid;
	text_printf(text, "Character devices:\n");
	for (uint32_t major = 0; major < DEVICE_MAJORS; major++)
		if ((name = device_major_name(major)))
			text_printf(text, "%3u %s\n", major, name);
	text_printf(text, "\nBlock devices:\n");
	return 0;
}

int proc_show_config(struct text *text, pid_t pid)
{
	(void)pid;
	text_add(text, config_text, config_text_size);
	return 0;
}

int proc_show_defconfig(struct text *text, pid_t pid)
{
	(void)pid;
	text_add(text, config_chosen, config_chosen_size);
	return 0;
}

define_constant(proc_show_cmdline, "%s\n", boot_info.cmdline)

define_constant(proc_show_version, "Linux version %s (facet) (gcc) " FACET_VERSION_FORMAT "\n",
		FACET_RELEASE, config_hash)

/* A stage of the boot a line: its name, and when it was done, in ns since the kernel's entry. */
int proc_show_boot(struct text *text, pid_t pid)
{
	const struct boot_stage *stage;

	(void)pid;
	for (unsigned i = 0; (stage = boot_stage_get(i)); i++)
		text_printf(text, "%s %lu\n", stage->name, clock_cycles_to_ns(stage->cycles));
	return 0;
}

static uint64_t idle_ns(void)
{
	struct thread *idle = cpu_get(idle);

	return sched_ran_ns(idle);
}

int proc_show_uptime(struct text *text, pid_t pid)
{
	uint64_t now = clock_ns(), up = now / (NS_PER_SEC / 100);
	uint64_t idle = MIN(idle_ns(), now) / (NS_PER_SEC / 100);

	(void)pid;
	text_printf(text, "%lu.%02lu %lu.%02lu\n", up / 100, up % 100, idle / 100, idle % 100);
	return 0;
}

int proc_show_loadavg(struct text *text, pid_t pid)
{
	uint64_t loads[LOAD_AVERAGES];

	(void)pid;
	load_averages(loads);
	for (unsigned i = 0; i < LOAD_AVERAGES; i++) {
		uint64_t rounded = loads[i] + (1ul << LOAD_SHIFT) / 200; /* to two digits */

		text_printf(text, "%lu.%02lu ", rounded >> LOAD_SHIFT,
			    (rounded & ((1ul << LOAD_SHIFT) - 1)) * 100 >> LOAD_SHIFT);
	}
	text_printf(text, "%u/%u %d\n", sched_running_count(), process_count(), process_newest());
	return 0;
}

static uint64_t clock_ticks_of(uint64_t ns)
{
	return ns / (NS_PER_SEC / CLOCK_TICKS_PER_SEC);
}

/* Of devices; ticks are counted apart, whatever brings them. */
uint64_t proc_device_interrupts(void)
{
	uint64_t sum = 0;

	for (unsigned line = 0; line < IRQ_LINES; line++)
		sum += irq_count(line);
	return sum;
}

int proc_show_interrupts(struct text *text, pid_t pid)
{
	(void)pid;
	text_printf(text, "%15s       \n", "CPU0");
	for (unsigned line = 0; line < IRQ_LINES; line++)
		if (irq_name(line))
			text_printf(text, "%3u: %10lu %s %u %s\n", line,
				    line == IRQ_PIT ? cpu_get(ticks) : irq_count(line),
				    irq_controller_name, line, irq_name(line));
	if (!irq_name(IRQ_PIT))
		text_printf(text, "LOC: %10lu   Local timer interrupts\n", cpu_get(ticks));
	text_printf(text, "ERR: %10lu\n", irq_spurious_count);
	return 0;
}

int proc_show_stat(struct text *text, pid_t pid)
{
	uint64_t now = clock_ns(), idle = MIN(idle_ns(), now), busy = now - idle;
	uint64_t user = MIN(cpu_get(user_ticks) * TICK_NS, busy);
	/* The date was read in seconds: what is a moment less than one is meant to be it. */
	uint64_t boot = (clock_realtime_ns() - now + NS_PER_SEC / 2) / NS_PER_SEC;

	(void)pid;
	for (unsigned line = 0; line < 2; line++)
		text_printf(text, "%s %lu 0 %lu %lu 0 0 0 0 0 0\n", line ? "cpu0" : "cpu ",
			    clock_ticks_of(user), clock_ticks_of(busy - user),
			    clock_ticks_of(idle));
	text_printf(text, "intr %lu\nctxt %lu\nbtime %lu\nprocesses %lu\nprocs_running %u\n",
		    cpu_get(ticks) + proc_device_interrupts(), sched_switch_count(), boot,
		    process_published_count(), sched_running_count());
	return 0;
}

int proc_show_filesystems(struct text *text, pid_t pid)
{
	const struct fs_type *type;

	(void)pid;
	list_for_each_entry(type, &fs_types, link)
		text_printf(text, "%s\t%s\n", type->no_device ? "nodev" : "", type->name);
	return 0;
}
