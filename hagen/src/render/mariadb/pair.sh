server_schemas="('mysql', 'information_schema', 'performance_schema', 'sys', 'test')"
# Databases that somebody made; those of the server itself do not count.
databases() { ask "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN $server_schemas"; }
# Those with something in them, on one line.
filled_databases() {
    ask "SELECT DISTINCT table_schema FROM information_schema.tables WHERE table_schema NOT IN $server_schemas" |
        tr '\n' ' '
}
# slave_field NAME: one field of the replication's state; empty when there is no replication.
slave_field() { sql --vertical --execute='SHOW SLAVE STATUS' | sed -n "s/^ *$1: //p"; }

active=$(ask 'SELECT CONCAT_WS(" ", @@server_id, @@gtid_domain_id, IF(@@log_bin, 1, 0), IF(@@log_slave_updates, 1, 0))')
[ "$active" = "$half $half 1 0" ] ||
    fail 3 "the server does not run with hagen's settings (server_id, gtid_domain_id, log_bin and log_slave_updates are \"$active\", not \"$half $half 1 0\"): restart it"

mkdir -p "$state"
if [ -z "${HAGEN_LOCKED:-}" ]; then
    exec 9>>"$state/lock"
    flock -w 60 9 || fail 75 "another run holds $state/lock"
fi
