//! Known clusters.
