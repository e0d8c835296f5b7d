/*
 * Running a tree: this is where fork, exec, pipe, dup2 and wait are used.
 *
 * A command that must not change the shell runs in a child: every program, every part of a
 * pipeline, ( ), $( ) and what & puts in the background. A child is told by `last` that it need not
 * come back, and becomes the program by exec without another fork.
 */
#define _GNU_SOURCE
#include "sh.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127, SYNTAX_ERROR = 2, FIRST_SAVED_FD = 10 };

int last_status;
int leave_loops;
bool loop_continues;

/* A descriptor that a redirection replaced, and where its file is kept meanwhile. */
struct saved {
	struct saved *next;
	int fd, copy; /* copy is -1 if the descriptor was closed */
};

static int open_target(const struct redirection *redirection, const char *target)
{
	long number;

	switch (redirection->kind) {
	case REDIRECT_READ:
		return open(target, O_RDONLY | O_CLOEXEC);
	case REDIRECT_WRITE:
		return open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	case REDIRECT_APPEND:
		return open(target, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	default:
		if (parse_number(target, 0, 255, &number))
			return fcntl((int)number, F_DUPFD_CLOEXEC, FIRST_SAVED_FD);
		errno = EBADF;
		return -1;
	}
}

static void save(int fd, struct saved **saved)
{
	struct saved *keep = allocate(sizeof(*keep));

	keep->next = *saved;
	keep->fd = fd;
	keep->copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_SAVED_FD);
	*saved = keep;
}

/* Redirect, in order. Unless `saved` is NULL, keep there what restore() needs to undo it. */
static bool redirect(const struct redirection *list, struct saved **saved)
{
	for (; list; list = list->next) {
		const char *target = expand_text(list->target);
		bool closing = list->kind == REDIRECT_DUPLICATE && strcmp(target, "-") == 0;
		int fd = -1;

		if (saved)
			save(list->fd, saved);
		if (!closing)
			fd = open_target(list, target);
		if (closing) {
			close(list->fd);
		} else if (fd < 0) {
			complain(errno, "%s", target);
			return false;
		} else if (fd == list->fd) {
			fcntl(fd, F_SETFD, 0); /* programs shall have it */
		} else {
			dup2(fd, list->fd);
			close(fd);
		}
	}
	return true;
}

static void restore(const struct saved *saved)
{
	for (; saved; saved = saved->next) {
		if (saved->copy >= 0)
			dup2(saved->copy, saved->fd);
		else
			close(saved->fd);
		close(saved->copy);
	}
}

/* Become the program at `path`; a text without #! is taken for a script. Returns if it cannot. */
static void execute_path(const char *path, char **words, char **environment)
{
	size_t count = 1;
	char **script;

	execve(path, words, environment);
	if (errno != ENOEXEC)
		return;
	while (words[count - 1])
		count++;
	script = allocate((count + 1) * sizeof(script[0]));
	memcpy(script + 1, words, count * sizeof(script[0]));
	script[0] = "sh";
	script[1] = (char *)path;
	execve("/bin/sh", script, environment);
	errno = ENOEXEC;
}

/* Become the program words[0], looked for along PATH. Returns a status if it cannot. */
static int execute(char **words)
{
	char **environment = exported_variables();
	const char *path = variable("PATH");
	int error = ENOENT;

	if (strchr(words[0], '/')) {
		execute_path(words[0], words, environment);
		error = errno;
		path = NULL;
	}
	while (path && *path) {
		size_t length = strcspn(path, ":");
		struct buffer name = { NULL, 0, 0 };

		buffer_add_text(&name, length ? copy_text(path, length) : ".");
		buffer_add(&name, '/');
		buffer_add_text(&name, words[0]);
		execute_path(buffer_text(&name), words, environment);
		if (errno != ENOENT && errno != ENOTDIR)
			error = errno;
		path += length + (path[length] == ':');
	}
	complain(error == ENOENT ? 0 : error, error == ENOENT ? "%s: not found" : "%s", words[0]);
	return error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
}

static int run_builtin(builtin *function, char **words, const struct redirection *redirections)
{
	struct saved *saved = NULL;
	int status = redirect(redirections, &saved) ? function(words) : 1;

	restore(saved);
	return status;
}

static int run_simple(const struct node *node, bool last)
{
	int before = last_status;
	struct saved *saved = NULL;
	char **words = expand_words(node->words);
	builtin *function;
	pid_t pid;

	if (words[0] && strcmp(words[0], "exec") == 0 && words[1]) {
		words++;
		last = true;
	}
	function = words[0] ? find_builtin(words[0]) : NULL;
	if (!words[0] || function) {
		if (!words[0])
			last_status = 0; /* unless a $(command) below sets it */
		for (const struct word *word = node->assignments; word; word = word->next)
			assign(word->text, false);
		if (function) {
			last_status = before;
			return run_builtin(function, words, node->redirections);
		}
		if (!redirect(node->redirections, &saved))
			last_status = 1;
		restore(saved);
		return last_status;
	}
	pid = last ? 0 : fork_child(0, true);
	if (pid == 0) {
		for (const struct word *word = node->assignments; word; word = word->next)
			assign(word->text, true);
		_exit(redirect(node->redirections, NULL) ? execute(words) : 1);
	}
	return pid < 0 ? 1 : foreground_ended(wait_child(pid));
}

/*
 * Start one part of a pipeline, between the pipe ends `in` and `out`, each -1 at the pipeline's own
 * end. `unused` is the reading end of the next pipe: were it left open here, the writer would never
 * learn that its reader has gone.
 */
