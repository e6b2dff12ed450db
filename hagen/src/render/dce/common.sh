PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077

tool=$(basename "$0")
errors=0
warnings=0
say() { printf '%s\n' "$tool: $*" >&2; }
ok() { say "ok: $*"; }
warn() {
    warnings=$((warnings + 1))
    say "warning: $*"
}
bad() {
    errors=$((errors + 1))
    say "error: $*"
}
die() {
    say "error: $*"
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

work=$(mktemp -d)
clean() { rm -rf "$work"; }
trap clean EXIT
trap 'exit 1' HUP INT TERM

# The addresses that the node's name servers give for the domain, one in a line. /etc/hosts is not asked.
resolved() {
    nslookup -timeout=3 -retry=2 "$domain." 2>/dev/null |
        awk '/^Name:/ { found = 1 } found && /^Address/ { print $2 }' | sort -u
}

# The lines of /etc/hosts that name the domain.
hosts_lines() {
    awk -v domain="$domain" '{
        line = $0
        sub(/#.*/, "")
        for (i = 2; i <= NF; i++) if (tolower($i) == domain) { print line; break }
    }' /etc/hosts
}

# check_hosts: the name must come from DNS alone, or a switched record would not reach this node.
check_hosts() {
    lines=$(hosts_lines)
    if [ -z "$lines" ]; then
        ok "/etc/hosts does not name $domain"
    elif [ "$front" = vip ] && [ "${1:-}" = after ]; then
        warn "the installer wrote $domain into /etc/hosts, because the VIP is not this node's own address; remove it: $lines"
    else
        bad "/etc/hosts names $domain, so this node would not follow the DNS record; remove: $lines"
    fi
}

# check_record ADDRESS...: the domain leads to one of these addresses and nowhere else.
check_record() {
    if ! have nslookup; then
        bad "nslookup is not installed (bind9-dnsutils, dnsutils or bind-utils)"
        return
    fi
    found=$(resolved | tr '\n' ' ')
    found=${found% }
    if [ -z "$found" ]; then
        bad "the name servers of this node ($(name_servers)) have no address for $domain"
        return
    fi
    for one in $found; do
        for allowed in "$@"; do
            [ "$one" != "$allowed" ] || continue 2
        done
        bad "$domain points to $one, not to $(echo "$@" | sed 's/ / or /g')"
        return
    done
    ok "$domain points to $found"
}

name_servers() { awk '$1 == "nameserver" { printf "%s%s", sep, $2; sep = ", " }' /etc/resolv.conf 2>/dev/null; }

is_absolute() {
    case $1 in
    *[!A-Za-z0-9/._+:@=,%-]*) return 1 ;;
    /*) return 0 ;;
    *) return 1 ;;
    esac
}

# summary WHAT: ends the run when a check has failed.
summary() {
    if [ "$errors" -gt 0 ]; then
        say "$1: $errors error(s), $warnings warning(s)"
        exit 1
    fi
    say "$1: no errors, $warnings warning(s)"
}
