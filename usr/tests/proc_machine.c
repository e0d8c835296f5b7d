/*
 * /proc beside the processes: each file has the form that proc(5) gives it, and /proc/sys says what
 * is in force.
 */
#include "files.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static char text[65536];

static bool has_line(const char *name)
{
	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, name, strlen(name)))
			return true;
	}
	return false;
}

static void has_lines(const char *path, const char *const *names, size_t count)
{
	const char *missing = NULL;

	ok(read_text(path, text, sizeof(text)) > 0, "%s is there", path);
	for (size_t i = 0; i < count; i++)
		if (!has_line(names[i]))
			missing = names[i];
	ok(!missing, "with all lines that programs look for");
	if (missing)
		diag("%s", missing);
}

static void memory(void)
{
	static const char *const lines[] = {
		"MemTotal:", "MemFree:",    "MemAvailable:", "Buffers:",     "Cached:",
		"Active:",   "Inactive:",   "SwapTotal:",    "SwapFree:",    "SwapCached:",
		"Dirty:",    "Writeback:",  "AnonPages:",    "Shmem:",       "Slab:",
		"Mlocked:",  "SUnreclaim:", "SReclaimable:", "CommitLimit:", "Committed_AS:",
	};
	static const char *const counts[] = { "nr_free_pages ", "pgpgin ", "pgpgout ", "pswpin ",
					      "pswpout " };
	struct sysinfo info;

	has_lines("/proc/meminfo", lines, ARRAY_SIZE(lines));
	ok(meminfo("MemFree:") <= meminfo("MemAvailable:") + meminfo("Shmem:"),
	   "free memory is available");
	must(sysinfo(&info));
	ok_equal((long)(info.totalram * info.mem_unit / 1024), meminfo("MemTotal:"),
		 "sysinfo has the same total");
	has_lines("/proc/vmstat", counts, ARRAY_SIZE(counts));
}

/* Digits, a point and two digits more. */
static char *take_average(char *at)
{
	char *end;

	strtoul(at, &end, 10);
	if (end == at || *end != '.')
		return NULL;
	at = end + 1;
	strtoul(at, &end, 10);
	return end == at + 2 ? end : NULL;
}

static void load(void)
{
	char *at = text;
	unsigned long running, all;

	ok(read_text("/proc/loadavg", text, sizeof(text)) > 0, "loadavg is there");
	for (int i = 0; at && i < 3; i++, at += at != NULL)
		at = take_average(at);
	ok(at, "it begins with three averages");
	running = at ? strtoul(at, &at, 10) : 0;
	all = at && *at == '/' ? strtoul(at + 1, &at, 10) : 0;
	ok(running >= 1 && all >= running, "at least this one runs, among all that there are");
	ok(at && *at == ' ' && strtoul(at + 1, &at, 10) >= 1 && *at == '\n',
	   "the newest id is the last word");
}

static void end_at_once(void *unused)
{
	(void)unused;
}

static void newest(void)
{
	pid_t child = start_child(end_at_once, NULL);

	wait_child(child);
	read_text("/proc/loadavg", text, sizeof(text));
	if (on_facet())
		ok_equal((long)decimal(strrchr(text, ' ')), child, "which is the last child's");
	else
		skip("others have children too");
}

static void statistics(void)
{
	static const char *const lines[] = { "cpu  ",  "cpu0 ",      "intr ",         "ctxt ",
					     "btime ", "processes ", "procs_running " };
	long seconds;
	char *at;

	has_lines("/proc/stat", lines, ARRAY_SIZE(lines));
	at = strstr(text, "btime ");
	seconds = at ? (long)decimal(at + 6) : 0;
	read_text("/proc/uptime", text, sizeof(text));
	ok(labs(seconds + (long)decimal(text) - (long)time(NULL)) <= 2,
	   "the boot and the time since it make now");
}

