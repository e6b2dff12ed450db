use ha_vrrp::{Centiseconds, Version};
use proptest::prelude::*;

use super::*;
use crate::secret::Secret;

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn small(n: u8) -> NonZeroU8 {
    NonZeroU8::new(n).unwrap()
}

fn priority(n: u8) -> Priority {
    Priority::new(n).unwrap()
}

/// S4's virtual router, as it should have been: tracked, unicast, all Backup.
pub(crate) fn apiserver() -> Draft {
    let script = Script {
        name: name("apiserver"),
        run: Run::Probes(Probes {
            purpose: "the apiservers through this node's haproxy".to_owned(),
            need: Need::All,
            list: vec![Probe::Http(HttpProbe {
                address: "127.0.0.1:6443".parse().unwrap(),
                tls: true,
                path: "/readyz".parse().unwrap(),
                answer: Answer::SuccessOrDenied,
            })],
            each_s: small(2),
        }),
        interval_s: small(3),
        timeout_s: small(3),
        fall: small(3),
        rise: small(2),
        user: UserName::root(),
    };
    let instance = Instance {
        name: name("apiserver"),
        interface: "ens192".parse().unwrap(),
        virtual_router_id: VirtualRouterId::new(33).unwrap(),
        priority: priority(120),
        advertisement: AdvertisementInterval::new(Version::V2, Centiseconds::new(100)).unwrap(),
        election: Election::NoPreempt,
        others: vec![
            Member { address: "172.29.1.41".parse().unwrap(), priority: priority(110) },
            Member { address: "172.29.1.42".parse().unwrap(), priority: priority(100) },
        ],
        transport: Transport::Unicast { source: "172.29.1.122".parse().unwrap() },
        pass: Some(Pass::new(&Secret::new("s3cret.1")).unwrap()),
        addresses: vec![VirtualAddress {
            net: "172.29.1.200/24".parse().unwrap(),
            interface: "ens192".parse().unwrap(),
        }],
        track_scripts: vec![TrackedScript { name: name("apiserver"), effect: Effect::Drop(small(30)) }],
        track_interfaces: Vec::new(),
        notify: None,
    };
    Draft {
        version: KeepalivedVersion::CENTOS_7,
        router_id: name("dev3"),
        script_user: UserName::root(),
        late_interfaces: false,
        announce: Announce::default(),
        scripts: vec![script],
        instances: vec![instance],
    }
}

fn errors(change: impl FnOnce(&mut Draft)) -> Vec<KeepalivedError> {
    let mut draft = apiserver();
    change(&mut draft);
    Keepalived::new(draft).unwrap_err()
}

fn fault(change: impl FnOnce(&mut Instance)) -> Vec<InstanceFault> {
    let errors = errors(|d| change(&mut d.instances[0]));
    errors
        .into_iter()
        .map(|e| match e {
            KeepalivedError::Instance { why, .. } => why,
            other => panic!("{other}"),
        })
        .collect()
}

#[test]
fn the_good_draft_is_good() {
    assert!(Keepalived::new(apiserver()).is_ok());
}

#[test]
fn names_and_router_ids_are_unique() {
    let twice = errors(|d| {
        let mut second = d.instances[0].clone();
        second.addresses[0].net = "172.29.1.201/24".parse().unwrap();
        d.instances.push(second);
    });
    assert_eq!(
        twice.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "`apiserver` is named twice",
            "instances `apiserver` and `apiserver` share virtual router id 33 on `ens192` (IPv4)"
        ]
    );
    let scripts = errors(|d| {
        let mut script = d.scripts[0].clone();
        d.scripts[0].name = name("a-b");
        script.name = name("a.b");
        d.scripts.push(script);
        d.instances[0].track_scripts[0].name = name("a-b");
    });
    assert_eq!(scripts, [KeepalivedError::Twice(name("a.b"))], "they would be one file");
}

#[test]
fn version_1_cannot_wait_for_interfaces() {
    let errors = errors(|d| d.late_interfaces = true);
    assert_eq!(errors, [KeepalivedError::LateInterfaces(KeepalivedVersion::CENTOS_7)]);
}

#[test]
fn instances_that_cannot_work() {
    assert_eq!(errors(|d| d.instances.clear()), [KeepalivedError::Instances(0)]);
    assert_eq!(fault(|i| i.addresses.clear()), [InstanceFault::Addresses(0)]);
    assert_eq!(fault(|i| i.track_scripts.clear()), [InstanceFault::Untracked]);
    assert_eq!(fault(|i| i.track_scripts[0].name = name("other")), [InstanceFault::NoScript(name("other"))]);
    assert_eq!(fault(|i| i.others.clear()), [InstanceFault::NoPeers]);
    assert_eq!(fault(|i| i.others[0].priority = priority(120)), [InstanceFault::Priority(priority(120))]);
    let own = "172.29.1.122".parse().unwrap();
    assert_eq!(fault(|i| i.others[0].address = own), [InstanceFault::Member(own)]);
    let vip = "172.29.1.200".parse().unwrap();
    assert_eq!(fault(|i| i.others[0].address = vip), [InstanceFault::Member(vip)]);
    let delay_s = NonZeroU16::new(1001).unwrap();
    assert_eq!(
        fault(|i| i.election = Election::PreemptAfter { delay_s }),
        [InstanceFault::PreemptDelay(1001)]
    );
    let v3 = AdvertisementInterval::new(Version::V3, Centiseconds::new(10)).unwrap();
    assert_eq!(fault(|i| i.advertisement = v3), [InstanceFault::Pass]);
}

