/*
 * sh.h -- a small shell, to use and to learn fork, exec, pipe, dup2 and wait from.
 *
 * A line goes through the files in this order:
 *
 *	input.c    characters of the terminal, a script or sh -c
 *	lexer.c    characters to tokens: words, as typed, and operators
 *	parser.c   tokens to a tree of struct node
 *	execute.c  the tree is run: fork, pipes, redirections, exec
 *	expand.c   a command's words, when it is run: $NAME, quotes, splitting
 *	pattern.c  file names for * and ?
 *	jobs.c     processes: groups, the terminal, waiting, what runs in the background
 *	builtin.c  the commands that must change the shell itself
 *
 * It knows the part of the POSIX shell that everyday lines and scripts use. It has no functions,
 * arithmetic, here-documents, case, aliases, line editing, and no stopped jobs.
 */
#ifndef SH_H
#define SH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* memory.c: what a line needs is allocated piece by piece and released at once when it has run. */
struct arena_block;

void *allocate(size_t size); /* ends the shell when there is no memory */
char *copy_text(const char *text, size_t length);
struct arena_block *arena_mark(void);
void arena_release(struct arena_block *mark); /* frees what was allocated since `mark` */

struct buffer {
	char *data; /* not a string before buffer_text() */
	size_t length, size;
};

void buffer_add(struct buffer *buffer, char character);
void buffer_add_text(struct buffer *buffer, const char *text);
char *buffer_text(struct buffer *buffer);

/* input.c: the characters to be read, END_OF_INPUT after the last. */
enum { END_OF_INPUT = -1 };

void input_from_text(const char *text);
void input_from_fd(int fd, bool prompts);
void input_new_command(void); /* the next line gets the first prompt */
bool input_interrupted(void); /* ^C ended the command early */
void input_drop_line(void);
int input_peek(void);
int input_get(void);

/* lexer.c */
enum token_kind {
	TOKEN_END,
	TOKEN_NEWLINE,
	TOKEN_WORD,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_PIPE,
	TOKEN_SEMICOLON,
	TOKEN_BACKGROUND,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_REDIRECTION,
};

enum redirection_kind { REDIRECT_READ, REDIRECT_WRITE, REDIRECT_APPEND, REDIRECT_DUPLICATE };

struct token {
	enum token_kind kind;
	const char *text; /* TOKEN_WORD: as typed, quotes and all */
	int fd;           /* TOKEN_REDIRECTION: what is redirected, and how */
	enum redirection_kind redirection;
};

struct token lex(void);

/* parser.c: one kind of node for each row of the grammar. */
enum node_kind {
	NODE_SIMPLE, /* assignments, words */
	NODE_PIPE,   /* left | right, which may be a pipe again */
	NODE_AND,
	NODE_OR,         /* left && right, left || right */
	NODE_NOT,        /* ! left */
	NODE_SEQUENCE,   /* left; right */
	NODE_BACKGROUND, /* left & */
	NODE_SUBSHELL,   /* ( left ) */
	NODE_GROUP,      /* { left } */
	NODE_IF,         /* if left then right else otherwise */
	NODE_WHILE,      /* while left do right */
	NODE_FOR,        /* for name in words do right */
};

struct word {
	struct word *next;
	const char *text;
};

struct redirection {
	struct redirection *next;
	enum redirection_kind kind;
	int fd;
	const char *target; /* a file, or for REDIRECT_DUPLICATE a descriptor */
};

struct node {
	enum node_kind kind;
	struct node *left, *right, *otherwise;
	const char *name;
	struct word *assignments, *words;
	struct redirection *redirections;
};

/*
 * The tree of the next line, or lines where one is not complete; NULL for an empty one. Sets *end
 * at the end of the input, *wrong after a complaint about the syntax or ^C.
 */
struct node *parse(bool *end, bool *wrong);

/* expand.c */
char **expand_words(const struct word *list); /* ends with NULL */
char *expand_text(const char *text);          /* one word: no splitting, no * and ? */

/* pattern.c: the paths that match, sorted. */
struct matches {
	char **paths;
	size_t count, size;
};

struct matches find_matches(const char *pattern);

/*
 * execute.c: run a tree and return its status. With `last` the process has nothing to do
 * afterwards, so that a program may take its place.
 */
int run(const struct node *node, bool last);
int run_input(bool interactive);      /* all of it; returns the last status */
char *output_of(const char *command); /* $(command) */

extern int last_status;     /* $? */
extern int leave_loops;     /* loops that break has still to leave */
void abandon_line(void);    /* on ^C: leave all of it */
extern bool loop_continues; /* the last of them starts its next round */

/* jobs.c */
enum { INTERRUPTED = 128 + 2 }; /* the status of what SIGINT ended */

extern bool job_control;
extern pid_t last_background; /* $! */

void jobs_start(void); /* at a terminal: take it and its signals */
/*
 * fork. With job control the child is moved into process group `group`, or its own if that is 0,
 * which gets the terminal if `foreground` is set; signals are as programs expect them.
 */
pid_t fork_child(pid_t group, bool foreground);
int wait_child(pid_t pid);        /* returns the status as $? has it */
bool take_interrupt(void);        /* is there a ^C for the shell itself? */
int foreground_ended(int status); /* takes the terminal back; the status */
void job_add(pid_t pid);
void jobs_report(void); /* those that have ended */
void jobs_list(void);
int jobs_wait(void);

/* builtin.c: NULL if there is none of this name. */
typedef int builtin(char **words);
builtin *find_builtin(const char *name);

/* variables.c */
extern char **parameters; /* $0, $1 ... and NULL */

void import_variables(char **environment);
const char *variable(const char *name); /* NULL if it is not set */
void set_variable(const char *name, const char *value);
void assign(const char *assignment, bool exported); /* NAME=VALUE, to be expanded */
void export_variable(const char *name);
void unset_variable(const char *name);
char **exported_variables(void);
size_t name_length(const char *text); /* of the name that starts `text`, or 0 */

#endif
