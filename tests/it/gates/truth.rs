//! Every clause, value and verdict of the independently computed truth, for every file that it lists. Uses `../shared` when it is there.

use std::path::{Path, PathBuf};

use codex_tui::model::gate::ClauseKind;
use codex_tui::model::gate::evaluate::Verdict;
use codex_tui::workbench::gates::{GateReader, Question};
use serde_json::Value;

use super::{judge_with, one};
use crate::files::copy;

/// A workspace with the gates document and the telemetry, and the truth about it.
fn scene() -> Option<(tempfile::TempDir, Value)> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let truth = std::fs::read_to_string(shared.join("truth/gates.json"));
    let logs = shared.join("corpus/statetrace-logs-to-2025-12-26/Logs");
    let doc = std::fs::read_to_string(shared.join("corpus/statetrace-2026-01-02/docs/telemetry/Automation_Gates.md"));
    let (Ok(truth), Ok(doc), true) = (truth, doc, logs.is_dir()) else {
        println!("skipped: no truth or corpus for gates");
        return None;
    };
    let truth: Value = serde_json::from_str(&truth).expect("the truth is JSON");
    let dir = tempfile::tempdir().expect("a folder");
    let gates = dir.path().join("docs/telemetry/Automation_Gates.md");
    std::fs::create_dir_all(gates.parent().expect("a parent")).expect("a folder");
    std::fs::write(gates, with_later_clauses(&doc, &truth)).expect("the document");
    copy(&logs, &dir.path().join("Logs"));
    Some((dir, truth))
}

/// The document with the clauses of the last plan as they came later: the truth has them, this revision does not.
fn with_later_clauses(doc: &str, truth: &Value) -> String {
    let text = |id: &str| clause(truth, id)["clause"].as_str().expect("a text").to_owned();
    let name = |id: &str| text(id).split_whitespace().next().expect("a name").to_owned();
    let cut = doc.find("## Plan H").expect("the last plan");
    let mut out = doc[..cut].to_owned();
    let event = clause(truth, "H1a")["event"].as_str().expect("an event");
    out.push_str(&format!("## Plan H - Later\n\n### Required {event} Events\n"));
    out.push_str("These must appear in every telemetry bundle:\n\n");
    for id in ["H1a", "H1b", "H1c", "H1d", "H1e", "H1f"] {
        out.push_str(&format!("- {} (somebody did it)\n", name(id)));
    }
    out.push_str(&format!("\n### Optional {event} Events\n\n- {}: tracked, not required\n", name("H2")));
    out.push_str("\n### Thresholds\n\n| Metric | Threshold | Gate Type |\n|---|---|---|\n");
    for id in ["H3", "H4", "H5", "H6", "H7"] {
        out.push_str(&text(id));
        out.push('\n');
    }
    out.push_str("\n### Evidence\n\n");
    for id in ["H8", "H9", "H10"] {
        out.push_str(&format!("- {}.\n", text(id)));
    }
    out
}

fn clause<'a>(truth: &'a Value, id: &str) -> &'a Value {
    truth["clauses"].as_array().expect("clauses").iter().find(|clause| clause["id"] == id).expect("a clause")
}

fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * b.abs().max(1e-300),
        (None, None) => true,
        (_, _) => false,
    }
}

