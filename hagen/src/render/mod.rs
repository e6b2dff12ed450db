//! How a plan is spelled: one file per product, each with the text that its own daemon accepts.

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
mod ordered;
pub mod rainbond;
pub mod resolv;
mod script;
pub mod static_pod;
pub mod sysctl;
pub mod systemd;
