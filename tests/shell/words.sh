# Quotes, variables, parameters and splitting.
echo plain "two  words" 'single $HOME' back\ slash
empty=
name=value
spaces='a  b   c'
echo [$name] [${name}s] [$unset] "[$empty]" $empty end
echo $spaces
echo "$spaces"
echo '' "" | wc
echo a''b"c"\d
echo "quote \" dollar \$ backslash \\ other"
echo 'it'"'"'s'
echo one\
two
echo "line one
line two"
set=$name$name; echo $set
export name; other=x sh -c 'echo $name $other'; echo $name $other.
echo $# "$@"
echo dollar$ $ a$
echo \# not # a comment
echo a#b
for each in $spaces "$spaces" ""; do echo "<$each>"; done
