//! What the verbs need from Debian, and its installation: only what is missing, after saying so.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::shell;

/// How a need is found on the machine.
pub(crate) enum Probe {
    /// A program of that name.
    Program(&'static str),
    /// A file that the package brings.
    File(&'static str),
    /// Modules that Python can import.
    Python(&'static str),
}

/// Something that a verb uses, and the Debian package that brings it.
pub(crate) struct Need {
    /// How to see that it is there.
    pub(crate) probe: Probe,
    /// The package.
    pub(crate) package: &'static str,
}

const fn program(name: &'static str, package: &'static str) -> Need {
    Need { probe: Probe::Program(name), package }
}

/// What the tests use: the daemons that judge rendered files, and the tools that bundles must work with.
pub(crate) const FOR_TESTS: &[Need] = &[
    program("chronyd", "chrony"),
    program("cloud-init", "cloud-init"),
    program("containerd", "containerd"),
    program("curl", "curl"),
    program("dig", "bind9-dnsutils"),
    program("docker-registry", "docker-registry"),
    program("findmnt", "mount"),
    program("glusterd", "glusterfs-server"),
    program("docker-registry", "docker-registry"),
    program("haproxy", "haproxy"),
    program("ip", "iproute2"),
    program("keepalived", "keepalived"),
    program("losetup", "mount"),
    program("mariadb", "mariadb-client"),
    // The package also makes the user `mysql`.
    program("mariadbd-safe", "mariadb-server"),
    program("minisign", "minisign"),
    program("mkfs.xfs", "xfsprogs"),
    program("named", "bind9"),
    program("named-checkconf", "bind9-utils"),
    program("nc", "netcat-openbsd"),
    program("netplan", "netplan.io"),
    program("nginx", "nginx-light"),
    Need {
        probe: Probe::File("/usr/lib/nginx/modules/ngx_stream_module.so"),
        package: "libnginx-mod-stream",
    },
    program("nmcli", "network-manager"),
    program("openssl", "openssl"),
    program("ps", "procps"),
    program("python3", "python3"),
    Need { probe: Probe::File("/usr/lib/python3/dist-packages/yaml/__init__.py"), package: "python3-yaml" },
    Need { probe: Probe::Python("ensurepip, venv"), package: "python3-venv" },
    program("shellcheck", "shellcheck"),
    program("ss", "iproute2"),
    program("sshd", "openssh-server"),
    program("systemd-analyze", "systemd"),
    program("unshare", "util-linux"),
];

/// What the measurements compare with, and measure with.
pub(crate) const FOR_BENCH: &[Need] = &[program("pigz", "pigz"), program("time", "time")];

impl Need {
    fn is_met(&self) -> bool {
        match self.probe {
            Probe::Program(name) => shell::has_program(name),
            Probe::File(path) => Path::new(path).exists(),
            Probe::Python(modules) => {
                let import = format!("import {modules}");
                let mut python = shell::command("python3");
                shell::capture(python.args(["-c", &import])).is_ok_and(|out| out.status.success())
            }
        }
    }
}

/// Installs what is missing and returns the packages that are missing still, each with the reason.
pub(crate) fn ensure(needs: &[Need]) -> Vec<String> {
    let missing =
        || -> BTreeSet<&'static str> { needs.iter().filter(|n| !n.is_met()).map(|n| n.package).collect() };
    let wanted = missing();
    if wanted.is_empty() {
        return vec![];
    }
    let reason = if !shell::has_program("apt-get") {
        "this is not Debian"
    } else if !shell::is_root() {
        "only root can install it"
    } else {
        shell::heading(&format!("installing from Debian: {}", words(&wanted)));
        if let Err(error) = install(&wanted) {
            eprintln!("{error:#}");
        }
        "apt-get could not install it"
    };
    missing().into_iter().map(|package| format!("{package}: {reason}")).collect()
}

fn words(packages: &BTreeSet<&str>) -> String {
    packages.iter().copied().collect::<Vec<_>>().join(" ")
}

fn install(packages: &BTreeSet<&str>) -> anyhow::Result<()> {
    // The judges are programs to call, not services of this machine.
    let _quiet = NoServices::begin();
    let apt = |verb: &str| {
        let mut apt = shell::command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt.args(["-q", "-y", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300", verb]);
        apt
    };
    shell::run(&mut apt("update"))?;
    shell::run(apt("install").arg("--no-install-recommends").args(packages))
}

/// While it lives, packages do not start their services (Debian policy §9.3.3.1). An existing policy stays.
struct NoServices {
    ours: bool,
}

const POLICY: &str = "/usr/sbin/policy-rc.d";

impl NoServices {
    fn begin() -> Self {
        let ours = !Path::new(POLICY).exists()
            && fs::write(POLICY, "#!/bin/sh\nexit 101\n").is_ok()
            && fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755)).is_ok();
        Self { ours }
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if self.ours
            && let Err(error) = fs::remove_file(POLICY)
        {
            eprintln!("removing {POLICY}: {error}; remove it by hand, or packages will not start services");
        }
    }
}
