//! DCE 5.0, Rainbond and Cloudpods: rendered files before independent readers, scripts run for real.
//!
//! Scripts run with their fixed paths inside a [`stage::Stage`], beside real name servers, registries,
//! web servers, databases and SSH servers. The installers of the three products are not to be had: a
//! recorder stands in their place and writes down how it was called.

mod cloudpods;
mod dce;
mod files;
mod rainbond;
mod registry;
mod sample;
mod stage;
