
usage() {
    echo "usage: $tool [--check] [--package FOLDER]" >&2
    echo "  --check           only look whether the upgrade can begin" >&2
    echo "  --package FOLDER  the unpacked new offline package (default: the one of the configuration)" >&2
    exit 2
}
only_check=no
new=
while [ $# -gt 0 ]; do
    case $1 in
    --check) only_check=yes ;;
    --package)
        [ $# -ge 2 ] || usage
        new=${2%/}
        is_absolute "$new" || die "the package must be an absolute path of letters, digits and /._+:@=,%-"
        shift
        ;;
    *) usage ;;
    esac
    shift
done

if [ -n "$new" ] && [ "$new" != "$package" ]; then
    package=$new
    [ "$own_manifest" = yes ] || manifest=$package/sample/manifest.yaml
fi

check_root
check_installer
check_package "$package"
check_manifest "$manifest"
check_hosts
before=$errors
check_record "$original"
if [ "$errors" != "$before" ]; then
    if [ "$front" = switched ]; then
        say "the bootstrap services are upgraded while $domain points to the original ($original), on every bootstrap node:"
        say "in domain mode the installer compares the record with the node's address, and edits /etc/hosts when they differ"
    fi
    switch_advice
fi
summary "before the upgrade"
[ "$only_check" = no ] || exit 0

lock
if [ -n "$new" ]; then
    awk -v path="$package" '/^  fullPackagePath:/ { print "  fullPackagePath: \"" path "\""; next } { print }' \
        "$config" >"$state/clusterConfig.yaml"
    config=$state/clusterConfig.yaml
    grep -q "^  fullPackagePath: \"$package\"\$" "$config" || die "$config has no fullPackagePath"
fi
run_installer cluster-create -c "$config" -m "$manifest" -u tinder
check_hosts after
summary "after the upgrade"
[ -z "$new" ] || say "write 'fullPackagePath: $package' into cluster.yaml"
hagen-dce-verify
