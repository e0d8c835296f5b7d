// sources: kernel/exec/elf_image.c
// Images of every legal layout are "loaded" by the plan and compared byte for byte with what their
// program headers say; what is not legal is refused.
#include "tap.h"

#include <facet/elf_image.h>
#include <facet/errno.h>

#include <stdlib.h>
#include <string.h>

#define PAGE 4096ull
#define FILE_SIZE (24 * PAGE)
#define SPAN_MAX (1024 * PAGE) /* what is larger is only planned, not loaded */
#define FUZZ_ROUNDS 20000
#define LAYOUT_ROUNDS 5000

enum { LOAD = 1, INTERP = 3, GNU_STACK = 0x6474e551 };
enum { X = 1, W = 2, R = 4 };
enum { EXEC = 2, DYN = 3 };

struct file {
	struct elf_ehdr header;
	struct elf_phdr phdrs[ELF_PHDRS_MAX];
	uint8_t bytes[FILE_SIZE - sizeof(struct elf_ehdr) -
		      ELF_PHDRS_MAX * sizeof(struct elf_phdr)];
};

_Static_assert(sizeof(struct elf_ehdr) == 64 && sizeof(struct elf_phdr) == 56, "ELF-64");
_Static_assert(sizeof(struct file) == FILE_SIZE, "the whole file");

static struct file file;

static void start_file(int type)
{
	file.header = (struct elf_ehdr){
		.e_ident = { 0x7f, 'E', 'L', 'F', 2, 1, 1 },
		.e_type = type,
		.e_machine = 62,
		.e_version = 1,
		.e_entry = 0x401000,
		.e_phoff = sizeof(struct elf_ehdr),
		.e_ehsize = sizeof(struct elf_ehdr),
		.e_phentsize = sizeof(struct elf_phdr),
	};
	memset(file.phdrs, 0, sizeof(file.phdrs));
	for (size_t i = 0; i < sizeof(file.bytes); i++)
		file.bytes[i] = tap_random() | 1; /* no zero byte looks like BSS */
}

static struct elf_phdr *add(uint32_t type, uint64_t vaddr, uint64_t memsz, uint64_t offset,
			    uint64_t filesz, uint32_t flags)
{
	struct elf_phdr *phdr = &file.phdrs[file.header.e_phnum++];

	*phdr = (struct elf_phdr){ .p_type = type,
				   .p_vaddr = vaddr,
				   .p_paddr = vaddr,
				   .p_memsz = memsz,
				   .p_offset = offset,
				   .p_filesz = filesz,
				   .p_flags = flags,
				   .p_align = PAGE };
	return phdr;
}

static int parse(struct elf_image *image, struct elf_phdr *copy)
{
	int error = elf_image_parse(image, &file, sizeof(struct elf_ehdr), FILE_SIZE);

	if (error)
		return error;
	CHECK(image->phdr_count <= ELF_PHDRS_MAX);
	memcpy(copy, (char *)&file + image->phdr_offset, image->phdr_count * sizeof(*copy));
	return elf_image_segments(image, copy);
}

static const uint8_t *file_at(uint64_t offset)
{
	return (const uint8_t *)&file + offset;
}

/* What every mapping must be, whatever the image. */
static bool valid(const struct elf_image *image, const struct elf_mapping *mapping,
		  uint64_t previous_end)
{
	uint64_t pages = (mapping->end - mapping->start) / PAGE;

	if (mapping->start % PAGE || mapping->end % PAGE || mapping->start >= mapping->end)
		return false;
	if (mapping->start < previous_end || mapping->end > ELF_LIMIT)
		return false;
	if (mapping->start < image->base + image->start ||
	    mapping->end >= image->base + image->end + PAGE)
		return false;
	if (mapping->kind == ELF_FILLED && pages != 1)
		return false;
	return mapping->kind != ELF_FILE || (mapping->file_offset % PAGE == 0 &&
					     mapping->file_offset + (pages - 1) * PAGE < FILE_SIZE);
}

/* Memory and permissions of an image as a loader that follows the plan sets them up. */
struct memory {
	uint64_t start;
	size_t pages;
	uint8_t *bytes;
	int *prot; /* -1: not mapped */
};

static void load_pages(const struct elf_image *image, const struct elf_mapping *mapping,
		       struct memory *memory)
{
	struct elf_piece piece;
	size_t index = 0, size;

