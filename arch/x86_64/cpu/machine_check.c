/*
 * machine_check.c -- machine checks: what could not be corrected ends in a panic that says what the
 * processor's banks hold, and what could is looked for once a minute and printed.
 *
 * Corrected errors could interrupt (CMCI), but a bank that errs all the time would do nothing else
 * then; a minute's delay costs nobody anything. Lock: none, one processor.
 *
 * Source: Intel SDM volume 3, chapter 16; AMD64 APM volume 2, chapter 9.
 */
#include <arch/cpu.h>
#include <arch/machine_check.h>
#include <facet/clock.h>
#include <facet/format.h>
#include <facet/panic.h>
#include <facet/printk.h>
#include <facet/string.h>
#include <facet/timeout.h>

#define PERIOD_NS (60 * NS_PER_SEC)

#define MSR_CAPABILITIES 0x179
#define MSR_CONTROL 0x17b
#define MSR_BANK(bank, reg) (0x400 + 4 * (bank) + (reg))

enum { BANK_CONTROL, BANK_STATUS, BANK_ADDRESS };

#define CAPABILITY_BANKS 0xffu
#define CAPABILITY_CONTROL (1u << 8)

#define STATUS_VALID (1ul << 63)
#define STATUS_OVERFLOW (1ul << 62)
#define STATUS_UNCORRECTED (1ul << 61)
#define STATUS_HAS_ADDRESS (1ul << 58)

#define CODE_WITHOUT_FILTER 0xefff

#define LINE_SIZE 120

static unsigned bank_count;
static struct timeout watch;

/* Of compound codes the highest bit that is set tells the kind, but for the filter's. */
static const char *kind_of(uint16_t code)
{
	static const char *const kinds[] = {
		[0] = "unclassified", [3] = "cache",     [4] = "TLB",  [7] = "memory",
		[8] = "cache",        [10] = "internal", [11] = "bus",
	};
	unsigned highest;

	code &= CODE_WITHOUT_FILTER;
	highest = code ? 31 - (unsigned)__builtin_clz(code) : 0;

	return highest < ARRAY_SIZE(kinds) && kinds[highest] ? kinds[highest] : "unknown";
}

static void describe(char *line, unsigned bank, uint64_t status)
{
	size_t length = (size_t)snprintf(line, LINE_SIZE, "bank %u: %s%s error, status %#lx", bank,
					 status & STATUS_UNCORRECTED ? "" : "corrected ",
					 kind_of((uint16_t)status), status);

	if (status & STATUS_HAS_ADDRESS)
		length += (size_t)snprintf(line + length, LINE_SIZE - length, ", address %#lx",
					   rdmsr(MSR_BANK(bank, BANK_ADDRESS)));
	if (status & STATUS_OVERFLOW)
		strlcpy(line + length, ", and more", LINE_SIZE - length);
}

/* Prints and empties the banks. */
static void poll(const char *when)
{
	char line[LINE_SIZE];

	for (unsigned bank = 0; bank < bank_count; bank++) {
		uint64_t status = rdmsr(MSR_BANK(bank, BANK_STATUS));

		if (!(status & STATUS_VALID))
			continue;
		describe(line, bank, status);
		pr_err("machine check%s: %s\n", when, line);
		wrmsr(MSR_BANK(bank, BANK_STATUS), 0);
	}
}

static void look(struct timeout *timeout)
{
	poll("");
	timeout_set(timeout, clock_ns() + PERIOD_NS);
}

/* Of the older processors the firmware alone may set up bank 0. */
static unsigned first_bank_to_control(void)
{
	return cpu_features.machine_check_bank_0 ? 0 : 1;
}

void machine_check_init(void)
{
	uint64_t capabilities;

	if (!cpu_features.machine_check)
		return;
	capabilities = rdmsr(MSR_CAPABILITIES);
	bank_count = capabilities & CAPABILITY_BANKS;
	pr_machine("machine check: %u banks\n", bank_count);
	poll(" before the start");
	if (capabilities & CAPABILITY_CONTROL)
		wrmsr(MSR_CONTROL, UINT64_MAX);
	for (unsigned bank = first_bank_to_control(); bank < bank_count; bank++)
		wrmsr(MSR_BANK(bank, BANK_CONTROL), UINT64_MAX);
	write_cr4(read_cr4() | CR4_MCE);
}

void machine_check_watch(void)
{
	if (!bank_count)
		return;
	timeout_init(&watch, look);
	timeout_set(&watch, clock_ns() + PERIOD_NS);
}

/* The worst bank's words go into the cause; the status of the others tells nothing more. */
void machine_check(const struct trap_frame *frame)
{
	static char line[LINE_SIZE] = "no bank says of what";

	for (unsigned bank = 0; bank < bank_count; bank++) {
		uint64_t status = rdmsr(MSR_BANK(bank, BANK_STATUS));

		if (!(status & STATUS_VALID) || !(status & STATUS_UNCORRECTED))
			continue;
		describe(line, bank, status);
		break;
	}
	panic_at(frame, "machine check: %s", line);
}
