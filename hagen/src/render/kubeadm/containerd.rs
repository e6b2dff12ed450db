//! containerd's configuration and the registries that it asks.

use crate::plan::kubeadm::{ConfigVersion, Containerd, RegistryHost};
use crate::tree::File;

use super::HEAD;

const ORIGIN: &str = "containerd";

pub(super) fn render(cfg: &Containerd, cri_socket: &str) -> Vec<File> {
    let (path, text) = ("/etc/containerd/config.toml", config(cfg));
    let main = if cfg.logins.is_empty() {
        File::config(ORIGIN, path, text)
    } else {
        File::secret_config(ORIGIN, path, text)
    };
    let crictl = format!("{HEAD}runtime-endpoint: {cri_socket}\nimage-endpoint: {cri_socket}\n");
    let mut files = vec![main, File::config(ORIGIN, "/etc/crictl.yaml", crictl)];
    for registry in &cfg.registries {
        let path = format!("/etc/containerd/certs.d/{}/hosts.toml", registry.namespace);
        files.push(File::config(ORIGIN, path, hosts(registry)));
    }
    files
}

fn config(cfg: &Containerd) -> String {
    let (number, images, runtime) = match cfg.config_version {
        ConfigVersion::V2 => (2, "io.containerd.grpc.v1.cri", "io.containerd.grpc.v1.cri"),
        ConfigVersion::V3 => (3, "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"),
    };
    let sandbox = string(&cfg.sandbox_image);
    let pause = match cfg.config_version {
        ConfigVersion::V2 => format!("[plugins.\"{images}\"]\n  sandbox_image = {sandbox}\n"),
        ConfigVersion::V3 => format!("[plugins.\"{images}\".pinned_images]\n  sandbox = {sandbox}\n"),
    };
    let mut text = format!(
        "{HEAD}version = {number}\n\n# The pause image that kubeadm names; any other would be missing in a closed network.\n\
         {pause}\n[plugins.\"{runtime}\".containerd]\n  default_runtime_name = \"runc\"\n\n\
         [plugins.\"{runtime}\".containerd.runtimes.runc]\n  runtime_type = \"io.containerd.runc.v2\"\n\n\
         # The kubelet's cgroup driver.\n[plugins.\"{runtime}\".containerd.runtimes.runc.options]\n  \
         SystemdCgroup = true\n\n[plugins.\"{images}\".registry]\n  config_path = \"/etc/containerd/certs.d\"\n"
    );
    for login in &cfg.logins {
        text.push_str(&format!(
            "\n[plugins.\"{images}\".registry.configs.{}.auth]\n  username = {}\n  password = {}\n",
            string(login.host.as_str()),
            string(login.username.as_str()),
            string(login.password.expose()),
        ));
    }
    text
}

/// `server` and no other host: the registry outside is never tried.
fn hosts(registry: &RegistryHost) -> String {
    let mut text = format!(
        "{HEAD}server = {}\ncapabilities = [\"pull\", \"resolve\"]\n",
        string(registry.server.as_str())
    );
    if let Some(ca) = &registry.ca_file {
        text.push_str(&format!("ca = {}\n", string(ca.as_str())));
    }
    if registry.skip_verify {
        text.push_str("skip_verify = true\n");
    }
    text
}

/// A basic string of TOML.
fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
