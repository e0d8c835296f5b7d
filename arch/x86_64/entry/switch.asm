; The switch: one kernel stack for another. Frames are never copied; what a thread was doing in the
; kernel lies on its own stack, and what it was doing in user mode in its trap frame at the stack's
; top.

%include "generated/offsets.inc"

section .text

extern finish_switch
extern return_path

; struct thread *switch_to(struct thread *previous, struct thread *next)
; Run queue's lock held, interrupts off; returns in `next`, with the thread that ran before it.
global switch_to
switch_to:
	push	rbp
	push	rbx
	push	r12
	push	r13
	push	r14
	push	r15
	mov	[rdi + THREAD_RSP], rsp
	mov	rsp, [rsi + THREAD_RSP]
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbx
	pop	rbp
	mov	rax, rdi
	ret

; Where a thread that has never run comes out of switch_to: its stack holds a trap frame and nothing
; else.
global user_thread_start
user_thread_start:
	mov	rdi, rax
	call	finish_switch
	jmp	return_path

; The same for a thread of the kernel's own, whose stack held its function for rbx.
global kernel_thread_entry
kernel_thread_entry:
	mov	rdi, rax
	call	finish_switch
	call	rbx
	ud2
