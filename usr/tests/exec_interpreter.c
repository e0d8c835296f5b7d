/*
 * Programs that name an interpreter (PT_INTERP): it starts in their place, and finds them by the
 * auxiliary vector. Both are made here, of a few instructions.
 *
 * Source: System V ABI, "Program Interpreter"; execve(2); getauxval(3).
 */
#include "elfmake.h"

#include <sys/mman.h>

#define NAME_AT (ELF_CODE + 0x200) /* of the interpreter's name in the program's file */
#define HIGH 0x10000000UL          /* where an interpreter that is not relocatable lies */
#define STACK_BYTES 300            /* argc, vectors, most of the auxiliary vector */

static struct elf program, interpreter;
static unsigned char dump[PAGE];
static size_t dumped;
static char path[100];

/* The first program header names the interpreter, the second is the code; it exits with 1. */
static void make_program(unsigned type, const void *name, size_t size)
{
	unsigned long base = type == ET_EXEC ? ELF_BASE : 0;

	elf_begin(&program, type, base + ELF_CODE);
	elf_segment(&program, PF_R, NAME_AT, base + NAME_AT, size, size)->p_type = PT_INTERP;
	elf_segment(&program, PF_R | PF_X, 0, base, PAGE, PAGE);
	elf_exit(&program, 1);
	memcpy(program.bytes + NAME_AT, name, size);
}

static void begin_interpreter(unsigned type)
{
	unsigned long base = type == ET_EXEC ? HIGH : 0;

	elf_begin(&interpreter, type, base + ELF_CODE);
	elf_segment(&interpreter, PF_R | PF_X, 0, base, PAGE, PAGE);
}

/* Writes its own place, and the stack as it was at the start. */
static void make_reporter(unsigned type)
{
	begin_interpreter(type);
	ELF_EMIT(&interpreter, 0x48, 0x8d, 0x05, 0xf9, 0xff, 0xff, 0xff); /* lea rax, [rip - 7] */
	ELF_EMIT(&interpreter, 0x50, 0xbf, 10, 0, 0, 0);                  /* push rax; edi = 10 */
	ELF_EMIT(&interpreter, 0x48, 0x89, 0xe6, 0xba);                   /* rsi = rsp; edx = .. */
	elf_emit_word(&interpreter, 8 + STACK_BYTES, 4);
	ELF_EMIT(&interpreter, 0xb8, 1, 0, 0, 0, 0x0f, 0x05); /* write */
	elf_exit(&interpreter, 42);
}

static int run_named(unsigned type, const char *name)
{
	make_program(type, name, strlen(name) + 1);
	memset(dump, 0, sizeof(dump));
	return elf_run(&program, "program", dump, sizeof(dump), &dumped);
}

static int run(unsigned type)
{
	write_file(path, interpreter.bytes, interpreter.size, 0755);
	return run_named(type, path);
}

static uint64_t word(size_t index)
{
	uint64_t value;

	memcpy(&value, dump + 8 * index, 8);
	return value;
}

/* In a child. */
static void exec_path(void *file)
{
	char *argv[] = { file, NULL };

	execve(file, argv, argv + 1);
	_exit(99);
}

/* In the dump: its place, argc, argv[0], NULL, NULL, and then the auxiliary vector. */
static uint64_t auxiliary(uint64_t type)
{
	for (size_t i = 5; 8 * (i + 1) < dumped && word(i); i += 2)
		if (word(i) == type)
			return word(i + 1);
	return ~0UL;
}

