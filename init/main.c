/*
 * The boot story, in order. Each line of kernel_main() is a stage, and a stage that fails says so.
 *
 * The boot thread becomes the idle thread. While it builds the first process it acts on its behalf,
 * so that paths are looked up with that process's root and rights; the process then enters user
 * mode by the same return path as all others.
 */
#include <arch/acpi.h>
#include <arch/calibrate.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/machine_check.h>
#include <arch/page_table.h>
#include <arch/thermal.h>
#include <facet/boot_stages.h>
#include <facet/clock.h>
#include <facet/cmdline.h>
#include <facet/console_devices.h>
#include <facet/errno.h>
#include <facet/exec.h>
#include <facet/file.h>
#include <facet/format.h>
#include <facet/frames.h>
#include <facet/kernel_stack.h>
#include <facet/last_log.h>
#include <facet/panic.h>
#include <facet/plant.h>
#include <facet/printk.h>
#include <facet/process.h>
#include <facet/programs.h>
#include <facet/sched.h>
#include <facet/shape.h>
#include <facet/slab.h>
#include <facet/space.h>
#include <facet/string.h>
#include <facet/timer.h>
#include <facet/tty.h>

#include "init.h"

static struct boot_stage stages[12];
static unsigned stage_count;
static uint64_t entry_cycles;

static void stage_done(const char *name)
{
	assert(stage_count < ARRAY_SIZE(stages));
	stages[stage_count++] = (struct boot_stage){ name, rdtsc() - entry_cycles };
}

const struct boot_stage *boot_stage_get(unsigned index)
{
	return index < stage_count ? &stages[index] : NULL;
}

static void log_setup(const char *cmdline)
{
	char level[4];
	struct cmdline_word word;

	if (cmdline_find(cmdline, "quiet", &word))
		printk_set_console_level(LOG_WARNING);
	if (cmdline_get(cmdline, "loglevel", level, sizeof(level)) == 1)
		printk_set_console_level(level[0] - '0');
	console_select(cmdline);
}

static void log_cpu(void)
{
	const struct cpu_features *f = &cpu_features;
	uint32_t signature, b, c, d;

	if (!IS_ENABLED(CONFIG_LOG_MACHINE))
		return;
	cpuid(1, 0, &signature, &b, &c, &d);
	pr_machine("cpu: signature %#x, addresses of %u bits, memory types %#lx\n", signature,
		   f->physical_bits, rdmsr(MSR_PAT));
	pr_machine("cpu: has%s%s%s%s%s%s%s%s%s%s, hypervisor: %s\n", f->apic ? " apic" : "",
		   f->x2apic ? " x2apic" : "", f->tsc_deadline ? " tsc_deadline" : "",
		   f->invariant_tsc ? " invariant_tsc" : "", f->machine_check ? " mca" : "",
		   f->smep ? " smep" : "", f->smap ? " smap" : "", f->umip ? " umip" : "",
		   f->gib_pages ? " pdpe1gb" : "", f->avx ? " avx" : "",
		   f->hypervisor[0] ? f->hypervisor : "none");
}

static void log_memory(const struct bootinfo *info)
{
	static const char *const kinds[] = {
		[REGION_RAM] = "usable",
		[REGION_ACPI_RECLAIM] = "ACPI tables",
		[REGION_RESERVED] = "reserved",
	};

	for (size_t i = 0; i < info->region_count; i++) {
		const struct boot_region *region = &info->regions[i];

		pr_machine("memory: 0x%012lx to 0x%012lx %s\n", region->base,
			   region->base + region->size - 1, kinds[region->kind]);
	}
	for (size_t i = 0; i < info->module_count; i++)
		pr_machine("boot: module of %lu bytes at %#lx\n", info->modules[i].size,
			   info->modules[i].base);
}

static void log_machine(const struct bootinfo *info)
{
	char shape[SHAPE_LINE_MAX];

	shape_line(shape, sizeof(shape));
	pr_notice("%s\n", shape);
	pr_info("cpu: %s %s\n", cpu_features.vendor, cpu_features.model);
	log_cpu();
	pr_info("boot: by %s, command line: %s\n", info->protocol, info->cmdline);
	for (size_t i = 0; IS_ENABLED(CONFIG_LOG_MACHINE) && console_name(i); i++)
		pr_machine("console: %s is there\n", console_name(i));
	log_memory(info);
	pr_info("memory: %lu KiB free\n", frames_free_count() * (PAGE_SIZE / 1024));
}

