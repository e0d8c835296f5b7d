/*
 * The kernel's formatting, compiled for programs: print() needs no more, and the C library's brings
 * floating point with it.
 */
#include "../../lib/format.c"
