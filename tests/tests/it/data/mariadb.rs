//! Two real servers with the rendered settings, accounts, replication, seed and check.

use std::net::IpAddr;
use std::process::Stdio;

use hagen::os::Os;
use hagen::plan::mariadb::{
    Account, AccountHost, CHECK_SCRIPT, Layout, MariaDb, Member, Pair, SEED_SCRIPT, SETUP_SCRIPT, Scope,
};
use hagen::render::mariadb::render;
use hagen::secret::Secret;
use hagen::spec::Duration;

use super::lab::{Lab, Machine, Said, need, until};

const PASSWORD: &str = r#"p'a"s\s w#o;r$d%"#;

fn half(lab: &Lab, member: Member) -> MariaDb {
    let at = |member: Member| &lab.machines[usize::from(member.number()) - 1];
    let peer = at(member.other());
    MariaDb {
        layout: Layout::of(Os::builtin("debian-12").unwrap()),
        listen: "0.0.0.0".parse().unwrap(),
        port: "3306".parse().unwrap(),
        data_dir: "/var/lib/mysql".parse().unwrap(),
        max_connections: 300,
        binlog_expire_days: 30,
        more_settings: [("innodb-buffer-pool-size".parse().unwrap(), "64M".parse().unwrap())].into(),
        accounts: vec![Account {
            user: "cloudpods".parse().unwrap(),
            password: Secret::new(PASSWORD),
            hosts: vec![AccountHost::Network("10.77.0.0/24".parse().unwrap())],
            scope: Scope::Platform,
        }],
        pair: Some(Pair {
            member,
            peer: peer.name.parse().unwrap(),
            peer_address: IpAddr::V4(peer.address),
            user: "repl".parse().unwrap(),
            password: Secret::new(format!("repl {PASSWORD}")),
            lag_max: Duration::from_secs(30),
        }),
    }
}

/// A machine with a new, empty data folder and hagen's files; the server is not started.
fn install(machine: &Machine, cfg: &MariaDb) {
    machine.sh("rm -rf /var/lib/mysql /var/lib/hagen; mkdir -p /var/log/mysql /run/mysqld; chown mysql /var/log/mysql /run/mysqld").ok();
    machine
        .sh("mariadb-install-db --no-defaults --user=mysql --datadir=/var/lib/mysql \
             --auth-root-authentication-method=socket --skip-test-db >/dev/null")
        .ok();
    machine.lay(&render(cfg));
}

fn start(machine: &Machine) {
    // Detached: as on a real node, the server belongs to the machine and not to who started it.
    machine.sh("setsid mariadbd --user=mysql </dev/null >/run/mysqld/out 2>&1 &").ok();
    until(60, "the server answers", || match sql(machine, "SELECT 1") {
        said if said.code == 0 => Ok(()),
        said => Err(format!("{said}{}", machine.sh("tail -5 /run/mysqld/out /var/log/mysql/error.log").out)),
    });
}

fn stop(machine: &Machine) {
    machine.sh("kill $(cat /run/mysqld/mysqld.pid)").ok();
    until(60, "the server ends", || match machine.sh("test ! -e /run/mysqld/mysqld.pid").code {
        0 => Ok(()),
        _ => Err(String::new()),
    });
}

fn kill(machine: &Machine) {
    machine.sh("kill -9 $(cat /run/mysqld/mysqld.pid)").ok();
}

fn sql(machine: &Machine, text: &str) -> Said {
    machine.run(&["mariadb", "--batch", "--skip-column-names", "--execute", text])
}

#[track_caller]
fn arrives(machine: &Machine, query: &str, expected: &str) {
    until(30, query, || match sql(machine, query) {
        said if said.code == 0 && said.out.trim() == expected => Ok(()),
        said => Err(format!("{} has {said} instead of {expected}", machine.name)),
    });
}

#[track_caller]
fn pair() -> (Lab, MariaDb, MariaDb) {
    need("mariadbd", "mariadb-server");
    let lab = Lab::new(&["db1", "db2"]);
    let (first, second) = (half(&lab, Member::First), half(&lab, Member::Second));
    install(&lab.machines[0], &first);
    install(&lab.machines[1], &second);
    (lab, first, second)
}

