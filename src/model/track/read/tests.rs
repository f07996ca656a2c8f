//! One fixture for each shape and each pattern of a name; and all telemetry of a real branch, where it is at hand.

use std::path::{Path, PathBuf};

use super::*;
use crate::model::track::telemetry::moment;

/// Component, moment, run and record of each part, or the fault.
fn told(file: &str, text: &str) -> String {
    match read(file, text.as_bytes()) {
        Ok(parts) => {
            let one = |part: &Telemetry| {
                let head = &part.head;
                let time = head.time.map_or_else(|| "undated".to_owned(), moment);
                format!("{} {time} {:?} {}", head.component.name(), head.run_id, Value::Object(part.record.clone()))
            };
            parts.iter().map(one).collect::<Vec<_>>().join("\n")
        }
        Err(fault) => format!("{}: {}", fault.place(), fault.why),
    }
}

#[test]
fn each_shape_of_older_tools() {
    let check = |file: &str, text: &str, want: &str| {
        assert_eq!(told(file, text), want, "{file}");
        // The head alone says the same of whose it is.
        if let (Ok(parts), Ok(head)) = (read(file, text.as_bytes()), read_head(file, text.as_bytes(), true)) {
            assert_eq!(parts[0].head, head, "{file}");
        }
    };
    check(
        "telemetry/activity-engine-20260306T024831Z.json",
        r#"{"component":"activity-engine","timestamp":"20260306T024831Z","issues":[{"number":7,"labels":[]}],"pull_requests":[]}"#,
        r#"activity 2026-03-06T02:48:31Z "" {"component":"activity","timestamp":"2026-03-06T02:48:31Z","issues":[{"number":7,"labels":[]}],"pull_requests":[]}"#,
    );
    check(
        "telemetry/project-sync-2026-03-06T02:48:01Z.json",
        "[\n{\n\"number\": \"125\",\n\"title\": \"12\"\n}\n,\n{}\n]",
        r#"sync 2026-03-06T02:48:01Z "" {"component":"sync","timestamp":"2026-03-06T02:48:01Z","items":[{"number":125,"title":"12"}]}"#,
    );
    check(
        "telemetry/diagnostics-2026-03-06T024625Z.json",
        r#"{"component":"diagnostics","timestamp":"2026-03-06T02:46:25Z","missing_labels":[""],"config_error":"false"}"#,
        r#"diagnostics 2026-03-06T02:46:25Z "" {"component":"diagnostics","timestamp":"2026-03-06T02:46:25Z","missing_labels":[],"config_error":false}"#,
    );
    check(
        "telemetry/diagnostics-20260303T194902Z.json",
        r#"{"repo_variables":{"missing":["A",""]},"project":{"exists":"true"}}"#,
        r#"diagnostics 2026-03-03T19:49:02Z "" {"component":"diagnostics","timestamp":"2026-03-03T19:49:02Z","repo_variables":{"missing":["A"]},"project":{"exists":true}}"#,
    );
    check(
        "telemetry/self-test-1998.json",
        r#"{"component":"selftest","timestamp":"2026-03-06T02:46:40Z","run_id":"1998","milestone":"6"}"#,
        r#"selftest 2026-03-06T02:46:40Z "1998" {"component":"selftest","timestamp":"2026-03-06T02:46:40Z","run_id":"1998","milestone":"6"}"#,
    );
    check(
        "telemetry/cleaner-1998-2.json",
        r#"{"deleted_count":0}"#,
        r#"cleaner undated "1998-2" {"component":"cleaner","deleted_count":0}"#,
    );
    check(
        "telemetry/sync-20260306T024801Z-77.json",
        r#"{"schema":1,"component":"sync","failed":[""]}"#,
        r#"sync 2026-03-06T02:48:01Z "20260306T024801Z-77" {"schema":1,"component":"sync","failed":[""]}"#,
    );
    check(
        "activity/activity-20260304T165942Z.json",
        r#"[{"number":7}]"#,
        r#"activity 2026-03-04T16:59:42Z "" {"component":"activity","timestamp":"2026-03-04T16:59:42Z","items":[{"number":7}]}"#,
    );
    check(
        "supervisor-telemetry/latest.json",
        r#"{"generated_at":"2026-03-01T00:00:00+01:00","stale_main":3}"#,
        r#"supervisor 2026-02-28T23:00:00Z "" {"component":"supervisor","timestamp":"2026-02-28T23:00:00Z","generated_at":"2026-03-01T00:00:00+01:00","stale_main":3}"#,
    );
    check(
        "telemetry/merged/telemetry-merged-20260304T000000Z.json",
        r#"[{"component":"cleaner","timestamp":"2026-03-04T00:00:00Z"},{"component":"self-test"},{"component":"else"},5]"#,
        "cleaner 2026-03-04T00:00:00Z \"\" {\"component\":\"cleaner\",\"timestamp\":\"2026-03-04T00:00:00Z\"}\nselftest 2026-03-04T00:00:00Z \"\" {\"component\":\"selftest\",\"timestamp\":\"2026-03-04T00:00:00Z\"}",
    );
    check(
        "codex-data.json",
        r#"{"selftest":{"issue":"12"},"activity":null,"other":{}}"#,
        r#"selftest undated "" {"component":"selftest","issue":12}"#,
    );
}

