//! The configuration in force: where its layers come from, and what is wrong with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Workbench;
use crate::doc::{DocId, Severity};
use crate::model::finding::Finding;
use crate::model::query::{FieldName, Query};
use crate::model::task::query::BOARD_FIELDS;
use crate::store::read_user_file;
use crate::workspace::config::{self, Config, Layer, Place, Problem, Reading, Setting, Source};

/// What the operator brings along to every workspace.
#[derive(Debug, Clone, Default)]
pub struct Personal {
    /// The user file; none where there is no place for one.
    pub file: Option<PathBuf>,
    /// Whether the file was named on purpose, so that it has to be there.
    pub is_named: bool,
    /// What environment and flags say, the last one winning.
    pub over: Vec<Layer>,
}

/// What is known about the configuration besides what it says.
#[derive(Debug, Default)]
pub(super) struct Configured {
    personal: Personal,
    settings: Vec<Setting>,
    problems: Vec<Problem>,
}

impl Configured {
    pub(super) fn new(personal: Personal) -> Configured {
        Configured { personal, ..Configured::default() }
    }
}

impl Workbench {
    /// The files that may hold configuration: whose, the path as shown, and whether it is there.
    pub fn configuration_files(&self) -> Vec<(Source, bool)> {
        let user = self.configured.personal.file.as_ref();
        let user = user.map(|path| (Source::User(path.display().to_string()), path.is_file()));
        let own = (Source::Workspace, self.view.root.join(config::FILE_NAME).is_file());
        user.into_iter().chain([own]).collect()
    }

    /// Every key with the value in force and where it comes from; the defaults in their order come first.
    pub fn settings(&self) -> &[Setting] {
        &self.configured.settings
    }

    /// Where the value in force of a key comes from.
    pub fn place_of_setting(&self, key: &str) -> Option<&Place> {
        self.configured.settings.iter().find(|setting| setting.key == key).map(|setting| &setting.place)
    }

    /// Reads the layers of the configuration again.
    pub(super) fn read_config(&mut self) {
        let mut problems = Vec::new();
        let layers: Vec<Layer> =
            self.user_layer(&mut problems).into_iter().chain(self.own_layer(&mut problems)).collect();
        let Reading { config, settings, problems: more } =
            Config::read(&[layers, self.configured.personal.over.clone()].concat());
        if config != *self.view.config {
            // Other columns or states: the same documents mean other tasks.
            self.view.tasks = Arc::default();
        }
        self.view.config = Arc::new(config);
        self.configured.settings = settings;
        self.configured.problems = problems.into_iter().chain(more).collect();
    }

    /// Where the user file is, or would be.
    pub(super) fn user_file(&self) -> Option<&Path> {
        self.configured.personal.file.as_deref()
    }

    /// Reads the user file again, and everything when it says something else now.
    pub(super) fn refresh_user_file(&mut self) {
        let (settings, problems) = (self.configured.settings.clone(), self.configured.problems.clone());
        self.read_config();
        if (settings, problems) != (self.configured.settings.clone(), self.configured.problems.clone()) {
            self.load_all();
        }
    }

    fn user_layer(&self, problems: &mut Vec<Problem>) -> Option<Layer> {
        let Personal { file, is_named, .. } = &self.configured.personal;
        let path = file.as_ref()?;
        let source = Source::User(path.display().to_string());
        let mut unread = |message: String, advice: &str| {
            let place = Place { source: source.clone(), line: 1 };
            problems.push(Problem { place, message, advice: advice.to_owned(), blinds: false });
            None
        };
        match read_user_file(path) {
            Ok(Some(text)) => Some(Layer { source: source.clone(), text }),
            Ok(None) if *is_named => unread("there is no such file".to_owned(), "mend CODEX_TUI_CONFIG, or unset it"),
            Ok(None) => None,
            Err(error) => unread(error.to_string(), "the user file was left out, everything else counts"),
        }
    }

    fn own_layer(&self, problems: &mut Vec<Problem>) -> Option<Layer> {
        let id = DocId::new(config::FILE_NAME).ok()?;
        match self.store.load(&id) {
            Ok(doc) => doc.map(|doc| Layer::workspace(&String::from_utf8_lossy(doc.bytes()))),
            Err(error) => {
                let place = Place { source: Source::Workspace, line: 1 };
                let message = error.why_of(&self.view.root.join(config::FILE_NAME));
                let advice = format!("{}; the defaults are used until it can be read", error.mend());
                problems.push(Problem { place, message, advice, blinds: true });
                None
            }
        }
    }

    /// What is wrong with the configuration.
    pub(super) fn config_problems(&self) -> &[Problem] {
        &self.configured.problems
    }

    /// What is wrong with the configuration, as findings; saved views that the board cannot read among them.
    pub(super) fn config_findings(&self) -> Vec<Finding> {
        let problems = self.configured.problems.iter().map(|problem| {
            let severity = if problem.blinds { Severity::Error } else { Severity::Warning };
            config_finding(severity, Some(&problem.place), &problem.message).advise(problem.advice.clone())
        });
        problems.chain(self.view_findings(Config::BOARD, BOARD_FIELDS)).collect()
    }

    /// Terms of a list's saved views that mean nothing there; `fields` are what its filter can ask.
    pub fn view_findings(&self, list: &str, fields: &[FieldName]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (name, text) in self.view.config.views_of(list) {
            let keys = [format!("views.{list}/{name}"), format!("views.{name}")];
            let Some(key) = keys.iter().find(|key| self.place_of_setting(key).is_some()) else { continue };
            let said = |problem: &String| {
                config_finding(Severity::Note, self.place_of_setting(key), &format!("`{key}`: {problem}"))
            };
            findings.extend(Query::parse(text, fields).problems().iter().map(said));
        }
        findings
    }
}

/// A finding about the configuration at this place.
pub fn config_finding(severity: Severity, place: Option<&Place>, message: &str) -> Finding {
    match place.map(|place| (place, place.source.file())) {
        Some((place, Some(file))) => Finding::new("config", severity, message.to_owned()).at(file, place.line),
        Some((place, None)) => Finding::new("config", severity, format!("{place}: {message}")),
        None => Finding::new("config", severity, message.to_owned()),
    }
}