static pid_t start_part(const struct node *node, pid_t group, int in, int out, int unused)
{
	pid_t pid = fork_child(group, true);

	if (pid != 0)
		return pid;
	if (in >= 0) {
		dup2(in, STDIN_FILENO);
		close(in);
	}
	if (out >= 0) {
		dup2(out, STDOUT_FILENO);
		close(out);
		close(unused);
	}
	_exit(run(node, true));
}

/*
 * Start every part before waiting for any: they run side by side. The first one's pid names the
 * process group. The shell must close its ends, or readers would wait for more from it.
 */
static int run_pipeline(const struct node *node, pid_t group, int in)
{
	bool more = node->kind == NODE_PIPE;
	int ends[2] = { -1, -1 };
	int status = 1, rest = 1;
	pid_t pid;

	if (more && pipe(ends)) {
		complain(errno, "pipe");
		close(in);
		return 1;
	}
	pid = start_part(more ? node->left : node, group, in, ends[1], ends[0]);
	if (in >= 0)
		close(in);
	if (more)
		close(ends[1]);
	if (pid < 0 && more)
		close(ends[0]);
	else if (more)
		rest = run_pipeline(node->right, group ? group : pid, ends[0]);
	if (pid > 0)
		status = wait_child(pid);
	if (!more)
		rest = status;
	if (group == 0)
		foreground_ended(rest);
	return rest;
}

static int run_child(const struct node *node, bool last)
{
	pid_t pid;

	if (last)
		return run(node, true);
	pid = fork_child(0, true);
	if (pid == 0)
		_exit(run(node, true));
	return pid < 0 ? 1 : foreground_ended(wait_child(pid));
}

static int run_background(const struct node *node)
{
	pid_t pid = fork_child(0, false);

	if (pid == 0)
		_exit(run(node, true));
	if (pid < 0)
		return 1;
	job_add(pid);
	return 0;
}

void abandon_line(void)
{
	leave_loops = INT_MAX;
	loop_continues = false;
	last_status = INTERRUPTED;
}

/* After a loop's body or condition: is the loop to be left? */
static bool loop_ends(void)
{
	if (take_interrupt())
		abandon_line();
	if (leave_loops == 0)
		return false;
	if (leave_loops < INT_MAX)
		leave_loops--;
	return leave_loops > 0 || !loop_continues;
}

static int run_while(const struct node *node)
{
	int status = 0;

	for (;;) {
		struct arena_block *mark = arena_mark();
		bool again = run(node->left, false) == 0 && leave_loops == 0;

		if (again)
			status = run(node->right, false);
		arena_release(mark);
		if (loop_ends() || !again)
			return status;
	}
}

static int run_for(const struct node *node)
{
	int status = 0;

	for (char **word = expand_words(node->words); *word; word++) {
		struct arena_block *mark = arena_mark();

		set_variable(node->name, *word);
		status = run(node->right, false);
		arena_release(mark);
		if (loop_ends())
			break;
	}
	return status;
}

static int run_kind(const struct node *node, bool last)
{
	int status;

	switch (node->kind) {
	case NODE_SIMPLE:
		return run_simple(node, last);
	case NODE_PIPE:
		return run_pipeline(node, 0, -1);
	case NODE_AND:
	case NODE_OR:
		status = run(node->left, false);
		if ((status == 0) == (node->kind == NODE_AND) && leave_loops == 0)
			status = run(node->right, false);
		return status;
	case NODE_NOT:
		return !run(node->left, false);
	case NODE_SEQUENCE:
		for (; node->kind == NODE_SEQUENCE && leave_loops == 0; node = node->right)
			run(node->left, false);
		return leave_loops == 0 ? run(node, false) : last_status;
	case NODE_BACKGROUND:
		return run_background(node->left);
	case NODE_SUBSHELL:
		return run_child(node->left, last);
	case NODE_GROUP:
		return run(node->left, false);
	case NODE_IF:
		if (run(node->left, false) == 0)
			return run(node->right, false);
		return node->otherwise && leave_loops == 0 ? run(node->otherwise, false) : 0;
	case NODE_WHILE:
		return run_while(node);
	default:
		return run_for(node);
	}
}

int run(const struct node *node, bool last)
{
	struct saved *saved = NULL;

	if (node->kind == NODE_SIMPLE || !node->redirections)
		last_status = run_kind(node, last);
	else if (redirect(node->redirections, &saved))
		last_status = run_kind(node, false);
	else
		last_status = 1;
	restore(saved);
	return last_status;
}

int run_input(bool interactive)
{
	bool end = false, wrong;

	while (!end) {
		struct arena_block *mark = arena_mark();
		const struct node *node;

		jobs_report();
		take_interrupt();
		leave_loops = 0;
		node = parse(&end, &wrong);
		if (wrong) {
			last_status = input_interrupted() ? INTERRUPTED : SYNTAX_ERROR;
			if (!interactive)
				return last_status;
			input_drop_line();
		} else if (node) {
			run(node, false);
			if (leave_loops == INT_MAX) {
				print_to(STDERR_FILENO, "\n");
				last_status = INTERRUPTED;
			}
		}
		arena_release(mark);
	}
	return last_status;
}

char *output_of(const char *command)
{
	struct buffer output = { NULL, 0, 0 };
	char data[512];
	ssize_t size;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC)) {
		complain(errno, "pipe");
		return NULL;
	}
	pid = fork_child(getpgrp(), true);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		input_from_text(command);
		_exit(run_input(false));
	}
	close(ends[1]);
	while ((size = read(ends[0], data, sizeof(data))) > 0) {
		for (ssize_t i = 0; i < size; i++)
			buffer_add(&output, data[i]);
	}
	close(ends[0]);
	if (pid > 0)
		last_status = wait_child(pid);
	buffer_text(&output);
	while (output.length > 0 && output.data[output.length - 1] == '\n')
		output.data[--output.length] = '\0';
	return output.data;
}
