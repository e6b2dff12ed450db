case $#:${1:-} in
0:)
    [ -e "$pki/etcd/server.crt" ] ||
        fail 3 "the certificates are missing: ssh $first hagen-etcd export $(hostname) | ssh $(hostname) hagen-etcd import"
    run_member
    ;;
1:import)
    if [ -e "$pki/etcd/server.crt" ]; then
        say "the certificates are there already"
    else
        mkdir -p "$pki"
        # Exactly the files that belong here, whatever the archive holds.
        tar -C "$pki" -xf - --no-same-owner apiserver-etcd-client.crt apiserver-etcd-client.key etcd/ca.crt \
            etcd/healthcheck-client.crt etcd/healthcheck-client.key etcd/peer.crt etcd/peer.key \
            etcd/server.crt etcd/server.key || fail 8 "the archive is not complete"
    fi
    run_member
    ;;
*) fail 64 "usage: $(basename "$0") [import <ARCHIVE]" ;;
esac
