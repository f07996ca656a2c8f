//! What is wrong with a Markdown document: unclosed blocks, ragged rows, tables that are none, lost characters.

use crate::doc::candidates::shorten;
use crate::doc::damage::{Problems, lost_characters};
use crate::doc::{Problem, Severity};

use super::{Markdown, Open};

pub(super) fn problems(markdown: &Markdown) -> Vec<Problem> {
    let mut problems = Problems::default();
    unclosed(markdown, &mut problems);
    ragged(markdown, &mut problems);
    for (line, cells, delimiters) in &markdown.misfits {
        problems.add("md-no-table", Severity::Warning, *line, || {
            (
                format!("this delimiter row has {delimiters} cells under a line of {cells}: no table is read here"),
                "give the delimiter row as many cells as the header above it".to_owned(),
            )
        });
    }
    let bytes = &markdown.bytes[..];
    lost_characters(&mut problems, "md-lost-characters", bytes, |offset| !markdown.is_code(offset));
    problems.finish()
}

fn unclosed(markdown: &Markdown, problems: &mut Problems) {
    match markdown.open {
        None => {}
        Some(Open::Fence { line }) => problems.add("md-unclosed-fence", Severity::Warning, line, || {
            (
                "the code fence that opens here is never closed: everything below is code, no heading, table or box"
                    .to_owned(),
                "close it with a line of as many fence marks, or remove this line".to_owned(),
            )
        }),
        Some(Open::Comment { line }) => problems.add("md-unclosed-comment", Severity::Warning, line, || {
            (
                "the comment that opens here is never closed: everything below is hidden".to_owned(),
                "add `-->` where it should end".to_owned(),
            )
        }),
    }
}

fn ragged(markdown: &Markdown, problems: &mut Problems) {
    for table in &markdown.tables {
        let width = table.header.len();
        for row in &table.rows {
            let cells = row.cells.len();
            let name = || row.cells.first().map_or(String::new(), |span| shorten(&markdown.cell(span)));
            if cells > width {
                problems.add("md-ragged-row", Severity::Warning, row.line, || {
                    (
                        format!(
                            "row `{}` has {cells} cells under {width} headers: other readers drop the surplus",
                            name()
                        ),
                        "escape the bars that belong to the text as `\\|`, or add a header for the extra column"
                            .to_owned(),
                    )
                });
            } else if cells < width {
                problems.add("md-ragged-row", Severity::Note, row.line, || {
                    (
                        format!(
                            "row `{}` has {cells} cells under {width} headers: the missing ones read as empty",
                            name()
                        ),
                        "add the missing cells; editing one adds those before it".to_owned(),
                    )
                });
            }
        }
    }
}