	for (uint64_t page = mapping->start; page < mapping->end; page += PAGE) {
		uint8_t *to = memory->bytes + (page - memory->start);
		uint64_t offset = mapping->file_offset + (page - mapping->start);

		memory->prot[(page - memory->start) / PAGE] = mapping->prot;
		if (mapping->kind == ELF_FILE) {
			size = FILE_SIZE - offset < PAGE ? FILE_SIZE - offset : PAGE;
			memcpy(to, file_at(offset), size);
		}
	}
	while (mapping->kind == ELF_FILLED && elf_image_piece(image, mapping, &index, &piece)) {
		CHECK(piece.size && piece.address >= mapping->start &&
		      piece.address + piece.size <= mapping->end);
		if (CHECK(piece.file_offset + piece.size <= FILE_SIZE))
			memcpy(memory->bytes + (piece.address - memory->start),
			       file_at(piece.file_offset), piece.size);
	}
}

/* Every byte of a segment is there, with at least its permissions; no page of it is missing. */
static bool segment_loaded(const struct elf_image *image, const struct elf_phdr *segment,
			   const struct memory *memory)
{
	unsigned flags = segment->p_flags;
	int prot = (flags & R ? ELF_READ : 0) | (flags & W ? ELF_WRITE : 0) |
		   (flags & X ? ELF_EXEC : 0);

	for (uint64_t i = 0; i < segment->p_memsz; i++) {
		uint64_t at = image->base + segment->p_vaddr + i - memory->start;
		uint8_t expected = i < segment->p_filesz ? *file_at(segment->p_offset + i) : 0;
		int actual = memory->prot[at / PAGE];

		if (memory->bytes[at] != expected || actual < 0 || (actual & prot) != prot)
			return false;
	}
	return true;
}

/* How many segments have bytes in a page, and their permissions together. */
static int users_of(const struct elf_image *image, uint64_t page, int *prot)
{
	int users = 0;

	*prot = 0;
	for (size_t i = 0; i < image->phdr_count; i++) {
		const struct elf_phdr *segment = &image->phdrs[i];
		uint64_t start = image->base + segment->p_vaddr, end = start + segment->p_memsz;

		if (segment->p_type != LOAD || start >= page + PAGE || end <= page ||
		    !segment->p_memsz)
			continue;
		users++;
		*prot |= (segment->p_flags & R ? ELF_READ : 0) |
			 (segment->p_flags & W ? ELF_WRITE : 0) |
			 (segment->p_flags & X ? ELF_EXEC : 0);
	}
	return users;
}

/* Follow the plan, then look at everything. Returns how many mappings there were. */
static int load_and_compare(const struct elf_image *image)
{
	struct elf_mapping mapping = { 0 };
	uint64_t previous_end = 0;
	struct memory memory = { .start = image->base + image->start };
	bool small = image->end - image->start <= SPAN_MAX;
	int count = 0, prot;

	memory.pages = small ? (image->end - image->start + PAGE - 1) / PAGE : 0;
	memory.bytes = malloc(memory.pages * PAGE + 1);
	memory.prot = malloc((memory.pages + 1) * sizeof(int));
	memset(memory.bytes, 0, memory.pages * PAGE);
	memset(memory.prot, -1, memory.pages * sizeof(int));

	while (elf_image_next(image, &mapping)) {
		if (!CHECK(valid(image, &mapping, previous_end)) ||
		    !CHECK(++count <= 4 * ELF_PHDRS_MAX))
			break;
		previous_end = mapping.end;
		if (small)
			load_pages(image, &mapping, &memory);
	}
	for (size_t i = 0; i < image->phdr_count && small; i++) {
		if (image->phdrs[i].p_type == LOAD)
			CHECK(segment_loaded(image, &image->phdrs[i], &memory));
	}
	for (size_t i = 0; i < memory.pages; i++) {
		int users = users_of(image, memory.start + i * PAGE, &prot);

		CHECK(memory.prot[i] == (users ? prot : -1));
	}
	free(memory.bytes);
	free(memory.prot);
	return count;
}

/* The image of `file` is legal, loads right, and its plan is this: kinds by letter, F Z or P. */
static bool plans(const char *expected)
{
	struct elf_phdr copy[ELF_PHDRS_MAX];
	struct elf_mapping mapping = { 0 };
	struct elf_image image;
	char kinds[20] = "";
	size_t count = 0;

	if (parse(&image, copy) || elf_image_place(&image, ELF_LOWEST))
		return false;
	load_and_compare(&image);
	while (elf_image_next(&image, &mapping) && count < sizeof(kinds) - 1)
		kinds[count++] = "FZP"[mapping.kind];
	if (!strcmp(kinds, expected))
		return true;
	printf("# plan is %s, expected %s\n", kinds, expected);
	return false;
}

