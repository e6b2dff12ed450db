say() { printf 'etcd: %s\n' "$*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }
umask 077
pki=/etc/kubernetes/pki
manifest=/etc/kubernetes/manifests/etcd.yaml
command -v kubeadm >/dev/null 2>&1 || fail 69 "kubeadm is not installed"

# phase CONFIG NAME: one phase of kubeadm init.
phase() {
    # shellcheck disable=SC2086  # the name of a phase is one or two words
    kubeadm init phase $2 --config "$1" >&2 || fail 1 "kubeadm init phase $2 failed"
}
certificates() {
    for kind in etcd-server etcd-peer etcd-healthcheck-client apiserver-etcd-client; do
        phase "$1" "certs $kind"
    done
}
run_member() {
    if [ -e "$manifest" ]; then
        say "this machine is a member already"
        return
    fi
    phase "$config" 'etcd local'
    say "the kubelet starts etcd now"
}
