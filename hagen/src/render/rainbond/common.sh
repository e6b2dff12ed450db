PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 022

tool=$(basename "$0")
errors=0
say() { printf '%s\n' "$tool: $*" >&2; }
ok() { say "ok: $*"; }
bad() {
    errors=$((errors + 1))
    say "error: $*"
}
die() {
    say "error: $*"
    exit 1
}

check_programs() {
    if [ "$(id -u)" = 0 ]; then ok "running as root"; else bad "not root; run it with sudo"; fi
    for program in "$@"; do
        if command -v "$program" >/dev/null 2>&1; then ok "$program"; else bad "$program is not installed; Rainbond's own installer brings it"; fi
    done
}

# check_images IMAGE...: in a closed network an image is here before its container starts, or never.
check_images() {
    for image in "$@"; do
        if docker image inspect "$image" >/dev/null 2>&1; then
            ok "image $image"
        else
            bad "the image $image is not on this node: load it, or set rainbond.imagePrefix and rainbond.version as they are here"
        fi
    done
}

summary() { [ "$errors" = 0 ] || die "$errors error(s); nothing was changed"; }

# answers URL: whether it answers with success.
answers() { curl -fsS -o /dev/null --noproxy '*' --connect-timeout 3 --max-time 10 "$1" 2>/dev/null; }

# wait_for SECONDS COMMAND...: repeats the command until it succeeds.
wait_for() {
    end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep 1
    done
}
