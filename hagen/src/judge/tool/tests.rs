use super::*;

fn sh(script: &str, options: &ToolOptions) -> Output {
    run_tool("sh", &["-c", script], options).unwrap()
}

#[test]
fn the_output_and_the_exit_code_come_back() {
    let output =
        sh("cat; echo bad >&2; exit 3", &ToolOptions { stdin: b"word".to_vec(), ..Default::default() });
    assert_eq!(output, Output { end: End::Code(3), stdout: "word".into(), stderr: "bad\n".into() });
    assert_eq!(output.told(), "bad\nword");
}

#[test]
fn a_signal_is_not_an_exit_code() {
    let output = sh("kill -TERM $$", &ToolOptions::default());
    assert_eq!(output.end, End::Signal(15));
    assert_eq!(output.told(), "killed by signal 15");
}

#[test]
fn the_deadline_kills_the_children_too_and_keeps_the_output() {
    let begun = Instant::now();
    let options = ToolOptions { timeout: Duration::from_millis(300), ..Default::default() };
    let output = sh("sleep 1000 & echo $!; wait", &options);
    assert_eq!(output.end, End::Deadline);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let sleeper = output.stdout.trim();
    let deadline = Instant::now() + Duration::from_secs(10);
    let alive = || {
        let stat = std::fs::read_to_string(format!("/proc/{sleeper}/stat")).unwrap_or_default();
        stat.contains("(sleep)") && !stat.contains(") Z ")
    };
    while alive() {
        assert!(Instant::now() < deadline, "process {sleeper} outlived its deadline");
        thread::yield_now();
    }
}

#[test]
fn much_output_is_cut_and_does_not_block() {
    let output = sh("head -c 5000000 /dev/zero | tr '\\0' x", &ToolOptions::default());
    assert_eq!((output.end, output.stdout.len()), (End::Code(0), OUTPUT_BYTES_MAX));
    assert!(output.told().len() < TOLD_BYTES_MAX + 10);
}

#[test]
fn a_missing_program_says_so() {
    let error = run_tool("hagen-no-such-tool", &["x"], &ToolOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "hagen-no-such-tool is not installed");
}

#[test]
fn links_of_a_stage_are_words() {
    let link = |name: &str, addresses: &[&str]| Link {
        name: name.into(),
        addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
    };
    let links = [link("ens192", &["10.0.0.1/24", "fd00::1/64"]), link("br0", &[])];
    assert_eq!(stage_links(&links), "link:ens192 10.0.0.1/24 fd00::1/64 link:br0");
}

/// The contract of a stage. Needs root or user namespaces; where neither is to be had, the error must
/// be a stage error, never a result of the tool.
#[test]
fn a_stage_shows_the_rendered_root_and_keeps_the_host_untouched() {
    let rootfs = tempfile::tempdir().unwrap();
    let unique = format!("hagen-stage-test-{}", std::process::id());
    std::fs::create_dir_all(rootfs.path().join("etc").join(&unique)).unwrap();
    std::fs::write(rootfs.path().join("etc").join(&unique).join("word"), "rendered").unwrap();
    let link = Link { name: "ens192".into(), addresses: vec!["10.9.8.7/24".parse().unwrap()] };
    let stage = Stage { rootfs: rootfs.path().to_owned(), links: vec![link] };
    let options = ToolOptions { stage: Some(stage), ..Default::default() };
    let script =
        format!("cat /etc/{unique}/word; ip -o -4 addr show dev ens192; touch /etc/{unique}/new; exit 7");
    match run_tool("sh", &["-c", &script], &options) {
        Ok(output) => {
            assert_eq!(output.end, End::Code(7), "{output:?}");
            assert!(output.stdout.starts_with("rendered"), "{output:?}");
            assert!(output.stdout.contains("10.9.8.7/24"), "{output:?}");
            assert!(!Path::new("/etc").join(&unique).exists());
            assert!(!rootfs.path().join("etc").join(&unique).join("new").exists());
        }
        Err(ToolError::Stage { told, .. }) => {
            let root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
            assert!(!root, "root must be able to set a stage up: {told}");
        }
        Err(other) => panic!("{other}"),
    }
}
