# Scripts with arguments, $0, shift, exec and reading commands from standard input.
echo 'echo "$0 $# $1"; shift; echo "$@"; for i; do echo "<$i>"; done; exit 6' > args.tmp
sh args.tmp one "two words" three; echo $?
sh -c 'echo $0 $1 $#' name first
sh -c 'echo $0 $#' name
echo 'echo from input
echo and more' | sh
sh -c 'exec echo replaced; echo never'
echo 'if true; then' > args.tmp
sh args.tmp 2> /dev/null; echo $?
sh -c 'echo a; fi; echo b' 2> /dev/null; echo $?
rm -f args.tmp
cd /; pwd
cd /missing 2> /dev/null || echo refused
x=1; unset x; echo "[$x]"
echo last
