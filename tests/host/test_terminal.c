// sources: drivers/terminal.c drivers/terminal_cells.c drivers/terminal_sequence.c lib/bitmap.c
// flags: -Idrivers
// What programs write, and what is then to be seen; and any bytes at all leave a terminal usable.
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#include "terminal.h"

static struct terminal t;
static void *memory;

/* On the heap, to the byte, so that ASan sees a cell too far. */
static void begin(unsigned rows, unsigned columns)
{
	free(memory);
	memory = malloc(TERMINAL_MEMORY(rows, columns));
	terminal_init(&t, memory, rows, columns);
}

static void send(const char *text)
{
	terminal_write(&t, text, strlen(text));
}

/* The rows, with / between them and without the blanks at their ends; other codes as {hex}. */
static const char *shown(void)
{
	static char text[20000];
	char *at = text, *end;

	for (unsigned row = 0; row < t.rows; row++) {
		if (row)
			*at++ = '/';
		end = at;
		for (unsigned column = 0; column < t.columns; column++) {
			uint32_t code = cell_code(terminal_cell(&t, row, column));

			if (code < 0x80)
				*at++ = (char)code;
			else
				at += sprintf(at, "{%x}", code);
			if (code != ' ')
				end = at;
		}
		at = end;
	}
	*at = '\0';
	return text;
}

static bool shows(const char *expected)
{
	if (strcmp(shown(), expected) == 0)
		return true;
	printf("# shown:    %s\n# expected: %s\n", shown(), expected);
	return false;
}

#define FOUR_ROWS "a\r\nb\r\nc\r\nd"

/* On a new screen of 4 rows and 10 columns. */
static bool gives(const char *text, const char *expected)
{
	begin(4, 10);
	send(text);
	return shows(expected);
}

static bool cursor_at(unsigned row, unsigned column)
{
	return t.cursor.row == row && t.cursor.column == column;
}

static bool looks(unsigned row, unsigned column, unsigned foreground, unsigned background)
{
	cell_t cell = terminal_cell(&t, row, column);

	return cell_foreground(cell) == foreground && cell_background(cell) == background;
}

static bool answers(const char *text)
{
	bool same = t.answer_size == strlen(text) && memcmp(t.answer, text, t.answer_size) == 0;

	t.answer_size = 0;
	return same;
}

TEST(text_wraps_only_when_more_comes)
{
	CHECK(gives("0123456789", "0123456789///"));
	CHECK(cursor_at(0, 9));
	send("a");
	CHECK(shows("0123456789/a//"));
	CHECK(gives("0123456789\r\nb", "0123456789/b//"));
	CHECK(gives("\033[?7l0123456789abc", "012345678c///"));
	CHECK(gives("0123456789\bx", "01234567x9///"));
}

TEST(lines_scroll)
{
	CHECK(gives(FOUR_ROWS "\r\ne", "b/c/d/e"));
	CHECK(gives("a\nb\vc\fd", "a/ b/  c/   d"));
	CHECK(gives("\033[20ha\nb", "a/b//"));
	CHECK(gives("\033[4;1Hx\033Dy", "//x/ y"));
	CHECK(gives("a\033Eb", "a/b//"));
	CHECK(gives("a\r\033Mb", "b/a//"));
}

TEST(region_scrolls_alone)
{
	CHECK(gives(FOUR_ROWS "\033[2;3r\033[3;1H\nX", "a/c/X/d"));
	CHECK(gives(FOUR_ROWS "\033[2;3r\033[2;1H\033MX", "a/X/b/d"));
	CHECK(gives(FOUR_ROWS "\033[2;4r\033[S", "a/c/d/"));
	CHECK(gives(FOUR_ROWS "\033[2;4r\033[2T", "a///b"));
	CHECK(gives(FOUR_ROWS "\033[2;3r\033[4;1H\nX", "a/b/c/X"));
	CHECK(gives(FOUR_ROWS "\033[3;2rX", "a/b/c/dX")); /* no region: nothing */
	CHECK(gives("\033[2;3r\033[?6h\033[9;1HX\033[1;1HY", "/Y/X/"));
}

TEST(rows_and_cells_come_and_go)
{
	CHECK(gives(FOUR_ROWS "\033[2;1H\033[L", "a//b/c"));
	CHECK(gives(FOUR_ROWS "\033[2;1H\033[2M", "a/d//"));
	CHECK(gives(FOUR_ROWS "\033[2;1H\033[99M", "a///"));
	CHECK(gives("abcdef\033[3G\033[2@", "ab  cdef///"));
	CHECK(gives("abcdef\033[3G\033[2P", "abef///"));
	CHECK(gives("abcdef\033[3G\033[99P", "ab///"));
	CHECK(gives("abcdef\033[3G\033[2X", "ab  ef///"));
	CHECK(gives("abcdef\033[3G\033[99X", "ab///"));
	CHECK(gives("abcdef\033[3G\033[4hxy\033[4lz", "abxyzdef///"));
	CHECK(gives("0123456789\033[1G\033[4hx", "x012345678///"));
}

