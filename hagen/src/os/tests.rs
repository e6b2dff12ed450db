use super::*;

fn text(id: &str) -> &'static str {
    builtin::IMAGES.iter().find(|(name, _)| *name == id).unwrap().1
}

#[test]
fn every_image_parses_and_is_found_by_its_id() {
    for (id, text) in builtin::IMAGES {
        let os = Os::parse(id, text)
            .unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)));
        assert_eq!(Os::builtin(id), Some(&os));
    }
    let ids: Vec<_> = Os::ids().collect();
    assert_eq!(ids, ["centos-7.9", "debian-12", "rocky-9", "ubuntu-22.04", "ubuntu-24.04"]);
    assert_eq!(Os::builtin("windows-11"), None);
}

#[test]
fn services_have_units_and_clients_do_not() {
    use Component::*;
    for id in Os::ids() {
        let os = Os::builtin(id).unwrap();
        for component in
            [Chrony, Containerd, GlusterfsServer, Haproxy, Keepalived, Mariadb, Named, NginxStream]
        {
            assert!(os.unit(component).is_some(), "{id} {component:?}");
        }
        assert_eq!(os.unit(GlusterfsClient), None);
        let chrony = if os.family() == Family::Debian { "chrony.service" } else { "chronyd.service" };
        assert_eq!(os.unit(Chrony), Some(chrony));
    }
}

#[test]
fn features_follow_the_version() {
    let old = Os::builtin("centos-7.9").unwrap();
    assert!(!old.has_version(Component::Named, (9, 18)));
    assert!(old.has_version(Component::Named, (9, 11)));
    assert!(old.has_version(Component::Containerd, (2, 0)), "a vendor's repository counts as new");
    assert!(!old.has_version(Component::Netplan, (0, 1)));
    assert!(Os::builtin("debian-12").unwrap().has_version(Component::Named, (9, 18)));
}

#[test]
fn versions_compare_as_numbers() {
    let version = |text: &str| text.parse::<Version>().unwrap();
    assert!(version("9.9") < version("9.18"));
    assert!(version("10") > version("9.18.1"));
    assert!(version("10").at_least((9, 99)) && version("9.18.1").at_least((9, 18)));
    assert!(!version("9.11.4").at_least((9, 18)));
    for bad in ["", "1.", ".1", "1.x", "v1", "-1", "1.2.3.4.5", "99999999999"] {
        assert!(bad.parse::<Version>().is_err(), "{bad}");
    }
}

#[test]
fn mistakes_are_reported_all_at_once() {
    let broken = text("debian-12")
        .replace("id: debian-12", "id: debian-13")
        .replace("units: [chrony.service]", "units: [chrony]")
        .replace("config: /etc/haproxy/haproxy.cfg", "config: etc/haproxy.cfg")
        .replace(
            "  netplan: {packages: [netplan.io], units: [], version: \"0.106\", repository: main}\n",
            "",
        );
    let Err(OsError::Content { problems, .. }) = Os::parse("debian-12", &broken) else { panic!() };
    assert_eq!(
        problems,
        [
            "the id is `debian-13`, the folder `debian-12`",
            "Netplan is missing",
            "`chrony` of Chrony is not a full unit name",
            "`etc/haproxy.cfg` is not an absolute path of letters, digits and `/._-`",
        ]
    );
}

#[test]
fn unknown_and_duplicate_keys_are_refused() {
    for more in ["colour: red\n", "kernel: \"6.2\"\n"] {
        let broken = format!("{}{more}", text("debian-12"));
        assert!(matches!(Os::parse("debian-12", &broken), Err(OsError::Form { .. })), "{more}");
    }
    let broken = text("debian-12").replace("  mariadb: {packages", "  mysql: {packages");
    assert!(matches!(Os::parse("debian-12", &broken), Err(OsError::Form { .. })));
}
