/*
 * types.h -- the integer types that the kernel's interfaces speak.
 *
 * A physical and a virtual address are never the same thing: paddr_t indexes memory, vaddr_t is
 * what a page table translates. Sizes and indices are size_t.
 */
#ifndef FACET_TYPES_H
#define FACET_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t paddr_t;
typedef uint64_t vaddr_t;
typedef int64_t ssize_t;
typedef int64_t off_t;
typedef int32_t pid_t;
typedef uint32_t mode_t;
typedef uint32_t uid_t;
typedef uint32_t gid_t;
typedef uint64_t dev_t;
typedef uint64_t ino_t;

/* Marks a pointer that came from user mode: only <arch/uaccess.h> may follow it. */
#define __user

#define PAGE_SHIFT 12
#define PAGE_SIZE (1ul << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define page_round_down(x) (PAGE_MASK & (x))
#define page_round_up(x) (((x) + PAGE_SIZE - 1) & PAGE_MASK)

#define NS_PER_SEC 1000000000ull

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* A rare path, kept out of its caller so that the common one does not save registers for it. */
#define out_of_line __attribute__((noinline))
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))

#define noreturn __attribute__((noreturn))
#define __printf(text, first) __attribute__((format(printf, text, first)))

#endif
