/*
 * elf_image.h -- what an ELF executable asks for, and how its segments become pages.
 *
 * Pure: it looks at bytes that the loader has read, allocates nothing, maps nothing, and never
 * trusts a number that it has not checked. The loader's steps, in this order:
 *
 *	elf_image_parse()	the header, from the first bytes of the file
 *	elf_image_segments()	the program headers, which the loader has read as the image told it
 *	elf_image_place()	choose the base of a relocatable image
 *	elf_image_next()	each range of pages, ascending; elf_image_piece() for those to fill
 *
 * Every error is -ENOEXEC. Source: System V ABI, "Object Files" and "Program Loading", and its
 * AMD64 supplement.
 */
#ifndef FACET_ELF_IMAGE_H
#define FACET_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_LOWEST 0x10000ull       /* nothing is mapped below: NULL must fault */
#define ELF_LIMIT 0x7ffffffff000ull /* nor at the last page of the lower half or above */
#define ELF_PHDRS_MAX 64            /* header and table fit into one page */

/* The file's own structures, with the specification's names. They may lie at any address. */
struct elf_ehdr {
	uint8_t e_ident[16];
	uint16_t e_type;
	uint16_t e_machine;
	uint32_t e_version;
	uint64_t e_entry;
	uint64_t e_phoff;
	uint64_t e_shoff;
	uint32_t e_flags;
	uint16_t e_ehsize;
	uint16_t e_phentsize;
	uint16_t e_phnum;
	uint16_t e_shentsize;
	uint16_t e_shnum;
	uint16_t e_shstrndx;
} __attribute__((packed));

struct elf_phdr {
	uint32_t p_type;
	uint32_t p_flags;
	uint64_t p_offset;
	uint64_t p_vaddr;
	uint64_t p_paddr;
	uint64_t p_filesz;
	uint64_t p_memsz;
	uint64_t p_align;
} __attribute__((packed));

/* As mmap's PROT_. */
#define ELF_READ 1u
#define ELF_WRITE 2u
#define ELF_EXEC 4u

struct elf_image {
	uint64_t file_size;
	uint64_t phdr_offset; /* in the file */
	size_t phdr_count;
	const struct elf_phdr *phdrs; /* the loader's copy */

	bool relocatable; /* ET_DYN */
	bool stack_executable;
	uint64_t base;      /* added to every address of the file; 0 unless relocatable */
	uint64_t alignment; /* the base's: at least a page */

	/* These do not contain the base. */
	uint64_t entry;
	uint64_t phdr_address; /* for AT_PHDR; 0 if no segment holds the table */
	uint64_t start;        /* of the first page */
	uint64_t end;          /* of the last byte of all segments, not rounded */

	uint64_t interp_offset; /* name of the interpreter, with its NUL */
	uint64_t interp_size;   /* 0: there is none */
};

/*
 * Check the ELF header in the first `size` bytes of a file. Sets file_size, phdr_offset,
 * phdr_count, relocatable and entry: the table of phdr_count headers is inside the file.
 */
int elf_image_parse(struct elf_image *image, const void *header, size_t size, uint64_t file_size);

/*
 * Check the program headers and set the rest of the image, base excepted. `phdrs` must be a copy
 * that nobody changes, and stay for as long as the image is used.
 */
int elf_image_segments(struct elf_image *image, const struct elf_phdr *phdrs);

/*
 * Give a relocatable image the lowest base that its alignment allows and that puts its first page
 * at `lowest` or above; one that is not relocatable stays where it is. Fails if its end would be
 * above ELF_LIMIT.
 */
int elf_image_place(struct elf_image *image, uint64_t lowest);

enum elf_mapping_kind {
	ELF_FILE,   /* pages of the file, private */
	ELF_ZERO,   /* zeros on demand */
	ELF_FILLED, /* one page, zeros except for its pieces: to be written before the start */
};

/* A range of whole pages that are alike. */
struct elf_mapping {
	uint64_t start;
	uint64_t end;
	uint64_t file_offset; /* of `start`, ELF_FILE only; a multiple of the page size */
	unsigned prot;
	enum elf_mapping_kind kind;
};

/*
 * The mapping behind *mapping, which it replaces; the first one if it is all zeros:
 *
 *	struct elf_mapping mapping = { 0 };
 *
 *	while (elf_image_next(&image, &mapping))
 *
 * Mappings ascend and do not overlap. A page that holds the end of a segment's file bytes and the
 * beginning of its zeros is ELF_FILLED. So is one in which segments meet whose bytes are not one
 * page of the file; it has the permissions of all of them together.
 */
bool elf_image_next(const struct elf_image *image, struct elf_mapping *mapping);

/* Bytes of the file that belong into an ELF_FILLED page. */
struct elf_piece {
	uint64_t address;
	uint64_t file_offset;
	size_t size;
};

/* The pieces of a page, one a call, *index starting from 0. False when there are no more. */
bool elf_image_piece(const struct elf_image *image, const struct elf_mapping *page, size_t *index,
		     struct elf_piece *piece);

#endif