#[track_caller]
fn together(lab: &Lab) {
    lab.machines.iter().for_each(start);
    // The second is set up before the first, and has to be patient.
    let waits = lab.machines[1].run(&[SETUP_SCRIPT]).ok();
    assert_eq!(waits, "");
    lab.machines[0].run(&[SETUP_SCRIPT, "--wait", "60"]).ok();
    lab.machines[1].run(&[SETUP_SCRIPT, "--wait", "60"]).ok();
}

#[test]
fn writes_on_either_half_arrive_on_the_other() {
    let (lab, ..) = pair();
    let [a, b] = &lab.machines[..] else { unreachable!() };
    together(&lab);

    sql(a, "CREATE DATABASE d; CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY, w TEXT)").ok();
    arrives(b, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'd'", "1");
    // Both write at once; the keys never meet.
    for _ in 0..5 {
        sql(a, "INSERT INTO d.t (w) VALUES ('a'), ('a')").ok();
        sql(b, "INSERT INTO d.t (w) VALUES ('b'), ('b')").ok();
    }
    for machine in [a, b] {
        arrives(
            machine,
            "SELECT COUNT(*), SUM(w = 'a'), SUM(id % 2 = 1), SUM((id % 2 = 1) = (w = 'a')) FROM d.t",
            "20\t10\t10\t20",
        );
        machine.run(&[CHECK_SCRIPT]).ok();
    }
    assert_eq!(
        sql(a, "SELECT id, w FROM d.t ORDER BY id").ok(),
        sql(b, "SELECT id, w FROM d.t ORDER BY id").ok()
    );
}

#[test]
fn a_second_run_changes_nothing() {
    let (lab, ..) = pair();
    together(&lab);
    let state = |machine: &Machine| {
        sql(machine, "SELECT @@gtid_binlog_pos, @@gtid_slave_pos; SHOW MASTER STATUS; CHECKSUM TABLE mysql.global_priv").ok()
            + &machine.sh("stat -c '%n %Y %s' /var/lib/mysql/master.info /var/lib/hagen/mariadb/*").ok()
            + &sql(machine, "SELECT time_ms > 0 FROM information_schema.processlist WHERE user = 'system user'").ok()
    };
    let before: Vec<_> = lab.machines.iter().map(state).collect();
    for machine in &lab.machines {
        let said = machine.run(&[SETUP_SCRIPT]);
        assert!(said.err.contains("replicates from"), "{said}");
        assert_eq!(machine.run(&[SETUP_SCRIPT, "--quiet"]).fails(0), "");
    }
    let after: Vec<_> = lab.machines.iter().map(state).collect();
    assert_eq!(before, after);
}

#[test]
fn the_check_tells_every_failure_apart() {
    let (lab, ..) = pair();
    let [a, b] = &lab.machines[..] else { unreachable!() };
    start(a);
    start(b);
    assert!(b.run(&[CHECK_SCRIPT, "alive"]).fails(5).contains("not met"));
    a.run(&[CHECK_SCRIPT, "nonsense"]).fails(64);
    b.run(&[SETUP_SCRIPT]).ok();
    a.run(&[SETUP_SCRIPT, "--wait", "60"]).ok();
    b.run(&[SETUP_SCRIPT, "--wait", "60"]).ok();
    for what in ["alive", "replica"] {
        a.run(&[CHECK_SCRIPT, what]).ok();
        b.run(&[CHECK_SCRIPT, what]).ok();
    }

    sql(b, "SET GLOBAL read_only = 1").ok();
    b.run(&[CHECK_SCRIPT, "alive"]).fails(2);
    b.run(&[CHECK_SCRIPT, "replica"]).ok();
    sql(b, "SET GLOBAL read_only = 0").ok();

    // A write on the standby that the other half has in another form: replication must stop, loudly.
    sql(a, "CREATE TABLE mysql.hagen_probe (id INT PRIMARY KEY)").ok();
    arrives(b, "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'hagen_probe'", "1");
    sql(b, "SET SESSION sql_log_bin = 0; INSERT INTO mysql.hagen_probe VALUES (1)").ok();
    sql(a, "INSERT INTO mysql.hagen_probe VALUES (1)").ok();
    until(30, "the check sees it", || match b.run(&[CHECK_SCRIPT, "replica"]) {
        said if said.code == 3 && said.out.contains("applies nothing") => Ok(()),
        said => Err(said.to_string()),
    });
    b.run(&[CHECK_SCRIPT, "alive"]).ok();
    a.run(&[CHECK_SCRIPT]).ok();
    assert!(b.run(&[SETUP_SCRIPT, "--quiet"]).fails(6).contains("Duplicate entry"));
    assert!(b.run(&[SETUP_SCRIPT]).fails(0).contains("Duplicate entry"));
    sql(b, "SET SESSION sql_log_bin = 0; DELETE FROM mysql.hagen_probe; START SLAVE SQL_THREAD").ok();
    arrives(b, "SELECT COUNT(*) FROM mysql.hagen_probe", "1");
    b.run(&[CHECK_SCRIPT]).ok();

    // Stopped by hand is seen, and left alone.
    sql(b, "STOP SLAVE").ok();
    b.run(&[CHECK_SCRIPT, "replica"]).fails(3);
    assert!(b.run(&[SETUP_SCRIPT, "--quiet"]).fails(6).contains("by hand"));
    sql(b, "START SLAVE").ok();

    // The other half being down is no fault of this one.
    kill(a);
    until(30, "the dead server is seen", || match a.run(&[CHECK_SCRIPT, "alive"]).code {
        1 => Ok(()),
        code => Err(format!("exit code {code}")),
    });
    until(30, "the receiver waits", || {
        match b.run(&["mariadb", "--vertical", "-e", "SHOW SLAVE STATUS"]).out {
            out if out.contains("Slave_IO_Running: Connecting") => Ok(()),
            out => Err(out),
        }
    });
    b.run(&[CHECK_SCRIPT]).ok();
    sql(b, "INSERT INTO mysql.hagen_probe VALUES (3)").ok();
    start(a);
    arrives(a, "SELECT COUNT(*) FROM mysql.hagen_probe", "2");
    until(30, "both are healthy again", || match (a.run(&[CHECK_SCRIPT]), b.run(&[CHECK_SCRIPT])) {
        (Said { code: 0, .. }, Said { code: 0, .. }) => Ok(()),
        (a, b) => Err(format!("{a}\n{b}")),
    });
}

#[track_caller]
fn seed(from: &Machine, to: &Machine, import: &[&str]) -> Said {
    let mut export = from.command(&[SEED_SCRIPT, "export"]).stdout(Stdio::piped()).spawn().unwrap();
    let argv = [&[SEED_SCRIPT, "import"], import].concat();
    let output = to.command(&argv).stdin(export.stdout.take().unwrap()).output().unwrap();
    assert!(export.wait().unwrap().success());
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into(),
        err: String::from_utf8_lossy(&output.stderr).into(),
    }
}

