//! Only integration tests live here; see `it/`.
