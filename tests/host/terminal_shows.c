// What drivers/terminal.c shows after the bytes of the standard input: for tests that hold a
// machine's real screen against it.
//
//     terminal_shows ROWS COLUMNS     prints the cells row by row, then the cursor's row, its
//                                     column, and whether it is hidden: words of 32 bits
#include <stdio.h>
#include <stdlib.h>

#include "terminal.h"

static void put(uint32_t word)
{
	fwrite(&word, sizeof(word), 1, stdout);
}

int main(int count, char **words)
{
	static struct terminal t;
	unsigned rows, columns;
	int byte;

	if (count != 3)
		return 2;
	rows = (unsigned)atoi(words[1]);
	columns = (unsigned)atoi(words[2]);
	terminal_init(&t, malloc(TERMINAL_MEMORY(rows, columns)), rows, columns);
	while ((byte = getchar()) != EOF) {
		char piece = (char)byte;

		terminal_write(&t, &piece, 1);
		t.answer_size = 0;
	}
	for (unsigned row = 0; row < rows; row++)
		for (unsigned column = 0; column < columns; column++)
			put(terminal_cell(&t, row, column));
	put(t.cursor.row);
	put(t.cursor.column);
	put(t.hides_cursor);
	return ferror(stdout);
}
