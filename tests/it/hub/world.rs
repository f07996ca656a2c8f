//! What the server of the tests knows: a repository, its issues, a project; and what was done to it, as its own log says.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

/// The token that the server accepts.
pub const TOKEN: &str = "ghp_thisIsTheSecretOfTheTests42";

/// One of the kind that is limited to an owner's repositories.
pub const FINE: &str = "github_pat_theSecretOfTheTests42";

/// How an issue is damaged on its way out.
pub type Mangle = fn(&mut Value);

/// One repository and all that belongs to it.
#[derive(Default)]
pub struct World {
    pub name: String,
    pub id: u64,
    pub push: bool,
    pub issues: BTreeMap<u64, Value>,
    /// How issues are damaged on their way out: in lists, and also on their own when true.
    pub mangled: BTreeMap<u64, (Mangle, bool)>,
    /// Issues that were moved to another repository.
    pub transferred: BTreeSet<u64>,
    pub labels: Vec<String>,
    pub milestones: Vec<(u64, String)>,
    pub variables: BTreeMap<String, String>,
    pub cards: BTreeSet<u64>,
    /// Cards that are archived.
    pub archived: BTreeSet<u64>,
    /// The owner is a user, no organisation.
    pub of_user: bool,
    /// A card is not made, whatever the answer says.
    pub loses_cards: bool,
    /// Timelines.
    pub events: BTreeMap<u64, Vec<Value>>,
    /// What was done, in order.
    pub effects: Vec<String>,
    /// What was asked, in order: method and path with query.
    pub asked: Vec<String>,
    /// Seconds by which the server's clock is ahead.
    pub ahead: i64,
    /// Answers that said that nothing changed.
    pub not_modified: usize,
    /// Labels and milestones are dropped silently.
    pub drops: bool,
    /// Issues added by others, not yet seen in lists.
    pub lag: BTreeSet<u64>,
}

