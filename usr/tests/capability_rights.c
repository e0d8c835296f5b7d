/*
 * Capabilities one by one: what each allows and its loss forbids, to root as well
 * (capabilities(7)).
 */
#include "capability.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>

static const char secret[] = "/tmp/capability-secret";

static void files(void *unused)
{
	char byte;
	int fd;

	(void)unused;
	must(setresgid(1000, 1000, 1000));
	must(sys(SYS_setgroups, 0, NULL));
	must(chown(secret, 2000, 2000));
	must(chmod(secret, 0));
	without(DAC_OVERRIDE);
	EXPECT(open(secret, O_WRONLY) == -1 && errno == EACCES);
	fd = open(secret, O_RDONLY);
	EXPECT(fd >= 0 && read(fd, &byte, 1) == 0);
	only(DAC_READ_SEARCH);
	EXPECT(open(secret, O_RDONLY) >= 0);
	EXPECT(open(secret, O_RDWR) == -1 && errno == EACCES);
	only(FOWNER);
	EXPECT(open(secret, O_RDONLY) == -1 && errno == EACCES);
	EXPECT(access(secret, W_OK) == 0); /* by the real ids, with all that they may have */
	EXPECT(chmod(secret, 0600) == 0);
	EXPECT(chown(secret, 0, 0) == -1 && errno == EPERM);
	without(FOWNER);
	EXPECT(chmod(secret, 0) == -1 && errno == EPERM);
	without(CHOWN);
	EXPECT(chown(secret, 0, -1) == -1 && errno == EPERM);
	EXPECT(chown(secret, -1, 0) == -1 && errno == EPERM);
	only(CHOWN);
	EXPECT(chown(secret, 0, 0) == 0);
	without(FSETID);
	EXPECT(chmod(secret, 02755) == 0);
}

static void set_group_bit(void *unused)
{
	struct stat status;

	(void)unused;
	EXPECT(stat(secret, &status) == 0 && (status.st_mode & 07777) == 0755);
	EXPECT(chmod(secret, 02755) == 0);
	EXPECT(stat(secret, &status) == 0 && (status.st_mode & 07777) == 02755);
}

static void nodes(void *unused)
{
	(void)unused;
	without(MKNOD);
	EXPECT(mknod("/tmp/capability-node", S_IFCHR | 0600, 0x103) == -1 && errno == EPERM);
	EXPECT(mknod("/tmp/capability-node", S_IFIFO | 0600, 0) == 0);
	EXPECT(unlink("/tmp/capability-node") == 0);
}

static void waits(void *gate)
{
	must(setresuid(4321, 4321, 4321));
	pass_gate(gate);
}

static void others(void *unused)
{
	struct gate gate = new_gate();
	pid_t child = start_child(waits, &gate);
	char path[40], link[100];
	uint64_t mask = 1;

	(void)unused;
	while (!await_state(child, 'S'))
		;
	without(KILL);
	EXPECT(kill(child, 0) == -1 && errno == EPERM);
	format_text(path, sizeof(path), "/proc/%d/exe", child);
	without(SYS_PTRACE);
	EXPECT(readlink(path, link, sizeof(link)) == -1 && errno == EACCES);
	only(KILL);
	EXPECT(kill(child, 0) == 0);
	only(SYS_PTRACE);
	EXPECT(readlink(path, link, sizeof(link)) > 0);
	without(SYS_NICE);
	EXPECT(setpriority(PRIO_PROCESS, (id_t)child, 10) == -1 && errno == EPERM);
	EXPECT(sys(SYS_sched_setaffinity, child, 8, &mask) == -EPERM);
	only(SYS_NICE);
	EXPECT(setpriority(PRIO_PROCESS, (id_t)child, 10) == 0);
	EXPECT(sys(SYS_sched_setaffinity, child, 8, &mask) == 0);
	open_gate(&gate);
	wait_child(child);
}

