
case $#:${1:-$action} in
0:join | 1:join) join ;;
*) fail 64 "usage: $(basename "$0") [join]" ;;
esac
