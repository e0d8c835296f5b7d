/*
 * Starting programs: what exec costs by the program's size, the first time and again, a shell
 * script, and what the boot left free.
 *
 * The small and the large program are made here, so that they differ in nothing but their size:
 * both read a byte of each of their pages and end. For each cold round the file is written anew: no
 * kernel has looked into it then, though its bytes are in memory.
 */
#include "bench.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <usr.h>

enum { SMALL_PAGES = 1, LARGE_PAGES = 512, COMMANDS = 200 };

#define PROGRAM "/tmp/bench.program"
#define SCRIPT "/tmp/bench.script"

/* A C program that does nothing: its start and its end are the C library's. */
#define TRUE "/bin/true"

#define CODE_ADDRESS 0x400000
#define DATA_ADDRESS 0x10000000

/* The first page of a program, all of which is loaded as its text; data follows. */
struct first_page {
	Elf64_Ehdr header;
	Elf64_Phdr segments[2];
	unsigned char load_address[2]; /* mov rsi, address */
	uint64_t address;
	unsigned char load_count; /* mov ecx, count */
	uint32_t count;
	unsigned char rest[22];
	unsigned char unused[PAGE - sizeof(Elf64_Ehdr) - 2 * sizeof(Elf64_Phdr) - 37];
} __attribute__((packed));

_Static_assert(sizeof(struct first_page) == PAGE, "it is a page");

static const unsigned char read_pages_and_exit[] = {
	0x8a, 0x06,                               /* again: mov al, [rsi] */
	0x48, 0x81, 0xc6, 0x00, 0x10, 0x00, 0x00, /* add rsi, 4096 */
	0xff, 0xc9,                               /* dec ecx */
	0x75, 0xf3,                               /* jnz again */
	0x31, 0xff,                               /* xor edi, edi */
	0xb8, 0x3c, 0x00, 0x00, 0x00,             /* mov eax, exit */
	0x0f, 0x05,                               /* syscall */
};

_Static_assert(sizeof(read_pages_and_exit) == sizeof((struct first_page){ 0 }.rest), "all of it");

static Elf64_Phdr segment(unsigned flags, size_t offset, size_t address, size_t size)
{
	return (Elf64_Phdr){ .p_type = PT_LOAD,
			     .p_flags = flags,
			     .p_offset = offset,
			     .p_vaddr = address,
			     .p_paddr = address,
			     .p_filesz = size,
			     .p_memsz = size,
			     .p_align = PAGE };
}

static void make_first_page(struct first_page *page, size_t pages)
{
	*page = (struct first_page){
		.header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			    .e_type = ET_EXEC,
			    .e_machine = EM_X86_64,
			    .e_version = EV_CURRENT,
			    .e_entry = CODE_ADDRESS + offsetof(struct first_page, load_address),
			    .e_phoff = offsetof(struct first_page, segments),
			    .e_ehsize = sizeof(Elf64_Ehdr),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 2 },
		.segments = { segment(PF_R | PF_X, 0, CODE_ADDRESS, PAGE),
			      segment(PF_R | PF_W, PAGE, DATA_ADDRESS, pages * PAGE) },
		.load_address = { 0x48, 0xbe },
		.address = DATA_ADDRESS,
		.load_count = 0xb9,
		.count = (uint32_t)pages,
	};
	memcpy(page->rest, read_pages_and_exit, sizeof(read_pages_and_exit));
}

/* An executable file, new even if there was one. Returns a descriptor for writing, or -1. */
static int create(const char *path)
{
	unlink(path);
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
}

static bool write_program(unsigned long pages)
{
	static struct first_page page;
	int fd = create(PROGRAM);
	bool done;

	if (fd < 0)
		return false;
	make_first_page(&page, pages);
	done = write_all(fd, &page, sizeof(page));
	for (unsigned long i = 0; i < pages && done; i++)
		done = write_all(fd, &page, sizeof(page));
	close(fd);
	return done;
}

static void remove_program(unsigned long parameter)
{
	(void)parameter;
	unlink(PROGRAM);
}

/* vfork, so that what fork costs is not in it. */
static void execute(const char *path, const char *argument)
{
	pid_t child = vfork();

	if (child == 0) {
		execl(path, path, argument, (char *)NULL);
		_exit(1);
	}
	wait_for(child);
}

