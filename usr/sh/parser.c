/*
 * Tokens to a tree, by recursive descent: one function for each rule of the grammar.
 *
 *	list      and_or { ( ; | & | newline ) and_or }
 *	and_or    pipeline { ( && | || ) pipeline }
 *	pipeline  [ ! ] command { "|" command }
 *	command   compound { redirection }  or  { assignment } { word } with redirections anywhere
 *	compound  ( list )   { list; }   if list; then list; [ elif ... ] [ else list; ] fi
 *	          while list; do list; done   until ...   for name [ in words ]; do list; done
 *
 * A token is looked at only when it is needed, so that a complete line is run before the next is
 * asked for. After an error every token is the end, which leads out of all functions.
 */
#include "sh.h"
#include <string.h>
#include <usr.h>

static struct token token;
static bool have_token, failed;

static struct node *parse_list(bool one_line);

static const struct token *peek(void)
{
	if (!have_token)
		token = failed ? (struct token){ .kind = TOKEN_END } : lex();
	have_token = true;
	return &token;
}

static bool accept(enum token_kind kind)
{
	if (peek()->kind != kind)
		return false;
	have_token = false;
	return true;
}

static bool is_word(const char *text)
{
	return peek()->kind == TOKEN_WORD && strcmp(token.text, text) == 0;
}

static bool accept_word(const char *text)
{
	return is_word(text) && accept(TOKEN_WORD);
}

static void fail(const char *expected)
{
	if (!failed && !input_interrupted())
		complain(0, "syntax error: %s expected", expected);
	failed = true;
	have_token = false;
}

static void expect_word(const char *text)
{
	if (!accept_word(text))
		fail(text);
}

static const char *take_word(const char *what)
{
	const char *text = peek()->text;

	if (accept(TOKEN_WORD))
		return text;
	fail(what);
	return "";
}

static void skip_newlines(void)
{
	while (accept(TOKEN_NEWLINE))
		;
}

static struct node *new_node(enum node_kind kind, struct node *left, struct node *right)
{
	struct node *node = allocate(sizeof(*node));

	node->kind = kind;
	node->left = left;
	node->right = right;
	return node;
}

static struct word **add_word(struct word **end, const char *text)
{
	*end = allocate(sizeof(**end));
	(*end)->text = text;
	return &(*end)->next;
}

static struct redirection **parse_redirection(struct redirection **end)
{
	struct redirection *redirection = allocate(sizeof(*redirection));

	redirection->kind = token.redirection;
	redirection->fd = token.fd;
	accept(TOKEN_REDIRECTION);
	redirection->target = take_word("a file");
	*end = redirection;
	return &redirection->next;
}

static struct node *parse_simple(void)
{
	struct node *node = new_node(NODE_SIMPLE, NULL, NULL);
	struct word **assignments = &node->assignments, **words = &node->words;
	struct redirection **redirections = &node->redirections;

	for (;;) {
		if (peek()->kind == TOKEN_REDIRECTION) {
			redirections = parse_redirection(redirections);
		} else if (peek()->kind == TOKEN_WORD) {
			size_t name = name_length(token.text);

			if (!node->words && name > 0 && token.text[name] == '=')
				assignments = add_word(assignments, take_word("a word"));
			else
				words = add_word(words, take_word("a word"));
		} else {
			break;
		}
	}
	if (!node->words && !node->assignments && !node->redirections)
		fail("a command");
	return node;
}

/* A list inside a compound command must not be empty. */
static struct node *parse_body(void)
{
	struct node *list = parse_list(false);

	if (!list)
		fail("a command");
	return list;
}

static struct node *parse_if(void)
{
	struct node *node = new_node(NODE_IF, parse_body(), NULL);

	expect_word("then");
	node->right = parse_body();
	if (accept_word("elif")) {
		node->otherwise = parse_if(); /* its fi is ours too */
		return node;
	}
	if (accept_word("else"))
		node->otherwise = parse_body();
	expect_word("fi");
	return node;
}

