
if [ $# -gt 0 ]; then
    echo "usage: $tool" >&2
    exit 2
fi
state=/var/lib/hagen/rainbond
dynamics=$root/etc/rbd-lb/dynamics
environment=$root/envs/kubelet.sh

check_programs dc-compose docker curl systemctl
# shellcheck disable=SC2086 # a list of images
check_images $images
for file in "$root/compose/lb.yaml" "$root/compose/base.yaml" "$dynamics/dynamic_servers/default.http.conf" "$environment"; do
    if [ -r "$file" ]; then ok "$file"; else bad "$file is missing; apply the bundle of this node first"; fi
done
for file in server.crt server.key; do
    if [ -s "$dynamics/dynamic_certs/$domain/$file" ]; then
        ok "$file of $domain"
    else
        bad "$dynamics/dynamic_certs/$domain/$file is missing; run here: scp -rp $manager:$dynamics/dynamic_certs/. $dynamics/dynamic_certs/"
    fi
done
if [ -r "$root/etc/kubernetes/kubecfg/admin.kubeconfig" ]; then ok "admin.kubeconfig"; else bad "$root/etc/kubernetes/kubecfg/admin.kubeconfig is missing; this node is no compute node of Rainbond yet"; fi
summary

mkdir -p "$dynamics/dynamic_certs" "$dynamics/dynamic_servers" "$dynamics/dynamic_upstreams" "$root/logs/rbd-lb" "$state"
dc-compose up -d
now=$(sha256sum <"$environment" | cut -d ' ' -f 1)
if [ "$(cat "$state/kubelet" 2>/dev/null)" = "$now" ]; then
    ok "the kubelet has read $environment"
else
    systemctl restart kubelet
    echo "$now" >"$state/kubelet"
    say "the kubelet was restarted with the name servers of $environment"
fi
wait_for 60 answers "http://127.0.0.1:$interface_port/health" || die "rbd-lb does not answer on port $interface_port; see: dc-compose logs rbd-lb"
ok "rbd-lb"
wait_for 60 answers "http://127.0.0.1:$health_port/readiness" || die "rbd-dns does not answer on port $health_port; see: dc-compose logs rbd-dns"
ok "rbd-dns"
say "done"
