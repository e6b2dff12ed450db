//! Rainbond's gateway configuration in a real nginx, and the scripts of manager and compute nodes.

use serde_json::json;

use super::files::python_yaml;
use super::sample;
use super::stage::Stage;

const MANAGER: &str = "10.141.161.105";
const VIP: &str = "10.141.161.106";
const GATEWAYS: [&str; 2] = ["10.141.161.107", "10.141.161.108"];
const PLUGIN: &str = include_str!("plugin.yaml");
const DYNAMICS: &str = "/opt/rainbond/etc/rbd-lb/dynamics";

/// What answers in the place of gateways: `rbd-lb`'s own interface on each address.
fn gateways(stage: &mut Stage, addresses: &[&str]) {
    let servers: String = addresses
        .iter()
        .map(|a| format!("server {{ listen {a}:10002; location = /health {{ return 200; }} }}\n"))
        .collect();
    let conf = format!(
        "daemon off;\npid /run/gateways.pid;\nerror_log /dev/null;\nevents {{}}\nhttp {{ access_log off;\n{servers}\
         server {{ listen 127.0.0.1:8089; location = /readiness {{ return 200; }} }}\n}}\n"
    );
    stage.write("/srv/gateways.conf", &conf, 0o644);
    stage.serve("nginx", &["-c", "/srv/gateways.conf"], &[], 8089);
}

#[test]
fn nginx_accepts_the_first_servers_and_leads_to_the_manager() {
    let mut stage = Stage::new(&[MANAGER, GATEWAYS[0]]);
    stage.lay(&sample::files(sample::RAINBOND, "compute01"));
    // As the container of rbd-lb sees it.
    stage.sh(&format!("mkdir -p /usr/local/openresty/nginx/conf && ln -s {DYNAMICS} /usr/local/openresty/nginx/conf/dynamics")).good();
    let certificates = format!("{DYNAMICS}/dynamic_certs/goodrain.me");
    stage
        .sh(&format!(
            "mkdir -p {certificates} && openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=goodrain.me -days 9 \
             -keyout {certificates}/server.key -out {certificates}/server.crt"
        ))
        .good();
    let manager = format!(
        "server {{ listen {MANAGER}:8081; location / {{ return 200 \"artifacts $request_uri $host\"; }} }}\n\
         server {{ listen {MANAGER}:5000; location / {{ return 200 \"images $request_uri $http_host $http_x_forwarded_proto\"; }} }}\n"
    );
    let conf = format!(
        "daemon off;\npid /run/gateway.pid;\nerror_log /var/tmp/nginx.log;\nevents {{}}\nhttp {{ access_log off;\n\
         include {DYNAMICS}/dynamic_servers/*.http.conf;\n{manager}}}\n"
    );
    stage.write("/srv/gateway.conf", &conf, 0o644);
    let said = stage.sh("nginx -t -c /srv/gateway.conf").good();
    assert!(!said.contains("warn"), "{said}");
    stage.serve("nginx", &["-c", "/srv/gateway.conf"], &[], 443);
    let ask = |options: &str| stage.sh(&format!("curl -sSk --noproxy '*' {options}")).good();
    assert_eq!(
        ask("-H 'Host: lang.goodrain.me' http://127.0.0.1/a/b"),
        "artifacts /artifactory/pkg_lang/a/b lang.goodrain.me"
    );
    assert_eq!(
        ask("-H 'Host: maven.goodrain.me' http://127.0.0.1/x"),
        "artifacts /artifactory/libs-release/x maven.goodrain.me"
    );
    assert_eq!(
        ask("-o /dev/null -w '%{http_code}' -H 'Host: maven.goodrain.me' http://127.0.0.1/monitor"),
        "204"
    );
    let registry = "--resolve goodrain.me:443:127.0.0.1 https://goodrain.me/v2/_catalog";
    assert_eq!(ask(registry), "images /v2/_catalog goodrain.me https");
}

/// The manager of the example, with Rainbond installed as its installer leaves it.
fn manager() -> Stage {
    let mut stage = Stage::new(&[MANAGER, VIP, GATEWAYS[0], GATEWAYS[1]]);
    stage.lay(&sample::files(sample::RAINBOND, "manage01"));
    stage.write("/opt/rainbond/compose/plugin.yaml", PLUGIN, 0o640);
    stage.write(
        "/opt/rainbond/compose/lb.yaml",
        "version: '2.1'\nservices:\n  rbd-lb:\n    environment:\n      HTTP_SUFFIX_URL: goodrain.me\n",
        0o644,
    );
    stage.stand_in("/usr/local/bin/dc-compose", "exit 0");
    stage.stand_in("/usr/local/bin/grctl", "exit 0");
    stage.stand_in("/usr/local/bin/docker", "exit 0");
    gateways(&mut stage, &[GATEWAYS[0], GATEWAYS[1], VIP]);
    stage
}

/// The calls that change something.
fn changes(stage: &Stage) -> Vec<String> {
    stage.calls().into_iter().filter(|c| !c.starts_with("docker image inspect ")).collect()
}

