//! The scripts of DCE's bootstrap nodes.

use super::files::python_yaml;
use super::registry::{Certificate, name_server, registry, web};
use super::sample;
use super::stage::Stage;

const ORIGINAL: &str = "172.30.41.193";
const STANDBY: &str = "172.30.41.194";
const DOMAIN: &str = "www.tinder-node-server.com";
const CHARTS: &str = r#"{"insight":[{"name":"insight","version":"0.18.0"}]}"#;

/// A bootstrap node of the example after its bundle was applied and the package unpacked. The record of the
/// domain points to `record`. Nothing of DCE runs.
fn node(name: &str, address: &str, record: &str) -> Stage {
    node_of(sample::BOOTSTRAP, name, address, record)
}

fn node_of(document: &str, name: &str, address: &str, record: &str) -> Stage {
    let mut stage = Stage::new(&[address]);
    stage.lay(&sample::files(document, name));
    name_server(&mut stage, record);
    stage.stand_in("/root/dce5/dce5-installer", "echo installer output; exit 0");
    stage.write("/home/offline-fix-dns/sample/manifest.yaml", "kind: DCEManifest\n", 0o644);
    stage.write("/home/CentOS-79-x86_64-DVD-2009.iso", "iso", 0o644);
    stage.write("/home/os-pkgs-centos7-v0.4.8.tar.gz", "pkgs", 0o644);
    stage.write("/root/.ssh/id_rsa", "key", 0o600);
    stage
}

#[test]
fn a_registry_with_more_images_than_it_gives_at_once_is_compared_in_full() {
    let mut stage = node("tinder-1", ORIGINAL, ORIGINAL);
    services(&mut stage, ORIGINAL);
    stage.sh(&format!("ip addr add {STANDBY}/32 dev lo")).good();
    registry(&mut stage, STANDBY, &Certificate::of(""), &["kubean/kubean:v1"]);
    for address in [ORIGINAL, STANDBY] {
        let folder = format!("/srv/{address}/images/docker/registry/v2/repositories/kubean");
        let copies = format!("cd {folder} && for n in $(seq 1000 1510); do cp -r kubean copy-$n; done");
        stage.sh(&copies).good();
    }
    let said = stage.sh("hagen-dce-verify --compare 172.30.41.194").good();
    assert!(said.contains("ok: 512 image repositories"), "{said}");
    assert!(said.contains("the same images as on 172.30.41.194"), "{said}");
    stage
        .sh(&format!("rm -r /srv/{ORIGINAL}/images/docker/registry/v2/repositories/kubean/copy-1400"))
        .good();
    let said = stage.sh("hagen-dce-verify --compare 172.30.41.194").refused();
    assert!(said.contains("images of 172.30.41.194 that are not here: kubean/copy-1400\n"), "{said}");
}

/// The services that the installer would have started.
fn services(stage: &mut Stage, address: &str) {
    let certificate = Certificate::of(&format!("DNS:{DOMAIN},IP:{address}"));
    registry(stage, address, &certificate, &["kubean/kubean:v1"]);
    web(stage, address, CHARTS, true);
}

#[test]
fn the_original_is_installed_in_full_and_only_once() {
    let mut stage = node("tinder-1", ORIGINAL, ORIGINAL);
    let said = stage.sh("hagen-dce-install --check").good();
    assert!(said.contains(&format!("{DOMAIN} points to {ORIGINAL}")), "{said}");
    assert_eq!(stage.calls(), [""; 0], "a check runs nothing");

    // The ports are free until the installer runs; then its services answer.
    let mut line = "hagen-dce-install".to_owned();
    let said = stage.sh(&line).refused();
    let call = "dce5-installer cluster-create -c /etc/hagen/dce/clusterConfig.yaml \
                -m /home/offline-fix-dns/sample/manifest.yaml";
    assert_eq!(stage.calls(), [call], "{said}");
    assert!(said.contains("after the installation: no errors"), "{said}");
    assert!(said.contains("the registry shows no certificate"), "the verification comes last: {said}");
    assert!(stage.sh("cat /var/log/hagen/hagen-dce-install-*.log").good().contains("installer output"));

    let said = stage.sh(&line).good();
    assert!(said.contains("already installed"), "{said}");
    assert_eq!(stage.calls(), [""; 0]);
    line.push_str(" --again --steps 8+");
    stage.sh(&line).refused();
    assert_eq!(stage.calls(), [format!("{call} -j 8+")]);

    services(&mut stage, ORIGINAL);
    stage.sh("hagen-dce-verify").good();
}