#[test]
fn every_clause_is_what_it_is() {
    let Some((dir, truth)) = scene() else { return };
    let gates = super::judge(dir.path(), &Question::default());
    let mut wrong = Vec::new();
    for truth in truth["clauses"].as_array().expect("clauses") {
        let id = truth["id"].as_str().expect("an id");
        let Some(found) = gates.judged.iter().find(|one| one.clause.id == id) else {
            wrong.push(format!("{id}: not found"));
            continue;
        };
        let own = &found.clause;
        if own.kind.name() != truth["kind"].as_str().expect("a kind") {
            wrong.push(format!("{id}: {} instead of {}: {}", own.kind.name(), truth["kind"], own.quote));
        }
        if own.kind != ClauseKind::Machine {
            continue;
        }
        if let Some(threshold) = truth["threshold"].as_f64()
            && own.threshold != Some(threshold)
        {
            wrong.push(format!("{id}: threshold {:?} instead of {threshold}", own.threshold));
        }
        if let Some(event) = truth["event"].as_str()
            && own.metric.event.as_deref() != Some(event)
        {
            wrong.push(format!("{id}: event {:?} instead of {event}", own.metric.event));
        }
        let sign = own.comparator.map(|comparator| comparator.sign());
        if let Some(comparator) = truth["comparator"].as_str()
            && sign != Some(comparator)
        {
            wrong.push(format!("{id}: comparator {sign:?} instead of {comparator}"));
        }
        if truth["min_samples"].as_u64() != own.min_samples.map(|n| n as u64) {
            wrong.push(format!("{id}: {:?} samples instead of {}", own.min_samples, truth["min_samples"]));
        }
    }
    assert_eq!(gates.judged.len(), truth["clauses"].as_array().map_or(0, Vec::len), "number of clauses");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Whether our verdict is what the truth calls so.
fn agrees(verdict: Verdict, truth: &str) -> bool {
    match truth {
        "Pass" | "Quiet" => verdict == Verdict::Pass,
        "Fail" => matches!(verdict, Verdict::Fail | Verdict::Warn),
        "NoData" | "Unqualified" => verdict == Verdict::Missing,
        "InsufficientData" => verdict == Verdict::Insufficient,
        _ => false,
    }
}

#[test]
fn every_file_gives_the_same_values_and_verdicts() {
    let Some((dir, truth)) = scene() else { return };
    // What the truth calls the fallback: the event that does carry the field, without its zeros.
    let text = |id: &str, key: &str| clause(&truth, id)[key].as_str().expect("a text").to_owned();
    let (field, quote) = (text("B4", "field"), text("B5", "clause"));
    let binding = format!(
        "[[gate]]\nquote = '{quote}'\nevent = '{}'\nfield = '{field}'\nwhere = {{ {field} = '> 0' }}\nstatistic = 'p95'\ncomparator = '<'\nthreshold = 5\nunit = 's'\n",
        text("B4", "fallback_event")
    );
    std::fs::write(dir.path().join("codex-tui.toml"), binding).expect("a configuration");
    let mut reader = GateReader::default();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for table in ["evaluation_by_date_file", "evaluation_by_warm_run_file"] {
        for (file, clauses) in truth[table].as_object().expect("files") {
            let source = Some(format!("Logs/IngestionMetrics/{file}"));
            let gates = judge_with(&mut reader, dir.path(), &Question { at: None, source });
            for (key, expected) in clauses.as_object().expect("clauses") {
                let ids: Vec<&str> = match key.as_str() {
                    "B4 (literal)" => vec!["B4"],
                    "B4 (fallback)" => vec!["B5"],
                    "B1/B2 (daily file, pass unknown)" => vec!["B1", "B2"],
                    // Partial: a person decides.
                    "B7" => continue,
                    id => vec![id],
                };
                for id in ids {
                    compared += 1;
                    let found = one(&gates, id);
                    let value = expected["value"].as_f64();
                    let verdict = expected["verdict"].as_str().expect("a verdict");
                    if !same(found.value, value) {
                        wrong.push(format!("{file} {id}: {:?} instead of {value:?}: {}", found.value, found.reason));
                    }
                    if !agrees(found.verdict, verdict) {
                        wrong.push(format!("{file} {id}: {:?} instead of {verdict}: {}", found.verdict, found.reason));
                    }
                    if let Some(samples) = expected["samples"].as_u64()
                        && samples != found.samples as u64
                    {
                        wrong.push(format!("{file} {id}: {} samples instead of {samples}", found.samples));
                    }
                }
            }
        }
    }
    println!("{compared} values and verdicts compared");
    assert!(compared > 150, "only {compared} were compared");
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn bundles_count_no_copy_twice() {
    let Some((dir, truth)) = scene() else { return };
    for (bundle, expected) in truth["evaluation_by_bundle"].as_object().expect("bundles") {
        let source = Some(format!("Logs/TelemetryBundles/{bundle}"));
        let gates = super::judge(dir.path(), &Question { at: None, source });
        let actions = &expected["UserAction"];
        assert_eq!(one(&gates, "H4").value, actions["events"].as_f64(), "{bundle}: {}", one(&gates, "H4").reason);
        assert!(same(one(&gates, "H3").value, actions["required_coverage_percent"].as_f64()), "{bundle}");
        assert_eq!(one(&gates, "H5").value, actions["distinct_sites_casefolded"].as_f64(), "{bundle}");
        for id in ["H3", "H4", "H5"] {
            let verdict = expected[id].as_str().expect("a verdict");
            assert!(agrees(one(&gates, id).verdict, verdict), "{bundle} {id}: {:?}", one(&gates, id).verdict);
        }
    }
}

#[test]
fn published_summaries_are_reproduced() {
    let Some((dir, truth)) = scene() else { return };
    let mut reader = GateReader::default();
    let mut seen = 0;
    for published in
        truth["verification_against_published_numbers"]["queue_delay_summaries"].as_array().expect("summaries")
    {
        if published["result"] != "reproduced" {
            continue;
        }
        let mut ask = |source: &Value| {
            let source = source.as_str().map(str::to_owned);
            judge_with(&mut reader, dir.path(), &Question { at: None, source })
        };
        let stated = ask(&published["summary"]);
        let computed = ask(&published["from_file"]);
        for id in ["A1", "A2", "A3", "A4"] {
            let (stated, computed) = (one(&stated, id), one(&computed, id));
            let (a, b) = (stated.value.expect("a number"), computed.value.expect("a number"));
            assert!((a - b).abs() < 1e-5, "{} {id}: {a} and {b}", published["summary"]);
            assert_eq!(stated.samples, computed.samples, "{} {id}", published["summary"]);
            seen += 1;
        }
    }
    for published in truth["verification_against_published_numbers"]["scheduler_reports"].as_array().expect("reports") {
        if published["result"] != "reproduced" {
            continue;
        }
        let name = published["file"].as_str().expect("a name");
        let report = PathBuf::from("Logs/Reports").join(name).to_string_lossy().into_owned();
        let stated = judge_with(&mut reader, dir.path(), &Question { at: None, source: Some(report) });
        assert_eq!(one(&stated, "A7").value, published["published_max_streak"].as_f64(), "{name}");
        seen += 1;
    }
    println!("{seen} published numbers compared");
    assert!(seen >= 20);
}

#[test]
fn the_newest_by_name_counts() {
    let Some((dir, truth)) = scene() else { return };
    let gates = super::judge(dir.path(), &Question::default());
    let file = |id: &str| one(&gates, id).sources[0].file.file_name().to_owned();
    assert_eq!(file("A2"), truth["newest"]["queue_summary"].as_str().expect("a name"));
    assert_eq!(file("B6"), truth["newest"]["warm_run"].as_str().expect("a name"));
    assert_eq!(file("B1"), truth["newest"]["warm_run"].as_str().expect("a name"));
    let problems = gates.findings();
    assert!(problems.iter().any(|found| found.message.contains("screen layout")), "{problems:?}");
    let at = chrono::NaiveDate::from_ymd_opt(2025, 12, 14);
    let gates = super::judge(dir.path(), &Question { at, source: None });
    assert_eq!(one(&gates, "A1").sources[0].file.file_name(), "2025-12-14.json");
    assert_eq!(one(&gates, "A1").verdict, Verdict::Pass);
}

/// A workspace with one file of the corpus's telemetry and a gates document of ours.
fn alone(file: &Path, doc: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let logs = dir.path().join("Logs/IngestionMetrics");
    std::fs::create_dir_all(&logs).expect("a folder");
    std::fs::copy(file, logs.join(file.file_name().expect("a name"))).expect("a copy");
    let gates = dir.path().join("docs/telemetry/Automation_Gates.md");
    std::fs::create_dir_all(gates.parent().expect("a parent")).expect("a folder");
    std::fs::write(gates, doc).expect("the document");
    dir
}

/// The numbers of the clauses of `file`, in the order of the document.
fn numbers(file: &Path, doc: &str) -> Vec<Option<f64>> {
    let dir = alone(file, doc);
    let name = format!("Logs/IngestionMetrics/{}", file.file_name().expect("a name").to_string_lossy());
    let question = Question { source: Some(name), ..Question::default() };
    judge_with(&mut GateReader::default(), dir.path(), &question).judged.iter().map(|one| one.value).collect()
}

#[test]
fn published_roll_ups_are_reproduced_from_their_events() {
    let Some((dir, truth)) = scene() else { return };
    let logs = dir.path().join("Logs/IngestionMetrics");
    let mut compared = 0;
    let is_roll_up =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().contains("MetricsSummary"));
    let files = std::fs::read_dir(&logs).expect("a folder").flatten().map(|entry| entry.path());
    for file in files.filter(is_roll_up) {
        let text = std::fs::read_to_string(&file).expect("a roll-up");
        let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let header = rows.headers().expect("a header").clone();
        let column = |name: &str| header.iter().position(|own| own == name).expect("a column");
        let (date, scope, metric) = (column("Date"), column("Scope"), column("Metric"));
        let figures = ["Average", "P95", "Max", "Count"].map(column);
        for row in rows.records().map(|row| row.expect("a row")).filter(|row| &row[scope] == "All") {
            let events = logs.join(format!("{}.json", &row[date]));
            // A metric is named after its event and unit; the clauses of the truth know the events.
            let clauses = truth["clauses"].as_array().expect("clauses");
            let of_event =
                |clause: &&Value| clause["event"].as_str().is_some_and(|event| row[metric].starts_with(event));
            let clause = clauses.iter().find(of_event);
            let (Some(clause), true) = (clause, events.is_file()) else { continue };
            if row[figures[3]].parse::<f64>().unwrap_or(0.0) == 0.0 || row[figures[0]].is_empty() {
                continue;
            }
            let name = clause["event"].as_str().expect("an event");
            let doc = format!("# Gates\n\n## Plan A - Own\n- `{name}` avg < 1; p95 < 1; max < 1; count >= 1\n");
            let own = numbers(&events, &doc);
            for (own, figure) in own.iter().zip(figures) {
                let published: f64 = row[figure].parse().expect("a number");
                let own = own.unwrap_or_else(|| panic!("{} {name}: no number", &row[date]));
                // Published with three decimals.
                assert!((own - published).abs() <= 0.000_501, "{} {name}: {own}, published {published}", &row[date]);
                compared += 1;
            }
        }
    }
    println!("{compared} figures of roll-ups");
    assert!(compared >= 40, "{compared}");
}

#[test]
fn published_comparisons_of_passes_are_reproduced_from_their_records() {
    let Some((dir, _)) = scene() else { return };
    let logs = dir.path().join("Logs/IngestionMetrics");
    let mut compared = 0;
    for entry in std::fs::read_dir(&logs).expect("a folder").flatten() {
        let file = entry.path();
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let Ok(Value::Array(records)) = serde_json::from_str(text.trim_start_matches('\u{feff}')) else { continue };
        // The comparison names what it compares, and has figures such as `Cold…AvgMs` beside it.
        let Some(stated) = records.iter().find(|record| record["SummaryType"].is_string()) else { continue };
        let event = stated["SummaryType"].as_str().expect("a name");
        let figures = stated.as_object().expect("an object").iter().filter_map(|(key, value)| {
            let pass = ["Cold", "Warm"].into_iter().find(|pass| key.starts_with(pass))?;
            let of = |(end, _): &&(&str, &str)| key.ends_with(end);
            let statistic = [("AvgMs", "avg"), ("P95Ms", "p95"), ("MaxMs", "max")].iter().find(of)?.1;
            Some((format!("{pass} {event} {statistic} below 1"), pass.to_lowercase(), statistic, value.as_f64()?))
        });
        let figures: Vec<_> = figures.collect();
        let mut doc = "# Gates\n\n## Plan A - Own\n".to_owned();
        let mut config = "[gates]\nstale_after = \"never\"\n".to_owned();
        for (quote, pass, statistic, _) in &figures {
            doc.push_str(&format!("- {quote}\n"));
            config.push_str(&format!(
                "[[gate]]\nquote = \"{quote}\"\nevent = \"{event}\"\nfield = \"{event}Ms\"\npass = \"{pass}\"\n\
                 statistic = \"{statistic}\"\ncomparator = \"<\"\nthreshold = 1\n"
            ));
        }
        let own = alone(&file, &doc);
        std::fs::write(own.path().join("codex-tui.toml"), config).expect("a configuration");
        let gates = judge_with(&mut GateReader::default(), own.path(), &Question::default());
        for (judged, (quote, _, _, published)) in gates.judged.iter().zip(&figures) {
            let value = judged.value.unwrap_or_else(|| panic!("{quote}: {}", judged.reason));
            assert!((value - published).abs() <= 0.000_501, "{file:?} {quote}: {value}, published {published}");
            compared += 1;
        }
    }
    println!("{compared} figures of comparisons");
    assert!(compared >= 15, "{compared}");
}
