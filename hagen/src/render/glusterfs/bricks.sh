say() { printf 'glusterfs: %s\n' "$*" >&2; }
format=
case $#:${1:-} in
0:) ;;
1:--format) format=yes ;;
*)
    say "usage: $(basename "$0") [--format]"
    exit 64
    ;;
esac

# content DEVICE: what is on it, `nothing` for a device without any signature.
content() {
    if what=$(blkid -p -o value -s TYPE -s PTTYPE "$1" 2>/dev/null) && [ -n "$what" ]; then
        printf '%s\n' "$what" | tr '\n' ' '
    # A disk that is used without a signature is not full of zeros at its start.
    elif [ "$(head -c 1048576 "$1" | tr -d '\000' | wc -c)" = 0 ]; then
        echo nothing
    else
        echo "unknown data"
    fi
}

# disk DEVICE: makes a file system where one is wanted and nothing is.
disk() {
    if [ ! -b "$1" ]; then
        say "there is no block device $1"
        return
    fi
    found=$(content "$1")
    case $found in
    'xfs '*) ;;
    nothing)
        if [ -n "$format" ]; then
            mkfs.xfs -q -i size=512 "$1"
            say "made XFS on $1"
        else
            say "$1 is blank: $(basename "$0") --format makes XFS on it"
        fi
        ;;
    *) say "$1 holds $found and is left alone" ;;
    esac
}

while read -r device mount_point folder; do
    [ "$device" = - ] || disk "$device"
done <<BRICKS
$bricks
BRICKS

[ ! -x "$merge" ] || "$merge"

ready=yes
while read -r device mount_point folder; do
    if mountpoint -q "$mount_point"; then
        mkdir -p "$(dirname "$folder")"
    else
        say "nothing is mounted at $mount_point; the brick $folder must not lie on the disk below"
        ready=
    fi
done <<BRICKS
$bricks
BRICKS
if [ -n "$ready" ]; then
    say "the bricks are ready"
elif [ -n "$format" ]; then
    exit 3
fi
