/*
 * litter: a test that passes and leaves a file of its own behind each time, to see testrun tell of
 * the memory that is gone.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	static const char bytes[4 * 4096];
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "/tmp/litter-%d", (int)getpid());
	fd = open(name, O_CREAT | O_WRONLY, 0644);

	printf("TAP version 13\n%s 1 - writes a file\n1..1\n",
	       write(fd, bytes, sizeof(bytes)) == sizeof(bytes) ? "ok" : "not ok");
	return 0;
}
