/*
 * The five sets of capabilities: how capset, setuid, exec and prctl change them (capabilities(7)).
 */
#include "capability.h"

enum { NO_ROOT = 1, NO_FIXUP = 4, KEEP = 16, KEEP_LOCKED = 32, NO_RAISE = 64 };

static int ambient(int operation, int capability)
{
	return (int)sys(SYS_prctl, PR_CAP_AMBIENT, operation, capability, 0, 0);
}

/* --- capset --- */

static void giving_up(void *unused)
{
	(void)unused;
	EXPECT(set(0, all, 0) == 0 && has(0, all, 0));
	EXPECT(set(all, all, 0) == 0 && has(all, all, 0));
	EXPECT(set(BIT(KILL), BIT(KILL) | BIT(CHOWN), 0) == 0);
	EXPECT(has(BIT(KILL), BIT(KILL) | BIT(CHOWN), 0));
	EXPECT(set(0, all, 0) == -EPERM);
	EXPECT(set(BIT(FOWNER), BIT(KILL) | BIT(CHOWN), 0) == -EPERM);
	EXPECT(has(BIT(KILL), BIT(KILL) | BIT(CHOWN), 0));
	EXPECT(set(BIT(CHOWN), BIT(CHOWN), 0) == 0);
	EXPECT(set(BIT(KILL), BIT(CHOWN), 0) == -EPERM);
	EXPECT(set(0, 0, 0) == 0 && has(0, 0, 0));
}

static void inheriting(void *unused)
{
	(void)unused;
	EXPECT(set(all, all, BIT(KILL)) == 0 && has(all, all, BIT(KILL)));
	EXPECT(set(0, BIT(CHOWN), BIT(KILL)) == 0);
	EXPECT(set(0, BIT(CHOWN), BIT(KILL) | BIT(CHOWN)) == 0);
	EXPECT(set(0, BIT(CHOWN), BIT(FOWNER)) == -EPERM);
	EXPECT(set(0, BIT(CHOWN), BIT(CHOWN)) == 0);
	EXPECT(set(0, BIT(CHOWN), BIT(KILL)) == -EPERM);
}

/* With CAP_SETPCAP what the bounding set has can be inherited, and nothing else. */
static void bounds(void *unused)
{
	(void)unused;
	EXPECT(set(BIT(SETPCAP), BIT(SETPCAP), BIT(KILL)) == 0);
	EXPECT(prctl(PR_CAPBSET_DROP, CHOWN) == 0 && prctl(PR_CAPBSET_READ, CHOWN) == 0);
	EXPECT(prctl(PR_CAPBSET_READ, KILL) == 1);
	EXPECT(set(BIT(SETPCAP), BIT(SETPCAP), BIT(CHOWN)) == -EPERM);
	EXPECT(set(0, BIT(SETPCAP), BIT(KILL)) == 0);
	EXPECT(prctl(PR_CAPBSET_DROP, KILL) == -1 && errno == EPERM);
	EXPECT(prctl(PR_CAPBSET_READ, KILL) == 1);
}

/* --- setuid --- */

static void leaving_root(void *unused)
{
	(void)unused;
	EXPECT(setresuid(-1, 1000, -1) == 0 && has(0, all, 0));
	EXPECT(setresuid(-1, 0, -1) == 0 && has(all, all, 0));
	EXPECT(set(0, all, BIT(KILL)) == 0);
	EXPECT(setresuid(-1, 0, -1) == 0 && has(0, all, BIT(KILL)));
	EXPECT(set(all, all, BIT(KILL)) == 0);
	EXPECT(setresuid(1000, 1000, 1000) == 0 && has(0, 0, BIT(KILL)));
}

static void keeping(void *unused)
{
	(void)unused;
	EXPECT(prctl(PR_SET_KEEPCAPS, 1) == 0 && prctl(PR_GET_KEEPCAPS) == 1);
	EXPECT(prctl(PR_GET_SECUREBITS) == KEEP);
	EXPECT(setresuid(1000, 1000, 1000) == 0 && has(0, all, 0));
	EXPECT(set(BIT(CHOWN), BIT(CHOWN), 0) == 0 && has(BIT(CHOWN), BIT(CHOWN), 0));
}

static void without_fixup(void *unused)
{
	(void)unused;
	EXPECT(prctl(PR_SET_SECUREBITS, NO_FIXUP) == 0);
	EXPECT(setresuid(1000, 1000, 1000) == 0 && has(all, all, 0));
	EXPECT(prctl(PR_GET_SECUREBITS) == NO_FIXUP);
}

