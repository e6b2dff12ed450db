//! hagen turns one description of a highly available cluster into a sealed bundle per node.
//!
//! The stages are the modules, in reading order; each has one type that proves what has been done:
//! `Node` (parsed YAML) → `Spec` (what was written) → `Topology` (what is true) → `NodePlan` (what a
//! node shall be) → `Tree` (how it is spelled) → bundle (how it is sealed) → `Report` (whether it holds).
//! Nothing here reads a clock, a network or the state of the host.

pub mod bake;
pub mod bundle;
pub mod cli;
pub mod graph;
pub mod import;
pub mod judge;
pub mod offline;
pub mod os;
pub mod plan;
pub mod problem;
pub mod render;
pub mod secret;
pub mod spec;
pub mod survive;
pub mod topology;
pub mod tree;
pub mod verify;
pub mod yaml;
