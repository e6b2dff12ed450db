//! The judges are known to be able to refuse: files with the mistakes of the source guides.

use hagen::judge::Verdict;
use hagen::tree::File;

use super::judges::verdict;

const KEEPALIVED: &str = "\
global_defs {
    router_id a
    enable_script_security
    script_user root
}
vrrp_script chk {
    script \"/etc/keepalived/chk.sh\"
    interval 2
    user root
}
vrrp_instance VI_1 {
    state BACKUP
    nopreempt
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 12345678
    }
    virtual_ipaddress {
        10.0.0.100/24 dev eth0
    }
    track_script {
        chk
    }
}
";

fn keepalived(text: String, script: bool) -> Verdict {
    let mut files = vec![File::config("test", "/etc/keepalived/keepalived.conf", text)];
    if script {
        files.push(File::script("test", "/etc/keepalived/chk.sh", "#!/bin/sh\nexit 0\n"));
    }
    verdict("keepalived", files)
}

#[track_caller]
fn refused(verdict: Verdict, what: &str, words: &str) {
    match verdict {
        Verdict::Refused { message } => assert!(message.contains(words), "{what}: {message}"),
        other => panic!("{what}: {other:?}"),
    }
}

#[test]
fn keepalived_refuses_the_known_mistakes() {
    assert_eq!(keepalived(KEEPALIVED.to_owned(), true), Verdict::Accepted { notes: Vec::new() });
    for (from, to, words) in [
        ("virtual_router_id 51", "virtual_router_id 0", "VRID"),
        ("virtual_router_id 51", "virtual_router_id 256", "VRID"),
        ("auth_pass 12345678", "auth_pass 123456789", "Truncating auth_pass"),
        ("state BACKUP", "state MASTER", "nopreempt"),
        ("priority 100", "priority 256", "Priority"),
        ("advert_int 1", "advert_int 0.25", "advertisement interval"),
        ("    interface eth0\n", "", "interface"),
    ] {
        assert!(KEEPALIVED.contains(from));
        refused(keepalived(KEEPALIVED.replace(from, to), true), to, words);
    }
    refused(keepalived(KEEPALIVED.to_owned(), false), "a missing script", "Disabling track script chk");
    let open = KEEPALIVED.replace("    enable_script_security\n", "");
    refused(keepalived(open, true), "no script security", "SECURITY VIOLATION");
    let start = KEEPALIVED.find("vrrp_instance").unwrap();
    let second = KEEPALIVED[start..].replace("VI_1", "VI_2").replace("10.0.0.100", "10.0.0.101");
    refused(keepalived(format!("{KEEPALIVED}{second}"), true), "one id twice", "VRID");
}

const HAPROXY: &str = "\
global
    maxconn 100
defaults
    mode tcp
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend a-in
    bind 10.0.0.1:80
    default_backend a
backend a
    balance roundrobin
    server s1 10.0.0.2:80 check
    server s2 10.0.0.3:80 check
";

fn haproxy(text: &str) -> Verdict {
    verdict("haproxy", vec![File::config("test", "/etc/haproxy/haproxy.cfg", text)])
}

#[test]
fn haproxy_refuses_the_known_mistakes() {
    assert_eq!(haproxy(HAPROXY), Verdict::Accepted { notes: Vec::new() });
    for (from, to, words) in [
        ("server s2", "server s1", "s1"),
        ("default_backend a", "default_backend b", "b"),
        ("balance roundrobin", "balance whatever", "balance only supports"),
        ("10.0.0.2:80", "nowhere.invalid:80", "nowhere.invalid"),
        ("timeout server 5s", "", "missing timeouts"),
        ("check\n    server s2 10.0.0.3:80 check\n", "check", "LF"),
    ] {
        assert!(HAPROXY.contains(from));
        refused(haproxy(&HAPROXY.replace(from, to)), to, words);
    }
}

const NGINX: &str = "\
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
user www-data;
events {
}
stream {
    upstream a {
        server 10.0.0.2:80;
        server 10.0.0.3:80 backup;
    }
    server {
        listen 10.0.0.1:80;
        proxy_pass a;
    }
}
";

fn nginx(text: &str) -> Verdict {
    verdict("nginx", vec![File::config("test", "/etc/nginx/nginx.conf", text)])
}

#[test]
fn nginx_refuses_the_known_mistakes() {
    assert_eq!(nginx(NGINX), Verdict::Accepted { notes: Vec::new() });
    for (from, to, words) in [
        ("upstream a {", "upstream a {\n        hash $remote_addr;", "backup"),
        ("proxy_pass a;", "proxy_pass nowhere.invalid:1;", "nowhere.invalid"),
        ("proxy_pass a;", "proxy_pas a;", "proxy_pas"),
        ("load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n", "", "stream"),
        ("}\n}\n", "}\n", "end of file"),
    ] {
        assert!(NGINX.contains(from));
        refused(nginx(&NGINX.replace(from, to)), to, words);
    }
}
