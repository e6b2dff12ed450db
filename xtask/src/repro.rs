//! `cargo xtask repro`: every example's bundles, baked twice as two different people would, byte by byte.
//!
//! The two bakers differ in umask, time zone, locale, user, home, temporary folder, working folder, number
//! of threads, and in the order, the owner, the times and the file system of the payload.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::hagen::{Hagen, Profile};
use crate::shell;

/// The circumstances of one baker.
struct Baker {
    folder: PathBuf,
    program: PathBuf,
    umask: &'static str,
    time_zone: &'static str,
    locale: &'static str,
    threads: &'static str,
    /// Creates the payload in reverse order.
    reverse: bool,
    /// Runs as an ordinary user, where this process is root.
    ordinary_user: bool,
}

/// Files of the payload: names that sort differently by bytes and by locale, an empty one, one of several
/// buffers.
const PAYLOAD: &[(&str, usize)] =
    &[("B.rpm", 10), ("a.rpm", 70_000), ("deep/er/z", 1), ("deep/A", 0), ("big.img", 3 << 20), ("_x", 513)];

/// Runs the verb.
pub(crate) fn run() -> Result<()> {
    let hagen = Hagen::build(Profile::Dev)?;
    // A folder in memory lists its files in another order; it may not run programs.
    let memory = Path::new("/dev/shm");
    let shelf = env::temp_dir().join(format!("hagen-repro-{}", std::process::id()));
    let _shelf = RemoveLater(&shelf);
    fs::create_dir_all(&shelf).with_context(|| format!("creating {}", shelf.display()))?;
    let program = shelf.join("hagen");
    fs::copy(&hagen.program, &program).with_context(|| format!("writing {}", program.display()))?;
    for path in [&shelf, &program] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    let second = if memory.is_dir() {
        memory.join(format!("hagen-repro-{}", std::process::id()))
    } else {
        fresh("b")?
    };
    let bakers = [
        Baker {
            folder: fresh("a")?,
            program: program.clone(),
            umask: "022",
            time_zone: "UTC",
            locale: "C.UTF-8",
            threads: "1",
            reverse: false,
            ordinary_user: false,
        },
        Baker {
            folder: second,
            program: program.clone(),
            umask: "077",
            time_zone: "Asia/Kathmandu",
            locale: "tr_TR.UTF-8",
            threads: "7",
            reverse: true,
            ordinary_user: shell::is_root() && shell::has_program("setpriv"),
        },
    ];
    let _cleanup = bakers.iter().map(|baker| RemoveLater(&baker.folder)).collect::<Vec<_>>();
    for baker in &bakers {
        baker.prepare()?;
    }
    let (mut bundles, mut bytes) = (0, 0);
    for (name, document) in Hagen::examples()? {
        let baked = bakers.iter().map(|baker| baker.bake(&name, &document)).collect::<Result<Vec<_>>>()?;
        let (first, second) = (listing(&baked[0])?, listing(&baked[1])?);
        ensure!(first == second, "{name}: the bundles have different names: {first:?} and {second:?}");
        for bundle in &first {
            let (a, b) = (fs::read(baked[0].join(bundle))?, fs::read(baked[1].join(bundle))?);
            ensure!(a == b, "{name}: {bundle} differs: {}", difference(&a, &b));
            bundles += 1;
            bytes += a.len();
        }
        eprintln!("identical: {name}: {}", first.join(" "));
    }
    println!(
        "repro: {bundles} bundles of {bytes} bytes are identical, baked twice under different circumstances"
    );
    Ok(())
}

impl Baker {
    /// A home, a temporary folder and the payload, in the baker's own folder.
    fn prepare(&self) -> Result<()> {
        for folder in ["home", "tmp", "payload", "out"] {
            fs::create_dir_all(self.folder.join(folder))?;
        }
        let mut payload = PAYLOAD.to_vec();
        if self.reverse {
            payload.reverse();
        }
        for (name, size) in payload {
            let path = self.folder.join("payload").join(name);
            fs::create_dir_all(path.parent().unwrap_or(&path))?;
            // The same content for both, no two files alike.
            let seed = name.len() + size;
            let content: Vec<u8> = (0..size).map(|at| ((at * 31 + at / 251 + seed) % 256) as u8).collect();
            fs::write(&path, content)?;
            let mode = if self.reverse { 0o640 } else { 0o644 };
            fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        }
        if self.ordinary_user {
            shell::run(shell::command("chown").args(["-R", "65534:65534"]).arg(&self.folder))?;
        }
        Ok(())
    }

    /// Bakes an example with the payload, and returns the folder of the bundles.
    fn bake(&self, name: &str, document: &Path) -> Result<PathBuf> {
        let out = self.folder.join("out").join(name);
        let text = fs::read_to_string(document).with_context(|| format!("reading {}", document.display()))?;
        ensure!(!text.contains("\noffline:"), "{name}: the example has a payload; teach `repro` to bring it");
        let copy = self.folder.join(format!("{name}.yaml"));
        fs::write(
            &copy,
            text + "\noffline:\n  files:\n    - {source: payload, target: /opt/payload}\n    - {source: payload/a.rpm}\n",
        )?;

        let as_user =
            if self.ordinary_user { "setpriv --reuid=65534 --regid=65534 --clear-groups " } else { "" };
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg(format!("umask {} && exec {as_user}\"$0\" \"$@\"", self.umask))
            .arg(&self.program);
        shell.args(["bundle", "-f", &format!("{name}.yaml"), "-o"]).arg(&out);
        shell.current_dir(&self.folder).envs(crate::hagen::example_secrets());
        shell.env("TZ", self.time_zone).env("LANG", self.locale).env("LC_ALL", self.locale);
        shell.env("HOME", self.folder.join("home")).env("TMPDIR", self.folder.join("tmp"));
        shell.env("RAYON_NUM_THREADS", self.threads).env("SOURCE_DATE_EPOCH", self.threads);
        shell::read(&mut shell)?;
        Ok(out)
    }
}

fn fresh(name: &str) -> Result<PathBuf> {
    shell::fresh_folder(&format!("repro-{name}"))
}

/// Names of everything in a folder, in order.
fn listing(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut names: Vec<String> =
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<Result<_>>()?;
    names.sort();
    ensure!(!names.is_empty(), "no bundles in {}", folder.display());
    Ok(names)
}

/// Where two contents part.
fn difference(a: &[u8], b: &[u8]) -> String {
    match a.iter().zip(b).position(|(x, y)| x != y) {
        Some(at) => format!("byte {at} of {} and {}", a.len(), b.len()),
        None => format!("{} bytes and {} bytes", a.len(), b.len()),
    }
}

/// Removes a folder at the end, also after a failure.
struct RemoveLater<'a>(&'a Path);

impl Drop for RemoveLater<'_> {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(self.0) {
            eprintln!("removing {}: {error}", self.0.display());
        }
    }
}
