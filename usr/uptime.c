/*
 * uptime: how long the machine has run, and how many processes there are.
 */
#include <errno.h>
#include <sys/sysinfo.h>
#include <usr.h>

int main(void)
{
	struct sysinfo info;
	long seconds;

	if (sysinfo(&info))
		return complain(errno, "sysinfo");
	seconds = info.uptime;
	print("up ");
	if (seconds >= 86400)
		print("%ld days ", seconds / 86400);
	print("%ld:%02ld:%02ld, %u processes\n", seconds / 3600 % 24, seconds / 60 % 60,
	      seconds % 60, info.procs);
	return 0;
}