#[test]
fn a_first_half_with_old_data_is_copied_before_the_pair_runs() {
    let (lab, ..) = pair();
    let [a, b] = &lab.machines[..] else { unreachable!() };
    start(a);
    start(b);
    // Old data that stands in no log, and an account of a service.
    sql(a, "SET SESSION sql_log_bin = 0; CREATE DATABASE old; CREATE TABLE old.t (id INT PRIMARY KEY, w BLOB); \
            INSERT INTO old.t VALUES (1, x'00ff27'), (2, 'two'); CREATE USER 'svc'@'10.77.0.%' IDENTIFIED BY 'x'; \
            GRANT SELECT ON old.* TO 'svc'@'10.77.0.%'").ok();
    assert!(a.run(&[SETUP_SCRIPT]).fails(0).contains("export | ssh db2"));
    // The gate is closed: the second cannot start without the data.
    b.run(&[SETUP_SCRIPT]).ok();
    assert_eq!(sql(b, "SHOW SLAVE STATUS").ok(), "");
    b.run(&[CHECK_SCRIPT, "alive"]).fails(5);

    let said = seed(a, b, &[]);
    assert!(said.code == 0 && said.err.contains("copied from db1"), "{said}");
    a.run(&[SETUP_SCRIPT, "--wait", "60"]).ok();
    b.run(&[SETUP_SCRIPT, "--wait", "60"]).ok();
    assert_eq!(sql(b, "SELECT id, HEX(w) FROM old.t").ok(), "1\t00FF27\n2\t74776F\n");
    assert!(sql(b, "SHOW GRANTS FOR 'svc'@'10.77.0.%'").ok().contains("`old`"));
    sql(a, "INSERT INTO old.t VALUES (3, 'three')").ok();
    sql(b, "INSERT INTO old.t VALUES (4, 'four')").ok();
    arrives(a, "SELECT COUNT(*) FROM old.t", "4");
    arrives(b, "SELECT COUNT(*) FROM old.t", "4");

    // Without the seed, a blank second half is refused by the first, and says what to do.
    stop(b);
    install(b, &half(&lab, Member::Second));
    start(b);
    let told = b.run(&[SETUP_SCRIPT, "--quiet"]).fails(4);
    assert!(told.contains("this half has lost") && told.contains("import --replace"), "{told}");
}

