use super::check_table;

#[test]
fn a_table_names_every_command_once() {
    let commands = ["init".to_owned(), "check".to_owned()];
    let good = "| command | does |\n|---|---|\n| `hagen init --topology T` | x |\n| `hagen check` | y |\n";
    assert_eq!(check_table(good, &commands), [""; 0]);
    let bad = "| `hagen init` | x |\n| `hagen init -o F` | x |\n| `hagen iso` | z |\n";
    let complaints = check_table(bad, &commands).join("\n");
    for want in ["lacks `hagen check`", "`hagen init` twice", "`hagen iso`, which does not exist"] {
        assert!(complaints.contains(want), "{complaints}");
    }
}
