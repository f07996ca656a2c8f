//! Small invented documents and telemetry, one trap each: numbers that are no thresholds, telemetry that is none, evidence that
//! is too little or too old.

use std::sync::atomic::AtomicBool;

use codex_tui::doc::{DocId, Document};
use codex_tui::model::gate::evaluate::{Verdict, blocks};
use codex_tui::model::gate::{
    Clause, ClauseKind, Comparator, Days, GateList, GateSeverity, Polarity, compile, proposals,
};
use codex_tui::workbench::gates::{GateReader, Question};
use codex_tui::workspace::Config;
use codex_tui::workspace::config::Layer;
use proptest::prelude::*;

use super::{judge, judge_with, one, workspace};

const DOC: &str = "docs/telemetry/Automation_Gates.md";

fn compiled_with(text: &str, config: &str) -> GateList {
    let doc = Document::parse(DocId::new(DOC).expect("a path"), text.as_bytes().to_vec());
    compile(&doc, &Config::read(&[Layer::workspace(config)]).config)
}

/// The clauses of one bullet under a plan.
fn bullet(text: &str) -> Vec<Clause> {
    compiled_with(&format!("# Gates\n\n## Plan A - Harbor\n- {text}\n"), "").clauses
}

/// Metric, statistic, comparator, threshold and unit of what a machine can judge.
fn said(text: &str) -> Vec<String> {
    let machine = bullet(text).into_iter().filter(|clause| clause.kind == ClauseKind::Machine);
    machine
        .map(|clause| {
            let statistic = clause.statistic.map(|s| s.to_string()).unwrap_or_default();
            let unit = clause.unit.as_ref().map(|unit| unit.to_string()).unwrap_or_default();
            let sign = clause.comparator.map_or("", Comparator::sign);
            let pass = clause.pass.clone().unwrap_or_default();
            format!(
                "{} {statistic} {sign} {} {unit} {pass}",
                clause.metric_name(),
                clause.threshold.unwrap_or(f64::NAN)
            )
            .trim()
            .to_owned()
        })
        .collect()
}

#[test]
fn thresholds_are_read_from_prose() {
    assert_eq!(said("`Poll.WaitMs` avg <30 ms."), ["Poll.WaitMs avg < 30 ms"]);
    assert_eq!(said("The 95th percentile of `Poll.WaitMs` stays below 2.5 s."), ["Poll.WaitMs p95 < 2.5 s"]);
    assert_eq!(said("`Poll.WaitMs` must not exceed 1,200 ms."), ["Poll.WaitMs value <= 1200 ms"]);
    assert_eq!(
        said("`Poll.WaitMs` p50 at most 20 ms, p99 no more than 90 ms; `DelayMs` max 0."),
        ["Poll.WaitMs p50 <= 20 ms", "Poll.WaitMs p99 <= 90 ms", "Poll.DelayMs max <= 0"]
    );
    assert_eq!(
        said("`PollWait` p95 <90 ms (cold) and <40 ms (warm)"),
        ["PollWait p95 < 90 ms cold", "PollWait p95 < 40 ms warm"]
    );
    assert_eq!(said("`Poll.WaitMs` p95 (≤ 120 ms) every night"), ["Poll.WaitMs p95 <= 120 ms"]);
    assert_eq!(said("≥ 3 distinct sites with `Poll` events"), ["Poll.Site distinct >= 3 sites"]);
    assert_eq!(said("`LongestQueue <= 8` holds (`Logs/Reports/QueueWait-<date>.json`)"), ["LongestQueue value <= 8"]);
    assert_eq!(said("`Poll` count ≥ 10 events"), ["Poll count >= 10 events"]);
    assert_eq!(said("`Poll.CacheRatio` ≥60%"), ["Poll.CacheRatio value >= 60 %"]);
}

