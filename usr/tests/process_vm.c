/*
 * process_vm_readv and process_vm_writev: bytes between this process's memory and a child's, in
 * vectors, short where one of the sides ends; and kcmp: what two processes share.
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/uio.h>

#define WILD 8L
#define NOBODY 0x7fffff0

static char *memory; /* three pages: to write, to read, none */
static pid_t child;

static long move(int call, void *local, size_t local_size, void *remote, size_t remote_size)
{
	struct iovec here = { local, local_size }, there = { remote, remote_size };

	return sys(call, child, &here, 1, &there, 1, 0);
}

static void child_body(void *gates)
{
	struct gate *gate = gates;

	memset(memory, 'c', PAGE);
	open_gate(&gate[0]);
	pass_gate(&gate[1]);
	_exit(memory[0] == 'w' && memory[PAGE - 1] == 'w' && memory[100] == 'c' ? 0 : 1);
}

static void vectors(void)
{
	char one[4], two[6];
	struct iovec here[] = { { one, 4 }, { NULL, 0 }, { two, 6 } };
	struct iovec there[] = { { memory + PAGE - 3, 3 }, { memory, 0 }, { memory, 7 } };

	memset(one, 0, 4);
	ok_equal(sys(SYS_process_vm_readv, child, here, 3, there, 3, 0), 10,
		 "pieces of both sides need not match");
	ok(!memcmp(one, "ccww", 4) && !memcmp(two, "cccccc", 6), "all arrive");
	there[2].iov_base = memory + 2 * PAGE;
	ok_equal(sys(SYS_process_vm_readv, child, here, 3, there, 3, 0), 3,
		 "what is not there ends it");
	here[0].iov_len = 2;
	ok_equal(sys(SYS_process_vm_readv, child, here, 1, there, 1, 0), 2,
		 "as does the end of the own ones");
	ok_equal(sys(SYS_process_vm_readv, child, here, 0, there, 3, 0), 0, "none is nothing");
	ok_equal(sys(SYS_process_vm_readv, child, here, 3, there, 0, 0), 0, "on both sides");
	ok_equal(sys(SYS_process_vm_readv, child, here, 1025, there, 1, 0), -EINVAL,
		 "1025 are too many: EINVAL");
	ok_equal(sys(SYS_process_vm_readv, child, here, 1, there, 1025, 0), -EINVAL,
		 "there too: EINVAL");
	ok_equal(sys(SYS_process_vm_readv, child, WILD, 1, there, 1, 0), -EFAULT,
		 "a wild vector: EFAULT");
	ok_equal(sys(SYS_process_vm_readv, child, here, 1, WILD, 1, 0), -EFAULT, "both: EFAULT");
	there[0].iov_len = 1ul << 63;
	ok_equal(sys(SYS_process_vm_readv, child, here, 1, there, 1, 0), -EINVAL,
		 "a length of 2^63: EINVAL");
}

static void moves(void)
{
	static char big[2 * PAGE], big_w[PAGE];

	ok_equal(move(SYS_process_vm_readv, big, 2 * PAGE, memory, 2 * PAGE), 2 * PAGE,
		 "two pages are read");
	ok(big[0] == 'c' && big[PAGE - 1] == 'c' && big[PAGE] == 'r' && memory[0] == 'p',
	   "the child's, where this process has others");
	ok_equal(move(SYS_process_vm_readv, big, 2 * PAGE, memory + PAGE + 8, 2 * PAGE),
		 (long)PAGE - 8, "up to what may not be read");
	ok_equal(move(SYS_process_vm_readv, big, 8, memory + 2 * PAGE, 8), -EFAULT,
		 "nothing there: EFAULT");
	ok_equal(move(SYS_process_vm_readv, big, 8, (void *)WILD, 8), -EFAULT, "wild: EFAULT");
	ok_equal(move(SYS_process_vm_readv, big, 8, (void *)-8l, 8), -EFAULT, "kernel's: EFAULT");
	ok_equal(move(SYS_process_vm_readv, (void *)WILD, 8, memory, 8), -EFAULT,
		 "or here: EFAULT");
	memset(big_w, 'w', PAGE);
	ok_equal(move(SYS_process_vm_writev, big_w, 1, memory, 1), 1, "a byte is written");
	ok_equal(move(SYS_process_vm_writev, big_w, 100, memory + PAGE - 1, 100), 1,
		 "as far as it may be");
	ok_equal(move(SYS_process_vm_writev, big_w, 8, memory + PAGE, 8), -EFAULT,
		 "a page to read: EFAULT");
	ok(memory[0] == 'p' && memory[PAGE - 1] == 'p', "and not here");
	ok_equal(sys(SYS_process_vm_readv, child, NULL, 0, NULL, 0, 1), -EINVAL, "flags: EINVAL");
}

