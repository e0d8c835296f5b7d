/*
 * panic.c -- the end: says what broke, where, in which configuration, and stops.
 *
 * Nothing here locks, allocates or trusts a pointer: a backtrace follows frame pointers only
 * through addresses that are mapped. A fault or a second panic in here prints its cause and its
 * backtrace, if even that is possible, and stops.
 */
#include <arch/calibrate.h>
#include <arch/cpu.h>
#include <arch/irqflags.h>
#include <arch/page_table.h>
#include <arch/trap_frame.h>
#include <facet/bootinfo.h>
#include <facet/cmdline.h>
#include <facet/format.h>
#include <facet/last_log.h>
#include <facet/panic.h>
#include <facet/power.h>
#include <facet/printk.h>
#include <facet/process.h>
#include <facet/shape.h>
#include <facet/string.h>
#include <facet/symbols.h>
#include <facet/thread.h>
#include <facet/tty.h>

#define LINE_SIZE 256
#define BACKTRACE_MAX 24
#define LOG_TAIL_SIZE 1536

static unsigned panics; /* how often stop() was entered */

/* One line on every console. */
static __printf(1, 2) void put(const char *format, ...)
{
	char line[LINE_SIZE + 2];
	size_t length;
	va_list args;

	va_start(args, format);
	length = (size_t)vsnprintf(line, LINE_SIZE, format, args);
	va_end(args);
	length = MIN(length, LINE_SIZE - 1);
	last_log_write(line, length);
	last_log_write("\n", 1);
	memcpy(line + length, "\r\n", 2);
	console_write_panic(line, length + 2);
}

static void put_name(vaddr_t address, const char *name, uint64_t offset, const char *mark)
{
	if (name)
		put("  [<%016lx>] %s+%#lx%s", address, name, offset, mark);
	else
		put("  [<%016lx>]%s", address, mark);
}

/* Where the processor was; "rip" tells scripts/symbolize.py that it is no return address. */
static void put_rip(vaddr_t address)
{
	uint64_t offset;
	const char *name = symbol_name(address, &offset);

	put_name(address, name, offset, " (rip)");
}

/* A return address stands behind its call, which may be the last instruction of its function. */
static void put_caller(vaddr_t address)
{
	uint64_t offset;
	const char *name = symbol_name(address - 1, &offset);

	put_name(address, name, offset + 1, "");
}

static void put_registers(const struct trap_frame *f)
{
	put("rip %016lx  rsp %016lx  cs %02lx  ss %02lx", f->rip, f->rsp, f->cs, f->ss);
	put("rax %016lx  rbx %016lx  rcx %016lx", f->rax, f->rbx, f->rcx);
	put("rdx %016lx  rsi %016lx  rdi %016lx", f->rdx, f->rsi, f->rdi);
	put("rbp %016lx  r8  %016lx  r9  %016lx", f->rbp, f->r8, f->r9);
	put("r10 %016lx  r11 %016lx  r12 %016lx", f->r10, f->r11, f->r12);
	put("r13 %016lx  r14 %016lx  r15 %016lx", f->r13, f->r14, f->r15);
}

static bool readable(vaddr_t address)
{
	return address >= DIRECT_MAP_BASE && address % sizeof(uint64_t) == 0 &&
	       kernel_address_mapped(address) && kernel_address_mapped(address + 15);
}

/*
 * A frame is the caller's frame pointer and the return address above it; frames lie ever higher. A
 * recursion shows once.
 */
static void put_backtrace(vaddr_t frame)
{
	vaddr_t last = 0;
	unsigned lines = 0, repeated = 0;

	while (lines < BACKTRACE_MAX && readable(frame)) {
		const vaddr_t *words = (const vaddr_t *)frame;

		if (!words[1])
			break;
		if (words[1] == last) {
			repeated++;
		} else {
			if (repeated)
				put("  ... and %u times more", repeated);
			put_caller(words[1]);
			last = words[1];
			repeated = 0;
			lines++;
		}
		if (words[0] <= frame)
			break;
		frame = words[0];
	}
}

/*
 * A function that calls nothing has no frame, nor has a bad pointer that was called: the caller's
 * address is on top of the stack then. With a frame it is some value that only may look like one.
 */
static void put_trap_place(const struct trap_frame *frame)
{
	uint64_t offset;
	const char *name;
	vaddr_t top;

	put_rip(frame->rip);
	if (!readable(frame->rsp))
		return;
	top = *(const vaddr_t *)frame->rsp;
	name = symbol_name(top - 1, &offset);
	if (name)
		put_name(top, name, offset + 1, " (perhaps)");
}

static void put_thread(void)
{
	const struct thread *thread = current_thread();

	if (!thread)
		put("while booting");
	else if (!thread->process)
		put(thread->state == THREAD_IDLE ? "in the idle thread" : "in a kernel thread");
	else
		put("in process %d (%.16s), thread %d", thread->process->pid, thread->process->comm,
		    thread->tid);
}

