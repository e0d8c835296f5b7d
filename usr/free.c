/*
 * free: how much memory there is, in KiB, from /proc/meminfo.
 */
#include <usr.h>

int main(void)
{
	long total = meminfo_kib("MemTotal");
	long unused = meminfo_kib("MemFree");
	long available = meminfo_kib("MemAvailable");

	if (total < 0 || unused < 0)
		return complain(0, "/proc/meminfo does not say");
	print("%12s %12s %12s %12s\n", "total", "used", "free", "available");
	print("%12ld %12ld %12ld %12ld\n", total, total - unused, unused,
	      available < 0 ? unused : available);
	return 0;
}
