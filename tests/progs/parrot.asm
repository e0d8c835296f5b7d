; A kernel of a few lines, to try the tests' machine on: it prompts, echoes what is typed, answers a
; line with "said", and ends QEMU with the exit device when q is typed. It prompts like a shell.
;
; Loaded by QEMU's -kernel through its PVH note, which enters it in 32-bit mode with flat segments.

COM1		equ 0x3f8
LINE_STATUS	equ COM1 + 5
EXIT_DEVICE	equ 0xf4
EXIT_VALUE	equ 0x21

section .note.Xen note alloc noexec nowrite align=4
	dd	4, 4, 18		; sizes of name and entry; XEN_ELFNOTE_PHYS32_ENTRY
	db	"Xen", 0
	dd	start

section .text
global start
start:
	mov	esp, stack_top
.prompt:
	mov	esi, prompt
	call	print
.next:
	call	read
	cmp	al, 'q'
	je	.end
	cmp	al, 13
	je	.answer
	call	write
	jmp	.next
.answer:
	mov	esi, answer
	call	print
	jmp	.prompt
.end:
	mov	al, EXIT_VALUE
	out	EXIT_DEVICE, al
.hang:
	hlt
	jmp	.hang

print:
	lodsb
	test	al, al
	jz	.done
	call	write
	jmp	print
.done:
	ret

write:
	mov	bl, al
	mov	dx, LINE_STATUS
.wait:
	in	al, dx
	test	al, 0x20
	jz	.wait
	mov	al, bl
	mov	dx, COM1
	out	dx, al
	ret

read:
	mov	dx, LINE_STATUS
.wait:
	in	al, dx
	test	al, 1
	jz	.wait
	mov	dx, COM1
	in	al, dx
	ret

section .rodata
prompt:	db	13, 10, "# ", 0
answer:	db	13, 10, "said", 0

section .bss
	resb	256
stack_top:
