# What is kept in /var/lib/hagen, whole or not at all.

# Puts files or folders onto the disk; programs that know no arguments sync everything.
durable() {
    sync "$@" 2>/dev/null || sync
}

# The kept transactions, oldest first.
transactions() {
    set +f
    for entry in "$S"/backups/[0-9]*; do
        [ ! -d "$entry" ] || printf '%s\n' "${entry##*/}"
    done
    set -f
}

# Standard input becomes a file of the state folder, whole or not at all.
write_state() {
    cat >"$S/.$1.new" && durable "$S/.$1.new" && mv -f "$S/.$1.new" "$S/$1" && durable "$S"
}

# The journal says which transaction is under way, for which bundle, and how far it is:
#   prepare   nothing has been touched, its backups are not complete
#   lay       backups are complete, files are being laid
#   activate  files are laid, units and scripts follow
#   rollback  it is being undone
journal() {
    printf '%s %s %s\n' "$1" "$TXN" "$TXN_BUNDLE" | write_state journal || fail "cannot write the journal"
}

status() {
    printf '{"node":"%s","bundle":"%s","generator":"%s","state":"%s","step":"%s","time":"%s"}\n' \
        "$NODE" "$BUNDLE" "$GENERATOR" "$1" "$STEP" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" | write_state status.json || :
}

take_lock() {
    { mkdir -p "$S/backups" && chmod 700 "$S" "$S/backups" && : >>"$S/lock"; } 2>/dev/null || lacking "cannot write $S"
    exec 9>>"$S/lock"
    flock -n 9 || lacking "another apply is running"
    if [ -f "$S/apply.log" ] && [ "$(stat -c %s "$S/apply.log")" -gt 1048576 ]; then
        mv -f "$S/apply.log" "$S/apply.log.1"
    fi
    LOG=$S/apply.log
    printf '== %s bundle %s for %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$BUNDLE" "$NODE" >>"$LOG" || lacking "cannot write $LOG"
    # A lost terminal must not leave the work half done.
    trap '' HUP PIPE
    trap 'fail "interrupted"' INT TERM
}

read_journal() {
    PHASE='' TXN='' TXN_BUNDLE=''
    [ -f "$S/journal" ] || return 0
    read -r PHASE TXN TXN_BUNDLE <"$S/journal" || :
}

# Finishes what an interrupted run left: a rollback goes on, another bundle's work is undone, and this
# bundle's work is taken up again later.
recover() {
    remove_policy
    read_journal
    case $PHASE in
    '') ;;
    prepare)
        rm -rf "$S/backups/$TXN"
        rm -f "$S/journal"
        TXN=''
        ;;
    lay | activate)
        if [ "$TXN_BUNDLE" = "$BUNDLE" ]; then
            say "an earlier run of this bundle was interrupted; completing it"
            RESUMED=1
        else
            say "an earlier run of another bundle was interrupted; undoing it first"
            roll_back || exit 1
        fi
        ;;
    rollback)
        say "an earlier rollback was interrupted; completing it"
        roll_back || exit 1
        ;;
    *) lacking "$S/journal is damaged; see $S/backups" ;;
    esac
}
