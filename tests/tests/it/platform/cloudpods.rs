//! The scripts of Cloudpods' controllers, with a real SSH server for the other nodes.

use super::files::python_yaml;
use super::sample;
use super::stage::Stage;

const FIRST: &str = "10.127.190.251";
const VIP: &str = "10.127.190.100";
const DATABASE: &str = "10.127.190.101";
const INVENTORIES: [&str; 2] = [
    "/etc/hagen/cloudpods/1-ha-controllers-with-hosts.yml",
    "/etc/hagen/cloudpods/2-controllers-with-hosts.yml",
];

/// Looks at an inventory as ocboot does (`lib/ocboot.py`: what it asks for, and by which key), and writes down
/// what it was called with.
const OCBOOT: &str = r#"
import os, sys, yaml
assert sys.argv[1] == "install", sys.argv
with open("/var/tmp/calls", "a") as calls:
    calls.write("ocboot.py install %s NO_REBOOT=%s in %s\n" % (sys.argv[2], os.environ.get("NO_REBOOT"), os.getcwd()))
config = yaml.safe_load(open(sys.argv[2]))
primary = config["primary_master_node"]
for key in ["hostname", "db_host", "db_password", "onecloud_version", "controlplane_host"]:
    assert primary[key], key
assert primary["product_version"] in ["FullStack", "Edge", "CMP"]
assert int(primary["controlplane_host"].replace(".", "")) % 255 > 0
for group in ["master_nodes", "worker_nodes"]:
    if group in config:
        assert config[group]["controlplane_host"] and all(host["hostname"] for host in config[group]["hosts"])
if os.path.exists("/var/tmp/break"):
    sys.exit(3)
"#;

/// The first node of the three-node example after its bundle was applied, beside nodes that let it in and a
/// database.
fn first_node() -> Stage {
    let mut stage = Stage::new(&[FIRST, DATABASE, "10.127.190.245", "10.127.190.229"]);
    // Whoever is not there is known to be not there.
    stage.sh("ip route add unreachable 10.127.190.0/24").good();
    stage.lay(&sample::files(sample::CLOUDPODS_3, "node-1"));
    stage.write("/opt/ocboot/ocboot.py", OCBOOT, 0o755);
    stage.stand_in("/usr/local/bin/ansible-playbook", "exit 0");
    stage
        .sh("mkdir -p /run/sshd /root/.ssh && ssh-keygen -A >/dev/null && rm -f /root/.ssh/id_rsa /root/.ssh/known_hosts && \
             ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_rsa && cp /root/.ssh/id_rsa.pub /root/.ssh/authorized_keys && \
             chmod -R go= /root/.ssh")
        .good();
    stage.serve(
        "/usr/sbin/sshd",
        &["-D", "-e", "-o", "PermitRootLogin=yes", "-o", "UsePAM=no", "-o", "StrictModes=no"],
        &[],
        22,
    );
    stage.sh("ssh-keyscan 10.127.190.245 10.127.190.229 >/root/.ssh/known_hosts 2>/dev/null").good();
    stage.serve(
        "python3",
        &["-m", "http.server", "3306", "--bind", DATABASE, "--directory", "/srv"],
        &[],
        3306,
    );
    stage
}

fn call(inventory: &str) -> String {
    format!("ocboot.py install {inventory} NO_REBOOT=1 in /opt/ocboot")
}

#[test]
fn every_kind_of_controllers_is_installed_once_and_in_order() {
    let stage = first_node();
    let said = stage.sh("hagen-cloudpods-install --check").good();
    assert!(said.contains("ok: node-2: SSH, clock") && said.contains("ok: node-3: SSH, clock"), "{said}");
    assert_eq!(stage.calls(), [""; 0]);
    let said = stage.sh("hagen-cloudpods-install").good();
    assert_eq!(stage.calls(), INVENTORIES.map(call));
    assert!(said.contains(&format!("done: https://{VIP}")), "{said}");
    // From now on the VIP answers, and nothing is repeated.
    stage.sh(&format!("ip addr add {VIP}/32 dev lo")).good();
    stage.sh("hagen-cloudpods-install").good();
    assert_eq!(stage.calls(), [""; 0]);
    stage.sh(&format!("echo '# changed' >>{}", INVENTORIES[1])).good();
    stage.sh("hagen-cloudpods-install").good();
    assert_eq!(stage.calls(), [call(INVENTORIES[1])]);
}