#[test]
fn the_manager_programs_the_gateways_and_every_other_service_stays_as_it_is() {
    let stage = manager();
    stage.sh("hagen-rainbond-manage --check").good();
    assert_eq!(stage.read("/opt/rainbond/compose/plugin.yaml"), PLUGIN);
    assert_eq!(changes(&stage), [""; 0]);

    stage.sh("hagen-rainbond-manage").good();
    assert_eq!(changes(&stage), ["dc-compose up -d --remove-orphans"]);
    let after = stage.read("/opt/rainbond/compose/plugin.yaml");
    let mut expected = python_yaml(PLUGIN).remove(0);
    let fragment = python_yaml(&stage.read("/etc/hagen/rainbond/rbd-entrance.yaml")).remove(0);
    expected["services"]["rbd-entrance"] = fragment["services"]["rbd-entrance"].clone();
    assert_eq!(python_yaml(&after), [expected]);
    let urls = "--plugin-opts=urls=http://10.141.161.107:10002-http://10.141.161.108:10002";
    assert_eq!(fragment["services"]["rbd-entrance"]["command"][1], json!(urls));
    // Outside of the service, every byte is the installer's.
    let (head, tail) =
        (PLUGIN.split("  rbd-entrance:\n").next().unwrap(), PLUGIN.find("  rbd-worker:").unwrap());
    assert!(after.starts_with(head) && after.ends_with(&PLUGIN[tail..]), "{after}");
    assert_eq!(stage.sh("stat -c %a /opt/rainbond/compose/plugin.yaml").good(), "640\n");
    assert_eq!(stage.read("/opt/rainbond/compose/plugin.yaml.hagen-before"), PLUGIN);
    assert!(stage.has("/opt/rainbond/compose/lb.yaml.bak") && !stage.has("/opt/rainbond/compose/lb.yaml"));
    assert_eq!(
        stage.sh("ls -A /opt/rainbond/compose").good(),
        "lb.yaml.bak\nplugin.yaml\nplugin.yaml.hagen-before\n"
    );

    stage.sh("hagen-rainbond-manage").good();
    assert_eq!(stage.read("/opt/rainbond/compose/plugin.yaml"), after);
    assert_eq!(stage.read("/opt/rainbond/compose/plugin.yaml.hagen-before"), PLUGIN);
}

/// Refused with this message; nothing was changed.
#[track_caller]
fn refused(stage: &Stage, script: &str, message: &str) {
    let plugin = stage.sh("cat /opt/rainbond/compose/plugin.yaml").said;
    let said = stage.sh(script).refused();
    assert!(said.contains(message), "no `{message}` in:\n{said}");
    assert_eq!(stage.sh("cat /opt/rainbond/compose/plugin.yaml").said, plugin);
    assert!(!stage.has("/opt/rainbond/compose/lb.yaml.bak"));
    let changes = changes(stage);
    assert!(changes.iter().all(|c| c.starts_with("docker exec")), "{changes:?}");
}

#[test]
fn the_manager_keeps_its_gateway_while_something_is_wrong() {
    let mut stage = manager();
    let script = "hagen-rainbond-manage";
    stage.write(
        "/opt/rainbond/compose/plugin.yaml",
        &PLUGIN.replace("EX_DOMAIN: goodrain.me", "EX_DOMAIN: 042ff9.grapps.cn"),
        0o640,
    );
    refused(
        &stage,
        script,
        "has EX_DOMAIN 042ff9.grapps.cn, but cluster.yaml gives applications the domain goodrain.me",
    );
    stage.write("/opt/rainbond/compose/plugin.yaml", &PLUGIN.replace("rbd-entrance", "rbd-other"), 0o640);
    refused(&stage, script, "has no service rbd-entrance, or more than one");
    stage.write(
        "/opt/rainbond/compose/plugin.yaml",
        &format!("{PLUGIN}  rbd-entrance:\n    image: x\n"),
        0o640,
    );
    refused(&stage, script, "has no service rbd-entrance, or more than one");
    stage.write("/opt/rainbond/compose/plugin.yaml", PLUGIN, 0o640);
    stage.stand_in("/usr/local/bin/docker", "exit 1");
    refused(&stage, script, "the image rainbond/rbd-entrance:3.6 is not on this node");
    stage.stand_in("/usr/local/bin/docker", "exit 0");
    stage.stop("nginx");
    gateways(&mut stage, &[GATEWAYS[0]]);
    refused(&stage, script, "the gateway 10.141.161.108:10002 does not answer");
}

