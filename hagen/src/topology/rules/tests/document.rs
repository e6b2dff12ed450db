use super::*;

pub(super) const CASES: &[Case] = &[
    // Wrong indent, tab, a second document, and what is no YAML at all.
    case(KubeadmStacked, &[("  dev6: {", "   ▸dev6: {")], "DOC-1", Error, "not valid YAML"),
    case(
        KubeadmStacked,
        &[("    address: 172.29.1.200\n", "▸\taddress: 172.29.1.200\n")],
        "DOC-1",
        Error,
        "a tab in the indentation",
    ),
    case(KubeadmStacked, &[("vips:\n", "▸---\nvips:\n")], "DOC-1", Error, "a second document"),
    case(
        KubeadmStacked,
        &[("version: 1.31.4", "version: ▸\u{0}1.31.4")],
        "DOC-1",
        Error,
        "the document holds a NUL byte",
    ),
    case(KubeadmStacked, &[("version: 1.31.4", "version: ▸*v")], "DOC-1", Error, "unknown anchor"),
    // Keys.
    case(
        KubeadmStacked,
        &[("    address: 172.29.1.200\n", "    address: 172.29.1.200\n    ▸adress: 172.29.1.201\n")],
        "DOC-2",
        Error,
        "unknown key `adress` in a VIP | did you mean `address`?",
    ),
    case(
        KubeadmStacked,
        &[("  bindPort: 9443 ", "  ▸bind_port: 9443\n  bindPort: 9443 ")],
        "DOC-2",
        Error,
        "unknown key `bind_port` in kubernetes | did you mean `bindPort`?",
    ),
    case(
        KubeadmStacked,
        &[("dns:\n", "▸dnss: {}\ndns:\n")],
        "DOC-2",
        Error,
        "unknown key `dnss` in the document | did you mean `dns`?",
    ),
    case(
        KubeadmStacked,
        &[("    address: 172.29.1.200\n", "    address: 172.29.1.200\n    ▸address: 172.29.1.200\n")],
        "DOC-3",
        Error,
        "the key `address` stands twice",
    ),
    case(
        KubeadmStacked,
        &[("  dev6: {", "  dev6: {address: 172.29.1.9}\n  ▸dev6: {")],
        "DOC-3",
        Error,
        "the key `dev6` stands twice",
    ),
    case(
        KubeadmStacked,
        &[("roles: [worker]", "roles: [worker, ▸worker]")],
        "DOC-3",
        Error,
        "the role `worker` stands twice",
    ),
    // Values.
    case(
        KubeadmStacked,
        &[("revision: 1 ", "revision: ▸0 ")],
        "DOC-4",
        Error,
        "expected a whole number from 1 to",
    ),
    case(
        KubeadmStacked,
        &[("apiVersion: hagen/v1\n", "apiVersion: ▸hagen/v2\n")],
        "DOC-4",
        Error,
        "unknown value `hagen/v2`",
    ),
    case(
        KubeadmStacked,
        &[("address: 172.29.1.200", "address: ▸172.29.1.2000")],
        "DOC-4",
        Error,
        "172.29.1.2000",
    ),
    case(
        KubeadmStacked,
        &[("virtualRouterId: 33", "virtualRouterId: ▸256")],
        "DOC-4",
        Error,
        "from 0 to 255, found `256`",
    ),
    case(
        KubeadmStacked,
        &[("roles: [worker]", "roles: [▸workers]")],
        "DOC-4",
        Error,
        "unknown value `workers` | did you mean `worker`?",
    ),
    case(KubeadmStacked, &[("roles: [worker]", "roles: ▸worker")], "DOC-4", Error, "expected a list"),
    case(
        KubeadmStacked,
        &[("subnet: 172.33.1.0/24", "subnet: ▸172.33.1.0/33")],
        "DOC-4",
        Error,
        "172.33.1.0/33",
    ),
    case(KubeadmStacked, &[("  dev4: {", "  ▸Dev_4: {")], "DOC-4", Error, "lower-case"),
    case(
        KubeadmStacked,
        &[("        check:", "        idleTimeout: ▸3600\n        check:")],
        "DOC-4",
        Error,
        "a duration",
    ),
    case(
        KubeadmStacked,
        &[("        check:", "        weights: {▸dev3: 0}\n        check:")],
        "DOC-4",
        Error,
        "weight 0 is not in 1..=256",
    ),
    case(
        KubeadmStacked,
        &[
            ("  remote: ", "  ▸remote: "),
            ("    subnet: 172.33.1.0/24\n", "    subnet: 172.33.1.0/24\n    mtu: 1000\n"),
        ],
        "DOC-4",
        Error,
        "an mtu of 1000",
    ),
    case(
        KubeadmStacked,
        &[("token: {env: KUBEADM_TOKEN}", "token: ▸{env: A, file: b}")],
        "DOC-4",
        Error,
        "exactly one of `env` and `file`",
    ),
    case(
        KubeadmStacked,
        &[("token: {env: KUBEADM_TOKEN}", "token: ▸{}")],
        "DOC-4",
        Error,
        "exactly one of `env` and `file`",
    ),
    case(
        BootstrapHa,
        &[("ns:  {node: dns-1}", "▸ns:  {node: dns-1, address: 172.30.41.192}")],
        "DOC-4",
        Error,
        "exactly one of",
    ),
    case(BootstrapHa, &[("ns:  {node: dns-1}", "▸ns:  {}")], "DOC-4", Error, "exactly one of"),
    case(
        BootstrapHa,
        &[("ns:  {node: dns-1}", "ns:  {node: dns-1, active: ▸dns-1}")],
        "DOC-4",
        Error,
        "`active` without `switch`",
    ),
    case(
        BootstrapHa,
        &[("ns:  {node: dns-1}", "▸ns:  {switch: [dns-1]}")],
        "DOC-4",
        Error,
        "at least two candidates",
    ),
    // Missing keys.
    case(
        KubeadmStacked,
        &[("apiVersion: hagen/v1\n", ""), ("cluster: kubernetes", "▸cluster: kubernetes")],
        "DOC-5",
        Error,
        "the document needs the key `apiVersion`",
    ),
    case(
        KubeadmStacked,
        &[("    address: 172.29.1.200\n    nodes", "    ▸nodes")],
        "DOC-5",
        Error,
        "a VIP needs the key `address`",
    ),
    case(
        KubeadmStacked,
        &[("{address: 172.33.1.50, roles: [worker]}", "▸{roles: [worker]}")],
        "DOC-5",
        Error,
        "a node needs the key `address`",
    ),
    case(
        KubeadmStacked,
        &[("    address: 172.29.1.200\n", "    ▸address:\n")],
        "DOC-5",
        Error,
        "`address` has no value",
    ),
    // Secrets.
    case(
        KubeadmStacked,
        &[("token: {env: KUBEADM_TOKEN}", "token: ▸abcdef.0123456789abcdef")],
        "SEC-1",
        Error,
        "a literal secret in the document",
    ),
    case(
        Cloudpods4,
        &[("password: {env: CLOUDPODS_DB_PASSWORD}", "password: ▸123456")],
        "SEC-1",
        Error,
        "a literal secret in the document",
    ),
    case(
        KubeadmStacked,
        &[("{virtualRouterId: 33}", "{virtualRouterId: 33, version: 2, password: ▸'1111'}")],
        "SEC-1",
        Error,
        "a literal secret in the document",
    ),
    // Size: an alias bomb.
    case(
        KubeadmStacked,
        &[(
            "ntp: [172.29.1.1]",
            "ntp: &a [x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: [*d, *d, *d, ▸*d, *d]",
        )],
        "DOC-6",
        Error,
        "values after aliases are expanded",
    ),
];

