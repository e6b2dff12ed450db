# Packages, from the bundle alone.

# Finds out how packages are installed here: KIND is deb, rpm, or empty when there is nothing to do.
look_for_packages() {
    KIND=''
    [ -n "$(packages)" ] || return 0
    if [ -n "$ROOT" ]; then
        say "note: packages are not installed below a root: $(packages | tr '\n' ' ')"
        return 0
    fi
    if [ -f "$DIR/packages/deb/Packages" ] && command -v apt-get >/dev/null 2>&1; then
        KIND=deb
    elif [ -f "$DIR/packages/rpm/repodata/repomd.xml" ]; then
        for RPM_TOOL in dnf yum ''; do
            if command -v "$RPM_TOOL" >/dev/null 2>&1; then break; fi
        done
        [ -z "$RPM_TOOL" ] || KIND=rpm
    fi
    if [ -z "$KIND" ]; then
        # The site may install packages in its own way: then they must be there before anything is touched.
        if command -v dpkg-query >/dev/null 2>&1; then KIND=deb; else KIND=rpm; fi
        missing=$(missing_packages)
        [ -z "$missing" ] ||
            lacking "not installed, and not in this bundle:$missing; install them, or ship a repository by offline.files"
        KIND=''
        return 0
    fi
    CLOSURE=$(grep '  packages/' "$DIR/SHA256SUMS" | sha256sum)
    CLOSURE=${CLOSURE%% *}
    if [ "$(cat "$S/packages" 2>/dev/null)" = "$CLOSURE" ] && are_installed; then KIND=''; fi
}

are_installed() {
    [ -z "$(missing_packages)" ]
}

# Packages that are not installed, each after a blank.
missing_packages() {
    for package in $(packages); do
        case $KIND in
        deb) [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf ' %s' "$package" ;;
        rpm) rpm -q "$package" >/dev/null 2>&1 || printf ' %s' "$package" ;;
        esac
    done
}

install_packages() {
    STEP=packages
    case $KIND in
    '') return 0 ;;
    deb) install_deb ;;
    rpm) install_rpm ;;
    esac
    printf '%s\n' "$CLOSURE" | write_state packages || fail "cannot write $S"
}

# apt-get with this bundle as its only source.
with_apt() {
    logged env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o Dir::Etc::SourceList="$S/apt/sources.list" -o Dir::Etc::SourceParts=- \
        -o Dir::State::Lists="$S/apt/lists" -o Dir::Cache="$S/apt/cache" \
        -o APT::Sandbox::User=root -o Acquire::Languages=none -o DPkg::Lock::Timeout=120 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

install_deb() {
    rm -rf "$S/apt"
    mkdir -p "$S/apt/lists/partial" "$S/apt/cache/archives/partial" || fail "cannot write $S"
    # The link has a plain name, whatever the bundle's folder is called.
    ln -s "$DIR/packages/deb" "$S/apt/repository" || fail "cannot write $S"
    printf 'deb [trusted=yes] file:%s/apt/repository ./\n' "$S" >"$S/apt/sources.list" || fail "cannot write $S"
    say "installing packages: $(packages | tr '\n' ' ')"
    write_policy
    # An interrupted run may have left packages half configured.
    logged dpkg --force-confold --configure -a || :
    # shellcheck disable=SC2046 # one word per package, and no patterns
    if ! { with_apt update && with_apt --no-install-recommends --no-remove install $(packages); }; then
        remove_policy
        log_tail
        fail "the packages could not be installed"
    fi
    remove_policy
    rm -rf "$S/apt"
}

install_rpm() {
    rm -rf "$S/rpm"
    mkdir -p "$S/rpm" || fail "cannot write $S"
    ln -s "$DIR/packages/rpm" "$S/rpm/repository" || fail "cannot write $S"
    cat >"$S/rpm/yum.conf" <<HAGEN_END || fail "cannot write $S"
[main]
reposdir=/dev/null
cachedir=$S/rpm/cache
plugins=0
install_weak_deps=0
[hagen]
name=hagen
baseurl=file://$S/rpm/repository
gpgcheck=0
HAGEN_END
    say "installing packages: $(packages | tr '\n' ' ')"
    # shellcheck disable=SC2046 # one word per package, and no patterns
    if ! logged "$RPM_TOOL" -y -c "$S/rpm/yum.conf" install $(packages); then
        log_tail
        fail "the packages could not be installed"
    fi
    rm -rf "$S/rpm"
}

# Keeps Debian packages from starting this bundle's units before their configuration is there.
write_policy() {
    [ ! -e /usr/sbin/policy-rc.d ] || return 0
    if ! {
        cat <<'HAGEN_END'
#!/bin/sh
# hagen apply
case "$2" in *restart*) exit 0 ;; *start*) ;; *) exit 0 ;; esac
case "${1%.service}.service" in
HAGEN_END
        while read -r unit on_change; do
            [ -z "$unit" ] || printf "'%s') exit 101 ;;\n" "$unit"
        done <<HAGEN_END
$(units)
HAGEN_END
        printf 'esac\nexit 0\n'
    } >"$S/policy.new"; then fail "cannot write $S"; fi
    chmod 755 "$S/policy.new" || fail "cannot write $S"
    mv -f "$S/policy.new" /usr/sbin/policy-rc.d || fail "cannot write /usr/sbin/policy-rc.d"
}

remove_policy() {
    if [ -z "$ROOT" ] && [ -f /usr/sbin/policy-rc.d ] && grep -qx '# hagen apply' /usr/sbin/policy-rc.d; then
        rm -f /usr/sbin/policy-rc.d
    fi
}
