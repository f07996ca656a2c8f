//! Every record in full: names, order and bytes are a promise to whoever reads the files.

use serde_json::Value;

use super::*;

fn envelope() -> Envelope {
    let at = DateTime::parse_from_rfc3339("2026-11-21T03:40:00+01:00").expect("a time").to_utc();
    let api = Api { requests: 41, not_modified: 30, writes: 7, remaining: Some(4959), ..Api::default() };
    Envelope {
        run_number: Some("812".to_owned()),
        repository_id: Some(70001),
        duration_ms: 5120,
        api,
        warnings: vec![Note::new("threshold_missing", "CODEX_MAIN_STALE_DAYS is not set")],
        ..Envelope::new(Component::Sync, at, "2079", "acme/widgets")
    }
}

#[test]
fn a_record_is_the_envelope_and_then_the_body() {
    let body = Sync {
        scanned: 900,
        details: vec![Detail { number: 88, changes: vec!["milestone".to_owned(), "codex-trackmain".to_owned()] }],
        deferred: vec![103],
        ..Sync::default()
    };
    let record = Record::new(envelope(), body);
    let text = String::from_utf8(record.to_json()).expect("text");
    let want = r#"{
  "schema": 1,
  "component": "sync",
  "status": "ok",
  "timestamp": "2026-11-21T02:40:00Z",
  "run_id": "2079",
  "run_number": "812",
  "repository": "acme/widgets",
  "repository_id": 70001,
  "complete": true,
  "dry_run": false,
  "duration_ms": 5120,
  "api": {
    "requests": 41,
    "not_modified": 30,
    "writes": 7,
    "graphql_points": 0,
    "retries": 0,
    "waited_ms": 0,
    "remaining": 4959
  },
  "warnings": [
    {"code":"threshold_missing","message":"CODEX_MAIN_STALE_DAYS is not set"}
  ],
  "errors": [],
  "scanned": 900,
  "excluded": 0,
  "corrections": {
    "codex_label": 0,
    "track_main": 0,
    "track_dashboard": 0,
    "project_adjustments": 0,
    "milestone": 0,
    "track_removed": 0
  },
  "details": [
    {"number":88,"changes":["milestone","codex-trackmain"]}
  ],
  "deferred": [
    103
  ],
  "failed": [],
  "integrity": {
    "scanned": 0,
    "malformed": []
  }
}
"#;
    assert_eq!(text, want);
    assert_eq!(serde_json::from_str::<Record<Sync>>(&text).expect("our own form"), record);
    assert_eq!(record.file_name(), "sync-2079.json");
}

#[test]
fn each_body_has_its_fields_in_order() {
    fn check<B: Body>(name: &str, fields: &[&str]) {
        let value: Value = serde_json::from_slice(&Record::new(envelope(), B::default()).to_json()).expect("JSON");
        let keys: Vec<&str> = value.as_object().expect("an object").keys().skip(14).map(String::as_str).collect();
        assert_eq!((value["component"].as_str(), keys.as_slice()), (Some(name), fields));
    }
    check::<Selftest>("selftest", &["issue", "milestone", "milestone_title", "checks"]);
    check::<Cleaner>("cleaner", &["issues_closed", "retained", "telemetry_pruned_count", "undated"]);
    check::<Sync>("sync", &["scanned", "excluded", "corrections", "details", "deferred", "failed", "integrity"]);
    check::<Supervisor>("supervisor", &["tracks", "untracked"]);
    check::<Activity>("activity", &["main", "dashboard", "thresholds"]);
    check::<Diagnostics>(
        "diagnostics",
        &["checks", "missing_labels", "missing_variables", "milestones", "project", "gh_pages", "config_error"],
    );
}

#[test]
fn components_and_their_names() {
    let check = |word: &str, want: Option<Component>| assert_eq!(Component::of_alias(word), want, "{word}");
    for component in Component::ALL {
        check(component.name(), Some(component));
        check(component.prefix(), Some(component));
    }
    check("activity-engine", Some(Component::Activity));
    check("project-sync", Some(Component::Sync));
    check("projectsync", Some(Component::Sync));
    check(" Self_Test ", Some(Component::Selftest));
    check("dashboard", None);
    check("", None);
    assert_eq!(Component::Selftest.file_name("20261121T024000Z-77"), "self-test-20261121T024000Z-77.json");
    assert_eq!(Component::Sync.file_name("../a:b"), "sync-..-a-b.json");
}

#[test]
fn empty_things_stay_on_their_line() {
    let check = |value: Value, want: &str| assert_eq!(String::from_utf8_lossy(&to_json(&value)), want);
    check(serde_json::json!({}), "{}\n");
    check(
        serde_json::json!({"a": [], "b": {"c": {}}, "d": [[1, 2], {"e": [{"f": 1}]}]}),
        concat!(
            "{\n  \"a\": [],\n  \"b\": {\n    \"c\": {}\n  },\n",
            "  \"d\": [\n    [1,2],\n    {\"e\":[{\"f\":1}]}\n  ]\n}\n"
        ),
    );
    check(Value::Null, "null\n");
}
