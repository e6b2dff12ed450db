//! Rainbond in its minimal highly available form: one manager, gateways on the compute nodes.

use super::*;
use crate::record;
use crate::yaml::{Map, Spanned};

record! {
    /// Rainbond. The nodes are those with the roles `manage` and `compute`.
    pub struct Rainbond ("rainbond") {
        /// Version of the rbd images.
        version: Word = fixed("3.6"),
        /// The VIP of the gateways.
        vip: Spanned<Name>,
        /// The domain that the platform uses inside.
        domain: DomainName = fixed("goodrain.me"),
        /// The GlusterFS volume that holds `/grdata`.
        volume: Spanned<Name>,
        /// Name prefix of the images: `PREFIX/rbd-entrance:VERSION`.
        image_prefix: Word = fixed("rainbond"),
        /// Memory of one component, in MiB, 128 to 65536.
        memory_mib: u32 = 1024,
        /// Port of the gateways' own interface (openresty), for `rbd-entrance`.
        gateway_port: Port = fixed("10002"),
        /// HTTP port of applications.
        http_port: Port = fixed("80"),
        /// HTTPS port of applications.
        https_port: Port = fixed("443"),
        /// Log level of `rbd-entrance`.
        log_level: Word = fixed("info"),
        /// The log file of components is cut at this size, in MiB.
        log_max_size_mib: u16 = 50,
        /// Number of log files that are kept.
        log_max_files: u8 = 3,
        /// Image tags of single components, instead of `version`.
        component_versions: Map<Word, Word>,
    }
}