#[test]
fn numbers_that_are_no_thresholds_stay_out() {
    for text in [
        "`Tools/Check.ps1 -MaxWait 8 -Report Logs/Wait-<date>.json` runs every night (86 polls, longest 3).",
        "`Poll` events match the devices (37 in the depot).",
        "`Poll.WaitMs` is written every night; it was <20 ms in spring and currently stands at p95 <30 ms.",
        "Console shows its age in colour (Green <24h, Yellow 24-48h, Red >7d).",
        "See HB-A-003 of 2026-11-02, version 1.2.3, at 10:30; `Poll.WaitMs` is explained there.",
        "Write down hosts when >10 s.",
        "`Poll.WaitMs` aligns with the switch's own counters (tolerate ±1%).",
        "`Poll.WaitMs` p95 falls release over release (target -40% vs. baseline).",
        "Restore drill once a quarter, ≤ 15 minutes by the runbook.",
        "Arrows are no comparators: `Poll.WaitMs` p95 -> 30 ms, => 20 ms.",
    ] {
        assert_eq!(said(text), [] as [String; 0], "{text}");
        assert!(!bullet(text).is_empty(), "the bullet disappeared: {text}");
    }
}

#[test]
fn lost_characters_are_not_guessed() {
    for text in ["`Poll.WaitMs` p95 ??? 60 ms", "`Poll.WaitMs` ??? 60", "`Poll.WaitMs` p95 ??60 ms"] {
        let clauses = bullet(text);
        assert_eq!(clauses[0].kind, ClauseKind::Unreadable, "{text}");
        assert!(clauses.iter().all(|clause| clause.threshold.is_none()), "{text}");
        assert!(!clauses[0].not_understood.is_empty());
    }
}

#[test]
fn events_statistics_and_passes_are_inherited_within_a_bullet_only() {
    let list = compiled_with(
        "## Plan A - x\n- `Poll.WaitMs` p95 <9 ms.\n- p99 <20 ms\n\n## Plan B\n- `DelayMs` p95 <9 ms\n",
        "",
    );
    assert_eq!(list.clauses[0].metric.event.as_deref(), Some("Poll"));
    assert_eq!(list.clauses[1].kind, ClauseKind::Manual, "another bullet has no event");
    assert_ne!(list.clauses[2].metric.event.as_deref(), Some("Poll"));
    let ids: Vec<&str> = list.clauses.iter().map(|clause| clause.id.as_str()).collect();
    assert_eq!(ids, ["A1", "A2", "B1"]);
}

#[test]
fn alerts_say_what_is_bad() {
    let clauses = bullet("`PollWait` p95 <40 ms (warm); alert if warm p95 >60 ms; fails when p99 >90 ms");
    assert_eq!((clauses[1].polarity, clauses[1].severity), (Polarity::Alert, GateSeverity::Warning));
    assert_eq!((clauses[2].polarity, clauses[2].severity), (Polarity::Alert, GateSeverity::Blocking));
    assert_eq!(clauses[1].pass.as_deref(), Some("warm"));
}

#[test]
fn samples_windows_ages_and_conditions_qualify() {
    let clauses = bullet("`Poll.WaitMs` p95 ≤80 ms and p99 ≤150 ms over at least 10 samples.");
    assert!(clauses.iter().all(|clause| clause.min_samples == Some(10)) && clauses.len() == 2);
    let clauses = bullet(
        "`Poll.WaitMs` avg <9 ms; `DelayMs` (poll delay) p95 <9 ms. Poll delay report must include at least 12 samples.",
    );
    assert_eq!(clauses.iter().map(|clause| clause.min_samples).collect::<Vec<_>>(), [None, Some(12), None]);
    assert_eq!(clauses[2].statistic.map(|s| s.to_string()).as_deref(), Some("count"));
    assert_eq!(bullet("`Poll.Lost` max 0 on three nights in a row.")[0].days, Days::InRow(3));
    assert_eq!(bullet("`Poll.WaitMs` p95 <9 ms over the last 7 days.")[0].days, Days::Last(7));
    assert_eq!(bullet("`Poll.WaitMs` p95 <9 ms, not older than 90 days.")[0].max_age, Some(90.0));
    assert_eq!(bullet("`Poll.WaitMs` p95 <9 ms once the poller is live.")[0].kind, ClauseKind::Partial);
}

