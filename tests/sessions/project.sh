# A small project, built by make and tcc with four jobs, changed, built again, and run.
mkdir -p /tmp/project && cd /tmp/project || exit 99
for i in 1 2 3 4 5 6 7 8; do
	printf '#include "all.h"\nint part%d(int x) { return x * %d + 1; }\n' $i $i > part$i.c
done
{ echo '#ifndef ALL_H'; echo '#define ALL_H'; for i in 1 2 3 4 5 6 7 8; do echo "int part$i(int);"; done; echo '#endif'; } > all.h
cat > main.c <<'END'
#include <stdio.h>
#include "all.h"
int main(int argc, char **argv)
{
	int sum = 0;
	for (int i = 0; i < 10; i++)
		sum += part1(i) + part2(i) + part3(i) + part4(i) + part5(i) + part6(i) + part7(i) + part8(i);
	printf("%s %d\n", argc > 1 ? argv[1] : "sum", sum);
	return sum & 1;
}
END
cat > Makefile <<'END'
CC := tcc
objects := main.o $(foreach i,1 2 3 4 5 6 7 8,part$(i).o)
prog: $(objects)
	$(CC) -o $@ $^
%.o: %.c all.h
	$(CC) -c -o $@ $<
clean:
	rm -f prog *.o
.PHONY: clean
END
make -s -j4 && ./prog; echo "status $?"
make -s -j4 -q; echo "nothing to do: $?"
sleep 1
printf '#include "all.h"\nint part3(int x) { return x - 3; }\n' > part3.c
make -s -j4 && ./prog changed; echo "status $?"
echo 'int broken(' > part5.c
make -s -k -j4 > /dev/null 2>&1; echo "broken: $?"
make -s clean && ls
tcc -run - arg <<'END'
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }
int main(int argc, char **argv)
{
	char *words[] = { "pear", "apple", "fig" };
	qsort(words, 3, sizeof(words[0]), compare);
	printf("%d %s %s %s %s\n", argc, argv[1], words[0], words[1], words[2]);
	return 0;
}
END
