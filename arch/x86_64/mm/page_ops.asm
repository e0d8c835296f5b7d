; page_ops.asm -- filling and copying whole pages, by what was measured to be quickest.
;
; Under emulation, in instructions and host cycles a page:
;
;	zero	16-byte stores 293, 700; 8-byte stores 570, 750; rep stosq 518, 1380
;	copy	rep movsq 518, 2050; 16-byte loads and stores 653, 3670
;
; Real processors do either at about a cache line a cycle or two.

%include "generated/offsets.inc"

default rel
section .text

%define PAGE_SIZE	4096
%define UNROLLED	512		; bytes a round

; void page_zero(void *page). xmm0 is the user's, so it is put back before another thread can run;
; interrupt handlers use no such registers.
global page_zero
page_zero:
	inc	dword [gs:CPU_PREEMPT_COUNT]
	sub	rsp, 24
	movups	[rsp], xmm0
	pxor	xmm0, xmm0
	lea	rax, [rdi + PAGE_SIZE]
.next:
%assign offset 0
%rep UNROLLED / 16
	movaps	[rdi + offset], xmm0
%assign offset offset + 16
%endrep
	add	rdi, UNROLLED
	cmp	rdi, rax
	jne	.next
	movups	xmm0, [rsp]
	add	rsp, 24
	dec	dword [gs:CPU_PREEMPT_COUNT]
	ret

; void page_copy(void *to, const void *from)
global page_copy
page_copy:
	mov	ecx, PAGE_SIZE / 8
	rep	movsq
	ret