static void locked_bits(void *unused)
{
	(void)unused;
	EXPECT(prctl(PR_SET_SECUREBITS, 1 << 30) == -1 && errno == EPERM);
	EXPECT(prctl(PR_SET_SECUREBITS, KEEP_LOCKED) == 0);
	EXPECT(prctl(PR_SET_KEEPCAPS, 1) == -1 && errno == EPERM);
	EXPECT(prctl(PR_SET_SECUREBITS, 0) == -1 && errno == EPERM);
	EXPECT(prctl(PR_SET_SECUREBITS, KEEP | KEEP_LOCKED) == -1 && errno == EPERM);
	EXPECT(prctl(PR_SET_SECUREBITS, KEEP_LOCKED | NO_ROOT) == 0);
	without(SETPCAP);
	EXPECT(prctl(PR_SET_SECUREBITS, KEEP_LOCKED | NO_ROOT) == -1 && errno == EPERM);
}

static void file_user(void *unused)
{
	const uint64_t of_files = BIT(CHOWN) | BIT(DAC_OVERRIDE) | BIT(DAC_READ_SEARCH) |
				  BIT(FOWNER) | BIT(FSETID) | BIT(9) | BIT(MKNOD) | BIT(32);

	(void)unused;
	EXPECT(sys(SYS_setfsuid, 1000) == 0 && has(all & ~of_files, all, 0));
	EXPECT(sys(SYS_setfsuid, 0) == 1000 && has(all, all, 0));
}

/* --- exec --- */

/* The sets that the program began with must be those that its arguments say. */
static int after_exec(char **argv)
{
	uint64_t wanted[3];

	for (int i = 0; i < 3; i++) {
		wanted[i] = 0;
		for (const char *digit = argv[2 + i]; *digit; digit++)
			wanted[i] = wanted[i] * 2 + (uint64_t)(*digit - '0');
	}
	return !has(wanted[0], wanted[1], wanted[2]);
}

static void binary(char *text, uint64_t value)
{
	for (int bit = 63; bit >= 0; bit--)
		*text++ = value >> bit & 1 ? '1' : '0';
	*text = 0;
}

static __attribute__((noreturn)) void exec_and_have(uint64_t effective, uint64_t permitted,
						    uint64_t inheritable)
{
	char texts[3][65];
	char *argv[] = { "capability_sets", "have", texts[0], texts[1], texts[2], NULL };

	binary(texts[0], effective);
	binary(texts[1], permitted);
	binary(texts[2], inheritable);
	execv(self_path(), argv);
	_exit(99);
}

static void root_execs(void *unused)
{
	(void)unused;
	must(set(0, 0, 0) ? -1 : 0);
	exec_and_have(all, all, 0);
}

static void bound_execs(void *unused)
{
	(void)unused;
	must(set(all, all, BIT(CHOWN)) ? -1 : 0);
	must(prctl(PR_CAPBSET_DROP, KILL));
	must(prctl(PR_CAPBSET_DROP, CHOWN));
	exec_and_have(all & ~BIT(KILL), all & ~BIT(KILL), BIT(CHOWN));
}

static void bound_before(void *unused)
{
	(void)unused;
	must(prctl(PR_CAPBSET_DROP, KILL));
	exec_and_have(all & ~BIT(KILL), all & ~BIT(KILL), 0);
}

static void half_root_execs(void *unused)
{
	(void)unused;
	must(setresuid(0, 1000, 1000));
	exec_and_have(0, all, 0);
}

static void user_execs(void *unused)
{
	(void)unused;
	must(prctl(PR_SET_KEEPCAPS, 1));
	must(setresuid(1000, 1000, 1000));
	must(set(all, all, BIT(KILL)) ? -1 : 0);
	exec_and_have(0, 0, BIT(KILL));
}

static void ambient_execs(void *unused)
{
	(void)unused;
	must(prctl(PR_SET_KEEPCAPS, 1));
	must(setresuid(1000, 1000, 1000));
	must(set(all, all, BIT(KILL) | BIT(CHOWN)) ? -1 : 0);
	EXPECT(ambient(PR_CAP_AMBIENT_RAISE, FOWNER) == -EPERM);
	EXPECT(ambient(PR_CAP_AMBIENT_RAISE, KILL) == 0);
	EXPECT(ambient(PR_CAP_AMBIENT_RAISE, CHOWN) == 0);
	EXPECT(ambient(PR_CAP_AMBIENT_IS_SET, KILL) == 1);
	EXPECT(ambient(PR_CAP_AMBIENT_LOWER, CHOWN) == 0);
	EXPECT(ambient(PR_CAP_AMBIENT_IS_SET, CHOWN) == 0);
	exec_and_have(BIT(KILL), BIT(KILL), BIT(KILL) | BIT(CHOWN));
}

