/*
 * Faults as signals: their codes and addresses, what the context says, and that a handler may mend
 * the cause or the registers.
 */
#include "tap.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>

static sigjmp_buf start;
static siginfo_t info;
static greg_t registers[23];
static volatile int calls;
static char *volatile nowhere = (char *)8;

static void leave(int signal_number, siginfo_t *from, void *context)
{
	calls++;
	info = *from;
	memcpy(registers, ((ucontext_t *)context)->uc_mcontext.gregs, sizeof(registers));
	siglongjmp(start, signal_number);
}

static void catch_signal(int signal_number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	must(sigaction(signal_number, &action, NULL));
	calls = 0;
}

static void catch_all(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		catch_signal(faults[i], leave, 0);
}

/* The signal that `body` raises; 0: it came back. */
static int raised(void (*body)(char *), void *argument)
{
	int signal_number = sigsetjmp(start, 1);

	memset(&info, 0, signal_number ? 0 : sizeof(info));
	if (!signal_number)
		body(argument);
	return signal_number;
}

static void read_byte(char *at)
{
	*(volatile char *)at;
}

static void write_byte(char *at)
{
	*(volatile char *)at = 1;
}

static void jump_to(char *at)
{
	__asm__ volatile("call *%0" : : "r"(at) : "memory");
}

static void check(void (*body)(char *), void *at, int signal_number, int code, const char *what)
{
	int got = raised(body, at);

	ok(got == signal_number && info.si_signo == got && info.si_code == code &&
		   info.si_addr == at,
	   "%s", what);
	if (got != signal_number || info.si_code != code || info.si_addr != at)
		diag("signal %d, code %d, address 0x%lx", got, info.si_code,
		     (unsigned long)info.si_addr);
}

static char *map(int protection)
{
	return mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void memory(void)
{
	char *gone = map(PROT_READ | PROT_WRITE), *constant = map(PROT_READ),
	     *closed = map(PROT_NONE), *data = map(PROT_READ | PROT_WRITE);

	must(munmap(gone, PAGE));
	check(read_byte, gone + 5, SIGSEGV, SEGV_MAPERR, "reading where nothing is: SEGV_MAPERR");
	ok(registers[REG_TRAPNO] == 14 && registers[REG_CR2] == (greg_t)(gone + 5) &&
		   registers[REG_ERR] == 4,
	   "the context has the trap, its error code and the address");
	check(write_byte, gone + 6, SIGSEGV, SEGV_MAPERR, "writing there too");
	ok_equal(registers[REG_ERR], 6, "the error code knows that");
	check(jump_to, gone + 7, SIGSEGV, SEGV_MAPERR, "and going there");
	ok_equal(registers[REG_RIP], (long)gone + 7, "the context's RIP is the place");
	check(write_byte, constant + 8, SIGSEGV, SEGV_ACCERR, "a read-only page: SEGV_ACCERR");
	check(read_byte, closed, SIGSEGV, SEGV_ACCERR, "a closed page too");
	data[0] = (char)0xc3;
	check(jump_to, data, SIGSEGV, SEGV_ACCERR, "and code in a page of data");
	check(read_byte, NULL, SIGSEGV, SEGV_MAPERR, "address 0");
	check(read_byte, (char *)-PAGE, SIGSEGV, SEGV_MAPERR, "the kernel's half: as if empty");
	ok_equal(raised(read_byte, (char *)(1UL << 47)), SIGSEGV, "an address that cannot be");
	ok(info.si_code == SI_KERNEL && !info.si_addr, "has no address to tell");
	ok_equal(sys(SYS_write, 1, gone, 1) == -EFAULT ? calls : -1, calls,
		 "a call's bad pointer raises no signal");
}

static void mapped_file(void)
{
	int fd = open("/tmp/sigfault", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *file;

	must(fd);
	must(ftruncate(fd, 100));
	file = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED) {
		skip("files are not mapped");
	} else {
		check(read_byte, file + PAGE, SIGBUS, BUS_ADRERR,
		      "a page behind the end of a file: SIGBUS");
		must(munmap(file, 2 * PAGE));
	}
	must(unlink("/tmp/sigfault"));
	close(fd);
}

/* --- instructions: each label is where the fault is --- */

extern char at_divide[], at_undefined[], behind_break[], at_halt[], at_selector[], at_step[];

static void divide(char *unused)
{
	__asm__ volatile("xor %%ecx, %%ecx\n\tmov $1, %%eax\n\txor %%edx, %%edx\n"
			 "at_divide:\n\tdiv %%ecx"
			 :
			 : "D"(unused)
			 : "rax", "rcx", "rdx");
}

static void overflow(char *unused)
{
	__asm__ volatile("mov $-1, %%ecx\n\tmov $0x80000000, %%eax\n\tcltd\n\tidiv %%ecx"
			 :
			 : "D"(unused)
			 : "rax", "rcx", "rdx");
}

static void undefined(char *unused)
{
	__asm__ volatile("at_undefined:\n\tud2" : : "D"(unused));
}

static void breakpoint(char *unused)
{
	__asm__ volatile("int3\nbehind_break:" : : "D"(unused));
}

static void halt(char *unused)
{
	__asm__ volatile("at_halt:\n\thlt" : : "D"(unused));
}

/* In a table of descriptors that no process has. */
static void local_selector(char *unused)
{
	__asm__ volatile("at_selector:\n\tmov %w0, %%es" : : "r"(0x1234), "D"(unused));
}

static void single_step(char *unused)
{
	__asm__ volatile("pushf\n\torl $0x100, (%%rsp)\n\tpopf\n\tnop\nat_step:\n\tnop"
			 :
			 : "D"(unused)
			 : "cc", "memory");
}

static void divide_x87(char *unused)
{
	unsigned short control = 0x37b; /* division by zero is not masked */

	__asm__ volatile("fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp\n\tfwait"
			 :
			 : "m"(control), "D"(unused));
}

static void divide_sse(char *unused)
{
	unsigned mxcsr = 0x1d80;
	float one = 1, zero = 0;

	__asm__ volatile("ldmxcsr %0\n\tmovss %1, %%xmm0\n\tdivss %2, %%xmm0"
			 :
			 : "m"(mxcsr), "m"(one), "m"(zero), "D"(unused)
			 : "xmm0");
}

static void check_at(void (*body)(char *), int signal_number, int code, void *rip, const char *what)
{
	int got = raised(body, NULL);

	ok(got == signal_number && info.si_code == code &&
		   (!rip || registers[REG_RIP] == (greg_t)rip),
	   "%s", what);
	if (got != signal_number || info.si_code != code)
		diag("signal %d, code %d, RIP 0x%lx", got, info.si_code,
		     (unsigned long)registers[REG_RIP]);
}

static void instructions(void)
{
	check_at(divide, SIGFPE, FPE_INTDIV, at_divide, "a division by zero: FPE_INTDIV");
	ok(info.si_addr == at_divide && registers[REG_TRAPNO] == 0,
	   "its address is the instruction's");
	check_at(overflow, SIGFPE, FPE_INTDIV, NULL, "a quotient too large: the same");
	check_at(undefined, SIGILL, ILL_ILLOPN, at_undefined, "ud2: ILL_ILLOPN");
	ok(info.si_addr == at_undefined, "its address is the instruction's");
	check_at(breakpoint, SIGTRAP, SI_KERNEL, behind_break, "int3: SIGTRAP, RIP behind it");
	check_at(halt, SIGSEGV, SI_KERNEL, at_halt, "a privileged instruction: SIGSEGV");
	check_at(local_selector, SIGSEGV, SI_KERNEL, at_selector, "a selector of nothing: SIGSEGV");
	ok(!info.si_addr, "without an address");
	check_at(single_step, SIGTRAP, TRAP_TRACE, at_step, "the trap flag: TRAP_TRACE");
	check_at(divide_x87, SIGFPE, FPE_FLTDIV, NULL, "x87's division by zero: FPE_FLTDIV");
	__asm__ volatile("fninit");
	if (raised(divide_sse, NULL))
		check_at(divide_sse, SIGFPE, FPE_FLTDIV, NULL, "SSE's too");
	else
		skip("this processor has no SSE exceptions");
	__asm__ volatile("ldmxcsr %0" : : "m"((unsigned){ 0x1f80 }));
}

/* --- handlers that mend --- */

static char *mended;

static void open_page(int signal_number, siginfo_t *from, void *context)
{
	(void)signal_number;
	(void)from;
	(void)context;
	calls++;
	mprotect(mended, PAGE, PROT_READ | PROT_WRITE);
}

static void skip_two_bytes(int signal_number, siginfo_t *from, void *context)
{
	greg_t *all = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)signal_number;
	(void)from;
	calls++;
	all[REG_RIP] += 2;
	all[REG_RAX] = 0x1234567890;
}

