//! One integration binary: every test that needs a real daemon, tool or privilege.

mod bundle;
mod data;
mod documents;
mod front;
mod host;
mod platform;
mod schema;
mod views;