static bool refused(void)
{
	struct elf_phdr copy[ELF_PHDRS_MAX];
	struct elf_image image;

	return parse(&image, copy) == -ENOEXEC;
}

TEST(ordinary_static_program_is_described)
{
	struct elf_phdr copy[ELF_PHDRS_MAX];
	struct elf_image image;

	start_file(EXEC);
	add(LOAD, 0x400000, 0x1200, 0, 0x1200, R);
	add(LOAD, 0x402000, 0x5123, 0x2000, 0x5123, R | X);
	add(LOAD, 0x408ff0, 0x3000, 0x7ff0, 0x500, R | W);
	add(GNU_STACK, 0, 0, 0, 0, R | W);
	CHECK(parse(&image, copy) == 0);
	CHECK(!image.relocatable && !image.stack_executable && !image.interp_size);
	CHECK(image.entry == 0x401000 && image.phdr_address == 0x400040);
	CHECK(image.phdr_count == 4 && image.phdr_offset == 64 && image.alignment == PAGE);
	CHECK(image.start == 0x400000 && image.end == 0x40bff0);
	CHECK(elf_image_place(&image, 0x555555554000) == 0 && image.base == 0);
	CHECK(plans("FFFPZ"));
}

TEST(zeros_begin_where_the_file_ends)
{
	start_file(EXEC);
	add(LOAD, 0x400000, 0x3000, 0, 0x1000, R | W); /* on a page of their own */
	CHECK(plans("FZ"));
	file.phdrs[0].p_filesz = 0xfff; /* in the page of the last byte */
	CHECK(plans("PZ"));
	file.phdrs[0].p_memsz = 0x1000;
	CHECK(plans("P"));
	file.phdrs[0].p_memsz = 0xfff; /* there are none */
	CHECK(plans("F"));
	file.phdrs[0].p_filesz = 0; /* there is nothing else */
	CHECK(plans("Z"));
}

TEST(unaligned_segments_are_mapped_whole)
{
	start_file(EXEC);
	add(LOAD, 0x400123, 0x10, 0x1123, 0x10, R);
	add(LOAD, 0x401ff0, 0x20, 0x2ff0, 0x20, R | X);
	add(LOAD, 0x404ff8, 0x1000, 0x3ff8, 0x7, R | W);
	add(LOAD, 0x406801, 0x1, 0x5, 0, R | W); /* an offset without bytes says nothing */
	CHECK(plans("FFPZZ"));
}

TEST(segments_that_share_a_page_both_keep_their_bytes)
{
	start_file(EXEC);
	add(LOAD, 0x400000, 0x1100, 0, 0x1100, R | X);
	add(LOAD, 0x401100, 0x1000, 0x1100, 0x1000, R | W);
	CHECK(plans("FFF")); /* both are the same page of the file */
	file.phdrs[1].p_offset = 0x4100;
	CHECK(plans("FPF")); /* they are not */
	file.phdrs[1].p_filesz = 0;
	CHECK(plans("FPZ")); /* the second is only zeros */
	file.phdrs[0].p_filesz = 0x900;
	CHECK(plans("PZZ")); /* so is the end of the first */
	file.phdrs[1].p_filesz = 0x10;
	CHECK(plans("PPZ"));
	add(LOAD, 0x402100, 0x1, 0x100, 0x1, R);
	add(LOAD, 0x402101, 0x1, 0x5101, 0x1, R);
	CHECK(plans("PPP"));
}

TEST(empty_segments_do_not_count)
{
	start_file(EXEC);
	add(LOAD, 0, 0, 0, 0, R);
	add(LOAD, 0x400000, 0x1000, 0, 0x1000, R);
	add(LOAD, 0x10, 0, 0, 0, R);
	add(LOAD, 0xffffffff80000000, 0, UINT64_MAX, 0, R);
	CHECK(plans("F"));
	file.phdrs[1].p_type = 0;
	CHECK(refused());
}