static struct node *parse_do(struct node *loop)
{
	expect_word("do");
	loop->right = parse_body();
	expect_word("done");
	return loop;
}

static struct node *parse_for(void)
{
	struct node *node = new_node(NODE_FOR, NULL, NULL);
	struct word **words = &node->words;

	node->name = take_word("a name");
	skip_newlines();
	if (accept_word("in")) {
		while (peek()->kind == TOKEN_WORD)
			words = add_word(words, take_word("a word"));
	} else {
		add_word(words, "\"$@\"");
	}
	accept(TOKEN_SEMICOLON);
	skip_newlines();
	return parse_do(node);
}

static struct node *parse_command(void)
{
	struct redirection **redirections;
	struct node *node;

	if (accept(TOKEN_OPEN)) {
		node = new_node(NODE_SUBSHELL, parse_body(), NULL);
		if (!accept(TOKEN_CLOSE))
			fail(")");
	} else if (accept_word("{")) {
		node = new_node(NODE_GROUP, parse_body(), NULL);
		expect_word("}");
	} else if (accept_word("if")) {
		node = parse_if();
	} else if (accept_word("while")) {
		node = parse_do(new_node(NODE_WHILE, parse_body(), NULL));
	} else if (accept_word("until")) {
		node = new_node(NODE_NOT, parse_body(), NULL);
		node = parse_do(new_node(NODE_WHILE, node, NULL));
	} else if (accept_word("for")) {
		node = parse_for();
	} else {
		return parse_simple();
	}
	redirections = &node->redirections;
	while (peek()->kind == TOKEN_REDIRECTION)
		redirections = parse_redirection(redirections);
	return node;
}

static struct node *parse_pipes(void)
{
	struct node *node = parse_command();

	if (!accept(TOKEN_PIPE))
		return node;
	skip_newlines();
	return new_node(NODE_PIPE, node, parse_pipes());
}

static struct node *parse_pipeline(void)
{
	if (accept_word("!"))
		return new_node(NODE_NOT, parse_pipes(), NULL);
	return parse_pipes();
}

static struct node *parse_and_or(void)
{
	struct node *node = parse_pipeline();

	for (;;) {
		enum node_kind kind = peek()->kind == TOKEN_AND ? NODE_AND : NODE_OR;

		if (!accept(TOKEN_AND) && !accept(TOKEN_OR))
			return node;
		skip_newlines();
		node = new_node(kind, node, parse_pipeline());
	}
}

static bool at_list_end(void)
{
	static const char *const ends[] = { "then", "elif", "else", "fi", "do", "done", "}" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (is_word(ends[i]))
			return true;
	}
	return token.kind == TOKEN_END || token.kind == TOKEN_CLOSE;
}

static struct node *parse_list(bool one_line)
{
	struct node *node, *rest;
	bool more = true;

	if (!one_line)
		skip_newlines();
	if (peek()->kind == TOKEN_NEWLINE || at_list_end())
		return NULL;
	node = parse_and_or();
	if (accept(TOKEN_BACKGROUND))
		node = new_node(NODE_BACKGROUND, node, NULL);
	else if (!accept(TOKEN_SEMICOLON))
		more = !one_line && accept(TOKEN_NEWLINE);
	rest = more ? parse_list(one_line) : NULL;
	return rest ? new_node(NODE_SEQUENCE, node, rest) : node;
}

struct node *parse(bool *end, bool *wrong)
{
	struct node *node;

	failed = have_token = false;
	input_new_command();
	node = parse_list(true);
	*end = peek()->kind == TOKEN_END && !failed && !input_interrupted();
	if (peek()->kind != TOKEN_END && !accept(TOKEN_NEWLINE))
		fail("the end of the command");
	*wrong = failed || input_interrupted();
	return *wrong ? NULL : node;
}