static void mending(void)
{
	uint64_t rax = 1;

	mended = map(PROT_NONE);
	catch_signal(SIGSEGV, open_page, 0);
	*(volatile char *)mended = 5;
	ok(calls == 1 && *mended == 5, "an access is made again after its handler");
	catch_signal(SIGILL, skip_two_bytes, 0);
	__asm__ volatile("ud2" : "+a"(rax));
	ok(calls == 1 && rax == 0x1234567890, "a handler may change RIP and registers");
}

/* --- faults that no handler can take --- */

static void fault_blocked(void *unused)
{
	sigset_t set;

	(void)unused;
	catch_signal(SIGSEGV, leave, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	read_byte(nowhere);
}

static void fault_again(int signal_number, siginfo_t *from, void *context)
{
	(void)signal_number;
	(void)from;
	(void)context;
	read_byte(nowhere);
}

static void fault_in_handler(void *unused)
{
	(void)unused;
	catch_signal(SIGSEGV, fault_again, 0);
	read_byte(nowhere);
}

static void fault_ignored(void *unused)
{
	(void)unused;
	signal(SIGSEGV, SIG_IGN);
	read_byte(nowhere);
}

static void handler_at(void *address)
{
	signal(SIGSEGV, SIG_DFL);
	catch_signal(SIGUSR1, (void (*)(int, siginfo_t *, void *))address, 0);
	raise(SIGUSR1);
}

static void dying(void)
{
	static const uintptr_t wild[] = { 8,         1UL << 46,          1UL << 47,
					  1UL << 63, 0xffffffff80000000, ~0UL };

	ok_equal(death_signal(child_status(fault_blocked, NULL)), SIGSEGV,
		 "a fault whose signal is blocked ends the process");
	ok_equal(death_signal(child_status(fault_in_handler, NULL)), SIGSEGV,
		 "as does one in its own handler");
	ok_equal(death_signal(child_status(fault_ignored, NULL)), SIGSEGV,
		 "and one that is ignored");
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++)
		ok_equal(death_signal(child_status(handler_at, (void *)wild[i])), SIGSEGV,
			 "and a handler at 0x%lx", wild[i]);
}

int main(void)
{
	catch_all();
	memory();
	mapped_file();
	instructions();
	mending();
	dying();
	return done();
}
