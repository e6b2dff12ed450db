//! Cloudpods, installed by ocboot.

use super::*;
use crate::record;
use crate::yaml::Spanned;

record! {
    /// Cloudpods. `first-node` is the node that installs; `controller` and `host` say what the others do.
    pub struct Cloudpods ("cloudpods") {
        /// Version of the platform, such as `v3.11.4`.
        version: Spanned<Word>,
        /// `FullStack`, `Edge`, …: product version of ocboot.
        product_version: Word = fixed("FullStack"),
        /// The VIP of the platform.
        vip: Spanned<Name>,
        /// The database of the platform.
        database: Spanned<Name>,
        /// Controllers that are part of the highly available control plane. Default: all nodes with the role `controller`.
        ha_controllers: Option<Spanned<Selector>>,
        /// Registry for the platform's images.
        image_repository: Word = fixed("registry.cn-beijing.aliyuncs.com/yunion"),
        /// The images come from a registry inside the closed network; must be on where nodes have no internet.
        local_registry: bool = true,
        /// Deploy MinIO as shared storage of the control plane.
        minio: bool = true,
        /// Port of the control plane.
        control_plane_port: Port = fixed("6443"),
        /// Region that the first node creates.
        region: Word = fixed("region0"),
        /// Zone that the first node creates.
        zone: Word = fixed("zone0"),
        /// Run the host agent on machines that are virtual themselves.
        host_on_vm: bool = false,
        /// Bridge that the host agent makes.
        bridge: InterfaceName = fixed("br0"),
        /// How nodes find their address: `can-reach=ADDRESS` or `interface=NAME`. Default: the first node's address.
        ip_autodetection_method: Option<Word>,
        /// User that runs upgrades; never root.
        upgrade_user: Word = fixed("yunion"),
    }
}
