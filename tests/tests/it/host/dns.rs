//! Two real name servers with the rendered zones: answers, transfer, the switched record, the serial.

use hagen::judge::Output;
use hagen::os::Os;
use hagen::plan::named::Named;
use hagen::render;
use hagen::tree::{File, Tree};

use super::fixtures::{primary, secondary, tree};
use super::{lines, on_stage};

const PRIMARY: &str = "172.30.41.192";
const SECONDARY: &str = "172.30.41.191";
const TOOLS: [&str; 5] = ["named", "dig", "rndc", "rndc-confgen", "named-checkzone"];

fn debian(revision: u32, active: [&str; 2]) -> Named {
    primary(Os::builtin("debian-12").unwrap(), PRIMARY, revision, active, &[SECONDARY])
}

/// The primary with Debian's paths; below `/bundles/N` what other bundles declare; the secondary with
/// Red Hat's paths.
fn servers() -> Tree {
    let mut files = render::named::render(&debian(7, ["tinder-1", "tinder-2"]));
    for (folder, revision, active) in
        [("old", 3, ["tinder-1", "tinder-2"]), ("next", 9, ["tinder-2", "tinder-1"])]
    {
        for mut file in render::named::render(&debian(revision, active)) {
            file.path = format!("/bundles/{folder}{}", file.path);
            files.push(file);
        }
    }
    let copy = secondary(Os::builtin("rocky-9").unwrap(), SECONDARY, PRIMARY);
    files.extend(render::named::render(&copy).into_iter().filter(|file| file.path == "/etc/named.conf"));
    let main = "include \"/etc/bind/named.conf.options\";\ninclude \"/etc/bind/named.conf.local\";\n";
    files.push(File::config("test", "/etc/bind/named.conf", main));
    tree(files)
}

/// Runs a script after both servers are up and the secondary has all zones.
fn with_servers(script: &str) -> Output {
    on_stage(&servers(), &TOOLS, &format!("{START}\n{script}"))
}

const START: &str = r#"
ip link add eth0 type veth peer name p0
for n in 191 192; do ip addr add "172.30.41.$n/24" dev eth0; done
ip link set eth0 up
zone=tinder-node-server.com
www=www.$zone
rndc-confgen -a -u bind >/dev/null 2>&1
# Only the primary is controlled by rndc here.
echo "controls { };" >>/etc/named.conf
mkdir -p /run/named /var/named/slaves /var/cache/bind
chown bind /run/named /var/named /var/named/slaves /var/cache/bind
answer() { dig +short +time=2 +tries=1 "$@"; }
serial() { answer "@$1" SOA "${2:-$zone}" | cut -d ' ' -f 3; }
follows() { [ "$(serial 172.30.41.191)" = "$(serial 172.30.41.192)" ]; }
start_primary() {
    named -u bind -c /etc/bind/named.conf -f 2>>/tmp/primary.log &
    primary=$!
    wait_for rndc status
    wait_for dig +short +time=1 +tries=1 @172.30.41.192 SOA $zone
}
# apply FOLDER: what laying another bundle and starting hagen-dns.service does
apply() { cp -R "/bundles/$1/etc/hagen" /etc/; hagen-dns-switch --publish; }
hagen-dns-switch --publish
start_primary
named -u bind -c /etc/named.conf -f 2>>/tmp/secondary.log &
for z in $(sed '/^#/d' /etc/hagen/dns/zones.list | cut -d ' ' -f 1); do
    wait_for sh -c "dig +short +time=1 +tries=1 @172.30.41.191 SOA $z | grep -q ."
done
"#;

