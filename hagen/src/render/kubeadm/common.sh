say() { printf 'kubeadm: %s\n' "$*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }
# Everything written below may hold a token or a key.
umask 077
running=$folder/running
log=/var/log/hagen-kubeadm.log

# wait_for SECONDS COMMAND...: repeats the command until it succeeds.
wait_for() {
    end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep 2
    done
}

# A node that is a part of the cluster is left alone; one that stopped half-way is not taken for one.
once() {
    [ -e /etc/kubernetes/kubelet.conf ] || return 0
    if [ -e "$running" ]; then
        fail 4 "an earlier run was interrupted, see $log: kubeadm reset -f, and apply the bundle again"
    fi
    say "this node is a part of the cluster already"
    exit 0
}

configured_sandbox() {
    containerd config dump 2>/dev/null | sed -n "s/^ *\\(sandbox_image\\|sandbox\\) *= *[\"']\\([^\"']*\\)[\"'].*/\\2/p" | head -n 1
}

# ready: what kubeadm needs besides its document.
ready() {
    command -v kubeadm >/dev/null 2>&1 || fail 3 "kubeadm is not installed"
    have=$(kubeadm version -o short)
    [ "$have" = "$version" ] || fail 3 "kubeadm is $have, the description says $version"
    wait_for 60 test -S "$runtime_socket" || fail 3 "the container runtime does not listen on $runtime_socket"
    named=$(kubeadm config images list --kubernetes-version "$version" --image-repository "${sandbox_image%/*}" 2>/dev/null | grep '/pause:' || :)
    [ "$named" = "$sandbox_image" ] ||
        fail 3 "kubeadm $version names the pause image ${named:-(none)}, the bundle $sandbox_image: set pauseTag in cluster.yaml"
    # kubeadm starts the kubelet; that it comes back after a reboot is for somebody else to say.
    [ ! -d /run/systemd/system ] || systemctl enable kubelet.service || fail 3 "kubelet.service cannot be enabled"
    if command -v containerd >/dev/null 2>&1; then
        sandbox=$(configured_sandbox)
        [ "$sandbox" = "$sandbox_image" ] ||
            fail 3 "containerd's pause image is ${sandbox:-(none)} and not $sandbox_image: systemctl restart containerd"
    fi
}

# run KUBEADM-ARGUMENTS: kubeadm, with a mark that it has not come to its end.
run() {
    mkdir -p "$folder"
    : >"$running"
    say "kubeadm $1 starts; its words go to $log"
    if kubeadm "$@" >>"$log" 2>&1; then
        rm -f "$running"
        return 0
    fi
    tail -n 20 "$log" >&2
    fail 1 "kubeadm $1 failed, see $log"
}