#[test]
fn wrapped_lines_tables_and_lists_are_read() {
    let list = compiled_with(
        "# Gates\n\nPreface with `Poll.WaitMs` <1 ms.\n\n## Plan H - Use\n- `Poll.WaitMs` p95\n  <9 ms\nClosing words, `Poll.WaitMs` explained.\n\n\
         ### Required DoorAction Events\n- `OpenDoor` (every night)\n- `ShutDoor`\n\n### Optional DoorAction Events\n- `KnockDoor`\n\n\
         | Metric | Threshold | Gate Type |\n|---|---|---|\n| Required action coverage | 100% (all 2) | Release blocking |\n\
         | DoorAction events per bundle | ≥ 10 total events | Warning (not blocking) |\n| Guided tours | 80 | Soft gate (tracked) |\n\
         \n```\n- `Poll.WaitMs` p95 <5 ms\n```\n",
        "",
    );
    let ids: Vec<&str> = list.clauses.iter().map(|clause| clause.id.as_str()).collect();
    assert_eq!(ids, ["H1", "H2a", "H2b", "H3", "H4", "H5", "H6"]);
    assert_eq!(list.clauses[0].quote, "`Poll.WaitMs` p95\n  <9 ms");
    assert_eq!(list.clauses[3].severity, GateSeverity::Tracked);
    assert_eq!(list.clauses[4].metric.required, ["OpenDoor", "ShutDoor"]);
    assert_eq!(list.clauses[5].severity, GateSeverity::Warning);
    assert_eq!(list.clauses[6].kind, ClauseKind::Manual);
    for clause in &list.clauses {
        assert!(!clause.quote.is_empty() && clause.line > 4);
    }
}

#[test]
fn bindings_say_what_is_meant_and_grow_old() {
    let text = "## Plan A\n- Polls are quick, p95 under half a second.\n- Doors open.\n";
    let config = "[[gate]]\nquote = \"Polls are quick,  p95 under half a second.\"\nevent = \"Poll\"\nfield = \"WaitMs\"\nstatistic = \"p95\"\ncomparator = \"<\"\nthreshold = 0.5\nunit = \"s\"\n\
                  \n[[gate]]\nquote = \"Doors are open.\"\nevent = \"Door\"\nstatistic = \"p950\"\n";
    let list = compiled_with(text, config);
    assert_eq!(list.clauses[0].kind, ClauseKind::Machine, "{}", list.clauses[0].why);
    assert_eq!(list.clauses[0].metric_name(), "Poll.WaitMs");
    let old = list.clauses.last().expect("a clause");
    assert_eq!(old.kind, ClauseKind::Unreadable);
    assert_eq!((list.findings[0].rule, list.findings[0].line), ("gate-binding-outdated", Some(10)));
    // A quote may begin in the middle of what looks like its beginning.
    let text = "## Plan A\n- Polls ______ quick, p95 under 9 ms.\n";
    let config = "[[gate]]\nquote = \"____ quick, p95 under 9 ms.\"\nevent = \"Poll\"\nfield = \"WaitMs\"\n";
    assert!(compiled_with(text, config).findings.is_empty());
    // What is proposed binds the clause to what it was understood as.
    let text = "## Plan A\n- `Poll.WaitMs` p95 <9 ms and p99 <20 ms\n- A person looks.\n";
    let proposed = proposals(&compiled_with(text, ""));
    assert_eq!(proposed.iter().map(|one| one.complete).collect::<Vec<_>>(), [true, true, false]);
    let toml: Vec<&str> = proposed.iter().map(|one| one.text.as_str()).collect();
    let bound = compiled_with(text, &toml.join("\n\n"));
    assert_eq!(bound.clauses.iter().map(|clause| clause.bound).collect::<Vec<_>>(), [true, true, false]);
    let plain = compiled_with(text, "");
    for (bound, plain) in bound.clauses.iter().zip(&plain.clauses) {
        assert_eq!(
            (bound.threshold, bound.comparator, bound.metric_name()),
            (plain.threshold, plain.comparator, plain.metric_name())
        );
    }
}

fn event(day: u32, minute: u32, rest: &str) -> String {
    format!("{{\"EventName\":\"Poll\",\"Timestamp\":\"2026-11-{day:02}T02:{minute:02}:00-07:00\",{rest}}}\r\n")
}

const GATES: &str = "## Plan A\n- `Poll.WaitMs` p95 ≤80 ms over at least 3 samples.\n- `Door.OpenMs` max ≤10 ms\n- `Poll.WaitMs` max ≤100 ms (cold)\n- `Poll` count ≥ 2 events\n";

