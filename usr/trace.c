/*
 * trace [-b KIB] [-e EVENTS] COMMAND [ARGUMENT...]: run a command and print what the kernel did
 * meanwhile, to whom and when. trace -l lists the events.
 *
 * EVENTS is a list of events or of their beginnings, `switch,wake,fork`; all are recorded without
 * it. The buffer has KIB (1024 by default); what came when it was full is said to be lost. A line
 * an event, with microseconds since the start, the process that ran and its name:
 *
 *	trace-start: cpu=0 hz=1000000000
 *	event:     1042.871 12:sh fork 13:sh
 *	event:     1077.310 12:sh switch_blocked 13:sh
 *	event:     1293.004 13:sh exec sleep
 *	trace-end:     1300.000 events=3 lost=0
 *
 * The kernel has to be built with CONFIG_TRACE. The status is the command's.
 */
#include <errno.h>
#include <facet/trace_record.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <usr.h>

#define PATH "/proc/facet/trace"

enum { AT_ONCE = 256 };

static const struct {
	const char *name, *what;
	enum trace_argument argument;
} events[TRACE_KINDS] = {
#define TRACE_EVENT(name, argument, what) [TRACE_##name] = { #name, what, argument },
#include <facet/trace.def>
#undef TRACE_EVENT
};

/* The names of processes, by pid, as far as they are known; `kind` stays 0 and ends a long one. */
static struct trace_text *names;
static uint64_t name_count;
static struct trace_header header;

static const char *name_of(uint64_t pid)
{
	if (pid == 0)
		return "idle";
	return pid < name_count && names[pid].text[0] ? names[pid].text : "?";
}

static void set_name(uint64_t pid, const char name[TRACE_TEXT_SIZE])
{
	if (pid >= name_count) {
		uint64_t count = pid * 2 + 64;
		struct trace_text *more = realloc(names, count * sizeof(*names));

		if (!more)
			return;
		memset(more + name_count, 0, (count - name_count) * sizeof(*names));
		names = more;
		name_count = count;
	}
	memcpy(names[pid].text, name, TRACE_TEXT_SIZE);
}

/* A line's beginning: microseconds, to the nanosecond. */
static void print_event(const char *keyword, uint64_t cycles, const char *rest)
{
	uint64_t since = cycles - header.started;
	uint64_t ns = (uint64_t)((unsigned __int128)since * 1000000000 / header.hz);

	print("%s: %8lu.%03lu %s\n", keyword, (unsigned long)(ns / 1000),
	      (unsigned long)(ns % 1000), rest);
}

/* A text is one word of a line. */
static void take_text(char words[TRACE_TEXT_SIZE + 1], const struct trace_text *text)
{
	for (int i = 0; i < TRACE_TEXT_SIZE && text->text[i]; i++)
		words[i] = text->text[i] > ' ' && text->text[i] < 127 ? text->text[i] : '_';
}

static void print_record(struct trace_record record, const struct trace_text *text)
{
	uint64_t pid = record.event >> TRACE_PID_SHIFT & 0xfffff;
	uint64_t argument = record.event & TRACE_ARGUMENT_MASK;
	unsigned kind = (unsigned)(record.event >> TRACE_KIND_SHIFT);
	char rest[128], argument_text[48], words[TRACE_TEXT_SIZE + 1] = "";

	if (events[kind].argument == TRACE_TEXT)
		take_text(words, text);
	if (kind == TRACE_fork)
		strcpy(words, name_of(pid));
	if (kind == TRACE_fork || kind == TRACE_exec || kind == TRACE_process)
		set_name(kind == TRACE_fork ? argument : pid, words);
	switch (events[kind].argument) {
	case TRACE_PID:
		snprintf(argument_text, sizeof(argument_text), "%lu:%s", (unsigned long)argument,
			 name_of(argument));
		break;
	case TRACE_RESULT: /* its sign is the highest of its bits */
		snprintf(argument_text, sizeof(argument_text), "%ld",
			 (long)(argument << (64 - TRACE_PID_SHIFT)) >> (64 - TRACE_PID_SHIFT));
		break;
	case TRACE_TEXT:
		snprintf(argument_text, sizeof(argument_text), "%s", words);
		break;
	default:
		snprintf(argument_text, sizeof(argument_text), "%lu", (unsigned long)argument);
	}
	snprintf(rest, sizeof(rest), "%lu:%s %s %s", (unsigned long)pid, name_of(pid),
		 events[kind].name, argument_text);
	print_event("event", record.cycles, rest);
}

