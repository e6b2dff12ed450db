use super::*;

pub(super) const CASES: &[Case] = &[
    case(
        BootstrapHa,
        &[("  osRepos:\n", "  imagesAndCharts: {additionalSslSubjectAltName: ▸172.30.41.194}\n  osRepos:\n")],
        "SAN-1",
        Error,
        "the certificate of `tinder-1` lacks its address 172.30.41.193",
    ),
    case(
        BootstrapHa,
        &[("domain: www.tinder-node-server.com", "domain: ▸www.other.com")],
        "DCE-1",
        Error,
        "no zone serves `www.other.com`",
    ),
    case(
        BootstrapHa,
        &[("domain: www.tinder-node-server.com", "domain: ▸boot.tinder-node-server.com")],
        "DCE-1",
        Error,
        "has no record `boot`",
    ),
    case(
        BootstrapHa,
        &[("www: {switch: [tinder-1, g-master1]}", "▸www: {node: tinder-1}")],
        "DCE-1",
        Error,
        "must be switched between the bootstrap nodes",
    ),
    case(
        BootstrapHa,
        &[("www: {switch: [tinder-1, g-master1]}", "▸www: {switch: [g-master1, tinder-1]}")],
        "DCE-1",
        Error,
        "the original first",
    ),
    case(
        BootstrapHa,
        &[
            (
                "dns-1:     {address: 172.30.41.192, roles: [dns]}",
                "dns-1:     {address: 172.30.41.192, roles: [dns, bootstrap]}",
            ),
            ("domain: www", "domain: ▸www"),
        ],
        "DCE-1",
        Error,
        "one node with the role `bootstrap`, this document 2",
    ),
    case(
        BootstrapHa,
        &[("roles: [bootstrap]", "roles: [backup-bootstrap]"), ("domain: www", "domain: ▸www")],
        "DCE-1",
        Error,
        "one node with the role `bootstrap`, this document 0",
    ),
    case(
        BootstrapHa,
        &[
            ("roles: [backup-bootstrap, control-plane]", "roles: [backup-bootstrap]"),
            ("domain: www", "domain: ▸www"),
        ],
        "DCE-2",
        Error,
        "the global cluster has no control plane",
    ),
    case(
        BootstrapHa,
        &[("    isoPath: /home/CentOS-79-x86_64-DVD-2009.iso\n", ""), ("domain: www", "domain: ▸www")],
        "DCE-2",
        Error,
        "needs `isoPath` and `osPackagePath`",
    ),
    case(
        BootstrapHa,
        &[("  osRepos:\n", "  loadBalancer: {type: ▸metallb}\n  osRepos:\n")],
        "DCE-2",
        Error,
        "metallb needs `istioGatewayVip` and `insightVip`",
    ),
    case(
        BootstrapHa,
        &[(
            "  osRepos:\n",
            "  loadBalancer: {type: metallb, istioGatewayVip: 172.30.41.200/32, insightVip: ▸172.30.41.201/24}\n  osRepos:\n",
        )],
        "DCE-2",
        Error,
        "`172.30.41.201/24` is a range",
    ),
    case(
        BootstrapHa,
        &[
            ("  osRepos:\n", "  binaries: {type: official-service}\n  osRepos:\n"),
            ("domain: www", "domain: ▸www"),
        ],
        "DCE-2",
        Error,
        "`binaries` of type `official-service` needs the internet",
    ),
    case(
        BootstrapHa,
        &[("  privateKeyPath: /root/.ssh/id_rsa ", "  # "), ("domain: www", "domain: ▸www")],
        "DCE-2",
        Error,
        "the installer has no access to `tinder-1`",
    ),
    case(
        BootstrapHa,
        &[(
            "dce:\n",
            "kubernetes: {version: ▸1.31.4, podSubnet: 10.1.0.0/16, serviceSubnet: 10.2.0.0/16}\ndce:\n",
        )],
        "DCE-2",
        Error,
        "would both set up the control planes",
    ),
    case(
        Cloudpods5,
        &[("    nodes: [db-1, db-2]\n    vip: db", "    nodes: ▸[db-1, db-2, node-1]\n    vip: db")],
        "DB-1",
        Error,
        "has 3 nodes",
    ),
    case(
        Cloudpods5,
        &[("    nodes: [db-1, db-2]\n    vip: db\n", "    nodes: ▸[db-1, db-2]\n")],
        "DB-1",
        Error,
        "the pair `onecloud` has no VIP",
    ),
    case(
        Cloudpods5,
        &[
            ("    replicationPassword: {env: CLOUDPODS_REPL_PASSWORD}\n", ""),
            ("  onecloud:\n", "  ▸onecloud:\n"),
        ],
        "DB-1",
        Error,
        "has no `replicationPassword`",
    ),
    case(
        Cloudpods5,
        &[
            ("  db:\n    address", "  ▸db:\n    address"),
            ("nodes: [db-1, db-2]\n    balancer", "nodes: [db-1, node-3]\n    balancer"),
        ],
        "DB-1",
        Error,
        "the VIP `db` is not carried by the pair `onecloud`",
    ),
    case(
        Cloudpods5,
        &[
            ("  db:\n    address", "  ▸db:\n    address"),
            ("{virtualRouterId: 92}", "{virtualRouterId: 92, preempt: true}"),
        ],
        "DB-1",
        Warning,
        "the VIP `db` moves back by itself",
    ),
    case(
        Cloudpods5,
        &[(
            "db-2:   {address: 10.127.190.254, roles: [database]}",
            "▸db-2:   {address: 10.127.190.254, roles: [database], os: centos-7.9}",
        )],
        "DB-2",
        Error,
        "a pair needs GTID",
    ),
];