#[test]
fn both_servers_answer_for_all_zones() {
    let output = with_servers(
        r#"
for server in 172.30.41.192 172.30.41.191; do
    echo "A $(answer @$server A $www)"
    echo "AAAA $(answer @$server AAAA $www)"
    echo "apex $(answer @$server A $zone)"
    echo "wildcard $(answer @$server A anything.$zone | tr '\n' ' ')"
    echo "PTR $(answer @$server -x 172.30.41.193)"
    echo "PTR6 $(answer @$server -x fd00:41::194)"
    echo "SOA $(answer @$server SOA $zone)"
    echo "NS $(answer @$server NS 41.30.172.in-addr.arpa)"
    echo "TTL $(dig +noall +answer @$server A $www | awk '{ print $2 }')"
    echo "flags $(dig @$server A $www | grep -c 'flags:.* aa')"
    echo "foreign $(dig @$server A example.org | grep -o 'status: [A-Z]*')"
done
"#,
    );
    let one = [
        "A 172.30.41.193",
        "AAAA fd00:41::193",
        "apex 172.30.41.193",
        "wildcard www.tinder-node-server.com. 172.30.41.193 ",
        "PTR tinder-1.tinder-node-server.com.",
        "PTR6 tinder-2.tinder-node-server.com.",
        "SOA ns.tinder-node-server.com. hostmaster.tinder-node-server.com. 7 900 300 1209600 60",
        "NS ns.tinder-node-server.com.",
        "TTL 30",
        "flags 1",
        "foreign status: REFUSED",
    ];
    assert_eq!(lines(&output), [one, one].concat());
}

#[test]
fn only_the_secondary_may_transfer_and_only_the_cluster_may_ask() {
    // Another machine: a network namespace at the other end of the cable.
    let output = with_servers(
        r#"
ip route add 203.0.113.0/24 dev eth0
unshare --net sleep 170 &
other=$!
wait_for sh -c "[ \$(readlink /proc/$other/ns/net) != \$(readlink /proc/self/ns/net) ]"
ip link set p0 netns $other
there() { nsenter --net=/proc/$other/ns/net "$@"; }
there ip link set p0 up
there ip addr add 172.30.41.20/24 dev p0
there ip addr add 203.0.113.5/24 dev p0
ask() { there dig +time=2 +tries=1 "$@"; }
wait_for there dig +time=1 +tries=1 -b 172.30.41.20 @172.30.41.192 SOA $zone
echo "secondary $(dig +noall +answer -b 172.30.41.191 @172.30.41.192 AXFR $zone | grep -c SOA)"
echo "neighbour $(ask -b 172.30.41.20 @172.30.41.192 AXFR $zone | grep -c 'Transfer failed')"
echo "copy $(ask -b 172.30.41.20 @172.30.41.191 AXFR $zone | grep -c 'Transfer failed')"
echo "member $(ask -b 172.30.41.20 @172.30.41.192 A $www | grep -o 'status: [A-Z]*')"
echo "stranger $(ask -b 203.0.113.5 @172.30.41.192 A $www | grep -o 'status: [A-Z]*')"
"#,
    );
    // A transfer begins and ends with the SOA record.
    let expected =
        ["secondary 2", "neighbour 1", "copy 1", "member status: NOERROR", "stranger status: REFUSED"];
    assert_eq!(lines(&output), expected);
}

#[test]
fn a_switch_is_served_everywhere_and_the_serial_grows() {
    let output = with_servers(
        r#"
switch() { hagen-dns-switch "$@" 2>&1; }
echo "before $(serial 172.30.41.192) $(answer @172.30.41.192 A $www)"
switch $zone $www tinder-2
echo "after $(serial 172.30.41.192) $(answer @172.30.41.192 A $www) $(answer @172.30.41.192 AAAA $www)"
wait_for follows
echo "copy $(serial 172.30.41.191) $(answer @172.30.41.191 A $www)"
switch $zone www 172.30.41.194
switch $zone. $www. fd00:41::193
echo "back $(serial 172.30.41.192) $(answer @172.30.41.192 A $www)"
wait_for follows
echo "copy $(serial 172.30.41.191) $(answer @172.30.41.191 A $www)"
echo "others $(serial 172.30.41.192 41.30.172.in-addr.arpa)"
hagen-dns-switch --status | grep -v arpa
ls /var/lib/bind/hagen | grep -v arpa
"#,
    );
    assert_eq!(
        lines(&output),
        [
            "before 7 172.30.41.193",
            "hagen-dns-switch: www.tinder-node-server.com now points to tinder-2 (172.30.41.194 fd00:41::194) \
             instead of tinder-1, serial 8",
            "after 8 172.30.41.194 fd00:41::194",
            "copy 8 172.30.41.194",
            "hagen-dns-switch: www.tinder-node-server.com points to tinder-2 (172.30.41.194 fd00:41::194) \
             already, serial 8",
            "hagen-dns-switch: www.tinder-node-server.com now points to tinder-1 (172.30.41.193 fd00:41::193) \
             instead of tinder-2, serial 9",
            "back 9 172.30.41.193",
            "copy 9 172.30.41.193",
            "others 7",
            "tinder-node-server.com serial 9",
            "  www.tinder-node-server.com -> tinder-1 172.30.41.193 fd00:41::193",
            "tinder-node-server.com.zone",
            "tinder-node-server.com.zone.previous",
        ]
    );
}

