/*
 * Broken ELF files: 800 mutations of a small program and every kind of truncation. Each is
 * refused by execve with an error, or runs to whatever end; the test, and the kernel, go on.
 *
 * The mutations come from a fixed generator, so a failure repeats. The program is three
 * instructions long and a child that does not end is killed after a while.
 */
#include "elfmake.h"

#define ROUNDS 800
#define GROUP 50

static struct elf good, elf;
static unsigned long seed = 88172645463325252UL;
static int refused, ended, died, killed;

static unsigned long rnd(unsigned long below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static void make_good(void)
{
	elf_program(&good);
	elf_exit(&good, 42);
	elf_segments(&good)->p_filesz = elf_segments(&good)->p_memsz = good.size;
	elf_segment(&good, PF_R | PF_W, PAGE, 0x600000, 64, 3 * PAGE);
}

/* True when the result is one that execve(2) allows: see the header. */
static bool allowed_error(int error)
{
	static const int errors[] = { ENOEXEC, EINVAL,       ENOMEM,  EIO,   ENOENT,
				      EACCES,  EFAULT,       ELIBBAD, EPERM, ENOTDIR,
				      EISDIR,  ENAMETOOLONG, ETXTBSY };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (error == errors[i])
			return true;
	return false;
}

/* An exec failure comes back as exit status 100 + errno: the children have no other way out. */
static int run(void)
{
	char *argv[] = { "corrupt", NULL };
	uint64_t start;
	int status;
	pid_t child;

	write_file("corrupt", elf.bytes, elf.size, 0755);
	child = (pid_t)must(fork());
	if (child == 0) {
		execve("corrupt", argv, argv + 1);
		_exit(errno + 100);
	}
	start = now_ns();
	for (unsigned turns = 0; waitpid(child, &status, WNOHANG) == 0; turns++) {
		sys(SYS_sched_yield);
		if (turns > 1000 && now_ns() - start > 100000000) {
			kill(child, SIGKILL);
			killed++;
			return wait_child(child);
		}
	}
	return status;
}

static bool tolerable(int status)
{
	if (WIFSIGNALED(status)) {
		died++;
		return true;
	}
	if (WEXITSTATUS(status) > 100 && allowed_error(WEXITSTATUS(status) - 100)) {
		refused++;
		return true;
	}
	ended++;
	return WEXITSTATUS(status) <= 100 ||
	       elf_header(&elf)->e_entry != elf_header(&good)->e_entry;
}

static void mutate_byte(void)
{
	size_t at = rnd(sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr));

	elf.bytes[at] ^= (unsigned char)(1 + rnd(255));
}

/* A whole field gets a value of the kind that breaks loaders. */
static void mutate_field(void)
{
	/* clang-format off */
	static const struct { unsigned short at, size; } fields[] = {
		{ 16, 2 }, { 18, 2 }, { 20, 4 }, { 24, 8 }, { 32, 8 }, { 40, 8 }, { 48, 4 },
		{ 52, 2 }, { 54, 2 }, { 56, 2 }, { 58, 2 }, { 60, 2 }, { 62, 2 },
		{ 64, 4 }, { 68, 4 }, { 72, 8 }, { 80, 8 }, { 88, 8 }, { 96, 8 }, { 104, 8 },
		{ 112, 8 }, { 120, 4 }, { 124, 4 }, { 128, 8 }, { 136, 8 }, { 144, 8 }, { 152, 8 },
		{ 160, 8 }, { 168, 8 },
	};
	static const uint64_t values[] = {
		0, 1, 2, 3, 0x38, 0x40, 0xfff, 0x1000, 0x1001, 0x7fff, 0xffff, 0x3fffff, 0x400000,
		0x5fffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffe000,
		0x7ffffffff000, 0x7fffffffffff, 0x800000000000, 0xffff7fffffffffff,
		0xffff800000000000, 0xffffffff80000000, 0x7fffffffffffffff, 0x8000000000000000,
		0xfffffffffffff000, 0xffffffffffffffff,
	};
	/* clang-format on */
	size_t field = rnd(ARRAY_SIZE(fields));
	uint64_t value = values[rnd(ARRAY_SIZE(values))];

	memcpy(elf.bytes + fields[field].at, &value, fields[field].size);
}

static void mutations(void)
{
	int in_group = 0;

	for (int round = 1; round <= ROUNDS; round++) {
		elf = good;
		for (unsigned long n = 1 + rnd(3); n; n--)
			rnd(2) ? mutate_byte() : mutate_field();
		in_group += tolerable(run());
		if (round % GROUP)
			continue;
		ok_equal(in_group, GROUP, "mutations %d to %d are refused or run",
			 round - GROUP + 1, round);
		in_group = 0;
	}
	diag("%d refused, %d ran, %d died, %d killed", refused, ended, died, killed);
	ok(refused > ROUNDS / 10, "a part was refused");
	ok(ended > ROUNDS / 50, "a part did no harm and ran");
}

static void truncations(void)
{
	bool right = true;

	for (size_t size = 0; size < sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr); size += 3) {
		elf = good;
		elf.size = size;
		right = right && run() == (100 + ENOEXEC) << 8;
	}
	ok(right, "a file cut off within its headers is ENOEXEC at any length");
	elf = good;
	elf.size = ELF_CODE;
	ok(run() != 42 << 8, "one cut off before its code does not run");
}

static void headers(void)
{
	static const struct {
		size_t at;
		uint64_t value;
		size_t size;
		const char *what;
	} cases[] = {
		{ 0, 0x7e, 1, "a wrong magic number" },
		{ 1, 'e', 1, "a small letter in it" },
		{ 16, ET_REL, 2, "an object file" },
		{ 16, ET_CORE, 2, "a core file" },
		{ 16, 0, 2, "no type" },
		{ 18, EM_AARCH64, 2, "another machine" },
		{ 54, 55, 2, "program headers of a wrong size" },
		{ 56, 0, 2, "no program headers" },
		{ 56, 0xffff, 2, "too many program headers" },
		{ 32, 0x7fffffffffffff00, 8, "program headers beyond any file" },
		{ 32, 2 * PAGE, 8, "program headers beyond the file" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		elf = good;
		memcpy(elf.bytes + cases[i].at, &cases[i].value, cases[i].size);
		ok_equal(run(), (100 + ENOEXEC) << 8, "%s is ENOEXEC", cases[i].what);
	}
}

/* Linux looks at none of them: the machine says it all. */
static void ignored(void)
{
	static const size_t places[] = { 4, 5, 6, 20 };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		elf = good;
		elf.bytes[places[i]] = 99;
		ok_equal(run(), 42 << 8, "any byte at %lu runs", (unsigned long)places[i]);
	}
}

int main(void)
{
	enter_scratch();
	make_good();
	elf = good;
	ok_equal(run(), 42 << 8, "the program as it is runs");
	headers();
	ignored();
	truncations();
	mutations();
	elf = good;
	ok_equal(run(), 42 << 8, "after all of them it still runs");
	leave_scratch();
	return done();
}
