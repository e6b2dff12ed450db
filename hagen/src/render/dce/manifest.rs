//! `manifest.yaml`, in the order of the installer's samples.

use std::collections::BTreeMap;

use crate::plan::dce::{Component, Infrastructure, Manifest};
use crate::render::ordered::{Object, Value};
use crate::spec::{Line, Word};

pub(super) fn manifest(m: &Manifest) -> Object {
    let global = Object::default()
        .with_some("helmRepo", m.helm_repo.as_ref().map(|u| u.as_str()))
        .with_some("imageRepo", m.image_repo.as_ref().map(|r| r.as_str()));
    let infrastructures: Object =
        m.infrastructures.iter().map(|(name, i)| (name.as_str(), infrastructure(i))).collect();
    let components: Object = m.components.iter().map(|(name, c)| (name.as_str(), component(c))).collect();
    Object::default()
        .with("apiVersion", "manifest.daocloud.io/v1alpha1")
        .with("kind", "DCEManifest")
        .with("metadata", Value::Null)
        .with_full("global", global)
        .with_full("infrastructures", infrastructures)
        .with_full("components", components)
}

fn infrastructure(i: &Infrastructure) -> Object {
    let mut object = Object::default()
        .with("enable", i.enable)
        .with_some("version", i.version.as_ref().map(|v| v.as_str()));
    for (key, value) in &i.settings {
        object = object.with(key.as_str(), scalar(value));
    }
    object
}

fn component(c: &Component) -> Object {
    let features = c.features.iter().map(|f| f.as_str()).collect::<Vec<_>>().join(",");
    Object::default()
        .with("enable", c.enable)
        .with_some("helmVersion", c.helm_version.as_ref().map(|v| v.as_str()))
        .with_full("variables", variables(&c.variables))
        .with_some("features", (!features.is_empty()).then_some(features))
}

fn variables(variables: &BTreeMap<Word, Line>) -> Object {
    variables.iter().map(|(key, value)| (key.as_str(), scalar(value))).collect()
}

/// `true`, `1`, `400m`: a setting has the type that it looks like.
fn scalar(line: &Line) -> Value {
    let text = line.as_str();
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Value::Number(number),
            _ => Value::Text(text.to_owned()),
        },
    }
}
