PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

tool=$(basename "$0")
say() { printf '%s\n' "$tool: $*" >&2; }
die() {
    say "error: $*"
    exit 1
}
holds() { ip -o addr show 2>/dev/null | awk -v a="$vip" '{ split($4, p, "/"); if (p[1] == a) found = 1 } END { exit !found }'; }

wanted=$priority
case $#:${1:-} in
0:) ;;
1:--lower) wanted=$lowered_priority ;;
1:--status)
    if holds; then say "this node carries the VIP $vip"; else say "this node does not carry the VIP $vip"; fi
    exit 0
    ;;
*)
    echo "usage: $tool [--lower|--status]" >&2
    echo "  sets the priority of this node to $priority, or for maintenance to $lowered_priority (--lower)" >&2
    exit 2
    ;;
esac

manifest=
for file in /etc/kubernetes/manifests/keepalived.yaml /var/lib/rancher/k3s/agent/pod-manifests/keepalived.yaml; do
    if [ -f "$file" ]; then
        manifest=$file
        break
    fi
done
[ -n "$manifest" ] || die "there is no keepalived.yaml among the static pods; install with high_availability first"

# value NAME: the value of an environment variable of the pod.
value() {
    awk -v name="$1" '
        seen && $1 == "value:" { sub(/^ *value: */, ""); gsub(/^["'\'']|["'\'']$/, ""); print; exit }
        $1 == "-" && $2 == "name:" { seen = ($3 == name) }
    ' "$manifest"
}
case $(value KEEPALIVED_VIRTUAL_IPS) in
*\'"$vip"\'*) ;;
*) die "$manifest is for another address than $vip: $(value KEEPALIVED_VIRTUAL_IPS)" ;;
esac
found=$(value KEEPALIVED_INTERFACE)
[ "$found" = "$interface" ] || say "note: keepalived is set to $found; the host agent moves the address to $interface"

if [ "$(value KEEPALIVED_PRIORITY)" = "$wanted" ]; then
    say "the priority is $wanted already"
else
    # The kubelet reads every file of the folder except those whose names begin with a dot.
    new=$(dirname "$manifest")/.keepalived.yaml.hagen
    trap 'rm -f "$new"' EXIT
    trap 'exit 1' HUP INT TERM
    cp -p "$manifest" "$new"
    awk -v wanted="$wanted" '
        seen && $1 == "value:" { sub(/value:.*/, "value: \"" wanted "\""); changed = 1 }
        { if (!($1 == "value:")) seen = 0 }
        $1 == "-" && $2 == "name:" { seen = ($3 == "KEEPALIVED_PRIORITY") }
        { print }
        END { exit !changed }
    ' "$manifest" >"$new" || die "$manifest has no KEEPALIVED_PRIORITY"
    mv "$new" "$manifest"
    say "the priority is now $wanted; the kubelet starts keepalived anew"
fi

if [ "$wanted" = "$lowered_priority" ]; then
    end=$(($(date +%s) + 60))
    while holds; do
        [ "$(date +%s)" -lt "$end" ] || die "the VIP $vip has not moved in 60 s; is another controller up?"
        sleep 1
    done
    say "this node does not carry the VIP $vip"
fi