TEST(random_layouts_load_byte_for_byte)
{
	int kinds = 0;

	for (int round = 0; round < LAYOUT_ROUNDS; round++) {
		struct elf_phdr copy[ELF_PHDRS_MAX];
		struct elf_image image;
		uint64_t vaddr;

		start_file(tap_below(2) ? EXEC : DYN);
		vaddr = file.header.e_type == EXEC ? ELF_LOWEST : tap_below(3 * PAGE);
		for (int n = 1 + tap_below(8); n; n--) {
			uint64_t filesz = tap_below(3) ? tap_below(3) ? tap_below(200)
								      : tap_below(3 * PAGE)
						       : 0;
			uint64_t memsz = filesz + (tap_below(2) ? tap_below(2 * PAGE) : 0);
			uint64_t offset = vaddr % PAGE + tap_below(16) * PAGE;

			if (tap_below(3) == 0 && file.header.e_phnum)
				offset = file.phdrs[0].p_offset + vaddr - file.phdrs[0].p_vaddr;
			if (offset + filesz > FILE_SIZE)
				filesz = 0;
			add(LOAD, vaddr, memsz, offset, filesz, 1 + tap_below(7));
			vaddr += memsz;
			if (tap_below(2))
				vaddr += tap_below(2) ? tap_below(100) : tap_below(4 * PAGE);
			if (tap_below(5) == 0)
				vaddr = (vaddr + PAGE - 1) & -PAGE;
		}
		if (parse(&image, copy)) {
			CHECK(!image.end); /* all are empty: nothing else is wrong with it */
			continue;
		}
		CHECK(elf_image_place(&image, ELF_LOWEST + tap_below(99) * PAGE) == 0);
		kinds += load_and_compare(&image);
	}
	CHECK(kinds > LAYOUT_ROUNDS);
}

TEST(relocatable_image_is_placed_by_its_alignment)
{
	struct elf_phdr copy[ELF_PHDRS_MAX];
	struct elf_image image;

	start_file(DYN);
	file.header.e_entry = 0x10;
	add(LOAD, 0, 0x1000, 0, 0x1000, R | X);
	add(LOAD, 0x3000, 0x2000, 0x1000, 0x800, R | W)->p_align = 0x200000;
	CHECK(parse(&image, copy) == 0 && image.relocatable && image.alignment == 0x200000);
	CHECK(elf_image_place(&image, 0x10000) == 0 && image.base == 0x200000);
	CHECK(elf_image_place(&image, 0x555555554000) == 0 && image.base == 0x555555600000);
	load_and_compare(&image);
	CHECK(elf_image_place(&image, 0x7fffffe00000) == 0);
	CHECK(elf_image_place(&image, 0x7fffffe00001) == -ENOEXEC);
	CHECK(elf_image_place(&image, UINT64_MAX) == -ENOEXEC);

	file.phdrs[0].p_vaddr = file.phdrs[1].p_vaddr = 0x1000000; /* not linked at 0 */
	file.header.e_phnum = 1;
	CHECK(parse(&image, copy) == 0);
	CHECK(elf_image_place(&image, 0x10000) == 0 && image.base == 0);
	CHECK(elf_image_place(&image, 0x1000001) == 0 && image.base == 0x1000);
	file.phdrs[0].p_align = 1ull << 63;
	CHECK(parse(&image, copy) == 0 && elf_image_place(&image, 0x2000000) == -ENOEXEC);
	file.phdrs[0].p_align = 1;
	file.header.e_entry = ELF_LIMIT - 1;
	CHECK(parse(&image, copy) == 0 && elf_image_place(&image, 0x2000000) == -ENOEXEC);
}

TEST(interpreter_and_stack_are_reported)
{
	struct elf_phdr copy[ELF_PHDRS_MAX];
	struct elf_image image;

	start_file(DYN);
	add(INTERP, 0, 0, 0x2345, 28, R);
	add(INTERP, 0, 0, UINT64_MAX, 1, R); /* only the first counts */
	add(GNU_STACK, 0, 0, 0, 0, R | W | X);
	add(LOAD, 0, 0x1000, 0, 0x1000, R);
	CHECK(parse(&image, copy) == 0);
	CHECK(image.interp_offset == 0x2345 && image.interp_size == 28 && image.stack_executable);
	file.phdrs[0].p_offset = FILE_SIZE - 27;
	CHECK(refused());
	file.phdrs[0].p_offset = UINT64_MAX - 10;
	CHECK(refused());
	file.phdrs[0].p_offset = 0;
	file.phdrs[0].p_filesz = 1;
	CHECK(refused());
	file.phdrs[0].p_filesz = 4097;
	CHECK(refused());
	file.phdrs[0].p_filesz = 4096;
	CHECK(!refused());
}

