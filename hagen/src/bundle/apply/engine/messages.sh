# Talking to the operator and to the log.

# Says something to the operator and to the log; a lost terminal does not stop the work.
say() {
    printf '%s\n' "$*" 2>/dev/null || :
    [ -z "$LOG" ] || printf '%s\n' "$*" >>"$LOG" || :
}

complain() {
    printf 'apply: %s\n' "$*" >&2 2>/dev/null || :
    [ -z "$LOG" ] || printf 'apply: %s\n' "$*" >>"$LOG" || :
}

misuse() {
    complain "$1"
    usage >&2
    exit 2
}

# Ends before anything was touched: the bundle or the machine is not what it should be.
refuse() {
    complain "$1"
    exit 1
}

# Ends before anything was touched: the machine lacks something.
lacking() {
    complain "$1"
    exit 3
}

# Runs a command without input; its output goes to the log, and it does not inherit the lock.
logged() {
    printf '+ %s\n' "$*" >>"$LOG"
    "$@" </dev/null >>"$LOG" 2>&1 9>&-
}

# The end of the log, for a failure.
log_tail() {
    tail -n 20 "$LOG" | sed 's/^/    /' >&2 2>/dev/null || :
}