#[test]
fn what_cannot_be_read_says_why_and_where() {
    let check = |file: &str, text: &str, want: &str| assert_eq!(told(file, text), want);
    check(
        "telemetry/activity-1.json",
        "{\n  \"events\": ,\n}",
        "telemetry/activity-1.json:2: is not JSON: expected value",
    );
    check("telemetry/sync-1.json", "{\"a\": [1,", "telemetry/sync-1.json:1: is cut off: EOF while parsing a value");
    check("telemetry/sync-1.json", "", "telemetry/sync-1.json:1: is cut off: EOF while parsing a value");
    check(
        "telemetry/latest.json",
        "{}",
        "telemetry/latest.json: neither a field `component` nor the file's name says whose it is",
    );
    let deep = "[".repeat(1000);
    check("telemetry/sync-1.json", &deep, "telemetry/sync-1.json:1: is not JSON: recursion limit exceeded");
    let head = read_head("telemetry/x.json", br#"{"component":"weather"}"#, true).expect_err("no component");
    assert_eq!(head.why, "\"weather\" is none of the six components");
    // A head is cut anywhere, a whole file is not.
    let text = br#"{"component":"sync","timestamp":"2026-03-06T02:48:01Z","details":[{"num"#;
    assert!(read_head("telemetry/sync-1.json", text, true).is_err());
    let head = read_head("telemetry/sync-1.json", text, false).expect("a head");
    assert_eq!((head.component, head.time.map(moment).as_deref()), (Component::Sync, Some("2026-03-06T02:48:01Z")));
}

#[test]
fn the_newest_is_told_by_time_then_run_then_name() {
    let head = |file: &str, time: &str, run: &str| Head {
        file: file.to_owned(),
        component: Component::Sync,
        time: instant(time),
        run_id: run.to_owned(),
        status: None,
    };
    let ordered = [
        head("sync-undated.json", "", ""),
        head("sync-undated-9.json", "", "9"),
        head("sync-v2.json", "2026-03-06T00:00:00Z", "v2"),
        head("sync-9.json", "2026-03-06T00:00:00Z", "9"),
        head("sync-10.json", "2026-03-06T00:00:00Z", "10"),
        head("sync-10-2.json", "2026-03-06T00:00:00Z", "10-2"),
        head("sync-11.json", "20260306T000000Z", "11"),
        head("sync-12.json", "20260306T000000Z", "11"),
        head("sync-1.json", "2026-03-06T00:00:01Z", "1"),
    ];
    for pair in ordered.windows(2) {
        assert_eq!(pair[0].age_order(&pair[1]), Ordering::Less, "{} before {}", pair[0].file, pair[1].file);
        assert_eq!(pair[1].age_order(&pair[0]), Ordering::Greater);
    }
}

/// Every telemetry file of the real branches is read or named with the reason; none is passed over.
#[test]
fn the_corpus_is_read_or_named() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let mut counts = std::collections::BTreeMap::new();
    for tree in ["saas-app-gh-pages-2025-12-05-old-names", "saas-app-gh-pages-2025-12-06"] {
        for folder in ["telemetry", "activity"] {
            let Ok(entries) = std::fs::read_dir(corpus.join(tree).join(folder)) else { continue };
            let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            paths.sort();
            for path in paths {
                let name = format!("{folder}/{}", path.file_name().expect("a name").to_string_lossy());
                let bytes = std::fs::read(&path).expect("a file");
                let outcome = match read(&name, &bytes) {
                    Ok(parts) => {
                        assert!(parts.iter().all(|part| part.head.time.is_some()), "{name} is dated");
                        "read"
                    }
                    Err(fault) => {
                        assert_eq!(
                            (fault.line, fault.why.as_str()),
                            (Some(4), "is not JSON: expected value"),
                            "{name}"
                        );
                        "malformed"
                    }
                };
                *counts.entry((tree, outcome)).or_insert(0) += 1;
            }
        }
    }
    if corpus.join("saas-app-gh-pages-2025-12-06").is_dir() {
        let counts: Vec<_> = counts.into_iter().map(|((tree, outcome), count)| (&tree[18..], outcome, count)).collect();
        assert_eq!(
            counts,
            [
                ("2025-12-05-old-names", "malformed", 8),
                ("2025-12-05-old-names", "read", 10),
                ("2025-12-06", "read", 39)
            ]
        );
    }
}
