//! Tests of the Markdown page: layout, source lines, tables, links.

use std::borrow::Cow;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::*;

fn page(text: &str, width: usize) -> Page {
    let cites = |code: &str| code.contains('/');
    let clean = |text: &str| text.replace('\t', "    ");
    render(text, &[], Options { width, ascii: false, cites: &cites, clean: &clean })
}

fn lines(page: &Page) -> Vec<String> {
    (0..page.len()).map(|index| page.line(index).to_owned()).collect()
}

#[test]
fn blocks_are_laid_out_and_know_their_lines() {
    let text = "# Title\n\nSome *text* that is\nwrapped here.\n\n- one\n  - [x] two\n- [ ] three\n\n1. first\n2. second\n\n> said\n\n```sh\nrun it\n```\n\n---\nend\n";
    let page = page(text, 16);
    assert_eq!(
        lines(&page),
        [
            "Title",
            "═════",
            "",
            "Some text that",
            "is wrapped here.",
            "",
            "• one",
            "  • [x] two",
            "• [ ] three",
            "",
            "1. first",
            "2. second",
            "",
            "▌ said",
            "",
            "│ run it",
            "",
            "────────────────",
            "",
            "end",
        ]
    );
    let source = |needle: &str| page.source(lines(&page).iter().position(|line| line.contains(needle)).unwrap());
    assert_eq!(source("Title"), 1);
    assert_eq!(source("Some text"), 3);
    assert_eq!(source("two"), 7);
    assert_eq!(source("second"), 11);
    assert_eq!(source("run it"), 16);
    assert_eq!(page.line(page.at_source(8)), "• [ ] three");
    assert_eq!(page.headings(), [Heading { level: 1, text: "Title".into(), line: 0 }]);
}

#[test]
fn links_and_code_paths_can_be_followed() {
    let page = page("See [the plan](plans/A.md#top) and `docs/b.md`, not `code`.\n\n- x `a/b.csv`", 80);
    let targets: Vec<(&str, usize)> = page.links().iter().map(|link| (link.target.as_str(), link.line)).collect();
    assert_eq!(targets, [("plans/A.md#top", 0), ("docs/b.md", 0), ("a/b.csv", 2)]);
}

#[test]
fn comments_are_not_shown_and_other_html_is_text() {
    let page = page("a\n\n<!-- hidden\nmore -->\nb <!-- gone --> c<br>d\n\n<div>shown</div>\n", 40);
    assert_eq!(lines(&page), ["a", "", "b  c", "d", "", "<div>shown</div>"]);
}

fn table<'a>(text: &str, rows: &[(usize, &[&'a str])]) -> TableBlock<'a> {
    TableBlock {
        span: text.find('|').unwrap()..text.rfind('|').unwrap() + 2,
        line: 3,
        header: vec![Cow::Borrowed("Id"), Cow::Borrowed("Title")],
        rows: rows.iter().map(|(line, cells)| (*line, cells.iter().map(|c| Cow::Borrowed(*c)).collect())).collect(),
    }
}

#[test]
fn tables_keep_the_rows_behind_comments() {
    let text = "Top\n\n| Id | Title |\n|--|--|\n| A | one |\n<!-- x -->\n| B | two words that wrap |\nafter\n";
    let block = table(text, &[(5, &["A", "one"]), (7, &["B", "two `c/d` that wrap", "surplus"])]);
    let cites = |_: &str| true;
    let clean = str::to_owned;
    let page = render(text, &[block], Options { width: 31, ascii: false, cites: &cites, clean: &clean });
    assert_eq!(
        lines(&page),
        [
            "Top",
            "",
            "Id │ Title            │ ",
            "───┼──────────────────┼────────",
            "A  │ one              │ ",
            "┈┈┈┼┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┼┈┈┈┈┈┈┈┈",
            "B  │ two c/d that     │ surplus",
            "   │ wrap             │ ",
            "",
            "after",
        ]
        .map(str::to_owned)
    );
    assert_eq!(page.source(7), 7);
    assert_eq!(page.links()[0].line, 6);
}

#[test]
fn a_table_too_wide_for_the_screen_becomes_records() {
    let text = "| Id | Title |\n|--|--|\n| A | one |\n";
    let block = table(text, &[(3, &["A", "a longer title"])]);
    let cites = |_: &str| false;
    let clean = str::to_owned;
    let page = render(text, &[block], Options { width: 10, ascii: false, cites: &cites, clean: &clean });
    assert_eq!(lines(&page), ["──────────", "Id: A", "Title: ", "  a longer", "  title"]);
}

#[test]
fn drawing_cuts_at_the_area() {
    let page = page("# Title 日本語\n\ntext `a/b` more", 40);
    for (width, height) in [(1, 1), (3, 2), (9, 9), (60, 1)] {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        page.draw(area, &mut buf, 0, Some(0), |_| Style::new());
        page.draw(area, &mut buf, 99, None, |_| Style::new());
    }
}

proptest! {
    #[test]
    fn any_text_renders_at_any_width(text in "([-#>|*`x\\[\\] \n_<!a日1.~]|--){0,120}", width in 0usize..40) {
        let page = page(&text, width);
        let last = text.lines().count().max(1);
        for index in 0..page.len() {
            prop_assert!((1..=last).contains(&page.source(index)), "{:?}", page.line(index));
        }
        for link in page.links() {
            prop_assert!(link.line < page.len().max(1));
        }
    }
}
