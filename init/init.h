/*
 * init.h -- between main.c and first_program.c.
 */
#ifndef INIT_H
#define INIT_H

struct thread;

/*
 * Gives the first process's thread the program that the command line asks for; panics if there is
 * none.
 */
void init_program_load(struct thread *thread, const char *cmdline);

#endif