static void kinds(void)
{
	static const struct {
		unsigned program, interpreter;
		const char *name;
	} cases[] = {
		{ ET_EXEC, ET_EXEC, "a fixed program with a fixed interpreter" },
		{ ET_EXEC, ET_DYN, "a fixed program with a relocatable interpreter" },
		{ ET_DYN, ET_DYN, "a relocatable program with a relocatable interpreter" },
		{ ET_DYN, ET_EXEC, "a relocatable program with a fixed interpreter" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *name = cases[i].name;
		uint64_t base = 0, place;

		make_reporter(cases[i].interpreter);
		ok_equal(run(cases[i].program), 42, "%s starts in the interpreter", name);
		ok_equal((long)dumped, 8 + STACK_BYTES, "which reports");
		place = word(0);
		if (cases[i].interpreter == ET_DYN)
			base = place - ELF_CODE;
		ok(word(1) == 1 && word(3) == 0, "the arguments are the program's");
		ok(base % PAGE == 0 && auxiliary(AT_BASE) == base,
		   "AT_BASE is where the interpreter was put: 0 for a fixed one");
		place = cases[i].program == ET_EXEC ? ELF_BASE : auxiliary(AT_ENTRY) - ELF_CODE;
		ok(auxiliary(AT_ENTRY) == place + ELF_CODE && place % PAGE == 0 && place,
		   "AT_ENTRY is the program's");
		ok(auxiliary(AT_PHDR) == place + sizeof(Elf64_Ehdr), "AT_PHDR too");
		ok_equal((long)auxiliary(AT_PHNUM), 2, "and AT_PHNUM");
		ok(base == 0 || base > place + PAGE, "a relocatable interpreter lies above it");
	}
}

static void goes_on_to_program(void)
{
	begin_interpreter(ET_DYN);
	elf_jump(&interpreter, ELF_BASE + ELF_CODE);
	ok_equal(run(ET_EXEC), 1, "the interpreter can go on to the program");
	begin_interpreter(ET_DYN);
	elf_exit(&interpreter, 42);
	elf_segment(&interpreter, PF_R, 0, 0, 8, 8)->p_type = PT_INTERP;
	ok_equal(run(ET_EXEC), 42, "the interpreter's own interpreter does not count");
	write_file(path, interpreter.bytes, interpreter.size, 0755);
	make_program(ET_EXEC, path, strlen(path) + 1);
	elf_segment(&program, PF_R, 0, 0, 8, 8)->p_type = PT_INTERP;
	ok_equal(elf_run(&program, "program", dump, sizeof(dump), &dumped), 42,
		 "nor does a second one of the program");
	make_program(ET_EXEC, path, strlen(path) + 1);
	write_file("program", program.bytes, program.size, 0755);
	write_text("script", "#!program\n", 0755);
	ok_equal(exit_code(child_status(exec_path, "script")), 42,
		 "a script's interpreter may have one");
}

/* The interpreter's name leads nowhere, or is none. */
static void names(void)
{
	static char long_name[300];
	static const char unended[8] = "/unended";

	ok_equal(run_named(ET_EXEC, "none"), EXEC_FAILED + ENOENT, "one that is not there: ENOENT");
	ok_equal(run_named(ET_EXEC, scratch_path), EXEC_FAILED + EACCES, "a folder: EACCES");
	ok_equal(run_named(ET_EXEC, "program/x"), EXEC_FAILED + ENOTDIR, "below a file: ENOTDIR");
	must(symlink("loop", "loop"));
	ok_equal(run_named(ET_EXEC, "loop"), EXEC_FAILED + ELOOP, "a link to itself: ELOOP");
	memset(long_name, 'x', sizeof(long_name) - 1);
	ok_equal(run_named(ET_EXEC, long_name), EXEC_FAILED + ENAMETOOLONG,
		 "a name of 299 letters: ENAMETOOLONG");
	write_text("closed", "no right to execute it", 0644);
	ok_equal(run_named(ET_EXEC, "closed"), EXEC_FAILED + EACCES, "without the right: EACCES");
	make_program(ET_EXEC, "\0", 2);
	ok_equal(elf_run(&program, "program", dump, 1, NULL), EXEC_FAILED + EACCES,
		 "an empty name is the working directory: EACCES");
	make_program(ET_EXEC, unended, sizeof(unended));
	ok_equal(elf_run(&program, "program", dump, 1, NULL), EXEC_FAILED + ENOEXEC,
		 "a name without its end: ENOEXEC");
	make_program(ET_EXEC, "", 1);
	ok_equal(elf_run(&program, "program", dump, 1, NULL), EXEC_FAILED + ENOEXEC,
		 "a name of no more than its end: ENOEXEC");
	make_program(ET_EXEC, path, strlen(path) + 1);
	elf_segments(&program)->p_filesz = PAGE + 1;
	program.size = NAME_AT + PAGE + 1;
	ok_equal(elf_run(&program, "program", dump, 1, NULL), EXEC_FAILED + ENOEXEC,
		 "a name longer than a path may be: ENOEXEC");
}

/* The interpreter's file is broken at one place. */
static int run_broken(size_t at, uint64_t value, size_t size)
{
	begin_interpreter(ET_DYN);
	elf_exit(&interpreter, 42);
	memcpy(interpreter.bytes + at, &value, size);
	return run(ET_EXEC);
}

static void contents(void)
{
	static const struct {
		size_t at;
		uint64_t value;
		size_t size;
		const char *what;
	} cases[] = {
		{ 0, 0x7e, 1, "a wrong magic number" },
		{ 18, EM_AARCH64, 2, "another machine" },
		{ 54, 55, 2, "program headers of a wrong size" },
		{ 56, 0, 2, "no program headers" },
		{ 32, 16 * PAGE, 8, "program headers beyond the file" },
	};
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok_equal(run_broken(cases[i].at, cases[i].value, cases[i].size),
			 EXEC_FAILED + ELIBBAD, "an interpreter with %s: ELIBBAD", cases[i].what);
	/* Linux sees these once the old program is gone, and kills. */
	status = run_broken(16, ET_REL, 2);
	ok(status == (on_facet() ? EXEC_FAILED + ELIBBAD : -SIGSEGV), "an object file: ELIBBAD");
	status = run_broken(sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_memsz), 0, 8);
	ok(status == (on_facet() ? EXEC_FAILED + ELIBBAD : -SIGSEGV),
	   "one with more in the file than in memory: ELIBBAD");
	ok_equal(run_broken(0, 0, 0), 42, "one that is not broken starts");

	write_text(path, "#!/bin/sh\n# a script of more than 64 bytes, the size of a header\n",
		   0755);
	ok_equal(run_named(ET_EXEC, path), EXEC_FAILED + ELIBBAD, "a script: ELIBBAD");
	write_text(path, "too short for a header", 0755);
	ok_equal(run_named(ET_EXEC, path), EXEC_FAILED + EIO, "a file shorter than a header: EIO");
	write_text(path, "", 0755);
	ok_equal(run_named(ET_EXEC, path), EXEC_FAILED + EIO, "an empty one: EIO");
}

