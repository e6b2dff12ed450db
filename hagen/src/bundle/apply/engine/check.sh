# Before anything is touched: the machine, the node, the bundle.

look_around() {
    for tool in cat chmod chown cmp cp date dirname flock grep id ln mkdir mv rm rmdir sed sha256sum \
        sleep sort stat sync tail tr uname; do
        command -v "$tool" >/dev/null 2>&1 || lacking "the program $tool is missing"
    done
    DIR=$(cd "$(dirname "$0")" 2>/dev/null && pwd -P) || lacking "cannot find the bundle's folder"
    if [ -n "$ROOT" ]; then
        ROOT=$(cd "$ROOT" 2>/dev/null && pwd -P) || lacking "cannot enter the root folder"
        if [ "$ROOT" = / ]; then ROOT=''; fi
    fi
    case $KEY in '' | /*) ;; *) KEY=$PWD/$KEY ;; esac
    SUPER=''
    if [ "$(id -u)" -eq 0 ]; then SUPER=1; fi
    if [ -z "$SUPER$ROOT" ]; then lacking "this must run as root"; fi
    S=$ROOT/var/lib/hagen
    if [ -z "$ROOT" ] && [ -n "$(units)" ] && ! command -v systemctl >/dev/null 2>&1; then
        lacking "the program systemctl is missing"
    fi
}

check_node() {
    if [ -n "$ROOT$FORCE" ]; then return; fi
    host=$(uname -n)
    case $NODE in
    "$host" | "${host%%.*}") return ;;
    esac
    if [ "${NODE%%.*}" = "$host" ]; then return; fi
    refuse "this bundle is for the node $NODE, and this machine is called $host (see --force-node)"
}

verify_bundle() {
    cd "$DIR" || lacking "cannot enter $DIR"
    for name in SHA256SUMS manifest.json; do
        [ -f "$name" ] || refuse "$DIR is not an unpacked bundle: $name is missing"
    done
    SUMS=$NL$(cat SHA256SUMS)$NL
    for name in apply manifest.json; do
        case $SUMS in *"  $name$NL"*) ;; *) refuse "SHA256SUMS does not list $name" ;; esac
    done
    while read -r mode path; do
        [ -n "$mode" ] || continue
        case $SUMS in *"  rootfs$path$NL"*) ;; *) refuse "SHA256SUMS does not list rootfs$path" ;; esac
    done <<HAGEN_END
$(files)
HAGEN_END
    check_signature
    if ! bad=$(sha256sum -c SHA256SUMS 2>&1); then
        printf '%s\n' "$bad" | grep -v ': OK$' >&2
        refuse "the bundle is damaged; nothing was changed"
    fi
}

# With a key, the manifest must be signed and SHA256SUMS must say what it says.
check_signature() {
    if [ -z "$KEY" ]; then
        [ -f "$ROOT/etc/hagen/minisign.pub" ] || return 0
        KEY=$ROOT/etc/hagen/minisign.pub
    fi
    [ -f "$KEY" ] || lacking "there is no key file $KEY"
    command -v minisign >/dev/null 2>&1 || lacking "the program minisign is missing, and the key $KEY demands it"
    [ -f manifest.json.minisig ] || refuse "the bundle is not signed, and the key $KEY demands it"
    minisign -V -q -p "$KEY" -m manifest.json >&2 || refuse "the signature of the bundle is not by the key $KEY"
    signed=$(sed -n 's/^{"path":"\([^"]*\)","mode":"[0-7]*","size":[0-9]*,"sha256":"\([0-9a-f]*\)",.*/\2  \1/p' manifest.json | sort)
    listed=$(grep -v '  manifest\.json$' SHA256SUMS | sort)
    [ "$signed" = "$listed" ] || refuse "SHA256SUMS does not say what the signed manifest says"
}