TEST(program_headers_address_is_that_of_the_segment_that_holds_them)
{
	struct elf_phdr copy[ELF_PHDRS_MAX];
	struct elf_image image;

	start_file(EXEC);
	add(LOAD, 0x400000, 64 + 2 * 56, 0, 64 + 2 * 56, R);
	add(LOAD, 0x500000, 0x1000, 0x1000, 0x1000, R);
	CHECK(parse(&image, copy) == 0 && image.phdr_address == 0x400040);
	file.phdrs[0].p_filesz--;
	CHECK(parse(&image, copy) == 0 && image.phdr_address == 0);
	file.phdrs[0].p_vaddr += 0x50;
	file.phdrs[0].p_offset = 0x50;
	CHECK(parse(&image, copy) == 0 && image.phdr_address == 0);
}

static bool header_refused(void)
{
	struct elf_image image;

	return elf_image_parse(&image, &file, sizeof(file.header), FILE_SIZE) == -ENOEXEC;
}

/* A legal file, of which one field is then made wrong. */
#define REFUSED_WITH(field, value) WRONG_FIELD(refused, field, value)
#define HEADER_REFUSED_WITH(field, value) WRONG_FIELD(header_refused, header.field, value)
#define WRONG_FIELD(refused, field, value)                     \
	do {                                                   \
		start_file(EXEC);                              \
		add(LOAD, 0x400000, 0x1000, 0, 0x1000, R | X); \
		CHECK(!refused());                             \
		file.field = (value);                          \
		CHECK(refused());                              \
	} while (0)

TEST(wrong_headers_are_refused)
{
	for (int i = 0; i < 4; i++)
		HEADER_REFUSED_WITH(e_ident[i], file.header.e_ident[i] ^ 3);
	HEADER_REFUSED_WITH(e_type, 1);
	HEADER_REFUSED_WITH(e_type, 4);
	HEADER_REFUSED_WITH(e_machine, 3);
	HEADER_REFUSED_WITH(e_phentsize, 32);
	HEADER_REFUSED_WITH(e_phentsize, 0);
	HEADER_REFUSED_WITH(e_phnum, 0);
	HEADER_REFUSED_WITH(e_phnum, ELF_PHDRS_MAX + 1);
	HEADER_REFUSED_WITH(e_phnum, 0xffff);
	HEADER_REFUSED_WITH(e_phoff, FILE_SIZE - 55);
	HEADER_REFUSED_WITH(e_phoff, FILE_SIZE + 1);
	HEADER_REFUSED_WITH(e_phoff, UINT64_MAX - 10);
	HEADER_REFUSED_WITH(e_entry, ELF_LIMIT);
	HEADER_REFUSED_WITH(e_entry, 0x8000000000000000);
	HEADER_REFUSED_WITH(e_entry, 0xffffffff80000000);
}

TEST(wrong_segments_are_refused)
{
	REFUSED_WITH(phdrs[0].p_filesz, 0x1001);
	REFUSED_WITH(phdrs[0].p_memsz, 0);
	REFUSED_WITH(phdrs[0].p_memsz, UINT64_MAX);
	REFUSED_WITH(phdrs[0].p_memsz, ELF_LIMIT - 0x400000 + 1);
	REFUSED_WITH(phdrs[0].p_memsz, -0x400000ull);
	REFUSED_WITH(phdrs[0].p_offset, 1);
	REFUSED_WITH(phdrs[0].p_offset, FILE_SIZE);
	REFUSED_WITH(phdrs[0].p_offset, UINT64_MAX - 0xfff);
	REFUSED_WITH(phdrs[0].p_vaddr, 0x400001);
	REFUSED_WITH(phdrs[0].p_vaddr, 0);
	REFUSED_WITH(phdrs[0].p_vaddr, ELF_LOWEST - PAGE);
	REFUSED_WITH(phdrs[0].p_vaddr, ELF_LIMIT);
	REFUSED_WITH(phdrs[0].p_vaddr, 0x800000000000);
	REFUSED_WITH(phdrs[0].p_vaddr, 0xffffffff80000000);
	REFUSED_WITH(phdrs[0].p_vaddr, UINT64_MAX - 0xfff);
	REFUSED_WITH(phdrs[0].p_align, 3);
	REFUSED_WITH(phdrs[0].p_type, 2);
}

