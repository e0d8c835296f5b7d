/*
 * sleep SECONDS: wait. The number may have a fraction, such as 0.25.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <usr.h>

static bool parse_seconds(char *text, struct timespec *time)
{
	char *point = strchr(text, '.');
	long weight = 100000000;
	long seconds = 0;

	time->tv_nsec = 0;
	if (point) {
		*point = '\0';
		for (const char *digit = point + 1; *digit; digit++, weight /= 10) {
			if (*digit < '0' || *digit > '9')
				return false;
			time->tv_nsec += (*digit - '0') * weight;
		}
	}
	if (!(point && point == text) && !parse_number(text, 0, LONG_MAX, &seconds))
		return false;
	time->tv_sec = seconds;
	return true;
}

int main(int argc, char **argv)
{
	struct timespec left;

	if (argc != 2 || !parse_seconds(argv[1], &left))
		return complain(0, "usage: sleep SECONDS");
	while (nanosleep(&left, &left)) {
		if (errno != EINTR)
			return complain(errno, "sleep");
	}
	return 0;
}
