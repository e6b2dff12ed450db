//! Memory does not grow with the payload.

use std::fs;
use std::io::Write as _;
use std::process::Command;

use hagen::bundle::payload::Measured;
use hagen::bundle::{Options, write};
use hagen::tree::{Content, Entry, TreePath};
use hagen::verify::verify;

use super::lab::{draft, ok};

/// Tells the child of this test where to work.
const CHILD: &str = "HAGEN_TEST_MEMORY_CHILD";
/// Most memory that writing and verifying may need.
const PEAK_KIB_MAX: u64 = 64 * 1024;
const PAYLOAD_BYTES: usize = 160 * 1024 * 1024;

/// Writes and verifies a bundle, and says how much memory the process needed at most.
fn child(folder: &std::path::Path) {
    let payload = folder.join("payload");
    let mut file = fs::File::create(&payload).unwrap();
    let mut page = vec![0_u8; 1 << 20];
    for n in 0..PAYLOAD_BYTES / page.len() {
        // One half compresses, the other does not.
        for (at, byte) in page.iter_mut().enumerate() {
            let at = (at + n) as u32;
            *byte = if n % 2 == 0 { (at / 100) as u8 } else { (at.wrapping_mul(2_654_435_761) >> 13) as u8 };
        }
        file.write_all(&page).unwrap();
    }
    drop((file, page));
    let mut draft = draft(1, &[("/etc/hosts", 0o644, "x")]);
    let content = Content::Payload(Measured::default().measure(&payload).unwrap());
    let entry = Entry { mode: 0o644, secret: false, origin: "payload".to_owned(), content };
    draft.tree.insert(TreePath::new("packages/payload").unwrap(), entry).unwrap();
    let written = write(&[draft], &folder.join("out"), Options::default()).unwrap();
    verify(&written[0].path, None).unwrap_or_else(|error| panic!("{error}"));
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("peak {}", peak.trim().trim_end_matches(" kB"));
}

#[test]
fn peak_is_bounded() {
    if let Some(folder) = std::env::var_os(CHILD) {
        return child(folder.as_ref());
    }
    let folder = tempfile::tempdir().unwrap();
    let said = ok(Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "bundle::memory::peak_is_bounded", "--nocapture"])
        .env(CHILD, folder.path()));
    let peak = said.lines().find_map(|line| line.strip_prefix("peak ")).expect("the child says its peak");
    let peak = peak.parse::<u64>().unwrap();
    assert!(peak < PEAK_KIB_MAX, "{peak} KiB");
    assert!(peak > 1024, "{peak} KiB is not a peak");
}
