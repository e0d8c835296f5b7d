/*
 * elf_image.c -- checks an ELF executable and plans its pages.
 *
 * Linux lets a later segment's mapping replace what an earlier one had in the same page, and with
 * it that segment's bytes. Here such a page is put together from both, so every layout in which
 * no two bytes collide loads as it was meant.
 *
 * No locks, no allocation, no file: tested on the host. Its only user is elf.c.
 */
#include <facet/elf_image.h>
#include <facet/errno.h>
#include <facet/string.h>

#define PAGE 4096ull

#define ET_EXEC 2
#define ET_DYN 3
#define EM_X86_64 62

#define PT_LOAD 1
#define PT_INTERP 3
#define PT_GNU_STACK 0x6474e551

#define PF_X 1
#define PF_W 2
#define PF_R 4

#define INTERP_SIZE_MAX 4096 /* PATH_MAX */

static uint64_t page_down(uint64_t address)
{
	return address & ~(PAGE - 1);
}

static uint64_t page_up(uint64_t address)
{
	return page_down(address + PAGE - 1);
}

/* Are `size` bytes at `offset` inside `total`? Written so that no sum can overflow. */
static bool within(uint64_t offset, uint64_t size, uint64_t total)
{
	return offset <= total && size <= total - offset;
}

int elf_image_parse(struct elf_image *image, const void *header, size_t size, uint64_t file_size)
{
	static const uint8_t magic[] = { 0x7f, 'E', 'L', 'F' };
	const struct elf_ehdr *elf = header;

	if (size < sizeof(*elf))
		return -ENOEXEC;
	if (memcmp(elf->e_ident, magic, sizeof(magic)))
		return -ENOEXEC;
	if (elf->e_machine != EM_X86_64)
		return -ENOEXEC;
	if (elf->e_type != ET_EXEC && elf->e_type != ET_DYN)
		return -ENOEXEC;
	if (elf->e_phentsize != sizeof(struct elf_phdr))
		return -ENOEXEC;
	if (!elf->e_phnum || elf->e_phnum > ELF_PHDRS_MAX)
		return -ENOEXEC;
	if (!within(elf->e_phoff, elf->e_phnum * sizeof(struct elf_phdr), file_size))
		return -ENOEXEC;
	if (elf->e_entry >= ELF_LIMIT)
		return -ENOEXEC;

	*image = (struct elf_image){
		.file_size = file_size,
		.phdr_offset = elf->e_phoff,
		.phdr_count = elf->e_phnum,
		.relocatable = elf->e_type == ET_DYN,
		.entry = elf->e_entry,
		.alignment = PAGE,
	};
	return 0;
}

/* Where a segment's bytes end in memory, and where those that are in the file do. */
static uint64_t end_of(const struct elf_phdr *segment)
{
	return segment->p_vaddr + segment->p_memsz;
}

static uint64_t file_end_of(const struct elf_phdr *segment)
{
	return segment->p_vaddr + segment->p_filesz;
}

/* Checks a segment that is not empty, and adds it to the image. */
static int add_segment(struct elf_image *image, const struct elf_phdr *segment)
{
	uint64_t offset = segment->p_offset;
	bool first = !image->end;

	if (!within(segment->p_vaddr, segment->p_memsz, ELF_LIMIT))
		return -ENOEXEC;
	if (!image->relocatable && segment->p_vaddr < ELF_LOWEST)
		return -ENOEXEC;
	if (segment->p_filesz > segment->p_memsz)
		return -ENOEXEC;

	/* Ascending, and no byte twice. */
	if (!first && segment->p_vaddr < image->end)
		return -ENOEXEC;
	if (segment->p_align & (segment->p_align - 1))
		return -ENOEXEC;

	/*
	 * The offset of a segment that has nothing in the file says nothing, and may be anywhere.
	 */
	if (segment->p_filesz) {
		if (!within(offset, segment->p_filesz, image->file_size))
			return -ENOEXEC;
		if (offset % PAGE != segment->p_vaddr % PAGE)
			return -ENOEXEC;
		if (offset <= image->phdr_offset &&
		    within(image->phdr_offset - offset, image->phdr_count * sizeof(struct elf_phdr),
			   segment->p_filesz))
			image->phdr_address = segment->p_vaddr + (image->phdr_offset - offset);
	}

	if (first)
		image->start = page_down(segment->p_vaddr);
	image->end = end_of(segment);
	if (segment->p_align > image->alignment)
		image->alignment = segment->p_align;
	return 0;
}

/* The first PT_INTERP counts, as on Linux. */
static int set_interpreter(struct elf_image *image, const struct elf_phdr *phdr)
{
	if (image->interp_size)
		return 0;
	if (phdr->p_filesz < 2 || phdr->p_filesz > INTERP_SIZE_MAX)
		return -ENOEXEC;
	if (!within(phdr->p_offset, phdr->p_filesz, image->file_size))
		return -ENOEXEC;
	image->interp_offset = phdr->p_offset;
	image->interp_size = phdr->p_filesz;
	return 0;
}

static bool is_empty(const struct elf_phdr *phdr)
{
	return !phdr->p_memsz && !phdr->p_filesz;
}