#[test]
fn only_declared_targets_are_accepted() {
    let output = with_servers(
        r#"
try() { code=0; hagen-dns-switch "$@" 2>&1 || code=$?; echo "exit $code"; }
try $zone $www 172.30.41.195
try $zone $www 'tinder-2; rm -rf /'
try $zone tinder-1 tinder-2
try example.org www.example.org tinder-2
try $zone $www | tail -n 1
try --publish now | tail -n 1
echo "still $(serial 172.30.41.192) $(answer @172.30.41.192 A $www)"
"#,
    );
    assert_eq!(
        lines(&output),
        [
            "hagen-dns-switch: 172.30.41.195 is not a declared target of www.tinder-node-server.com; those are: \
             tinder-1 tinder-2 ",
            "exit 1",
            "hagen-dns-switch: tinder-2; rm -rf / is not a declared target of www.tinder-node-server.com; those \
             are: tinder-1 tinder-2 ",
            "exit 1",
            "hagen-dns-switch: tinder-1.tinder-node-server.com is not a switched name; those of \
             tinder-node-server.com are: www.tinder-node-server.com ",
            "exit 1",
            "hagen-dns-switch: this node does not hold the zone example.org; it holds: \
             0.0.0.0.0.0.0.0.1.4.0.0.0.0.d.f.ip6.arpa 41.30.172.in-addr.arpa tinder-node-server.com ",
            "exit 1",
            "exit 2",
            "exit 2",
            "still 7 172.30.41.193",
        ]
    );
}

#[test]
fn a_bundle_never_lowers_the_serial_nor_undoes_a_switch_unasked() {
    let output = with_servers(
        r#"
told() { echo "$1: $(serial 172.30.41.192) $(answer @172.30.41.192 A $www)"; }
hagen-dns-switch $zone $www tinder-2 2>/dev/null
told switched
hagen-dns-switch --publish 2>/dev/null
told 'same bundle again'
apply old 2>/dev/null
told 'older bundle'
wait_for follows
echo "copy $(serial 172.30.41.191) $(answer @172.30.41.191 A $www)"
sed -i 's/^\$TTL.*/$TTL 60/' /bundles/old/etc/hagen/dns/zones/$zone.zone
apply old 2>/dev/null
told 'older bundle with another content'
apply next 2>/dev/null
told 'bundle that declares tinder-2 active'
hagen-dns-switch $zone $www tinder-1 2>/dev/null
told 'switched again'
apply old 2>/dev/null
told 'bundle that declares tinder-1 active'
wait_for follows
echo "copy $(serial 172.30.41.191) $(answer @172.30.41.191 A $www)"
"#,
    );
    assert_eq!(
        lines(&output),
        [
            "switched: 8 172.30.41.194",
            "same bundle again: 8 172.30.41.194",
            "older bundle: 8 172.30.41.194",
            "copy 8 172.30.41.194",
            "older bundle with another content: 9 172.30.41.194",
            "bundle that declares tinder-2 active: 10 172.30.41.194",
            "switched again: 11 172.30.41.193",
            "bundle that declares tinder-1 active: 12 172.30.41.193",
            "copy 12 172.30.41.193",
        ]
    );
}

