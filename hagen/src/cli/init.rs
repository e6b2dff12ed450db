//! `hagen init`: starter documents, which are the examples.

use std::io::Write as _;
use std::path::Path;

use super::args::{InitArgs, TopologyName};
use super::output::{Failure, print, say};

/// The example that `bundle` falls back to.
pub const BOOTSTRAP_HA: &str = include_str!("../../examples/bootstrap-ha/cluster.yaml");

/// The document of a topology.
pub fn document(topology: TopologyName) -> &'static str {
    match topology {
        TopologyName::BootstrapHa => BOOTSTRAP_HA,
        TopologyName::RainbondMinimal => include_str!("../../examples/rainbond-minimal/cluster.yaml"),
        TopologyName::Cloudpods3 => include_str!("../../examples/cloudpods-3/cluster.yaml"),
        TopologyName::Cloudpods4 => include_str!("../../examples/cloudpods-4/cluster.yaml"),
        TopologyName::Cloudpods5 => include_str!("../../examples/cloudpods-5/cluster.yaml"),
        TopologyName::KubeadmExternalLb => include_str!("../../examples/kubeadm-external-lb/cluster.yaml"),
        TopologyName::KubeadmStacked => include_str!("../../examples/kubeadm-stacked/cluster.yaml"),
        TopologyName::KubeadmStaticPod => include_str!("../../examples/kubeadm-static-pod/cluster.yaml"),
    }
}

pub(super) fn run(args: &InitArgs) -> Result<(), Failure> {
    write_new(&args.output, document(args.topology))
}

/// Writes a text to a path that must be free, whole or not at all; `-` is standard output.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    if path == Path::new("-") {
        return print(text);
    }
    if path.symlink_metadata().is_ok() {
        let message =
            format!("{}: is there already; name another file with `-o`, or remove it", path.display());
        return Err(Failure::Input(message));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error| Failure::io(format!("writing {}", path.display()), error);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    set_mode(file.path()).map_err(failed)?;
    file.persist_noclobber(path).map_err(|e| failed(e.error))?;
    say(&format!("hagen: wrote {}", path.display()));
    Ok(())
}

/// A temporary file is private; a document is an ordinary file.
fn set_mode(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))
}
