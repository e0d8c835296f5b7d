/*
 * syscalls.h -- the entry of every system call, in the order of kernel/syscall/table.def.
 *
 * Called by arch/x86_64/entry with the six arguments as Linux x86_64 passes them (a narrower
 * parameter ignores the upper bits), interrupts on, on the caller's kernel stack. Returns a value
 * or -errno. Each is defined in the room that owns what it changes.
 */
#ifndef FACET_SYSCALLS_H
#define FACET_SYSCALLS_H

#include <facet/types.h>

struct iovec;
struct pollfd;
struct rlimit;

/* fs/ */
long sys_read(int fd, void __user *buffer, size_t size);
long sys_write(int fd, const void __user *buffer, size_t size);
long sys_readv(int fd, const struct iovec __user *vector, unsigned count);
long sys_writev(int fd, const struct iovec __user *vector, unsigned count);
long sys_preadv(int fd, const struct iovec __user *vector, unsigned count, off_t offset);
long sys_pwritev(int fd, const struct iovec __user *vector, unsigned count, off_t offset);
long sys_preadv2(int fd, const struct iovec __user *vector, unsigned count, off_t offset,
		 unsigned long upper, unsigned flags);
long sys_pwritev2(int fd, const struct iovec __user *vector, unsigned count, off_t offset,
		  unsigned long upper, unsigned flags);
long sys_sendfile(int out, int in, uint64_t __user *offset, size_t size);
long sys_copy_file_range(int in, uint64_t __user *from, int out, uint64_t __user *to, size_t size,
			 unsigned flags);
long sys_readahead(int fd, off_t offset, size_t size);
long sys_fadvise64(int fd, off_t offset, off_t size, int advice);
long sys_pread64(int fd, void __user *buffer, size_t size, off_t offset);
long sys_pwrite64(int fd, const void __user *buffer, size_t size, off_t offset);
long sys_open(const char __user *path, int flags, mode_t mode);
long sys_openat(int dirfd, const char __user *path, int flags, mode_t mode);
long sys_close(int fd);
long sys_stat(const char __user *path, void __user *buffer);
long sys_fstat(int fd, void __user *buffer);
long sys_lstat(const char __user *path, void __user *buffer);
long sys_newfstatat(int dirfd, const char __user *path, void __user *buffer, int flags);
long sys_lseek(int fd, off_t offset, int whence);
long sys_ioctl(int fd, unsigned request, unsigned long argument);
long sys_fcntl(int fd, unsigned command, unsigned long argument);
long sys_access(const char __user *path, int mode);
long sys_faccessat(int dirfd, const char __user *path, int mode);
long sys_pipe(int __user *fds);
long sys_pipe2(int __user *fds, int flags);
long sys_dup(int fd);
long sys_dup2(int from, int to);
long sys_dup3(int from, int to, int flags);
long sys_close_range(unsigned first, unsigned last, unsigned flags);
long sys_flock(int fd, unsigned operation);
long sys_eventfd(unsigned count);
long sys_eventfd2(unsigned count, int flags);
long sys_pidfd_open(pid_t pid, unsigned flags);
long sys_pidfd_getfd(int pidfd, int wanted, unsigned flags);
long sys_kcmp(pid_t first, pid_t second, int type, unsigned long first_fd, unsigned long second_fd);
long sys_process_vm_readv(pid_t pid, const struct iovec __user *local, size_t local_count,
			  const struct iovec __user *remote, size_t remote_count,
			  unsigned long flags);
long sys_process_vm_writev(pid_t pid, const struct iovec __user *local, size_t local_count,
			   const struct iovec __user *remote, size_t remote_count,
			   unsigned long flags);
long sys_splice(int in, uint64_t __user *from, int out, uint64_t __user *to, size_t size,
		unsigned flags);
