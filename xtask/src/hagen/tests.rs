use super::listed_commands;

#[test]
fn commands_are_read_from_a_help_text_also_where_it_wraps() {
    let help = "One line.\n\nUsage: hagen <COMMAND>\n\nCommands:\n  init     Write a document\n  check    Report\n           all problems\n  schema   Print\n\nOptions:\n  -h, --help\n";
    assert_eq!(listed_commands(help), ["init", "check", "schema"]);
}
