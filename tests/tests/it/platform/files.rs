//! Rendered files before readers that are not hagen's own.

use std::io::Write as _;
use std::process::{Command, Stdio};

use hagen::plan::Input;
use hagen::plan::cloudpods;
use hagen::secret::Secrets;
use serde_json::{Value, json};

use super::sample;

/// Reads YAML with Debian's PyYAML (YAML 1.1, as ansible and ocboot do); one value for each document.
pub(crate) fn python_yaml(text: &str) -> Vec<Value> {
    let code = "import sys, json, yaml; json.dump(list(yaml.safe_load_all(sys.stdin.read())), sys.stdout)";
    let mut python = Command::new("/usr/bin/python3")
        .args(["-c", code])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Debian's python3");
    python.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "python3-yaml refuses:\n{text}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn read(text: &str) -> Value {
    let mut values = python_yaml(text);
    assert_eq!(values.len(), 1);
    values.remove(0)
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let files = sample::all();
    let scripts: Vec<_> = files.iter().filter(|f| f.text().starts_with("#!/bin/sh\n")).collect();
    assert!(scripts.len() > 20);
    let folder = tempfile::tempdir().unwrap();
    let mut shellcheck = Command::new("shellcheck");
    shellcheck.args(["--shell=sh", "--severity=style", "--norc"]);
    for (number, script) in scripts.iter().enumerate() {
        assert_eq!(script.entry.mode, 0o755, "{}", script.path);
        let path = folder.path().join(format!("{number}-{}", script.path.rsplit('/').next().unwrap()));
        std::fs::write(&path, script.text()).unwrap();
        shellcheck.arg(path);
    }
    let output = shellcheck.output().expect("shellcheck");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn every_yaml_file_is_read_alike_by_python() {
    let mut count = 0;
    for file in sample::all().iter().filter(|f| f.path.ends_with(".yaml") || f.path.ends_with(".yml")) {
        let theirs = read(file.text());
        let ours = hagen::yaml::parse(file.text()).unwrap();
        same(&ours, &theirs, &file.path);
        count += 1;
    }
    assert!(count >= 12);
}

/// hagen keeps scalars as text; what is quoted there must be a string here, and the other way round.
#[track_caller]
fn same(ours: &hagen::yaml::Node, theirs: &Value, at: &str) {
    use hagen::yaml::Value as Ours;
    match (&ours.value, theirs) {
        (Ours::Null, Value::Null) => {}
        (Ours::Scalar { text, quoted: true }, Value::String(s)) => assert_eq!(text, s, "{at}"),
        (Ours::Scalar { text, quoted: false }, value) => {
            let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(*text, plain, "{at}");
        }
        (Ours::Seq(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{at}");
            a.iter().zip(b).for_each(|(a, b)| same(a, b, at));
        }
        (Ours::Map(a), Value::Object(b)) => {
            assert_eq!(a.len(), b.len(), "{at}");
            a.iter().for_each(|(k, v)| same(v, &b[&k.text], &format!("{at}: {}", k.text)));
        }
        (ours, theirs) => panic!("{at}: {ours:?} is {theirs}"),
    }
}

#[test]
fn the_types_that_the_installers_ask_for() {
    let files = sample::files(sample::FULL_DCE, "tinder-1");
    let config = read(sample::one(&files, "/etc/hagen/dce/clusterConfig.yaml").text());
    assert_eq!(config["metadata"], json!({"creationTimestamp": null}));
    let spec = &config["spec"];
    assert_eq!(spec["tinderKind"]["registryPort"], json!(8443));
    assert_eq!(spec["masterNodes"][0]["ansibleSSHPort"], json!("2222"));
    assert_eq!(
        spec["masterNodes"][0]["ansibleExtraArgs"],
        json!("ansible_shell_executable='/bin/sh'  k1='v1'")
    );
    assert_eq!(spec["workerNodes"][0]["nodeTaints"], json!(["node.daocloud.io/es-only=true:NoSchedule"]));
    assert_eq!(spec["loadBalancer"]["istioGatewayVip"], json!("172.30.41.240/32"));
    assert_eq!(spec["loadBalancer"]["SourceIP"], json!(false));
    let kubean = read(spec["kubeanConfig"].as_str().unwrap());
    assert_eq!(kubean["upstream_dns_servers"], json!(["172.30.41.191"]));
    assert_eq!(kubean["extra_sysctl"], json!([{"name": "net.ipv4.tcp_keepalive_time", "value": 700}]));
    assert_eq!(kubean["node_sysctl_tuning"], json!(true));
    let manifest = read(sample::one(&files, "/etc/hagen/dce/manifest.yaml").text());
    assert_eq!(manifest["infrastructures"]["mysql"]["cpuLimit"], json!(1));
    assert_eq!(manifest["infrastructures"]["mysql"]["enableAutoBackup"], json!(true));

    let files = sample::files(sample::CLOUDPODS_4, "node-1");
    let inventory = read(files.iter().find(|f| f.path.ends_with(".yml")).unwrap().text());
    let primary = &inventory["primary_master_node"];
    for key in ["db_port", "controlplane_port", "controlplane_host", "host_networks", "onecloud_version"] {
        assert!(primary[key].is_string(), "{key}: {}", primary[key]);
    }
    assert_eq!(primary["port"], json!(22));
    assert_eq!(inventory["master_nodes"]["high_availability"], json!(true));
}

/// The part of Compose's form 2.1 that Rainbond's files use.
fn check_compose(file: &Value, path: &str) {
    let strings = |v: &Value| v.as_array().is_some_and(|a| a.iter().all(Value::is_string));
    let size = |v: &Value| v.as_str().is_some_and(|s| s.trim_end_matches(['M', 'm']).parse::<u32>().is_ok());
    assert_eq!(file["version"], json!("2.1"), "{path}");
    assert_eq!(file.as_object().unwrap().len(), 2, "{path}");
    for (name, service) in file["services"].as_object().unwrap() {
        for (key, value) in service.as_object().unwrap() {
            let fits = match key.as_str() {
                "image" | "network_mode" => value.is_string(),
                "container_name" => value == name,
                "restart" => value == "always",
                "mem_limit" => size(value),
                "volumes" => {
                    strings(value)
                        && value
                            .as_array()
                            .unwrap()
                            .iter()
                            .all(|v| v.as_str().unwrap().split(':').count() == 2)
                }
                "command" => strings(value),
                "environment" => {
                    strings(value)
                        || value
                            .as_object()
                            .is_some_and(|m| m.values().all(|v| v.is_string() || v.is_number()))
                }
                "logging" => {
                    value["driver"].is_string()
                        && value["options"].as_object().is_some_and(|m| m.values().all(Value::is_string))
                }
                _ => false,
            };
            assert!(fits, "{path}: {name}.{key}: {value}");
        }
    }
}

#[test]
fn compose_files_have_the_form_2_1() {
    let mut count = 0;
    for node in ["manage01", "compute01", "compute02"] {
        for file in sample::files(sample::RAINBOND, node).iter().filter(|f| f.path.ends_with(".yaml")) {
            check_compose(&read(file.text()), &file.path);
            count += 1;
        }
    }
    assert_eq!(count, 5);
}

#[test]
fn any_password_arrives_as_it_is() {
    let mut passwords: Vec<String> = [
        "0123",
        "1e3",
        "yes",
        "null",
        "~",
        "12:30:45",
        "2024-01-01",
        " leading",
        "trailing ",
        "a: b",
        "a #b",
        "- a",
        "? x",
        "'single'",
        "\"double\"",
        "back\\slash",
        "{{ jinja }}",
        "%percent",
        "@at",
        "`tick`",
        "!tag",
        "&anchor",
        "*alias",
        "[list]",
        "{map}",
        "|",
        ">",
        "=",
        "<<",
        "0x1f",
        "0o17",
        ".inf",
        "-",
        "--- a",
        "...",
        "ünïcödé",
        "世界",
        "$VAR",
        "tab\tinside",
    ]
    .map(str::to_owned)
    .to_vec();
    for length in [60, 79, 80, 81, 200, 1000] {
        passwords.push("word ".repeat(length / 5) + "end");
        passwords.push("x".repeat(length));
    }
    let (topology, _) = sample::prove(sample::CLOUDPODS_4);
    let node = topology.node(&"node-1".parse().unwrap()).unwrap();
    let secrets = Secrets::placeholder(&topology.document);
    let mut plan = cloudpods::decide(&Input { topology: &topology, node, secrets: &secrets }).unwrap();
    let mut stream = String::new();
    for password in &passwords {
        plan.installer.as_mut().unwrap().inventories[0].primary.db_password =
            hagen::secret::Secret::new(password.as_str());
        let files = hagen::render::cloudpods::render(&plan);
        stream.push_str("---\n");
        stream.push_str(files.iter().find(|f| f.path.ends_with(".yml")).unwrap().text());
    }
    let read = python_yaml(&stream);
    assert_eq!(read.len(), passwords.len());
    for (value, password) in read.iter().zip(&passwords) {
        assert_eq!(value["primary_master_node"]["db_password"], json!(password));
    }
}
