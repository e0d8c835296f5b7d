/*
 * nice [-n STEP] [COMMAND [ARGUMENT...]]: run a command at a lower priority, or show one's own.
 *
 * Nice values go from -20 (most of the processor) to 19 (least); only root lowers them.
 */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <usr.h>

int main(int argc, char **argv)
{
	int first = 1;
	long step = 10;
	int value = getpriority(PRIO_PROCESS, 0);

	if (argc > 2 && strcmp(argv[1], "-n") == 0) {
		if (!parse_number(argv[2], -40, 40, &step))
			return complain(0, "%s is not a number from -40 to 40", argv[2]);
		first = 3;
	}
	if (first == argc)
		return print("%d\n", value) ? 0 : 1;
	value += (int)step;
	if (setpriority(PRIO_PROCESS, 0, value < -20 ? -20 : value > 19 ? 19 : value))
		complain(errno, "the priority stays as it is");
	execvp(argv[first], argv + first);
	complain(errno, "%s", argv[first]);
	return errno == ENOENT ? 127 : 126;
}