#[test]
fn a_lost_half_stays_away_until_it_is_seeded_and_then_goes_on_counting() {
    for lost in [0, 1] {
        let (lab, first, second) = pair();
        together(&lab);
        let (dead, whole) = (&lab.machines[lost], &lab.machines[1 - lost]);
        sql(dead, "CREATE DATABASE d; CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY, w TEXT)").ok();
        sql(dead, "INSERT INTO d.t (w) VALUES ('before')").ok();
        arrives(whole, "SELECT COUNT(*) FROM d.t", "1");
        sql(whole, "INSERT INTO d.t (w) VALUES ('other')").ok();
        kill(dead);
        install(dead, [&first, &second][lost]);
        start(dead);
        // An empty server in the place of the lost one must not take the VIP.
        assert!(dead.run(&[CHECK_SCRIPT, "alive"]).fails(5).contains("not met"));
        let told = dead.run(&[SETUP_SCRIPT, "--wait", "30"]).fails(4);
        assert!(told.contains("has lost"), "{told}");
        dead.run(&[CHECK_SCRIPT, "alive"]).fails(5);
        whole.run(&[CHECK_SCRIPT, "alive"]).ok();

        sql(whole, "INSERT INTO d.t (w) VALUES ('alone')").ok();
        let said = seed(whole, dead, &["--replace"]);
        assert_eq!(said.code, 0, "{said}");
        dead.run(&[SETUP_SCRIPT, "--wait", "60"]).ok();
        // What the timer does every minute on the other half.
        whole.run(&[SETUP_SCRIPT, "--wait", "60"]).ok();
        sql(dead, "INSERT INTO d.t (w) VALUES ('after')").ok();
        for machine in [dead, whole] {
            arrives(machine, "SELECT GROUP_CONCAT(w ORDER BY w) FROM d.t", "after,alone,before,other");
            machine.run(&[CHECK_SCRIPT]).ok();
        }
    }
}