static bool is_set(const char *cmdline, const char *name, char digit)
{
	char value[4];

	return cmdline_get(cmdline, name, value, sizeof(value)) == 1 && value[0] == digit;
}

static void memory_init(const struct bootinfo *info)
{
	kernel_map_init(info);
	frames_init();
	slab_init();
	kernel_stack_init();
	space_init();
	if (is_set(info->cmdline, "overcommit", '1'))
		commit_set_mode(COMMIT_ALWAYS);
	space_allows_wx = !is_set(info->cmdline, "wx", '0');
}

/* tick_phase_us=N: the first tick comes so much later, so that a measurement can be repeated with
 * the same work at other places between two ticks. */
static void wait_for_phase(void)
{
	char value[8] = "";
	uint64_t us, start = clock_ns();

	if (cmdline_get(boot_info.cmdline, "tick_phase_us", value, sizeof(value)) <= 0 ||
	    parse_u64(value, 10, &us))
		return;
	while (clock_ns() - start < us * 1000)
		;
}

static void time_init(void)
{
	uint64_t start = rdtsc(), cycles;

	calibrate();
	cycles = rdtsc() - start;
	clock_init(calibration.tsc_hz, rtc_read_seconds());
	pr_info("time: TSC %lu kHz, local APIC %lu kHz by the %s, calibrated in %lu us, "
		"interrupts by %s\n",
		calibration.tsc_hz / 1000, calibration.lapic_hz / 1000, calibration.reference,
		clock_cycles_to_ns(cycles) / 1000, irq_controller_name);
	wait_for_phase();
	timer_start(CONFIG_HZ);
	load_init();
	machine_check_watch();
	thermal_watch();
}

static void devices_init(void)
{
	tty_init();
	serial_start();
	keyboard_start_input();
}

static void files_init(const struct bootinfo *info)
{
	struct slice archive;
	int error = fs_init();

	if (error)
		panic("boot: the root file system cannot be made: error %d", error);
	error = programs_archive(info, &archive);
	if (error)
		panic("boot: no root archive: with programs=%s there must be one (QEMU: -initrd, "
		      "GRUB: module2)",
		      programs_name);
	error = archive_unpack(&archive);
	if (error == -ENOSPC || error == -ENOMEM)
		pr_err("boot: the root archive does not fit into this machine's memory\n");
	else if (error)
		pr_err("boot: the root archive is broken: error %d; what was read stays\n", error);
}

/* The first process, not yet published: an owner of files for the rest of the boot. */
static struct process *first_process_create(void)
{
	int error;
	struct process *process = process_create(NULL, &error);

	if (!process || process_first_group(process))
		panic("boot: no memory for the first process");
	init_process = process;
	current_thread()->process = process;
	return process;
}

static void first_process_open_files(struct process *process)
{
	process->fs = fs_context_create();
	process->descriptors = descriptors_create();
	if (!process->fs || !process->descriptors)
		panic("boot: no memory for the first process's files");
}

static void first_process_start(struct process *process, const char *cmdline)
{
	struct thread *thread = list_first_entry(&process->threads, struct thread, process_link);

	init_program_load(thread, cmdline);
	context_init_user(thread);
	current_thread()->process = NULL;
	pr_info("boot: %lu us from entry to the first process\n", clock_ns() / 1000);
	process_publish(process);
}

noreturn void kernel_main(const struct bootinfo *info)
{
	struct process *first;

	clock_mark_boot();
	entry_cycles = rdtsc();
	cpu_init();
	sched_init();
	log_setup(info->cmdline);
	stage_done("cpu");
	memory_init(info);
	last_log_init(info);
	framebuffer_start();
	log_machine(info);
	machine_check_init();
	stage_done("memory");
	acpi_init(info->acpi_rsdp);
	irq_init();
	stage_done("interrupts");
	time_init();
	stage_done("time");
	process_init();
	devices_init();
	stage_done("devices");
	first = first_process_create();
	files_init(info);
	stage_done("root archive");
	first_process_open_files(first);
	plant_fault(info->cmdline);
	screen_start();
	first_process_start(first, info->cmdline);
	stage_done("first process");
	sched_idle();
}