static void system_calls(void *unused)
{
	char name[] = "x";
	struct timespec time = { 1000000000, 0 };

	(void)unused;
	without(SYS_ADMIN);
	EXPECT(sys(SYS_sethostname, name, 1) == -EPERM);
	EXPECT(mount("none", "/tmp", "tmpfs", 0, NULL) == -1 && errno == EPERM);
	EXPECT(umount2("/proc", MNT_DETACH) == -1 && errno == EPERM);
	without(SYS_BOOT);
	EXPECT(sys(SYS_reboot, 0xfee1dead, 672274793, 0, 0) == -EPERM);
	without(SYS_TIME);
	EXPECT(sys(SYS_clock_settime, CLOCK_REALTIME, &time) == -EPERM);
	without(SYS_CHROOT);
	EXPECT(chroot("/tmp") == -1 && errno == EPERM);
	without(SETGID_);
	EXPECT(setresgid(5, 5, 5) == -1 && errno == EPERM);
	EXPECT(sys(SYS_setgroups, 0, NULL) == -EPERM);
	without(SETUID_);
	EXPECT(setresuid(5, 5, 5) == -1 && errno == EPERM);
	EXPECT(sys(SYS_setuid, 5) == -EPERM);
	only(SYS_CHROOT);
	EXPECT(chroot("/") == 0);
	only(SETGID_);
	EXPECT(setresgid(5, 5, 5) == 0);
	only(SETUID_);
	EXPECT(sys(SYS_setuid, 5) == 0 && getuid() == 5 && has(0, 0, 0));
}

static void locked_memory(void *unused)
{
	struct rlimit one = { PAGE, PAGE }, none = { 0, 0 };
	void *pages = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)unused;
	must(setrlimit(RLIMIT_MEMLOCK, &one));
	only(IPC_LOCK);
	EXPECT(mlock(pages, 2 * PAGE) == 0 && munlock(pages, 2 * PAGE) == 0);
	without(IPC_LOCK);
	EXPECT(mlock(pages, 2 * PAGE) == -1 && errno == ENOMEM);
	EXPECT(mlock(pages, PAGE) == 0 && munlock(pages, PAGE) == 0);
	must(setrlimit(RLIMIT_MEMLOCK, &none));
	EXPECT(mlock(pages, PAGE) == -1 && errno == EPERM);
	only(IPC_LOCK);
	EXPECT(mlock(pages, PAGE) == 0);
}

/* What one may look into has to have no more rights than oneself. */
static void has_more(void *gates)
{
	must(prctl(PR_SET_KEEPCAPS, 1));
	must(setresgid(1234, 1234, 1234));
	must(setresuid(1234, 1234, 1234));
	must(prctl(PR_SET_DUMPABLE, 1));
	open_gate((struct gate *)gates + 1);
	pass_gate(gates);
}

static void looks(void *unused)
{
	struct gate gates[2] = { new_gate(), new_gate() };
	pid_t child = start_child(has_more, gates);
	char path[40];

	(void)unused;
	pass_gate(&gates[1]);
	format_text(path, sizeof(path), "/proc/%d/exe", child);
	must(setresgid(1234, 1234, 1234));
	must(setresuid(1234, 1234, 1234));
	EXPECT(access(path, R_OK) == -1 && errno == EACCES);
	open_gate(&gates[0]);
	wait_child(child);
}

int main(void)
{
	all = get().effective;
	mkdir("/tmp", 01777);
	close((int)must(open(secret, O_CREAT | O_WRONLY, 0600)));
	ok_child(files, NULL, "files: reading, writing, owning");
	ok_child(set_group_bit, NULL, "and set-group-ID of another group takes CAP_FSETID");
	must(unlink(secret));
	ok_child(nodes, NULL, "devices");
	ok_child(others, NULL, "other processes");
	ok_child(system_calls, NULL, "the system, and ids");
	ok_child(locked_memory, NULL, "locked memory");
	ok_child(looks, NULL, "who has more rights cannot be looked into");
	return done();
}
