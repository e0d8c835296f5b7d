; user_copy.asm -- copies that may fault on one side, and say exactly how far they came.
;
; Each instruction that touches user memory stands in __ex_table with the place to go on at when its
; fault cannot be resolved. Whatever failed, the rest is then tried again byte by byte: the last
; byte that can be had is found by the fault itself, and bytes that are copied twice do no harm.
;
; uaccess.c has checked the range and opened the window (SMAP). Callers: uaccess.c alone.

default rel
section .text

; The next instruction may fault; the fault goes on at the label.
%macro may_fault 1
%%here:
	[section __ex_table progbits alloc noexec nowrite align=8]
	dq	%%here, %1
	__?SECT?__
%endmacro

; size_t user_copy(void *to, const void *from, size_t size): the bytes that were not copied.
global user_copy
user_copy:
	cmp	rdx, 8
	jb	.few
	lea	rcx, [rdx - 1]
	mov	edx, ecx
	and	edx, 7			; the last word adds edx + 1 bytes to the whole ones
	shr	rcx, 3
may_fault .words_fault
	rep	movsq
may_fault .rest_fault
	mov	rax, [rsi + rdx - 7]
may_fault .rest_fault
	mov	[rdi + rdx - 7], rax
	xor	eax, eax
	ret

.few:
	mov	rcx, rdx
may_fault .bytes_fault
	rep	movsb
.bytes_fault:
	mov	rax, rcx
	ret

.words_fault:
	lea	rcx, [rcx * 8 + rdx + 1]
	jmp	.bytes
.rest_fault:
	lea	rcx, [rdx + 1]
.bytes:
may_fault .bytes_fault
	rep	movsb
	mov	rax, rcx
	ret
