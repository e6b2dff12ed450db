
usage() {
    echo "usage: $tool [--image NAME:TAG]... [--chart NAME]... [--file PATH]... [--compare ADDRESS]" >&2
    echo "  asks the bootstrap services of this node; further images, charts and files must be there, too" >&2
    echo "  --compare ADDRESS  the registry there must hold the same images" >&2
    exit 2
}
wanted_images=
wanted_charts=
wanted_files=
peer=
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $2 in
    '' | *[!A-Za-z0-9/._:@%+-]*) usage ;;
    esac
    case $1 in
    --image) wanted_images="$wanted_images $2" ;;
    --chart) wanted_charts="$wanted_charts $2" ;;
    --file) wanted_files="$wanted_files ${2#/}" ;;
    --compare) peer=$2 ;;
    *) usage ;;
    esac
    shift 2
done

# An address inside a URL.
bracket() {
    case $1 in
    *:*) printf '[%s]' "$1" ;;
    *) printf '%s' "$1" ;;
    esac
}

# get URL [OPTION...]: the answer to $work/body, its HTTP code to $code (000: no answer).
get() {
    url=$1
    shift
    code=$(curl -sS -k --noproxy '*' --connect-timeout 5 --max-time 30 -o "$work/body" -w '%{http_code}' "$@" "$url" 2>"$work/curl") || code=000
}

# get_plain PORT PATH: over HTTP, or over HTTPS where the port speaks TLS.
get_plain() {
    get "http://$(bracket "$address"):$1$2"
    case $code in
    000 | 400) get "https://$(bracket "$address"):$1$2" ;;
    esac
}

why() { if [ "$code" = 000 ]; then sed 's/^curl: //' "$work/curl" | tail -n 1; else echo "HTTP $code"; fi; }

check_certificate() {
    timeout 15 openssl s_client -connect "$(bracket "$address"):$registry_port" -servername "$domain" \
        </dev/null 2>/dev/null | openssl x509 -outform PEM >"$work/certificate" 2>/dev/null || :
    if [ ! -s "$work/certificate" ]; then
        bad "the registry shows no certificate on $address port $registry_port"
        return
    fi
    names=$(openssl x509 -in "$work/certificate" -noout -text |
        awk '/X509v3 Subject Alternative Name/ { getline; gsub(/^ +/, ""); print; exit }')
    # Without names of that kind openssl would fall back to the common name, which clients do not.
    case $names in
    *DNS:*) serves "domain $domain" -checkhost "$domain" ;;
    *) bad "the registry's certificate does not serve the domain $domain, only: ${names:-no names}" ;;
    esac
    serves "address $address" -checkip "$address"
    if ! openssl x509 -in "$work/certificate" -noout -checkend 0 >/dev/null; then
        bad "the registry's certificate has expired"
    elif ! openssl x509 -in "$work/certificate" -noout -checkend 2592000 >/dev/null; then
        warn "the registry's certificate expires within 30 days"
    fi
}

# serves WHAT OPTION VALUE
serves() {
    if openssl x509 -in "$work/certificate" -noout "$2" "$3" | grep -q ' does match certificate'; then
        ok "the registry's certificate serves the $1"
    else
        bad "the registry's certificate does not serve the $1, only: ${names:-no names}"
    fi
}

# catalogue FILE URL [OPTION...]: the names of all images of a registry, sorted. Registries give at most
# 1000 at once, and refuse to be asked for more.
catalogue() {
    list=$1
    catalogue_url=$2
    shift 2
    : >"$list"
    after=
    while :; do
        get "$catalogue_url/_catalog?n=500$after" "$@"
        [ "$code" = 200 ] || return 0
        tr ',[]' '[\n*]' <"$work/body" | sed -n 's/^ *"\([^"]*\)" *$/\1/p' >"$work/page"
        cat "$work/page" >>"$list"
        if [ "$(awk 'END { print NR }' "$work/page")" -lt 500 ]; then break; fi
        after="&last=$(tail -n 1 "$work/page")"
    done
    sort -o "$list" "$list"
}

