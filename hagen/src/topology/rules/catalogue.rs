//! The texts of all rules, for `hagen explain`, and the check of each.

use super::{Rule, addresses, balancers, data, names, platforms, quorum, vrrp};
use crate::problem::Severity::{Error, Note, Warning};

const fn rule(
    id: &'static str,
    severity: crate::problem::Severity,
    title: &'static str,
    why: &'static str,
    fix: &'static str,
) -> Rule {
    Rule { id, severity, title, why, fix, waivable: false, check: None }
}

impl Rule {
    const fn with(mut self, check: fn(&super::Model, &mut super::Findings)) -> Self {
        self.check = Some(check);
        self
    }

    const fn waivable(mut self) -> Self {
        self.waivable = true;
        self
    }
}

/// Every rule, grouped by what it is about.
pub(super) const RULES: &[Rule] = &[
    rule(
        "VIP-1",
        Error,
        "A VIP is a free address in the network of the nodes that carry it",
        "A VIP outside the subnet of its interface is not answered by ARP; one that equals a node, the gateway, the network or the broadcast address, or lies in the pod or service range, takes traffic away from its owner. Each address stands for one VIP.",
        "Take an address of the subnet that nothing uses, and write it once.",
    )
    .with(addresses::vip_1),
    rule(
        "VIP-2",
        Note,
        "A platform that checks source addresses must let the nodes use the VIP",
        "OpenStack, Cloudpods and VMware drop packets from an address that a virtual machine was not given: the VIP is configured, yet unreachable.",
        "Allow the VIP as an address pair (or switch the source check off) for these machines, and reserve it in the platform's IPAM.",
    )
    .with(addresses::vip_2),
    rule(
        "VRID-1",
        Error,
        "A virtual router id is 1 to 255 and used once per network",
        "Two groups with one id answer each other's advertisements: VIPs move at random. Other installers use 51 (distribution default, Rainbond, k0s), 33, 92, 99 and 222; list what is taken in `reservedVirtualRouterIds`.",
        "Give each VIP of a network its own id, outside the reserved ones.",
    )
    .with(vrrp::vrid_1),
    rule(
        "VRID-2",
        Error,
        "An id that is computed from a VIP is checked against all others",
        "ocboot takes the digits of the VIP modulo 255 for its own keepalived: two groups can meet unseen. hagen never computes an id, and computes ocboot's only to compare it.",
        "Give the other group another id, or the platform's VIP another address.",
    )
    .with(vrrp::vrid_2),
    rule(
        "VRRP-1",
        Error,
        "Priorities are 1 to 254 and all different",
        "With equal priorities the higher address wins, which nobody meant; 255 is reserved for the owner of the address and 0 for a node that leaves.",
        "Leave `priorities` away (200, 190, 180, …), or give each node its own.",
    )
    .with(vrrp::vrrp_1),
    rule(
        "VRRP-2",
        Error,
        "`preemptDelay` needs `preempt: true`; without preemption every node starts as BACKUP",
        "keepalived clears `nopreempt` on an instance with `state MASTER`, with a warning only, and its check exits 5. hagen starts every node as BACKUP.",
        "Write `preempt: true` with the delay, or neither.",
    )
    .with(vrrp::vrrp_2),
    rule(
        "VRRP-3",
        Error,
        "A password is for VRRP version 2 over IPv4, and has at most 8 bytes",
        "Only the first 8 bytes count, they travel in clear, and VRRPv3 has none (RFC 9568 §9). Version 2 counts whole seconds, version 3 centiseconds up to 4095.",
        "Prefer version 3 with unicast; for version 2 keep the password within 8 bytes.",
    )
    .with(vrrp::vrrp_3),
    rule(
        "VRRP-4",
        Error,
        "A lowered priority must fall below every healthy node's",
        "A track script of weight -w moves the VIP only when w exceeds the difference to the next node, and only when that node preempts. kubeadm's sample (101/100 with -2) works for two nodes and ties for three.",
        "Write `onFailure: fault` (the default), or bring the priorities together and add `preempt: true`.",
    )
    .with(vrrp::vrrp_4),
    rule(
        "VRRP-5",
        Error,
        "A VIP follows the health of what it fronts",
        "Without a track script, a node whose haproxy or rbd-lb is dead keeps the VIP: every connection fails although a healthy node waits.",
        "Add `services:` to the VIP; hagen writes the checks.",
    )
    .with(vrrp::vrrp_5),
    rule(
        "VRRP-6",
        Error,
        "Check scripts are absolute, executable, run by a named user, under script security",
        "keepalived disables a script that is missing (exit 5) and refuses one without `enable_script_security` (exit 6). Holds by construction, and keepalived itself is asked in `hagen check --with keepalived`.",
        "Nothing to write.",
    ),
    rule(
        "VRRP-7",
        Error,
        "Advertisements reach every other node",
        "Multicast 224.0.0.18 and protocol 112 are dropped by many switches and firewalls; both nodes then become Active. hagen lists every other member as a unicast peer, never the node itself. Advertisements travel in the VIP's address family.",
        "Leave `unicast` at true; with multicast, open the network for it.",
    )
    .with(vrrp::vrrp_7),
    rule(
        "VRRP-8",
        Error,
        "Every node names the interface that carries its addresses",
        "A shared constant (`eth0`, `ens192`) is wrong on the first machine with another name, and the VIP stays down there. The Cloudpods host role moves the address to `br0`; hagen follows that.",
        "Write `interface` per node or in `defaults`; add `mac` where names are not known.",
    )
    .with(vrrp::vrrp_8),
    rule(
        "LB-1",
        Error,
        "No two programs listen on the same address and port of a node",
        "haproxy on port 6443 and an apiserver on port 6443 of one node: whichever starts second fails, often after the first reboot.",
        "Write `kubernetes.bindPort: 9443` and `backendPort: 9443`, or use `balancer: ha-xdp`, which needs no socket.",
    )
    .with(balancers::lb_1),
    rule(
        "LB-2",
        Error,
        "TCP balancers have no HTTP rules",
        "`path_beg` ACLs in `mode tcp` do nothing, and haproxy accepts them silently. Holds by construction.",
        "Nothing to write.",
    ),
    rule(
        "LB-3",
        Error,
        "The endpoint of the apiservers is a VIP's service that reaches every control plane",
        "kubeadm writes the endpoint into certificates and kubeconfigs at `init`; it cannot be added later, and must lead to the port where the apiservers listen.",
        "Name the VIP in `kubernetes.vip`; give it a service with the endpoint's port and `backendPort` equal to `bindPort`.",
    )
    .with(balancers::lb_3),
    rule(
        "LB-4",
        Error,
        "Owner, balancer, deployment and services of a VIP fit together",
        "Each program has its limits: haproxy has no UDP, kube-vip runs as a static pod on control planes, ha-xdp needs Linux 5.15, direct return cannot change ports.",
        "Choose the combination that the message names.",
    )
    .with(balancers::lb_4),
    rule(
        "LB-5",
        Warning,
        "A UDP service is checked on a port that answers",
        "A UDP port does not accept a TCP connection: the check would call every backend dead.",
        "Write `check: {port: N}` with a TCP port of the same program.",
    )
    .with(balancers::lb_5),
    rule(
        "QR-1",
        Error,
        "etcd has an odd number of members",
        "A majority of n is n/2+1: two members survive no failure, four survive one like three do. A cluster is not alive because one control plane is: without a majority of etcd the API refuses writes, while data stays on disk.",
        "Take 1, 3 or 5.",
    )
    .with(quorum::qr_1),
    rule(
        "QR-2",
        Error,
        "Cloudpods has 1, 3 or 5 control planes; Rainbond an odd number of managers",
        "Both keep their state in etcd.",
        "Give the roles to an odd number of nodes.",
    )
    .with(quorum::qr_2),
    rule(
        "QR-3",
        Error,
        "A GlusterFS volume has three voices: replica 3, or two copies and an arbiter",
        "With two copies, each side of a split keeps writing, and no one can say which file is right; gluster itself warns when such a volume is made.",
        "Add a node, or `arbiter: NODE`; or waive QR-3 with a reason.",
    )
    .waivable()
    .with(quorum::qr_3),
    rule(
        "QR-4",
        Error,
        "Bricks come in whole sets",
        "gluster refuses a volume whose number of bricks is not a multiple of the replica count; an arbiter set is two bricks and the arbiter.",
        "Name as many nodes as copies, or a multiple.",
    ),
    rule(
        "NAME-1",
        Error,
        "Host names, MAC addresses and host UUIDs are unique and well formed",
        "Kubernetes, gluster and Rainbond know a node by its name or UUID: two with one identity overwrite each other. hagen never ships a machine-id; each node makes its own.",
        "Lower-case letters, digits and inner hyphens, at most 63; an own MAC and UUID each.",
    )
    .with(addresses::name_1),
    rule(
        "NET-1",
        Error,
        "Networks, pod and service ranges share no address; nodes stand in a network",
        "Overlapping ranges send packets to the wrong side, and cannot be changed after the installation.",
        "Take ranges that are free in the whole site.",
    )
    .with(addresses::net_1),
    rule(
        "NET-2",
        Error,
        "Pod and service ranges are of the nodes' address family",
        "An apiserver with an IPv6 address does not start with an IPv4 service range.",
        "Write `podSubnet` and `serviceSubnet` in the family of the nodes' addresses.",
    )
    .with(addresses::net_2),
    rule(
        "TIME-1",
        Error,
        "There is a time source, and one time zone",
        "`x509: certificate has expired or is not yet valid` is the usual end of an installation on machines with different clocks.",
        "Add `ntp: [ADDRESS]`; a node that is listed serves time to the others, also when the site is cut off.",
    )
    .waivable()
    .with(names::time_1),
    rule(
        "DNS-1",
        Error,
        "No public name server in a closed network",
        "Every lookup that reaches 8.8.8.8 or 223.6.6.6 waits for its timeout: logins and pulls take seconds, and some fail.",
        "Name a server inside, or give a node the role `dns`.",
    )
    .waivable()
    .with(names::dns_1),
    rule(
        "DNS-2",
        Error,
        "Kubernetes nodes have a name server",
        "CoreDNS forwards to the node's resolv.conf and does not start when that is empty.",
        "Add `dns: {servers: [ADDRESS]}`, or give a node the role `dns`.",
    )
    .with(names::dns_2),
    rule(
        "DNS-3",
        Error,
        "A zone has name servers, true PTR owners, a growing serial, and no loopback addresses",
        "BIND accepts a PTR whose owner is not the address's last octet, the serial 0, and an apex of 127.0.0.1; clients and secondaries do not. The serial is the document's `revision`.",
        "Let hagen derive PTR and SOA; write addresses that clients can use.",
    )
    .with(names::dns_3),
    rule(
        "HOSTS-1",
        Error,
        "A name that a zone serves does not stand in /etc/hosts",
        "The file wins over DNS: after a switch of the record, that node still goes to the dead machine. DCE's installer checks for it.",
        "Remove the name from `dns.extraHosts`.",
    )
    .with(names::hosts_1),
    rule(
        "SAN-1",
        Error,
        "A certificate holds every name and address under which its node is reached",
        "The original bootstrap node needs its domain (`bootstrapNode`) and its own address (`additionalSSLSubjectAltName`), the standby its own address and the domain: otherwise image pulls fail after the switch.",
        "Leave `additionalSslSubjectAltName` away: hagen writes the right one for each node.",
    )
    .with(platforms::san_1),
    rule(
        "DCE-1",
        Error,
        "One bootstrap node, and a record that can be switched to its standbys",
        "The installer is given the domain; the standby takes over when the record points to it. In domain mode the installer compares the record with its own address.",
        "Give one node the role `bootstrap`, the others `backup-bootstrap`, and the domain a record `switch: [ORIGINAL, STANDBY]`.",
    )
    .with(platforms::dce_1),
    rule(
        "DCE-2",
        Error,
        "The installer has what it needs offline",
        "`builtin` repositories need the ISO and the package archive; metallb needs both addresses; the nodes are reached by key or password.",
        "Add what the message names.",
    )
    .with(platforms::dce_2),
    rule(
        "DB-1",
        Error,
        "A database is one node, or a pair behind a VIP that the pair carries",
        "Clients of a pair must write to one node at a time; the VIP decides which. A VIP that moves back by itself can move to a node that has not caught up.",
        "Write two nodes, `vip`, and `replicationPassword`; leave `preempt` away.",
    )
    .with(platforms::db_1),
    rule(
        "DB-2",
        Error,
        "A pair runs a MariaDB that replicates by GTID",
        "The guides copy file names and positions between two servers by hand; with GTID a server finds its place by itself, also after a failover. CentOS 7 ships MariaDB 5.5, which has none.",
        "Put the pair on a system with MariaDB 10.3 or later.",
    )
    .with(platforms::db_2),
    rule(
        "DB-3",
        Error,
        "Accounts and settings of a database are ones that hagen does not keep for itself",
        "`root` for the network is the first thing an attacker tries, and a setting that stands twice has the value that was read last: two writers with one server id destroy each other's replication.",
        "Take an account of the platform's own; give further settings only, in their ranges; one server for each node.",
    )
    .with(data::db_3),
    rule(
        "GFS-1",
        Error,
        "A brick is a folder of its own below the mount point of its disk",
        "A brick that is the mount point itself lies on the root disk whenever its own disk is missing, and fills it; two volumes in one brick destroy each other.",
        "Write `brick: /data/NAME` and `brickMount: /data`, and mount the volume elsewhere.",
    )
    .with(data::gfs_1),
    rule(
        "KUBE-1",
        Error,
        "Kubernetes is a release from 1.22, and is told only what that release can be told",
        "kubeadm refuses documents with fields that its release does not know, on the node and in the middle of an installation. A machine whose kubelet keeps etcd alone cannot be a node of the cluster as well.",
        "Write a release such as `1.31.4`, and what the message names.",
    )
    .with(data::kube_1),
    rule(
        "SEC-1",
        Error,
        "Secrets are references, and files that hold them have mode 0600",
        "A description is copied, mailed and committed; the guides keep root passwords in it. hagen reads values when it makes bundles and lists every file that holds one in the manifest.",
        "Write `{env: NAME}` or `{file: PATH}`.",
    ),
    rule(
        "SVC-1",
        Error,
        "Units and paths exist under the names that are written",
        "The guides start `keeplived` and read `/etc/hostes`. Holds by construction: names come from one table per operating system.",
        "Nothing to write.",
    ),
    rule(
        "FS-1",
        Error,
        "Network file systems carry `_netdev`",
        "Without it the mount is tried before the network is up, and the boot stops in an emergency shell. Holds by construction.",
        "Nothing to write.",
    ),
    rule(
        "DOC-1",
        Error,
        "The document is YAML",
        "Indentation is spaces; one file is one document.",
        "Correct the place that the message shows.",
    ),
    rule("DOC-2", Error, "Keys are known", "A mistyped key would silently be a default.", "Use the nearest known key; `hagen schema` lists all."),
    rule("DOC-3", Error, "Keys stand once", "YAML readers differ in which of two they take.", "Keep one."),
    rule("DOC-4", Error, "Values have the form that their key asks for", "Numbers, names, addresses and durations are read strictly, so that a typing error cannot become a setting.", "Write the form that the message names."),
    rule("DOC-5", Error, "Required keys are there", "Addresses and ids have no safe default.", "Add the key."),
    rule("DOC-6", Error, "The document is of sane size", "At most 16 MiB, 64 levels, and a million values after aliases are expanded.", "Split it, or write aliases out."),
    rule("REF-1", Error, "Names lead to something", "A VIP, node, zone, volume, database or image that is named must be described.", "Correct the name, or add the thing."),
    rule("IMP-1", Error, "What is imported has the form that its installer asks for", "A value that cannot be read has no place in the new document, and leaving it out in silence would change the cluster.", "Correct the value in the source, and import again."),
    rule("IMP-2", Warning, "A key of an imported file has a place in the document", "Installers have keys that hagen does not decide, and newer ones than hagen knows. Such a key is kept as a comment, without its value when that is a secret.", "See whether the new document says it in another way; what it does not say is not rendered."),
    rule("IMP-3", Warning, "An imported file says what the document needs", "clusterConfig.yaml and ocboot's inventory name no networks, interfaces, name servers or time sources. What was assumed is marked in the document.", "Read the comments of the new document, and write what is true."),
    rule("IMP-4", Note, "Passwords of an imported file do not go over", "The document holds references; the values stay where they were.", "Set the environment variables that the document names before making bundles, or write `{file: PATH}` instead."),
    rule("WAIVER-1", Error, "A waiver names a rule that can be waived and that is broken", "A waiver that covers nothing hides the next mistake.", "Remove it, or correct the id."),
];