#[test]
fn a_run_that_fails_ends_the_installation_and_is_repeated() {
    let stage = first_node();
    stage.write("/var/tmp/break", "", 0o644);
    let said = stage.sh("hagen-cloudpods-install").refused();
    assert!(said.contains("ocboot ended with 3 for 1-ha-controllers-with-hosts.yml"), "{said}");
    assert_eq!(stage.calls(), [call(INVENTORIES[0])]);
    stage.sh("rm /var/tmp/break").good();
    stage.sh("hagen-cloudpods-install").good();
    assert_eq!(stage.calls(), INVENTORIES.map(call));
}

/// Refused with this message, and ocboot was not run.
#[track_caller]
fn refused(stage: &Stage, message: &str) {
    let said = stage.sh("hagen-cloudpods-install").refused();
    assert!(said.contains(message), "no `{message}` in:\n{said}");
    assert_eq!(stage.calls(), [""; 0], "{said}");
}

#[test]
fn an_installation_does_not_begin_where_something_is_wrong() {
    let mut stage = first_node();
    stage.write("/usr/local/bin/date", "#!/bin/sh\nnow=$(/bin/date \"$@\")\n[ -z \"${SSH_CONNECTION:-}\" ] || now=$((now - 100))\necho $now\n", 0o755);
    refused(&stage, "the clock of node-2 is ");
    stage.sh("rm /usr/local/bin/date").good();
    stage.stand_in("/usr/local/bin/getenforce", "[ -z \"${SSH_CONNECTION:-}\" ] || echo Enforcing");
    let said = stage.sh("hagen-cloudpods-install").refused();
    assert!(said.contains("SELinux enforces on node-3"), "{said}");
    stage.sh("rm /usr/local/bin/getenforce /var/tmp/calls").good();
    stage.sh(&format!("ip addr add {VIP}/32 dev lo")).good();
    refused(&stage, &format!("somebody answers at {VIP}, which is to become the VIP"));
    stage.sh(&format!("ip addr del {VIP}/32 dev lo")).good();
    stage.sh("mv /root/.ssh/authorized_keys /root/.ssh/none").good();
    refused(&stage, "node-2 does not let this node in: ");
    stage.sh("mv /root/.ssh/none /root/.ssh/authorized_keys && mv /opt/ocboot /opt/elsewhere").good();
    refused(&stage, "/opt/ocboot/ocboot.py is missing");
    stage.sh("hagen-cloudpods-install --check --ocboot /opt/elsewhere").good();
    stage.sh("mv /opt/elsewhere /opt/ocboot").good();
    stage.stop("python3");
    refused(&stage, &format!("the database does not answer at {DATABASE} port 3306"));
}

#[test]
fn kubectl_reads_a_copy_that_only_root_may_read() {
    let stage = Stage::new(&[]);
    stage.lay(&sample::files(sample::CLOUDPODS_3, "node-3"));
    let said = stage.sh("hagen-cloudpods-kubectl").refused();
    assert!(said.contains("there is no /etc/kubernetes/admin.conf here"), "{said}");
    stage.write("/etc/kubernetes/admin.conf", "first", 0o644);
    for text in ["first", "first", "second"] {
        stage.write("/etc/kubernetes/admin.conf", text, 0o644);
        stage.sh("hagen-cloudpods-kubectl").good();
        assert_eq!(stage.read("/root/.kube/config"), text);
        assert_eq!(stage.sh("stat -c %a /root/.kube/config").good(), "600\n");
    }
    assert_eq!(stage.read("/root/.kube/config.before"), "first");
}