check_images() {
    registry="https://$domain:$registry_port"
    there="$domain:$registry_port:$(bracket "$address")"
    get "$registry/v2/" --resolve "$there"
    case $code in
    200) ok "the registry answers" ;;
    401)
        warn "the registry asks for a login; its images were not looked at"
        return
        ;;
    *)
        bad "the registry does not answer on $address port $registry_port: $(why)"
        return
        ;;
    esac
    catalogue "$work/images" "$registry/v2" --resolve "$there"
    count=$(awk 'END { print NR }' "$work/images")
    if [ "$code" = 200 ] && [ "$count" -gt 0 ]; then ok "$count image repositories"; else bad "the registry holds no images ($(why))"; fi
    for image in $wanted_images; do
        get "$registry/v2/${image%:*}/manifests/${image##*:}" --resolve "$there" \
            -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
            -H 'Accept: application/vnd.docker.distribution.manifest.list.v2+json' \
            -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
            -H 'Accept: application/vnd.oci.image.index.v1+json'
        if [ "$code" = 200 ]; then ok "image $image"; else bad "the image $image is not there: $(why)"; fi
    done
    [ -n "$peer" ] || return 0
    catalogue "$work/peer" "https://$(bracket "$peer"):$registry_port/v2"
    if [ "$code" != 200 ]; then
        bad "the registry on $peer does not answer: $(why)"
        return
    fi
    lacking=$(comm -13 "$work/images" "$work/peer" | awk '{ printf " %s", $0 }')
    more=$(comm -23 "$work/images" "$work/peer" | awk '{ printf " %s", $0 }')
    if [ -z "$lacking$more" ]; then ok "the same images as on $peer"; fi
    if [ -n "$lacking" ]; then bad "images of $peer that are not here:$lacking"; fi
    if [ -n "$more" ]; then warn "images that are not on $peer:$more"; fi
}

check_charts() {
    get_plain "$chartmuseum_port" /api/charts
    if [ "$code" = 200 ]; then
        count=$(grep -o '"name" *:' "$work/body" | awk 'END { print NR }')
    else
        get_plain "$chartmuseum_port" /index.yaml
        count=$(grep -c '^ *-* *name: ' "$work/body" 2>/dev/null || :)
    fi
    if [ "$code" != 200 ]; then
        bad "the chart repository does not answer on $address port $chartmuseum_port: $(why)"
        return
    fi
    if [ "${count:-0}" -gt 0 ]; then ok "the chart repository holds charts"; else bad "the chart repository is empty"; fi
    for chart in $wanted_charts; do
        get_plain "$chartmuseum_port" "/api/charts/$chart"
        if [ "$code" = 200 ]; then ok "chart $chart"; else bad "the chart $chart is not there: $(why)"; fi
    done
}

check_downloads() {
    get_plain "$minio_server_port" /minio/health/live
    if [ "$code" = 200 ]; then ok "MinIO is alive"; else bad "MinIO does not answer on $address port $minio_server_port: $(why)"; fi
    for file in $wanted_files; do
        get_plain "$minio_server_port" "/$file"
        if [ "$code" = 200 ]; then ok "file $file"; else bad "the file $file cannot be downloaded: $(why)"; fi
    done
    get_plain "$minio_console_port" /
    case $code in
    2?? | 3??) ok "MinIO's console answers" ;;
    *) bad "MinIO's console does not answer on $address port $minio_console_port: $(why)" ;;
    esac
}

for program in curl openssl timeout; do
    have "$program" || die "$program is not installed"
done
check_certificate
check_images
check_charts
check_downloads
check_hosts after
if have nslookup; then say "note: $domain points to $(resolved | tr '\n' ' ')now"; fi
summary "bootstrap services of $address"
