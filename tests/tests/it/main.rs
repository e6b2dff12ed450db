//! One integration binary: every test that needs a real daemon, tool or privilege.

mod front;
mod host;
mod data;
mod platform;
mod bundle;