#[test]
fn a_lost_primary_continues_where_its_secondary_is() {
    let output = with_servers(
        r#"
hagen-dns-switch $zone $www tinder-2 2>/dev/null
wait_for follows
kill "$primary"
wait "$primary" || :
rm -rf /var/lib/bind/hagen /var/lib/hagen
hagen-dns-switch --publish 2>&1 | grep -v arpa
start_primary
wait_for follows
echo "$(serial 172.30.41.191) $(answer @172.30.41.191 A $www)"
hagen-dns-switch --publish 2>&1 | grep -v arpa
"#,
    );
    assert_eq!(
        lines(&output),
        [
            "hagen-dns-switch: tinder-node-server.com: the secondary 172.30.41.191 has serial 8",
            "hagen-dns-switch: tinder-node-server.com: www.tinder-node-server.com was switched to tinder-2",
            "hagen-dns-switch: tinder-node-server.com: published serial 9",
            "9 172.30.41.194",
            "hagen-dns-switch: tinder-node-server.com: serial 9 is published already",
        ]
    );
}

#[test]
fn a_switch_without_bind_says_that_nobody_serves_it() {
    let output = with_servers(
        r#"
kill "$primary"
wait "$primary" || :
code=0
hagen-dns-switch $zone $www tinder-2 2>&1 || code=$?
echo "exit $code"
start_primary
echo "$(serial 172.30.41.192) $(answer @172.30.41.192 A $www)"
"#,
    );
    assert_eq!(
        lines(&output),
        [
            "hagen-dns-switch: www.tinder-node-server.com is written as tinder-2 (172.30.41.194 fd00:41::194), \
             serial 8, but BIND does not answer: start it with: systemctl start named",
            "exit 1",
            "8 172.30.41.194",
        ]
    );
}

#[test]
fn a_broken_zone_stays_unpublished_and_the_others_do_not_suffer() {
    let output = with_servers(
        r#"
sed -i 's/^\$TTL.*/$TTL 60/' /etc/hagen/dns/zones/*.zone
sed -i 's/^www\t30\tIN\tA\t/www\t30\tIN\tCNAME\t/' /etc/hagen/dns/zones/$zone.zone
code=0
hagen-dns-switch --publish >/tmp/told 2>&1 || code=$?
echo "exit $code"
grep -c 'refused by named-checkzone, nothing was changed' /tmp/told
echo "$(serial 172.30.41.192) $(answer @172.30.41.192 A $www)"
echo "$(serial 172.30.41.192 41.30.172.in-addr.arpa)"
"#,
    );
    assert_eq!(lines(&output), ["exit 1", "1", "7 172.30.41.193", "8"]);
}

#[test]
fn any_first_revision_is_published_and_serials_never_step_back() {
    let mut files = Vec::new();
    for (folder, revision, active) in [
        ("first", 3_210_164_502, ["tinder-1", "tinder-2"]),
        ("last", u32::MAX, ["tinder-1", "tinder-2"]),
        ("beyond", u32::MAX, ["tinder-2", "tinder-1"]),
        ("low", 1, ["tinder-1", "tinder-2"]),
    ] {
        for mut file in render::named::render(&debian(revision, active)) {
            file.path = format!("/bundles/{folder}{}", file.path);
            files.push(file);
        }
    }
    let script = r#"
last_word() { tail -n 1 | sed 's/.*: tinder-node-server.com: //'; }
apply() {
    rm -rf /etc/hagen
    cp -R "/bundles/$1/etc/hagen" /etc/
    code=0
    "/bundles/$1/usr/local/sbin/hagen-dns-switch" --publish >/tmp/told 2>&1 || code=$?
    echo "$code $(last_word </tmp/told)"
}
apply first
apply last
apply beyond
rm -rf /var/lib/bind/hagen
apply low
apply first
"#;
    assert_eq!(
        lines(&on_stage(&tree(files), &["named-checkzone"], script)),
        [
            "0 published serial 3210164502",
            "0 published serial 4294967295",
            "1 the serial has reached its end; see RFC 1982",
            "0 published serial 1",
            "1 revision 3210164502 is too far above the published serial 1; secondaries would not follow",
        ]
    );
}
