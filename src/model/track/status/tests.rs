//! A repository's state from a few records, and why its issues are as they are.

use super::*;
use crate::model::track::explain::{ago, explain};
use crate::model::track::read::{instant, read};

fn records(files: &[(&str, &str)]) -> Vec<Telemetry> {
    files.iter().flat_map(|(file, text)| read(file, text.as_bytes()).expect("a record")).collect()
}

const SUPERVISOR: &str = r#"{"component":"supervisor","timestamp":"2026-03-02T00:00:00Z","repository":"acme/widgets","tracks":{
 "main":{"milestone":"Sprint 9","open":5,"healthy":3,"problems":{"stale":2,"missing_codex":1},"health":"degraded","issues":[{"number":31,"problems":["stale"]},{"number":"x"}]},
 "dashboard":{"open":"many"}},"untracked":[7]}"#;

const OLDER: &str = r#"{"component":"supervisor","timestamp":"2026-03-01T00:00:00Z","tracks":{"main":{"open":5,"problems":{"stale":1}}}}"#;

const ACTIVITY: &str = r#"{"component":"activity","timestamp":"2026-03-02T00:10:00Z","main":[{"number":45,"status":"active","age_days":2},
 {"number":31,"status":"stale","age_days":9,"basis":"human"},"?",{"number":46,"status":"active","age_days":3}],"dashboard":[],"thresholds":{"main":{"stale_days":7,"escalation_days":14}}}"#;

const SYNC: &str = r#"{"schema":1,"component":"sync","status":"warning","timestamp":"2026-03-02T00:05:00Z","run_id":"2079","complete":true,
 "api":{"requests":41,"remaining":4959},"warnings":[{"code":"threshold_missing","message":"m"}],
 "corrections":{"codex_label":1},"details":[{"number":31,"changes":["add_codex_label","remove:codex-trackmain"]}],"deferred":[103],
 "failed":[{"number":77,"error":"422"}],"integrity":{"scanned":9,"malformed":[{"number":12,"reason":"missing labels[]","code":"labels_missing"}]}}"#;

fn repo() -> Repo {
    let all = records(&[
        ("telemetry/sync-2079.json", SYNC),
        ("telemetry/supervisor-2079.json", SUPERVISOR),
        ("telemetry/supervisor-2070.json", OLDER),
        ("telemetry/activity-2079.json", ACTIVITY),
        (
            "telemetry/cleaner-2079.json",
            r#"{"component":"cleaner","timestamp":"2026-03-02T00:01:00Z","run_id":"2079","issues_closed":[9]}"#,
        ),
    ]);
    let heads = all.iter().map(|part| part.head.clone()).collect();
    let one = |file: &str| all.iter().filter(|part| part.head.file == file).cloned().collect();
    let shelf = Shelf::fill(heads, Vec::new(), None, |file| Ok(std::sync::Arc::new(one(file))));
    Repo::of(&shelf, &all)
}

#[test]
fn what_the_records_say() {
    let repo = repo();
    let now = instant("2026-03-02T12:00:00Z").expect("a time");
    let parts: Vec<String> = repo
        .components
        .iter()
        .map(|part| {
            let age = part.age_hours(now).map_or_else(|| "never".to_owned(), ago);
            format!("{} {age} silent={} {}", part.component.name(), part.is_silent(now), part.summary)
        })
        .collect();
    assert_eq!(
        parts,
        [
            "supervisor 12.0 h silent=false a record of an older tool",
            "cleaner 12.0 h silent=false 1 closed, 0 files pruned",
            "selftest never silent=true has never said anything",
            "sync 11.9 h silent=false 1 issue repaired, 1 deferred, 1 failed",
            "activity 11.8 h silent=false 3 main, 0 dashboard",
            "diagnostics never silent=true has never said anything",
        ]
    );
    let main = &repo.tracks[0];
    assert_eq!(repo.name.as_deref(), Some("acme/widgets"));
    assert_eq!(main.issues.iter().map(|issue| issue.number).collect::<Vec<_>>(), [31, 46, 45]);
    assert_eq!((main.count(Freshness::Stale), main.limits.stale_days, main.health()), (1, Some(7), Health::Degraded));
    assert_eq!(main.history.iter().map(|(_, total)| *total).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(repo.tracks[1].track, None, "a damaged track is no track");
    assert_eq!((repo.scanned, repo.deferred.as_slice(), repo.untracked.as_slice()), (Some(9), &[103][..], &[7][..]));
    assert_eq!(repo.issues(), [7, 9, 12, 31, 45, 46, 77, 103]);
}

#[test]
fn every_issue_explains_itself() {
    let repo = repo();
    let check = |number: u64, want: &[&str]| {
        let said: Vec<String> = explain(&repo, number)
            .into_iter()
            .map(|reason| format!("{} | {} | {}", reason.what, reason.rule, reason.file.unwrap_or_default()))
            .collect();
        assert_eq!(said, want, "#{number}");
    };
    check(
        31,
        &[
            "stale on the main track: nobody has done anything about it for 9 days | at or above CODEX_MAIN_STALE_DAYS, 7; only what people do counts, repairs by the pipeline do not | telemetry/activity-2079.json",
            "the supervisor counts it on the main track as stale | nobody has done anything for as long as the track's STALE limit, or longer | telemetry/supervisor-2079.json",
            "2026-03-02T00:05:00Z, run 2079: added the label codex | every managed issue carries the label codex | telemetry/sync-2079.json",
            "2026-03-02T00:05:00Z, run 2079: removed the label codex-trackmain | an issue is on one track only, and its title decides on which | telemetry/sync-2079.json",
        ],
    );
    check(
        12,
        &[
            "it is malformed: missing labels[] (labels_missing) | what is malformed is reported, and repaired only by adding | telemetry/sync-2079.json",
        ],
    );
    check(
        9,
        &[
            "2026-03-02T00:01:00Z, run 2079: closed it | a self-test issue is closed when it is neither among the newest nor young enough to be kept | telemetry/cleaner-2079.json",
        ],
    );
    check(
        103,
        &[
            "its repair waits for the next run | a run has a budget of writes and seconds; what is left over comes first in the next one | telemetry/sync-2079.json",
        ],
    );
    check(99, &[]);
}
