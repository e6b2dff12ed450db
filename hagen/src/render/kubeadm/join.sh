
answers() { curl -ks --connect-timeout 3 --max-time 5 -o /dev/null "https://$endpoint/healthz"; }

# take NAME PATTERN: a value of the given form out of what was brought.
take() {
    value=$(printf '%s\n' "$given" | sed -n "s/^$1=//p")
    printf '%s\n' "$value" | grep -qx "$2" || fail 8 "what was brought has no $1; it comes from: hagen-kubeadm credentials"
    printf '%s\n' "$value"
}

join() {
    once
    if [ -n "$brought" ]; then
        [ ! -t 0 ] || fail 64 "usage: ssh CONTROL-PLANE hagen-kubeadm credentials | ssh $(hostname) hagen-kubeadm join"
        given=$(cat)
        token=$(take token '[a-z0-9]\{6\}\.[a-z0-9]\{16\}')
        hash=$(take hash 'sha256:[0-9a-f]\{64\}')
        key=$(take key '[0-9a-f]\{64\}')
        mkdir -p "$folder"
        filled=$(mktemp "$folder/join.XXXXXX")
        trap 'rm -f "$filled"' EXIT
        sed "s/$token_here/$token/; s/$hash_here/$hash/; s/$key_here/$key/" "$config" >"$filled"
        config=$filled
    fi
    ready
    wait_for "${HAGEN_WAIT_SECONDS:-900}" answers || fail 7 "the control plane at $endpoint does not answer"
    run join --config "$config"
    say "this node is a $kind of the cluster now"
}
