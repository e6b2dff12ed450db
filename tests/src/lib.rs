//! What several tests share; the tests themselves live in `tests/it/`.

pub mod documents;