static void lists(void)
{
	read_text("/proc/devices", text, sizeof(text));
	ok(has_line("Character devices:\n") && has_line("  1 mem\n") &&
		   has_line("Block devices:\n"),
	   "devices lists drivers by number");
	read_text("/proc/interrupts", text, sizeof(text));
	ok(!strncmp(text, "           CPU0", 15), "interrupts begins with the processors");
	ok(strstr(text, "ERR:"), "and ends with what was wrong");
	ok(read_text("/proc/partitions", text, sizeof(text)) > 0 &&
		   !strncmp(text, "major minor  #blocks  name\n\n", 28),
	   "partitions has its headline");
	ok(read_text("/proc/swaps", text, sizeof(text)) > 0 && !strncmp(text, "Filename\t", 9),
	   "and swaps");
	ok(read_text("/proc/diskstats", text, sizeof(text)) >= 0, "diskstats is there");
	read_text("/proc/filesystems", text, sizeof(text));
	ok(has_line("nodev\ttmpfs\n") && has_line("nodev\tproc\n"),
	   "filesystems has tmpfs and proc");
}

/* Columns of one line of mountinfo: ids, device, root, place, options, "-", type, source, more. */
static void mounts(void)
{
	char *at, *dash;
	int columns = 1;
	struct stat status;
	char device[32];

	must(stat("/proc", &status));
	format_text(device, sizeof(device), " %u:%u / /proc ",
		    (unsigned)(status.st_dev >> 8 & 0xfff), (unsigned)(status.st_dev & 0xff));
	read_text("/proc/self/mountinfo", text, sizeof(text));
	at = strstr(text, device);
	ok(at, "mountinfo has /proc, with the device that stat tells");
	dash = at ? strstr(at, " - proc ") : NULL;
	ok(dash && dash < strchr(at, '\n'), "of type proc");
	for (char *c = text; *c && *c != '\n'; c++)
		columns += *c == ' ';
	ok(columns >= 10, "a line has ten columns at least");
	read_text("/proc/mounts", text, sizeof(text));
	ok(strstr(text, " /proc proc rw"), "mounts has it as well");
	for (at = text, columns = 1; *at && *at != '\n'; at++)
		columns += *at == ' ';
	ok_equal(columns, 6, "in six columns");
}

/* The line of /proc/locks that is about a file, without its number; NULL. */
static char *lock_line(const struct stat *status)
{
	char file[64], *at;

	format_text(file, sizeof(file), ":%lu ", (unsigned long)status->st_ino);
	read_text("/proc/locks", text, sizeof(text));
	for (at = strtok(text, "\n"); at; at = strtok(NULL, "\n"))
		if (strstr(at, file))
			return strchr(at, ':') + 2;
	return NULL;
}

static void locks(void)
{
	struct flock range = { .l_type = F_RDLCK, .l_start = 10, .l_len = 5 };
	char pid[16], *line;
	struct stat status;
	int fd;

	enter_scratch();
	fd = (int)must(open("file", O_RDWR | O_CREAT, 0600));
	must(fstat(fd, &status));
	format_text(pid, sizeof(pid), " %d ", getpid());
	ok(!lock_line(&status), "a file that nobody locks is not in locks");
	must(flock(fd, LOCK_EX));
	line = lock_line(&status);
	ok(line && !strncmp(line, "FLOCK  ADVISORY  WRITE ", 23) && strstr(line, pid) &&
		   !strcmp(line + strlen(line) - 6, " 0 EOF"),
	   "flock is there, to the end");
	must(flock(fd, LOCK_UN));
	must(fcntl(fd, F_SETLK, &range));
	line = lock_line(&status);
	ok(line && !strncmp(line, "POSIX  ADVISORY  READ ", 22) && strstr(line, pid) &&
		   !strcmp(line + strlen(line) - 6, " 10 14"),
	   "and a record lock, with its bytes");
	close(fd);
	ok(!lock_line(&status), "and is gone with the descriptor");
	leave_scratch();
}

static long setting(const char *path)
{
	char name[80];

	format_text(name, sizeof(name), "/proc/sys/%s", path);
	return read_text(name, text, sizeof(text)) > 0 ? (long)decimal(text) : -1;
}