#[test]
fn a_seed_that_was_cut_short_is_not_taken_for_whole() {
    let (lab, ..) = pair();
    let [a, b] = &lab.machines[..] else { unreachable!() };
    together(&lab);
    sql(a, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY); INSERT INTO d.t VALUES (1)").ok();
    arrives(b, "SELECT COUNT(*) FROM d.t", "1");
    let told = b.sh(&format!("printf x | {SEED_SCRIPT} import --replace")).fails(8);
    assert!(told.contains("no seed from db1"), "{told}");
    let seed = a.sh(&format!("{SEED_SCRIPT} export")).ok();
    let cut = seed.lines().take(seed.lines().count() - 2).map(|line| format!("{line}\n")).collect::<String>();
    b.write("/tmp/cut", &cut, 0o600);
    assert!(b.sh(&format!("{SEED_SCRIPT} import </tmp/cut")).fails(4).contains("--replace"));
    assert!(b.sh(&format!("{SEED_SCRIPT} import --replace </tmp/cut")).fails(8).contains("cut short"));
    b.run(&[CHECK_SCRIPT, "alive"]).fails(5);
    b.write("/tmp/seed", &seed, 0o600);
    b.sh(&format!("{SEED_SCRIPT} import --replace </tmp/seed")).ok();
    b.run(&[SETUP_SCRIPT, "--wait", "60"]).ok();
    arrives(b, "SELECT COUNT(*) FROM d.t", "1");
}

#[test]
fn accounts_reach_what_they_shall_and_nothing_else() {
    let (lab, ..) = pair();
    let [a, b] = &lab.machines[..] else { unreachable!() };
    together(&lab);
    b.write(
        "/tmp/app.cnf",
        "[client]\nuser = cloudpods\npassword = \"p'a\\\"s\\\\s w#o;r$d%\"\nhost = db1\nprotocol = tcp\n",
        0o600,
    );
    let app = |text: &str| {
        b.run(&["mariadb", "--defaults-file=/tmp/app.cnf", "--batch", "--skip-column-names", "-e", text])
    };
    // What Cloudpods' installer does.
    app("CREATE DATABASE svc; CREATE USER 'svc'@'%' IDENTIFIED BY 'x'; GRANT ALL ON svc.* TO 'svc'@'%'; FLUSH PRIVILEGES").ok();
    for refused in [
        "SET GLOBAL read_only = 1",
        "SHUTDOWN",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "STOP SLAVE",
        "SET SESSION sql_log_bin = 0",
    ] {
        assert!(app(refused).fails(1).contains("denied"), "{refused}");
    }
    let hosts = sql(
        a,
        "SELECT user, host FROM mysql.user WHERE user NOT IN ('mariadb.sys', 'PUBLIC') ORDER BY user, host",
    )
    .ok();
    assert_eq!(
        hosts,
        "cloudpods\t10.77.0.0/255.255.255.0\nmysql\tlocalhost\nrepl\t10.77.0.2\nroot\tlocalhost\nsvc\t%\n"
    );
    let grants = sql(a, "SHOW GRANTS FOR 'repl'@'10.77.0.2'").ok();
    assert!(
        grants.starts_with("GRANT REPLICATION SLAVE ON *.* TO") && grants.lines().count() == 1,
        "{grants}"
    );
    // No password on any command line, and none in a file that others may read.
    for machine in [a, b] {
        let open = machine
            .sh("find /etc/hagen /usr/local/sbin /etc/mysql -type f -perm /077 -exec grep -l 'o;r' {} +");
        assert_eq!(open.out, "", "{open}");
    }
}

#[test]
fn values_mean_to_the_server_what_was_written() {
    need("mariadbd", "mariadb-server");
    let lab = Lab::new(&["db1", "db2"]);
    let machine = &lab.machines[0];
    let mut cfg = half(&lab, Member::First);
    for value in [
        "SET NAMES utf8mb4",
        "SET @a = 'x # y'",
        r#"SET @a = "q'q", @b = '\\'"#,
        " leading and trailing ",
        "#",
        "'",
        "\"",
        "a\\",
        "[mysqld]",
        "grüße",
    ] {
        cfg.more_settings = [("init-connect".parse().unwrap(), value.parse().unwrap())].into();
        machine.lay(&render(&cfg));
        let help = machine.sh(&format!(
            "mariadbd --defaults-file={} --user=mysql --help --verbose 2>/dev/null",
            cfg.layout.config()
        ));
        let line = help.ok().lines().find(|line| line.starts_with("init-connect ")).unwrap().to_owned();
        // The server's own table is cut at blanks, so the value is compared without those around it.
        assert_eq!(line.strip_prefix("init-connect").unwrap().trim(), value.trim(), "{line}");
    }
}
