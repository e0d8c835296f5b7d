/*
 * The stack at entry: argc, argv, envp, the auxiliary vector, in the order of the System V ABI
 * for x86-64, and each entry that C libraries read.
 */
#include "tap.h"

#include <elf.h>
#include <sys/uio.h>

extern char **environ;
extern const Elf64_Ehdr __ehdr_start;

static unsigned long value_of(const unsigned long *auxv, unsigned long type, bool *found)
{
	for (; auxv[0] != AT_NULL; auxv += 2)
		if (auxv[0] == type) {
			*found = true;
			return auxv[1];
		}
	*found = false;
	return 0;
}

static void program_headers(const unsigned long *auxv)
{
	extern void _start(void);
	bool found;
	const Elf64_Phdr *headers = (const Elf64_Phdr *)value_of(auxv, AT_PHDR, &found);
	unsigned long count = value_of(auxv, AT_PHNUM, &found);
	bool code = false;

	ok(found && count >= 2 && count < 20, "AT_PHNUM is the number of program headers");
	ok_equal((long)value_of(auxv, AT_PHENT, &found), sizeof(Elf64_Phdr),
		 "AT_PHENT is their size");
	for (unsigned long i = 0; i < count; i++)
		code = code || (headers[i].p_type == PT_LOAD && (headers[i].p_flags & PF_X) &&
				(unsigned long)_start >= headers[i].p_vaddr &&
				(unsigned long)_start < headers[i].p_vaddr + headers[i].p_memsz);
	ok(code, "AT_PHDR is where they are: one of them has the code");
	ok_equal((long)value_of(auxv, AT_ENTRY, &found), (long)_start, "AT_ENTRY is _start");
	ok_equal((long)value_of(auxv, AT_BASE, &found), 0, "AT_BASE is 0: there is no interpreter");
}

static void random_bytes(const unsigned long *auxv)
{
	bool found;
	const unsigned char *bytes = (const unsigned char *)value_of(auxv, AT_RANDOM, &found);
	unsigned char other[16], sum = 0;
	int fd[2];
	pid_t child;

	ok(found && bytes, "AT_RANDOM is there");
	for (int i = 0; i < 16; i++)
		sum |= bytes[i];
	ok(sum != 0, "its 16 bytes are not all zero");
	must(pipe(fd));
	child = (pid_t)must(fork());
	if (child == 0) {
		char *argv[] = { "random", NULL };

		must(dup2(fd[1], 10));
		execv(self_path(), argv);
		_exit(1);
	}
	must(read(fd[0], other, sizeof(other)));
	ok(wait_child(child) == 0 && memcmp(bytes, other, 16), "another program gets others");
	close(fd[0]);
	close(fd[1]);
}

static void entries(const unsigned long *auxv)
{
	static const struct {
		unsigned long type;
		long value;
		const char *name;
	} fixed[] = {
		{ AT_PAGESZ, PAGE, "AT_PAGESZ" }, { AT_UID, 0, "AT_UID" },
		{ AT_EUID, 0, "AT_EUID" },        { AT_GID, 0, "AT_GID" },
		{ AT_EGID, 0, "AT_EGID" },        { AT_SECURE, 0, "AT_SECURE" },
		{ AT_CLKTCK, 100, "AT_CLKTCK" },  { AT_FLAGS, 0, "AT_FLAGS" },
	};
	bool found;

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++) {
		long value = (long)value_of(auxv, fixed[i].type, &found);

		ok(found && value == fixed[i].value, "%s is %ld", fixed[i].name, fixed[i].value);
	}
	const char *name = (const char *)value_of(auxv, AT_EXECFN, &found);

	ok(found && access(name, X_OK) == 0, "AT_EXECFN is the path of the program");
	name = (const char *)value_of(auxv, AT_PLATFORM, &found);
	ok(!found || !strcmp(name, "x86_64"), "AT_PLATFORM, if there, is x86_64");
	unsigned long cpuid_edx, eax = 1, ebx, ecx;

	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(cpuid_edx));
	value_of(auxv, AT_HWCAP, &found);
	ok(!found || (value_of(auxv, AT_HWCAP, &found) & 1), "AT_HWCAP, if there, has the FPU bit");
}

static void layout(int argc, char **argv, const unsigned long *auxv)
{
	const char *top = (const char *)auxv;

	ok_equal((long)&argv[argc + 1], (long)environ, "environ follows argv and its NULL");
	ok_equal(((long *)argv)[-1], argc, "argc stands below argv[0]");
	ok_equal((long)((uintptr_t)(argv - 1) & 15), 0, "the stack pointer was a multiple of 16");
	ok(argv[argc] == NULL, "argv ends with NULL");
	ok(argc == 0 || argv[0] > top, "the strings are above the vectors");
}

int main(int argc, char **argv)
{
	char **end = environ;

	while (*end)
		end++;

	const unsigned long *auxv = (const unsigned long *)(end + 1);

	if (argc && !strcmp(argv[0], "random"))
		return write(10, (void *)getauxval(AT_RANDOM), 16) != 16;
	layout(argc, argv, auxv);
	program_headers(auxv);
	entries(auxv);
	random_bytes(auxv);
	return done();
}
