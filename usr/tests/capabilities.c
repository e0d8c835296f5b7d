/*
 * What root's rights look like to programs that ask: capget and capset, the ids that files are used
 * with (setfsuid), and the calls that only root may make. One by one: capability_sets.c.
 */
#include "tap.h"

#include <sched.h>
#include <sys/utsname.h>

#define VERSION_1 0x19980330
#define VERSION_2 0x20071026
#define VERSION_3 0x20080522
#define WILD 8L

struct header {
	uint32_t version;
	int pid;
};

struct set {
	uint32_t effective, permitted, inheritable;
};

static long get(struct header *header, struct set *sets)
{
	return sys(SYS_capget, header, sets);
}

static void versions(void)
{
	static const uint32_t known[] = { VERSION_1, VERSION_2, VERSION_3 };
	struct header header;
	struct set sets[2];

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		header = (struct header){ known[i], 0 };
		memset(sets, 0xee, sizeof(sets));
		ok_equal(get(&header, sets), 0, "version %lx", (unsigned long)known[i]);
		ok(sets[0].inheritable == 0 && (sets[1].inheritable == 0) == (i > 0), "has %s",
		   i ? "64 capabilities" : "32");
	}
	header.version = 1;
	ok_equal(get(&header, sets), -EINVAL, "version 1 is unknown: EINVAL");
	ok_equal(header.version, VERSION_3, "and told which one is the newest");
	header.version = 1;
	ok(get(&header, NULL) == 0 && header.version == VERSION_3, "one may ask only for that");
	header.version = 1;
	ok_equal(sys(SYS_capset, &header, sets), -EINVAL, "capset of it: EINVAL");
	header = (struct header){ VERSION_3, 0 };
	ok_equal(get(&header, NULL), 0, "no sets at all is no error");
	ok_equal(get((void *)WILD, sets), -EFAULT, "a wild header: EFAULT");
	ok_equal(get(&header, (void *)WILD), -EFAULT, "wild sets: EFAULT");
	ok_equal(sys(SYS_capset, WILD, sets), -EFAULT, "to set too");
	ok_equal(sys(SYS_capset, &header, WILD), -EFAULT, "both");
	header.pid = -1;
	ok_equal(get(&header, sets), -EINVAL, "process -1: EINVAL");
	header.pid = 0x7fffff0;
	ok_equal(get(&header, sets), -ESRCH, "one that is not: ESRCH");
	ok_equal(sys(SYS_capset, &header, sets), -EPERM, "to set another's: EPERM");
}

static void rights(void)
{
	struct header header = { VERSION_3, 0 };
	struct set sets[2];

	ok_equal(get(&header, sets), 0, "root's");
	ok(sets[0].effective == sets[0].permitted && sets[0].effective & 1, "are in force");
	header.pid = getpid();
	ok_equal(sys(SYS_capset, &header, sets), 0, "what they are can be set");
	sets[0].inheritable = 0;
	sets[1].effective |= 1u << 31;
	sets[1].permitted |= 1u << 31;
	ok_equal(sys(SYS_capset, &header, sets), 0, "bits of none are nothing");
}

static void without_rights(void *unused)
{
	struct header header = { VERSION_3, 0 };
	struct set sets[2], all[2];
	char name[] = "x";

	(void)unused;
	must(get(&header, all));
	must(setresuid(-1, 1000, -1));
	EXPECT(get(&header, sets) == 0 && !sets[0].effective && !sets[1].effective);
	EXPECT(sets[0].permitted == all[0].permitted);
	must(setresuid(1000, 1000, 1000));
	EXPECT(get(&header, sets) == 0 && !sets[0].effective && !sets[0].permitted);
	EXPECT(sys(SYS_capset, &header, sets) == 0);
	EXPECT(sys(SYS_capset, &header, all) == -EPERM);
	EXPECT(sys(SYS_sethostname, name, 1) == -EPERM);
	EXPECT(sys(SYS_sethostname, name, -1) == -EPERM);
	EXPECT(sys(SYS_setdomainname, name, 1) == -EPERM);
	EXPECT(sys(SYS_reboot, 0xfee1dead, 672274793, 0, 0) == -EPERM);
	EXPECT(sys(SYS_prctl, 24 /* PR_CAPBSET_DROP */, 0) == -EPERM);
	EXPECT(sys(SYS_prctl, 28 /* PR_SET_SECUREBITS */, 0) == -EPERM);
}

