//! A machine to apply bundles to: this system seen through an overlay, in namespaces of its own, so that
//! whatever is done to it stays in a folder. Its systemd is a program that keeps a book of what it was asked.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use hagen::bundle::Draft;
use tempfile::TempDir;

use super::lab::{in_memory, program, unpacked};

/// The book-keeping stand-in for `systemctl`. A unit is known by its file `NAME.unit`, holding `enabled` or
/// `disabled` and, after a space, `active`, `inactive` or `failed`. It starts unless the file named in
/// `NAME.needs` is missing or holds the word BROKEN; with `NAME.dies` it starts and then fails.
const SYSTEMCTL: &str = r#"#!/bin/sh
book=/machine
for unit do :; done
read -r enabled active 2>/dev/null <"$book/$unit.unit" || enabled='' active=inactive
keep() { echo "$1 $2" >"$book/$unit.unit"; }
up() {
    [ -n "$enabled" ] || exit 5
    if [ -f "$book/$unit.needs" ]; then
        file=$(cat "$book/$unit.needs")
        if [ ! -f "$file" ] || grep -q BROKEN "$file"; then keep "$enabled" failed; exit 1; fi
    fi
    if [ -f "$book/$unit.dies" ]; then keep "$enabled" failed; else keep "$enabled" active; fi
}
case $1 in
is-enabled)
    [ -n "$enabled" ] || exit 1
    echo "$enabled"
    exit 0
    ;;
show)
    echo "ActiveState=$active"
    if [ -f "$book/$unit.oneshot" ]; then
        echo Type=oneshot
        echo Result=success
        echo "ExecMainExitTimestampMonotonic=$(cat "$book/$unit.oneshot")"
    else
        echo Type=simple
    fi
    exit 0
    ;;
esac
echo "$*" >>"$book/calls"
case $1 in
daemon-reload) [ ! -e "$book/refuse-reload" ] ;;
enable) keep enabled "$active" ;;
disable) keep disabled "$active" ;;
stop) keep "$enabled" inactive ;;
start | restart | reload-or-restart)
    up
    if [ -f "$book/$unit.oneshot" ]; then
        echo 1 >"$book/$unit.oneshot"
        keep "$enabled" inactive
    fi
    ;;
esac
"#;

/// The stand-in for `modprobe`: knows every module but `missing`.
const MODPROBE: &str = "#!/bin/sh\necho \"modprobe $*\" >>/machine/calls\n[ \"$1\" != missing ]\n";

/// A machine called `lb1`.
pub(super) struct Machine {
    folder: TempDir,
}

impl Machine {
    pub(super) fn new() -> Self {
        let folder = in_memory();
        for name in ["upper/machine/bin", "work", "root"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let machine = Self { folder };
        machine.program("systemctl", SYSTEMCTL);
        machine.program("modprobe", MODPROBE);
        machine.write("/machine/calls", "");
        machine
    }

    /// A file of the machine as it is seen from outside, once it was written there.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("upper").join(path.trim_start_matches('/'))
    }

    pub(super) fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // The overlay marks a removed file with a device, which is not to be written to.
        let _ = fs::remove_file(&path);
        fs::write(path, content).unwrap();
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// A program that stands before all others.
    pub(super) fn program(&self, name: &str, script: &str) {
        let path = self.path("/machine/bin").join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Makes a unit known, as a package does; disabled and not running.
    pub(super) fn unit(&self, name: &str) {
        self.write(&format!("/machine/{name}.unit"), "disabled inactive\n");
    }

    /// How a unit is.
    pub(super) fn state(&self, unit: &str) -> String {
        self.read(&format!("/machine/{unit}.unit")).trim().to_owned()
    }

    /// What systemd was asked since the last time.
    pub(super) fn calls(&self) -> Vec<String> {
        let calls = self.read("/machine/calls").lines().map(str::to_owned).collect();
        self.write("/machine/calls", "");
        calls
    }

    /// Puts an unpacked bundle on the machine.
    pub(super) fn bring(&self, draft: &Draft) {
        let (_folder, bundle) = unpacked(draft);
        let place = self.path("/bundle");
        if place.exists() {
            fs::remove_dir_all(&place).unwrap();
        }
        let copied = program("cp").arg("-a").arg(&bundle).arg(&place).status().unwrap();
        assert!(copied.success());
    }

    /// Runs a shell script on the machine.
    pub(super) fn run(&self, script: &str) -> Output {
        drop((program("unshare"), program("mount"), program("chroot")));
        let enter = "set -e; cd \"$1\"
            mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay root
            mount --rbind /dev root/dev; mount -t proc proc root/proc; mount -t tmpfs tmpfs root/tmp
            ip link set lo up; hostname lb1
            exec chroot root /bin/sh -c 'export PATH=/machine/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root; cd /; eval \"$1\"' sh \"$2\"";
        program("unshare")
            .args(["--mount", "--uts", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", enter, "sh"])
            .arg(self.folder.path())
            .arg(script)
            .output()
            .unwrap()
    }

    /// What the overlay holds below these folders, as content by path; removed files are there as `gone`.
    pub(super) fn changed(&self, folders: &[&str]) -> BTreeMap<String, String> {
        let mut changed = BTreeMap::new();
        for folder in folders {
            let top = self.path(folder);
            if top.is_dir() {
                collect(&top, folder, &mut changed);
            }
        }
        changed
    }
}

fn collect(folder: &Path, name: &str, changed: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), format!("{name}/{}", entry.file_name().to_str().unwrap()));
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            collect(&path, &name, changed);
        } else if metadata.is_file() {
            changed.insert(name, fs::read_to_string(&path).unwrap());
        } else {
            // The overlay's mark of a removed file is a character device.
            changed.insert(name, "gone".to_owned());
        }
    }
}
