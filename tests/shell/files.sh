# Redirections, pipes, file names and substitution.
mkdir -p shell.tmp && cd shell.tmp || exit 1
echo first > one
echo second >> one
cat < one
cat one | cat | wc
cat missing 2> errors; echo $?; wc errors > /dev/null && echo there
sh -c 'echo out; echo error >&2' > both 2>&1; cat both
sh -c 'echo out; echo error >&2' 2>&1 > only; cat only
{ echo a; echo b; } > group; cat group
for i in 1 2; do echo $i; done > loop; cat loop
if true; then cat; fi < loop
(echo sub; echo shell) | while read word rest; do echo "[$word]"; done
while read a b; do echo "$b-$a"; done < one
echo x | { read y; echo $y; }
echo closed >&- 2> /dev/null; echo status $?
echo nowhere > missing/file 2> /dev/null || echo refused
mkdir sub; > sub/a.c; > sub/b.c; > sub/.hidden; > 'sub/star*'
echo sub/*.c */a.c sub/?.c sub/[ab].c sub/[!a].c
echo none* "sub/*" 'sub/*' sub/\*
echo sub/star\** sub/*
pattern='sub/*.c'; echo $pattern "$pattern"
echo "$(echo inner; echo lines)" $(echo a b; echo c)
echo $(echo ")" '(' $(echo nested))
value=$(false); echo $?
value=$(sh -c 'exit 5')x; echo $? $value
true | false; echo $?
false | true; echo $?
sleep 0.1 & wait; echo waited
sh -c 'exit 4' & wait $!; echo $?
cd .. && rm -r shell.tmp
