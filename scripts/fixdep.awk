# From a compiler's dependency file, what a target really depends on.
#
# Every object includes the whole configuration, and would be rebuilt for each change of it. So
# autoconf.h (or .inc) is left out, and each file that the object is made of is searched for the
# options that it names: the object depends on the markers of these, which scripts/kconfig.py
# touches when the option changes. A marker that is not there yet is kept as absent.
#
# What a root archive names, which a kernel may embed, are no options of the object.
# Files that are built are ordinary prerequisites. One that is gone becomes a target without a rule,
# which make takes as changed, instead of as an error.
#
# Usage: awk -v target=OBJECT -f fixdep.awk .stamps OBJECT.dep          (.stamps: see rules.mk)

function plain(path)
{
	while (sub(/[^\/]+\/\.\.\//, "", path))
		;
	return path
}

FNR == NR {
	stamp[substr($0, 1, index($0, "@") - 1)] = $0
	next
}

{
	gsub(/\\$/, "")
	sub(/^[^:]*: /, "")
	if ($0 ~ /:$/)
		next
	for (i = 1; i <= NF; i++)
		if ($i !~ /include\/generated\/autoconf\.(h|inc)$/ && !(plain($i) in seen)) {
			seen[plain($i)] = 1
			files[++count] = plain($i)
		}
}

END {
	for (i = 1; i <= count; i++) {
		file = files[i]
		if (file in stamp)
			inputs = inputs " " stamp[file]
		else
			built[file] = 1
		if (file ~ /\.cpio$/)
			continue
		while ((getline line < file) > 0)
			while (match(line, /CONFIG_[A-Z0-9_]+/)) {
				options[substr(line, RSTART + 7, RLENGTH - 7)] = 1
				line = substr(line, RSTART + RLENGTH)
			}
		close(file)
	}
	for (option in options) {
		gsub(/_/, "/", option)
		marker = "include/config/" tolower(option) ".h"
		if (marker in stamp)
			inputs = inputs " " stamp[marker]
		else
			absent = absent " " marker
	}
	print "inputs-" target " :=" inputs
	print "absent-" target " :=" absent
	for (file in built)
		print target ": " file "\n" file ":"
}