TEST(erasing)
{
	CHECK(gives("abcdef\033[3G\033[K", "ab///"));
	CHECK(gives("abcdef\033[3G\033[1K", "   def///"));
	CHECK(gives("abcdef\033[2K", "///"));
	CHECK(gives("a\r\nbcd\r\ne\033[2;2H\033[J", "a/b//"));
	CHECK(gives("a\r\nbcd\r\ne\033[2;2H\033[1J", "/  d/e/"));
	CHECK(gives("a\r\nbcd\033[2J", "///"));
	begin(4, 10);
	send("\033[44m\033[2J");
	CHECK(looks(3, 9, 7, 4)); /* with the background that is set */
}

TEST(cursor_moves_and_stays_within)
{
	CHECK(gives("\033[3;4Hx\033[2Dy\033[Az\033[9Cw\033[99Bv", "/   z     w/  yx/         v"));
	CHECK(gives("\033[99;99Hx\033[Hy\033[99Az", "yz///         x"));
	CHECK(gives("\033[3dx\033[5Gy\033[2`z\033[ev", "//xz  y/  v"));
	CHECK(gives("abc\033[2Ex\033[Fy", "abc/y/x/"));
	CHECK(gives("ab\0337\033[4;4Hcd\0338e", "abe///   cd"));
	CHECK(gives("ab\033[s\033[4;4Hcd\033[ue", "abe///   cd"));
	CHECK(gives("\033[0;0Hx\033[;3Hy", "x y///"));
}

TEST(tabs)
{
	CHECK(gives("\tx\ty", "        xy///"));
	CHECK(gives("\033[3g\033[4G\033H\r\tx", "   x///"));
	CHECK(gives("\033[4G\033H\033[g\r\tx", "        x///"));
}

TEST(colours)
{
	begin(4, 10);
	send("a\033[31mb\033[1mc\033[42;7md\033[0me\033[97;104mf\033[39;49mg");
	CHECK(looks(0, 0, 7, 0));
	CHECK(looks(0, 1, 1, 0));
	CHECK(looks(0, 2, 9, 0));
	CHECK(looks(0, 3, 2, 9));
	CHECK(looks(0, 4, 7, 0));
	CHECK(looks(0, 5, 15, 12));
	CHECK(looks(0, 6, 7, 0));
	begin(4, 10);
	send("\033[4mu\033[24mn\033[?5h");
	CHECK(looks(3, 3, 0, 7)); /* the whole screen in exchange */
	CHECK(terminal_cell(&t, 0, 0) & CELL_UNDERLINED);
	CHECK(!(terminal_cell(&t, 0, 1) & CELL_UNDERLINED));
}

TEST(more_colours_than_there_are)
{
	begin(4, 10);
	send("\033[38;5;1ma\033[38;5;9mb\033[38;5;196;48;5;21mc\033[38;5;232md\033[38;5;250me"
	     "\033[38:5:4mf\033[0;38;2;255;255;0;48;2;0;200;0mg\033[38;5;240mh");
	CHECK(looks(0, 0, 1, 0));
	CHECK(looks(0, 1, 9, 0));
	CHECK(looks(0, 2, 9, 4));
	CHECK(looks(0, 3, 8, 4));
	CHECK(looks(0, 4, 15, 4));
	CHECK(looks(0, 5, 4, 4));
	CHECK(looks(0, 6, 11, 2));
	CHECK(looks(0, 7, 7, 2));
	begin(4, 10);
	send("\033[38;5ma\033[1;38mb"); /* cut off: as if it were not there */
	CHECK(looks(0, 0, 7, 0));
	CHECK(looks(0, 1, 15, 0));
}

TEST(utf8)
{
	CHECK(gives("\xc3\xa4\xe2\x94\x80\xf0\x9f\x98\x80x", "{e4}{2500}{1f600}x///"));
	CHECK(gives("\xff\xc3x\xe2\x94x\xc0\xaf", "{fffd}{fffd}x{fffd}x{fffd}{fffd}///"));
	CHECK(gives("\xe0\x80\xaf\xed\xa0\x80", "{fffd}{fffd}///")); /* too long; a surrogate */
	CHECK(gives("\xc3\r\xc3\x28", "{fffd}(///"));
	CHECK(gives("a\xcc\x88"
		    "b",
		    "ab///")); /* a mark upon the a */
}

