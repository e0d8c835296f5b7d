/*
 * The FPU's state at its beginning, at a fork, and in a signal's frame.
 *
 * What is done at each switch stands in <arch/switch.h>. What comes back from user memory is
 * checked as XRSTOR would, whose fault would be the kernel's; reserved bits of MXCSR are cleared.
 * No lock. Source: Intel SDM volume 1, 13.8; Linux's arch/x86/include/uapi/asm/sigcontext.h.
 */
#include <arch/fpu.h>
#include <arch/percpu.h>
#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/string.h>
#include <facet/thread.h>

#include "cpu_private.h"

#define MXCSR_OFFSET 24
#define MXCSR_DEFAULT 0x1f80u
#define MXCSR_RESERVED 0xffff0000u
#define REGISTERS_OFFSET 32 /* ST0; XMM0 to 15 follow */
#define COMPONENTS_OF_FXSAVE 3u
#define FXSAVE_ALIGN 16u
#define XSAVE_ALIGN 64u

/* What Linux writes into the 48 bytes that FXSAVE leaves alone, when more than that follows. */
#define SOFTWARE_OFFSET 464
#define MAGIC_FIRST 0x46505853u
#define MAGIC_LAST 0x46505845u

struct software {
	uint32_t magic;
	uint32_t extended_size; /* with the magic word at the end */
	uint64_t components;
	uint32_t size;
	uint32_t reserved[7];
};

static struct fpu_state clean;

extern uint8_t *const __start_fpu_places[], *const __stop_fpu_places[];

#define MODRM 3          /* behind REX and the two bytes of the code */
#define MODRM_XSAVE 0x20 /* XSAVE and XRSTOR have it, FXSAVE and FXRSTOR do not */

/* Text can be written to until the kernel has its own page tables. */
static void use_fxsave(void)
{
	for (uint8_t *const *place = __start_fpu_places; place != __stop_fpu_places; place++)
		(*place)[MODRM] &= (uint8_t)~MODRM_XSAVE;
}

void fpu_init(void)
{
	uint32_t mxcsr = MXCSR_DEFAULT;

	if (cpu_features.avx) {
		write_cr4(read_cr4() | CR4_OSXSAVE);
		__asm__ volatile("xsetbv" : : "c"(0), "a"(FPU_COMPONENTS), "d"(0));
	} else {
		use_fxsave();
	}
	__asm__ volatile("fninit; ldmxcsr %0" : : "m"(mxcsr));
	fpu_save(&clean, FPU_COMPONENTS);
	/* Nothing of the firmware's is left in the registers. */
	memset(clean.registers + REGISTERS_OFFSET, 0, sizeof(clean.registers) - REGISTERS_OFFSET);
	memset(clean.upper, 0, sizeof(clean.upper));
}

void fpu_reset(struct thread *thread)
{
	if (thread == current_thread())
		fpu_load(&clean, FPU_COMPONENTS);
	else
		thread->context.fpu = clean;
}

void fpu_fork(struct thread *child)
{
	fpu_save(&child->context.fpu, FPU_COMPONENTS);
}

size_t fpu_user_size(void)
{
	return cpu_features.avx ? sizeof(struct fpu_state) + sizeof(uint32_t)
				: sizeof(((struct fpu_state *)0)->registers);
}

static void clear_header(struct fpu_state *state)
{
	state->components = state->layout = 0;
	memset(state->reserved, 0, sizeof(state->reserved));
}

int fpu_to_user(vaddr_t to)
{
	struct fpu_state state;
	struct software *software = (struct software *)(state.registers + SOFTWARE_OFFSET);

	clear_header(&state); /* XSAVE writes the rest */
	fpu_save(&state, FPU_COMPONENTS);
	*software = (struct software){ .magic = 0 };
	if (!cpu_features.avx)
		return copy_to_user((void __user *)to, &state, sizeof(state.registers));
	*software = (struct software){
		MAGIC_FIRST, (uint32_t)fpu_user_size(), FPU_COMPONENTS, sizeof(state), { 0 }
	};
	if (copy_to_user((void __user *)to, &state, sizeof(state)))
		return -EFAULT;
	return put_user_u32(MAGIC_LAST, (uint32_t __user *)(to + sizeof(state)));
}

/*
 * Whether all of an XSAVE area is there, or FXSAVE's part alone, as an older program may leave.
 * -EFAULT where neither is.
 */
static int is_whole(vaddr_t from)
{
	struct software software;
	uint32_t last;

	if (!cpu_features.avx)
		return false;
	if (copy_from_user(&software, (const void __user *)(from + SOFTWARE_OFFSET),
			   sizeof(software)))
		return -EFAULT;
	return software.magic == MAGIC_FIRST && software.size == sizeof(struct fpu_state) &&
	       software.extended_size == fpu_user_size() &&
	       !get_user_u32(&last, (const uint32_t __user *)(from + sizeof(struct fpu_state))) &&
	       last == MAGIC_LAST;
}

/* What XRSTOR asks of the header where the layout is the standard one. */
static bool header_is_valid(const struct fpu_state *state)
{
	return !((state->components & ~(uint64_t)FPU_COMPONENTS) | state->layout |
		 state->reserved[0]);
}

/* XRSTOR resets the components that are left out, whatever stands in their place. */
int fpu_from_user(vaddr_t from)
{
	struct fpu_state state;
	const struct software *software = (void *)(state.registers + SOFTWARE_OFFSET);
	uint32_t *mxcsr = (uint32_t *)(state.registers + MXCSR_OFFSET);
	int whole = is_whole(from);

	if (whole < 0 || from % (whole ? XSAVE_ALIGN : FXSAVE_ALIGN) ||
	    copy_from_user(&state, (const void __user *)from,
			   whole ? sizeof(state) : sizeof(state.registers)))
		return -EFAULT;
	if (!whole) {
		clear_header(&state);
		state.components = COMPONENTS_OF_FXSAVE;
	} else if (header_is_valid(&state)) {
		state.components &= software->components;
	} else {
		return -EFAULT;
	}
	*mxcsr &= ~MXCSR_RESERVED;
	fpu_load(&state, FPU_COMPONENTS);
	return 0;
}
