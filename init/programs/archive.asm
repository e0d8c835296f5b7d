; The root archive, as the build made it, in a section of its own that begins and ends on a page:
; its frames are given back once it is unpacked. Read by embedded.c through __programs_start and
; __programs_end (arch/x86_64/kernel.ld).

section .programs progbits alloc noexec nowrite align=4096
	incbin "root.cpio"
