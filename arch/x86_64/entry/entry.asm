; The only ways into the kernel and the one way out.
;
; Every entry saves all registers once, as a struct trap_frame at the top of the thread's kernel
; stack (or below what the kernel was doing), and ends in return_path. One exception: NMI, #DB, #DF
; and #MC that interrupt the kernel go straight back to it. swapgs, iretq and sysretq stand in this
; file and nowhere else.
;
; There is no fix-up for iretq: what it loads is valid by construction. Selectors are constants, and
; nobody but the processor, frame_init_user() and signal_frame.c writes a user RIP, which is always
; in the lower half.

%include "generated/offsets.inc"

default rel
section .text

extern trap_handlers
extern syscall_table
extern syscall_count
extern syscall_unknown
extern return_work
extern finish_switch
extern paranoid_trap

%macro save_registers 0
	push	rdi
	push	rsi
	push	rdx
	push	rcx
	push	rax
	push	r8
	push	r9
	push	r10
	push	r11
	push	rbx
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
%endmacro

%macro restore_registers 0
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbp
	pop	rbx
	pop	r11
	pop	r10
	pop	r9
	pop	r8
	pop	rax
	pop	rcx
	pop	rdx
	pop	rsi
	pop	rdi
%endmacro

; What looks at system calls. C may change what the arguments are in, so they are read again from
; the frame.
%macro reload_arguments 0
	mov	eax, [rsp + FRAME_RAX]
	mov	rdi, [rsp + FRAME_RDI]
	mov	rsi, [rsp + FRAME_RSI]
	mov	rdx, [rsp + FRAME_RDX]
	mov	r10, [rsp + FRAME_R10]
	mov	r8, [rsp + FRAME_R8]
	mov	r9, [rsp + FRAME_R9]
%endmacro

%ifdef CONFIG_STRACE
extern strace_enter
extern strace_leave
%macro print_call 0
	mov	rdi, rsp
	call	strace_enter
	reload_arguments
%endmacro
%macro print_return 0
	mov	rdi, rsp
	call	strace_leave
	mov	rax, [rsp + FRAME_RAX]
%endmacro
%else
%define print_call
%define print_return
%endif

%ifdef CONFIG_TRACE
extern trace_call
extern trace_return
%macro note_call 0
	mov	edi, eax
	call	trace_call
	reload_arguments
%endmacro
%macro note_return 0
	mov	rdi, rax
	call	trace_return
%endmacro
%else
%define note_call
%define note_return
%endif

; SYSCALL: RIP is in RCX, RFLAGS in R11, and RSP is still the user's. SFMASK has turned interrupts
; off and cleared TF, DF, AC and NT. Arguments: rdi rsi rdx r10 r8 r9; the number is eax, as on
; Linux.
global syscall_entry
syscall_entry:
	swapgs
	mov	[gs:CPU_USER_RSP], rsp
	mov	rsp, [gs:CPU_KERNEL_STACK]
	push	USER_SS
	push	qword [gs:CPU_USER_RSP]
	push	r11
	push	USER_CS
	push	rcx
	push	rax
	push	VECTOR_SYSCALL
	save_registers
	xor	ebp, ebp		; a backtrace ends here
	sti
	mov	eax, eax
	print_call
	note_call
	cmp	eax, [syscall_count]
	jae	.unknown
	mov	rcx, r10
	call	[abs syscall_table + rax * 8]
	mov	[rsp + FRAME_RAX], rax
	print_return
	note_return
	jmp	return_path.to_user
.unknown:
	call	syscall_unknown
	mov	[rsp + FRAME_RAX], rax
	print_return
	note_return
	; falls through

; The one way out of the kernel. On entry: rsp at the trap frame, any interrupt state.
; Interrupts are off from the last look at the pending word to the return: an interrupt in between
; would find the frame half restored, and its work would wait for the next tick.
global return_path
return_path:
	test	byte [rsp + FRAME_CS], 3
	jz	.to_kernel

