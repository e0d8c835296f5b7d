/*
 * hello: the smallest useful proof that a program was loaded, ran and could write.
 */
#include <unistd.h>
#include <usr.h>

int main(void)
{
	return print("Hello from process %d, child of process %d.\n", getpid(), getppid()) ? 0 : 1;
}
