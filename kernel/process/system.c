/*
 * What the system says of itself, and its end: uname and the names in it, sysinfo, reboot.
 *
 * Lock: the tree's, around the names that change.
 * Source: uname(2), sethostname(2), personality(2), sysinfo(2), reboot(2).
 */
#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/clock.h>
#include <facet/config_text.h>
#include <facet/counters.h>
#include <facet/errno.h>
#include <facet/format.h>
#include <facet/frames.h>
#include <facet/power.h>
#include <facet/printk.h>
#include <facet/sched.h>
#include <facet/signal.h>
#include <facet/string.h>
#include <facet/syscalls.h>
#include <facet/tty.h>
#include <facet/version.h>
#include <facet/wait.h>

#include "process_private.h"

#define LAST_OUTPUT_NS (10 * NS_PER_SEC)

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
#define REBOOT_RESTART2 0xa1b2c3d4u
#define REBOOT_RESTART2_SIZE 256

struct utsname {
	char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

static struct system_names names = { .node = "facet", .domain = "(none)" };

struct system_names system_names(void)
{
	struct system_names copy;

	spin_lock(&process_tree_lock);
	copy = names;
	spin_unlock(&process_tree_lock);
	return copy;
}

long sys_uname(void __user *to)
{
	static const struct utsname fixed = {
		.system = "Linux", /* what programs ask for; the release says who answers */
		.release = FACET_RELEASE,
		.machine = "x86_64",
	};
	uint32_t personality = current_thread()->attributes.personality;
	struct system_names changing = system_names();
	struct utsname name = fixed;

	memcpy(name.node, changing.node, sizeof(name.node));
	memcpy(name.domain, changing.domain, sizeof(name.domain));
	snprintf(name.version, sizeof(name.version), FACET_VERSION_FORMAT, config_hash);
	if (personality & PERSONALITY_UNAME26)
		strlcpy(name.release, FACET_RELEASE_26, sizeof(name.release));
	if ((personality & PERSONALITY_DOMAIN) == PERSONALITY_LINUX32)
		strlcpy(name.machine, "i686", sizeof(name.machine));
	return copy_to_user(to, &name, sizeof(name));
}

static int set_name(char to[65], const char *name, size_t length)
{
	if (length >= sizeof(names.node))
		return -EINVAL;
	spin_lock(&process_tree_lock);
	memset(to, 0, sizeof(names.node));
	memcpy(to, name, length);
	spin_unlock(&process_tree_lock);
	return 0;
}

int system_set_node(const char *name, size_t length)
{
	return set_name(names.node, name, length);
}

int system_set_domain(const char *name, size_t length)
{
	return set_name(names.domain, name, length);
}

static long set_name_from_user(int (*set)(const char *, size_t), const char __user *from,
			       int length)
{
	char name[sizeof(names.node)];

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (length < 0 || (size_t)length >= sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, from, (size_t)length))
		return -EFAULT;
	return set(name, (size_t)length);
}

long sys_sethostname(const char __user *from, int length)
{
	return set_name_from_user(system_set_node, from, length);
}

long sys_setdomainname(const char __user *from, int length)
{
	return set_name_from_user(system_set_domain, from, length);
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

/* Whether the keys restart at once. As on Linux they do, until a process says otherwise. */
static bool ctrl_alt_del_restarts = true;

void ctrl_alt_del(void)
{
	if (!READ_ONCE(ctrl_alt_del_restarts)) {
		signal_send(init_process, SIGINT);
		return;
	}
	pr_notice("reboot: restarting\n");
	power_restart();
}

static bool magic2_ok(unsigned magic)
{
	return magic == REBOOT_MAGIC2 || magic == REBOOT_MAGIC2A || magic == REBOOT_MAGIC2B ||
	       magic == REBOOT_MAGIC2C;
}

/* All that was written goes out before the end, at the pace of its reader, but not for ever. */
static void wait_for_reader(void)
{
	console_wait_sent(clock_ns() + LAST_OUTPUT_NS, SLEEP_UNINTERRUPTIBLE);
}

static long restart_with(const char __user *argument)
{
	char command[REBOOT_RESTART2_SIZE];
	ssize_t length = strncpy_from_user(command, argument, sizeof(command));

	if (length < 0 && length != -ENAMETOOLONG)
		return length;
	command[sizeof(command) - 1] = 0;
	pr_notice("reboot: restarting: %s\n", command);
	wait_for_reader();
	power_restart();
}

long sys_reboot(int magic1, int magic2, unsigned command, void __user *argument)
{
	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if ((unsigned)magic1 != REBOOT_MAGIC1 || !magic2_ok((unsigned)magic2))
		return -EINVAL;
	switch (command) {
	case REBOOT_CAD_ON:
	case REBOOT_CAD_OFF:
		WRITE_ONCE(ctrl_alt_del_restarts, command == REBOOT_CAD_ON);
		return 0;
	case REBOOT_POWER_OFF:
		counters_log();
		pr_notice("reboot: power down\n");
		wait_for_reader();
		power_off(0);
	case REBOOT_RESTART:
		pr_notice("reboot: restarting\n");
		wait_for_reader();
		power_restart();
	case REBOOT_RESTART2:
		return restart_with(argument);
	case REBOOT_HALT:
		pr_notice("reboot: halted\n");
		wait_for_reader();
		power_halt();
	default:
		return -EINVAL;
	}
}