long sys_tee(int in, int out, size_t size, unsigned flags);
long sys_vmsplice(int fd, const struct iovec __user *vector, size_t count, unsigned flags);
long sys_memfd_create(const char __user *name, unsigned flags);
long sys_getrandom(void __user *buffer, size_t size, unsigned flags);
long sys_getdents64(int fd, void __user *buffer, unsigned size);
long sys_getcwd(char __user *buffer, size_t size);
long sys_chdir(const char __user *path);
long sys_fchdir(int fd);
long sys_mkdir(const char __user *path, mode_t mode);
long sys_mkdirat(int dirfd, const char __user *path, mode_t mode);
long sys_rmdir(const char __user *path);
long sys_unlink(const char __user *path);
long sys_unlinkat(int dirfd, const char __user *path, int flags);
long sys_readlink(const char __user *path, char __user *buffer, size_t size);
long sys_readlinkat(int dirfd, const char __user *path, char __user *buffer, size_t size);
long sys_poll(struct pollfd __user *fds, unsigned count, int timeout_ms);
long sys_ppoll(struct pollfd __user *fds, unsigned count, void __user *timeout,
	       const uint64_t __user *mask, size_t mask_size);
long sys_select(int count, uint64_t __user *read, uint64_t __user *write, uint64_t __user *except,
		void __user *timeout);
long sys_pselect6(int count, uint64_t __user *read, uint64_t __user *write, uint64_t __user *except,
		  void __user *timeout, const uint64_t __user *packed);
long sys_umask(mode_t mask);
long sys_ftruncate(int fd, off_t size);
long sys_fsync(int fd);
long sys_fdatasync(int fd);
long sys_truncate(const char __user *path, off_t size);
long sys_getdents(int fd, void __user *buffer, unsigned size);
long sys_rename(const char __user *old_path, const char __user *path);
long sys_creat(const char __user *path, mode_t mode);
long sys_link(const char __user *old_path, const char __user *path);
long sys_symlink(const char __user *target, const char __user *path);
long sys_chmod(const char __user *path, mode_t mode);
long sys_fchmod(int fd, mode_t mode);
long sys_chown(const char __user *path, uid_t uid, gid_t gid);
long sys_fchown(int fd, uid_t uid, gid_t gid);
long sys_lchown(const char __user *path, uid_t uid, gid_t gid);
long sys_utime(const char __user *path, const int64_t __user *user_times);
long sys_mknod(const char __user *path, mode_t mode, unsigned device);
long sys_statfs(const char __user *path, void __user *buffer);
long sys_fstatfs(int fd, void __user *buffer);
long sys_chroot(const char __user *path);
long sys_sync(void);
long sys_umount2(const char __user *path, int flags);
long sys_setxattr(const char __user *path, const char __user *name, const void __user *value,
		  size_t size, int flags);
long sys_lsetxattr(const char __user *path, const char __user *name, const void __user *value,
		   size_t size, int flags);
long sys_fsetxattr(int fd, const char __user *name, const void __user *value, size_t size,
		   int flags);
long sys_getxattr(const char __user *path, const char __user *name);
long sys_lgetxattr(const char __user *path, const char __user *name);
long sys_fgetxattr(int fd, const char __user *name);
long sys_listxattr(const char __user *path);
long sys_llistxattr(const char __user *path);
long sys_flistxattr(int fd);
long sys_removexattr(const char __user *path, const char __user *name);
long sys_lremovexattr(const char __user *path, const char __user *name);
long sys_fremovexattr(int fd, const char __user *name);
long sys_utimes(const char __user *path, const void __user *times);
long sys_mknodat(int dirfd, const char __user *path, mode_t mode, unsigned device);
long sys_fchownat(int dirfd, const char __user *path, uid_t uid, gid_t gid, int flags);
long sys_futimesat(int dirfd, const char __user *path, const void __user *user_times);
long sys_renameat(int old_dirfd, const char __user *old_path, int dirfd, const char __user *path);
long sys_linkat(int old_dirfd, const char __user *old_path, int dirfd, const char __user *path,
		int flags);
long sys_symlinkat(const char __user *user_target, int dirfd, const char __user *path);
long sys_fchmodat(int dirfd, const char __user *path, mode_t mode);
long sys_sync_file_range(int fd, off_t offset, off_t size, unsigned flags);
long sys_utimensat(int dirfd, const char __user *path, const void __user *user_times, int flags);
long sys_fallocate(int fd, int mode, off_t offset, off_t size);
long sys_syncfs(int fd);
long sys_renameat2(int old_dirfd, const char __user *old_path, int dirfd, const char __user *path,
		   unsigned flags);
