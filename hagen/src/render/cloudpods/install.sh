PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077

tool=$(basename "$0")
state=/var/lib/hagen/cloudpods
logs=/var/log/hagen
errors=0
warnings=0
say() { printf '%s\n' "$tool: $*" >&2; }
ok() { say "ok: $*"; }
warn() {
    warnings=$((warnings + 1))
    say "warning: $*"
}
bad() {
    errors=$((errors + 1))
    say "error: $*"
}
die() {
    say "error: $*"
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

usage() {
    echo "usage: $tool [--check] [--again] [--ocboot FOLDER]" >&2
    echo "  --check          only look whether the installation can begin" >&2
    echo "  --again          repeat runs that have succeeded" >&2
    echo "  --ocboot FOLDER  where ocboot is unpacked (default: $ocboot)" >&2
    exit 2
}
only_check=no
again=no
while [ $# -gt 0 ]; do
    case $1 in
    --check) only_check=yes ;;
    --again) again=yes ;;
    --ocboot)
        [ $# -ge 2 ] || usage
        ocboot=$2
        shift
        ;;
    *) usage ;;
    esac
    shift
done

work=$(mktemp -d)
clean() { rm -rf "$work"; }
trap clean EXIT
trap 'exit 1' HUP INT TERM

# remote PEER COMMAND: runs it there; a password is never asked for.
remote() {
    rest=${1#*:}
    user=${rest%%:*}
    rest=${rest#*:}
    port=${rest%%:*}
    set -- "${rest#*:}" "$2"
    # shellcheck disable=SC2086 # no word where there is no key
    ssh -o BatchMode=yes -o ConnectTimeout=10 ${private_key:+-i "$private_key"} -p "$port" -l "$user" "$1" "$2"
}

check_peers() {
    for peer in $peers; do
        name=${peer%%:*}
        before=$(date +%s)
        if ! remote "$peer" 'date +%s; getenforce 2>/dev/null || :' </dev/null >"$work/answer" 2>"$work/ssh"; then
            bad "$name does not let this node in: $(tail -n 1 "$work/ssh"); run ssh-copy-id towards it"
            continue
        fi
        after=$(date +%s)
        there=$(sed -n 1p "$work/answer")
        # How far off it is, less what the question itself took.
        off=$((there > after ? there - after : (before > there ? before - there : 0)))
        if [ "$off" -le 2 ]; then ok "$name: SSH, clock"; else bad "the clock of $name is $off s off; certificates would not be valid"; fi
        if [ "$(sed -n 2p "$work/answer")" = Enforcing ]; then
            bad "SELinux enforces on $name: disable it in /etc/selinux/config and reboot"
        fi
    done
}

check_here() {
    if [ "$(id -u)" = 0 ]; then ok "running as root"; else bad "not root; run it with sudo"; fi
    if [ -f "$ocboot/ocboot.py" ]; then ok "$ocboot/ocboot.py"; else bad "$ocboot/ocboot.py is missing; unpack ocboot there, or name its folder with --ocboot"; fi
    for program in python3 ansible-playbook ssh; do
        if have "$program"; then ok "$program"; else bad "$program is not installed"; fi
    done
    for inventory in $inventories; do
        if [ -r "$folder/$inventory" ]; then ok "$folder/$inventory"; else bad "$folder/$inventory is missing; apply the bundle of this node first"; fi
    done
    if have getenforce && [ "$(getenforce)" = Enforcing ]; then bad "SELinux enforces here: disable it in /etc/selinux/config and reboot"; fi
}

# connects HOST PORT
connects() { python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).close()' "$1" "$2" 2>/dev/null; }

# in_use ADDRESS: somebody has it: a connection is accepted or refused, or a ping is answered.
in_use() {
    python3 -c '
import socket, sys
for port in (22, 443, 6443):
    try:
        socket.create_connection((sys.argv[1], port), 2).close()
    except ConnectionRefusedError:
        pass
    except OSError:
        continue
    sys.exit(0)
sys.exit(1)' "$1" && return 0
    have ping && ping -c 1 -W 2 "$1" >/dev/null 2>&1
}

check_services() {
    if connects "$database_host" "$database_port"; then ok "the database answers at $database_host port $database_port"; else bad "the database does not answer at $database_host port $database_port"; fi
    if connects "$image_host" 443 || connects "$image_host" 80; then ok "the registry $image_host"; else warn "the registry $image_host does not answer; images must be on the nodes already"; fi
    if [ -e "$state/begun" ]; then
        ok "an earlier run has begun: the VIP $vip may be in use"
    elif in_use "$vip"; then
        bad "somebody answers at $vip, which is to become the VIP"
    else
        ok "nobody answers at the VIP $vip"
    fi
}

check_here
check_peers
check_services
if [ "$errors" -gt 0 ]; then
    say "before the installation: $errors error(s), $warnings warning(s)"
    exit 1
fi
say "before the installation: no errors, $warnings warning(s)"
[ "$only_check" = no ] || exit 0

mkdir -p "$state" "$logs"
exec 9>"$state/lock"
flock -n 9 || die "another installation is under way on this node"
: >"$state/begun"
for inventory in $inventories; do
    now=$(sha256sum <"$folder/$inventory" | cut -d ' ' -f 1)
    if [ "$again" = no ] && [ "$(cat "$state/$inventory.done" 2>/dev/null)" = "$now" ]; then
        say "$inventory: done already; --again repeats it"
        continue
    fi
    log=$logs/$tool-${inventory%.yml}-$(date -u +%Y%m%dT%H%M%SZ).log
    say "$inventory: ocboot is running; log: $log"
    {
        result=0
        # The nodes are rebooted by hand, one after the other, when all runs are done.
        cd "$ocboot" && NO_REBOOT=1 python3 ./ocboot.py install "$folder/$inventory" </dev/null 9>&- || result=$?
        echo "$result" >"$work/result"
    } 2>&1 | tee -a "$log" >&2
    result=$(cat "$work/result" 2>/dev/null || echo 1)
    [ "$result" = 0 ] || die "ocboot ended with $result for $inventory; see $log"
    echo "$now" >"$state/$inventory.done"
done
say "done: https://$vip"
say "next, on every controller: hagen-cloudpods-kubectl and, where it is, hagen-cloudpods-vip"
case $(uname -r) in
*yn*) ;;
*) say "this node runs the kernel $(uname -r); reboot the nodes one after the other to change to the one that was installed" ;;
esac
