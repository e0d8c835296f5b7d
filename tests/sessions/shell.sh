# What a shell's language can do, by POSIX: the same in ash, bash, dash, mksh and zsh (emulate sh).
[ -n "$ZSH_VERSION" ] && emulate sh
LC_ALL=C
export LC_ALL
work=/tmp/session.$$
mkdir -p "$work" && cd "$work" || exit 99
say() { printf '%s\n' "$*"; }
title() { printf -- '--- %s\n' "$1"; }

title 'parameters'
empty= name=facet
unset missing
say "${missing-unset} ${empty-set} ${empty:-empty} ${name:+there} ${missing:+not}"
say "${missing:=assigned} $missing ${#name}"
path=/usr/lib/facet/kernel.tar.gz
say "${path##*/} ${path%/*} ${path%%.*} ${path#/} ${path%.gz}"
set -- one 'two words' '' four
say "$# $1 $2 [$3] $4"
for each in "$@"; do printf '<%s>' "$each"; done; echo
for each in $*; do printf '<%s>' "$each"; done; echo
say "$*"
(IFS=,; say "$*")
shift 2
say "$# [$1] $2"
set --
say "$#"

title 'arithmetic'
i=7
say $((i + 3)) $((i * i - 1)) $((i / 2)) $((i % 4)) $((-i)) $((i << 3)) $((i & 5)) $((i | 8))
say $((i > 3)) $((i == 7 && i < 9)) $((i ? 10 : 20)) $((0x1f)) $((017)) $(((1 + 2) * (3 + 4)))
say $((i += 5)) "$i" $((i = i ^ 3)) $((~i)) $((!i))
n=0
while [ "$n" -lt 5 ]; do n=$((n + 1)); [ "$n" -eq 3 ] && continue; printf '%d ' "$n"; done; echo
until [ "$n" -le 0 ]; do n=$((n - 2)); printf '%d ' "$n"; done; echo

title 'quoting'
say 'single $name `date`' "double $name \$name \\ \"quoted\"" un\ quoted
say "a
b"
say "$(printf 'x\ty\n\n\n')|"
say a"b"'c'\d
say '*' "*" \*

title 'substitution'
say "$(echo one; echo two)" `echo three`
say $(echo a   b    c) "$(echo a   b    c)"
say "nested $(echo "in $(echo "deep $(echo deeper)")")"
result=$(exit 3) || say "status $?"
lines=$(printf '1\n2\n3\n' | while read -r line; do printf '[%s]' "$line"; done)
say "$lines"

title 'globs'
touch a1 a2 b1 b2 .hidden 'with space'
say a* ?2 [ab]1 [!a]1 .h* none*
say *
rm -f with*
say *

title 'case and if'
classify() {
	case $1 in
	'') echo empty ;;
	[0-9]) echo digit ;;
	[0-9]*[!0-9]*) echo mixed ;;
	[0-9]*) echo number ;;
	a|e|i|o|u) echo vowel ;;
	-*) echo option ;;
	*.c|*.h) echo source ;;
	*) echo other ;;
	esac
}
for word in '' 7 42 4x2 e -l main.c facet.h zebra; do printf '%s=%s ' "$word" "$(classify "$word")"; done
echo
if false; then say no; elif [ 1 -gt 2 ]; then say no; else say else; fi
if ! false; then say not; fi
[ -z "$empty" ] && [ -n "$name" ] || say wrong
[ a = a ] && [ a != b ] && [ 3 -ge 3 ] && say strings and numbers
test -d . -a ! -f . && say directory

title 'functions'
fact() { if [ "$1" -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }
say "$(fact 10)"
returns() { return "$1"; }
returns 0 && say zero
returns 5 || say "five: $?"
changes() { name=changed; }
(changes; say "in: $name")
say "out: $name"
changes
say "now: $name"
recursive() { [ "$1" -gt 0 ] && { printf '%s ' "$1"; recursive $(($1 - 1)); }; }
recursive 5; echo

title 'redirections'
echo first > out
echo second >> out
cat < out
cat out - <<END
here $name $((1 + 1)) $(echo substituted)
END
cat <<'END'
quoted $name $(date)
END
cat <<-END
	tabs are
		removed
	END
{ echo to stdout; echo to stderr >&2; } 2> err
cat err
{ echo both; echo errors >&2; } > all 2>&1
sort all
exec 3> three
echo by descriptor >&3
exec 3>&-
cat three
exec 4< out
read -r line <&4
say "read: $line"
read -r line <&4
say "read: $line"
read -r line <&4 || say end
exec 4<&-
: > nothing
[ -s nothing ] || say 'nothing is empty'
set -C
(echo x > out) 2> /dev/null || say 'noclobber'
echo forced >| out
set +C
cat out
cat nosuchfile 2> /dev/null || say "cat failed"

title 'pipelines'
printf 'pear\napple\nfig\napple\n' | sort | uniq -c | sed 's/^ *//' | tr 'a-z' 'A-Z'
seq 1 20 | grep 1 | head -n 5 | tail -n 2
yes facet | head -n 3
printf '%s\n' 3 1 2 | sort -n | while read -r each; do printf '%s;' "$each"; done; echo
! true | false; say "$?"
true | false | true; say "$?"
echo pipe | { read -r word; say "got $word"; }
(seq 1 1000; echo end) | wc -l | tr -d ' '
head -c 100000 /dev/zero | wc -c | tr -d ' '

title 'read'
printf 'a:b:c\nback\\slash\n  spaced   out  \n' > data
{ IFS=: read -r x y z; say "$x-$y-$z"; read -r x; say "$x"; read -r x y; say "[$x][$y]"; } < data
{ read x; read x; say "$x"; } < data
printf 'no newline' | { read -r x; say "$? $x"; }
while IFS= read -r line; do printf '{%s}\n' "$line"; done < data

title 'printf'
printf '%5d|%-5d|%05d|%x|%o|%c|%s|%%\n' 42 42 42 255 8 char text
printf '%s %s\n' a b c d e
printf '%.3s|%8.3s|%-8s|\n' abcdef abcdef ab
printf '\101\t\\n\n'
printf '%b\n' 'one\ttwo'

title 'getopts'
options() {
	OPTIND=1
	while getopts 'ab:c' option; do
		case $option in
		a|c) printf '%s ' "$option" ;;
		b) printf 'b=%s ' "$OPTARG" ;;
		*) printf 'wrong ' ;;
		esac
	done
	shift $((OPTIND - 1))
	say "rest $*"
}
options -a -b value -c x y
options -acb value -- -z
options -d 2> /dev/null

