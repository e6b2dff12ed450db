say() { printf 'fstab: %s\n' "$*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }
[ $# -eq 0 ] || fail 64 "usage: $(basename "$0")"

fstab=/etc/fstab
begin='# BEGIN hagen: generated from cluster.yaml, change it there'
end='# END hagen'
new=$(mktemp "$fstab.XXXXXX")
trap 'rm -f "$new" "$new.block"' EXIT

[ -e "$fstab" ] || : >"$fstab"
opened=$(grep -cxF "$begin" "$fstab" || :)
closed=$(grep -cxF "$end" "$fstab" || :)
case $opened$closed in
00 | 11) ;;
*) fail 4 "$fstab has $opened lines \"$begin\" and $closed lines \"$end\": repair it by hand" ;;
esac
outside() { awk -v begin="$begin" -v end="$end" '$0 == begin { skip = 1 } !skip { print } $0 == end { skip = 0 }' "$fstab"; }

# mounted TARGET SOURCE TYPE: 0 as it shall be, 1 not mounted, 2 something else is mounted there.
mounted() {
    mountpoint -q "$1" || return 1
    case $3 in
    glusterfs) found=$(findmnt -rn -o FSTYPE "$1" | grep -cx 'fuse.glusterfs\|autofs' || :) ;;
    *) found=$(findmnt -rn -o TARGET "$2" "$1" | wc -l) ;;
    esac
    [ "$found" -gt 0 ] || return 2
}
holds_files() { [ -d "$1" ] && [ -n "$(find "$1" -mindepth 1 -maxdepth 1 ! -name lost+found | head -n 1)" ]; }

: >"$new.block"
for fragment in "$fragments"/*.fstab; do
    [ -e "$fragment" ] || continue
    while read -r source target type options rest; do
        case $source in '' | '#'*) continue ;; esac
        if outside | awk -v t="$target" '$1 !~ /^#/ && $2 == t { found = 1 } END { exit !found }'; then
            fail 4 "a line of $fstab that is not hagen's mounts $target already: remove one of the two"
        fi
        state=0
        mounted "$target" "$source" "$type" || state=$?
        if [ "$state" = 2 ]; then
            fail 4 "$target is a mount of something else: $(findmnt -rn -o SOURCE,FSTYPE "$target" | tr '\n' ' ')"
        fi
        if [ "$state" = 1 ] && holds_files "$target"; then
            case $fragment in
            *-after-move.fstab)
                say "$target holds files: it is mounted when they have been moved"
                continue
                ;;
            *) fail 4 "$target holds files, which a mount would hide: move them away" ;;
            esac
        fi
        printf '%s\t%s\t%s\t%s\t%s\n' "$source" "$target" "$type" "$options" "$rest" >>"$new.block"
    done <"$fragment"
done

marked() {
    [ -s "$new.block" ] || return 0
    printf '%s\n' "$begin"
    cat "$new.block"
    printf '%s\n' "$end"
}
# The copy keeps owner, mode and labels of the old file, and the block its place.
cp -p "$fstab" "$new"
if [ "$opened" = 1 ]; then
    sed "/^$begin\$/,\$d" "$fstab"
    marked
    sed "1,/^$end\$/d" "$fstab"
else
    # Also the last line ends.
    awk 1 "$fstab"
    marked
fi >"$new"
systemd=
[ ! -d /run/systemd/system ] || systemd=yes
if cmp -s "$fstab" "$new"; then
    say "nothing to change"
else
    [ -e "$fstab.before-hagen" ] || cp -p "$fstab" "$fstab.before-hagen"
    mv -f "$new" "$fstab"
    say "$fstab has $(wc -l <"$new.block") lines of hagen"
    [ -z "$systemd" ] || systemctl daemon-reload
fi

failed=0
while read -r source target type options rest; do
    mkdir -p "$target"
    [ "$type" != glusterfs ] || mkdir -p /var/log/glusterfs
    if mounted "$target" "$source" "$type"; then
        continue
    fi
    unit=mount
    case ,$options, in *,x-systemd.automount,*) unit=automount ;; esac
    if [ -n "$systemd" ]; then
        start() { systemctl start "$(systemd-escape --path --suffix="$unit" "$target")"; }
    else
        start() { mount "$target"; }
    fi
    if ! start; then
        # A volume may come up later than its clients, and a node works on without its brick.
        case ,$options, in *,_netdev,* | *,nofail,*) say "$target cannot be mounted now" ;; *) failed=1 ;; esac
    fi
done <"$new.block"
[ "$failed" = 0 ] || fail 1 "not everything could be mounted"