/* A file of root's that nobody else may read, read by others' ids for files. */
static void file_ids(void *unused)
{
	const char *path = "/tmp/capabilities-file";
	struct stat status;

	(void)unused;
	mkdir("/tmp", 01777);
	close((int)must(open(path, O_CREAT | O_WRONLY, 0600)));
	EXPECT(sys(SYS_setfsuid, -1) == 0);
	EXPECT(sys(SYS_setfsuid, 1000) == 0);
	EXPECT(sys(SYS_setfsuid, -1) == 1000);
	EXPECT(geteuid() == 0);
	EXPECT(open(path, O_RDONLY) == -1 && errno == EACCES);
	EXPECT(access(path, R_OK) == 0);
	close((int)must(open("/tmp/capabilities-own", O_CREAT | O_WRONLY, 0600)));
	EXPECT(stat("/tmp/capabilities-own", &status) == 0 && status.st_uid == 1000);
	EXPECT(sys(SYS_setfsuid, 0) == 1000);
	EXPECT(sys(SYS_setfsgid, 50) == 0);
	EXPECT(sys(SYS_setfsgid, -1) == 50);
	EXPECT(unlink("/tmp/capabilities-own") == 0);
	close((int)must(open("/tmp/capabilities-own", O_CREAT | O_WRONLY, 0600)));
	EXPECT(stat("/tmp/capabilities-own", &status) == 0 && status.st_gid == 50);
	EXPECT(unlink("/tmp/capabilities-own") == 0 && unlink(path) == 0);
	must(setresuid(-1, 1000, -1));
	EXPECT(sys(SYS_setfsuid, -1) == 1000);
	EXPECT(sys(SYS_setfsuid, 2000) == 1000);
	EXPECT(sys(SYS_setfsuid, -1) == 1000);
	EXPECT(sys(SYS_setfsuid, 0) == 1000);
	EXPECT(sys(SYS_setfsuid, -1) == 0);
	EXPECT(open("/proc/self/environ", O_RDONLY) >= 0);
}

static bool is_called(const char *node, const char *domain)
{
	struct utsname name;

	must(uname(&name));
	return !strcmp(name.nodename, node) && !strcmp(name.domainname, domain);
}

static void system_names(void)
{
	static const char longest[65] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct utsname before;
	char text[80];

	must(uname(&before));
	if (!on_facet() && unshare(CLONE_NEWUTS)) {
		skip("this machine's names are to stay");
		return;
	}
	ok_equal(sys(SYS_sethostname, longest, 64), 0, "a name of 64 bytes");
	ok_equal(sys(SYS_setdomainname, "a.domain", 8), 0, "a domain's");
	ok(is_called(longest, "a.domain"), "are what uname says");
	ok(read_text("/proc/sys/kernel/hostname", text, sizeof(text)) == 65 && text[64] == '\n',
	   "and /proc");
	ok_equal(sys(SYS_sethostname, longest, 65), -EINVAL, "65 bytes are too many: EINVAL");
	ok_equal(sys(SYS_setdomainname, longest, 65), -EINVAL, "of a domain too");
	ok_equal(sys(SYS_sethostname, longest, -1), -EINVAL, "less than none are EINVAL");
	ok_equal(sys(SYS_sethostname, WILD, 3), -EFAULT, "from nowhere: EFAULT");
	ok_equal(sys(SYS_setdomainname, WILD, 3), -EFAULT, "a domain's too");
	ok_equal(sys(SYS_sethostname, "short", 5), 0, "a shorter one");
	ok(is_called("short", "a.domain"), "leaves nothing of the longer");
	must(sys(SYS_sethostname, before.nodename, strlen(before.nodename)));
	must(sys(SYS_setdomainname, before.domainname, strlen(before.domainname)));
}

int main(void)
{
	versions();
	rights();
	ok_child(without_rights, NULL, "others have none, and may not do what root may");
	ok_child(file_ids, NULL, "setfsuid and setfsgid say as whom files are used");
	system_names();
	return done();
}
