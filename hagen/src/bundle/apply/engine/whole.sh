# The whole of a run, from the plan to the last word.

carry_out() {
    STEP=plan
    plan_files
    set_changed
    if [ -z "$PLAN$RESUMED" ] && ! is_unit_work; then
        run_scripts
        commit
        say "nothing to change: this node is as bundle $(printf '%.16s' "$BUNDLE") says"
        say_operator
        return 0
    fi
    begin
    set_changed
    lay
    say_plan ''
    if [ -z "$ROOT" ]; then
        if [ -n "$CHANGED_ANY" ] && command -v systemctl >/dev/null 2>&1; then
            logged systemctl daemon-reload || fail "systemd does not take the changed units"
        fi
        check_configurations
        load_kernel
    fi
    start_units
    run_scripts
    commit
    say "done: bundle $(printf '%.16s' "$BUNDLE") is in effect on $NODE; the state before is kept in $S/backups/$TXN"
    say_operator
}

# CHANGED holds every path whose content changes.
set_changed() {
    CHANGED=$NL CHANGED_ANY=''
    each_planned AMRO add_changed
}

add_changed() {
    CHANGED=$CHANGED$1$NL CHANGED_ANY=1
}

# Says what was done, or, with an argument, what would be.
say_plan() {
    while read -r op path; do
        case $op${1:+-} in
        R) say "removed $path" ;;
        O) say "gave back $path as it was before hagen" ;;
        D) say "made the folder $path" ;;
        A) say "created $path" ;;
        M) say "replaced $path" ;;
        R-) say "would remove $path" ;;
        O-) say "would give back $path as it was before hagen" ;;
        D-) say "would make the folder $path" ;;
        A-) say "would create $path" ;;
        M-) say "would replace $path" ;;
        esac
    done <<HAGEN_END
$PLAN
HAGEN_END
}

run_scripts() {
    STEP=scripts
    while read -r by path purpose; do
        [ "$by" = apply ] || continue
        if [ -n "$ROOT" ]; then
            say "note: not run below a root: $path ($purpose)"
            continue
        fi
        say "running $path ($purpose)"
        if ! logged "$path"; then
            log_tail
            fail "the set-up script $path failed"
        fi
    done <<HAGEN_END
$(scripts)
HAGEN_END
}

# What is left for a person.
say_operator() {
    while read -r by path purpose; do
        [ "$by" != operator ] || say "for you to run when it is time: $path ($purpose)"
    done <<HAGEN_END
$(scripts)
HAGEN_END
}

# The bundle is in effect.
commit() {
    STEP=commit
    if [ -n "$TXN" ]; then
        LAID=$NL
        [ ! -f "$T/laid" ] || LAID=$NL$(cat "$T/laid")$NL
        each_planned AM keep_original
    fi
    sed -n 's|^\([0-9a-f]*\)  rootfs/|\1 /|p' "$DIR/SHA256SUMS" | write_state laid || fail "cannot write $S"
    {
        if [ -f "$S/folders" ]; then
            while read -r folder; do
                [ ! -d "$ROOT$folder" ] || printf '%s\n' "$folder"
            done <"$S/folders"
        fi
        each_planned D print_path
    } | sort -u | write_state folders || fail "cannot write $S"
    printf '%s\n' "$BUNDLE" | write_state current || fail "cannot write $S"
    status applied
    rm -f "$S/journal"
    durable "$S"
    trap - INT TERM
    transactions | sort -r | sed "1,${BACKUPS_MAX}d" | while read -r old; do
        rm -rf "$S/backups/$old"
    done
}

print_path() {
    printf '%s\n' "$1"
}

dry_run() {
    read_journal
    case $PHASE in '') ;; *) say "an interrupted run ($PHASE) would be completed or undone first" ;; esac
    plan_files
    set_changed
    if [ -n "$KIND" ]; then say "would install packages: $(packages | tr '\n' ' ')"; fi
    say_plan would
    say_edited
    if [ -z "$ROOT" ]; then
        while read -r unit on_change; do
            [ -n "$unit" ] || continue
            decide "$unit" "$on_change"
            if [ -n "$ENABLE" ]; then say "would enable $unit"; fi
            case $ACTION in none) ;; leave) say "would leave $unit as it runs" ;; *) say "would $ACTION $unit" ;; esac
        done <<HAGEN_END
$(units)
HAGEN_END
    fi
    while read -r by path purpose; do
        case $by in
        apply) say "would run $path ($purpose)" ;;
        operator) say "would leave to you: $path ($purpose)" ;;
        esac
    done <<HAGEN_END
$(scripts)
HAGEN_END
    if [ -z "$PLAN" ]; then say "no file would change"; fi
}
