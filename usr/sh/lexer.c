/*
 * Characters to tokens.
 *
 * A word stays as it was typed: what its quotes and dollars mean is found out by expand.c when the
 * command is run. Here they only say where the word ends.
 */
#include "sh.h"
#include <ctype.h>
#include <string.h>
#include <usr.h>

static struct token token_of(enum token_kind kind)
{
	return (struct token){ .kind = kind };
}

static bool next_is(int character)
{
	if (input_peek() != character)
		return false;
	input_get();
	return true;
}

static void skip_blanks(void)
{
	for (;;) {
		if (input_peek() == '#') {
			while (input_peek() != '\n' && input_peek() != END_OF_INPUT)
				input_get();
		}
		if (input_peek() != ' ' && input_peek() != '\t')
			return;
		input_get();
	}
}

/* Copy up to and with `end`, which a backslash protects unless quotes are single. */
static void lex_quoted(struct buffer *word, char end)
{
	int character;

	do {
		character = input_get();
		if (character == END_OF_INPUT)
			return;
		buffer_add(word, (char)character);
		if (character == '\\' && end != '\'' && input_peek() != END_OF_INPUT)
			buffer_add(word, (char)input_get());
		else if (character == '(' && end == ')')
			lex_quoted(word, ')');
		else if (end == ')' && (character == '\'' || character == '"'))
			lex_quoted(word, (char)character);
	} while (character != end);
}

static struct token lex_word(struct buffer *word)
{
	while (input_peek() != END_OF_INPUT && !strchr(" \t\n;&|<>()", input_peek())) {
		int character = input_get();

		if (character == '\\' && next_is('\n'))
			continue; /* the word goes on in the next line */
		buffer_add(word, (char)character);
		if (character == '\\' && input_peek() != END_OF_INPUT)
			buffer_add(word, (char)input_get());
		else if (character == '\'' || character == '"')
			lex_quoted(word, (char)character);
		else if (character == '$' && input_peek() == '{')
			lex_quoted(word, '}');
		else if (character == '$' && next_is('(')) {
			buffer_add(word, '(');
			lex_quoted(word, ')');
		}
	}
	return (struct token){ .kind = TOKEN_WORD, .text = buffer_text(word) };
}

static struct token lex_redirection(int fd)
{
	struct token token = { .kind = TOKEN_REDIRECTION, .fd = fd };

	if (input_get() == '<') {
		token.fd = fd < 0 ? 0 : fd;
		token.redirection = next_is('&') ? REDIRECT_DUPLICATE : REDIRECT_READ;
	} else {
		token.fd = fd < 0 ? 1 : fd;
		token.redirection = next_is('>')   ? REDIRECT_APPEND
				    : next_is('&') ? REDIRECT_DUPLICATE
						   : REDIRECT_WRITE;
	}
	return token;
}

struct token lex(void)
{
	struct buffer word = { NULL, 0, 0 };
	int character;

	skip_blanks();
	character = input_peek();
	if (character == '<' || character == '>')
		return lex_redirection(-1);
	if (character == END_OF_INPUT)
		return token_of(TOKEN_END);
	if (isdigit(character)) {
		buffer_add(&word, (char)input_get());
		if (input_peek() == '<' || input_peek() == '>')
			return lex_redirection(character - '0');
	}
	if (word.length > 0 || !strchr("\n;&|()", character))
		return lex_word(&word);
	switch (input_get()) {
	case '\n':
		return token_of(TOKEN_NEWLINE);
	case ';':
		return token_of(TOKEN_SEMICOLON);
	case '(':
		return token_of(TOKEN_OPEN);
	case ')':
		return token_of(TOKEN_CLOSE);
	case '&':
		return token_of(next_is('&') ? TOKEN_AND : TOKEN_BACKGROUND);
	default:
		return token_of(next_is('|') ? TOKEN_OR : TOKEN_PIPE);
	}
}