.to_user:
	cli
	mov	rax, [gs:CPU_CURRENT]
	mov	eax, [rax + THREAD_WORK]
	or	eax, [gs:CPU_PENDING]
	jnz	.user_work

	; sysretq takes RIP from RCX and RFLAGS from R11, so both must be what the frame says, as
	; they are after a system call. Intel's faults in kernel mode on a RIP that is not
	; canonical; such a RIP cannot be here, see above.
	mov	rcx, [rsp + FRAME_RIP]
	cmp	rcx, [rsp + FRAME_RCX]
	jne	.iret_to_user
	mov	r11, [rsp + FRAME_RFLAGS]
	cmp	r11, [rsp + FRAME_R11]
	jne	.iret_to_user
	test	r11d, RFLAGS_TF_RF
	jnz	.iret_to_user
	restore_registers
	mov	rsp, [rsp + FRAME_RSP - FRAME_VECTOR]
	swapgs
	o64 sysret

.iret_to_user:
	restore_registers
	add	rsp, 16			; vector, error code
	swapgs
	iretq

.to_kernel:
	; A fault in the middle of something with interrupts off goes straight back to it.
	bt	dword [rsp + FRAME_RFLAGS], RFLAGS_IF_BIT
	jnc	.iret_to_kernel
	cli
	cmp	dword [gs:CPU_PREEMPT_COUNT], 0
	jne	.iret_to_kernel
	cmp	dword [gs:CPU_PENDING], 0
	jne	.kernel_work
.iret_to_kernel:
	restore_registers
	add	rsp, 16
	iretq

.user_work:
	mov	rdi, rsp
	call	return_work
	jmp	.to_user		; to look again

.kernel_work:
	mov	rdi, rsp
	call	return_work
	jmp	.to_kernel

; Traps and interrupts, by an interrupt gate: interrupts are off. The stub has pushed the error code
; (or 0) and the vector.
trap_entry:
	save_registers
	push	2			; known flags: no DF, and no AC, which gets around SMAP
	popfq
	test	byte [rsp + FRAME_CS], 3
	jz	.in_kernel
	swapgs
	xor	ebp, ebp
.in_kernel:
	mov	rdi, rsp
	mov	eax, [rsp + FRAME_VECTOR]
	call	[abs trap_handlers + rax * 8]
	jmp	return_path

; NMI, #DB, #DF and #MC have stacks of their own, for they come at any instruction: before swapgs,
; or with the user's RSP in the kernel. From user mode they go on as every trap, on the thread's own
; stack: there is never a switch from an IST stack. In the kernel GS may be anybody's, so the CPU's
; block is found from the word above the IST stack's top, and GS is put back as it was.
%macro paranoid_entry 0
	test	byte [rsp + 24], 3	; CS, behind vector, error code and RIP
	jnz	%%from_user
	save_registers
	push	2
	popfq
	mov	ecx, MSR_GS_BASE
	rdmsr
	shl	rdx, 32
	or	rax, rdx
	mov	rbx, rax
	mov	rax, [rsp + FRAME_SIZE]
	mov	rdx, rax
	shr	rdx, 32
	wrmsr
	mov	rdi, rsp
	call	paranoid_trap
	mov	rax, rbx
	mov	rdx, rbx
	shr	rdx, 32
	mov	ecx, MSR_GS_BASE
	wrmsr
	restore_registers
	add	rsp, 16
	iretq
%%from_user:
	jmp	paranoid_from_user
%endmacro

; Moves the seven words that the processor and the stub have pushed to the thread's stack.
paranoid_from_user:
	swapgs
	mov	[gs:CPU_USER_RSP], rax	; a free word: syscall_entry does not run meanwhile
	mov	rax, rsp
	mov	rsp, [gs:CPU_KERNEL_STACK]
%assign word 6
%rep 7
	push	qword [rax + word * 8]
%assign word word - 1
%endrep
	mov	rax, [gs:CPU_USER_RSP]
	swapgs
	jmp	trap_entry

%define HAS_ERROR_CODE(v) \
	((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17 || (v) == 21 || (v) == 29 || (v) == 30)
%define IS_PARANOID(v) ((v) == 1 || (v) == 2 || (v) == 8 || (v) == 18)

%assign vector 0
%rep 256
trap_stub_%+ vector:
%if !HAS_ERROR_CODE(vector)
	push	0
%endif
	push	vector
%if IS_PARANOID(vector)
	paranoid_entry
%else
	jmp	trap_entry
%endif
%assign vector vector + 1
%endrep

section .rodata
global trap_stubs
trap_stubs:
%assign vector 0
%rep 256
	dq	trap_stub_%+ vector
%assign vector vector + 1
%endrep