long sys_statx(int dirfd, const char __user *path, int flags, unsigned mask, void __user *buffer);
long sys_faccessat2(int dirfd, const char __user *path, int mode, int flags);
long sys_mount(const char __user *source, const char __user *target, const char __user *type,
	       unsigned long flags, const void __user *data);

/* kernel/process, kernel/fork, kernel/exec */
long sys_fork(void);
long sys_vfork(void);
long sys_clone(unsigned long flags, vaddr_t stack, int __user *parent_tid, int __user *child_tid,
	       unsigned long tls);
long sys_clone3(const void __user *arguments, size_t size);
long sys_execve(const char __user *path, const vaddr_t __user *arguments,
		const vaddr_t __user *environment);
long sys_execveat(int dirfd, const char __user *path, const vaddr_t __user *arguments,
		  const vaddr_t __user *environment, int flags);
long sys_exit(int status);
long sys_exit_group(int status);
long sys_wait4(pid_t pid, int __user *status, int options, void __user *usage);
long sys_waitid(int type, pid_t id, void __user *info, int options, void __user *usage);
long sys_getpid(void);
long sys_getppid(void);
long sys_gettid(void);
long sys_getuid(void);
long sys_geteuid(void);
long sys_getgid(void);
long sys_getegid(void);
long sys_setuid(uint32_t id);
long sys_setgid(uint32_t id);
long sys_setreuid(uint32_t real, uint32_t effective);
long sys_setregid(uint32_t real, uint32_t effective);
long sys_setresuid(uint32_t real, uint32_t effective, uint32_t saved);
long sys_setresgid(uint32_t real, uint32_t effective, uint32_t saved);
long sys_getresuid(uint32_t __user *real, uint32_t __user *effective, uint32_t __user *saved);
long sys_getresgid(uint32_t __user *real, uint32_t __user *effective, uint32_t __user *saved);
long sys_getgroups(int size, uint32_t __user *groups);
long sys_setgroups(int size, const uint32_t __user *groups);
long sys_setpgid(pid_t pid, pid_t group);
long sys_getpgid(pid_t pid);
long sys_getpgrp(void);
long sys_setsid(void);
long sys_getsid(pid_t pid);
long sys_set_tid_address(int __user *address);
long sys_arch_prctl(int code, unsigned long address);
long sys_getrlimit(unsigned resource, struct rlimit __user *limit);
long sys_setrlimit(unsigned resource, const struct rlimit __user *limit);
long sys_prlimit64(pid_t pid, unsigned resource, const struct rlimit __user *to,
		   struct rlimit __user *from);
long sys_getrusage(int who, void __user *usage);
long sys_times(void __user *times);
long sys_sysinfo(void __user *info);
long sys_uname(void __user *name);
long sys_sethostname(const char __user *name, int length);
long sys_setdomainname(const char __user *name, int length);
long sys_personality(unsigned personality);
long sys_prctl(unsigned operation, unsigned long second, unsigned long third, unsigned long fourth,
	       unsigned long fifth);
long sys_capget(uint32_t __user *header, void __user *sets);
long sys_capset(uint32_t __user *header, const void __user *sets);
long sys_setfsuid(uint32_t id);
long sys_setfsgid(uint32_t id);
long sys_unshare(unsigned long flags);
long sys_setns(int fd, int type);
long sys_reboot(int magic1, int magic2, unsigned command, void __user *argument);

/* drivers/tty_job.c */
long sys_vhangup(void);

/* kernel/signal */
long sys_kill(pid_t pid, int signal);
long sys_tkill(pid_t tid, int signal);
long sys_tgkill(pid_t pid, pid_t tid, int signal);
long sys_rt_sigaction(int signal, const void __user *new, void __user *old, size_t set_size);
long sys_rt_sigprocmask(int how, const uint64_t __user *set, uint64_t __user *old, size_t set_size);
long sys_rt_sigpending(uint64_t __user *set, size_t set_size);
long sys_rt_sigreturn(void);
long sys_rt_sigsuspend(const uint64_t __user *set, size_t set_size);
long sys_rt_sigtimedwait(const uint64_t __user *set, void __user *info, const void __user *timeout,
			 size_t set_size);