static void names(void)
{
	struct utsname name;

	must(uname(&name));
	setting("kernel/osrelease");
	text[strcspn(text, "\n")] = 0;
	ok(!strcmp(text, name.release), "osrelease is what uname says");
	setting("kernel/ostype");
	ok(!strcmp(text, "Linux\n"), "ostype is Linux");
	setting("kernel/hostname");
	text[strcspn(text, "\n")] = 0;
	ok(!strcmp(text, name.nodename), "hostname is what uname says");
	setting("kernel/domainname");
	text[strcspn(text, "\n")] = 0;
	ok(!strcmp(text, name.domainname), "and domainname");
	setting("kernel/version");
	text[strcspn(text, "\n")] = 0;
	ok(!strcmp(text, name.version), "and version");
	read_text("/proc/version", text, sizeof(text));
	ok(!strncmp(text, "Linux version ", 14) &&
		   !strncmp(text + 14, name.release, strlen(name.release)),
	   "/proc/version begins with the release");
}

/* Whether that page can be mapped and, on Facet, where root is no exception, the one below not. */
static bool map_fixed(long address)
{
	void *page = (void *)address, *below = (void *)(address - (long)PAGE);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;

	if (mmap(page, PAGE, PROT_READ, flags, -1, 0) != page || munmap(page, PAGE))
		return false;
	return !on_facet() ||
	       (mmap(below, PAGE, PROT_READ, flags, -1, 0) == MAP_FAILED && errno == EPERM);
}

static void numbers(void)
{
	ok(setting("kernel/pid_max") > getpid(), "pid_max is above this pid");
	ok(setting("kernel/threads-max") > 0, "there is a most of threads");
	ok(setting("kernel/ngroups_max") >= 32, "and of groups");
	ok_equal(setting("kernel/cap_last_cap"), 40, "the last capability is 40");
	ok(setting("fs/file-max") > 0, "there is a most of files");
	ok(setting("fs/nr_open") >= 4096, "and of descriptors");
	ok(setting("fs/pipe-max-size") >= 65536, "and of bytes in a pipe");
	ok(setting("vm/max_map_count") >= 65530, "and of mappings");
	ok_equal(setting("fs/overflowuid"), 65534, "nobody is 65534");
	ok(map_fixed(setting("vm/mmap_min_addr")), "mmap_min_addr is the lowest page to map");
	ok(setting("vm/overcommit_memory") <= 2, "overcommit_memory is 0, 1 or 2");
	ok(setting("kernel/random/entropy_avail") > 0, "there is entropy");
	setting("kernel/printk");
	ok(text[1] == '\t' && text[3] == '\t' && text[5] == '\t', "printk has four levels");
}

static bool is_uuid(const char *at)
{
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (at[i] == '-') || (!dash && !strchr("0123456789abcdef", at[i])))
			return false;
	}
	return at[14] == '4' && strchr("89ab", at[19]) && at[36] == '\n' && !at[37];
}

static void identifiers(void)
{
	static char first[64];

	setting("kernel/random/uuid");
	strcpy(first, text);
	ok(is_uuid(text), "uuid is a random UUID");
	setting("kernel/random/uuid");
	ok(is_uuid(text) && strcmp(first, text), "another one each time");
	setting("kernel/random/boot_id");
	strcpy(first, text);
	ok(is_uuid(text), "boot_id is one");
	setting("kernel/random/boot_id");
	ok(!strcmp(first, text), "the same every time");
}

/* Of Facet's alone is changed what all other programs would notice. */
static void changes(void)
{
	size_t more = (size_t)meminfo("MemTotal:") * 1024 / 4 * 3;
	int fd;
	char *a, *b;

	if (!on_facet()) {
		skip("the host's settings stay");
		return;
	}
	fd = (int)must(open("/proc/sys/vm/overcommit_memory", O_RDWR));
	ok_errno(write(fd, "3", 1), EINVAL, "overcommit_memory cannot be 3");
	a = mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	b = mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok(a != MAP_FAILED && b == MAP_FAILED, "by 2, more than there is cannot be promised");
	ok_equal(write(fd, "1\n", 2), 2, "by 1");
	b = mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok(b != MAP_FAILED, "it can");
	munmap(a, more);
	munmap(b, more);
	ok_equal(write(fd, "2", 1), 1, "and back");
	close(fd);
}

int main(void)
{
	memory();
	load();
	newest();
	statistics();
	lists();
	mounts();
	locks();
	names();
	numbers();
	identifiers();
	changes();
	return done();
}
