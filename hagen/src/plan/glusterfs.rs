//! GlusterFS on one node: the bricks it serves, the volumes it sets up, and where it mounts them.
//!
//! `/etc/fstab` belongs to the node. hagen owns one marked block in it, filled by [`FSTAB_SCRIPT`] from
//! the fragments in [`FSTAB_FOLDER`]; whoever reads the file sees every mount in the usual place.

mod decide;
mod mount;
mod volume;

use serde::Serialize;

use crate::spec::{Name, NodePath, Port};

pub use decide::{activate, decide};
pub use mount::{ClientMount, FstabLine, unit_name};
pub use volume::{BrickPlace, Replication, VolumeSetup};

/// Fragments of `/etc/fstab`, merged in byte order of their names.
pub const FSTAB_FOLDER: &str = "/etc/hagen/fstab.d";
/// Puts the fragments into the marked block of `/etc/fstab` and mounts them. Safe to repeat.
pub const FSTAB_SCRIPT: &str = "/usr/local/sbin/hagen-fstab";
/// Prepares the bricks of this node. Safe to repeat; formats nothing unless it is told to.
pub const BRICKS_SCRIPT: &str = "/usr/local/sbin/hagen-gluster-bricks";
/// First port that bricks listen on, one for each brick, chosen by glusterd.
pub const BRICK_PORT_FIRST: u16 = 49152;
/// Last port that bricks listen on. glusterd 10 and later choose at random, and by default up to 60999.
pub const BRICK_PORT_LAST: u16 = 49407;
/// glusterd's own port.
pub const MANAGEMENT_PORT: u16 = 24007;

/// Path of the script that sets a volume up. Safe to repeat.
pub fn volume_script(volume: &Name) -> String {
    format!("/usr/local/sbin/hagen-gluster-volume-{volume}")
}

/// The timer that repeats the script of a volume until all its peers are there.
pub fn volume_timer(volume: &Name) -> String {
    format!("hagen-gluster-volume-{volume}.timer")
}

/// Path of the script that moves old files into a volume; run by the operator.
pub fn move_script(volume: &Name) -> String {
    format!("/usr/local/sbin/hagen-gluster-move-{volume}")
}

/// GlusterFS on one node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Glusterfs {
    /// What it serves.
    pub server: Option<Server>,
    /// The volumes that this node, and no other, sets up.
    pub setups: Vec<VolumeSetup>,
    /// The volumes that it mounts.
    pub mounts: Vec<ClientMount>,
}

/// glusterd and its bricks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Server {
    /// Addresses of peers and clients are IPv6.
    pub ipv6: bool,
    /// Ports that bricks listen on.
    pub brick_ports: (Port, Port),
    /// The bricks of this node.
    pub bricks: Vec<Brick>,
}

/// A brick: a folder of a file system of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Brick {
    /// What holds the file system; absent when somebody else mounts it.
    pub device: Option<Device>,
    /// Where the file system is mounted.
    pub mount_point: NodePath,
    /// The brick's folder, strictly below the mount point: while the disk is not mounted there is no such
    /// folder, so that nothing is ever written to the disk below.
    pub folder: NodePath,
}

/// How a block device is named. Kernel names may change places at the next boot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Device {
    /// By path, `/dev/vdb1`.
    Path(NodePath),
    /// By the label of its file system.
    Label(String),
    /// By the UUID of its file system.
    Uuid(String),
}

impl Device {
    /// Takes `/dev/disk/by-label/X` and `/dev/disk/by-uuid/X` for what they say.
    pub fn new(path: &NodePath) -> Self {
        let text = path.as_str();
        if let Some(label) = text.strip_prefix("/dev/disk/by-label/") {
            return Self::Label(label.to_owned());
        }
        match text.strip_prefix("/dev/disk/by-uuid/") {
            Some(uuid) => Self::Uuid(uuid.to_owned()),
            None => Self::Path(path.clone()),
        }
    }

    /// The first field of fstab(5).
    pub fn source(&self) -> String {
        match self {
            Self::Path(path) => path.to_string(),
            Self::Label(label) => format!("LABEL={label}"),
            Self::Uuid(uuid) => format!("UUID={uuid}"),
        }
    }

    /// The path of the device.
    pub fn path(&self) -> String {
        match self {
            Self::Path(path) => path.to_string(),
            Self::Label(label) => format!("/dev/disk/by-label/{label}"),
            Self::Uuid(uuid) => format!("/dev/disk/by-uuid/{uuid}"),
        }
    }
}

impl Brick {
    /// The line that mounts the file system, unless somebody else does.
    ///
    /// `nofail`: a node whose brick disk has died still boots, keeps its VIP and its other services, and
    /// can be repaired from afar; the brick itself refuses to start in an empty folder.
    pub fn fstab(&self) -> Option<FstabLine> {
        let device = self.device.as_ref()?;
        let options = ["defaults", "noatime", "inode64", "nofail", "x-systemd.device-timeout=30s"];
        Some(FstabLine {
            source: device.source(),
            mount_point: self.mount_point.clone(),
            kind: "xfs".into(),
            options: options.map(String::from).into(),
        })
    }
}

#[cfg(test)]
mod tests;
