# Files: plan, save, lay.

is_there() {
    [ -e "$1" ] || [ -L "$1" ]
}

# Whether the file on the node is what the bundle says.
is_same() {
    [ -f "$ROOT$2" ] && [ ! -L "$ROOT$2" ] && cmp -s "$DIR/rootfs$2" "$ROOT$2" && [ "$(stat -c %a "$ROOT$2")" = "$1" ]
}

# Name beside a file, for its next or former content. It begins with a dot, so that programs which read
# whole folders pass it over.
beside() {
    BESIDE=$ROOT${1%/*}/.hagen-$2.${1##*/}
}

# Fills PLAN with what is to be done, one per line: R obsolete file, O obsolete file in whose place something
# was before hagen, D new folder, A new file, M other file.
plan_files() {
    PATHS=$NL GONE=$NL MADE=$NL PLAN=''
    while read -r mode path; do
        [ -z "$mode" ] || PATHS=$PATHS$path$NL
    done <<HAGEN_END
$(files)
HAGEN_END
    if [ -f "$S/laid" ]; then
        while read -r sum path; do
            case $PATHS in *"$NL$path$NL"*) continue ;; esac
            is_there "$ROOT$path" || continue
            GONE=$GONE$path$NL
            op=R
            if is_there "$S/originals$path"; then
                case $PATHS in *"$NL$path/"*) ;; *) op=O ;; esac
                if is_restored "$S/originals$path" "$ROOT$path"; then continue; fi
            fi
            PLAN="$PLAN$op $path$NL"
        done <"$S/laid"
    fi
    while read -r mode path; do
        [ -n "$mode" ] || continue
        plan_folders "$path"
        if [ -d "$ROOT$path" ] && [ ! -L "$ROOT$path" ]; then
            fail "$path is a folder on this machine, and the bundle has a file there"
        fi
        if is_same "$mode" "$path"; then continue; fi
        if is_there "$ROOT$path"; then op=M; else op=A; fi
        PLAN="$PLAN$op $path$NL"
    done <<HAGEN_END
$(files)
HAGEN_END
}

# Plans the folders that a file needs and that are missing, outermost first.
plan_folders() {
    folder=${1%/*} missing=''
    while [ -n "$folder" ] && [ ! -d "$ROOT$folder" ]; do
        case $MADE in *"$NL$folder$NL"*) break ;; esac
        if is_there "$ROOT$folder"; then
            case $GONE in *"$NL$folder$NL"*) ;; *) fail "$folder is not a folder on this machine, and the bundle needs one" ;; esac
        fi
        missing="D $folder$NL$missing"
        MADE=$MADE$folder$NL
        folder=${folder%/*}
    done
    PLAN=$PLAN$missing
    if [ -n "$ROOT" ] && [ -n "$folder" ] && [ -d "$ROOT$folder" ]; then
        real=$(cd "$ROOT$folder" && pwd -P) || fail "cannot enter $folder below the root"
        case $real/ in "$ROOT"/*) ;; *) fail "$folder leads out of the root" ;; esac
    fi
}

# Says which files that will be replaced or removed were edited since a bundle laid them.
say_edited() {
    [ -f "$S/laid" ] || return 0
    while read -r sum path; do
        case "$NL$PLAN" in *"$NL"[MRO]" $path$NL"*) ;; *) continue ;; esac
        [ -f "$ROOT$path" ] || continue
        found=$(sha256sum <"$ROOT$path")
        [ "${found%% *}" = "$sum" ] || say "note: $path was edited on this machine; the edited file is kept in the backup"
    done <"$S/laid"
}

# Opens a transaction, or takes one up again: everything that will be touched is saved before it is touched.
begin() {
    STEP=backup
    if [ -z "$TXN" ]; then
        last=$(transactions | sed -n '$s/^0*\([0-9]*\)-.*/\1/p')
        short=$(printf '%.16s' "$BUNDLE")
        TXN=$(printf '%06d-%s' $((${last:-0} + 1)) "$short") TXN_BUNDLE=$BUNDLE
        T=$S/backups/$TXN
        journal prepare
        mkdir "$T" || fail "cannot write the backup"
        printf '%s\n' "$BUNDLE" >"$T/bundle" || fail "cannot write the backup"
        for name in laid folders current; do
            if [ -f "$S/$name" ]; then cp -p "$S/$name" "$T/$name" || fail "cannot write the backup"; fi
        done
        # The index comes last: without it there is nothing to undo.
        : >"$T/index" || fail "cannot write the backup"
        for name in bundle laid folders current index; do
            [ ! -f "$T/$name" ] || durable "$T/$name"
        done
    fi
    T=$S/backups/$TXN
    status running
    say_edited
    INDEX=$NL$(cat "$T/index")$NL
    fresh='' saved=$NL
    while read -r op path; do
        [ -n "$op" ] || continue
        case $INDEX in *" $path$NL"*) continue ;; esac
        fresh="$fresh$op $path$NL"
        case $op in M | R | O) save "$path" ;; esac
    done <<HAGEN_END
$PLAN
HAGEN_END
    if [ -n "$fresh" ]; then
        if ! { cat "$T/index" && printf '%s' "$fresh"; } >"$T/index.new"; then fail "cannot write the backup"; fi
        durable "$T/index.new"
        mv -f "$T/index.new" "$T/index" || fail "cannot write the backup"
    fi
    while read -r folder; do
        [ -z "$folder" ] || durable "$T/files$folder"
    done <<HAGEN_END
