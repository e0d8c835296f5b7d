# Lists, status and compound commands.
echo text > words.tmp
true; echo $?
false; echo $?
true && echo and
false && echo not this
false || echo or
true || echo not this
false && echo a || echo b
true && false || echo c
! true; echo $?
! false; echo $?
sh -c 'exit 7'; echo $?
(exit 9); echo $?
{ echo grouped; echo twice; }
if true; then echo then; else echo else; fi
if false; then echo then; elif true; then echo elif; else echo else; fi
if false
then
	echo then
else
	echo else
fi
if false; then echo x; fi; echo $?
count=
while [ "$count" != xxx ]; do
	count=x$count
	echo $count
done
until [ "$count" = done ]; do count=done; done; echo $count
for i in 1 2 3; do
	for j in a b c; do
		if [ $j = b ]; then continue; fi
		if [ $i = 2 ]; then break 2; fi
		echo $i$j
	done
done
for i in 1 2; do for j in a b; do continue 2; done; echo never; done
for i in; do echo never; done
x=1; (x=2; echo $x); echo $x
no-such-command 2> /dev/null; echo $?
./words.tmp 2> /dev/null; echo $?
sh -c 'kill -9 $$' 2> /dev/null; echo $?
rm -f words.tmp
exit 3