TEST(limits_themselves_are_allowed)
{
	start_file(EXEC);
	add(LOAD, ELF_LOWEST, 0x1000, FILE_SIZE - 0x1000, 0x1000, R | X);
	add(LOAD, ELF_LIMIT - PAGE, PAGE, 0, 0, R | W);
	file.header.e_entry = ELF_LIMIT - 1;
	CHECK(plans("FZ"));
	while (file.header.e_phnum < ELF_PHDRS_MAX)
		add(0, 0, 0, 0, 0, 0);
	CHECK(plans("FZ"));
}

TEST(overlapping_and_descending_segments_are_refused)
{
	start_file(EXEC);
	add(LOAD, 0x400000, 0x1800, 0, 0x1000, R);
	add(LOAD, 0x401800, 0x1000, 0x1800, 0x1000, R | W);
	CHECK(!refused());
	file.phdrs[0].p_memsz++; /* its last zero is the other's first byte */
	CHECK(refused());
	file.phdrs[0].p_memsz--;
	file.phdrs[1].p_vaddr = 0x3ff800;
	CHECK(refused());
	file.phdrs[1].p_vaddr = 0x400800;
	CHECK(refused());
	file.phdrs[1].p_vaddr = 0x10800;
	CHECK(refused());
}

TEST(short_files_are_refused)
{
	struct elf_image image;

	start_file(EXEC);
	add(LOAD, 0x400000, 0x1000, 0, 0x1000, R);
	for (size_t size = 0; size < sizeof(struct elf_ehdr); size++) {
		char *exact = malloc(size + 1);

		memcpy(exact, &file, size);
		CHECK(elf_image_parse(&image, exact, size, FILE_SIZE) == -ENOEXEC);
		free(exact);
	}
	CHECK(elf_image_parse(&image, &file, 64, 64) == -ENOEXEC);
	CHECK(elf_image_parse(&image, &file, 64, 119) == -ENOEXEC);
	CHECK(elf_image_parse(&image, &file, 64, 120) == 0);
}

/* A byte, or a whole number to one that is near a limit. */
static void damage(void)
{
	static const uint64_t numbers[] = { 0,         1,         0xfff,
					    0x1000,    0x10000,   0x400fff,
					    FILE_SIZE, ELF_LIMIT, ELF_LIMIT - 1,
					    INT64_MAX, UINT64_MAX };
	size_t size = sizeof(struct elf_ehdr) + file.header.e_phnum % 8 * sizeof(struct elf_phdr);
	uint64_t number = numbers[tap_below(11)];

	if (tap_below(2))
		((uint8_t *)&file)[tap_below(size)] = tap_random();
	else
		memcpy((uint8_t *)&file + 24 + tap_below(size / 8 - 3) * 8, &number, 8);
}

TEST(random_damage_is_refused_or_loads)
{
	int loaded = 0, failed = 0;

	start_file(EXEC);
	for (int round = 0; round < FUZZ_ROUNDS; round++) {
		struct elf_phdr *copy;
		struct elf_image image;

		file.header.e_phnum = 0;
		memset(&file.header.e_ident, 0, sizeof(file.header.e_ident));
		memcpy(&file.header.e_ident, "\177ELF\2\1\1", 7);
		file.header.e_type = tap_below(2) ? EXEC : DYN;
		file.header.e_machine = 62;
		file.header.e_version = 1;
		file.header.e_entry = 0x401000;
		file.header.e_phoff = 64;
		file.header.e_phentsize = 56;
		add(LOAD, 0x400000, 0x1200, 0, 0x1200, R);
		add(LOAD, 0x402000, 0x2123, 0x2000, 0x2123, R | X);
		add(LOAD, 0x404ff0, 0x3000, 0x7ff0, 0x500, R | W);
		add(INTERP, 0x404ff0, 0x10, 0x7ff0, 0x10, R);
		add(GNU_STACK, 0, 0, 0, 0, R | W);
		for (int changes = 1 + tap_below(3); changes; changes--)
			damage();

		failed++;
		if (elf_image_parse(&image, &file, sizeof(struct elf_ehdr), FILE_SIZE))
			continue;
		copy = malloc(image.phdr_count * sizeof(*copy));
		memcpy(copy, (char *)&file + image.phdr_offset, image.phdr_count * sizeof(*copy));
		if (!elf_image_segments(&image, copy) && !elf_image_place(&image, 0x555555554000)) {
			load_and_compare(&image);
			failed--;
			loaded++;
		}
		free(copy);
	}
	CHECK(loaded > FUZZ_ROUNDS / 20 && failed > FUZZ_ROUNDS / 20);
}
