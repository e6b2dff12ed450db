say() { printf 'glusterfs: %s\n' "$*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }
format=
case $#:${1:-} in
0:) ;;
1:--format) format=yes ;;
*) fail 64 "usage: $(basename "$0") [--format]" ;;
esac

# content DEVICE: what is on it, `nothing` for a device without any signature.
content() {
    what=$(blkid -p -o value -s TYPE -s PTTYPE "$1" 2>/dev/null) && [ -n "$what" ] && {
        printf '%s\n' "$what" | tr '\n' ' '
        return
    }
    # No signature. A disk that is used without one is not full of zeros at its start.
    if [ "$(head -c 1048576 "$1" | tr -d '\000' | wc -c)" = 0 ]; then echo nothing; else echo "unknown data"; fi
}

printf '%s\n' "$bricks" | while read -r device mount_point folder; do
    [ "$device" != - ] || continue
    [ -b "$device" ] || fail 1 "there is no block device $device"
    found=$(content "$device")
    case $found in
    'xfs '*) ;;
    nothing)
        [ -n "$format" ] || fail 3 "$device is blank: $(basename "$0") --format makes XFS on it"
        mkfs.xfs -q -i size=512 "$device"
        say "made XFS on $device"
        ;;
    *) fail 4 "$device holds $found and is left alone" ;;
    esac
done

[ ! -x "$merge" ] || "$merge"

printf '%s\n' "$bricks" | while read -r device mount_point folder; do
    mountpoint -q "$mount_point" || fail 1 "nothing is mounted at $mount_point; the brick must not lie on the disk below"
    case $folder in
    "$mount_point"/?*) mkdir -p "$(dirname "$folder")" ;;
    *) fail 1 "$folder is not below $mount_point" ;;
    esac
done
say "the bricks are ready"
