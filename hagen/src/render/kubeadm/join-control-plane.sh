
case $#:${1:-$action} in
0:join | 1:join) join ;;
1:credentials) credentials ;;
*) fail 64 "usage: $(basename "$0") [join | credentials]" ;;
esac
