/*
 * cat [FILE...]: copy files, or standard input, to standard output. "-" is standard input.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

static int cat(const char *path)
{
	int status = 0;
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY);

	if (fd < 0)
		return complain(errno, "%s", path);
	if (!copy_all(fd, STDOUT_FILENO))
		status = complain(errno, "%s", path);
	if (fd != STDIN_FILENO)
		close(fd);
	return status;
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc == 1)
		return cat("-");
	for (int i = 1; i < argc; i++)
		status |= cat(argv[i]);
	return status;
}
