
only_check=no
case $#:${1:-} in
0:) ;;
1:--check) only_check=yes ;;
*)
    echo "usage: $tool [--check]" >&2
    exit 2
    ;;
esac

plugin=$compose/plugin.yaml
gateway=$compose/lb.yaml
work=$(mktemp -d)
clean() { rm -rf "$work" "$compose/.plugin.yaml.hagen"; }
trap clean EXIT
trap 'exit 1' HUP INT TERM

services() { sed -n 's/^ \{1,\}\(rbd-[a-z-]*\): *\(#.*\)\{0,1\}$/\1/p' "$1"; }

# merged FILE: the file with the service of the fragment in place of its own. Comments and services around
# it stay as they are.
merged() {
    awk '
        FNR == NR {
            if (begun) block[++lines] = $0
            if ($0 ~ /^services:/) begun = 1
            next
        }
        {
            match($0, /^ */)
            indent = RLENGTH
            if (inside && $0 !~ /^ *(#.*)?$/ && indent <= depth) inside = 0
            if ($0 ~ /^ +rbd-entrance: *(#.*)?$/) {
                inside = 1
                found++
                depth = indent
                pad = substr($0, 1, indent > 2 ? indent - 2 : 0)
                for (i = 1; i <= lines; i++) print pad block[i]
                next
            }
            if (!inside) print
        }
        END { exit found == 1 ? 0 : 3 }
    ' "$fragment" "$1"
}

check_suffix() { # FILE KEY
    for value in $(sed -n "s/^ *$2: *//p" "$1" | tr -d "\"'"); do
        if [ "$value" != "$application_domain" ]; then
            bad "$1 has $2 $value, but cluster.yaml gives applications the domain $application_domain: give the zone $value a record \"*\" that points to the VIP"
            return
        fi
    done
    ok "$2 in $1"
}

check_programs dc-compose docker curl
check_images "$image"
for file in "$plugin" "$fragment"; do
    if [ -r "$file" ]; then ok "$file"; else bad "$file is missing"; fi
done
if [ -r "$plugin" ]; then
    check_suffix "$plugin" EX_DOMAIN
    if merged "$plugin" >"$work/plugin.yaml"; then ok "rbd-entrance in $plugin"; else bad "$plugin has no service rbd-entrance, or more than one"; fi
fi
for file in "$gateway" "$gateway.bak"; do
    [ ! -r "$file" ] || check_suffix "$file" HTTP_SUFFIX_URL
done
for one in $gateways; do
    if answers "http://$one/health"; then ok "the gateway $one"; else bad "the gateway $one does not answer; run hagen-rainbond-compute on that node first"; fi
done
summary
[ "$only_check" = no ] || exit 0

services "$plugin" >"$work/before"
services "$work/plugin.yaml" >"$work/after"
cmp -s "$work/before" "$work/after" || die "the services of $plugin would change; it was left as it is"
if cmp -s "$plugin" "$work/plugin.yaml"; then
    ok "$plugin is up to date"
else
    [ -e "$plugin.hagen-before" ] || cp -p "$plugin" "$plugin.hagen-before"
    # A name with a dot: dc-compose reads *.yaml.
    cp -p "$plugin" "$compose/.plugin.yaml.hagen"
    cat "$work/plugin.yaml" >"$compose/.plugin.yaml.hagen"
    mv "$compose/.plugin.yaml.hagen" "$plugin"
    say "$plugin: rbd-entrance now programs $gateways (before: $plugin.hagen-before)"
fi
if [ -e "$gateway" ]; then
    mv "$gateway" "$gateway.bak"
    say "the gateway of this node is retired: $gateway.bak"
fi
dc-compose up -d --remove-orphans
say "done"
