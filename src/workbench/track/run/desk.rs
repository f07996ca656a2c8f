//! One repository during a run: what is known of it, its rules, its book, and what has to be said about it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::is_repository;
use super::shelf::Shelf;
use crate::hub::api::repo_path;
use crate::hub::graph::Project;
use crate::hub::{Hub, HubError};
use crate::model::track::book::Book;
use crate::model::track::label::Label;
use crate::model::track::rules::{Milestones, Rules};
use crate::model::track::settings::{ALL, PROJECT_TITLE, ProjectRef, Settings};
use crate::model::track::telemetry::Note;

/// Where variables come from.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    /// Of the environment, those of [`ALL`] that are set.
    pub environment: BTreeMap<String, String>,
}

impl Variables {
    /// Those that are set in the environment now.
    pub fn of_environment() -> Variables {
        let set = ALL.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
        Variables { environment: set.collect() }
    }
}

/// One repository during a run.
pub struct Desk {
    /// `owner/name`: as asked for, then as the server spells it.
    pub name: String,
    /// Whether its telemetry lies in `telemetry/` itself.
    pub is_home: bool,
    /// The repository's id.
    pub id: Option<u64>,
    /// Whether the token may push; none if the server did not say.
    pub push: Option<bool>,
    /// Open issues and pull requests as the server counts them.
    pub open_count: Option<u64>,
    /// Scopes of the token, where the server says them.
    pub scopes: Option<String>,
    /// What the variables say.
    pub settings: Settings,
    /// The rules.
    pub rules: Rules,
    /// The names of labels as the repository spells them; none when they could not be listed.
    pub labels: Option<BTreeMap<Label, String>>,
    /// The project.
    pub project: Option<Project>,
    /// What is remembered.
    pub book: Book,
    /// Where that is kept.
    pub shelf: Shelf,
    /// Whether all issues were seen.
    pub complete: bool,
    /// When issues were read last, the server's time.
    pub read_at: i64,
    /// Things to be said in every record.
    pub warnings: Vec<Note>,
    /// Why nothing can be done here.
    pub errors: Vec<Note>,
    /// Issues that could not be changed, and why.
    pub failed: Vec<(u64, String)>,
    /// Issues that are left alone because what the list said of them could not be cleared up.
    pub held: BTreeSet<u64>,
    /// Refusals for lack of rights in a row.
    pub refusals: u32,
}

/// Refusals for lack of rights in a row after which nothing more is written in a repository.
pub const REFUSALS: u32 = 3;

impl Desk {
    /// A repository of which nothing is known yet.
    pub fn new(name: &str, is_home: bool, shelf: Shelf) -> Desk {
        Desk {
            name: name.to_owned(),
            is_home,
            id: None,
            push: None,
            open_count: None,
            scopes: None,
            settings: Settings::read(|_| None),
            rules: Rules::default(),
            labels: None,
            project: None,
            book: Book::default(),
            shelf,
            complete: false,
            read_at: 0,
            warnings: Vec::new(),
            errors: Vec::new(),
            failed: Vec::new(),
            held: BTreeSet::new(),
            refusals: 0,
        }
    }

    /// Whether its server answered at all.
    pub fn is_known(&self) -> bool {
        self.id.is_some()
    }

    /// Notes a warning once.
    pub fn warn(&mut self, code: &str, message: impl Into<String>) {
        let note = Note::new(code, message);
        if !self.warnings.contains(&note) {
            self.warnings.push(note);
        }
    }

    /// Notes an error once.
    pub fn error(&mut self, code: &str, message: impl Into<String>) {
        let note = Note::new(code, message);
        if !self.errors.contains(&note) {
            self.errors.push(note);
        }
    }

    /// How the repository spells a label.
    pub fn spelled(&self, label: Label) -> String {
        let own = self.labels.as_ref().and_then(|labels| labels.get(&label)).cloned();
        own.unwrap_or_else(|| label.name().to_owned())
    }

    /// Required labels that the repository does not have; empty when they could not be listed.
    pub fn missing_labels(&self) -> Vec<Label> {
        let lacks = |label: &Label| self.labels.as_ref().is_some_and(|labels| !labels.contains_key(label));
        Label::REQUIRED.into_iter().filter(lacks).collect()
    }

    /// Reads what the repository is: name, rights, labels, milestones, variables, project.
    pub fn look(&mut self, hub: &mut Hub, variables: &Variables) {
        match hub.object(&repo_path(&self.name), true) {
            Ok((said, answer)) => self.take_repository(&said, answer.scopes),
            Err(error) => {
                self.error("repository_unreadable", format!("{}: {error}", self.name));
                return;
            }
        }
        if let Some(skew) = hub.skew()
            && skew.abs() > 300
        {
            self.warn("clock_skew", format!("the server's clock is {skew} s ahead of this machine's"));
        }
        self.read_settings(hub, variables);
        self.read_labels(hub);
        self.read_milestones(hub);
        self.find_project(hub);
    }

    fn take_repository(&mut self, said: &Value, scopes: Option<String>) {
        if let Some(name) = said["full_name"].as_str().filter(|name| *name != self.name && is_repository(name)) {
            if !name.eq_ignore_ascii_case(&self.name) {
                self.warn("repository_renamed", format!("{} is called {name} now", self.name));
            }
            self.name = name.to_owned();
        }
        self.id = said["id"].as_u64();
        self.push = said["permissions"]["push"].as_bool();
        self.open_count = said["open_issues_count"].as_u64();
        self.scopes = scopes;
        if self.id.is_none() {
            self.error("repository_unreadable", format!("{}: the answer has no id", self.name));
        }
        if self.push == Some(false) {
            self.warn(
                "no_push_right",
                "the token may not push here: the server would drop labels and milestones silently",
            );
        }
    }

