/*
 * ELF layouts: each file is made here, of the segments in question and a few instructions that
 * write what the kernel made of them into a pipe (ELF-64 specification, program loading).
 */
#include "elfmake.h"

#define DATA 0x600000UL

static struct elf elf;
static unsigned char dump[4 * PAGE];
static size_t dumped;

static int run(void)
{
	memset(dump, 0xaa, sizeof(dump));
	return elf_run(&elf, "made", dump, sizeof(dump), &dumped);
}

static bool is(const unsigned char *from, size_t size, unsigned char value)
{
	for (size_t i = 0; i < size; i++)
		if (from[i] != value)
			return false;
	return true;
}

/*
 * A program with a data segment whose file part is full of 'd', and the whole page after it of 'g'.
 */
static void with_data(unsigned long offset, unsigned long address, unsigned long in_file,
		      unsigned long in_memory)
{
	Elf64_Phdr *code = elf_segments(&elf), *data, saved;

	elf_program(&elf);
	data = elf_segment(&elf, PF_R | PF_W, offset, address, in_file, in_memory);
	if (data->p_vaddr < code->p_vaddr) { /* they have to be in ascending order */
		saved = *code;
		*code = *data;
		*data = saved;
	}
	memset(elf.bytes + PAGE, 'g', 3 * PAGE);
	memset(elf.bytes + offset, 'd', in_file);
	elf.size = 4 * PAGE;
	elf_dump(&elf, address, (uint32_t)in_memory);
	elf_store(&elf, address, 'w');
	elf_store(&elf, address + in_memory - 1, 'w');
	elf_exit(&elf, 42);
}

static void check_data(const char *what, unsigned long in_file, unsigned long in_memory)
{
	int status = run();

	ok(status == 42 && dumped == in_memory && is(dump, in_file, 'd') &&
		   is(dump + in_file, in_memory - in_file, 0),
	   "%s", what);
	if (status != 42 || dumped != in_memory)
		diag("status %d, %lu bytes of %lu", status, (unsigned long)dumped, in_memory);
}

static void smallest(void)
{
	elf_program(&elf);
	elf_exit(&elf, 42);
	elf_segments(&elf)->p_filesz = elf_segments(&elf)->p_memsz = elf.size;
	ok_equal(run(), 42, "one segment of headers and code runs");
	elf_begin(&elf, ET_EXEC, ELF_BASE + ELF_CODE);
	elf_exit(&elf, 43);
	elf_segment(&elf, PF_R | PF_X, ELF_CODE, ELF_BASE + ELF_CODE, elf.size - ELF_CODE,
		    elf.size - ELF_CODE);
	ok_equal(run(), 43, "a segment that starts in the middle of a page runs");
	elf_program(&elf);
	elf_exit(&elf, 44);
	elf_segments(&elf)->p_align = 0;
	ok_equal(run(), 44, "an alignment of 0 means none");
}

static void data_and_bss(void)
{
	with_data(PAGE, DATA, PAGE, PAGE);
	check_data("a page of data", PAGE, PAGE);
	with_data(PAGE, DATA, 100, 3000);
	check_data("BSS that shares the page of the data is zero", 100, 3000);
	with_data(PAGE, DATA, 100, 3 * PAGE);
	check_data("BSS that goes on for pages is zero", 100, 3 * PAGE);
	with_data(PAGE, DATA, PAGE, 3 * PAGE);
	check_data("BSS on pages of its own is zero", PAGE, 3 * PAGE);
	with_data(PAGE, DATA, 0, 2 * PAGE);
	check_data("a segment with nothing in the file is zero", 0, 2 * PAGE);
	with_data(PAGE + 0x123, DATA + 0x123, 0x456, 0x456);
	check_data("address and offset need not be aligned, only alike", 0x456, 0x456);
	with_data(PAGE + 0xff0, DATA + 0xff0, 0x20, 2 * PAGE);
	check_data("data over a page's edge with BSS behind it", 0x20, 2 * PAGE);
	with_data(PAGE, DATA, PAGE - 1, PAGE);
	check_data("BSS of a single byte", PAGE - 1, PAGE);
	with_data(PAGE, DATA, PAGE + 1, PAGE + 2);
	check_data("data of a page and a byte", PAGE + 1, PAGE + 2);
	with_data(PAGE, 0x7f0000000000, PAGE, PAGE);
	check_data("data at a high address", PAGE, PAGE);
	with_data(PAGE, 0x10000, 10, PAGE);
	check_data("data at a low address", 10, PAGE);
}