TEST(line_drawing)
{
	CHECK(gives("\033)0\016lqk\017q", "{250c}{2500}{2510}q///"));
	CHECK(gives("\033(0q\033(Bq", "{2500}q///"));
}

TEST(answers_are_kept_for_the_keyboard)
{
	begin(4, 10);
	send("\033[c\033[5n");
	CHECK(answers("\033[?6c\033[0n"));
	send("\033[3;4H\033[6n");
	CHECK(answers("\033[3;4R"));
	send("\033Z");
	CHECK(answers("\033[?6c"));
	for (int i = 0; i < 100; i++)
		send("\033[6n");
	CHECK(t.answer_size <= sizeof(t.answer) && t.answer_size % 6 == 0);
}

TEST(what_is_not_understood_is_not_shown)
{
	CHECK(gives("\033[?25l\033[?1c\033[>4;2m\033[?2004h\033[ q\033[!px", "x///"));
	CHECK(gives("\033]0;title\007x\033]2;t\033\\y\033Pq#0\033\\z", "xyz///"));
	CHECK(gives("\033]P1ff0000x\033]Ry", "xy///"));
	CHECK(gives("\033%Gx\033=y\033>z\033[[Aw", "xyzw///"));
	CHECK(gives("\033[12\030x\033[3\033[2Cy", "x  y///"));
	CHECK(gives("\033[2\rCx", "  x///")); /* a control character within a sequence works */
	CHECK(t.hides_cursor == false);
	send("\033[?25l");
	CHECK(t.hides_cursor);
}

TEST(reset_forgets_everything)
{
	CHECK(gives("abc\033[2;3r\033[?6h\033[4h\033[31m\033(0\033[?25l\033cx", "x///"));
	CHECK(looks(0, 0, 7, 0) && t.bottom == 4 && !t.inserts && !t.hides_cursor);
	CHECK(gives("\033#8", "EEEEEEEEEE/EEEEEEEEEE/EEEEEEEEEE/EEEEEEEEEE"));
}

/* Whatever changed lies within the rows that say so. */
TEST(changes_are_marked)
{
	cell_t before[24 * 80];
	static const char *const pieces[] = {
		"x",       "\n",        "\033M",    "\033[L",    "\033[3M",    "\033[5@",
		"\033[2P", "\033[7X",   "\033[K",   "\033[1J",   "\033[3;20r", "\033[H",
		"\033D",   "\033[9;9H", "\033[4h",  "\033[?5h",  "\033c",      "\033#8",
		"\033[2S", "\033[T",    "\033[?5l", "\033[44mq", "\033[20;1H", "\t",
	};

	begin(24, 80);
	for (int i = 0; i < 20000; i++) {
		t.changed_first = t.rows;
		t.changed_end = 0;
		for (unsigned row = 0; row < 24; row++)
			for (unsigned column = 0; column < 80; column++)
				before[row * 80 + column] = terminal_cell(&t, row, column);
		send(pieces[tap_below(sizeof(pieces) / sizeof(*pieces))]);
		for (unsigned row = 0; row < 24; row++)
			for (unsigned column = 0; column < 80; column++)
				if (before[row * 80 + column] != terminal_cell(&t, row, column))
					CHECK(row >= t.changed_first && row < t.changed_end);
	}
}

/* Bytes that mean something come often enough to get far. */
static char random_byte(void)
{
	static const char usual[] = "\033\033\033[[[;;?0123456789ABCDHJKLMPSTX@hlmnrsu78c\n\r\t\b";

	return tap_below(4) ? usual[tap_below(sizeof(usual) - 1)] : (char)tap_random();
}

TEST(any_bytes_are_survived_on_any_size)
{
	static const unsigned sizes[][2] = { { 1, 1 }, { 1, 80 }, { 25, 1 }, { 3, 7 }, { 25, 80 } };

	for (size_t size = 0; size < sizeof(sizes) / sizeof(*sizes); size++) {
		begin(sizes[size][0], sizes[size][1]);
		for (int i = 0; i < 300000; i++) {
			char byte = random_byte();

			terminal_write(&t, &byte, 1);
			if (!CHECK(t.cursor.row < t.rows && t.cursor.column < t.columns &&
				   t.top < t.bottom && t.bottom <= t.rows &&
				   t.answer_size <= sizeof(t.answer)))
				return;
			t.answer_size = tap_below(3) ? t.answer_size : 0;
		}
		send("\030\033c\rx");
		CHECK(cell_code(terminal_cell(&t, 0, 0)) == 'x');
	}
}