/* Where the interpreter cannot lie. */
static void no_room(void)
{
	int status;

	begin_interpreter(ET_EXEC);
	elf_exit(&interpreter, 42);
	elf_segments(&interpreter)->p_vaddr = ELF_BASE;
	status = run(ET_EXEC);
	ok(status == (on_facet() ? EXEC_FAILED + ENOMEM : -SIGSEGV),
	   "a fixed interpreter in the program's place is refused");
}

static void writing(void)
{
	int fd;

	make_reporter(ET_DYN);
	write_file(path, interpreter.bytes, interpreter.size, 0755);
	fd = (int)must(open(path, O_WRONLY));
	ok_equal(run_named(ET_EXEC, path), EXEC_FAILED + ETXTBSY,
		 "an interpreter that is open for writing: ETXTBSY");
	must(close(fd));
	ok_equal(run_named(ET_EXEC, path), 42, "closed, it starts");
}

/* It waits for a byte from descriptor 11; its program and interpreter are mapped meanwhile. */
static void writing_while_it_runs(void)
{
	struct gate gate = new_gate();
	pid_t child;
	int fd;

	begin_interpreter(ET_DYN);
	ELF_EMIT(&interpreter, 0x50, 0x48, 0x89, 0xe6, 0xbf, 11, 0, 0, 0); /* rsi = rsp; edi = 11 */
	ELF_EMIT(&interpreter, 0xba, 1, 0, 0, 0, 0x31, 0xc0, 0x0f, 0x05);  /* read 1 byte */
	elf_exit(&interpreter, 42);
	write_file(path, interpreter.bytes, interpreter.size, 0755);
	make_program(ET_EXEC, path, strlen(path) + 1);
	write_file("program", program.bytes, program.size, 0755);
	child = (pid_t)must(fork());
	if (child == 0) {
		must(dup2(gate.fd[0], 11));
		exec_path("program");
	}
	await_state(child, 'S');
	ok_errno(open("program", O_WRONLY), ETXTBSY, "a program that runs: ETXTBSY");
	ok_errno(open("program", O_RDONLY | O_TRUNC), ETXTBSY, "nor can it be cut off");
	fd = open(path, O_WRONLY);
	ok(fd >= 0, "its interpreter can be opened for writing");
	close(fd);
	open_gate(&gate);
	ok_equal(exit_code(wait_child(child)), 42, "and it ends as it would have");
	fd = open("program", O_WRONLY);
	ok(fd >= 0, "then the program can be written too");
	close(fd);
	free_gate(&gate);
}

/* PT_GNU_STACK: 0xc3, ret, is put on the stack and called. */
static void executable_stack(void)
{
	static const struct {
		unsigned flags;
		bool runs;
		const char *name;
	} cases[] = {
		{ PF_R | PF_W | PF_X, true, "may be executed if PT_GNU_STACK says so" },
		{ PF_R | PF_W, false, "may not if it says so" },
	};
	void *both = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int wanted = cases[i].runs ? 42 : -SIGSEGV;

		if (cases[i].runs && both == MAP_FAILED)
			wanted = EXEC_FAILED +
				 ENOEXEC; /* nothing is ever writable and executable */
		elf_program(&program);
		elf_segment(&program, cases[i].flags, 0, 0, 0, 0)->p_type = PT_GNU_STACK;
		ELF_EMIT(&program, 0x68, 0xc3, 0, 0, 0, 0xff, 0xd4); /* push 0xc3; call rsp */
		elf_exit(&program, 42);
		ok_equal(elf_run(&program, "program", dump, 1, NULL), wanted, "the stack %s",
			 cases[i].name);
	}
	if (both != MAP_FAILED)
		must(munmap(both, PAGE));
}

int main(void)
{
	enter_scratch();
	format_text(path, sizeof(path), "%s/interpreter", scratch_path);
	kinds();
	goes_on_to_program();
	names();
	contents();
	no_room();
	writing();
	writing_while_it_runs();
	executable_stack();
	leave_scratch();
	return done();
}