int elf_image_segments(struct elf_image *image, const struct elf_phdr *phdrs)
{
	const struct elf_phdr *phdr;
	int error = 0;

	image->phdrs = phdrs;
	for (phdr = phdrs; phdr < phdrs + image->phdr_count && !error; phdr++) {
		if (phdr->p_type == PT_LOAD && !is_empty(phdr))
			error = add_segment(image, phdr);
		else if (phdr->p_type == PT_INTERP)
			error = set_interpreter(image, phdr);
		else if (phdr->p_type == PT_GNU_STACK)
			image->stack_executable = phdr->p_flags & PF_X;
	}
	if (!error && !image->end)
		error = -ENOEXEC;
	return error;
}

int elf_image_place(struct elf_image *image, uint64_t lowest)
{
	uint64_t base;

	if (!image->relocatable)
		return 0;
	base = lowest > image->start ? lowest - image->start : 0;
	if (base > ELF_LIMIT || image->alignment > ELF_LIMIT)
		return -ENOEXEC;
	base = (base + image->alignment - 1) & ~(image->alignment - 1);
	if (!within(base, image->end, ELF_LIMIT) || !within(base, image->entry, ELF_LIMIT - 1))
		return -ENOEXEC;
	image->base = base;
	return 0;
}

/* The first segment, from this one on, that is not empty and ends behind `address`; or NULL. */
static const struct elf_phdr *segment_behind(const struct elf_image *image,
					     const struct elf_phdr *from, uint64_t address)
{
	for (; from < image->phdrs + image->phdr_count; from++) {
		if (from->p_type == PT_LOAD && from->p_memsz && end_of(from) > address)
			return from;
	}
	return NULL;
}

static unsigned prot_of(const struct elf_phdr *segment)
{
	return (segment->p_flags & PF_R ? ELF_READ : 0) |
	       (segment->p_flags & PF_W ? ELF_WRITE : 0) | (segment->p_flags & PF_X ? ELF_EXEC : 0);
}

/* In which place of the file address 0 would be: equal in segments that continue each other. */
static uint64_t file_origin(const struct elf_phdr *segment)
{
	return segment->p_offset - segment->p_vaddr;
}

/*
 * The pages from `start` up to `end`, which `segment` has for itself: as many of them as are of the
 * kind of the first.
 */
static void map_own_pages(const struct elf_phdr *segment, uint64_t start, uint64_t end,
			  struct elf_mapping *mapping)
{
	uint64_t file_end = file_end_of(segment);
	uint64_t whole_end = segment->p_memsz > segment->p_filesz ? page_down(file_end)
								  : page_up(file_end);

	*mapping = (struct elf_mapping){ .start = start, .end = end, .prot = prot_of(segment) };
	if (start < whole_end) {
		mapping->kind = ELF_FILE;
		mapping->file_offset = file_origin(segment) + start;
		mapping->end = whole_end < end ? whole_end : end;
	} else if (start < file_end && segment->p_filesz) {
		mapping->kind = ELF_FILLED;
		mapping->end = start + PAGE;
	} else {
		mapping->kind = ELF_ZERO;
	}
}

/* The page at `start`, in which `segment` has bytes and at least one later segment too. */
static void map_shared_page(const struct elf_image *image, const struct elf_phdr *segment,
			    uint64_t start, struct elf_mapping *mapping)
{
	uint64_t origin = file_origin(segment);
	bool file = false, one_page_of_file = true;

	*mapping = (struct elf_mapping){ .start = start, .end = start + PAGE };
	do {
		bool has_file = segment->p_filesz && file_end_of(segment) > start;
		bool has_zeros = segment->p_memsz > segment->p_filesz &&
				 file_end_of(segment) < start + PAGE;

		file |= has_file;
		one_page_of_file &= has_file && !has_zeros && file_origin(segment) == origin;
		mapping->prot |= prot_of(segment);
		segment = segment_behind(image, segment + 1, start);
	} while (segment && segment->p_vaddr < start + PAGE);

	mapping->kind = one_page_of_file ? ELF_FILE : file ? ELF_FILLED : ELF_ZERO;
	if (one_page_of_file)
		mapping->file_offset = origin + start;
}

bool elf_image_next(const struct elf_image *image, struct elf_mapping *mapping)
{
	uint64_t start = mapping->end ? mapping->end - image->base : 0;
	const struct elf_phdr *segment = segment_behind(image, image->phdrs, start);
	const struct elf_phdr *next;
	uint64_t end;

	if (!segment)
		return false;
	if (start < page_down(segment->p_vaddr))
		start = page_down(segment->p_vaddr);
	end = page_up(end_of(segment));
	next = segment_behind(image, segment + 1, start);
	if (next && page_down(next->p_vaddr) < end)
		end = page_down(next->p_vaddr);

	if (start < end)
		map_own_pages(segment, start, end, mapping);
	else
		map_shared_page(image, segment, start, mapping);
	mapping->start += image->base;
	mapping->end += image->base;
	return true;
}

bool elf_image_piece(const struct elf_image *image, const struct elf_mapping *page, size_t *index,
		     struct elf_piece *piece)
{
	uint64_t page_start = page->start - image->base;

	while (*index < image->phdr_count) {
		const struct elf_phdr *segment = &image->phdrs[(*index)++];
		uint64_t start = segment->p_vaddr;
		uint64_t end = file_end_of(segment);

		if (segment->p_type != PT_LOAD)
			continue;
		start = start > page_start ? start : page_start;
		end = end < page_start + PAGE ? end : page_start + PAGE;
		if (start >= end)
			continue;
		piece->address = start + image->base;
		piece->file_offset = file_origin(segment) + start;
		piece->size = end - start;
		return true;
	}
	return false;
}
