//! nginx: `nginx -t`, where every address may be bound.
//!
//! `-t` opens the listening sockets, and a node that does not carry a VIP could not; on the stage
//! non-local binding is on, as it will be on the node.

use std::path::Path;

use super::{Judge, ToolError, ToolOptions, Verdict, accounts, find_program, has, run_tool, stage, texts};
use crate::tree::Tree;

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "nginx", reads, run };

const CONFIG: &str = "/etc/nginx/nginx.conf";
/// Where packages put the files that load modules.
const FOLDERS: [&str; 2] = ["/etc/nginx/modules-enabled", "/usr/share/nginx/modules"];
/// Where the stream module lies on the systems that a judge may run on.
const MODULES: [&str; 2] =
    ["/usr/lib/nginx/modules/ngx_stream_module.so", "/usr/lib64/nginx/modules/ngx_stream_module.so"];
const SCRIPT: &str = "for family in ipv4 ipv6; do \
                          echo 1 >/proc/sys/net/$family/ip_nonlocal_bind || exit 99; \
                      done; exec nginx -q -t -c /etc/nginx/nginx.conf";

fn reads(tree: &Tree) -> bool {
    has(tree, CONFIG)
}

fn run(tree: &Tree, scratch: &Path) -> Verdict {
    let Some((_, text)) = texts(tree, "rootfs").find(|(path, _)| path == CONFIG) else {
        return Verdict::Accepted { notes: Vec::new() };
    };
    if find_program("nginx").is_none() {
        return ToolError::Missing("nginx".to_owned()).into();
    }
    let stage = match stage(tree, scratch, Vec::new()) {
        Ok(stage) => stage,
        Err(verdict) => return verdict,
    };
    let word = |keyword: &'static str| {
        text.lines()
            .filter_map(move |line| line.trim().strip_prefix(keyword)?.strip_prefix(' ')?.strip_suffix(';'))
    };
    let mut prepared = accounts::add(&stage.rootfs, word("user"));
    let included = word("include").filter_map(|path| path.strip_suffix("/*.conf"));
    for folder in included.filter(|folder| FOLDERS.contains(folder)) {
        let Some(module) = MODULES.iter().find(|path| Path::new(path).exists()) else {
            let reason = "nginx's stream module is not installed (libnginx-mod-stream, nginx-mod-stream)";
            return Verdict::NotRun { reason: reason.to_owned() };
        };
        // The file may be for another system; this system's module says the same about its directives.
        let conf = |file: std::io::Result<std::fs::DirEntry>| {
            file.is_ok_and(|f| f.path().extension().is_some_and(|e| e == "conf"))
        };
        if !Path::new(folder).read_dir().is_ok_and(|mut files| files.any(conf)) {
            let path = format!("{folder}/stream.conf");
            let text = format!("load_module {module};\n");
            prepared = prepared.and_then(|()| accounts::file(&stage.rootfs, &path, &text));
        }
    }
    if let Err(error) = prepared {
        return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
    }
    let options = ToolOptions { stage: Some(stage), ..ToolOptions::default() };
    Verdict::from_exit_code(run_tool("sh", &["-c", SCRIPT], &options))
}
