# From a compiler's dependency file, what a target really depends on.
#
# Every object includes the whole configuration, and would be rebuilt for each change of it. So
# autoconf.h (or .inc) is left out, and each file that the object is made of is searched for the
# options that it names: the object depends on the markers of these, which scripts/kconfig.py
# touches when the option changes. A header that is gone becomes a target without a rule, which
# make takes as changed, instead of as an error.
#
# Usage: awk -v target=OBJECT -f fixdep.awk OBJECT.dep

{
	gsub(/\\$/, "")
	sub(/^[^:]*: /, "")
	if ($0 ~ /:$/)
		next
	for (i = 1; i <= NF; i++)
		if ($i !~ /include\/generated\/autoconf\.(h|inc)$/ && !($i in seen)) {
			seen[$i] = 1
			files[++count] = $i
		}
}

END {
	printf "%s:", target
	for (i = 1; i <= count; i++) {
		printf " \\\n %s", files[i]
		while ((getline line < files[i]) > 0)
			while (match(line, /CONFIG_[A-Z0-9_]+/)) {
				options[substr(line, RSTART + 7, RLENGTH - 7)] = 1
				line = substr(line, RSTART + RLENGTH)
			}
		close(files[i])
	}
	for (option in options) {
		gsub(/_/, "/", option)
		printf " \\\n $(wildcard include/config/%s.h)", tolower(option)
	}
	print ""
	for (i = 1; i <= count; i++)
		printf "\n%s:\n", files[i]
}
