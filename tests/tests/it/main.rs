//! One integration binary: every test that needs a real daemon, tool or privilege.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise, and says where"
)]

mod bundle;
mod data;
mod documents;
mod front;
mod host;
mod platform;
mod schema;
mod views;