#[test]
fn a_standby_is_installed_with_the_five_steps_and_no_others() {
    for record in [ORIGINAL, STANDBY] {
        let stage = node("g-master1", STANDBY, record);
        let said = stage.sh("hagen-dce-install --steps 1+").refused();
        assert!(said.contains("a standby runs the steps 1,2,3,4,5 and no others"), "{said}");
        stage.sh("hagen-dce-install").refused();
        assert_eq!(
            stage.calls(),
            ["dce5-installer cluster-create -c /etc/hagen/dce/clusterConfig.yaml \
              -m /home/offline-fix-dns/sample/manifest.yaml -j 1,2,3,4,5"]
        );
    }
}

/// Refused with this message, and the installer was not run.
#[track_caller]
fn refused(stage: &Stage, script: &str, message: &str) {
    let said = stage.sh(script).refused();
    assert!(said.contains(message), "no `{message}` in:\n{said}");
    assert_eq!(stage.calls(), [""; 0], "{said}");
}

#[test]
fn an_installation_does_not_begin_where_something_is_wrong() {
    let stage = node("tinder-1", ORIGINAL, STANDBY);
    refused(&stage, "hagen-dce-install", &format!("{DOMAIN} points to {STANDBY}, not to {ORIGINAL}"));
    refused(
        &stage,
        "hagen-dce-install",
        "run on dns-1: hagen-dns-switch tinder-node-server.com www tinder-1",
    );

    let mut stage = node("tinder-1", ORIGINAL, ORIGINAL);
    stage.sh(&format!("echo '{ORIGINAL} {DOMAIN} # by hand' >>/etc/hosts")).good();
    refused(&stage, "hagen-dce-install", &format!("/etc/hosts names {DOMAIN}"));
    stage.write("/etc/hosts", &format!("127.0.0.1 localhost # {DOMAIN}\n"), 0o644);
    stage.sh("hagen-dce-install --check").good();

    stage.sh("rm /home/os-pkgs-centos7-v0.4.8.tar.gz").good();
    refused(&stage, "hagen-dce-install", "/home/os-pkgs-centos7-v0.4.8.tar.gz is missing");
    stage.write("/home/os-pkgs-centos7-v0.4.8.tar.gz", "pkgs", 0o644);
    stage.sh("mv /home/offline-fix-dns /home/elsewhere").good();
    refused(&stage, "hagen-dce-install", "the offline package /home/offline-fix-dns is missing");
    stage.sh("mv /home/elsewhere /home/offline-fix-dns && chmod 644 /root/.ssh/id_rsa").good();
    refused(&stage, "hagen-dce-install", "others may read the private key /root/.ssh/id_rsa");
    stage.sh("chmod 600 /root/.ssh/id_rsa && chmod -x /root/dce5/dce5-installer").good();
    refused(&stage, "hagen-dce-install", "/root/dce5/dce5-installer is missing or not executable");
    stage.sh("chmod +x /root/dce5/dce5-installer").good();
    stage.sh("printf '/swap file 1 0 -2\\n' >>/proc/swaps").good();
    refused(&stage, "hagen-dce-install", "swap is on");
    stage.sh("printf 'Filename\\n' >/proc/swaps").good();
    stage.sh("ip addr del 172.30.41.193/32 dev lo").good();
    refused(&stage, "hagen-dce-install", "the address 172.30.41.193 is on no interface of this node");
    stage.sh("ip addr add 172.30.41.193/32 dev lo; ip route add default dev lo 2>/dev/null; :").good();
    stage.sh("hagen-dce-install --check").good();

    web(&mut stage, ORIGINAL, CHARTS, true);
    refused(&stage, "hagen-dce-install", "TCP port 9000 is in use: users:((\"nginx\"");
    stage.stop("nginx");
    stage.stop("named");
    refused(&stage, "hagen-dce-install", &format!("(127.0.0.1) have no address for {DOMAIN}"));
}

