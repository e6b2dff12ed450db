
installer=$installer_dir/dce5-installer
logs=/var/log/hagen
state=/var/lib/hagen/dce

# One run at a time. The installer and what it starts do not inherit the lock.
lock() {
    mkdir -p "$state"
    exec 9>"$state/lock"
    flock -n 9 || die "another run of the installer is under way on this node"
}

# run_installer ARGUMENT...: runs it in its folder, with everything it says in a log.
run_installer() {
    mkdir -p "$logs"
    log=$logs/$tool-$(date -u +%Y%m%dT%H%M%SZ).log
    say "running dce5-installer $*"
    say "log: $log; the installer's own log: /var/log/dce5.log"
    {
        result=0
        cd "$installer_dir" && ./dce5-installer "$@" </dev/null 9>&- || result=$?
        echo "$result" >"$work/result"
    } 2>&1 | tee -a "$log" >&2
    result=$(cat "$work/result" 2>/dev/null || echo 1)
    [ "$result" = 0 ] || die "dce5-installer ended with $result; see $log"
}

check_root() {
    if [ "$(id -u)" = 0 ]; then ok "running as root"; else bad "not root; run it with sudo"; fi
}

check_installer() {
    if [ -x "$installer" ]; then ok "$installer"; else bad "$installer is missing or not executable"; fi
    if [ -r "$config" ]; then ok "$config"; else bad "$config is missing; apply the bundle of this node first"; fi
}

# check_package FOLDER: the unpacked offline package.
check_package() {
    if [ ! -d "$1" ]; then
        bad "the offline package $1 is missing; unpack it there"
    elif [ -z "$(ls -A "$1")" ]; then
        bad "the offline package $1 is empty"
    else
        ok "offline package $1"
    fi
}

check_manifest() {
    if [ -r "$1" ]; then ok "$1"; else bad "$1 is missing"; fi
}

# Where to switch the record, for messages.
switch_advice() {
    if [ -n "$switch_command" ]; then
        say "to point the record there, run on $name_server: $switch_command"
    elif [ "$front" = vip ]; then
        say "the domain must point to the VIP; correct the record on the name server of its zone"
    else
        say "change the record on the name server of its zone"
    fi
}