#[test]
fn every_verdict_has_its_reason() {
    let mut events = String::from("\u{feff}");
    events.push_str(&event(19, 1, "\"WaitMs\":10,\"Site\":\"ALDR\""));
    events.push_str(&event(19, 2, "\"WaitMs\":20.5,\"Site\":\"BRCH\""));
    let dir = workspace(&[(DOC, GATES.as_bytes()), ("Logs/IngestionMetrics/2026-11-19.json", events.as_bytes())]);
    let ask = Question { at: chrono::NaiveDate::from_ymd_opt(2026, 11, 20), source: None };
    let gates = judge(dir.path(), &ask);
    let verdict = |id: &str| one(&gates, id).verdict;
    assert_eq!(verdict("A1"), Verdict::Insufficient, "{}", one(&gates, "A1").reason);
    assert_eq!(verdict("A2"), Verdict::Missing);
    assert_eq!(verdict("A3"), Verdict::Missing, "{}", one(&gates, "A3").reason);
    assert!(one(&gates, "A3").reason.contains("pass"), "{}", one(&gates, "A3").reason);
    assert_eq!(verdict("A4"), Verdict::Pass, "{}", one(&gates, "A4").reason);
    assert!(blocks(&gates.judged, false) && blocks(&gates.judged, true));
    let totals = gates.totals();
    assert_eq!(totals.count(Verdict::Pass), 1);
    // Two months later the same is old; named as evidence it is what it is.
    let later = judge(dir.path(), &Question { at: chrono::NaiveDate::from_ymd_opt(2027, 1, 20), source: None });
    assert_eq!(one(&later, "A4").verdict, Verdict::Stale);
    let named =
        judge(dir.path(), &Question { at: None, source: Some("Logs/IngestionMetrics/2026-11-19.json".to_owned()) });
    assert_eq!(one(&named, "A4").verdict, Verdict::Pass);
    assert_eq!(one(&named, "A1").breakdown[0].name, "BRCH", "the worst first");
}

#[test]
fn files_that_are_not_named_or_not_dated_prove_nothing() {
    let gates = "## Plan A\n- Nightly report is fresh.\n- Its age is small.\n- Notes are kept.\n- Ledger is there.\n";
    let bound = [
        ("Nightly report is fresh.", "age", "source = \"Logs/IngestionMetrics/Nightly*.json\"\n"),
        ("Its age is small.", "age", ""),
        ("Notes are kept.", "exists", ""),
        ("Ledger is there.", "exists", "source = \"Logs/IngestionMetrics/Nightly*.json\"\n"),
    ];
    let config: String = bound
        .map(|(quote, statistic, source)| {
            format!("[[gate]]\nquote = \"{quote}\"\nstatistic = \"{statistic}\"\ncomparator = \"<=\"\nthreshold = 24\nunit = \"h\"\n{source}\n")
        })
        .concat();
    let events = event(19, 1, "\"WaitMs\":10");
    let dir = workspace(&[
        (DOC, gates.as_bytes()),
        ("codex-tui.toml", config.as_bytes()),
        ("Logs/IngestionMetrics/Nightly.json", events.as_bytes()),
    ]);
    let check = |id: &str, verdict: Verdict, reason: &str| {
        let gates = judge(dir.path(), &Question::default());
        let one = one(&gates, id);
        assert_eq!(one.verdict, verdict, "{id}: {}", one.reason);
        assert!(one.reason.contains(reason), "{id}: {}", one.reason);
    };
    check("A1", Verdict::Missing, "has a date in its name");
    check("A2", Verdict::Missing, "no file is named");
    check("A3", Verdict::Missing, "no file is named");
    check("A4", Verdict::Pass, "1 files match");
    // In prose an age without a file is nothing that a machine can judge.
    for text in ["`SetupStep` age < 2 h", "`SetupStep` waits; then `age v < 2 m"] {
        let clauses = bullet(text);
        assert!(clauses.iter().all(|clause| clause.kind == ClauseKind::Manual), "{clauses:#?}");
        assert!(clauses.iter().any(|clause| clause.why.contains("whose age is meant")), "{clauses:#?}");
    }
}

