
all=no
case $#:${1:-} in
0:) ;;
1:--all) all=yes ;;
*)
    echo "usage: $tool [--all]" >&2
    echo "  --all  although the platform has several regions" >&2
    exit 2
    ;;
esac

in_url() {
    case $1 in
    *:*) printf '[%s]' "$1" ;;
    *) printf '%s' "$1" ;;
    esac
}
# The database runs in a container; its root enters without a password there.
sql() { docker exec -i rbd-db mysql --batch --skip-column-names console; }

check_programs grctl docker curl
url="http://$(in_url "$vip"):$interface_port/health"
if answers "$url"; then ok "a gateway answers at the VIP $vip"; else bad "no gateway answers at the VIP $vip: keepalived and rbd-lb on the compute nodes must run"; fi
if before=$(echo 'SELECT region_name, tcpdomain FROM region_info ORDER BY region_name;' | sql); then
    count=$(printf '%s' "$before" | awk 'END { print NR }')
    case $count in
    0) bad "the platform has no region yet (console.region_info is empty)" ;;
    1) ok "one region" ;;
    *) if [ "$all" = yes ]; then ok "$count regions"; else bad "the platform has $count regions; --all gives the VIP to all of them"; fi ;;
    esac
else
    bad "the platform's database (rbd-db) does not answer"
fi
summary

grctl domain --ip "$vip"
printf '%s\n' "$before" | while IFS='	' read -r region address; do
    say "region $region: TCP services were reached at $address"
done
sql <<SQL
SET @vip = '$vip';
PREPARE enter_vip FROM 'UPDATE region_info SET tcpdomain = ? WHERE tcpdomain IS NULL OR tcpdomain <> ?';
EXECUTE enter_vip USING @vip, @vip;
SQL
left=$(printf "SET @vip = '%s';\nPREPARE count_left FROM 'SELECT COUNT(*) FROM region_info WHERE tcpdomain = ?';\nEXECUTE count_left USING @vip;\n" "$vip" | sql)
[ "$left" = "$count" ] || die "the VIP was entered for $left of $count regions"
say "done: applications are reached at $vip"
