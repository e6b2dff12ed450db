//! GlusterFS, MariaDB and Kubernetes: what hagen writes, run by the real daemons on machines of their own.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test helper that fails is a test that fails")]

mod fstab;
mod glusterfs;
mod judges;
mod kubeadm;
mod lab;
mod mariadb;
mod units;
