use super::*;

pub(crate) const LETTER: &str = "\
apiVersion: ha-xdp/v1
node: dev3
interfaces: [{ name: ens192 }]
groups:
  - name: apiserver
    interface: ens192
    addresses: [172.29.1.200/24]
    owner:
      vrrp:
        version: 2
        virtualRouterId: 33
        priority: 120
        advertisementInterval: 1s
        passFile: /etc/ha-xdp/apiserver.pass
services:
  - name: apiserver
    address: 172.29.1.200
    port: 6443
    protocol: tcp
    forward: { nat: { source: vip } }
    check: { probe: { https: { path: /readyz, trust: unverified } } }
    backends:
      - { name: dev3, address: 172.29.1.122, port: 9443, local: true }
      - { name: dev6, address: 172.29.1.41, port: 9443 }
sync: { listen: 172.29.1.122:3780, peers: [172.29.1.41:3780], keyFile: /etc/ha-xdp/sync.key }
";

pub(crate) fn secrets() -> BTreeMap<AbsolutePath, Secret> {
    BTreeMap::from([
        ("/etc/ha-xdp/apiserver.pass".parse().unwrap(), Secret::new("s3cret#1")),
        ("/etc/ha-xdp/sync.key".parse().unwrap(), Secret::new("0123456789abcdef".repeat(4))),
    ])
}

pub(crate) fn letter() -> Document {
    Config::parse(LETTER).unwrap().into_document()
}

fn errors(document: Document, secrets: BTreeMap<AbsolutePath, Secret>) -> Vec<String> {
    HaXdp::new(document, secrets).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn every_named_secret_is_there_and_no_other() {
    assert!(HaXdp::new(letter(), secrets()).is_ok());
    assert_eq!(
        errors(letter(), BTreeMap::new()),
        [
            "the letter to ha-xdp names `/etc/ha-xdp/apiserver.pass`, but there is no secret for it",
            "the letter to ha-xdp names `/etc/ha-xdp/sync.key`, but there is no secret for it"
        ]
    );
    let mut alone = letter();
    alone.sync = None;
    assert_eq!(errors(alone, secrets()), ["the secret for `/etc/ha-xdp/sync.key` is in no letter to ha-xdp"]);
}

#[test]
fn secrets_have_their_form() {
    let mut wrong = secrets();
    wrong.insert("/etc/ha-xdp/apiserver.pass".parse().unwrap(), Secret::new("123456789"));
    wrong.insert("/etc/ha-xdp/sync.key".parse().unwrap(), Secret::new("0123"));
    let errors = errors(letter(), wrong);
    assert_eq!(
        errors,
        [
            "`/etc/ha-xdp/apiserver.pass`: a VRRP password has at most 8 bytes; this one has 9",
            "`/etc/ha-xdp/sync.key`: a key for sharing flow state has 64 lower-case hexadecimal digits"
        ]
    );
}

#[test]
fn a_letter_that_contradicts_itself_is_no_plan() {
    let mut document = letter();
    document.services[0].address = "172.29.1.201".parse().unwrap();
    let errors = errors(document, secrets());
    assert_eq!(errors.len(), 1);
    assert!(errors[0].starts_with("letter to ha-xdp: services[0].address: `172.29.1.201` is in no group"));
}
