//! The first boot: the script of the seed finds, verifies, unpacks and applies the bundle, once.

use std::fs;

use hagen::judge::{Output, Verdict, by_name, spread};
use hagen::tree::{File, Tree};
use serde_json::Value;

use super::fixtures::node;
use super::{lines, on_stage_at};

/// A script on a stage that has the first-boot script as cloud-init would write it, and `/made/bundle`
/// with the bundle `dns-1.tar.gz` whose `apply` counts its runs in `/var/lib/counted`.
fn boot(script: &str) -> Output {
    let scratch = tempfile::tempdir().unwrap();
    spread(&node("debian-12"), "cloud-init", &scratch.path().join("seed")).unwrap();
    let user_data = fs::read_to_string(scratch.path().join("seed/user-data")).unwrap();
    let data: Value = serde_json::to_value(parse(&user_data)).unwrap();
    let root = scratch.path().join("rootfs");
    for file in data["write_files"].as_array().unwrap() {
        let path = root.join(file["path"].as_str().unwrap().trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, file["content"].as_str().unwrap()).unwrap();
    }
    on_stage_at(&root, &format!("{MAKE}\n{script}"))
}

/// What PyYAML, the reader of cloud-init, makes of the text.
fn parse(yaml: &str) -> Value {
    let program = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";
    let options = hagen::judge::ToolOptions { stdin: yaml.as_bytes().to_vec(), ..Default::default() };
    let output = hagen::judge::run_tool("/usr/bin/python3", &["-c", program], &options).unwrap();
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.stderr))
}

const MAKE: &str = r#"
chmod 0755 /usr/local/sbin/hagen-first-boot
mkdir -p /made/in /made/bundle /var/lib
cat >/made/in/apply <<'APPLY'
#!/bin/sh
echo "apply runs in $(pwd)"
echo run >>/var/lib/counted
exit "$(cat ./code)"
APPLY
echo 0 >/made/in/code
echo secret >/made/in/secret
chmod 0600 /made/in/secret
pack() {
    tar -czf /made/bundle/dns-1.tar.gz -C /made/in .
    (cd /made/bundle && sha256sum dns-1.tar.gz >"$1")
}
boot() {
    code=0
    timeout 100 hagen-first-boot dns-1 >/made/told 2>&1 || code=$?
    echo "exit $code"
}
state() { sed 's/.*"state":"\([a-z]*\)","message":"\([^"]*\)".*"source":"\([^"]*\)".*/\1|\2|\3/' /var/lib/hagen/status.json; }
count() { if [ -f /var/lib/counted ]; then wc -l </var/lib/counted; else echo 0; fi; }
"#;

#[test]
fn pyyaml_reads_the_seed_as_it_was_meant() {
    let scratch = tempfile::tempdir().unwrap();
    spread(&node("debian-12"), "cloud-init", scratch.path()).unwrap();
    let network = parse(&fs::read_to_string(scratch.path().join("network-config")).unwrap());
    let macs = &network["network"]["ethernets"];
    assert_eq!(macs["san0"]["match"]["macaddress"], "52:54:00:12:34:56", "not a number to base 60");
    assert_eq!(network["network"]["bridges"]["br0"]["addresses"][2], "fd00:41::192/64");
    let user = parse(&fs::read_to_string(scratch.path().join("user-data")).unwrap());
    assert_eq!(user["write_files"][0]["permissions"], "0755");
    assert_eq!(user["ssh_pwauth"], false);
    let key = user["ssh_authorized_keys"][0].as_str().unwrap();
    assert!(key.ends_with(" an: operator #1"), "{key}");
}

