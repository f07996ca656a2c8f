//! One repository during a run: what is known of it, its rules, its book, and what has to be said about it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::is_repository;
use super::lists::List;
use super::shelf::Shelf;
use crate::hub::Hub;
use crate::hub::api::repo_path;
use crate::hub::graph::Project;
use crate::model::track::book::Book;
use crate::model::track::label::Label;
use crate::model::track::rules::{Milestones, Rules};
use crate::model::track::settings::{ALL, Settings};
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
    /// Whether the owner is an organisation; none if the server did not say.
    pub is_organisation: Option<bool>,
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
            is_organisation: None,
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

    /// Reads what the repository is: name, id, rights.
    pub fn identify(&mut self, hub: &mut Hub) {
        match hub.object(&repo_path(&self.name), true) {
            Ok((said, answer)) => self.take_repository(&said, answer.scopes),
            Err(error) => {
                return self.error("repository_unreadable", format!("{}: {error}", self.name));
            }
        }
        if let Some(skew) = hub.skew()
            && skew.abs() > 300
        {
            self.warn("clock_skew", format!("the server's clock is {skew} s ahead of this machine's"));
        }
    }

    /// Reads what the rules need of the repository: variables, labels, milestones, project.
    pub fn look(&mut self, hub: &mut Hub, variables: &Variables) {
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
        self.is_organisation = said["owner"]["type"].as_str().map(|kind| kind == "Organization");
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
        let own = match self.listed(hub, List::Variables) {
            Ok((rows, _)) => rows.into_iter().collect(),
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

    fn read_labels(&mut self, hub: &mut Hub) {
        match self.listed(hub, List::Labels) {
            Ok((rows, _)) => {
                let meant = rows.iter().flat_map(|(name, _)| Label::named(name, None).map(move |label| (label, name)));
                self.labels = Some(meant.map(|(label, name)| (label, name.clone())).collect());
            }
            Err(error) => self.warn("labels_unreadable", format!("the labels could not be listed: {error}")),
        }
    }

    fn read_milestones(&mut self, hub: &mut Hub) {
        let (rows, whole) = match self.listed(hub, List::Milestones) {
            Ok((rows, whole)) => (rows, whole),
            Err(error) => {
                self.warn("milestones_unreadable", format!("the milestones could not be listed: {error}"));
                (Vec::new(), false)
            }
        };
        let pairs = rows.into_iter().filter_map(|(number, title)| Some((number.parse().ok()?, title)));
        // A milestone that cannot be read is still there: then none can be called deleted.
        let known: BTreeMap<u64, String> = pairs.collect();
        // A number in the environment is meant for the home repository: elsewhere it is somebody else's milestone.
        let (milestones, notes) = Milestones::resolve(&known, whole, &self.settings.milestones, self.is_home);
        for note in notes {
            self.warn(&note.code, note.message);
        }
        self.rules.milestones = milestones;
        self.rules.keep_track = self.settings.keep_track;
    }
}
