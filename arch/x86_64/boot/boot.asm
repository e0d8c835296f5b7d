; boot.asm -- from the loader's 32-bit mode to C in the upper half.
;
; Two ways in, with the same work behind them: a Multiboot2 loader (GRUB2) and PVH (QEMU -kernel).
; Both enter in 32-bit protected mode with flat segments, paging and interrupts off, and a physical
; address in ebx. What the address points to is C's affair: multiboot2.c and pvh.c.
;
; The boot page tables map the first 4 GiB three times with 2 MiB pages: where it is (for the
; instructions up to the jump), at DIRECT_MAP_BASE (for the loader's tables), and its first GiB at
; KERNEL_BASE. mm/ builds the real ones; these can then be given back (__boot_bss_start .. _end).
;
; Sources: Multiboot2 specification 2.0; Xen's PVH boot ABI; Intel SDM volume 3, 9.8.5.

%define KERNEL_BASE		0xffffffff80000000
%define PHYSICAL(symbol)	((symbol) - KERNEL_BASE)

%define MULTIBOOT2_MAGIC	0xe85250d6	; of the header
%define PVH_MAGIC		0x336ec578	; of struct hvm_start_info, which also has it

%define EFLAGS_ID		(1 << 21)
%define CPUID_PAE		(1 << 6)	; leaf 1, edx
%define CPUID_NX		(1 << 20)	; leaf 80000001h, edx
%define CPUID_LONG_MODE		(1 << 29)
%define CR0_PAGING_AND_WP	(1 << 31 | 1 << 16)
%define CR4_PAE			(1 << 5)
%define MSR_EFER		0xc0000080
%define MSR_GS_BASE		0xc0000101
%define EFER_LME_NXE		(1 << 8 | 1 << 11)

%define TABLE_ENTRY		3		; present, writable
%define LARGE_PAGE_ENTRY	0x83		; the same, 2 MiB
%define BOOT_STACK_SIZE		16384

%define MEMORY_PROBE		0x5aa5c33c
%define COM1			0x3f8
%define VGA_TEXT		0xb8000

extern boot_main
extern __bss_start
extern __bss_end
extern boot_cpu

; --- what the loaders look for ------------------------------------------------------------------

section .multiboot2 progbits alloc noexec nowrite align=8

header:
	dd	MULTIBOOT2_MAGIC
	dd	0				; i386
	dd	header_end - header
	dd	-(MULTIBOOT2_MAGIC + (header_end - header)) & 0xffffffff

align 8
	; Console flags, optional: EGA text is understood.
	dw	4, 1
	dd	12
	dd	2
%ifdef CONFIG_CONSOLE_FRAMEBUFFER
align 8
	; A framebuffer, optional, of any size and depth: GRUB sets up graphics then, even where the
	; BIOS has text, unless its gfxpayload says otherwise.
	dw	5, 1
	dd	20
	dd	0, 0, 0
%endif
align 8
	dw	6, 0				; modules on page boundaries
	dd	8
align 8
	dw	0, 0
	dd	8
header_end:

section .note.Xen note alloc noexec nowrite align=4

	dd	4				; size of the name
	dd	4				; size of the value
	dd	18				; XEN_ELFNOTE_PHYS32_ENTRY
	db	"Xen", 0
	dd	pvh_entry

; --- 32 bits, at low addresses --------------------------------------------------------------------

section .boot progbits alloc exec nowrite align=16
bits 32

global multiboot2_entry
multiboot2_entry:
	jmp	start

global pvh_entry
pvh_entry:
	mov	eax, PVH_MAGIC

; eax says which protocol, ebx where its tables are. They wait in ebp and ebx.
start:
	cli
	cld
	mov	ebp, eax

	; Not every loader clears .bss. The stack and the page tables are in it.
	mov	edi, PHYSICAL(__bss_start)
	mov	ecx, PHYSICAL(__bss_end)
	sub	ecx, edi
	shr	ecx, 2
	xor	eax, eax
	rep	stosd

	; What lies beyond the machine's memory does not stay written: there would be no stack.
	mov	esi, no_memory
	mov	dword [PHYSICAL(__bss_end) - 4], MEMORY_PROBE
	mov	eax, [PHYSICAL(__bss_end) - 4]
	mov	dword [PHYSICAL(__bss_end) - 4], 0
	cmp	eax, MEMORY_PROBE
	jne	refuse

	mov	esp, PHYSICAL(boot_stack_top)
	call	check_processor
	call	make_tables

	mov	eax, cr4
	or	eax, CR4_PAE
	mov	cr4, eax
	mov	eax, PHYSICAL(root_table)
	mov	cr3, eax
	mov	ecx, MSR_EFER
	rdmsr
	or	eax, EFER_LME_NXE
	wrmsr
	mov	eax, cr0
	or	eax, CR0_PAGING_AND_WP
	mov	cr0, eax

	lgdt	[descriptors_pointer]
	jmp	0x08:long_mode

; Without these there is no long mode to say it in. SYSCALL is not looked for here: Intel's CPUID
; shows it in 64-bit mode only.
check_processor:
	push	ebx				; cpuid changes it
	pushfd
	pop	eax
	mov	ecx, eax
	xor	eax, EFLAGS_ID
	push	eax
	popfd
	pushfd
	pop	eax
	xor	eax, ecx
	mov	esi, no_cpuid
	test	eax, EFLAGS_ID
	jz	refuse

	mov	eax, 1
	cpuid
	mov	esi, no_pae
	test	edx, CPUID_PAE
	jz	refuse

	mov	esi, no_long_mode
	mov	eax, 0x80000000
	cpuid
	cmp	eax, 0x80000001
	jb	refuse
	mov	eax, 0x80000001
	cpuid
	test	edx, CPUID_LONG_MODE
	jz	refuse
	mov	esi, no_nx
	test	edx, CPUID_NX
	jz	refuse
	pop	ebx
	ret

; The tables were zeroed with .bss. The four page directories are adjacent: one row of 2048 entries.
make_tables:
	mov	edi, PHYSICAL(directories)
	mov	eax, LARGE_PAGE_ENTRY
	mov	ecx, 4 * 512
.page:
	mov	[edi], eax
	add	edi, 8
	add	eax, 0x200000
	loop	.page

	mov	edi, PHYSICAL(low_table)
	mov	eax, PHYSICAL(directories) + TABLE_ENTRY
	mov	ecx, 4
.directory:
	mov	[edi], eax
	add	edi, 8
	add	eax, 0x1000
	loop	.directory

	mov	dword [PHYSICAL(high_table) + 510 * 8], PHYSICAL(directories) + TABLE_ENTRY
	mov	dword [PHYSICAL(root_table)], PHYSICAL(low_table) + TABLE_ENTRY
	mov	dword [PHYSICAL(root_table) + 256 * 8], PHYSICAL(low_table) + TABLE_ENTRY
	mov	dword [PHYSICAL(root_table) + 511 * 8], PHYSICAL(high_table) + TABLE_ENTRY
	ret

; Prints the text at esi on the first serial port and the VGA screen, and stops for ever.
refuse:
	mov	ebx, serial_setup
.set_up:
	mov	dx, [ebx]
	mov	al, [ebx + 2]
	out	dx, al
	add	ebx, 3
	cmp	ebx, serial_setup_end
	jb	.set_up

	mov	edi, VGA_TEXT
.next:
	lodsb
	test	al, al
	jz	.halt
	mov	bl, al
	cmp	al, ' '				; a screen has no end of the line
	jb	.send
	mov	ah, 0x0f			; white on black
	stosw
.send:
	mov	ecx, 100000			; a port that is not there is never ready
.wait:
	mov	dx, COM1 + 5
	in	al, dx
	test	al, 0x20			; the transmitter holds nothing
	loopz	.wait
	mov	dx, COM1
	mov	al, bl
	out	dx, al
	jmp	.next
.halt:
	hlt
	jmp	.halt

; Port and value: 115200 baud, 8N1, no interrupts.
serial_setup:
	dw	COM1 + 1
	db	0
	dw	COM1 + 3
	db	0x80
	dw	COM1
	db	1
	dw	COM1 + 1
	db	0
	dw	COM1 + 3
	db	3
serial_setup_end:

no_memory:	db "facet: this machine has less memory than the kernel is long", 13, 10, 0
no_cpuid:	db "facet: this processor has no CPUID; a 64-bit one is needed", 13, 10, 0
no_pae:		db "facet: this processor has no PAE; a 64-bit one is needed", 13, 10, 0
no_long_mode:	db "facet: this processor has no long mode; a 64-bit one is needed", 13, 10, 0
no_nx:		db "facet: this processor has no NX bit, or the firmware has it off", 13, 10, 0

; The selectors are those of <arch/trap_frame.h>. cpu/ loads its own table.
align 8
descriptors:
	dq	0
	dq	0x00af9b000000ffff		; 0x08: 64-bit code
	dq	0x00cf93000000ffff		; 0x10: data
descriptors_pointer:
	dw	descriptors_pointer - descriptors - 1
	dd	descriptors

; --- 64 bits --------------------------------------------------------------------------------------

bits 64
long_mode:
	mov	rax, upper_half
	jmp	rax

section .text

; boot_main(protocol magic, physical address), on the boot stack, which is later the idle thread's.
; GS points at this processor's block already, so that locks, and with them printk(), work from
; here on.
upper_half:
	mov	eax, 0x10
	mov	ds, eax
	mov	es, eax
	mov	ss, eax
	xor	eax, eax
	mov	fs, eax
	mov	gs, eax
	mov	rsp, boot_stack_top

	mov	rax, boot_cpu
	mov	rdx, rax
	shr	rdx, 32
	mov	ecx, MSR_GS_BASE
	wrmsr

	mov	edi, ebp
	mov	esi, ebx
	xor	ebp, ebp			; the backtrace ends here
	call	boot_main
	ud2

section .bss nobits alloc write noexec align=4096

global boot_stack
global boot_stack_top
boot_stack:
	resb	BOOT_STACK_SIZE
boot_stack_top:

section .boot.bss nobits alloc write noexec align=4096

root_table:
	resb	4096
low_table:
	resb	4096
high_table:
	resb	4096
directories:
	resb	4 * 4096
