/*
 * What the system says of itself, and its end: uname, sysinfo, reboot.
 *
 * Source: uname(2), sysinfo(2), reboot(2).
 */
#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/config_text.h>
#include <facet/counters.h>
#include <facet/errno.h>
#include <facet/format.h>
#include <facet/frames.h>
#include <facet/power.h>
#include <facet/printk.h>
#include <facet/sched.h>
#include <facet/string.h>
#include <facet/syscalls.h>
#include <facet/version.h>

#include "process_private.h"

#define REBOOT_MAGIC1 0xfee1dead
#define REBOOT_MAGIC2 672274793
#define REBOOT_MAGIC2A 85072278
#define REBOOT_MAGIC2B 369367448
#define REBOOT_MAGIC2C 537993216

#define REBOOT_RESTART 0x01234567u
#define REBOOT_HALT 0xcdef0123u
#define REBOOT_POWER_OFF 0x4321fedcu
#define REBOOT_CAD_ON 0x89abcdefu
#define REBOOT_CAD_OFF 0u

struct utsname {
	char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

long sys_uname(void __user *to)
{
	static const struct utsname fixed = {
		.system = "Linux", /* what programs ask for; the release says who answers */
		.node = "facet",
		.release = FACET_RELEASE,
		.machine = "x86_64",
		.domain = "(none)",
	};
	struct utsname name = fixed;

	snprintf(name.version, sizeof(name.version), FACET_VERSION_FORMAT, config_hash);
	return copy_to_user(to, &name, sizeof(name));
}

#define SYSINFO_LOAD_SHIFT 16

struct sysinfo {
	int64_t uptime;
	uint64_t loads[LOAD_AVERAGES];
	uint64_t total, free, shared, buffers, total_swap, free_swap;
	uint16_t processes, pad;
	uint64_t total_high, free_high;
	uint32_t unit;
};

long sys_sysinfo(void __user *to)
{
	struct sysinfo info = {
		.uptime = (int64_t)(clock_ns() / NS_PER_SEC),
		.total = frames_total_count() * PAGE_SIZE,
		.free = frames_free_count() * PAGE_SIZE,
		.processes = (uint16_t)process_count(),
		.unit = 1,
	};

	load_averages(info.loads);
	for (unsigned i = 0; i < LOAD_AVERAGES; i++)
		info.loads[i] <<= SYSINFO_LOAD_SHIFT - LOAD_SHIFT;
	return copy_to_user(to, &info, sizeof(info));
}

static bool magic2_ok(unsigned magic)
{
	return magic == REBOOT_MAGIC2 || magic == REBOOT_MAGIC2A || magic == REBOOT_MAGIC2B ||
	       magic == REBOOT_MAGIC2C;
}

long sys_reboot(int magic1, int magic2, unsigned command, void __user *argument)
{
	(void)argument;
	if (!credentials_is_root())
		return -EPERM;
	if ((unsigned)magic1 != REBOOT_MAGIC1 || !magic2_ok((unsigned)magic2))
		return -EINVAL;
	switch (command) {
	case REBOOT_CAD_ON:
	case REBOOT_CAD_OFF:
		return 0; /* Ctrl-Alt-Del restarts in either case: see drivers/keyboard.c */
	case REBOOT_POWER_OFF:
		counters_log();
		pr_notice("reboot: power down\n");
		power_off(0);
	case REBOOT_RESTART:
		pr_notice("reboot: restarting\n");
		power_restart();
	case REBOOT_HALT:
		pr_notice("reboot: halted\n");
		power_halt();
	default:
		return -EINVAL;
	}
}
