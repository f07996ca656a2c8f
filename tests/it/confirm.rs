//! Removing many rows at once needs their number; what would be written can be seen before.

use std::sync::mpsc::channel;
use std::time::Duration;

use codex_tui::doc::{Addition, DocId};
use codex_tui::op::{Change, Edit, Intent, Operation};
use codex_tui::workbench::{Actor, Live, Order, Outcome, Report, Request, Workbench};

const BOARD: &str = "docs/taskboard/TaskBoard.csv";
const TEXT: &str = "ID,Title\nST-A-001,One\nST-A-002,Two\nST-A-003,Three\n";

fn actor() -> Actor {
    Actor { name: "tester".to_owned(), via: "test".to_owned() }
}

fn workspace() -> (tempfile::TempDir, Workbench) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join(BOARD);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, TEXT).expect("written");
    let mut bench = Workbench::open(dir.path()).expect("a workspace");
    bench.load_all();
    (dir, bench)
}

fn without(rows: &[(&str, &str)]) -> Operation {
    let edit = |(id, title): &(&str, &str)| {
        let header = vec!["ID".to_owned(), "Title".to_owned()];
        let addition = Addition::Record { header, fields: vec![(*id).to_owned(), (*title).to_owned()] };
        let change = Change::TakeOut { addition, inserted: None, created: false, folders: 0 };
        Edit { doc: DocId::new(BOARD).expect("a path"), change }
    };
    Operation {
        intent: Intent { verb: "task remove".to_owned(), summary: "remove tasks".to_owned() },
        edits: rows.iter().map(edit).collect(),
        undoes: None,
    }
}

#[test]
fn many_rows_need_their_number() {
    let (dir, mut bench) = workspace();
    let read = || std::fs::read_to_string(dir.path().join(BOARD)).expect("the board");
    let many = without(&[("ST-A-001", "One"), ("ST-A-003", "Three")]);
    assert_eq!((many.removes(), many.removes_many()), (2, true));
    let confirmed = |rows| Request::Confirmed { operation: many.clone(), rows };
    for request in [Request::Commit(many.clone()), confirmed(3)] {
        let outcome = bench.run(&request, &actor());
        let Outcome::Refused { message } = outcome else { panic!("{outcome:?}") };
        assert!(message.contains("would remove 2 rows of docs/taskboard/TaskBoard.csv"), "{message}");
        assert!(message.contains("nothing was changed") && message.contains("--confirm 2"), "{message}");
        assert_eq!(read(), TEXT);
    }
    let outcome = bench.run(&confirmed(2), &actor());
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    assert_eq!(read(), "ID,Title\nST-A-002,Two\n");
    // Taking it back, and one row, need none.
    assert!(matches!(bench.run(&Request::Undo(None), &actor()), Outcome::Done { .. }));
    assert_eq!(read(), TEXT);
    let one = without(&[("ST-A-002", "Two")]);
    assert!(!one.removes_many());
    assert!(matches!(bench.run(&Request::Commit(one), &actor()), Outcome::Done { .. }));
}

#[test]
fn a_preview_shows_what_would_be_written_and_writes_nothing() {
    let (dir, bench) = workspace();
    let (to, reports) = channel();
    let live = Live::start(bench, actor(), move |report| {
        let _ = to.send(report);
    });
    let preview = |ticket, operation| {
        live.order(Order::Preview { ticket, operation });
        loop {
            let report = reports.recv_timeout(Duration::from_secs(10)).expect("an answer");
            if let Report::Previewed { ticket: answered, result } = report {
                assert_eq!(answered, ticket);
                return result;
            }
        }
    };
    let diff = preview(7, without(&[("ST-A-002", "Two")])).expect("a diff");
    assert!(diff.contains("\n-ST-A-002,Two\n") && diff.contains("+++ b/docs/taskboard/TaskBoard.csv"), "{diff}");
    let refused = preview(8, without(&[("ST-A-009", "Nine")])).expect_err("a conflict");
    assert!(matches!(refused, Outcome::Conflict { .. }), "{refused:?}");
    assert_eq!(std::fs::read_to_string(dir.path().join(BOARD)).expect("the board"), TEXT);
}