long sys_rt_sigqueueinfo(pid_t pid, int signal, const void __user *info);
long sys_rt_tgsigqueueinfo(pid_t pid, pid_t tid, int signal, const void __user *info);
long sys_pidfd_send_signal(int pidfd, int signal, const void __user *info, unsigned flags);
long sys_sigaltstack(const void __user *new, void __user *old);
long sys_pause(void);

/* kernel/sync */
long sys_futex(uint32_t __user *word, int operation, uint32_t value, const void __user *timeout,
	       uint32_t __user *second, uint32_t third);
long sys_set_robust_list(void __user *head, size_t size);
long sys_get_robust_list(pid_t tid, uint64_t __user *head, uint64_t __user *size);

/* kernel/sched */
long sys_sched_yield(void);
long sys_sched_setparam(pid_t pid, const int __user *param);
long sys_sched_getparam(pid_t pid, int __user *param);
long sys_sched_setscheduler(pid_t pid, int policy, const int __user *param);
long sys_sched_getscheduler(pid_t pid);
long sys_sched_get_priority_max(int policy);
long sys_sched_get_priority_min(int policy);
long sys_sched_rr_get_interval(pid_t pid, void __user *interval);
long sys_sched_getaffinity(pid_t pid, unsigned size, uint64_t __user *mask);
long sys_sched_setaffinity(pid_t pid, unsigned size, const uint64_t __user *mask);
long sys_sched_setattr(pid_t pid, void __user *attributes, unsigned flags);
long sys_sched_getattr(pid_t pid, void __user *attributes, unsigned size, unsigned flags);
long sys_getcpu(uint32_t __user *cpu, uint32_t __user *node);
long sys_membarrier(int command, unsigned flags, int cpu);
long sys_ioprio_get(int which, int who);
long sys_ioprio_set(int which, int who, int priority);
long sys_getpriority(int which, int who);
long sys_setpriority(int which, int who, int nice);

/* kernel/time */
long sys_restart_syscall(void);
long sys_nanosleep(const void __user *request, void __user *remain);
long sys_clock_nanosleep(int clock, int flags, const void __user *request, void __user *remain);
long sys_clock_gettime(int clock, void __user *time);
long sys_clock_getres(int clock, void __user *resolution);
long sys_gettimeofday(void __user *time, void __user *zone);
long sys_time(int64_t __user *time);
long sys_clock_settime(int clock, const void __user *time);
long sys_settimeofday(const void __user *time, const void __user *zone);
long sys_adjtimex(void __user *buffer);
long sys_clock_adjtime(int clock, void __user *buffer);
long sys_alarm(unsigned seconds);
long sys_getitimer(int which, void __user *value);
long sys_setitimer(int which, const void __user *value, void __user *old);
long sys_timer_create(int clock, const void __user *event, int __user *id);
long sys_timer_settime(int id, int flags, const void __user *value, void __user *old);
long sys_timer_gettime(int id, void __user *value);
long sys_timer_getoverrun(int id);
long sys_timer_delete(int id);

/* kernel/debug */
long sys_syslog(int type, char __user *buffer, int size);

/* mm/ */
long sys_brk(vaddr_t end);
long sys_mmap(vaddr_t address, size_t size, int rights, int flags, int fd, off_t offset);
long sys_munmap(vaddr_t address, size_t size);
long sys_mprotect(vaddr_t address, size_t size, int rights);
long sys_mremap(vaddr_t from, size_t old_size, size_t new_size, unsigned long flags, vaddr_t to);
long sys_msync(vaddr_t start, size_t size, int flags);
long sys_mincore(vaddr_t start, size_t size, uint8_t __user *bytes);
long sys_madvise(vaddr_t start, size_t size, int advice);
long sys_mlock(vaddr_t address, size_t size);
long sys_munlock(vaddr_t address, size_t size);
long sys_mlockall(int flags);
long sys_munlockall(void);
long sys_mlock2(vaddr_t address, size_t size, unsigned flags);

#endif