#[test]
fn a_name_that_the_installer_wrote_into_etc_hosts_is_found() {
    let stage = node("tinder-1", ORIGINAL, ORIGINAL);
    stage.stand_in("/root/dce5/dce5-installer", &format!("echo '{ORIGINAL} {DOMAIN}' >>/etc/hosts"));
    let said = stage.sh("hagen-dce-install").refused();
    assert!(said.contains(&format!("/etc/hosts names {DOMAIN}")), "{said}");
}

#[test]
fn behind_a_balancer_the_record_points_to_the_vip_and_the_installers_line_is_only_told() {
    let document = sample::BOOTSTRAP
        .replace("      www: {switch: [tinder-1, g-master1]} ", "      www: {vip: tinder} ")
        .replace(
            "\nzones:\n",
            "  lb-1: {address: 172.30.41.201, roles: [lb]}\n  lb-2: {address: 172.30.41.202, roles: [lb]}\n\
             vips:\n  tinder:\n    address: 172.30.41.200\n    nodes: {role: lb}\n    vrrp: {virtualRouterId: 7}\n    services:\n      \
             registry: {port: 443, backends: [tinder-1, g-master1], preferred: tinder-1}\nzones:\n",
        )
        .replace("os: centos-7.9", "os: rocky-9");
    let mut stage = node_of(&document, "tinder-1", ORIGINAL, "172.30.41.200");
    stage.stand_in("/root/dce5/dce5-installer", &format!("echo '{ORIGINAL} {DOMAIN}' >>/etc/hosts"));
    let said = stage.sh("hagen-dce-install").refused();
    assert!(
        said.contains("warning: the installer wrote www.tinder-node-server.com into /etc/hosts"),
        "{said}"
    );
    assert!(said.contains("after the installation: no errors"), "{said}");
    services(&mut stage, ORIGINAL);
    stage.sh("hagen-dce-verify").good();
    // A new run would not follow the VIP.
    refused_again(&stage);

    let stage = node_of(&document, "g-master1", STANDBY, ORIGINAL);
    refused(&stage, "hagen-dce-upgrade", &format!("{DOMAIN} points to {ORIGINAL}, not to 172.30.41.200"));
    refused(&stage, "hagen-dce-upgrade", "the domain must point to the VIP");
}

#[track_caller]
fn refused_again(stage: &Stage) {
    stage.calls();
    refused(stage, "hagen-dce-upgrade", &format!("/etc/hosts names {DOMAIN}"));
}

#[test]
fn a_failed_installation_is_a_failure_and_can_be_repeated() {
    let stage = node("tinder-1", ORIGINAL, ORIGINAL);
    stage.stand_in("/root/dce5/dce5-installer", "echo it broke; exit 7");
    let said = stage.sh("hagen-dce-install").refused();
    assert!(said.contains("dce5-installer ended with 7; see /var/log/hagen/hagen-dce-install-"), "{said}");
    assert_eq!(stage.calls().len(), 1);
    stage.sh("hagen-dce-install").refused();
    assert_eq!(stage.calls().len(), 1, "nothing counts as installed");
}

