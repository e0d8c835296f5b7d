# The everyday tools of Debian, each with something that it is known for.
mkdir -p /tmp/tools && cd /tmp/tools || exit 99
seq 1 200 > numbers
printf 'alpha 3\nbeta 1\ngamma 2\ndelta 10\n' > table
sort -k2,2n table | cut -d' ' -f1 | paste -sd,
sort -k2,2r table | nl | tr -s ' \t' ' '
grep -n '^.*a 1*[0-3]$' table
grep -c 7 numbers; grep -E '^(1|2)0+$' numbers; grep -v 1 numbers | wc -l
sed -n '10,12p;$p' numbers
sed -E 's/^([a-z]+) ([0-9]+)$/\2 \1/' table
gawk '{ sum[length($1)] += $2 } END { n = asorti(sum, keys); for (i = 1; i <= n; i++) print keys[i], sum[keys[i]] }' table
gawk 'BEGIN { printf "%.3f %d %s\n", atan2(0, -1), strtonum("0x1f"), toupper("up"); print substr("facet", 2, 3), index("facet", "c") }'
touch -d 2001-01-01 numbers; touch -d 2002-01-01 table
find . -type f -newer numbers | sort; find . -name '*e*' -size -2 -print0 | xargs -0 -n1 basename | sort
tar cf all.tar numbers table && tar tf all.tar && mkdir x && tar xf all.tar -C x && cmp numbers x/numbers && echo same
gzip -k numbers && gzip -l numbers.gz | tail -n 1 | gawk '{ print $2 }' && gunzip -c numbers.gz | cksum
tar czf all.tgz numbers table && tar tzf all.tgz
echo 'scale=20; 4*a(1); 2^100; sqrt(2)' | bc -l
echo 'define f(n) { if (n < 2) return 1; return n * f(n - 1); } f(30)' | bc
printf 'a\nb\nc\n' > one; printf 'a\nc\nd\n' > two
comm one two | tr '\t' '_'; join one two | paste -sd' '; split -l 60 numbers part. && ls part.* | paste -sd' ' && cat part.* | cmp - numbers && echo rejoined
od -A d -t x1z -N 20 table
md5sum < numbers; sha256sum < table; wc numbers table
stat -c '%s %a %F %h' table; ln table hard; stat -c %h table; ln -s table soft; readlink soft; realpath soft
install -m 640 table copied && stat -c %a copied; mv copied moved; cp -a moved again; rm moved
touch -d '2001-02-03 04:05:06 UTC' again && stat -c %Y again; date -u -d @1000000000 '+%F %T'
truncate -s 1M sparse && du -k --apparent-size sparse | cut -f1; dd if=/dev/zero of=zero bs=4k count=3 2> /dev/null; stat -c %s zero
mkfifo pipe && { (echo through the fifo > pipe) & cat pipe; wait; }
timeout 1 sleep 10; echo "timeout $?"; timeout 5 true; echo "$?"
env -i A=b /usr/bin/env; nice -n 5 nice; printenv HOME; id -u; whoami; hostname > /dev/null && echo named
seq 1 100000 | sort -R --random-source=numbers | sort -n | tail -n 1
yes | head -n 100000 | uniq -c | tr -s ' '
tee copy1 copy2 < table | wc -l; cmp copy1 copy2 && echo equal
expr length facet + 2; factor 1234567890; numfmt --to=iec 1048576; seq -s+ 1 5
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
comm -12 <(sort table) <(sort table) 2> /dev/null | wc -l
ls -la --time-style=+ | gawk 'NR > 1 { print $1, $2, $5, $6 }' | sort | grep -v ' \.' | grep -v '^d'
cat numbers | tr '\n' ' ' | fold -w 60 -s | sed 's/^/> /' | grep 5 | sort | uniq | wc -w | tr -d ' ' | xargs printf 'ten programs: %s\n'
chroot / true && echo chroot; sync && echo sync; df /tmp > /dev/null && echo df
kill -l TERM; pwd; basename "$(pwd)"; test -x /bin/bash && echo executable
