usage="usage: $(basename "$0") export >FILE | import [--replace] <FILE"
dump=mariadb-dump
command -v mariadb-dump >/dev/null 2>&1 || dump=mysqldump
# The last statement of a seed; without it the copy was cut short.
complete=hagen-seed-complete

dump_with() { "$dump" --protocol=socket --socket="$socket" --user=root --max-allowed-packet=1G "$@"; }

export_seed() {
    [ ! -t 1 ] || fail 64 "$usage"
    command -v "$dump" >/dev/null 2>&1 || fail 69 "the program mariadb-dump is not installed"
    account=$(ask "SELECT COUNT(*) FROM mysql.user WHERE user = '$user' AND host = '$peer_address'")
    if [ "$account" = 0 ]; then
        # Data from before the pair stands in no log. Cut the log here, so that a half which starts
        # without this seed is refused instead of missing that data silently.
        ask 'DROP DATABASE IF EXISTS hagen_cut; FLUSH BINARY LOGS'
        last=$(ask 'SHOW MASTER STATUS' | cut -f 1)
        ask "PURGE BINARY LOGS TO '$last'"
    fi
    engines=$(ask "SELECT COUNT(*) FROM information_schema.tables WHERE table_type = 'BASE TABLE'
        AND engine <> 'InnoDB' AND table_schema NOT IN $server_schemas")
    lock=--single-transaction
    if [ "$engines" != 0 ]; then
        say "$engines tables are not InnoDB: writes wait until the copy is made"
        lock=--lock-all-tables
    fi
    printf -- '-- hagen-seed 1 from %s for %s\n' "$own_domain" "$peer_domain"
    printf 'SET SESSION sql_log_bin = 0;\n'
    dump_with --system=users --insert-ignore
    # shellcheck disable=SC2046  # one word for each database
    set -- $(databases)
    if [ $# -gt 0 ]; then
        dump_with "$lock" --gtid --master-data=1 --routines --triggers --events --hex-blob \
            --default-character-set=utf8mb4 --databases "$@"
    else
        ask "SELECT CONCAT('SET GLOBAL gtid_slave_pos = ''', @@gtid_binlog_pos, ''';')"
    fi
    # What this half has applied of the other's writes: from there the other goes on counting. It comes
    # last, because the server takes a position only while its own log is empty.
    ask 'SELECT @@gtid_slave_pos' | tr ',' '\n' |
        sed -n "s/^\\($peer_domain-[0-9]*-[0-9]*\\)\$/SET GLOBAL gtid_binlog_state = '\\1';/p"
    printf "SELECT '%s';\n" "$complete"
    if [ "$account" = 0 ]; then
        sql <"$folder/replication-account.sql"
    fi
    say "$# databases copied"
}

import_seed() {
    [ ! -t 0 ] || fail 64 "$usage"
    replace=${1:-}
    head=
    IFS= read -r head || [ -n "$head" ] || fail 8 "the seed is empty"
    [ "$head" = "-- hagen-seed 1 from $peer_domain for $own_domain" ] ||
        fail 8 "this is no seed from $peer for this half: \"$head\""
    held=$(filled_databases)
    if [ -n "$held" ] && [ "$replace" != --replace ]; then
        fail 4 "this half holds databases ($held); with --replace they are dropped"
    fi
    if [ -n "$(slave_field Master_Host)" ]; then
        ask 'STOP SLAVE; RESET SLAVE ALL'
    fi
    for name in $(databases); do
        ask "SET SESSION sql_log_bin = 0; DROP DATABASE \`$name\`"
    done
    rm -f "$state"/*.sha256
    # An empty log, in which the seed puts the number of the last write that the other half has seen.
    ask "RESET MASTER; SET GLOBAL gtid_slave_pos = ''"
    again="this half is incomplete; import again with --replace"
    told=$(sql --max-allowed-packet=1G) || fail 8 "the copy failed: $again"
    case $told in
    *"$complete"*) ;;
    *)
        ask "SET GLOBAL gtid_slave_pos = ''"
        fail 8 "the copy was cut short: $again"
        ;;
    esac
    ask 'FLUSH PRIVILEGES'
    say "copied from $peer, position $(ask 'SELECT @@gtid_slave_pos')"
    HAGEN_LOCKED=yes exec "$setup"
}

case "$#:${1:-}:${2:-}" in
1:export:) export_seed ;;
1:import:) import_seed ;;
2:import:--replace) import_seed --replace ;;
*) fail 64 "$usage" ;;
esac
