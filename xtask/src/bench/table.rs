//! Figures as a Markdown table.

/// One figure and the promise about it.
pub(super) struct Row {
    /// What was measured.
    pub(super) what: String,
    /// What came out.
    pub(super) measured: String,
    /// What was promised.
    pub(super) promise: String,
    /// Whether it was kept.
    pub(super) kept: bool,
}

/// The table.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut text = String::from("| figure | measured | promised | reached |\n|---|---|---|---|\n");
    for row in rows {
        let kept = if row.kept { "yes" } else { "**no**" };
        text += &format!("| {} | {} | {} | {kept} |\n", row.what, row.measured, row.promise);
    }
    text
}
