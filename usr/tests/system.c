/*
 * What the system tells of itself: uname, sysinfo, the ids of a process, and that yielding and
 * asking change nothing.
 */
#include "tap.h"

#include <sys/sysinfo.h>
#include <sys/utsname.h>

static void names(void)
{
	struct utsname name;

	memset(&name, 0xff, sizeof(name));
	ok_equal(sys(SYS_uname, &name), 0, "uname");
	ok(!strcmp(name.machine, "x86_64"), "the machine is x86_64");
	ok(!strcmp(name.sysname, "Linux"), "the system is called Linux, for programs' sake");
	ok(name.release[0] >= '1' && name.release[0] <= '9' && strchr(name.release, '.'),
	   "the release starts with a number");
	ok(memchr(name.nodename, 0, sizeof(name.nodename)) &&
		   memchr(name.version, 0, sizeof(name.version)),
	   "all names end");
}

static void information(void)
{
	struct sysinfo info;
	struct timespec up = { 0, 0 };

	memset(&info, 0xff, sizeof(info));
	ok_equal(sys(SYS_sysinfo, &info), 0, "sysinfo");
	ok(info.mem_unit > 0 && info.totalram >= info.freeram && info.freeram > 0,
	   "tells of memory");
	unsigned long free_kib = info.freeram * info.mem_unit / 1024;
	unsigned long difference = free_kib - (unsigned long)meminfo("MemFree:") + 8192;

	ok_equal((long)(info.totalram * info.mem_unit / 1024), meminfo("MemTotal:"),
		 "as /proc/meminfo does");
	ok(difference < 16384 || !on_facet(), "of free memory too");
	ok(info.procs > 0, "there are processes");
	ok_equal((long)info.totalswap, 0, "there is no swap");
	if (sys(SYS_clock_gettime, CLOCK_BOOTTIME, &up))
		sys(SYS_clock_gettime, CLOCK_MONOTONIC, &up);
	ok((long)info.uptime >= up.tv_sec - 2 && (long)info.uptime <= up.tv_sec + 1,
	   "its time since boot is the clock's");
}

static void ids(void)
{
	ok(getpid() > 0 && getpid() == getpid(), "a pid");
	ok_equal(sys(SYS_gettid), getpid(), "which is the tid");
	ok_equal(getuid(), 0, "root");
	ok_equal(geteuid(), 0, "in effect too");
	ok_equal(getgid(), 0, "and by group");
	ok_equal(getegid(), 0, "in effect too");
	ok_equal(sys(SYS_set_tid_address, 0), getpid(), "set_tid_address returns the tid");
	ok_equal(sys(SYS_sched_yield), 0, "a yield is 0");
}

int main(void)
{
	names();
	information();
	ids();
	return done();
}
