//! What a node shall be: every decision is taken here, from a proven topology; `render/` only spells it.

pub mod activation;
pub mod chrony;
pub mod cloud_init;
pub mod cloudpods;
pub mod dce;
pub mod glusterfs;
pub mod ha_xdp;
pub mod haproxy;
pub mod hosts;
pub mod keepalived;
pub mod kubeadm;
pub mod mariadb;
pub mod named;
pub mod network;
pub mod nginx;
pub mod rainbond;
pub mod resolv;
pub mod static_pod;
pub mod sysctl;
pub mod systemd;
