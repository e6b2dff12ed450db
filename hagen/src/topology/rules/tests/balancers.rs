use super::*;

pub(super) const CASES: &[Case] = &[
    case(
        KubeadmStacked,
        &[
            ("        port: 6443\n        backendPort: 9443\n", "        port: ▸6443\n"),
            ("  bindPort: 9443 ", "  bindPort: 6443 "),
        ],
        "LB-1",
        Error,
        "haproxy and the backend of `apiserver` would both listen on port 6443 of `dev3`",
    ),
    case(
        KubeadmExternalLb,
        &[(
            "        check: {type: https, path: /readyz}\n",
            "        check: {type: https, path: /readyz}\n      second: {port: ▸6443, backends: {role: control-plane}}\n",
        )],
        "LB-1",
        Error,
        "the services `second` and `apiserver` have the port 6443",
    ),
    case(
        KubeadmStacked,
        &[("  version: 1.31.4\n  vip: apiserver\n", "  version: ▸1.31.4\n")],
        "LB-3",
        Error,
        "3 control planes without a VIP",
    ),
    case(
        KubeadmStacked,
        &[("  bindPort: 9443 ", "  endpointPort: ▸8443\n  bindPort: 9443 ")],
        "LB-3",
        Error,
        "no service of the VIP `apiserver` has the endpoint's port 8443",
    ),
    case(
        KubeadmStacked,
        &[("      apiserver:\n", "      ▸apiserver:\n"), ("backendPort: 9443", "backendPort: 9444")],
        "LB-3",
        Error,
        "to port 9444 of `dev3`, where the apiserver listens on 9443",
    ),
    case(
        KubeadmStacked,
        &[
            ("      apiserver:\n", "      ▸apiserver:\n"),
            ("backends: {role: control-plane}", "backends: [dev3, dev6]"),
        ],
        "LB-3",
        Warning,
        "the control plane `dev7` is no backend",
    ),
    case(
        KubeadmStacked,
        &[
            ("  bindPort: 9443 ", "  endpoint: ▸api.k8s.lan\n  bindPort: 9443 "),
            (
                "vips:\n",
                "zones:\n  k8s.lan: {primary: dev4, secondaries: [dev3], records: {api: {node: dev3}}}\nvips:\n",
            ),
        ],
        "LB-3",
        Error,
        "the endpoint `api.k8s.lan` does not lead to the VIP 172.29.1.200",
    ),
    case(
        KubeadmStaticPod,
        &[("nodes: {role: control-plane}\n", "nodes: [cp-1, cp-2, ▸worker-1]\n")],
        "LB-4",
        Error,
        "`worker-1` is no control plane",
    ),
    case(
        RainbondMinimal,
        &[
            (
                "nodes: [compute01, compute02]              # the first",
                "nodes: [▸compute01, compute02]   # the first",
            ),
            ("address: 10.141.161.108\n", "address: 10.141.161.108\n    os: debian-12\n"),
            ("balancer: none", "balancer: ha-xdp"),
        ],
        "LB-4",
        Error,
        "ha-xdp needs Linux 5.15",
    ),
    case(
        KubeadmStaticPod,
        &[
            ("  apiserver:\n    address", "  ▸apiserver:\n    address"),
            ("    deployment: static-pod\n", "    owner: kube-vip\n    balancer: none\n"),
        ],
        "LB-4",
        Error,
        "kube-vip runs as a static pod",
    ),
    case(
        KubeadmStaticPod,
        &[
            ("  apiserver:\n    address", "  ▸apiserver:\n    address"),
            ("    deployment: static-pod\n", "    deployment: static-pod\n    owner: kube-vip\n"),
        ],
        "LB-4",
        Error,
        "without a balancer",
    ),
    case(
        Cloudpods4,
        &[("  platform:\n", "  ▸platform:\n"), ("balancer: none", "balancer: ha-xdp")],
        "LB-4",
        Error,
        "the platform's installer serves the VIP `platform` by itself",
    ),
    case(
        KubeadmStaticPod,
        &[
            ("  apiserver:\n    address", "  ▸apiserver:\n    address"),
            ("    deployment: static-pod\n", "    deployment: static-pod\n    balancer: nginx\n"),
        ],
        "LB-4",
        Error,
        "nginx does not run as a static pod",
    ),
    case(
        KubeadmStaticPod,
        &[
            ("  apiserver:\n    address", "  ▸apiserver:\n    address"),
            ("    deployment: static-pod\n", "    deployment: static-pod\n    owner: ha-xdp\n"),
        ],
        "LB-4",
        Error,
        "ha-xdp does not run as a static pod",
    ),
    case(
        KubeadmExternalLb,
        &[
            ("  apiserver:\n    address", "  ▸apiserver:\n    address"),
            ("nodes: [lb-1, lb-2] ", "nodes: [cp-1, cp-2, cp-3]"),
            ("    vrrp:", "    owner: ha-xdp\n    balancer: none\n    vrrp:"),
        ],
        "LB-4",
        Error,
        "ha-xdp owns the VIP `apiserver` but balances nothing",
    ),
    case(
        KubeadmExternalLb,
        &[("        check:", "        protocol: ▸udp\n        check:")],
        "LB-4",
        Error,
        "haproxy does not balance UDP",
    ),
    case(
        KubeadmExternalLb,
        &[
            ("      apiserver:\n", "      ▸apiserver:\n"),
            ("    vrrp:", "    balancer: nginx\n    vrrp:"),
            ("        check:", "        sourceRanges: [10.0.0.0/8]\n        check:"),
        ],
        "LB-4",
        Error,
        "nginx cannot limit the clients of `apiserver`",
    ),
    case(
        KubeadmExternalLb,
        &[("        check:", "        mode: ▸dsr\n        check:")],
        "LB-4",
        Error,
        "`mode: dsr` is ha-xdp's",
    ),
    case(
        KubeadmExternalLb,
        &[
            ("    vrrp:", "    owner: ha-xdp\n    balancer: ha-xdp\n    vrrp:"),
            ("        check:", "        mode: ▸dsr\n        backendPort: 7443\n        check:"),
            ("  vip: apiserver\n", "  vip: apiserver\n  bindPort: 7443\n"),
        ],
        "LB-4",
        Error,
        "does not translate ports",
    ),
    case(
        RainbondMinimal,
        &[("      http:  {port: 80}", "      ▸http:  {port: 80, backends: [manage01]}")],
        "LB-4",
        Error,
        "`manage01` serves `http` and never carries the VIP",
    ),
    case(
        RainbondMinimal,
        &[("      http:  {port: 80}", "      ▸http:  {port: 80, backendPort: 8080}")],
        "LB-4",
        Error,
        "cannot send port 80 to another port",
    ),
    case(
        KubeadmExternalLb,
        &[
            ("    vrrp:", "    balancer: ha-xdp\n    vrrp:"),
            (
                "        check: {type: https, path: /readyz}\n",
                "        check: {type: https, path: /readyz}\n      ▸dns: {port: 53, protocol: udp}\n",
            ),
        ],
        "LB-5",
        Warning,
        "`dns` is UDP but checked over TCP",
    ),
    case(
        KubeadmExternalLb,
        &[
            ("      apiserver:\n", "      ▸apiserver:\n"),
            ("backends: {role: control-plane}", "backends: [cp-1, cp-2, cp-3, worker-1]"),
        ],
        "LB-3",
        Error,
        "`worker-1` is a backend of the apiservers' endpoint, but no control plane",
    ),
    case(
        RainbondMinimal,
        &[
            ("  gateway:\n    address", "  ▸gateway:\n    address"),
            ("http:  {port: 80}", "http:  {port: 80, backends: [compute01]}"),
            ("https: {port: 443}", "https: {port: 443, backends: [compute02]}"),
        ],
        "LB-4",
        Error,
        "no node serves all services of the VIP `gateway`",
    ),
];
