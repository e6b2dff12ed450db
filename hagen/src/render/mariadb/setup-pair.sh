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

run_once "$folder/accounts.sql"

# The account for the other half is a gate: while it is missing, nobody can start from an incomplete log.
account=$(ask "SELECT COUNT(*) FROM mysql.user WHERE user = '$user' AND host = '$peer_address'")
from=$(slave_field Master_Host):$(slave_field Master_Port)
if [ "$account" = 0 ]; then
    held=
    [ "$from" != : ] || held=$(filled_databases)
    case $half:$held in
    *:) ;;
    1:*) turn 4 "this half holds databases from before the pair was made ($held): copy them first,
    ssh $(hostname) hagen-mariadb-seed export | ssh $peer hagen-mariadb-seed import" ;;
    *) turn 4 "this half holds databases that did not come from $peer ($held): drop them, or
    ssh $peer hagen-mariadb-seed export | ssh $(hostname) hagen-mariadb-seed import --replace" ;;
    esac
    rm -f "$state/replication-account.sql.sha256"
fi
run_once "$folder/replication-account.sql"

ask_peer() {
    "$client" --defaults-file="$folder/replication.cnf" --protocol=tcp --host="$peer_address" --port="$port" \
        --connect-timeout=5 --batch --skip-column-names --execute="$1"
}
meets() { seen=$(ask_peer 'SELECT @@gtid_slave_pos' 2>&1); }
# last_number POSITIONS: the number of this half's last write in a list of GTIDs, 0 when there is none.
last_number() {
    number=$(printf '%s\n' "$1" | tr ',' '\n' | sed -n "s/^$own_domain-[0-9]*-//p")
    printf '%s\n' "${number:-0}"
}
wait_for "${wait_seconds:-5}" meets || {
    [ -z "$wait_seconds" ] || fail 7 "$peer cannot be asked after $wait_seconds s: $seen"
    inform "$peer cannot be asked yet ($seen); this is tried again every minute"
    exit 0
}
# The other half is asked first: what it has seen can then only be less than what is in the log here.
if [ "$(last_number "$seen")" -gt "$(last_number "$(ask 'SELECT @@gtid_binlog_pos')")" ]; then
    : >"$state/lost"
    turn 4 "$peer has writes of this half that this half has lost; it stays away from the VIP until it is seeded:
    ssh $peer hagen-mariadb-seed export | ssh $(hostname) hagen-mariadb-seed import --replace"
fi
rm -f "$state/lost"

stamp=$state/replication-source.sql.sha256
case $from in
:)
    rm -f "$stamp"
    run_once "$folder/replication-source.sql"
    ask 'START SLAVE'
    ;;
"$peer_address:$port")
    if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$(digest "$folder/replication-source.sql")" ]; then
        ask 'STOP SLAVE'
        run_once "$folder/replication-source.sql"
        ask 'START SLAVE'
    elif [ "$(slave_field Slave_IO_Running)" = No ] && [ "$(slave_field Last_IO_Errno)" != 0 ]; then
        # A refusal ends the receiver for good, also after its reason has gone.
        ask 'START SLAVE IO_THREAD'
    fi
    ;;
*) turn 5 "this half replicates from $from already; that is left alone" ;;
esac

running() { [ "$(slave_field Slave_IO_Running) $(slave_field Slave_SQL_Running)" = 'Yes Yes' ]; }
stopped() { [ "$(slave_field Slave_IO_Running)" = No ] || [ "$(slave_field Slave_SQL_Running)" = No ]; }
settled() { running || stopped; }
wait_for "${wait_seconds:-10}" settled || :
if running; then
    inform "replicates from $peer"
    exit 0
fi
why=$(slave_field Last_SQL_Error)$(slave_field Last_IO_Error)
if [ "$(slave_field Last_IO_Errno)" = 1236 ]; then
    turn 6 "$peer does not have the log that this half needs; one of the two must be seeded from the other ($why)"
fi
stopped && turn 6 "replication from $peer has stopped: ${why:-by hand; START SLAVE}"
[ -z "$wait_seconds" ] || fail 7 "replication from $peer does not run after $wait_seconds s: $why"
inform "replication from $peer is starting ($why)"