#[test]
fn a_bundle_on_the_node_is_applied_once() {
    let output = boot(
        r#"
pack dns-1.tar.gz.sha256
mkdir -p /var/lib/hagen
cp -R /made/bundle /var/lib/hagen/bundle
boot; state; count
grep -o 'apply runs in /var/lib/hagen/bundles/' /made/told
stat -c '%a %n' /var/lib/hagen/bundles /var/lib/hagen/bundles/*/secret | sed 's/[0-9a-f]\{64\}/ID/'
python3 -m json.tool /var/lib/hagen/status.json >/dev/null
boot; count; cat /made/told | sed 's/[0-9a-f]\{64\}/ID/'
"#,
    );
    assert_eq!(
        lines(&output),
        [
            "exit 0",
            "applied|dns-1.tar.gz|/var/lib/hagen/bundle/dns-1.tar.gz",
            "1",
            "apply runs in /var/lib/hagen/bundles/",
            "700 /var/lib/hagen/bundles",
            "600 /var/lib/hagen/bundles/ID/secret",
            "exit 0",
            "1",
            "hagen-first-boot: a bundle has been applied already: ID",
        ]
    );
}

#[test]
fn a_labelled_medium_is_found_and_released() {
    let output = boot(
        r#"
pack SHA256SUMS
mkdir -p /made/medium/hagen
cp /made/bundle/* /made/medium/hagen/
truncate -s 8M /made/medium.img
mkfs.ext4 -q -L HAGEN -d /made/medium /made/medium.img
loop=$(losetup --find --show --read-only /made/medium.img)
trap 'losetup -d "$loop"' EXIT
boot; state | sed "s,$loop,DEVICE,"; count
grep -c /run/hagen/medium /proc/mounts || :
"#,
    );
    assert_eq!(lines(&output), ["exit 0", "applied|dns-1.tar.gz|DEVICE:hagen/dns-1.tar.gz", "1", "0"]);
}

#[test]
fn a_wrong_or_missing_digest_stops_before_anything_is_unpacked() {
    let output = boot(
        r#"
pack dns-1.tar.gz.sha256
mkdir -p /var/lib/hagen
cp -R /made/bundle /var/lib/hagen/bundle
printf x >>/var/lib/hagen/bundle/dns-1.tar.gz
boot; state | sed 's/[0-9a-f]\{64\}/ID/g'; count; ls /var/lib/hagen
rm /var/lib/hagen/bundle/dns-1.tar.gz.sha256
echo 'abc  dns-1.tar.gz' >/var/lib/hagen/bundle/SHA256SUMS
boot; state; count
"#,
    );
    assert_eq!(
        lines(&output),
        [
            "exit 1",
            "failed|the digest of dns-1.tar.gz is ID, listed is ID|/var/lib/hagen/bundle/dns-1.tar.gz",
            "0",
            "bundle",
            "status.json",
            "exit 1",
            "failed|no digest of dns-1.tar.gz beside it: neither dns-1.tar.gz.sha256 nor SHA256SUMS has it|\
             /var/lib/hagen/bundle/dns-1.tar.gz",
            "0",
        ]
    );
}

#[test]
fn a_failed_apply_is_told_and_tried_again_at_the_next_boot() {
    let output = boot(
        r#"
echo 3 >/made/in/code
pack dns-1.tar.gz.sha256
mkdir -p /var/lib/hagen
cp -R /made/bundle /var/lib/hagen/bundle
boot; state; count
echo 0 >"$(ls -d /var/lib/hagen/bundles/*)/code"
boot; state; count
"#,
    );
    assert_eq!(
        lines(&output),
        [
            "exit 1",
            "failed|apply ended with exit code 3; its words are in the journal of hagen-first-boot|\
             /var/lib/hagen/bundle/dns-1.tar.gz",
            "1",
            "exit 0",
            "applied|dns-1.tar.gz|/var/lib/hagen/bundle/dns-1.tar.gz",
            "2",
        ]
    );
}

#[test]
fn without_a_bundle_the_node_says_what_it_looked_for() {
    let output = boot(
        // Another node: media of tests that run beside this one may be in sight.
        r#"
sed -i 's/^wait_seconds=.*/wait_seconds=2/' /usr/local/sbin/hagen-first-boot
code=0
hagen-first-boot dns-9 >/dev/null 2>&1 || code=$?
echo "exit $code"
state
code=0
hagen-first-boot ../x >/dev/null 2>&1 || code=$?
echo "exit $code"
"#,
    );
    assert_eq!(
        lines(&output),
        [
            "exit 1",
            "failed|no dns-9.tar.gz in /var/lib/hagen/bundle /var/lib/cloud/seed/nocloud \
             /var/lib/cloud/seed/nocloud-net or on a medium labelled HAGEN or CIDATA|",
            "exit 2",
        ]
    );
}

#[test]
fn the_unit_and_the_script_of_the_seed_are_sound() {
    let scratch = tempfile::tempdir().unwrap();
    spread(&node("centos-7.9"), "cloud-init", scratch.path()).unwrap();
    let data = parse(&fs::read_to_string(scratch.path().join("user-data")).unwrap());
    let mut tree = Tree::default();
    for file in data["write_files"].as_array().unwrap() {
        let (path, text) = (file["path"].as_str().unwrap(), file["content"].as_str().unwrap());
        let file = match file["permissions"].as_str() {
            Some("0755") => File::script("seed", path, text),
            Some("0644") => File::config("seed", path, text),
            other => panic!("{path}: {other:?}"),
        };
        tree.place("rootfs", file).unwrap();
    }
    for judge in ["systemd", "shellcheck"] {
        let verdict = by_name(judge).unwrap().judge(&tree);
        assert_eq!(verdict, Some(Verdict::Accepted { notes: vec![] }), "{judge}");
    }
}
