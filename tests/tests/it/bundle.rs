//! Bundles: ordinary tools read them, full disks and kills leave nothing half done, and `apply` does on a
//! machine what it says.

mod apply;
mod examples;
mod interrupted;
mod lab;
mod machine;
mod memory;
mod output;
mod packages;
mod script;
mod tools;
mod units;