title 'loops'
for i in 1 2 3; do for j in a b c; do [ "$j" = b ] && continue 2; printf '%s%s ' "$i" "$j"; done; done; echo
for i in 1 2 3; do for j in a b; do [ "$i" = 2 ] && break 2; printf '%s%s ' "$i" "$j"; done; done; echo
i=0; while :; do i=$((i + 1)); [ $i -ge 100 ] && break; done; say $i

title 'processes'
sleep 0 & wait $!; say "waited $?"
(exit 7) & wait $!; say "status $?"
(sh -c 'kill -TERM $$'; say "killed $?") 2> /dev/null
(sh -c 'kill -9 $$'; say "killed $?") 2> /dev/null
nosuchcommand 2> /dev/null; say "not found $?"
./data 2> /dev/null; say "not executable $?"
(echo sub; exit 4); say "subshell $?"
for i in 1 2 3 4 5; do (exit $i) & pids="$pids $!"; done
for pid in $pids; do wait "$pid"; printf '%s ' $?; done; echo
{ sleep 1; echo late; } & { echo early; }; wait

title 'traps'
(trap 'say on exit' EXIT; say before)
trap 'say caught usr1' USR1
kill -USR1 $$
say after
trap - USR1
trap 'say got term' TERM
kill -TERM $$
say survived
trap - TERM
trap '' INT
kill -INT $$
say ignored
trap - INT
sh -c 'trap "echo interrupted; exit 5" TERM; (sleep 0.1; kill -TERM $$) & sleep 1; echo no'; say "$?"

title 'set'
(set -e; false; say no); say "errexit $?"
(set -u; say "$undefined") 2> /dev/null; say "nounset $?"
(set -f; say a*)
(set -x; : traced) 2>&1 | sed 's/^+*//; s/^[^:]*: *traced/traced/' | tail -n 1
set -- $(echo x y z); say "$3"

title 'environment'
EXPORTED=seen; export EXPORTED
hidden=unseen
sh -c 'echo "$EXPORTED [$hidden]"'
ONCE=only sh -c 'echo $ONCE'
say "[$ONCE]"
env -i A=1 B=2 sh -c 'echo $A$B'
unset EXPORTED
sh -c 'echo "[$EXPORTED]"'

title 'files'
mkdir -p d/e/f && touch d/e/f/g && ls -R d
ln -s d link && [ -L link ] && cd link/e && ls && cd "$work"
echo content > d/file && ln d/file hard && cat hard && rm d/file && cat hard
mv hard moved && [ ! -e hard ] && cat moved
chmod 600 moved && ls -l moved | cut -c1-10
cp moved copy && cmp moved copy && say same
find d | sort
[ moved -nt nothing ] || [ nothing -nt moved ] || [ moved -ef moved ] && say compared
umask 027 && touch masked && ls -l masked | cut -c1-10
umask 022
cat a1 b1 2>&1 | wc -c | tr -d ' '
rm -r d link && ls

title 'eval and dot'
eval 'var=evaluated; say "$var"'
command=say; eval "$command" built '"$name"'
echo 'dotted=yes; say "in dot: $1"' > dot.sh
. ./dot.sh; say "$dotted"
alias greet='echo hello' 2> /dev/null
type cd > /dev/null && command -v cat > /dev/null && say found
command echo plainly

title 'text tools'
seq 1 10 | awk '{ s += $1 } END { print s, NR }'
printf 'k1 v1\nk2 v2\n' | awk '{ m[$1] = $2 } END { for (k in m) print k, m[k] }' | sort
echo 'hello world' | sed -e 's/o/0/g' -e 's/\(h\)\(e\)/\2\1/'
printf 'a,b,c\n1,2,3\n' | cut -d, -f2
echo abc | tr -d b
echo 'one two three' | xargs -n 1 echo -
expr 6 \* 7
basename /a/b/c.txt .txt
dirname /a/b/c.txt
printf 'x\ny\nz\n' | tail -n +2
printf '1\n2\n3\n' | paste -s -d+ -
date -u -d @0 +%Y-%m-%d 2> /dev/null
cd / && rm -rf "$work"
say done