static void ambient_falls(void *unused)
{
	(void)unused;
	must(set(all, all, BIT(KILL) | BIT(CHOWN)) ? -1 : 0);
	EXPECT(ambient(PR_CAP_AMBIENT_RAISE, KILL) == 0);
	must(set(all, all, BIT(CHOWN)) ? -1 : 0);
	EXPECT(ambient(PR_CAP_AMBIENT_IS_SET, KILL) == 0);
	EXPECT(ambient(PR_CAP_AMBIENT_RAISE, CHOWN) == 0);
	must(prctl(PR_SET_SECUREBITS, NO_RAISE));
	EXPECT(ambient(PR_CAP_AMBIENT_IS_SET, CHOWN) == 1);
	EXPECT(ambient(PR_CAP_AMBIENT_RAISE, CHOWN) == -EPERM);
	must(setresuid(1000, 1000, 1000));
	EXPECT(ambient(PR_CAP_AMBIENT_IS_SET, CHOWN) == 0);
}

static void plain_root_execs(void *unused)
{
	(void)unused;
	must(prctl(PR_SET_SECUREBITS, NO_ROOT));
	exec_and_have(0, 0, 0);
}

static void nothing_new(void *unused)
{
	(void)unused;
	must(set(BIT(KILL), BIT(KILL), 0) ? -1 : 0);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	exec_and_have(BIT(KILL), BIT(KILL), 0);
}

static void execs(void)
{
	ok_child(root_execs, NULL, "root's next program has all again");
	ok_child(bound_before, NULL, "but what is not in the bounding set");
	ok_child(bound_execs, NULL, "unless it is inherited");
	ok_child(half_root_execs, NULL, "that of real root's may have them");
	ok_child(user_execs, NULL, "a user's has none");
	ok_child(ambient_execs, NULL, "but the ambient ones");
	ok_child(ambient_falls, NULL, "which are permitted, inheritable, and no user's by setuid");
	ok_child(plain_root_execs, NULL, "SECBIT_NOROOT: root's has none either");
	ok_child(nothing_new, NULL, "no_new_privs: root's has not more than before");
}

static void status_lines(void *unused)
{
	char text[4096], *line;

	(void)unused;
	must(set(BIT(KILL), BIT(KILL) | BIT(CHOWN), BIT(CHOWN)) ? -1 : 0);
	EXPECT(ambient(PR_CAP_AMBIENT_RAISE, CHOWN) == 0);
	must(read_text("/proc/self/status", text, sizeof(text)));
	line = strstr(text, "CapInh:\t");
	EXPECT(line && !memcmp(line + 8,
			       "0000000000000001\nCapPrm:\t0000000000000021\n"
			       "CapEff:\t0000000000000020\nCapBnd:\t",
			       66));
	line = strstr(text, "CapAmb:\t");
	EXPECT(line && !memcmp(line + 8, "0000000000000001\n", 17));
}

int main(int argc, char **argv)
{
	if (argc > 4 && !strcmp(argv[1], "have"))
		return after_exec(argv);
	all = get().effective;
	ok(all == get().permitted && all & BIT(SETPCAP), "root has capabilities in force");
	ok_child(giving_up, NULL, "they can be put out of force and back, or given up for good");
	ok_child(inheriting, NULL, "those to inherit are one's own, or were");
	ok_child(bounds, NULL, "or with CAP_SETPCAP any of the bounding set, which shrinks");
	ok_child(leaving_root, NULL, "setuid takes and gives those of root");
	ok_child(keeping, NULL, "PR_SET_KEEPCAPS keeps the permitted ones");
	ok_child(without_fixup, NULL, "SECBIT_NO_SETUID_FIXUP keeps all");
	ok_child(locked_bits, NULL, "secure bits can be locked");
	ok_child(file_user, NULL, "setfsuid takes and gives those for files");
	execs();
	ok_child(status_lines, NULL, "/proc/self/status tells of them");
	return done();
}
