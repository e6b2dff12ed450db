what=${1:-both}
case $#:$what in
0:both | 1:alive | 1:replica) ;;
*)
    echo "usage: $(basename "$0") [alive|replica]"
    exit 64
    ;;
esac
no() {
    code=$1
    shift
    echo "$*"
    exit "$code"
}

client=mariadb
command -v mariadb >/dev/null 2>&1 || client=mysql
state=${HAGEN_STATE:-/var/lib/hagen/mariadb}
ask() {
    timeout -k 1 4 "$client" --protocol=socket --socket="$socket" --user=root --connect-timeout=3 \
        --batch "$@" 2>&1
}

read_only=$(ask --skip-column-names --execute='SELECT @@global.read_only') || no 1 "no answer: $read_only"
[ "$what" = replica ] || [ "$read_only" = 0 ] || no 2 "the server is read-only"
# A server alone has no other half to follow.
[ -n "$lag_max_seconds" ] || exit 0

status=$(ask --vertical --execute='SHOW SLAVE STATUS') || no 1 "no answer: $status"
field() { printf '%s\n' "$status" | sed -n "s/^ *$1: //p"; }
if [ "$what" != replica ]; then
    [ -n "$(field Master_Host)" ] || no 5 "this half has not met the other yet"
    [ ! -e "$state/lost" ] || no 5 "this half has lost writes that the other has"
fi
[ "$what" != alive ] || exit 0

[ "$(field Slave_SQL_Running)" = Yes ] || no 3 "this half applies nothing: $(field Last_SQL_Error)"
case $(field Slave_IO_Running) in
Yes) ;;
Connecting | Preparing)
    # The other half being down is no fault of this one; being refused by it is.
    case $(field Last_IO_Errno) in
    1045 | 1130) no 3 "the other half refuses this one: $(field Last_IO_Error)" ;;
    esac
    exit 0
    ;;
*) no 3 "this half receives nothing: $(field Last_IO_Error)" ;;
esac
lag=$(field Seconds_Behind_Master)
case $lag in
NULL | '') ;;
*) [ "$lag" -le "$lag_max_seconds" ] || no 4 "this half is $lag s behind" ;;
esac