/* Two segments within one page of memory and of the file. */
static void one_page_for_two(void)
{
	elf_program(&elf);
	elf_segment(&elf, PF_R, PAGE, DATA, 0x400, 0x400);
	elf_segment(&elf, PF_R | PF_W, PAGE + 0x400, DATA + 0x400, 0x400, PAGE);
	memset(elf.bytes + PAGE, 'r', 0x400);
	memset(elf.bytes + PAGE + 0x400, 'w', 0x400);
	elf_dump(&elf, DATA, PAGE + 0x400);
	elf_store(&elf, DATA + 0x400, 1);
	elf_exit(&elf, 42);
	ok_equal(run(), 42, "two segments share a page");
	ok(dumped == PAGE + 0x400 && is(dump, 0x400, 'r') && is(dump + 0x400, 0x400, 'w') &&
		   is(dump + 0x800, PAGE - 0x400, 0),
	   "with the bytes of both");
}

static void rights(void)
{
	static const struct {
		unsigned flags;
		bool write, run;
		const char *name;
	} cases[] = {
		{ PF_R, false, false, "read-only" },
		{ PF_R | PF_W, true, false, "writable" },
		{ PF_R | PF_X, false, true, "executable" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		elf_program(&elf);
		elf_segment(&elf, cases[i].flags, PAGE, DATA, PAGE, PAGE);
		elf_dump(&elf, DATA, PAGE);
		elf_exit(&elf, 42);
		ok(run() == 42 && dumped == PAGE, "a segment that is %s can be read",
		   cases[i].name);
		elf_program(&elf);
		elf_segment(&elf, cases[i].flags, PAGE, DATA, PAGE, PAGE);
		elf_store(&elf, DATA + 5, 1);
		elf_exit(&elf, 42);
		ok_equal(run(), cases[i].write ? 42 : -SIGSEGV, "writing it %s",
			 cases[i].write ? "works" : "is SIGSEGV");
		elf_program(&elf);
		elf_segment(&elf, cases[i].flags, PAGE, DATA, PAGE, PAGE);
		elf_jump(&elf, DATA);
		elf.code = PAGE;
		elf_exit(&elf, 42);
		elf.size = 2 * PAGE;
		ok_equal(run(), cases[i].run ? 42 : -SIGSEGV, "running it %s",
			 cases[i].run ? "works" : "is SIGSEGV");
	}
}

static void position_independent(void)
{
	elf_begin(&elf, ET_DYN, ELF_CODE);
	elf_segment(&elf, PF_R | PF_X, 0, 0, PAGE, PAGE);
	elf_segment(&elf, PF_R | PF_W, PAGE, PAGE, 16, 2 * PAGE);
	memset(elf.bytes + PAGE, 55, 16);
	/* movzx edi, byte [rip + to data]; mov [rip + to BSS], edi; mov eax, exit; syscall */
	ELF_EMIT(&elf, 0x0f, 0xb6, 0x3d);
	elf_emit_word(&elf, PAGE - ELF_CODE - 7, 4);
	ELF_EMIT(&elf, 0x89, 0x3d);
	elf_emit_word(&elf, 2 * PAGE - ELF_CODE - 13, 4);
	ELF_EMIT(&elf, 0xb8, 60, 0, 0, 0, 0x0f, 0x05);
	ok_equal(run(), 55, "a static-PIE reaches its data and its BSS");
	/* mov rdi, rip's page; shr 32: the base is not at 0 */
	elf_begin(&elf, ET_DYN, ELF_CODE);
	elf_segment(&elf, PF_R | PF_X, 0, 0, PAGE, PAGE);
	ELF_EMIT(&elf, 0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0x48, 0xc1, 0xef, 12, 0x40, 0x0f, 0x95, 0xc7);
	ELF_EMIT(&elf, 0x40, 0x0f, 0xb6, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05);
	ok_equal(run(), 1, "a static-PIE is not put at address 0");
}

/* What registers, flags and stack pointer hold at the first instruction. */
static void entry_state(void)
{
	elf_program(&elf);
	ELF_EMIT(&elf, 0x48, 0x89, 0xe7, 0x83, 0xe7, 0x0f); /* mov rdi, rsp; and edi, 15 */
	ELF_EMIT(&elf, 0x48, 0x09, 0xd7, 0x48, 0x09, 0xef); /* or rdi, rdx; or rdi, rbp */
	ELF_EMIT(&elf, 0x48, 0x09, 0xdf, 0x4c, 0x09, 0xc7); /* or rdi, rbx; or rdi, r8 */
	ELF_EMIT(&elf, 0x4c, 0x09, 0xcf, 0x4c, 0x09, 0xff); /* or rdi, r9; or rdi, r15 */
	ELF_EMIT(&elf, 0x48, 0x85, 0xff, 0x0f, 0x95, 0xc0, 0x0f, 0xb6, 0xf8); /* edi = rdi != 0 */
	ELF_EMIT(&elf, 0xb8, 60, 0, 0, 0, 0x0f, 0x05);
	ok_equal(run(), 0, "at entry the stack is aligned to 16 and the registers are zero");
	elf_program(&elf);
	ELF_EMIT(&elf, 0x9c, 0x5f, 0x48, 0x81, 0xe7); /* pushfq; pop rdi; and rdi, .. */
	elf_emit_word(&elf, 0x44500, 4);              /* AC, NT, DF, TF */
	ELF_EMIT(&elf, 0x48, 0x85, 0xff, 0x0f, 0x95, 0xc0, 0x0f, 0xb6, 0xf8);
	ELF_EMIT(&elf, 0xb8, 60, 0, 0, 0, 0x0f, 0x05);
	ok_equal(run(), 0, "and no flag is set that would surprise");
}

static void heap_place(void)
{
	uint64_t end;

	with_data(PAGE, DATA, 100, 3 * PAGE + 5);
	elf.code = ELF_CODE;
	ELF_EMIT(&elf, 0x31, 0xff, 0xb8, 12, 0, 0, 0, 0x0f, 0x05); /* brk(0) */
	/* push rax; rsi = rsp; edi = 10 */
	ELF_EMIT(&elf, 0x50, 0x48, 0x89, 0xe6, 0xbf, 10, 0, 0, 0);
	ELF_EMIT(&elf, 0xba, 8, 0, 0, 0, 0xb8, 1, 0, 0, 0, 0x0f, 0x05); /* write 8 bytes */
	elf_exit(&elf, 42);
	ok_equal(run(), 42, "a program asks for its break");
	memcpy(&end, dump, sizeof(end));
	ok(end >= DATA + 3 * PAGE + 5, "it is behind the BSS");
}

static void odd_ones(void)
{
	int status;

	elf_program(&elf);
	elf_exit(&elf, 42);
	elf_segment(&elf, PF_R, 0, 0, 0, 0)->p_type = PT_NOTE;
	elf_segment(&elf, PF_R, 0, 0, 0, 0)->p_type = PT_GNU_STACK;
	elf_segment(&elf, PF_R, 0, 0, 0, 0)->p_type = 0x6fffffff;
	ok_equal(run(), 42, "segments of other kinds are passed over");
	elf_program(&elf);
	elf_header(&elf)->e_entry = 0x12345678;
	ok_equal(run(), -SIGSEGV, "an entry outside of the program is SIGSEGV");
	elf_program(&elf);
	elf_segment(&elf, PF_R, 0, 0, 0, 0)->p_type = PT_INTERP;
	elf_segments(&elf)[1].p_offset = ELF_CODE + 0x100;
	elf_segments(&elf)[1].p_filesz = 6;
	memcpy(elf.bytes + ELF_CODE + 0x100, "/none", 6);
	status = run();
	ok(status > EXEC_FAILED, "a program with an interpreter that is not there is refused");

	elf_program(&elf);
	elf_exit(&elf, 42);
	elf_segment(&elf, PF_R | PF_W, PAGE, DATA, PAGE, 2 * PAGE);
	elf_segment(&elf, PF_R | PF_W, 2 * PAGE, DATA + 0x800, PAGE, PAGE)->p_offset = 2 * PAGE +
										       0x800;
	elf.size = 4 * PAGE;
	if (on_facet())
		ok_equal(run(), EXEC_FAILED + ENOEXEC, "overlapping segments are refused");
	else
		skip("overlapping segments: Linux takes them");
}

int main(void)
{
	enter_scratch();
	smallest();
	data_and_bss();
	one_page_for_two();
	rights();
	position_independent();
	entry_state();
	heap_place();
	odd_ones();
	leave_scratch();
	return done();
}
