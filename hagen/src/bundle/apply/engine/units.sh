# Units, kernel modules and kernel parameters.

# Whether a path that the unit reads is among the changed ones.
is_touched() {
    while read -r reads; do
        [ -n "$reads" ] || continue
        case $reads in
        */) case $CHANGED in *"$NL$reads"*) return 0 ;; esac ;;
        *) case $CHANGED in *"$NL$reads$NL"*) return 0 ;; esac ;;
        esac
    done <<HAGEN_END
$(unit_reads "$1")
HAGEN_END
    return 1
}

# Asks systemd for a unit: ENABLED, and whether it is UP.
query() {
    ENABLED=$(systemctl is-enabled "$1" 2>/dev/null </dev/null 9>&-) || :
    active='' type='' result='' ran=''
    while IFS='=' read -r key value; do
        case $key in
        ActiveState) active=$value ;;
        Type) type=$value ;;
        Result) result=$value ;;
        ExecMainExitTimestampMonotonic) ran=$value ;;
        esac
    done <<HAGEN_END
$(systemctl show -p ActiveState -p Type -p Result -p ExecMainExitTimestampMonotonic "$1" 2>/dev/null </dev/null 9>&-)
HAGEN_END
    UP=''
    case $active in
    active | reloading) UP=1 ;;
    inactive)
        # A unit that does one thing and ends is up once it has done it since the machine started.
        if [ "$type" = oneshot ] && [ "$result" = success ] && [ "${ran:-0}" != 0 ]; then UP=1; fi
        ;;
    esac
}

# What is to be done with a unit: ACTION is none, leave, reload, restart or start; ENABLE is set when it is to
# be enabled.
decide() {
    query "$1"
    ACTION=none ENABLE=''
    if [ "$ENABLED" = disabled ]; then ENABLE=1; fi
    if [ -z "$UP" ]; then
        ACTION=start
    elif is_touched "$1"; then
        ACTION=$2
    fi
}

# Whether some unit has to be enabled, started or restarted.
is_unit_work() {
    if [ -n "$ROOT" ]; then
        command -v systemctl >/dev/null 2>&1 || return 1
        while read -r unit on_change; do
            [ -n "$unit" ] || continue
            if [ "$(systemctl --root="$ROOT" is-enabled "$unit" 2>/dev/null </dev/null 9>&-)" = disabled ]; then return 0; fi
        done <<HAGEN_END
$(units)
HAGEN_END
        return 1
    fi
    while read -r unit on_change; do
        [ -n "$unit" ] || continue
        decide "$unit" "$on_change"
        case $ACTION$ENABLE in none | leave) ;; *) return 0 ;; esac
    done <<HAGEN_END
$(units)
HAGEN_END
    return 1
}

# Asks the programs themselves whether they accept their new configuration, before any unit is touched.
check_configurations() {
    STEP=check
    while read -r unit on_change; do
        [ -n "$unit" ] || continue
        decide "$unit" "$on_change"
        case $ACTION in none | leave) continue ;; esac
        if ! check_unit "$unit"; then
            log_tail
            fail "$unit would not accept its configuration"
        fi
    done <<HAGEN_END
$(units)
HAGEN_END
}

# Runs a check when its program exists.
check() {
    if command -v "$1" >/dev/null 2>&1; then logged "$@"; fi
}

# Kernel modules and parameters of changed files.
load_kernel() {
    STEP=kernel
    each_planned AM load_modules
    each_planned AM save_parameters
    each_planned AM load_parameters
}

