say() { printf 'mariadb: %s\n' "$*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }

client=mariadb
command -v mariadb >/dev/null 2>&1 || client=mysql
command -v "$client" >/dev/null 2>&1 || fail 69 "the client program mariadb is not installed"
state=${HAGEN_STATE:-/var/lib/hagen/mariadb}

# Root enters through the local socket; a password is never on a command line.
sql() { "$client" --protocol=socket --socket="$socket" --user=root --connect-timeout=5 --batch "$@"; }
ask() { sql --skip-column-names --execute="$1"; }

# wait_for SECONDS COMMAND...: repeats the command until it succeeds.
wait_for() {
    end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep 1
    done
}

answers() { ask 'SELECT 1' >/dev/null 2>&1; }
wait_for "${HAGEN_START_SECONDS:-120}" answers || fail 1 "the server does not answer at $socket"

digest() { sha256sum "$1" | cut -d ' ' -f 1; }
# run_once FILE: runs a file of SQL when it has changed since it ran last.
run_once() {
    stamp=$state/$(basename "$1").sha256
    now=$(digest "$1")
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then
        return 0
    fi
    sql <"$1"
    mkdir -p "$state"
    printf '%s\n' "$now" >"$stamp"
    say "$(basename "$1" .sql): done"
}