#[test]
fn an_upgrade_begins_only_while_the_record_points_to_the_original() {
    for (name, address) in [("tinder-1", ORIGINAL), ("g-master1", STANDBY)] {
        let mut stage = node(name, address, STANDBY);
        refused(&stage, "hagen-dce-upgrade", &format!("{DOMAIN} points to {STANDBY}, not to {ORIGINAL}"));
        refused(&stage, "hagen-dce-upgrade", "hagen-dns-switch tinder-node-server.com www tinder-1");
        stage.stop("named");
        name_server(&mut stage, ORIGINAL);
        services(&mut stage, address);
        stage.sh("hagen-dce-upgrade").good();
        assert_eq!(
            stage.calls(),
            ["dce5-installer cluster-create -c /etc/hagen/dce/clusterConfig.yaml \
              -m /home/offline-fix-dns/sample/manifest.yaml -u tinder"]
        );
    }
}

#[test]
fn an_upgrade_from_another_package_changes_the_path_and_nothing_else() {
    let mut stage = node("g-master1", STANDBY, ORIGINAL);
    services(&mut stage, STANDBY);
    refused(
        &stage,
        "hagen-dce-upgrade --package /home/offline-v2",
        "the offline package /home/offline-v2 is missing",
    );
    refused(&stage, "hagen-dce-upgrade --package '/home/$(id)'", "the package must be an absolute path");
    refused(&stage, "hagen-dce-upgrade --package home/offline", "the package must be an absolute path");
    stage.write("/home/offline-v2/sample/manifest.yaml", "kind: DCEManifest\n", 0o644);
    let said = stage.sh("hagen-dce-upgrade --package /home/offline-v2/").good();
    assert!(said.contains("write 'fullPackagePath: /home/offline-v2' into cluster.yaml"), "{said}");
    assert_eq!(
        stage.calls(),
        ["dce5-installer cluster-create -c /var/lib/hagen/dce/clusterConfig.yaml \
          -m /home/offline-v2/sample/manifest.yaml -u tinder"]
    );
    let before = stage.read("/etc/hagen/dce/clusterConfig.yaml");
    let after = stage.read("/var/lib/hagen/dce/clusterConfig.yaml");
    let mut expected = python_yaml(&before).remove(0);
    expected["spec"]["fullPackagePath"] = "/home/offline-v2".into();
    assert_eq!(python_yaml(&after), [expected]);
    assert_eq!(stage.sh("stat -c %a /var/lib/hagen/dce/clusterConfig.yaml").good(), "600\n");
}

/// A node whose services run, with the certificate; the answer of `hagen-dce-verify`.
fn verified(certificate: &Certificate) -> super::stage::Ran {
    let mut stage = node("tinder-1", ORIGINAL, ORIGINAL);
    registry(&mut stage, ORIGINAL, certificate, &["kubean/kubean:v1"]);
    web(&mut stage, ORIGINAL, CHARTS, true);
    stage.sh("hagen-dce-verify")
}

#[test]
fn a_certificate_must_serve_the_domain_and_the_address() {
    verified(&Certificate::of(&format!("DNS:{DOMAIN},IP:{ORIGINAL}"))).good();
    verified(&Certificate::of(&format!("IP:{ORIGINAL},DNS:*.tinder-node-server.com"))).good();

    let no_address = "the registry's certificate does not serve the address 172.30.41.193, only: ";
    let no_domain = "the registry's certificate does not serve the domain www.tinder-node-server.com, only: ";
    // S0 with the two names in each other's place, and what else goes wrong.
    for (names, expected) in [
        (format!("DNS:{DOMAIN},IP:{STANDBY}"), format!("{no_address}DNS:{DOMAIN}, IP Address:{STANDBY}")),
        (format!("DNS:{DOMAIN}"), format!("{no_address}DNS:{DOMAIN}")),
        (format!("DNS:tinder-node-server.com,IP:{ORIGINAL}"), no_domain.to_owned()),
        // The common name is the domain, but clients do not look at it.
        (format!("IP:{ORIGINAL}"), format!("{no_domain}IP Address:{ORIGINAL}")),
        (String::new(), format!("{no_domain}no names")),
    ] {
        let said = verified(&Certificate { names, days: 365 }).refused();
        assert!(said.contains(&expected), "no `{expected}` in:\n{said}");
    }
    let both = format!("DNS:{DOMAIN},IP:{ORIGINAL}");
    let said = verified(&Certificate { names: both.clone(), days: 10 }).good();
    assert!(said.contains("expires within 30 days"), "{said}");
    let said = verified(&Certificate { names: both, days: -1 }).refused();
    assert!(said.contains("has expired"), "{said}");
}

