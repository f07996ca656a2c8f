//! Diagnostics: whether what the workflows need is there. Reads only; every check stands alone.

use super::desk::Desk;
use super::selftest::Outcome;
use crate::hub::api::repo_path;
use crate::hub::{Hub, HubError};
use crate::model::track::rules::Which;
use crate::model::track::settings::REQUIRED;
use crate::model::track::telemetry::{Check, Diagnostics, GhPages, Milestones, Note, Project};
use crate::store::Store;
use crate::workspace::Pattern;

impl Desk {
    /// Checks everything.
    pub fn diagnose(&mut self, hub: &mut Hub, store: &Store) -> Outcome<Diagnostics> {
        let mut outcome = Outcome::of(Diagnostics::default());
        let body = &mut outcome.body;
        let mut check = |name: String, ok: bool, message: Option<String>| {
            body.checks.push(Check { name, ok, message: message.filter(|_| !ok) });
        };
        check("repository".to_owned(), self.is_known(), Some("it could not be read".to_owned()));
        check("push_right".to_owned(), self.push != Some(false), Some("the token may not push".to_owned()));
        if let Some(scopes) = &self.scopes {
            let has = |wanted: &[&str]| scopes.split(',').any(|scope| wanted.contains(&scope.trim()));
            let said = || Some(format!("the token's scopes are: {scopes}"));
            check("scope:repo".to_owned(), has(&["repo", "public_repo"]), said());
            check("scope:project".to_owned(), has(&["project"]), said());
        }
        let missing = self.missing_labels();
        for label in crate::model::track::label::Label::REQUIRED {
            let ok = self.labels.is_some() && !missing.contains(&label);
            let why = if self.labels.is_some() { "there is no such label" } else { "the labels could not be listed" };
            check(format!("label:{}", label.name()), ok, Some(why.to_owned()));
        }
        for name in REQUIRED {
            let ok = !self.settings.missing.iter().any(|missing| missing == name);
            check(format!("variable:{name}"), ok, Some("it is not set".to_owned()));
        }
        let main = self.rules.milestone(Which::Main).cloned();
        let dashboard = self.rules.milestone(Which::Dashboard).cloned();
        let selftest = self.rules.milestones.selftest.clone();
        for (name, found) in [("main", &main), ("dashboard", &dashboard), ("selftest", &selftest)] {
            check(format!("milestone:{name}"), found.is_some(), Some("it could not be found".to_owned()));
        }
        let of_project = |note: &&Note| matches!(note.code.as_str(), "project_unreadable" | "project_missing");
        let why = self.warnings.iter().find(of_project).map(|note| note.message.clone());
        check("project".to_owned(), self.project.is_some(), why);
        let (pages, page_check) = self.gh_pages(hub, store);
        check("gh-pages".to_owned(), pages.dashboard_exists && pages.telemetry_exists, page_check);
        let published = hub.object(&format!("{}/pages", repo_path(&self.name)), true);
        let why = published.as_ref().err().map(HubError::to_string);
        check("pages".to_owned(), published.is_ok(), why);
        body.missing_labels = missing.iter().map(|label| label.name().to_owned()).collect();
        body.missing_variables = self.settings.missing.clone();
        let config_error = main.is_none() || dashboard.is_none() || selftest.is_none() || !self.is_known();
        body.milestones = Milestones {
            main: main.map(|named| named.title),
            dashboard: dashboard.map(|named| named.title),
            selftest: selftest.map(|named| named.title),
        };
        body.project =
            Project { exists: self.project.is_some(), number: self.project.as_ref().map(|project| project.number) };
        body.gh_pages = pages;
        body.config_error = config_error;
        let failed: Vec<String> =
            body.checks.iter().filter(|check| !check.ok).map(|check| check.name.clone()).collect();
        if !failed.is_empty() {
            outcome.warn("checks_failed", format!("not as it should be: {}", failed.join(", ")));
        }
        if !self.is_known() {
            outcome.error("repository_unreadable", "the repository could not be read");
        }
        outcome
    }

    /// Whether the published folders are there: in the checkout that is written to, else on the branch.
    fn gh_pages(&self, hub: &mut Hub, store: &Store) -> (GhPages, Option<String>) {
        let here = |folder: &str| !store.scan(&[Pattern::new(&format!("{folder}/*.json"))]).docs.is_empty();
        let pages = GhPages { dashboard_exists: here("dashboard"), telemetry_exists: here("telemetry") };
        if pages.dashboard_exists && pages.telemetry_exists {
            return (pages, None);
        }
        match hub.all(&format!("{}/contents?ref=gh-pages", repo_path(&self.name))) {
            Ok(list) => {
                let has = |name: &str| list.iter().any(|entry| entry["name"] == name && entry["type"] == "dir");
                let there = GhPages {
                    dashboard_exists: pages.dashboard_exists || has("dashboard"),
                    telemetry_exists: pages.telemetry_exists || has("telemetry"),
                };
                (there, Some("dashboard/ or telemetry/ is missing".to_owned()))
            }
            Err(error) => (pages, Some(format!("the branch gh-pages could not be read: {error}"))),
        }
    }
}
