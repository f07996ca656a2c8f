//! The book reads back, and takes in what comes.

use super::*;
use crate::model::track::issue::Code;
use crate::model::track::label::Label;

fn book() -> Book {
    let mut book = Book { epoch: 3, repository: "acme/widgets".to_owned(), id: Some(7), ..Book::default() };
    let issue = |number, updated| Issue {
        number,
        node: format!("I_{number}").into(),
        open: true,
        labels: [Label::Codex].into_iter().collect(),
        labels_known: true,
        milestone: Milestone::Number(2),
        created: Some(10),
        updated: Some(updated),
        ..Issue::default()
    };
    book.take(issue(1, 500), Vec::new());
    book.take(
        Issue { milestone: Milestone::Malformed, pull: true, ..issue(2, 600) },
        vec![Flaw::new(Some(2), Code::MilestoneMalformed)],
    );
    book.pages = vec![Page { url: "u".to_owned(), ranges: vec![(1, 2)], items: 2, at: 9, ..Page::default() }];
    book.wrote(1, Window { from: 5, to: 6 });
    book.noise = Noise { since: Some(4), days: [(0, (1, 2))].into() };
    book.deferred = vec![1];
    book
}

#[test]
fn a_book_reads_back() {
    let book = book();
    let text = String::from_utf8(book.to_json()).expect("UTF-8");
    assert_eq!(Book::parse(&text), Ok(book));
    for broken in ["", "{}", "[]", &text[..text.len() / 2], &text.replace("state@1", "state@9")] {
        assert!(Book::parse(broken).is_err());
    }
}

#[test]
fn a_closed_issue_goes_and_an_older_state_is_passed_over() {
    let mut book = book();
    let older = Issue { updated: Some(400), labels: Labels::default(), ..book.seen[&1].issue.clone() };
    book.take(older.clone(), Vec::new());
    assert_eq!(book.seen[&1].issue.updated, Some(500));
    book.take(Issue { updated: Some(700), open: false, ..older }, Vec::new());
    assert_eq!(book.seen.keys().copied().collect::<Vec<_>>(), [2]);
}

#[test]
fn what_is_ours_is_told_from_what_is_not() {
    let mut book = Book::default();
    let day = |at: i64| at * DAY;
    let issue = |number, updated| Issue { number, open: true, updated: Some(updated), ..Issue::default() };
    // What was there before all issues were seen once does not count.
    book.take(issue(1, day(5)), Vec::new());
    book.did(1, Window::answered((day(6), day(6))));
    book.noise.keep(day(7));
    assert_eq!(book.noise, Noise { since: Some(day(7)), days: BTreeMap::new() });
    book.did(1, Window::answered((day(8), day(8))));
    book.take(issue(1, day(8)), Vec::new());
    book.take(issue(1, day(9)), Vec::new());
    book.take(issue(1, day(9)), Vec::new());
    // Opened, an old one seen late, closed by somebody, closed without ever being seen open.
    book.take(issue(2, day(9)), Vec::new());
    book.take(issue(3, day(5)), Vec::new());
    book.take(Issue { open: false, ..issue(2, day(10)) }, Vec::new());
    book.take(Issue { open: false, ..issue(4, day(10)) }, Vec::new());
    assert_eq!(book.noise.days, [(8, (1, 0)), (9, (0, 2)), (10, (0, 1))].into());
    book.noise.keep(day(108));
    assert_eq!(book.noise.days, [(9, (0, 2)), (10, (0, 1))].into());
}

#[test]
fn an_interrupted_run_is_taken_in() {
    let mut book = book();
    let entries = [
        Entry::Begin { epoch: 3, run: "r".to_owned() },
        Entry::Sent { issue: 1, at: 1000, what: "label".to_owned() },
        Entry::Done { issue: 1, during: (1000, 1001), labels: 3, milestone: Some(4), open: true, member: None },
        Entry::Sent { issue: 2, at: 1002, what: "milestone".to_owned() },
    ];
    let lines: Vec<String> = entries.iter().map(|entry| serde_json::to_string(entry).expect("JSON")).collect();
    let text = lines.join("\n") + "\n{\"entry\":\"se";
    assert_eq!(journal(&text, 3), entries);
    assert_eq!(journal(&text, 4), []);
    assert_eq!(book.replay(&entries), (1, 1));
    assert_eq!(book.seen[&1].issue.labels.names(), ["codex", "codex-trackmain"]);
    assert_eq!(book.ours[&1], [Window { from: 5, to: 6 }, Window::answered((1000, 1001))]);
    // A list that lags shows it as it was: what we wrote stays.
    let stale = Issue { updated: Some(500), labels: Labels::default(), ..book.seen[&1].issue.clone() };
    book.take(stale, Vec::new());
    assert_eq!(book.seen[&1].issue.labels.names(), ["codex", "codex-trackmain"]);
    // Our write moved it: the human activity stays.
    let moved = Issue { updated: Some(1001), ..book.seen[&1].issue.clone() };
    book.take(moved, Vec::new());
    assert_eq!(book.seen[&1].human, Some(500));
    let moved = Issue { updated: Some(1030), ..book.seen[&2].issue.clone() };
    book.take(moved, Vec::new());
    assert_eq!(book.seen[&2].human, Some(600));
    // Whose the second one was is doubtful: the write that was sent had no answer.
    assert_eq!(book.doubtful(), [2]);
    let mark = |at, ours| Mark { at, ours };
    let settled = |marks: Option<Vec<Mark>>, now| {
        let mut book = book.clone();
        book.settle(2, marks, now);
        (book.seen[&2].human, book.doubtful())
    };
    assert_eq!(settled(None, 1031), (Some(600), vec![]), "it cannot be known");
    assert_eq!(settled(Some(vec![mark(1030, true)]), 1031), (Some(600), vec![]), "it was ours");
    assert_eq!(settled(Some(vec![mark(1010, true)]), 1031), (Some(1030), vec![]), "ours was before it");
    assert_eq!(settled(Some(vec![mark(1005, false), mark(1030, true)]), 1031), (Some(1005), vec![]));
    assert_eq!(settled(Some(vec![mark(900, false)]), 1031), (Some(1030), vec![2]), "ours may still come");
    assert_eq!(settled(Some(vec![mark(900, false)]), 1100), (Some(1030), vec![]), "ours never came");
    book.forget(2000);
    assert_eq!(book.ours.keys().copied().collect::<Vec<_>>(), [1, 2]);
}