load_modules() {
    case $1 in /etc/modules-load.d/*.conf) ;; *) return 0 ;; esac
    while read -r module; do
        case $module in '' | '#'* | ';'*) continue ;; esac
        if ! logged modprobe "$module"; then
            log_tail
            fail "cannot load the kernel module $module"
        fi
    done <"$DIR/rootfs$1"
}

# Keeps the values that the kernel has now, for a rollback.
save_parameters() {
    case $1 in /etc/sysctl.d/*.conf) ;; *) return 0 ;; esac
    while IFS='=' read -r key value; do
        key=$(printf '%s' "$key" | sed 's/[[:space:]]//g; s/^-//')
        case $key in '' | '#'* | ';'*) continue ;; esac
        if [ -f "$T/sysctl" ] && grep -q "^$key = " "$T/sysctl"; then continue; fi
        if value=$(sysctl -n "$key" 2>/dev/null </dev/null); then printf '%s = %s\n' "$key" "$value" >>"$T/sysctl"; fi
    done <"$DIR/rootfs$1"
    [ ! -f "$T/sysctl" ] || durable "$T/sysctl"
}

load_parameters() {
    case $1 in /etc/sysctl.d/*.conf) ;; *) return 0 ;; esac
    if ! logged sysctl -q -p "$ROOT$1"; then
        log_tail
        fail "the kernel does not take the parameters of $1"
    fi
}

start_units() {
    STEP=units
    if [ -n "$ROOT" ]; then
        enable_offline
        return 0
    fi
    while read -r unit on_change; do
        [ -n "$unit" ] || continue
        start_unit "$unit" "$on_change"
    done <<HAGEN_END
$(units)
HAGEN_END
    settle
}

start_unit() {
    decide "$1" "$2"
    case $ENABLED in
    masked*) fail "the unit $1 is masked" ;;
    '' | not-found | bad) [ -n "$UP" ] || fail "there is no unit $1" ;;
    esac
    case $ACTION$ENABLE in
    none) return 0 ;;
    leave)
        say "left as it runs: $1 follows its files by itself, or a person decides when"
        return 0
        ;;
    esac
    record "$1" "$ENABLED" "$ACTION"
    if [ -n "$ENABLE" ]; then
        logged systemctl enable "$1" || failed_unit "$1" enabled
        say "enabled $1"
    fi
    case $ACTION in
    reload) logged systemctl reload-or-restart "$1" || failed_unit "$1" reloaded ;;
    restart) logged systemctl restart "$1" || failed_unit "$1" restarted ;;
    start) logged systemctl start "$1" || failed_unit "$1" started ;;
    *) return 0 ;;
    esac
    STARTED="$STARTED$1$NL"
    case $ACTION in start) say "started $1" ;; *) say "${ACTION}ed $1" ;; esac
}

failed_unit() {
    logged systemctl --no-pager --full status "$1" || :
    log_tail
    fail "the unit $1 could not be $2"
}

# Keeps how a unit was, before it is touched for the first time.
record() {
    if [ -f "$T/units" ]; then
        case $NL$(cat "$T/units") in *"$NL$1 "*) return 0 ;; esac
    fi
    printf '%s %s %s\n' "$1" "${2:-unknown}" "$3" >>"$T/units" || fail "cannot write the backup"
    durable "$T/units" "$T"
}

# A unit that dies right after its start has failed too.
settle() {
    [ -n "$STARTED" ] || return 0
    sleep "$SETTLE_SECONDS"
    while read -r unit; do
        [ -n "$unit" ] || continue
        query "$unit"
        [ -n "$UP" ] || failed_unit "$unit" "kept up"
    done <<HAGEN_END
$STARTED
HAGEN_END
}

enable_offline() {
    [ -n "$(units)" ] || return 0
    if ! command -v systemctl >/dev/null 2>&1; then
        say "note: no systemctl here, so the units were not enabled"
        return 0
    fi
    while read -r unit on_change; do
        [ -n "$unit" ] || continue
        ENABLED=$(systemctl --root="$ROOT" is-enabled "$unit" 2>/dev/null </dev/null 9>&-) || :
        case $ENABLED in
        disabled)
            record "$unit" "$ENABLED" none
            logged systemctl --root="$ROOT" enable "$unit" || failed_unit "$unit" enabled
            say "enabled $unit"
            ;;
        '' | not-found) say "note: there is no unit $unit below the root, so it was not enabled" ;;
        esac
    done <<HAGEN_END
$(units)
HAGEN_END
}
