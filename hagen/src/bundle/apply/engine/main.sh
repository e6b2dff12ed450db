# From here on the script is the same in every bundle.

set -uf
umask 022
export LC_ALL=C
PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
NL='
'
# Rolled-back-to states that are kept.
BACKUPS_MAX=10
# A started unit must still be up after so many seconds.
SETTLE_SECONDS=2

usage() {
    cat <<HAGEN_END
usage: apply [--dry-run] [--root DIR] [--key FILE] [--force-node]
       apply --rollback [--dry-run] [--root DIR] [--force-node]

Puts the bundle of node $NODE into effect: verifies it, installs its packages, lays its files,
starts its units in order and runs its set-up scripts. Repeating it changes nothing. When a step
fails, files and units are put back as they were. An interrupted run is completed by the next.

  --dry-run     say what would be done, and do nothing
  --rollback    undo what the last run changed; packages stay installed
  --root DIR    work on the system below DIR: lay files and enable units, start nothing
  --key FILE    demand that the manifest is signed by this minisign public key;
                /etc/hagen/minisign.pub is taken when it exists
  --force-node  apply on a machine with another host name

State, backups and log are in /var/lib/hagen.
exit codes: 0 done, 1 refused, or failed and rolled back, 2 usage, 3 this machine lacks something
HAGEN_END
}

main() {
    ROOT='' KEY='' DRY='' BACK='' FORCE=''
    LOG='' TXN='' STEP=start PLAN='' STARTED='' RESUMED=''
    while [ $# -gt 0 ]; do
        case $1 in
        --root | --key)
            [ $# -ge 2 ] || misuse "$1 needs a value"
            if [ "$1" = --root ]; then ROOT=$2; else KEY=$2; fi
            shift
            ;;
        --dry-run) DRY=1 ;;
        --rollback) BACK=1 ;;
        --force-node) FORCE=1 ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) misuse "unknown argument: $1" ;;
        esac
        shift
    done
    look_around
    check_node
    if [ -n "$BACK" ]; then
        undo_last
        exit 0
    fi
    verify_bundle
    look_for_packages
    if [ -n "$DRY" ]; then
        dry_run
        exit 0
    fi
    take_lock
    recover
    install_packages
    carry_out
}
