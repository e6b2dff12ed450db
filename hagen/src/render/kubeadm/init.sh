
kube_vip=/etc/kubernetes/manifests/kube-vip.yaml
# administrator OLD NEW: which kubeconfig kube-vip uses.
administrator() {
    [ -z "$super_admin" ] || [ ! -e "$kube_vip" ] || sed -i "s#path: /etc/kubernetes/$1\$#path: /etc/kubernetes/$2#" "$kube_vip"
}

init() {
    once
    for file in $needed_files; do
        [ -e "$file" ] || fail 3 "$file is missing: it comes from the etcd cluster, see $(basename "$0") import-etcd"
    done
    ready
    if ! kubeadm config images pull --config "$config" >>"$log" 2>&1; then
        tail -n 5 "$log" >&2
        fail 6 "images are missing and cannot be had: $(kubeadm config images list --config "$config" 2>/dev/null | tr '\n' ' ')"
    fi
    # Until the first role bindings exist, only the super administrator may do anything.
    trap 'administrator super-admin.conf admin.conf' EXIT
    administrator admin.conf super-admin.conf
    run init --config "$config" --upload-certs
    say "the cluster is there: $endpoint"
}

import_etcd() {
    mkdir -p /etc/kubernetes/pki
    tar -C /etc/kubernetes/pki -xf - --no-same-owner apiserver-etcd-client.crt apiserver-etcd-client.key etcd/ca.crt ||
        fail 8 "the archive is not complete"
    say "the client certificates of etcd are there"
}

label() {
    printf '%s\n' "$labels" | while read -r node pair; do
        [ -n "$node" ] || continue
        kubectl --kubeconfig /etc/kubernetes/admin.conf label --overwrite node "$node" "$pair" >&2
    done
}

case $#:${1:-$action} in
0:init | 1:init) init ;;
1:credentials) credentials ;;
1:label) label ;;
1:import-etcd) import_etcd ;;
*) fail 64 "usage: $(basename "$0") [init | credentials | label | import-etcd <ARCHIVE]" ;;
esac
