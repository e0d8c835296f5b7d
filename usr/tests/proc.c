/*
 * /proc: what it tells of processes and of memory is well formed, and true where the test can
 * know (proc(5)).
 */
#include "files.h"

#include <sys/mman.h>

static char text[16384];

static const char *file_of(pid_t pid, const char *name)
{
	static char path[60];

	format_text(path, sizeof(path), "/proc/%d/%s", pid, name);
	return path;
}

/*
 * Field `number` of /proc/<pid>/stat, counted from 1 as in proc(5); the first three are not
 * numbers.
 */
static long stat_field(pid_t pid, int number)
{
	char *at;
	long sign = 1;

	if (read_text(file_of(pid, "stat"), text, sizeof(text)) <= 0 || !(at = strrchr(text, ')')))
		return -1;
	for (int field = 2; field < number; field++) {
		at = strchr(at + 1, ' ');
		if (!at)
			return -1;
	}
	at++;
	if (*at == '-')
		sign = -1, at++;
	return sign * (long)decimal(at);
}

static void wait_for_gate(void *gate)
{
	pass_gate(gate);
}

static void spin(void *unused)
{
	(void)unused;
	for (;;)
		;
}

static void stat_file(void)
{
	struct gate gate = new_gate();
	pid_t child = start_child(wait_for_gate, &gate);
	char *name;

	must(setpgid(child, child));
	ok(await_state(child, 'S'), "a waiting child is in state S");
	read_text(file_of(child, "stat"), text, sizeof(text));
	ok_equal((long)decimal(text), child, "stat begins with the pid");
	name = strchr(text, '(');
	ok(name && !strncmp(name, "(proc) ", 7), "then the name in parentheses");
	ok_equal(stat_field(child, 4), getpid(), "field 4 is the parent");
	ok_equal(stat_field(child, 5), child, "field 5 the group");
	ok_equal(stat_field(child, 6), getsid(0), "field 6 the session");
	ok_equal(stat_field(child, 19), 0, "field 19 the nice value");
	ok_equal(stat_field(child, 20), 1, "field 20 the threads: one");
	ok(stat_field(child, 23) > 0 && stat_field(child, 23) % (long)PAGE == 0,
	   "field 23 the size in bytes");
	ok(stat_field(child, 24) >= 0, "field 24 the pages resident");
	ok_equal(sys(SYS_setpriority, 0, child, 5), 0, "when it gets nicer");
	ok_equal(stat_field(child, 19), 5, "that is shown");
	must(kill(child, SIGSTOP));
	must(waitpid(child, NULL, WUNTRACED));
	ok_equal(process_state(child), 'T', "stopped it is in state T");
	must(kill(child, SIGCONT));
	open_gate(&gate);
	ok(await_state(child, 'Z'), "ended it is in state Z");
	wait_child(child);
	ok(read_text(file_of(child, "stat"), text, sizeof(text)) == -1,
	   "collected it is not there");
	child = start_child(spin, NULL);
	ok(await_state(child, 'R'), "a spinner is in state R");
	kill(child, SIGKILL);
	wait_child(child);
	ok_equal(process_state(getpid()), 'R', "who reads about itself is in state R");
	free_gate(&gate);
}

static long status_line(const char *name)
{
	char *line;

	read_text("/proc/self/status", text, sizeof(text));
	line = strstr(text, name);
	return line && (line == text || line[-1] == '\n') ? (long)decimal(line + strlen(name)) : -1;
}