#[test]
fn look_alikes_and_damage_are_named_and_prove_nothing() {
    let good = event(20, 1, "\"WaitMs\":10");
    let files: Vec<(&str, Vec<u8>)> = vec![
        (
            "2026-11-20.json",
            format!(
                "{good}{{\"EventName\":\"Poll\",\"Wai\r\n{good}not json\r\n{}{}{{\"EventName\":\"Poll\",\"WaitMs\":7",
                event(20, 2, "\"WaitMs\":\"11\""),
                event(20, 3, "\"WaitMs\":null")
            )
            .into_bytes(),
        ),
        ("20261120.json", b"[\n  {\"Timestamp\": \"2026-11-20T01:00:00Z\", \"Active\": 1}\n]\n".to_vec()),
        ("2026-11-21.json", format!("[{}]", good.trim()).into_bytes()),
        ("Sample-20261120.json", b"{\"\"EventName\"\":\"\"Poll\"\",\"\"WaitMs\"\":1}\r\n".to_vec()),
        ("Layout-20261120.json", b"[{\"autosizeInfo\":{\"ClassId0123456789abcdef0123456789abcdef\":\"x\"}}]".to_vec()),
        ("Empty-20261120.json", Vec::new()),
        ("Half-20261120.json", b"[{\"Pass\":\"cold\",\"PollWaitMs\":5},\n{\"Pass\":".to_vec()),
    ];
    let paths: Vec<String> = files.iter().map(|(name, _)| format!("Logs/IngestionMetrics/{name}")).collect();
    let mut all: Vec<(&str, &[u8])> =
        paths.iter().zip(&files).map(|(path, (_, bytes))| (path.as_str(), bytes.as_slice())).collect();
    all.push((DOC, GATES.as_bytes()));
    // Telemetry of unit tests is none.
    all.push(("Logs/TestTelemetry/2026-11-22.json", good.as_bytes()));
    let dir = workspace(&all);
    let gates = judge(dir.path(), &Question { at: chrono::NaiveDate::from_ymd_opt(2026, 11, 21), source: None });
    let found: Vec<String> =
        gates.findings().iter().map(|finding| format!("{} {}", finding.place(), finding.message)).collect();
    let says = |place: &str, what: &str| {
        assert!(
            found.iter().any(|said| said.contains(place) && said.contains(what)),
            "{place}: {what}\n{}",
            found.join("\n")
        );
    };
    says("2026-11-20.json:2", "cut");
    says("2026-11-20.json:4", "JSON");
    says("2026-11-20.json:5", "no number");
    says("2026-11-20.json:7", "not complete yet");
    says("2026-11-21.json:1", "array");
    says("Sample-20261120.json:1", "doubled");
    says("Layout-20261120.json:1", "screen layout");
    says("Empty-20261120.json:1", "empty");
    says("Half-20261120.json:2", "cut");
    let count = one(&gates, "A4");
    assert_eq!(count.value, Some(4.0), "{}", count.reason);
    assert_eq!(one(&gates, "A1").value, Some(10.0), "{}", one(&gates, "A1").reason);
}