static uint64_t exec_warm(unsigned long parameter)
{
	uint64_t start = window_start();

	(void)parameter;
	execute(PROGRAM, NULL);
	return window_end(start);
}

static uint64_t exec_cold(unsigned long pages)
{
	if (!write_program(pages))
		give_up("the program's file");
	return exec_warm(pages);
}

static uint64_t fork_exec_wait(unsigned long parameter)
{
	uint64_t start = window_start();
	pid_t child = fork();

	(void)parameter;
	if (child == 0) {
		execl(TRUE, TRUE, (char *)NULL);
		_exit(1);
	}
	wait_for(child);
	return window_end(start);
}

static uint64_t vfork_exec_wait(unsigned long parameter)
{
	uint64_t start = window_start();

	(void)parameter;
	execute(TRUE, NULL);
	return window_end(start);
}

static bool write_script(unsigned long commands)
{
	int fd = create(SCRIPT);
	bool done = fd >= 0;

	for (unsigned long i = 0; i < commands && done; i++)
		done = print_to(fd, TRUE "\n");
	close(fd);
	return done;
}

static void remove_script(unsigned long parameter)
{
	(void)parameter;
	unlink(SCRIPT);
}

static uint64_t run_script(unsigned long parameter)
{
	uint64_t start = window_start();

	(void)parameter;
	execute("/bin/sh", SCRIPT);
	return window_end(start);
}

/* Everything that the kernel and its first programs have taken is missing from this. */
static uint64_t boot_free(unsigned long parameter)
{
	long kib = meminfo_kib("MemFree");

	(void)parameter;
	if (kib < 0)
		give_up("/proc/meminfo");
	return (uint64_t)kib * KIB;
}

/* Lines "STAGE NANOSECONDS" in the order of the boot. */
static void show_boot(unsigned long parameter)
{
	char text[2048], *line = text;
	struct point point = { 0, 0 };

	(void)parameter;
	if (read_text("/proc/facet/boot", text, sizeof(text)) < 0)
		return;
	for (; *line; point.x++) {
		char *end = line + strcspn(line, "\n"), *number = line + strcspn(line, " ");
		long value;

		if (!*end || number >= end)
			return;
		*end = *number = '\0';
		if (parse_number(number + 1, 0, INT64_MAX, &value)) {
			point.y = (uint64_t)value;
			series(line, &point, 1);
		}
		line = end + 1;
	}
}

#define EXEC(pages) \
	.rounds = ROUNDS, .parameter = pages, .set_up = write_program, .tear_down = remove_program

static const struct measure exec_table[] = {
	{ .name = "boot_free",
	  .what = "memory that is free after the boot",
	  .rounds = 1,
	  .round = boot_free,
	  .tear_down = show_boot,
	  .unit = "bytes" },
	{ .name = "exec_small_cold",
	  .what = "vfork, exec, exit, wait: 2 pages, a new file",
	  EXEC(SMALL_PAGES),
	  .round = exec_cold },
	{ .name = "exec_small_warm",
	  .what = "the same with a file executed before",
	  EXEC(SMALL_PAGES),
	  .round = exec_warm },
	{ .name = "exec_large_cold",
	  .what = "vfork, exec, exit, wait: 2 MiB, all read, a new file",
	  EXEC(LARGE_PAGES),
	  .round = exec_cold },
	{ .name = "exec_large_warm",
	  .what = "the same with a file executed before",
	  EXEC(LARGE_PAGES),
	  .round = exec_warm },
	{ .name = "shell_script_200",
	  .what = "a shell script that starts 200 programs",
	  .rounds = 2,
	  .parameter = COMMANDS,
	  .set_up = write_script,
	  .tear_down = remove_script,
	  .round = run_script },
};

static const struct measure fork_table[] = {
	{ .name = "fork_exec_wait",
	  .what = "fork, exec of /bin/true, exit, wait",
	  .rounds = ROUNDS,
	  .round = fork_exec_wait },
	{ .name = "vfork_exec_wait",
	  .what = "the same with vfork",
	  .rounds = ROUNDS,
	  .round = vfork_exec_wait },
};

const struct measures program_measures = MEASURES("programs", exec_table);
const struct measures fork_exec_measures = MEASURES("fork", fork_table);