static void status_file(void)
{
	long before, after;
	char *block;

	ok_equal(status_line("Pid:"), getpid(), "status has the pid");
	ok_equal(status_line("PPid:"), getppid(), "and the parent's");
	ok(status_line("Name:") == 0 && strstr(text, "Name:\tproc\n"), "and the name");
	ok(status_line("State:") == 0 && strstr(text, "State:\tR (running)"), "and the state");
	ok(status_line("VmSize:") > 0 && status_line("VmRSS:") > 0, "sizes are given");
	before = status_line("VmRSS:");
	block = mmap(NULL, 256 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(block, 1, 256 * PAGE);
	after = status_line("VmRSS:");
	ok(after >= before + 1024 - 256 && after <= before + 1024 + 256,
	   "a touched MiB is a MiB resident");
	ok(stat_field(getpid(), 24) * 4 >= after - 256, "in stat too, in pages");
	must(munmap(block, 256 * PAGE));
	after = status_line("VmRSS:");
	ok(after <= before + 256, "and no more when unmapped");
}

static void command_line(void)
{
	ssize_t length = read_text("/proc/self/cmdline", text, sizeof(text));

	ok(length > 0 && text[length - 1] == 0, "cmdline ends with a zero byte");
	ok(strstr(text, "proc"), "and has the program's name");
}

/* True if the line of maps that has the address shows the rights. */
static bool maps_show(const char *rights, unsigned long address)
{
	for (char *line = text; *line;) {
		char *end = strchr(line, '\n');
		unsigned long from = strtoul(line, &line, 16), to = strtoul(line + 1, &line, 16);

		if (address >= from && address < to)
			return !strncmp(line + 1, rights, 4);
		if (!end)
			return false;
		line = end + 1;
	}
	return false;
}

static bool in_order(void)
{
	unsigned long last = 0;

	for (char *line = text; *line;) {
		unsigned long from = strtoul(line, &line, 16), to = strtoul(line + 1, &line, 16);

		if (from < last || to <= from || from % PAGE || to % PAGE)
			return false;
		last = to;
		line = strchr(line, '\n');
		if (!line)
			return false;
		line++;
	}
	return true;
}

static void maps(void)
{
	static int data = 1;
	int on_stack;
	char *block = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(mprotect(block + PAGE, PAGE, PROT_NONE));
	ok(read_text("/proc/self/maps", text, sizeof(text)) > 0, "maps is there");
	ok(in_order(), "ordered by address, without overlap");
	ok(maps_show("r-xp", (unsigned long)maps), "code is r-xp");
	ok(maps_show("rw-p", (unsigned long)&data), "data is rw-p");
	ok(maps_show("rw-p", (unsigned long)&on_stack), "the stack is rw-p");
	ok(maps_show("rw-p", (unsigned long)block), "a mapping is rw-p");
	ok(maps_show("---p", (unsigned long)block + PAGE), "closed it is ---p");
	ok(maps_show("rw-p", (unsigned long)block + 2 * PAGE), "up to where it ends");
	ok(maps_show("rw-s", (unsigned long)shared), "a shared one is rw-s");
	ok(strstr(text, "[stack]"), "the stack is named");
	must(munmap(block, 3 * PAGE));
	read_text("/proc/self/maps", text, sizeof(text));
	ok(!maps_show("rw-p", (unsigned long)block), "what is unmapped is not there");
	must(munmap(shared, PAGE));
	(void)*(volatile int *)&data;
}

static void memory(void)
{
	static const char *lines[] = { "MemTotal:", "MemFree:", "MemAvailable:" };
	long total = meminfo("MemTotal:"), free_now = meminfo("MemFree:"), after;
	size_t size = 512 * PAGE;
	char *block;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		ok(meminfo(lines[i]) > 0, "meminfo has %s", lines[i]);
	ok(free_now <= total, "there is no more free than there is");
	if (!on_facet()) {
		skip("on Linux others use memory too");
		return;
	}
	block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(block, 1, size);
	after = meminfo("MemFree:");
	ok(free_now - after >= 2048 && free_now - after < 2048 + 128, "touching 2 MiB takes 2 MiB");
	must(munmap(block, size));
	after = meminfo("MemFree:");
	ok(free_now - after < 128, "which unmapping gives back");
}

static void listing(void)
{
	pid_t child = start_child(spin, NULL);
	bool self_seen = false, child_seen = false;
	int folder = (int)must(open("/proc", O_RDONLY | O_DIRECTORY));
	long length;

	while ((length = sys(SYS_getdents64, folder, text, 1024)) > 0)
		for (long at = 0; at < length;) {
			struct directory_entry *entry = (struct directory_entry *)(text + at);

			self_seen = self_seen || (long)decimal(entry->name) == getpid();
			child_seen = child_seen || (long)decimal(entry->name) == child;
			at += entry->size;
		}
	ok(self_seen && child_seen, "/proc lists the processes");
	close(folder);
	kill(child, SIGKILL);
	wait_child(child);
	ok_errno(open("/proc/0/stat", O_RDONLY), ENOENT, "there is no process 0");
	ok_errno(open("/proc/self/none", O_RDONLY), ENOENT, "nor a file of any name");
	ok(open("/proc/new", O_RDWR | O_CREAT, 0644) == -1, "nor can one be made");
	ok(mkdir("/proc/new", 0755) == -1, "or a folder");
	ok_errno(unlink(file_of(1, "stat")), EPERM, "or one be taken away");
}

/* How many options of a name that begins so are on: of a choice, its members. */
static int members_on(const char *prefix)
{
	int count = 0;

	if (read_text("/proc/config", text, sizeof(text)) <= 0)
		return -1;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		count += !strncmp(line, prefix, strlen(prefix)) &&
			 !strcmp(line + strlen(line) - 2, "=y");
	return count;
}

static void configuration(void)
{
	if (!on_facet()) {
		skip("there is no /proc/config");
		return;
	}
	ok_equal(members_on("CONFIG_SCHED_"), 1, "one scheduler is on");
	ok_equal(members_on("CONFIG_FORK_"), 1, "one way to fork");
	ok_equal(members_on("CONFIG_TIMER_"), 1, "one timer");
	ok_equal(members_on("CONFIG_PROGRAMS_"), 1, "one source of programs");
	ok(config_has("CONFIG_HZ="), "and a frequency");
}

/* A file is read in pieces of any size, and again from its start. */
static void pieces(void)
{
	static char again[16384];
	int fd = (int)must(open("/proc/self/maps", O_RDONLY));
	size_t length = 0;
	ssize_t n;

	while ((n = read(fd, again + length, 7)) > 0)
		length += (size_t)n;
	ok((ssize_t)length == read_text("/proc/self/maps", text, sizeof(text)) &&
		   !memcmp(again, text, length),
	   "seven bytes at a time give the same");
	must(lseek(fd, 0, SEEK_SET));
	ok(read(fd, again, 7) == 7 && !memcmp(again, text, 7), "and again from the start");
	ok_errno(write(fd, "x", 1), EBADF, "it is not written");
	close(fd);
}

int main(void)
{
	stat_file();
	status_file();
	command_line();
	maps();
	memory();
	listing();
	configuration();
	pieces();
	return done();
}