#[test]
fn only_what_was_appended_is_read() {
    let many: String =
        (0..4000).map(|n| event(20, n % 60, &format!("\"WaitMs\":{n},\"Filler\":\"{}\"", "x".repeat(60)))).collect();
    let dir = workspace(&[(DOC, GATES.as_bytes()), ("Logs/IngestionMetrics/2026-11-20.json", many.as_bytes())]);
    let file = dir.path().join("Logs/IngestionMetrics/2026-11-20.json");
    let ask = Question { at: chrono::NaiveDate::from_ymd_opt(2026, 11, 21), source: None };
    let mut reader = GateReader::default();
    let first = judge_with(&mut reader, dir.path(), &ask);
    assert!(first.telemetry.read.bytes >= many.len() as u64);
    let again = judge_with(&mut reader, dir.path(), &ask);
    assert_eq!(again.telemetry.read.bytes, 0, "nothing changed");
    assert_eq!(one(&again, "A4").value, Some(4000.0));
    let line = event(20, 59, "\"WaitMs\":999999");
    for (text, count) in [(&line[..20], 4000.0), (&line[20..], 4001.0), (line.trim_end(), 4002.0), ("\r\n", 4002.0)] {
        let mut open = std::fs::OpenOptions::new().append(true).open(&file).expect("the file");
        std::io::Write::write_all(&mut open, text.as_bytes()).expect("an append");
        let grown = judge_with(&mut reader, dir.path(), &ask);
        assert_eq!(one(&grown, "A4").value, Some(count));
        assert!(
            grown.telemetry.read.bytes < 20_000,
            "{} bytes for {} new ones",
            grown.telemetry.read.bytes,
            text.len()
        );
        assert_eq!(grown.judged, judge(dir.path(), &ask).judged, "judged in part and as a whole");
    }
    // Replaced by something else of greater length: read from its start.
    std::fs::write(&file, many.replace("\"WaitMs\":", "\"WaitMs\":1") + &many).expect("another content");
    assert_eq!(one(&judge_with(&mut reader, dir.path(), &ask), "A4").value, Some(8000.0));
    std::fs::remove_file(&file).expect("the file goes");
    assert_eq!(one(&judge_with(&mut reader, dir.path(), &ask), "A4").verdict, Verdict::Missing);
}

#[test]
fn a_large_file_in_pieces_is_the_same_as_in_one() {
    let many: String = (0..150_000)
        .map(|n| {
            let filler = "y".repeat((n * 7919) % 97 + 60);
            if n % 3 == 0 {
                event(20, 5, &format!("\"WaitMs\":{n},\"F\":\"{filler}\""))
            } else {
                format!("{{\"EventName\":\"Other\",\"F\":\"{filler}\"}}\n")
            }
        })
        .collect();
    assert!(many.len() > 20 << 20);
    let dir = workspace(&[(DOC, GATES.as_bytes()), ("Logs/IngestionMetrics/2026-11-20.json", many.as_bytes())]);
    let ask = Question { at: chrono::NaiveDate::from_ymd_opt(2026, 11, 21), source: None };
    let gates = judge(dir.path(), &ask);
    let count = one(&gates, "A4");
    assert_eq!(count.value, Some(50_000.0));
    assert_eq!(count.sources[0].lines, (1, 149_998));
    assert_eq!(gates.telemetry.read.records, 150_000);
    assert_eq!(gates.telemetry.read.skipped, 0);
    // Cancelled: nothing is said, and the next time everything is.
    let mut bench = codex_tui::workbench::Workbench::open(dir.path()).expect("a workspace");
    bench.load_all();
    let mut reader = GateReader::default();
    let cancel = AtomicBool::new(true);
    assert!(reader.judge(&bench.gates(), &ask, &|_| {}, &cancel).is_none());
    cancel.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(
        reader.judge(&bench.gates(), &ask, &|_| {}, &cancel).map(|gates| one(&gates, "A4").value),
        Some(Some(50_000.0))
    );
}