/* A record that has a text is printed when that is there as well. Returns events, or -1. */
static long print_records(int fd)
{
	static struct trace_record records[AT_ONCE];
	size_t held = 0;
	long printed = 0;
	ssize_t size;

	while ((size = read(fd, records + held, sizeof(records) - held * sizeof(*records))) > 0) {
		size_t count = held + (size_t)size / sizeof(*records), at = 0;

		while (at < count) {
			unsigned kind = (unsigned)(records[at].event >> TRACE_KIND_SHIFT);
			size_t wanted = events[kind].argument == TRACE_TEXT ? 2 : 1;

			if (count - at < wanted)
				break;
			print_record(records[at], (const struct trace_text *)&records[at + 1]);
			at += wanted;
			printed++;
		}
		held = count - at;
		if (held)
			records[0] = records[at];
	}
	return size == 0 ? printed : -1;
}

static bool print_trace(int fd)
{
	char rest[64];
	long printed;

	if (read(fd, &header, sizeof(header)) != sizeof(header))
		return false;
	print("trace-start: cpu=%u hz=%lu\n", header.cpu, (unsigned long)header.hz);
	printed = print_records(fd);
	snprintf(rest, sizeof(rest), "events=%ld lost=%lu", printed, (unsigned long)header.lost);
	print_event("trace-end", header.stopped, rest);
	return printed >= 0;
}

/* The bits of all events that begin so, of a list with commas. 0: one of them begins none. */
static uint64_t kinds_of(const char *list)
{
	uint64_t kinds = 0;

	for (;; list++) {
		size_t length = strcspn(list, ",");
		uint64_t found = 0;

		for (unsigned kind = 1; kind < TRACE_KINDS; kind++)
			if (strncmp(events[kind].name, list, length) == 0)
				found |= UINT64_C(1) << kind;
		if (!length || !found)
			return 0;
		kinds |= found;
		list += length;
		if (!*list)
			return kinds;
	}
}

static int list_events(void)
{
	for (unsigned kind = 1; kind < TRACE_KINDS; kind++)
		print("%-18s %s\n", events[kind].name, events[kind].what);
	return 0;
}

/* Run it. Returns its status as a shell has it; what the terminal sends is for the command. */
static int run(char **command)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(command[0], command);
		complain(errno, "%s", command[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0)
		return complain(errno, "fork");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int trace(char **command, long kib, uint64_t kinds)
{
	int fd = open(PATH, O_RDWR | O_CLOEXEC), status;

	if (fd < 0 && errno == ENOENT)
		return complain(0, "this kernel has no event trace: build it with CONFIG_TRACE=y");
	if (fd < 0)
		return complain(errno, PATH);
	if (!print_to(fd, "start %ld %#lx\n", kib * 1024, (unsigned long)kinds))
		return complain(errno, "a buffer of %ld KiB", kib);
	status = run(command);
	print_to(fd, "stop\n");
	lseek(fd, 0, SEEK_SET);
	if (!print_trace(fd))
		status = complain(errno, PATH);
	print_to(fd, "clear\n");
	return status;
}

/* The value of an option, which may stand in a word of its own. */
static char *value_of(char **argv, int *index)
{
	return argv[*index][2] ? argv[*index] + 2 : argv[*index + 1] ? argv[++*index] : "";
}

int main(int argc, char **argv)
{
	uint64_t kinds = ~UINT64_C(0);
	long kib = 1024;
	int index = 1;

	for (; index < argc && argv[index][0] == '-'; index++) {
		char letter = argv[index][1];
		const char *value;

		if (letter == 'l')
			return list_events();
		if (letter != 'b' && letter != 'e')
			return complain(0, "use: trace [-b KIB] [-e EVENTS] COMMAND...");
		value = value_of(argv, &index);
		if (letter == 'b' && !parse_number(value, 4, 4096, &kib))
			return complain(0, "%s is not a number of KiB from 4 to 4096", value);
		if (letter == 'e' && !(kinds = kinds_of(value)))
			return complain(0, "%s: trace -l lists what there is", value);
	}
	if (index == argc)
		return complain(0, "a command is missing");
	return trace(argv + index, kib, kinds);
}
