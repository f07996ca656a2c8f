//! Gates: any bytes compile; what a clause quotes stands there; nothing passes without telemetry; what is proposed as a
//! binding binds.

#![no_main]

use chrono::NaiveDate;
use codex_tui::doc::{DocId, Document};
use codex_tui::model::gate::evaluate::{Ask, Verdict, evaluate};
use codex_tui::model::gate::telemetry::Telemetry;
use codex_tui::model::gate::{ClauseKind, compile, proposals};
use codex_tui::workspace::Config;
use codex_tui::workspace::config::Layer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let document = Document::parse(DocId::new("gates.md").expect("a name"), data.to_vec());
    let list = compile(&document, &Config::default());
    for clause in &list.clauses {
        assert!(clause.span.start < clause.span.end && clause.span.end <= data.len(), "{clause:?}");
        if let Ok(text) = std::str::from_utf8(data) {
            assert_eq!(text.get(clause.span.clone()), Some(clause.quote.as_str()));
        }
        let breaks = data[..clause.span.start].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(clause.line, 1 + breaks);
        assert!(clause.threshold.is_none_or(f64::is_finite), "{clause:?}");
        assert!(clause.kind == ClauseKind::Machine || !clause.why.is_empty(), "{clause:?}");
        for span in clause.understood.iter().map(|(span, _)| span).chain(&clause.not_understood) {
            assert!(span.start <= span.end && span.end <= data.len(), "{clause:?}");
        }
    }
    let noon = NaiveDate::from_ymd_opt(2026, 1, 2).and_then(|day| day.and_hms_opt(12, 0, 0)).expect("a moment");
    let ask = Ask { now: noon, at: None, source: None, stale_after: None };
    for one in evaluate(&list, &Telemetry::default(), &ask) {
        assert!(one.verdict != Verdict::Pass, "{:?} passes without telemetry", one.clause);
    }
    // Reading a configuration takes longer than all of the above: only some of the inputs go on.
    if !data.len().is_multiple_of(8) {
        return;
    }
    let bindings: Vec<String> = proposals(&list).into_iter().filter(|one| one.complete).map(|one| one.text).collect();
    let read = Config::read(&[Layer::workspace(&bindings.join("\n\n"))]);
    assert_eq!(read.problems, [], "what is proposed can be written");
    assert_eq!(read.config.bindings.len(), bindings.len());
    let bound = compile(&document, &read.config);
    for finding in &bound.findings {
        assert!(!finding.rule.starts_with("gate-binding"), "{finding:?}\n{}", bindings.join("\n\n"));
    }
});
