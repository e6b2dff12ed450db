
usage() {
    echo "usage: $tool [--check] [--again] [--steps LIST]" >&2
    echo "  --check       only look whether the installation can begin" >&2
    echo "  --again       run the installer although it has succeeded with this configuration" >&2
    echo "  --steps LIST  only on the original, to go on after a failure: such as 8+ (default: all)" >&2
    exit 2
}
only_check=no
again=no
while [ $# -gt 0 ]; do
    case $1 in
    --check) only_check=yes ;;
    --again) again=yes ;;
    --steps)
        [ $# -ge 2 ] || usage
        case $2 in
        '' | *[!0-9,+]*) usage ;;
        esac
        if [ "$role" = backup ]; then
            die "a standby runs the steps $steps and no others: more would install a second cluster"
        fi
        steps=$2
        shift
        ;;
    *) usage ;;
    esac
    shift
done

running() { have podman && podman ps --format '{{.Names}}' 2>/dev/null | grep -qx -e "$instance" -e "$instance-control-plane"; }

check_machine() {
    if ip -o addr show 2>/dev/null | awk -v a="$address" '{ split($4, p, "/"); if (p[1] == a) found = 1 } END { exit !found }'; then
        ok "the address $address is on this node"
    else
        bad "the address $address is on no interface of this node: wrong machine, or the network is not set up"
    fi
    if [ "$(awk 'END { print NR }' /proc/swaps)" -gt 1 ]; then
        bad "swap is on; switch it off with 'swapoff -a' and remove it from /etc/fstab"
    else
        ok "swap is off"
    fi
    cpus=$(getconf _NPROCESSORS_ONLN)
    if [ "$cpus" -gt "$cpus_above" ]; then ok "$cpus processors"; else warn "$cpus processors; the installer asks for more than $cpus_above"; fi
    memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
    if [ "$memory" -gt "$memory_mib_above" ]; then ok "$memory MiB of memory"; else warn "$memory MiB of memory; the installer asks for more than $memory_mib_above"; fi
    folder=$data_dir
    while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
    disk=$(df -Pk "$folder" | awk 'END { print int($4 / 1048576) }')
    if [ "$disk" -gt "$disk_gib_above" ]; then ok "$disk GiB free in $folder"; else warn "$disk GiB free in $folder; the installer asks for more than $disk_gib_above"; fi
}

check_ports() {
    for port in $ports; do
        user=$(ss -ltnp 2>/dev/null | awk -v port=":$port" 'NR > 1 && substr($4, length($4) - length(port) + 1) == port { print $NF; exit }')
        if [ -z "$user" ]; then
            ok "TCP port $port is free"
        elif running; then
            ok "TCP port $port is used by the bootstrap services that run already"
        else
            bad "TCP port $port is in use: $user"
        fi
    done
}

check_surroundings() {
    if [ -n "$(name_servers)" ]; then ok "name servers: $(name_servers)"; else bad "/etc/resolv.conf names no name server"; fi
    if [ -n "$(ip route show default 2>/dev/null)$(ip -6 route show default 2>/dev/null)" ]; then ok "a default route"; else bad "there is no default route; the installer finds its interface by it"; fi
    if have chronyc && chronyc -n tracking 2>/dev/null | grep -q '^Leap status *: Normal'; then
        ok "the clock is synchronized"
    elif have timedatectl && timedatectl show 2>/dev/null | grep -q '^NTPSynchronized=yes'; then
        ok "the clock is synchronized"
    else
        warn "the clock is not known to be synchronized; certificates fail when it differs between nodes"
    fi
    if have getenforce && [ "$(getenforce)" = Enforcing ]; then warn "SELinux enforces"; fi
    if have systemctl && systemctl is-active --quiet firewalld 2>/dev/null; then warn "firewalld is running; it must let the bootstrap ports through"; fi
    if [ "$(cat /proc/sys/net/ipv6/conf/all/disable_ipv6 2>/dev/null || echo 1)" = 1 ]; then warn "IPv6 is off; podman wants it on"; fi
    missing=
    for program in podman kind kubectl helm skopeo yq mc charts-syncer; do
        have "$program" || missing="$missing $program"
    done
    if [ -n "$missing" ]; then warn "not installed:$missing; run install_prerequisite.sh of the package"; else ok "the installer's tools"; fi
}

check_files() {
    check_package "$package"
    check_manifest "$manifest"
    for file in $files; do
        if [ -r "$file" ]; then ok "$file"; else bad "$file is missing"; fi
    done
    [ -n "$private_key" ] || return 0
    if [ ! -r "$private_key" ]; then
        bad "the private key $private_key is missing"
    elif [ -n "$(find "$private_key" -perm /077)" ]; then
        bad "others may read the private key $private_key; run chmod 600 on it"
    else
        ok "$private_key"
    fi
}

check_root
check_machine
check_surroundings
check_ports
check_installer
check_files
check_hosts
before=$errors
# shellcheck disable=SC2086 # a list of addresses
check_record $addresses
[ "$errors" = "$before" ] || switch_advice
summary "before the installation"
[ "$only_check" = no ] || exit 0

lock
now=$(cat "$config" "$manifest" | sha256sum | cut -d ' ' -f 1)
if [ "$again" = no ] && [ "$(cat "$state/installed" 2>/dev/null)" = "$now" ]; then
    say "already installed with this configuration; --again repeats it, hagen-dce-verify checks it"
    exit 0
fi
if [ -n "$steps" ]; then
    run_installer cluster-create -c "$config" -m "$manifest" -j "$steps"
else
    run_installer cluster-create -c "$config" -m "$manifest"
fi
echo "$now" >"$state/installed"
check_hosts after
summary "after the installation"
hagen-dce-verify