/// A MariaDB with the console's table in the place of the container rbd-db.
fn database(stage: &mut Stage, rows: &[(&str, &str)]) {
    let install = "mariadb-install-db --user=root --datadir=/srv/db --auth-root-authentication-method=normal --skip-test-db";
    stage.sh(install).good();
    stage.write(
        "/srv/my.cnf",
        "[mysqld]\nuser=root\ndatadir=/srv/db\nsocket=/run/db.sock\nbind-address=127.0.0.1\n",
        0o644,
    );
    stage.serve("mariadbd", &["--defaults-file=/srv/my.cnf"], &[], 3306);
    let mut sql = "CREATE DATABASE console; USE console; CREATE TABLE region_info (region_name VARCHAR(32), \
                   httpdomain VARCHAR(256), tcpdomain VARCHAR(256));\n"
        .to_owned();
    for (name, address) in rows {
        sql.push_str(&format!("INSERT INTO region_info VALUES ('{name}', 'goodrain.me', '{address}');\n"));
    }
    stage.write("/srv/init.sql", &sql, 0o644);
    stage.sh("mariadb --socket=/run/db.sock </srv/init.sql").good();
    let body = "[ \"$1 $2 $3 $4\" = 'exec -i rbd-db mysql' ] || exit 0\nshift 4\nexec mariadb --socket=/run/db.sock \"$@\"";
    stage.stand_in("/usr/local/bin/docker", body);
}

fn regions(stage: &Stage) -> String {
    let query = "SELECT * FROM region_info ORDER BY region_name";
    stage
        .sh(&format!("mariadb --socket=/run/db.sock --batch --skip-column-names console -e '{query}'"))
        .good()
}

#[test]
fn the_vip_is_entered_into_the_platform() {
    let mut stage = manager();
    database(&mut stage, &[("rainbond", MANAGER)]);
    let said = stage.sh("hagen-rainbond-vip").good();
    assert!(said.contains(&format!("region rainbond: TCP services were reached at {MANAGER}")), "{said}");
    assert_eq!(regions(&stage), format!("rainbond\tgoodrain.me\t{VIP}\n"));
    assert_eq!(
        changes(&stage).into_iter().filter(|c| c.starts_with("grctl")).collect::<Vec<_>>(),
        [format!("grctl domain --ip {VIP}")]
    );
    stage.sh("hagen-rainbond-vip").good();
    assert_eq!(regions(&stage), format!("rainbond\tgoodrain.me\t{VIP}\n"));
}

#[test]
fn several_regions_get_the_vip_only_when_asked_for() {
    let mut stage = manager();
    database(&mut stage, &[("one", MANAGER), ("two", "10.141.161.200")]);
    refused(&stage, "hagen-rainbond-vip", "the platform has 2 regions; --all gives the VIP to all of them");
    assert_eq!(regions(&stage), format!("one\tgoodrain.me\t{MANAGER}\ntwo\tgoodrain.me\t10.141.161.200\n"));
    stage.sh("hagen-rainbond-vip --all").good();
    assert_eq!(regions(&stage), format!("one\tgoodrain.me\t{VIP}\ntwo\tgoodrain.me\t{VIP}\n"));
}

#[test]
fn the_vip_is_not_entered_before_it_is_up_or_without_a_platform() {
    let mut stage = manager();
    stage.stand_in("/usr/local/bin/docker", "exit 1");
    refused(&stage, "hagen-rainbond-vip", "the platform's database (rbd-db) does not answer");
    database(&mut stage, &[]);
    refused(&stage, "hagen-rainbond-vip", "the platform has no region yet");
    stage.stop("nginx");
    gateways(&mut stage, &GATEWAYS);
    refused(&stage, "hagen-rainbond-vip", &format!("no gateway answers at the VIP {VIP}"));
}

#[test]
fn a_compute_node_starts_its_gateway_and_restarts_the_kubelet_once() {
    let mut stage = Stage::new(&[GATEWAYS[0]]);
    stage.lay(&sample::files(sample::RAINBOND, "compute01"));
    for program in ["dc-compose", "docker", "systemctl"] {
        stage.stand_in(&format!("/usr/local/bin/{program}"), "exit 0");
    }
    let said = stage.sh("hagen-rainbond-compute").refused();
    let copy = format!("run here: scp -rp manage01:{DYNAMICS}/dynamic_certs/. {DYNAMICS}/dynamic_certs/");
    assert!(said.contains(&copy), "{said}");
    assert!(
        said.contains("admin.kubeconfig is missing; this node is no compute node of Rainbond yet"),
        "{said}"
    );
    assert_eq!(changes(&stage), [""; 0]);

    for file in ["server.crt", "server.key"] {
        stage.write(&format!("{DYNAMICS}/dynamic_certs/goodrain.me/{file}"), "x", 0o600);
    }
    stage.write("/opt/rainbond/etc/kubernetes/kubecfg/admin.kubeconfig", "x", 0o600);
    gateways(&mut stage, &["127.0.0.1"]);
    stage.sh("hagen-rainbond-compute").good();
    assert_eq!(changes(&stage), ["dc-compose up -d", "systemctl restart kubelet"]);
    stage.sh("hagen-rainbond-compute").good();
    assert_eq!(changes(&stage), ["dc-compose up -d"]);
    stage.sh("sed -i s/10.141.161.108/10.141.161.109/ /opt/rainbond/envs/kubelet.sh").good();
    stage.sh("hagen-rainbond-compute").good();
    assert_eq!(changes(&stage), ["dc-compose up -d", "systemctl restart kubelet"]);
}