/// A document that is too large cannot stand in a table.
#[test]
fn an_oversized_document_is_refused_unread() {
    let text = document(KubeadmStacked).to_owned() + &"#".repeat(crate::yaml::DOCUMENT_BYTES_MAX);
    let (topology, problems) = prove(&text);
    let found: Vec<_> = problems.iter().collect();
    assert!(topology.is_none());
    assert_eq!((found.len(), found[0].id, found[0].severity), (1, "DOC-6", Error));
    assert!(found[0].message.contains("at most 16777216") && found[0].help.is_some());
}

/// Text that is no YAML document at all.
#[test]
fn a_binary_file_is_refused_in_one_sentence() {
    let elf = String::from_utf8_lossy(b"\x7fELF\x02\x01\x01\0\0\0\xfe\xff").into_owned();
    let utf16: String = "a: 1\n".chars().flat_map(|c| [c, '\0']).collect();
    for text in [elf, utf16] {
        let (topology, problems) = prove(&text);
        let found: Vec<_> = problems.iter().collect();
        assert!(topology.is_none());
        assert_eq!((found.len(), found[0].id), (1, "DOC-1"), "{text:?}");
        assert!(found[0].message.contains("not text") && found[0].help.is_some());
    }
}

#[test]
fn an_empty_document_says_what_it_needs() {
    for text in ["", "# nothing\n", "---\n"] {
        let (topology, problems) = prove(text);
        assert!(topology.is_none());
        let needs: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(
            needs,
            [
                "the document needs the key `apiVersion`",
                "the document needs the key `cluster`",
                "the document needs the key `revision`"
            ]
        );
    }
}
