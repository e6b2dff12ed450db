//! Mounts: the lines of fstab(5), and the units that systemd makes of them.

use std::fmt;

use serde::Serialize;

use crate::spec::{Name, NodePath};

/// A mount of a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientMount {
    /// The volume.
    pub volume: Name,
    /// The nodes of the volume: the first is asked for the volume's description, the others when it does
    /// not answer. Data goes to all bricks in any case.
    pub servers: Vec<Name>,
    /// Where it is mounted.
    pub mount_point: NodePath,
    /// This node serves a brick, so that the mount waits for its glusterd.
    pub serves: bool,
    /// The mount point may hold files that are to be moved into the volume first.
    pub moves: bool,
}

impl ClientMount {
    /// Where the client writes its log. The package's logrotate takes care of this folder.
    pub fn log_file(&self) -> String {
        format!("/var/log/glusterfs/{}.log", self.volume)
    }

    /// Options of mount.glusterfs(8), and of systemd.mount(5).
    ///
    /// `backup-volfile-servers` takes any number of servers between colons; `backupvolfile-server`, which
    /// old guides name, takes one. The mount is made at its first use, so that neither the boot nor a
    /// node that starts before its peers waits for it. `x-systemd.after` and not `x-systemd.requires`:
    /// a restart of glusterd would take the mount away from the processes on it.
    pub fn fstab(&self) -> FstabLine {
        let mut options = vec!["defaults".to_owned(), "_netdev".into(), "x-systemd.automount".into()];
        if self.serves {
            options.push("x-systemd.after=glusterd.service".into());
        }
        let backups: Vec<&str> = self.servers.iter().skip(1).map(Name::as_str).collect();
        if !backups.is_empty() {
            options.push(format!("backup-volfile-servers={}", backups.join(":")));
        }
        options.push("use-readdirp=no".into());
        options.push("log-level=WARNING".into());
        options.push(format!("log-file={}", self.log_file()));
        let server = self.servers.first().map_or("localhost", Name::as_str);
        FstabLine {
            source: format!("{server}:/{}", self.volume),
            mount_point: self.mount_point.clone(),
            kind: "glusterfs".into(),
            options,
        }
    }
}

/// A line of fstab(5). It is never dumped and never checked at boot: XFS and GlusterFS look after themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FstabLine {
    /// What is mounted.
    pub source: String,
    /// Where.
    pub mount_point: NodePath,
    /// Type of the file system.
    pub kind: String,
    /// Options, without commas.
    pub options: Vec<String>,
}

impl fmt::Display for FstabLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options: Vec<String> = self.options.iter().map(|option| field(option)).collect();
        let [source, target, kind] = [&self.source, self.mount_point.as_str(), &self.kind].map(field);
        write!(f, "{source}\t{target}\t{kind}\t{}\t0 0", options.join(","))
    }
}

/// A field of fstab(5): white space, `\` and a leading `#` in octal.
fn field(text: &str) -> String {
    let mut field = String::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b' ' | b'\t' | b'\n' | b'\\' => field.push_str(&format!("\\{byte:03o}")),
            b'#' if at == 0 => field.push_str("\\043"),
            byte => field.push(char::from(byte)),
        }
    }
    field
}

/// The unit that systemd makes for a mount point: `systemd-escape --path --suffix=SUFFIX PATH`.
pub fn unit_name(path: &NodePath, suffix: &str) -> String {
    let parts: Vec<&str> = path.as_str().split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.is_empty() {
        return format!("-.{suffix}");
    }
    let mut name = String::new();
    for (at, byte) in parts.join("/").bytes().enumerate() {
        match byte {
            b'/' => name.push('-'),
            b'.' if at == 0 => name.push_str("\\x2e"),
            b if b.is_ascii_alphanumeric() || b":_.".contains(&b) => name.push(char::from(b)),
            b => name.push_str(&format!("\\x{b:02x}")),
        }
    }
    format!("{name}.{suffix}")
}