    /// The server's count of open issues, read again.
    pub fn count_again(&mut self, hub: &mut Hub) {
        if let Ok((said, _)) = hub.object(&repo_path(&self.name), true) {
            self.open_count = said["open_issues_count"].as_u64();
        }
    }

    fn read_settings(&mut self, hub: &mut Hub, variables: &Variables) {
        let own = match self.read_variables(hub) {
            Ok(own) => own,
            Err(error) => {
                self.warn("variables_unreadable", format!("the repository's variables could not be read: {error}"));
                BTreeMap::new()
            }
        };
        let environment = &variables.environment;
        let is_home = self.is_home;
        self.settings = Settings::read(|name| {
            let filled = |of: &BTreeMap<String, String>| of.get(name).filter(|value| !value.trim().is_empty()).cloned();
            // The environment speaks of the home repository first.
            if is_home {
                filled(environment).or_else(|| filled(&own))
            } else {
                filled(&own).or_else(|| filled(environment))
            }
        });
        for note in self.settings.warnings.clone() {
            self.warn(&note.code, note.message);
        }
    }

    fn read_variables(&self, hub: &mut Hub) -> Result<BTreeMap<String, String>, HubError> {
        let mut found = BTreeMap::new();
        for page in 1..=20 {
            let path = format!("{}/actions/variables?per_page=30&page={page}", repo_path(&self.name));
            let (said, _) = hub.object(&path, true)?;
            let list = said["variables"].as_array().cloned().unwrap_or_default();
            for one in &list {
                if let (Some(name), Some(value)) = (one["name"].as_str(), one["value"].as_str()) {
                    found.insert(name.to_ascii_uppercase(), value.to_owned());
                }
            }
            if list.is_empty() || said["total_count"].as_u64().is_none_or(|total| page * 30 >= total) {
                break;
            }
        }
        Ok(found)
    }

    fn read_labels(&mut self, hub: &mut Hub) {
        match hub.all(&format!("{}/labels?per_page=100", repo_path(&self.name))) {
            Ok(list) => {
                let names = list.iter().filter_map(|label| label["name"].as_str());
                let meant = names.flat_map(|name| Label::named(name, None).map(move |label| (label, name.to_owned())));
                self.labels = Some(meant.collect());
            }
            Err(error) => self.warn("labels_unreadable", format!("the labels could not be listed: {error}")),
        }
    }

    fn read_milestones(&mut self, hub: &mut Hub) {
        let listed = hub.all(&format!("{}/milestones?state=all&per_page=100", repo_path(&self.name)));
        let (list, whole) = match listed {
            Ok(list) => (list, true),
            Err(error) => {
                self.warn("milestones_unreadable", format!("the milestones could not be listed: {error}"));
                (Vec::new(), false)
            }
        };
        let pairs = list.iter().filter_map(|one| Some((one["number"].as_u64()?, one["title"].as_str()?.to_owned())));
        let known: BTreeMap<u64, String> = pairs.collect();
        // A milestone that cannot be read is still there: then none can be called deleted.
        let whole = whole && known.len() == list.len();
        // A number in the environment is meant for the home repository: elsewhere it is somebody else's milestone.
        let (milestones, notes) = Milestones::resolve(&known, whole, &self.settings.milestones, self.is_home);
        for note in notes {
            self.warn(&note.code, note.message);
        }
        self.rules.milestones = milestones;
        self.rules.keep_track = self.settings.keep_track;
    }

    fn find_project(&mut self, hub: &mut Hub) {
        let owner = self.name.split('/').next().unwrap_or_default().to_owned();
        let found = match self.settings.project.clone() {
            ProjectRef::Id(id) => hub.project_by_id(&id).map(|one| one.into_iter().collect()),
            ProjectRef::At { owner, number } => {
                hub.project_by_number(&owner, number).map(|one| one.into_iter().collect())
            }
            ProjectRef::Number(number) => hub.project_by_number(&owner, number).map(|one| one.into_iter().collect()),
            ProjectRef::Title => hub
                .projects_titled(&owner, PROJECT_TITLE)
                .map(|all| all.into_iter().filter(|project| project.title == PROJECT_TITLE).collect::<Vec<_>>()),
        };
        let mut open: Vec<Project> = match found {
            Ok(found) => found.into_iter().filter(|project| !project.closed).collect(),
            Err(error) => {
                let hint = "a fine-grained token cannot reach a user's project";
                self.warn("project_unreadable", format!("the project could not be looked up: {error} ({hint})"));
                return;
            }
        };
        open.sort_by_key(|project| project.number);
        if open.len() > 1 {
            let numbers: Vec<String> = open.iter().map(|project| project.number.to_string()).collect();
            self.warn(
                "project_ambiguous",
                format!("projects {} have that title; the last is used", numbers.join(", ")),
            );
        }
        self.project = open.pop();
        if self.project.is_none() {
            self.warn("project_missing", "there is no such open project: no cards are added");
        }
        self.rules.has_project = self.project.is_some();
    }
}