$saved
HAGEN_END
    durable "$T" "$S/backups"
    journal lay
    PLAN=$(cat "$T/index")$NL
}

# Saves one file as it is.
save() {
    if ! { mkdir -p "$T/files${1%/*}" && rm -f "$T/files$1" && cp -a "$ROOT$1" "$T/files$1"; }; then
        fail "cannot save $1"
    fi
    if [ ! -L "$T/files$1" ]; then durable "$T/files$1"; fi
    # Its folders are put onto the disk together, at the end.
    folder=${1%/*}
    while :; do
        case $saved in *"$NL$folder/$NL"*) break ;; esac
        saved=$saved$folder/$NL
        [ -n "$folder" ] || break
        folder=${folder%/*}
    done
}

# Lays all files: first beside their places, then, when all are on the disk, into them.
lay() {
    STEP=files
    MODES=$NL$(files)$NL
    folders=$NL
    # An obsolete file may stand where a folder is needed.
    each_planned R lay_unblock
    each_planned D lay_folder
    each_planned AM lay_beside
    each_planned O lay_original
    each_planned AMO lay_switch
    each_planned R lay_remove
    while read -r folder; do
        [ ! -d "$ROOT$folder/" ] || durable "$ROOT$folder/"
    done <<HAGEN_END
$folders
HAGEN_END
    journal activate
}

# Calls a function for every planned path with one of the operations.
each_planned() {
    while read -r op path; do
        [ -n "$op" ] || continue
        case $1 in *"$op"*) "$2" "$path" ;; esac
    done <<HAGEN_END
$PLAN
HAGEN_END
}

lay_unblock() {
    case "$NL$PLAN" in *"${NL}D $1$NL"*) ;; *) return 0 ;; esac
    [ -d "$ROOT$1" ] || rm -f "$ROOT$1" || fail "cannot remove $1"
}

lay_folder() {
    [ -d "$ROOT$1" ] || mkdir "$ROOT$1" || fail "cannot make the folder $1"
    remember_folder "${1%/*}"
}

# The mode that the bundle gives to a path.
mode_of() {
    MODE=${MODES%%" $1$NL"*}
    MODE=${MODE##*"$NL"}
}

lay_beside() {
    mode_of "$1"
    beside "$1" new
    rm -f "$BESIDE"
    if is_same "$MODE" "$1"; then return 0; fi
    # Made without rights, so that a secret is never readable by others, not even for a moment.
    if ! { (umask 077 && cp "$DIR/rootfs$1" "$BESIDE") && chmod "$MODE" "$BESIDE"; }; then fail "cannot write $1"; fi
    if [ -n "$SUPER" ]; then chown 0:0 "$BESIDE" || fail "cannot write $1"; fi
    durable "$BESIDE"
}

lay_original() {
    beside "$1" new
    rm -f "$BESIDE"
    if is_restored "$S/originals$1" "$ROOT$1"; then return 0; fi
    cp -a "$S/originals$1" "$BESIDE" || fail "cannot write $1"
    [ -L "$BESIDE" ] || durable "$BESIDE"
}

lay_switch() {
    beside "$1" new
    is_there "$BESIDE" || return 0
    # mv would go into the folder that a link points to.
    if [ -L "$ROOT$1" ] && [ -d "$ROOT$1" ]; then rm -f "$ROOT$1" || fail "cannot replace $1"; fi
    if labels && [ -f "$ROOT$1" ] && [ ! -L "$BESIDE" ]; then chcon --reference="$ROOT$1" "$BESIDE" 2>/dev/null || :; fi
    mv -f "$BESIDE" "$ROOT$1" || fail "cannot write $1"
    if labels; then restorecon "$ROOT$1" 2>/dev/null || :; fi
    remember_folder "${1%/*}"
}

lay_remove() {
    if [ ! -d "$ROOT$1" ] || [ -L "$ROOT$1" ]; then rm -f "$ROOT$1" || fail "cannot remove $1"; fi
    # Folders that hagen made go when they are empty.
    folder=${1%/*}
    while [ -n "$folder" ] && [ -f "$S/folders" ] && grep -qxF "$folder" "$S/folders"; do
        [ ! -d "$ROOT$folder" ] || rmdir "$ROOT$folder" 2>/dev/null || break
        folder=${folder%/*}
    done
    remember_folder "$folder"
}

# Folders whose entries changed are put onto the disk at the end.
remember_folder() {
    case $folders in *"$NL$1$NL"*) ;; *) folders=$folders$1$NL ;; esac
}

# What was in a place before hagen laid a file there for the first time is kept, to be given back when a
# bundle no longer has the file.
keep_original() {
    case $LAID in *" $1$NL"*) return 0 ;; esac
    rm -f "$S/originals$1"
    is_there "$T/files$1" || return 0
    mkdir -p "$S/originals${1%/*}" || fail "cannot write $S"
    cp -a "$T/files$1" "$S/originals$1" || fail "cannot write $S"
    if [ ! -L "$S/originals$1" ]; then durable "$S/originals$1"; fi
    durable "$S/originals${1%/*}"
}

# Whether this machine labels files (SELinux).
labels() {
    [ -z "$ROOT" ] && command -v selinuxenabled >/dev/null 2>&1 && selinuxenabled
}
