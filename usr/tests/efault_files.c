/*
 * A wild pointer is EFAULT: the calls about names of files and about what files are.
 */
#include "efault.h"

#include <fcntl.h>

static const struct row rows[] = {
	{ "rename, old", SYS_rename, { P, PATH }, TEXT, true, true },
	{ "rename, new", SYS_rename, { PATH, P }, TEXT, true, true },
	{ "renameat, old", SYS_renameat, { AT_FDCWD, P, AT_FDCWD, PATH }, TEXT, true, true },
	{ "renameat, new", SYS_renameat, { AT_FDCWD, PATH, AT_FDCWD, P }, TEXT, true, true },
	{ "renameat2, old", SYS_renameat2, { AT_FDCWD, P, AT_FDCWD, PATH }, TEXT, true, true },
	{ "renameat2, new", SYS_renameat2, { AT_FDCWD, PATH, AT_FDCWD, P }, TEXT, true, true },
	{ "link, old", SYS_link, { P, PATH }, TEXT, true, true },
	{ "link, new", SYS_link, { PATH, P }, TEXT, true, true },
	{ "linkat, old", SYS_linkat, { AT_FDCWD, P, AT_FDCWD, PATH, 0 }, TEXT, true, true },
	{ "linkat, new", SYS_linkat, { AT_FDCWD, PATH, AT_FDCWD, P, 0 }, TEXT, true, true },
	{ "symlink, text", SYS_symlink, { P, PATH }, TEXT, true, true },
	{ "symlink", SYS_symlink, { PATH, P }, TEXT, true, true },
	{ "symlinkat, text", SYS_symlinkat, { P, AT_FDCWD, PATH }, TEXT, true, true },
	{ "symlinkat", SYS_symlinkat, { PATH, AT_FDCWD, P }, TEXT, true, true },
	{ "readlink", SYS_readlink, { P, SPACE, 64 }, TEXT, true, true },
	{ "readlink, text", SYS_readlink, { LINK, P, 64 }, OUT, true, true },
	{ "readlinkat", SYS_readlinkat, { AT_FDCWD, P, SPACE, 64 }, TEXT, true, true },
	{ "mkdirat", SYS_mkdirat, { AT_FDCWD, P, 0755 }, TEXT, true, true },
	{ "unlinkat", SYS_unlinkat, { AT_FDCWD, P, 0 }, TEXT, true, true },
	{ "mknod", SYS_mknod, { P, S_IFREG | 0600, 0 }, TEXT, true, true },
	{ "mknodat", SYS_mknodat, { AT_FDCWD, P, S_IFIFO | 0600, 0 }, TEXT, true, true },
	{ "creat", SYS_creat, { P, 0600 }, TEXT, true, true },
	{ "truncate", SYS_truncate, { P, 0 }, TEXT, true, true },
	{ "chmod", SYS_chmod, { P, 0600 }, TEXT, true, true },
	{ "fchmodat", SYS_fchmodat, { AT_FDCWD, P, 0600 }, TEXT, true, true },
	{ "chown", SYS_chown, { P, -1, -1 }, TEXT, true, true },
	{ "lchown", SYS_lchown, { P, -1, -1 }, TEXT, true, true },
	{ "fchownat", SYS_fchownat, { AT_FDCWD, P, -1, -1, 0 }, TEXT, true, true },
	{ "utime", SYS_utime, { P, 0 }, TEXT, true, true },
	{ "utime, times", SYS_utime, { LINK, P }, IN, false, true },
	{ "utimes", SYS_utimes, { P, 0 }, TEXT, true, true },
	{ "utimes, times", SYS_utimes, { LINK, P }, IN, false, true },
	{ "futimesat", SYS_futimesat, { AT_FDCWD, P, 0 }, TEXT, true, true },
	{ "futimesat, times", SYS_futimesat, { AT_FDCWD, LINK, P }, IN, false, true },
	{ "utimensat", SYS_utimensat, { AT_FDCWD, P, 0, 0 }, TEXT, true, true },
	{ "utimensat, times", SYS_utimensat, { AT_FDCWD, LINK, P, 0 }, IN, false, true },
	{ "statx of a path", SYS_statx, { AT_FDCWD, P, 0, 0xfff, SPACE }, TEXT, true, true },
	{ "statx", SYS_statx, { AT_FDCWD, PATH, 0, 0xfff, P }, OUT, true, true },
	{ "statfs of a path", SYS_statfs, { P, SPACE }, TEXT, true, true },
	{ "statfs", SYS_statfs, { PATH, P }, OUT, true, true },
	{ "fstatfs", SYS_fstatfs, { ZERO, P }, OUT, true, true },
	{ "faccessat", SYS_faccessat, { AT_FDCWD, P, F_OK }, TEXT, true, true },
	{ "faccessat2", SYS_faccessat2, { AT_FDCWD, P, F_OK, 0 }, TEXT, true, true },
	{ "chroot", SYS_chroot, { P }, TEXT, true, true },
	{ "umount2", SYS_umount2, { P, 0 }, TEXT, true, true },
	{ "getdents", SYS_getdents, { FOLDER, P, 400 }, OUT, true, true },
	{ "getxattr", SYS_getxattr, { P, NAME, SPACE, 8 }, TEXT, true, true },
	{ "getxattr, name", SYS_getxattr, { PATH, P, SPACE, 8 }, IN, true, true },
	{ "lgetxattr", SYS_lgetxattr, { P, NAME, SPACE, 8 }, TEXT, true, true },
	{ "fgetxattr, name", SYS_fgetxattr, { FOLDER, P, SPACE, 8 }, IN, true, true },
	{ "setxattr", SYS_setxattr, { P, NAME, SPACE, 8, 0 }, TEXT, true, true },
	{ "setxattr, name", SYS_setxattr, { PATH, P, SPACE, 8, 0 }, IN, true, true },
	{ "setxattr, value", SYS_setxattr, { PATH, NAME, P, 8, 0 }, IN, true, true },
	{ "lsetxattr", SYS_lsetxattr, { P, NAME, SPACE, 8, 0 }, TEXT, true, true },
	{ "fsetxattr, name", SYS_fsetxattr, { ZERO, P, SPACE, 8, 0 }, IN, true, true },
	{ "listxattr", SYS_listxattr, { P, SPACE, 8 }, TEXT, true, true },
	{ "llistxattr", SYS_llistxattr, { P, SPACE, 8 }, TEXT, true, true },
	{ "removexattr", SYS_removexattr, { P, NAME }, TEXT, true, true },
	{ "removexattr, name", SYS_removexattr, { PATH, P }, IN, true, true },
	{ "lremovexattr", SYS_lremovexattr, { P, NAME }, TEXT, true, true },
	{ "fremovexattr, name", SYS_fremovexattr, { ZERO, P }, IN, true, true },
};

int main(void)
{
	prepare();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	return done();
}
