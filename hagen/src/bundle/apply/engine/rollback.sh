# Undoing: after a failure, after an interruption, or because the operator wants it.

# A step failed: what was changed is put back.
fail() {
    trap '' INT TERM
    complain "$1 (step: $STEP)"
    [ -n "$DRY" ] || remove_policy
    if [ -z "$TXN" ]; then
        [ -z "$LOG" ] || status failed
        complain "no file and no unit was changed"
        exit 1
    fi
    complain "putting everything back"
    failed_step=$STEP
    if roll_back; then
        STEP=$failed_step
        status rolled-back
        complain "everything is as it was; see $LOG"
    else
        STEP=$failed_step
        status rollback-incomplete
        complain "NOT everything could be put back: see $LOG, then run apply --rollback again"
    fi
    exit 1
}

# Undoes the transaction TXN; can be repeated. Gives 1 when something could not be put back.
roll_back() {
    T=$S/backups/$TXN
    incomplete=''
    PLAN=$(cat "$T/index" 2>/dev/null)$NL
    UNITS=$(cat "$T/units" 2>/dev/null)
    # What was only prepared goes first: the disk may be full. For the same reason a journal that cannot be
    # written is no obstacle; should the power fail now, the next run begins anew from the older entry.
    each_planned AMO back_prepared
    printf 'rollback %s %s\n' "$TXN" "$TXN_BUNDLE" | write_state journal || :
    back_units stop
    each_planned A back_created
    # Innermost folders first.
    FOLDERS=$(printf '%s' "$PLAN" | sed -n 's/^D //p' | sort -r)
    while read -r folder; do
        [ -z "$folder" ] || rmdir "$ROOT$folder" 2>/dev/null || :
    done <<HAGEN_END
$FOLDERS
HAGEN_END
    each_planned MRO back_saved
    # Without an index nothing was touched.
    if [ -f "$T/index" ]; then
        for name in laid folders current; do
            if [ -f "$T/$name" ]; then
                write_state "$name" <"$T/$name" || incomplete=1
            else
                rm -f "$S/$name" || incomplete=1
            fi
        done
    fi
    if [ -z "$ROOT" ]; then
        if [ -f "$T/sysctl" ]; then logged sysctl -q -p "$T/sysctl" || incomplete=1; fi
        if command -v systemctl >/dev/null 2>&1 && [ -n "$PLAN$UNITS" ]; then logged systemctl daemon-reload || incomplete=1; fi
    fi
    back_units start
    [ -z "$incomplete" ] || return 1
    # Out of sight before the journal goes, so that it is not undone a second time.
    rm -rf "$S/backups/.undone"
    if [ -d "$T" ]; then
        mv -f "$T" "$S/backups/.undone" || return 1
        durable "$S/backups"
    fi
    rm -f "$S/journal"
    durable "$S"
    rm -rf "$S/backups/.undone"
    TXN=''
}

back_prepared() {
    beside "$1" new
    rm -f "$BESIDE" || :
}

back_created() {
    if [ ! -d "$ROOT$1" ] || [ -L "$ROOT$1" ]; then rm -f "$ROOT$1" || incomplete=1; fi
    if [ -d "$ROOT${1%/*}/" ]; then durable "$ROOT${1%/*}/"; fi
}

back_saved() {
    if [ -d "$ROOT$1" ] && [ ! -L "$ROOT$1" ]; then
        complain "$1 cannot come back: a folder is in its place, with other files in it"
        incomplete=1
        return 0
    fi
    if is_restored "$T/files$1" "$ROOT$1"; then return 0; fi
    beside "$1" old
    if ! { mkdir -p "$ROOT${1%/*}/" && rm -f "$BESIDE" && cp -a "$T/files$1" "$BESIDE"; }; then
        incomplete=1
        return 0
    fi
    if [ ! -L "$BESIDE" ]; then durable "$BESIDE"; fi
    if [ -L "$ROOT$1" ] && [ -d "$ROOT$1" ]; then rm -f "$ROOT$1"; fi
    mv -f "$BESIDE" "$ROOT$1" || incomplete=1
    durable "$ROOT${1%/*}/"
}

# Whether a file is what was saved, in content, rights and time.
is_restored() {
    [ -f "$1" ] && [ ! -L "$1" ] && [ -f "$2" ] && [ ! -L "$2" ] &&
        [ "$(stat -c '%a %u %g %Y' "$1")" = "$(stat -c '%a %u %g %Y' "$2")" ] && cmp -s "$1" "$2"
}

# Puts units back: `stop` those that were not running or not enabled, before the files go back;
# `start` the others again, after.
back_units() {
    order=$UNITS
    if [ "$1" = stop ]; then order=$(printf '%s\n' "$UNITS" | sed -n '1!G;h;$p'); fi
    while read -r unit enabled action; do
        [ -n "$action" ] || continue
        case $1/$action in
        stop/start) back_unit stop "$unit" ;;
        start/reload) back_unit reload-or-restart "$unit" ;;
        start/restart) back_unit restart "$unit" ;;
        esac
        if [ "$1/$enabled" = stop/disabled ]; then back_unit ${ROOT:+--root="$ROOT"} disable "$unit"; fi
    done <<HAGEN_END
$order
HAGEN_END
}

back_unit() {
    if logged systemctl "$@"; then
        say "systemctl $*"
    else
        complain "systemctl $* failed"
        incomplete=1
    fi
}

# Undoes the last run.
undo_last() {
    STEP=rollback
    read_journal
    TXN=${TXN:-$(transactions | tail -n 1)}
    [ -n "$TXN" ] || refuse "there is nothing to roll back"
    if [ -n "$DRY" ]; then
        say "would undo $TXN:"
        sed -n 's/^A /would remove /p; s/^M /would restore /p; s/^[RO] /would bring back /p; s/^D /would remove the folder /p' "$S/backups/$TXN/index"
        sed -n 's/^\([^ ]*\) [^ ]* start$/would stop \1/p; s/^\([^ ]*\) [^ ]* re[a-z]*$/would restart \1/p' "$S/backups/$TXN/units" 2>/dev/null || :
        return 0
    fi
    take_lock
    trap '' INT TERM
    read_journal
    if [ "$PHASE" = prepare ]; then
        recover
        say "an interrupted run had changed nothing yet; its traces are removed"
        return 0
    fi
    TXN=${TXN:-$(transactions | tail -n 1)}
    [ -n "$TXN" ] || refuse "there is nothing to roll back"
    TXN_BUNDLE=$(cat "$S/backups/$TXN/bundle" 2>/dev/null) || TXN_BUNDLE=unknown
    undone=$TXN
    if ! roll_back; then
        status rollback-incomplete
        complain "NOT everything could be put back: see $LOG, then run apply --rollback again"
        exit 1
    fi
    status rolled-back
    current=$(cat "$S/current" 2>/dev/null) || current='no bundle'
    say "undone: $undone; in effect now: $(printf '%.16s' "$current"); packages stay installed"
}