#[test]
fn every_service_that_is_down_or_empty_is_named() {
    let mut stage = node("tinder-1", ORIGINAL, ORIGINAL);
    let said = stage.sh("hagen-dce-verify").refused();
    for part in [
        "shows no certificate on",
        "registry does not answer",
        "chart repository does not answer",
        "MinIO does not answer",
        "console does not answer",
    ] {
        assert!(said.contains(part), "no `{part}` in:\n{said}");
    }
    registry(&mut stage, ORIGINAL, &Certificate::of(&format!("DNS:{DOMAIN},IP:{ORIGINAL}")), &[]);
    web(&mut stage, ORIGINAL, "{}", false);
    let said = stage.sh("hagen-dce-verify").refused();
    for part in [
        "the registry holds no images",
        "the chart repository is empty",
        "MinIO does not answer on 172.30.41.193 port 9000: HTTP 503",
    ] {
        assert!(said.contains(part), "no `{part}` in:\n{said}");
    }
}

#[test]
fn single_images_charts_and_files_are_asked_for_and_registries_compared() {
    let mut stage = node("tinder-1", ORIGINAL, ORIGINAL);
    services(&mut stage, ORIGINAL);
    stage.sh(&format!("ip addr add {STANDBY}/32 dev lo")).good();
    registry(&mut stage, STANDBY, &Certificate::of(""), &["kubean/kubean:v1"]);
    let line = "hagen-dce-verify --image kubean/kubean:v1 --chart insight --file /kubean/file.tar --compare 172.30.41.194";
    let said = stage.sh(line).good();
    assert!(said.contains("the same images as on 172.30.41.194"), "{said}");
    for (option, expected) in [
        ("--image kubean/kubean:v2", "the image kubean/kubean:v2 is not there: HTTP 404"),
        ("--image other:v1", "the image other:v1 is not there: HTTP 404"),
        ("--chart ghippo", "the chart ghippo is not there: HTTP 404"),
        ("--file kubean/other.tar", "the file kubean/other.tar cannot be downloaded: HTTP 404"),
        ("--compare 172.30.41.195", "the registry on 172.30.41.195 does not answer"),
    ] {
        let said = stage.sh(&format!("hagen-dce-verify {option}")).refused();
        assert!(said.contains(expected), "no `{expected}` in:\n{said}");
    }
    assert_eq!(stage.sh("hagen-dce-verify --image").code, 2);
    assert_eq!(stage.sh("hagen-dce-verify --image '$(id)'").code, 2);
}

#[test]
fn images_that_only_one_of_the_two_has_are_named() {
    let mut stage = node("tinder-1", ORIGINAL, ORIGINAL);
    let certificate = Certificate::of(&format!("DNS:{DOMAIN},IP:{ORIGINAL}"));
    registry(&mut stage, ORIGINAL, &certificate, &["both:1", "only-here:1"]);
    web(&mut stage, ORIGINAL, CHARTS, true);
    stage.sh(&format!("ip addr add {STANDBY}/32 dev lo")).good();
    registry(&mut stage, STANDBY, &Certificate::of(""), &["both:1", "only/there:1"]);
    let said = stage.sh("hagen-dce-verify --compare 172.30.41.194").refused();
    assert!(said.contains("error: images of 172.30.41.194 that are not here: only/there\n"), "{said}");
    assert!(said.contains("warning: images that are not on 172.30.41.194: only-here\n"), "{said}");
}
