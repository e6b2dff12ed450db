use super::*;
use crate::os::NetworkStyle;
use crate::plan::cloud_init::Login;
use crate::plan::network::{Link, LinkKind, Network, Route};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0000000000000000000000000000000000000000000 an operator  with: a long # comment";

fn seed(address: &str, user: &str, keys: &[&str]) -> CloudInit {
    let link = Link {
        name: "eth0".parse().unwrap(),
        kind: LinkKind::Ethernet { mac: Some("52:54:00:12:34:56".parse().unwrap()) },
        mtu_bytes: 1500,
        addresses: vec![address.parse().unwrap()],
        routes: vec![Route { to: "0.0.0.0/0".parse().unwrap(), via: "172.30.41.1".parse().unwrap() }],
    };
    let servers = vec!["172.30.41.192".parse().unwrap()];
    let network = Network { style: NetworkStyle::Netplan, links: vec![link], servers, search: vec![] };
    let keys = keys.iter().map(|key| key.parse().unwrap()).collect();
    let login = Login { user: user.parse().unwrap(), keys };
    let (node, time_zone) = ("tinder-1".parse().unwrap(), "Asia/Shanghai".parse().unwrap());
    CloudInit { node, fqdn: None, time_zone, login, network, modern: true }
}

#[test]
fn the_seed_of_a_node() {
    let files = render(&seed("172.30.41.193/24", "root", &[KEY]));
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["/user-data", "/meta-data", "/network-config"]);
    let user_data = files[0].text();
    assert!(user_data.starts_with("#cloud-config\n"));
    assert!(user_data.contains("permissions: \"0755\""));
    let (head, rest) = user_data.split_once("    # Looked for").unwrap();
    let (_, tail) = rest.split_once("status applied \"$archive\"\n").unwrap();
    insta::assert_snapshot!("user-data", format!("{head}    …\n{tail}"));
    let meta_data = files[1].text();
    let id = meta_data.strip_prefix("instance-id: i-").unwrap().split('\n').next().unwrap();
    assert!(id.len() == 20 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{meta_data}");
    assert!(meta_data.ends_with("\nlocal-hostname: tinder-1\n"), "{meta_data}");
    insta::assert_snapshot!("network-config", files[2].text());
}

#[test]
fn the_instance_id_follows_the_content() {
    let id = |cfg: &CloudInit| render(cfg)[1].text().to_owned();
    let first = seed("172.30.41.193/24", "root", &[KEY]);
    assert_eq!(id(&first), id(&first.clone()));
    assert_ne!(id(&first), id(&seed("172.30.41.194/24", "root", &[KEY])), "only network-config differs");
    assert_ne!(id(&first), id(&seed("172.30.41.193/24", "root", &[])), "only user-data differs");
    assert_ne!(instance_id(&["ab", "c"]), instance_id(&["a", "bc"]));
}

#[test]
fn passwords_are_refused_only_where_a_key_lets_the_operator_in() {
    let text = |user, keys: &[&str]| render(&seed("172.30.41.193/24", user, keys))[0].text().to_owned();
    assert!(text("root", &[KEY]).contains("\ndisable_root: false\nssh_pwauth: false\n"));
    assert!(!text("root", &[]).contains("ssh_pwauth"));
    let no_key = "ssh-ed25519 is-not-a-key operator";
    assert!(!text("root", &[no_key]).contains("ssh_pwauth"), "a mistyped key locks nobody out");
    let options = format!("from=\"10.0.0.0/8\" {KEY}");
    assert!(text("root", &[&options]).contains("\nssh_pwauth: false\n"));
    let other = text("ops", &[KEY]);
    assert!(other.contains("- name: ops\n") && !other.contains("disable_root"), "{other}");
}

#[test]
fn the_yaml_reads_back_as_it_was_meant() {
    let files = render(&seed("172.30.41.193/24", "ops", &[KEY]));
    let data: serde_json::Value = serde_saphyr::from_str(files[0].text()).unwrap();
    assert_eq!(data["users"][0]["ssh_authorized_keys"][0], KEY);
    assert_eq!(data["write_files"][0]["content"], FIRST_BOOT);
    assert_eq!(data["write_files"][0]["permissions"], "0755");
    assert_eq!(data["runcmd"][2][2], "hagen-first-boot.service");
}
