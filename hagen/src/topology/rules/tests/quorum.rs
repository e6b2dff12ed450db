use super::*;

pub(super) const CASES: &[Case] = &[
    case(
        KubeadmStacked,
        &[
            (
                "  dev7: {address: 172.29.1.42, roles: [control-plane, lb]}",
                "  dev7: {address: 172.29.1.42, roles: [lb]}",
            ),
            ("version: 1.31.4", "version: ▸1.31.4"),
        ],
        "QR-1",
        Error,
        "2 control planes: etcd survives 0 failures, as many as 1 would",
    ),
    case(
        KubeadmExternalLb,
        &[
            (
                "cp-2:     {address: 172.29.1.32, roles: [control-plane]}",
                "cp-2:     {address: 172.29.1.32, roles: [worker]}",
            ),
            (
                "cp-3:     {address: 172.29.1.33, roles: [control-plane]}",
                "cp-3:     {address: 172.29.1.33, roles: [worker]}",
            ),
            ("version: 1.31.4", "version: ▸1.31.4"),
        ],
        "QR-1",
        Note,
        "the cluster survives no failure of it",
    ),
    case(
        KubeadmExternalLb,
        &[
            ("roles: [worker]", "roles: [worker, etcd]"),
            ("version: 1.31.4", "version: 1.31.4\n  etcd: {endpoints: [▸172.29.1.99]}"),
        ],
        "QR-1",
        Error,
        "etcd stands on nodes with the role `etcd` and on `etcd.endpoints`",
    ),
    case(
        KubeadmExternalLb,
        &[("version: 1.31.4", "version: 1.31.4\n  etcd: {endpoints: [▸172.29.1.98, 172.29.1.99]}")],
        "QR-1",
        Error,
        "2 etcd endpoints: etcd survives 0 failures",
    ),
    case(
        KubeadmExternalLb,
        &[
            (
                "  worker-1: {",
                "  etcd-1: {address: 172.29.1.61, roles: [etcd]}\n  etcd-2: {address: 172.29.1.62, roles: [etcd]}\n  worker-1: {",
            ),
            ("version: 1.31.4", "version: ▸1.31.4"),
        ],
        "QR-1",
        Error,
        "2 etcd nodes: etcd survives 0 failures",
    ),
    case(
        KubeadmExternalLb,
        &[(
            "version: 1.31.4",
            "version: 1.31.4\n  etcd: {endpoints: [▸172.29.1.71, 172.29.1.72, 172.29.1.73, 172.29.1.74, 172.29.1.75, 172.29.1.76, 172.29.1.77, 172.29.1.78, 172.29.1.79]}",
        )],
        "QR-1",
        Warning,
        "9 etcd endpoints",
    ),
    case(
        BootstrapHa,
        &[
            ("  tinder-1: ", "  g-master2: {address: 172.30.41.195, roles: [control-plane]}\n  tinder-1: "),
            ("domain: www", "domain: ▸www"),
        ],
        "QR-1",
        Error,
        "2 control planes",
    ),
    case(
        Cloudpods3,
        &[
            (
                "  node-3: {address: 10.127.190.229, roles: [controller, host]}",
                "  node-3: {address: 10.127.190.229, roles: [host]}",
            ),
            ("  vip: platform\n", "  vip: ▸platform\n"),
        ],
        "QR-2",
        Error,
        "2 control planes; Cloudpods has 1, 3 or 5",
    ),
    case(
        Cloudpods4,
        &[
            ("roles: [first-node, controller, host]", "roles: [controller, host]"),
            ("  vip: platform\n", "  vip: ▸platform\n"),
        ],
        "QR-2",
        Error,
        "this document 0",
    ),
    case(
        Cloudpods4,
        &[
            (
                "node-2: {address: 10.127.190.245, roles: [controller",
                "node-2: {address: 10.127.190.245, roles: [first-node",
            ),
            ("  vip: platform\n", "  vip: ▸platform\n"),
        ],
        "QR-2",
        Error,
        "this document 2",
    ),
    case(
        Cloudpods3,
        &[
            ("haControllers: [node-1, node-2]", "haControllers: [node-1, ▸db-9]"),
            ("nodes:\n", "nodes:\n  db-9: {address: 10.127.190.9, roles: [host]}\n"),
        ],
        "QR-2",
        Error,
        "`db-9` has not the role `controller`",
    ),
    case(
        RainbondMinimal,
        &[
            ("roles: [manage, storage]", "roles: [manage, storage]"),
            (
                "nodes:\n  manage01",
                "nodes:\n  manage02: {address: 10.141.161.104, roles: [manage]}\n  manage01",
            ),
            ("  vip: gateway\n", "  vip: ▸gateway\n"),
        ],
        "QR-2",
        Error,
        "2 Rainbond managers",
    ),
    case(
        RainbondMinimal,
        &[("roles: [manage, storage]", "roles: [storage]"), ("  vip: gateway\n", "  vip: ▸gateway\n")],
        "QR-2",
        Error,
        "Rainbond needs a node with the role `manage`",
    ),
    case(
        RainbondMinimal,
        &[("  data:\n", "  ▸data:\n"), ("    arbiter: manage01 ", "    #")],
        "QR-3",
        Error,
        "the volume `data` has two copies",
    ),
    case(
        RainbondMinimal,
        &[("    arbiter: manage01 ", "    replica: ▸1 #")],
        "QR-4",
        Error,
        "replica 1 of the volume `data` is not in 2..=7",
    ),
    case(
        RainbondMinimal,
        &[("    arbiter: manage01 ", "    replica: ▸8 #")],
        "QR-4",
        Error,
        "replica 8 of the volume `data` is not in 2..=7",
    ),
    case(
        RainbondMinimal,
        &[("    arbiter: manage01 ", "    replica: ▸3 #")],
        "QR-4",
        Error,
        "2 bricks of the volume `data` are not a multiple of replica 3",
    ),
];
