// sources: arch/x86_64/mm/uaccess.c arch/x86_64/mm/user_copy.asm
// flags: -Itests/host/kernel -Iarch/x86_64/include -DCONFIG_HZ=100
// flags: -fno-strict-aliasing -fno-pie -no-pie -z noexecstack
// User copies up to and across the end of what is mapped. The fault's handler is a signal's here.
#define _GNU_SOURCE
#include "tap.h"

#include <arch/cpu.h>
#include <arch/layout.h>
#include <arch/uaccess.h>
#include <facet/errno.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define MAPPED 8192

struct cpu_features cpu_features;

static unsigned char *mapped; /* MAPPED bytes; behind them nothing is */
static unsigned char data[512], buffer[512];

static void fault(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	vaddr_t fixup = uaccess_fixup((vaddr_t)registers[REG_RIP]);

	(void)signal;
	if (!fixup) {
		printf("# a fault at %p without a fix-up\n", info->si_addr);
		abort();
	}
	registers[REG_RIP] = (greg_t)fixup;
}

static void fresh(void)
{
	struct sigaction action = { .sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_NODEFER };

	if (mapped)
		return;
	sigaction(SIGSEGV, &action, NULL);
	mapped = mmap(NULL, 2 * MAPPED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(mapped + MAPPED, MAPPED);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)tap_random();
}

TEST(partial_copies_count_exactly)
{
	fresh();
	for (size_t size = 0; size < 100; size++) {
		for (size_t there = 0; there < 120; there++) {
			unsigned char *user = mapped + MAPPED - there;
			size_t copied = size < there ? size : there;

			memset(mapped, 0, MAPPED);
			CHECK(copy_to_user_partial(user, data, size) == size - copied);
			CHECK(memcmp(user, data, copied) == 0 && user[-1] == 0);
			CHECK(copied == there || user[copied] == 0);

			memset(buffer, 0, sizeof(buffer));
			CHECK(copy_from_user_partial(buffer, user, size) == size - copied);
			CHECK(memcmp(buffer, data, copied) == 0 && buffer[size] == 0);
		}
	}
}

TEST(strings_end_at_nul_limit_or_fault)
{
	fresh();
	for (size_t length = 0; length < 40; length++) {
		for (size_t limit = 0; limit < 50; limit++) {
			for (size_t there = 0; there < 60; there++) {
				char *user = (char *)mapped + MAPPED - there;
				ssize_t expected = limit <= there ? -ENAMETOOLONG : -EFAULT;

				if (length < there && length < limit)
					expected = (ssize_t)length;
				memset(mapped, 'x', MAPPED);
				if (length < there)
					user[length] = '\0';
				memset(buffer, 'y', sizeof(buffer));
				CHECK(strncpy_from_user((char *)buffer, user, limit) == expected);
				CHECK(buffer[limit] == 'y');
				if (expected >= 0)
					CHECK(strcmp((char *)buffer, user) == 0);
			}
		}
	}
}

TEST(scalars_are_whole_or_not_at_all)
{
	uint64_t value64;
	uint32_t value32;

	fresh();
	memcpy(mapped + MAPPED - 8, data, 8);
	CHECK(get_user_u64(&value64, (uint64_t *)(mapped + MAPPED - 8)) == 0);
	CHECK(memcmp(&value64, data, 8) == 0);
	CHECK(get_user_u64(&value64, (uint64_t *)(mapped + MAPPED)) == -EFAULT);
	CHECK(get_user_u32(&value32, (uint32_t *)(mapped + MAPPED)) == -EFAULT);
	CHECK(put_user_u32(7, (uint32_t *)(mapped + MAPPED - 4)) == 0 && mapped[MAPPED - 4] == 7);
	CHECK(put_user_u64(7, (uint64_t *)(mapped + MAPPED)) == -EFAULT);
}

TEST(the_kernels_half_is_refused)
{
	static const struct {
		vaddr_t address;
		size_t size;
		bool ok;
	} ranges[] = {
		{ 0, 0, true },
		{ 0, USER_END, true },
		{ 0, USER_END + 1, false },
		{ USER_END, 0, true },
		{ USER_END - 1, 1, true },
		{ USER_END - 1, 2, false },
		{ USER_END, 1, false },
		{ 0xffff800000000000, 8, false },
		{ UINT64_MAX, 2, false },
		{ 8, UINT64_MAX, false },
		{ 0x800000000000, 1, false },
	};

	fresh();
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		CHECK(user_range_ok(ranges[i].address, ranges[i].size) == ranges[i].ok);
	CHECK(copy_from_user(buffer, (void *)0xffffffff80100000, 8) == -EFAULT);
	CHECK(copy_to_user((void *)UINT64_MAX, data, 8) == -EFAULT);
	CHECK(strncpy_from_user((char *)buffer, (char *)USER_END, 8) == -EFAULT);
}
