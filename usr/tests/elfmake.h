/*
 * elfmake.h -- ELF files made by hand, of a few instructions each.
 *
 * The code can exit with a number, write a range of its memory to descriptor 10, and store a
 * byte: enough for a test to see how the kernel laid out any combination of segments.
 */
#pragma once

#include "files.h"

#include <elf.h>

#define ELF_MOST (8 * PAGE)
#define ELF_CODE 0x400 /* where code starts in the file */
#define ELF_BASE 0x400000UL

struct elf {
	unsigned char bytes[ELF_MOST];
	size_t size;
	size_t code; /* where the next instruction goes */
};

static inline Elf64_Ehdr *elf_header(struct elf *elf)
{
	return (Elf64_Ehdr *)elf->bytes;
}

static inline Elf64_Phdr *elf_segments(struct elf *elf)
{
	return (Elf64_Phdr *)(elf->bytes + sizeof(Elf64_Ehdr));
}

static inline void elf_begin(struct elf *elf, unsigned type, unsigned long entry)
{
	memset(elf, 0, sizeof(*elf));
	elf->size = elf->code = ELF_CODE;
	*elf_header(elf) = (Elf64_Ehdr){
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = (Elf64_Half)type,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = entry,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
	};
}

static inline Elf64_Phdr *elf_segment(struct elf *elf, unsigned flags, unsigned long offset,
				      unsigned long address, unsigned long in_file,
				      unsigned long in_memory)
{
	Elf64_Phdr *segment = &elf_segments(elf)[elf_header(elf)->e_phnum++];

	*segment = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = flags,
		.p_offset = offset,
		.p_vaddr = address,
		.p_paddr = address,
		.p_filesz = in_file,
		.p_memsz = in_memory,
		.p_align = PAGE,
	};
	if (offset + in_file > elf->size && offset + in_file <= ELF_MOST)
		elf->size = offset + in_file;
	return segment;
}

/* The usual start: an executable whose first segment has the headers and a page of code. */
static inline void elf_program(struct elf *elf)
{
	elf_begin(elf, ET_EXEC, ELF_BASE + ELF_CODE);
	elf_segment(elf, PF_R | PF_X, 0, ELF_BASE, PAGE, PAGE);
}

static inline void elf_emit(struct elf *elf, const void *code, size_t size)
{
	memcpy(elf->bytes + elf->code, code, size);
	elf->code += size;
	if (elf->code > elf->size)
		elf->size = elf->code;
}

#define ELF_EMIT(elf, ...)                                    \
	elf_emit(elf, (const unsigned char[]){ __VA_ARGS__ }, \
		 sizeof((const unsigned char[]){ __VA_ARGS__ }))

static inline void elf_emit_word(struct elf *elf, uint64_t value, size_t size)
{
	elf_emit(elf, &value, size);
}

static inline void elf_exit(struct elf *elf, uint32_t status)
{
	ELF_EMIT(elf, 0xbf); /* mov edi, status */
	elf_emit_word(elf, status, 4);
	ELF_EMIT(elf, 0xb8, 60, 0, 0, 0, 0x0f, 0x05); /* mov eax, exit; syscall */
}

/* write(10, address, size) */
static inline void elf_dump(struct elf *elf, unsigned long address, uint32_t size)
{
	ELF_EMIT(elf, 0xbf, 10, 0, 0, 0, 0x48, 0xbe); /* mov edi, 10; mov rsi, address */
	elf_emit_word(elf, address, 8);
	ELF_EMIT(elf, 0xba); /* mov edx, size */
	elf_emit_word(elf, size, 4);
	ELF_EMIT(elf, 0xb8, 1, 0, 0, 0, 0x0f, 0x05); /* mov eax, write; syscall */
}

static inline void elf_store(struct elf *elf, unsigned long address, unsigned char value)
{
	ELF_EMIT(elf, 0x48, 0xb8); /* mov rax, address */
	elf_emit_word(elf, address, 8);
	ELF_EMIT(elf, 0xc6, 0x00, value); /* mov byte [rax], value */
}

static inline void elf_jump(struct elf *elf, unsigned long address)
{
	ELF_EMIT(elf, 0x48, 0xb8); /* mov rax, address */
	elf_emit_word(elf, address, 8);
	ELF_EMIT(elf, 0xff, 0xe0); /* jmp rax */
}

/* How a run ended: 0..255 an exit, -1..-64 a signal, 1000 + errno an exec that failed. */
#define EXEC_FAILED 1000

static inline int elf_run(struct elf *elf, const char *path, void *output, size_t size, size_t *got)
{
	int fd[2], error[2], status, code = 0;
	size_t length = 0;
	ssize_t n;
	pid_t child;

	write_file(path, elf->bytes, elf->size, 0755);
	must(pipe(fd));
	must(pipe2(error, O_CLOEXEC));
	child = (pid_t)must(fork());
	if (child == 0) {
		char *argv[] = { (char *)path, NULL };

		dup2(fd[1], 10);
		close(fd[0]);
		close(fd[1]);
		execve(path, argv, argv + 1);
		code = errno;
		sys(SYS_write, error[1], &code, sizeof(code));
		_exit(0);
	}
	close(fd[1]);
	close(error[1]);
	while (length < size && (n = read(fd[0], (char *)output + length, size - length)) > 0)
		length += (size_t)n;
	if (read(error[0], &code, sizeof(code)) != sizeof(code))
		code = 0;
	close(fd[0]);
	close(error[0]);
	status = wait_child(child);
	if (got)
		*got = length;
	if (code)
		return EXEC_FAILED + code;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
