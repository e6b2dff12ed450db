
# credentials: what `join` on another node reads. The token holds for a day, the key for two hours.
credentials() {
    [ ! -t 1 ] || fail 64 "secrets do not belong on a terminal: pipe them to hagen-kubeadm join"
    [ -e /etc/kubernetes/admin.conf ] || fail 3 "this node is no control plane yet"
    hash=$(openssl x509 -pubkey -in /etc/kubernetes/pki/ca.crt -noout | openssl pkey -pubin -outform der | sha256sum | cut -d ' ' -f 1)
    token=$(kubeadm token create --kubeconfig /etc/kubernetes/admin.conf)
    key=$(kubeadm init phase upload-certs --upload-certs --kubeconfig /etc/kubernetes/admin.conf | grep -x '[0-9a-f]\{64\}')
    printf 'token=%s\nhash=sha256:%s\nkey=%s\n' "$token" "$hash" "$key"
}
