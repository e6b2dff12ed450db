set -f
say() { printf 'glusterfs: %s\n' "$*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }
wait_seconds=
quiet=
patient=
case $#:${1:-} in
0:) patient=yes ;;
1:--quiet) quiet=yes ;;
2:--wait) wait_seconds=$2 ;;
*) fail 64 "usage: $(basename "$0") [--quiet | --wait SECONDS]" ;;
esac
inform() { [ -n "$quiet" ] || say "$*"; }
# turn CODE WHAT: the next step is somebody else's. Without arguments that is no failure of this run.
turn() {
    code=$1
    shift
    say "$*"
    [ -z "$patient" ] || exit 0
    exit "$code"
}
gl() { timeout -k 5 120 gluster --mode=script "$@"; }
end=$(($(date +%s) + ${wait_seconds:-10}))
# wait_for COMMAND...: repeats the command until it succeeds or the time is over.
wait_for() {
    until "$@"; do
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep 1
    done
}
# later WHY: the time is over; an error only for who said how long to wait.
later() {
    [ -z "$wait_seconds" ] || fail 7 "$* after $wait_seconds s"
    inform "$*; this is tried again every minute"
    exit 0
}

exec 9>>"/run/hagen-gluster-volume-$volume.lock"
flock -w 60 9 || fail 75 "another run is busy with $volume"

volumes() { list=$(gl volume list 2>&1) || case $list in *'No volumes present'*) list= ;; *) return 1 ;; esac; }
wait_for volumes || later "glusterd does not answer on this node (${list:-})"

probed() {
    told=$(gl peer probe "$1" 2>&1) && return 0
    case $told in
    *'already part of another cluster'* | *'in a different cluster'*) turn 4 "$1 belongs to another pool: $told" ;;
    esac
    return 1
}
connected() {
    state=$(gl peer status 2>&1 | sed -n 's/^State: //p' | grep -cvxF 'Peer in Cluster (Connected)' || :)
    [ "$state" = 0 ]
}

if ! printf '%s\n' "$list" | grep -qxF "$volume"; then
    mountpoint -q "$mount_point" || turn 1 "nothing is mounted at $mount_point; prepare the brick first"
    for peer in $peers; do
        wait_for probed "$peer" || later "$peer cannot be reached (${told:-})"
    done
    wait_for connected || later "not all peers are connected"
    # Never `force`: gluster itself refuses a brick on a root disk, and one that belongs to another volume.
    made() {
        # shellcheck disable=SC2086  # words
        told=$(gl volume create "$volume" $replication transport tcp $bricks 2>&1) && return 0
        case $told in
        *'is being created in the root partition'* | *'No such file or directory'* | *'not connected'* | *'Another transaction'*) return 1 ;;
        *) turn 1 "$told" ;;
        esac
    }
    wait_for made || later "the bricks are not ready ($told)"
    say "made $volume"
fi

info=$(gl volume info "$volume")
field() { printf '%s\n' "$info" | sed -n "s/^$1: //p"; }
have=$(field 'Brick[0-9][0-9]*' | sed 's/ (arbiter)$//' | tr '\n' ' ')
[ "$have" = "$bricks " ] || turn 4 "the volume $volume has other bricks and is left alone: $have"
[ "$(field 'Number of Bricks')" = "$shape" ] ||
    turn 4 "the volume $volume is $(field 'Number of Bricks') and not $shape, and is left alone"

while read -r key value; do
    [ "$(field "$key")" != "$value" ] || continue
    gl volume set "$volume" "$key" "$value" >/dev/null
    say "$volume: $key = $value"
done <<OPTIONS
$options
OPTIONS

if [ "$(field Status)" != Started ]; then
    gl volume start "$volume" >/dev/null
    say "started $volume"
fi
# shellcheck disable=SC2086  # words
set -- $bricks
online() {
    up=$(gl volume status "$volume" detail 2>/dev/null | grep -c '^Online *: Y' || :)
    [ "$up" = $# ]
}
wait_for online "$@" || {
    [ -z "$wait_seconds" ] || fail 7 "$up of $# bricks of $volume are up after $wait_seconds s"
    inform "$up of $# bricks of $volume are up"
    exit 0
}
inform "$volume is up with $# bricks"