#[test]
fn families_are_not_mixed() {
    let v6: IpNet = "2001:db8::200/64".parse().unwrap();
    let address = VirtualAddress { net: v6, interface: "ens192".parse().unwrap() };
    assert_eq!(fault(|i| i.addresses.push(address.clone())), [InstanceFault::Family(v6.addr())]);
    let six = fault(|i| {
        i.addresses = vec![address];
        i.others = vec![Member { address: "2001:db8::2".parse().unwrap(), priority: priority(1) }];
        i.transport = Transport::Unicast { source: "2001:db8::1".parse().unwrap() };
        i.track_scripts[0].effect = Effect::Fault;
    });
    assert_eq!(six, [InstanceFault::LinkLocal, InstanceFault::V2]);
}

#[test]
fn a_drop_must_move_the_vip() {
    // kubeadm's sample: 101/100 with weight -2 works for two, and ties the third of 101/100/99.
    let two = |i: &mut Instance| {
        i.priority = priority(101);
        i.others = vec![Member { address: "172.29.1.41".parse().unwrap(), priority: priority(100) }];
        i.track_scripts[0].effect = Effect::Drop(small(2));
    };
    let mut draft = apiserver();
    two(&mut draft.instances[0]);
    assert!(Keepalived::new(draft).is_ok());
    let three = fault(|i| {
        two(i);
        i.others.push(Member { address: "172.29.1.42".parse().unwrap(), priority: priority(99) });
    });
    assert_eq!(three, [InstanceFault::Drop { drop: 2, own: priority(101), lowest: priority(99) }]);
}

#[test]
fn scripts_that_cannot_work() {
    fn probes(script: &mut Script) -> &mut Probes {
        match &mut script.run {
            Run::Probes(probes) => probes,
            Run::Command { .. } => panic!("a command"),
        }
    }
    let fault = |change: fn(&mut Script)| {
        let errors = errors(|d| change(&mut d.scripts[0]));
        errors
            .into_iter()
            .map(|e| match e {
                KeepalivedError::Script { why, .. } => why,
                other => panic!("{other}"),
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(fault(|s| probes(s).list.clear()), [ScriptFault::Probes(0)]);
    assert_eq!(fault(|s| s.timeout_s = small(4)), [ScriptFault::Interval { timeout_s: 4, interval_s: 3 }]);
    assert_eq!(
        fault(|s| probes(s).each_s = small(4)),
        [ScriptFault::Timeout { probes: 1, each_s: 4, need_s: 4, timeout_s: 3 }]
    );
    assert_eq!(fault(|s| probes(s).purpose = "x\nreboot".to_owned()), [ScriptFault::Purpose]);
}

#[test]
fn passwords_that_keepalived_would_change() {
    for bad in ["a\"b", "a#b", "a!b", "a$b", "~SEQ", "@a", "a{b", "a\\b", "a'b"] {
        assert!(matches!(Pass::new(&Secret::new(bad)), Err(PassError::Byte(_))), "{bad}");
    }
    assert!(matches!(Pass::new(&Secret::new("123456789")), Err(PassError::Wire(_))));
    let pass = Pass::new(&Secret::new("onecloud")).unwrap();
    assert_eq!(format!("{pass:?}"), "Pass(Secret(…))");
    assert_eq!(serde_json::to_string(&pass).unwrap(), "\"…\"");
}

#[test]
fn users() {
    for good in ["root", "nobody", "_chrony", "keepalived_script"] {
        assert!(good.parse::<UserName>().is_ok());
    }
    for bad in ["", "root ", "Root", "0", "a\nb", "a;b", "root}"] {
        assert!(bad.parse::<UserName>().is_err(), "{bad:?}");
    }
}

proptest! {
    /// Whatever the priorities: what is accepted moves the VIP to whoever is left.
    #[test]
    fn an_accepted_drop_falls_below_every_other(own in 1u8..=254, others in prop::collection::btree_set(1u8..=254, 1..5), drop in 1u8..) {
        prop_assume!(!others.contains(&own));
        let mut draft = apiserver();
        let instance = &mut draft.instances[0];
        instance.priority = priority(own);
        instance.others = others.iter().enumerate().map(|(n, p)| Member {
            address: std::net::Ipv4Addr::new(172, 29, 2, n as u8 + 1).into(),
            priority: priority(*p),
        }).collect();
        instance.track_scripts[0].effect = Effect::Drop(small(drop));
        let lowered = i32::from(own) - i32::from(drop);
        let below_all = others.iter().all(|p| lowered.max(1) < i32::from(*p));
        let lowest_already = others.iter().all(|p| own < *p);
        prop_assert_eq!(Keepalived::new(draft).is_ok(), below_all || lowest_already);
    }
}
