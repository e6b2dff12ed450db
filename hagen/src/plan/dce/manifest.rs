//! The installer's `manifest.yaml`: which products are installed, in which versions.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::spec::{Line, Url, Word};

/// `manifest.daocloud.io/v1alpha1`, kind `DCEManifest`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Manifest {
    /// `global.helmRepo`.
    pub helm_repo: Option<Url>,
    /// `global.imageRepo`: a host, without scheme.
    pub image_repo: Option<Word>,
    /// `infrastructures` by name: `hwameiStor`, `istio`, `metallb`, `contour`, `cert-manager`, `mysql`, `redis`, …
    pub infrastructures: BTreeMap<Word, Infrastructure>,
    /// `components` by name: `kubean`, `ghippo`, `kpanda`, `insight`, …
    pub components: BTreeMap<Word, Component>,
}

/// A part that products stand on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Infrastructure {
    /// Install it.
    pub enable: bool,
    /// Its version.
    pub version: Option<Word>,
    /// Further keys of the entry, such as `policy`, `cpuLimit` or `enableAutoBackup`.
    pub settings: BTreeMap<Word, Line>,
}

/// A product.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Component {
    /// Install it.
    pub enable: bool,
    /// Version of its chart.
    pub helm_version: Option<Word>,
    /// `variables`.
    pub variables: BTreeMap<Word, Line>,
    /// `features`, such as `tracing`.
    pub features: Vec<Word>,
}