#[test]
fn copies_named_latest_and_roll_ups_of_nothing_do_not_win() {
    let doc = "## Plan A\n- `PollWait` p95 ≤80 ms, in `Logs/Reports/Polls-<stamp>.json`.\n- `Polls-latest.json` shows minimum site count 2\n";
    let summary = |p95: u32, at: &str| {
        format!("{{\"GeneratedAtUtc\":\"{at}\",\"PollWaitMs\":{{\"P95\":{p95},\"SampleCount\":5}},\"Sites\":3}}")
    };
    let roll = "\u{feff}\"Date\",\"Scope\",\"Metric\",\"Count\",\"Average\",\"P95\"\r\n\"2026-11-20\",\"All\",\"PollWaitMs\",\"0\",\"0\",\"0\"\r\n";
    let (new, old) = (summary(60, "2026-11-19T10:00:00Z"), summary(20, "2026-11-18T10:00:00Z"));
    let dir = workspace(&[
        (DOC, doc.as_bytes()),
        ("Logs/Reports/Polls-20261119.json", new.as_bytes()),
        ("Logs/Reports/Polls-latest.json", old.as_bytes()),
        ("Logs/IngestionMetrics/PollSummary-20261120.csv", roll.as_bytes()),
    ]);
    let gates = judge(dir.path(), &Question { at: chrono::NaiveDate::from_ymd_opt(2026, 11, 21), source: None });
    assert_eq!(one(&gates, "A1").value, Some(60.0), "{}", one(&gates, "A1").reason);
    assert_eq!(one(&gates, "A1").sources[0].file.as_str(), "Logs/Reports/Polls-20261119.json");
    assert_eq!(one(&gates, "A2").value, Some(3.0), "{}", one(&gates, "A2").reason);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_compiler_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let doc = Document::parse(DocId::new(DOC).expect("a path"), bytes);
        for clause in compile(&doc, &Config::default()).clauses {
            prop_assert!(clause.span.end <= doc.bytes().len());
        }
    }

    #[test]
    fn no_prose_makes_the_compiler_panic(
        parts in prop::collection::vec(prop::sample::select(vec![
            "`Poll.WaitMs`", "`PollWait`", "p95", "<", "≤", "30", "ms", "(", ")", "cold", ";", ",", ".", "and", "???", "alert", "if", "minimum",
            "count", "site", "zero", "`X <= 8`", "±1%", "1,200+", "at", "least", "samples", "must", "include", "distinct", "`a", "\n", "\n- ", "| a | Threshold |\n|---|---|\n| b | ≥ 2 |\n",
            "## Plan B\n", "100%", "over", "the", "last", "7", "days", "within", "24", "hours", "of", "`Logs/X-<d>.json`", "é", "### Required DoorAction Events\n- `OpenDoor`\n",
        ]), 0..60)
    ) {
        let text = format!("## Plan A\n- {}", parts.join(" "));
        let list = compiled_with(&text, "");
        for clause in &list.clauses {
            prop_assert!(text.get(clause.span.clone()).is_some(), "{:?}", clause.span);
        }
        let _ = proposals(&list);
    }

    #[test]
    fn any_split_reads_the_same(
        lines in prop::collection::vec(prop::sample::select(vec![
            "{\"EventName\":\"Poll\",\"WaitMs\":1}\n", "{\"EventName\":\"Poll\",\"WaitMs\":2.5,\"Site\":\"A\"}\r\n", "\n", "garbage\n",
            "{\"EventName\":\"Other\"}\n", "{\"Site\":\"B\",\"EventName\":\"Poll\",\"WaitMs\":\"3\"}\n", "{\"EventName\":\"Poll\",\"Wai\n", "\u{feff}",
            "{\"EventName\":\"Poll\",\"WaitMs\":4}",
        ]), 0..24),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)
    ) {
        use codex_tui::model::gate::telemetry::{EventFile, Needs};
        let bytes = lines.concat().into_bytes();
        let list = compiled_with(GATES, "");
        let needs = std::sync::Arc::new(Needs::of(&list, &Config::default().gates));
        let read = |cuts: &[usize]| {
            let mut file = EventFile::new(std::sync::Arc::clone(&needs));
            let mut at = 0;
            for cut in cuts.iter().copied().chain([bytes.len()]) {
                at += file.feed(&bytes[at..cut.max(at)]);
                file.rest(&bytes[at..cut.max(at)]);
            }
            let rows = file.rows("Poll").expect("needed");
            let values: Vec<Option<f64>> = (0..rows.len()).map(|at| rows.number(0, at)).collect();
            let lines: Vec<u32> = file.each("Poll").map(|row| row.line).collect();
            (values, lines, file.lines, file.records, file.skipped, file.faults)
        };
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        prop_assert_eq!(read(&cuts), read(&[]));
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), json in ".{0,80}") {
        use codex_tui::model::gate::telemetry::{EventFile, Needs, read_artifact, read_roll_up};
        let needs = std::sync::Arc::new(Needs::of(&compiled_with(GATES, ""), &Config::default().gates));
        for bytes in [bytes.as_slice(), json.as_bytes(), format!("[{json}]").as_bytes(), format!("{{\"EventName\":\"Poll\",{json}").as_bytes()] {
            let _ = read_artifact(bytes, &needs);
            let _ = read_roll_up(bytes);
            let mut file = EventFile::new(std::sync::Arc::clone(&needs));
            let taken = file.feed(bytes);
            file.rest(&bytes[taken..]);
        }
    }
}