static void as_user(void *unused)
{
	char byte;

	(void)unused;
	must(setresuid(54321, 54321, 54321));
	EXPECT(move(SYS_process_vm_readv, &byte, 1, memory, 1) == -EPERM);
	EXPECT(move(SYS_process_vm_writev, &byte, 1, memory, 1) == -EPERM);
	EXPECT(sys(SYS_kcmp, child, getpid(), 1, 0, 0) == -EPERM);
}

enum { KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO, KCMP_SYSVSEM };

static long kcmp(pid_t second, int type, long first_fd, long second_fd)
{
	return sys(SYS_kcmp, getpid(), second, type, first_fd, second_fd);
}

static void comparing(void)
{
	static const int own[] = { KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND };
	int copy = (int)must(dup(1)), other = (int)must(open("/dev/null", O_RDONLY));
	long order, reverse;

	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		ok_equal(kcmp(getpid(), own[i], 0, 0), 0, "type %d is one's own", own[i]);
		order = kcmp(child, own[i], 0, 0);
		reverse = sys(SYS_kcmp, child, getpid(), own[i], 0, 0);
		ok((order == 1 && reverse == 2) || (order == 2 && reverse == 1),
		   "a child has another, before or behind it");
	}
	ok_equal(kcmp(getpid(), KCMP_SYSVSEM, 0, 0), 0, "what nobody has is the same");
	ok_equal(kcmp(getpid(), KCMP_FILE, 1, copy), 0, "a copy is the same file");
	ok_equal(kcmp(child, KCMP_FILE, 1, 1), 0, "as is a child's");
	order = kcmp(getpid(), KCMP_FILE, 1, other);
	ok(order == 1 || order == 2, "another one is not");
	ok_equal(kcmp(getpid(), KCMP_FILE, other, 1), 3 - order, "and the other way round");
	ok_equal(kcmp(getpid(), KCMP_FILE, 1, 999), -EBADF, "none: EBADF");
	ok_equal(kcmp(getpid(), KCMP_FILE, -1, 1), -EBADF, "-1: EBADF");
	ok_equal(kcmp(getpid(), 99, 1, 1), -EINVAL, "type 99: EINVAL");
	ok_equal(kcmp(getpid(), -1, 1, 1), -EINVAL, "type -1: EINVAL");
	ok_equal(kcmp(NOBODY, KCMP_VM, 0, 0), -ESRCH, "nobody: ESRCH");
	close(copy);
	close(other);
}

int main(void)
{
	struct gate gates[2] = { new_gate(), new_gate() };
	char byte;

	memory = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(memory == MAP_FAILED ? -1 : 0);
	memset(memory, 'p', PAGE);
	memset(memory + PAGE, 'r', PAGE);
	must(mprotect(memory + PAGE, PAGE, PROT_READ));
	must(mprotect(memory + 2 * PAGE, PAGE, PROT_NONE));
	child = start_child(child_body, gates);
	pass_gate(&gates[0]);
	moves();
	vectors();
	comparing();
	ok_child(as_user, NULL, "others may not");
	open_gate(&gates[1]);
	ok(await_state(child, 'Z'), "the child ends");
	ok_equal(move(SYS_process_vm_readv, &byte, 1, memory, 1), -ESRCH,
		 "and has no memory: ESRCH");
	ok_equal(wait_child(child), 0, "it had what was written, and what was not");
	ok_equal(move(SYS_process_vm_readv, &byte, 1, memory, 1), -ESRCH, "nobody: ESRCH");
	child = getpid();
	ok(move(SYS_process_vm_writev, "x", 1, memory, 1) == 1 && memory[0] == 'x',
	   "one's own memory can be written");
	return done();
}