pub fn ago(days: i64) -> String {
    (Utc::now() - Duration::days(days)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

impl World {
    /// A repository as the pipeline wants it, without issues.
    pub fn new(name: &str) -> World {
        let milestones = [(1, "Sprint 9"), (2, "Dashboard 2"), (3, "Release 1"), (6, "Codex Internal")];
        let variables = [
            ("CODEX_MAIN_MILESTONE", "Sprint 9"),
            ("CODEX_DASHBOARD_MILESTONE", "2"),
            ("CODEX_SELFTEST_MILESTONE", "codex internal"),
            ("CODEX_MAIN_STALE_DAYS", "7"),
            ("CODEX_MAIN_ESCALATION_DAYS", "21"),
            ("CODEX_DASHBOARD_STALE_DAYS", "5"),
            ("CODEX_DASHBOARD_ESCALATION_DAYS", "10"),
        ];
        World {
            name: name.to_owned(),
            id: 70001,
            push: true,
            labels: ["Codex", "codex-trackmain", "codex-trackdashboard", "codex-selftest", "bug", "blocked"]
                .map(str::to_owned)
                .into(),
            milestones: milestones.map(|(number, title)| (number, title.to_owned())).into(),
            variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            ..World::default()
        }
    }

    /// Adds an issue and returns its number.
    pub fn add(&mut self, title: &str, labels: &[&str], milestone: Option<u64>, age: i64) -> u64 {
        let number = self.issues.keys().next_back().copied().unwrap_or(0) + 1;
        let at = ago(age);
        self.issues.insert(
            number,
            json!({
                "number": number, "node_id": format!("I_{}_{number}", self.id), "title": title, "state": "open", "body": "…",
                "labels": labels.iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
                "milestone": milestone.map(|number| json!({"number": number, "title": "…"})),
                "created_at": at, "updated_at": at, "user": {"login": "someone"},
            }),
        );
        number
    }

    /// Changes a field of an issue, as a person would.
    pub fn set(&mut self, number: u64, field: &str, value: Value) {
        let issue = self.issues.get_mut(&number).expect("an issue");
        issue[field] = value;
    }

    /// Names of an issue's labels.
    pub fn labels_of(&self, number: u64) -> BTreeSet<String> {
        let labels = self.issues[&number]["labels"].as_array().cloned().unwrap_or_default();
        labels.iter().filter_map(|label| label["name"].as_str().map(str::to_owned)).collect()
    }

    fn now(&self) -> String {
        (Utc::now() + Duration::seconds(self.ahead)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    fn event(&mut self, number: u64, event: &str, label: Option<&str>) {
        let event = json!({"event": event, "created_at": self.now(), "label": {"name": label}});
        self.events.entry(number).or_default().push(event);
    }

    fn touch(&mut self, number: u64) {
        let now = self.now();
        self.set(number, "updated_at", json!(now));
    }

    /// The issue as the server shows it.
    pub fn shown(&self, number: u64, in_list: bool) -> Value {
        let mut issue = self.issues[&number].clone();
        if let Some((mangle, everywhere)) = self.mangled.get(&number)
            && (in_list || *everywhere)
        {
            mangle(&mut issue);
        }
        issue
    }

    /// Issues that a list shows, in its order.
    pub fn list(&self, query: &BTreeMap<String, String>) -> Vec<u64> {
        let get = |key: &str| query.get(key).map(String::as_str).unwrap_or_default();
        let since = DateTime::parse_from_rfc3339(get("since")).ok();
        let time =
            |issue: &Value, field: &str| issue[field].as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        let mut found: Vec<(Option<DateTime<chrono::FixedOffset>>, u64)> = self
            .issues
            .iter()
            .filter(|(number, _)| !self.transferred.contains(number) && !self.lag.contains(number))
            .filter(|(_, issue)| get("state") == "all" || issue["state"] == "open")
            .filter(|(_, issue)| since.is_none() || time(issue, "updated_at") >= since)
            .map(|(number, issue)| {
                let field = if get("sort") == "updated" { "updated_at" } else { "created_at" };
                // Oldest first is the order of the numbers here.
                (if get("sort") == "updated" { time(issue, field) } else { None }, *number)
            })
            .collect();
        found.sort();
        if get("direction") != "asc" {
            found.reverse();
        }
        found.into_iter().map(|(_, number)| number).collect()
    }

    pub fn open_count(&self) -> usize {
        let counts = |(number, issue): &(&u64, &Value)| issue["state"] == "open" && !self.transferred.contains(number);
        self.issues.iter().filter(counts).count()
    }

    pub fn add_labels(&mut self, number: u64, names: &[String]) {
        if self.drops {
            return;
        }
        for name in names {
            let has = self.labels_of(number).iter().any(|one| one.eq_ignore_ascii_case(name));
            if !has {
                let issue = self.issues.get_mut(&number).expect("an issue");
                if !issue["labels"].is_array() {
                    issue["labels"] = json!([]);
                }
                issue["labels"].as_array_mut().expect("a list").push(json!({"name": name}));
                self.effects.push(format!("{number} +{}", name.to_lowercase()));
                self.event(number, "labeled", Some(name));
            }
        }
        self.touch(number);
    }

    pub fn remove_label(&mut self, number: u64, name: &str) -> bool {
        let before = self.labels_of(number).len();
        let issue = self.issues.get_mut(&number).expect("an issue");
        let labels = issue["labels"].as_array_mut().expect("a list");
        labels.retain(|label| !label["name"].as_str().is_some_and(|one| one.eq_ignore_ascii_case(name)));
        let removed = self.labels_of(number).len() < before;
        if removed {
            self.effects.push(format!("{number} -{}", name.to_lowercase()));
            self.event(number, "unlabeled", Some(name));
            self.touch(number);
        }
        removed
    }

    pub fn patch(&mut self, number: u64, body: &Value) {
        if let Some(milestone) = body["milestone"].as_u64()
            && !self.drops
        {
            self.set(number, "milestone", json!({"number": milestone, "title": "…"}));
            self.effects.push(format!("{number} milestone {milestone}"));
            self.event(number, "milestoned", None);
        }
        if body["state"] == "closed" {
            self.set(number, "state", json!("closed"));
            self.effects.push(format!("{number} closed"));
            self.event(number, "closed", None);
        }
        self.touch(number);
    }

    pub fn card(&mut self, number: u64) {
        if !self.loses_cards && self.cards.insert(number) {
            self.effects.push(format!("{number} card"));
        }
    }

    pub fn create(&mut self, body: &Value) -> u64 {
        let labels: Vec<&str> = match self.drops {
            true => Vec::new(),
            false => body["labels"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        };
        let milestone = body["milestone"].as_u64().filter(|_| !self.drops);
        let number = self.add(body["title"].as_str().unwrap_or_default(), &labels, milestone, 0);
        self.set(number, "body", body["body"].clone());
        self.touch(number);
        self.effects.push(format!("{number} created"));
        number
    }
}
