//! The front of a cluster against the real keepalived, haproxy, nginx and shellcheck: their parsers
//! accept what is rendered, refuse what is known to be wrong, and the daemons do what was planned.
//!
//! Needs root, network namespaces and Debian's packages keepalived, haproxy, nginx-light,
//! libnginx-mod-stream, shellcheck, mariadb-server-core, mariadb-client, openssl, curl, wget. What is
//! missing fails the test.
#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

mod documents;
mod drafts;
mod failover;
mod judges;
mod lab;
mod refused;
mod scripts;
mod traffic;
