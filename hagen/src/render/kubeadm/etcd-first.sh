own() {
    [ -e "$pki/etcd/ca.key" ] || phase "$config" 'certs etcd-ca'
    [ -e "$pki/etcd/server.crt" ] || certificates "$config"
    run_member
}

export_member() {
    case " $others " in
    *" $1 "*) ;;
    *) fail 64 "$1 is none of the other members: $others" ;;
    esac
    [ -e "$pki/etcd/ca.key" ] || fail 3 "run $(basename "$0") without arguments first"
    kept=$folder/etcd/$1
    if [ ! -e "$kept/etcd/server.crt" ]; then
        mkdir -p "$kept/etcd"
        cp "$pki/etcd/ca.crt" "$pki/etcd/ca.key" "$kept/etcd/"
        certificates "$kept.yaml"
        rm -f "$kept/etcd/ca.key"
    fi
    tar -C "$kept" -cf - apiserver-etcd-client.crt apiserver-etcd-client.key etcd/ca.crt \
        etcd/healthcheck-client.crt etcd/healthcheck-client.key etcd/peer.crt etcd/peer.key \
        etcd/server.crt etcd/server.key
}

case $#:${1:-} in
0:) own ;;
2:export)
    [ ! -t 1 ] || fail 64 "private keys do not belong on a terminal: pipe them"
    export_member "$2"
    ;;
1:export-client)
    [ ! -t 1 ] || fail 64 "private keys do not belong on a terminal: pipe them"
    [ -e "$pki/apiserver-etcd-client.key" ] || fail 3 "run $(basename "$0") without arguments first"
    tar -C "$pki" -cf - apiserver-etcd-client.crt apiserver-etcd-client.key etcd/ca.crt
    ;;
*) fail 64 "usage: $(basename "$0") [export NAME | export-client]" ;;
esac
