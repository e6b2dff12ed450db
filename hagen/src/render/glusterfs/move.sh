say() { printf 'glusterfs: %s\n' "$*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }
aside=
case $#:${1:-} in
0:) ;;
1:--set-aside) aside=yes ;;
*) fail 64 "usage: $(basename "$0") [--set-aside]" ;;
esac
kept=$from.before-hagen

holds_files() { [ -n "$(find "$1" -mindepth 1 -maxdepth 1 | head -n 1)" ]; }
if findmnt -rn -o FSTYPE "$from" | grep -qx 'fuse.glusterfs\|autofs'; then
    say "$from is the volume already; nothing to do"
    exit 0
fi
if mountpoint -q "$from"; then
    fail 4 "$from is a mount of something else ($(findmnt -rn -o SOURCE "$from")): unmount it and take its line out of /etc/fstab"
fi
if [ ! -d "$from" ] || ! holds_files "$from"; then
    say "$from holds nothing to move"
    exec "$merge"
fi
[ ! -e "$kept" ] || fail 4 "$kept is there from an earlier move: look at it and remove it"

if [ -z "$aside" ]; then
    target=$(mktemp -d /run/hagen-move.XXXXXX)
    marker=.hagen-move-from-$(hostname)
    leave() {
        mountpoint -q "$target" && umount "$target"
        rmdir "$target"
    }
    trap leave EXIT
    trap 'exit 1' INT TERM HUP
    mount -t glusterfs -o "$options" "$source" "$target" || fail 1 "the volume $volume cannot be mounted"
    [ "$(findmnt -rn -o FSTYPE "$target")" = fuse.glusterfs ] ||
        fail 1 "$target is not the volume; nothing was copied"
    if holds_files "$target" && [ ! -e "$target/$marker" ]; then
        fail 4 "the volume $volume holds files already; if those in $from are old, use --set-aside"
    fi
    : >"$target/$marker"
    say "copying $(du -sh "$from" | cut -f 1) from $from to the volume $volume"
    cp -a "$from/." "$target/"

    # Names, kinds, modes, owners and link targets; then the content of every file.
    names() {
        (cd "$1" && find . -mindepth 1 ! -path "./$marker" -printf '%y %m %U:%G %l %p\0' | LC_ALL=C sort -z)
    }
    contents() {
        (cd "$1" && find . -type f ! -path "./$marker" -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum)
    }
    compare() {
        old=$("$1" "$from" | sha256sum)
        copy=$("$1" "$target" | sha256sum)
        [ "$old" = "$copy" ] || fail 5 "the copy differs from $from ($1): something still writes there; stop it and repeat"
    }
    compare names
    compare contents
    say "compared $(find "$from" -mindepth 1 | wc -l) entries"
    rm -f "$target/$marker"
    sync
    leave
    trap - EXIT
fi

mv "$from" "$kept"
mkdir "$from"
chown --reference="$kept" "$from"
chmod --reference="$kept" "$from"
say "the old files are in $kept; remove them when all is well"
"$merge"