/// keepalived's static pod as ocboot (k3s) and as ocadm write it.
fn pods(vip: &str) -> [(&'static str, String); 2] {
    let pod = |addresses: &str, interface: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: keepalived\n  namespace: kube-system\nspec:\n  containers:\n  - command:\n    - /container/tool/run\n    env:\n    \
             - name: KEEPALIVED_PRIORITY\n      value: \"90\"\n    - name: KEEPALIVED_VIRTUAL_IPS\n      value: {addresses}\n    \
             - name: KEEPALIVED_STATE\n      value: BACKUP\n    - name: KEEPALIVED_PASSWORD\n      value: de17f785\n    \
             - name: KEEPALIVED_ROUTER_ID\n      value: \"12\"\n    - name: KEEPALIVED_NODE_IP\n      value: \"10.127.190.245\"\n    \
             - name: KEEPALIVED_INTERFACE\n      value: {interface}\n    image: keepalived:v2.0.25\n    name: keepalived\n  hostNetwork: true\n"
        )
    };
    [
        ("/etc/kubernetes/manifests/keepalived.yaml", pod(&format!("'#PYTHON2BASH:[''{vip}'']'"), "br0")),
        (
            "/var/lib/rancher/k3s/agent/pod-manifests/keepalived.yaml",
            pod(&format!("\"#PYTHON2BASH:['{vip}']\""), "\"eth0\""),
        ),
    ]
}

#[test]
fn the_priority_changes_and_nothing_else() {
    for (path, text) in pods(VIP) {
        let stage = Stage::new(&[]);
        stage.lay(&sample::files(sample::CLOUDPODS_3, "node-2"));
        stage.write(path, &text, 0o600);
        let expected = |priority: &str| {
            let mut pod = python_yaml(&text).remove(0);
            pod["spec"]["containers"][0]["env"][0]["value"] = priority.into();
            pod
        };
        stage.sh("hagen-cloudpods-vip").good();
        assert_eq!(python_yaml(&stage.read(path)), [expected("190")]);
        assert_eq!(stage.read(path), text.replace("value: \"90\"", "value: \"190\""));
        assert_eq!(stage.sh(&format!("stat -c %a {path}")).good(), "600\n");
        assert!(stage.sh("hagen-cloudpods-vip").good().contains("the priority is 190 already"));
        assert_eq!(stage.sh(&format!("ls -A $(dirname {path})")).good(), "keepalived.yaml\n");
        stage.sh("hagen-cloudpods-vip --lower").good();
        assert_eq!(python_yaml(&stage.read(path)), [expected("1")]);
        stage.sh("hagen-cloudpods-vip").good();
        assert_eq!(python_yaml(&stage.read(path)), [expected("190")]);
    }
}

#[test]
fn a_foreign_or_missing_pod_is_left_alone_and_lowering_waits_for_the_vip() {
    let stage = Stage::new(&[]);
    stage.lay(&sample::files(sample::CLOUDPODS_3, "node-2"));
    assert!(
        stage
            .sh("hagen-cloudpods-vip")
            .refused()
            .contains("there is no keepalived.yaml among the static pods")
    );
    let [(path, foreign), _] = pods("10.127.190.10");
    stage.write(path, &foreign, 0o600);
    assert!(stage.sh("hagen-cloudpods-vip").refused().contains("is for another address than 10.127.190.100"));
    assert_eq!(stage.read(path), foreign);

    let [(path, text), _] = pods(VIP);
    stage.write(path, &text, 0o600);
    stage.sh(&format!("ip addr add {VIP}/32 dev lo")).good();
    assert!(stage.sh("hagen-cloudpods-vip --status").good().contains("this node carries the VIP"));
    let moves = format!(
        "(while grep -q '\"90\"' {path}; do sleep 0.1; done; ip addr del {VIP}/32 dev lo) & hagen-cloudpods-vip --lower"
    );
    let said = stage.sh(&moves).good();
    assert!(said.contains("this node does not carry the VIP 10.127.190.100"), "{said}");
}