/* Whole lines from the log's end, without their levels. */
static void put_log_tail(void)
{
	static char tail[LOG_TAIL_SIZE];
	size_t size = printk_copy_tail(tail, sizeof(tail));
	const char *at = tail, *end = tail + size, *next;

	if (size == sizeof(tail)) { /* the first line is probably cut */
		at = memchr(tail, '\n', size);
		at = at ? at + 1 : end;
	}
	put("last messages:");
	for (; at < end; at = next + 1) {
		next = memchr(at, '\n', (size_t)(end - at));
		if (!next)
			return;
		if (*at == '<' && next - at > 3)
			at += 3;
		put("  %.*s", (int)(next - at), at);
	}
}

/* By the counter alone: interrupts are off for good. Before calibration a second is some second. */
static void delay(uint64_t seconds)
{
	uint64_t hz = calibration.tsc_hz ? calibration.tsc_hz : NS_PER_SEC;
	uint64_t start = rdtsc();

	while (rdtsc() - start < seconds * hz)
		__builtin_ia32_pause();
}

/* panic=N as on Linux: 0 halts, N restarts after N seconds, a negative N at once. */
static noreturn void finish(void)
{
	char value[16];
	uint64_t seconds = 0;

	if (power_debug_exit())
		power_off(POWER_STATUS_PANIC);
	if (cmdline_get(boot_info.cmdline, "panic", value, sizeof(value)) <= 0)
		power_halt();
	if (value[0] != '-' && (parse_u64(value, 0, &seconds) || !seconds))
		power_halt();
	put("restarting in %lu s", seconds);
	delay(seconds);
	power_restart();
}

static void put_where(const struct trap_frame *frame, bool trapped)
{
	put("backtrace:");
	if (trapped)
		put_trap_place(frame);
	else
		put_caller(frame->rip);
	put_backtrace(frame->rbp);
}

static void put_state(const struct trap_frame *frame, bool trapped)
{
	char shape[SHAPE_LINE_MAX];

	put_thread();
	shape_line(shape, sizeof(shape));
	put("%s", shape);
	put("cr2 %016lx  cr3 %016lx  cr0 %08lx  cr4 %08lx", read_cr2(), read_cr3(), read_cr0(),
	    read_cr4());
	put_registers(frame);
	if (trapped)
		put("vector %lu  error %#lx  flags %08lx", frame->vector, frame->orig_rax,
		    frame->rflags);
	put_where(frame, trapped);
}

/*
 * The cause stands first, for whoever reads a log, and last, for whoever sees a screen of 25
 * lines; on that the state has to be below the messages, too.
 */
static noreturn void stop(const struct trap_frame *frame, bool trapped, const char *format,
			  va_list args)
{
	static char cause[LINE_SIZE - 64];

	irq_disable();
	switch (panics++) {
	case 0:
		vsnprintf(cause, sizeof(cause), format, args);
		put("\r\n---- kernel panic ----\r\n%s", cause);
		put_log_tail();
		put_state(frame, trapped);
		put("%s\r\n---- end of panic ----", cause);
		finish();
	case 1:
		vsnprintf(cause, sizeof(cause), format, args);
		put("---- another panic, while this one was printed ----\r\n%s", cause);
		put_where(frame, trapped);
		/* fall through */
	case 2: /* not even that could be printed */
		if (power_debug_exit())
			power_off(POWER_STATUS_PANIC);
		/* fall through */
	default:
		power_halt();
	}
}

/* The registers as they are; those that a call may change are what was left of them here. */
#define capture(frame)                                                                   \
	__asm__ volatile("mov %%rax, %0; mov %%rbx, %1; mov %%rcx, %2; mov %%rdx, %3;"   \
			 "mov %%rsi, %4; mov %%rdi, %5; mov %%r8, %6; mov %%r9, %7;"     \
			 "mov %%r10, %8; mov %%r11, %9; mov %%r12, %10; mov %%r13, %11;" \
			 "mov %%r14, %12; mov %%r15, %13"                                \
			 : "=m"((frame).rax), "=m"((frame).rbx), "=m"((frame).rcx),      \
			   "=m"((frame).rdx), "=m"((frame).rsi), "=m"((frame).rdi),      \
			   "=m"((frame).r8), "=m"((frame).r9), "=m"((frame).r10),        \
			   "=m"((frame).r11), "=m"((frame).r12), "=m"((frame).r13),      \
			   "=m"((frame).r14), "=m"((frame).r15))

/* A frame pointer points at the caller's, below the return address and the caller's stack. */
void panic(const char *format, ...)
{
	static struct trap_frame caller;
	const vaddr_t *frame = __builtin_frame_address(0);
	va_list args;

	capture(caller);
	caller.rbp = frame[0];
	caller.rip = frame[1];
	caller.rsp = (vaddr_t)&frame[2];
	caller.cs = KERNEL_CS;
	caller.ss = KERNEL_SS;
	va_start(args, format);
	stop(&caller, false, format, args);
}

void panic_at(const struct trap_frame *frame, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	stop(frame, true, format, args);
}
