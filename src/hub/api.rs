//! The endpoints in use. Every write says what it wants and checks the answer against it: an answer of 200 that does not show the
//! change is a [`WriteError::Dropped`], because the server drops labels and milestones silently where the token may not set them.

use serde_json::{Value, json};

use super::origin::escape;
use super::{Answer, Fetched, Hub, HubError, Method, Shape};

/// Why a write did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteError {
    /// No usable answer.
    Hub(HubError),
    /// The server said that it is done, and it is not: the answer does not show it.
    Dropped(String),
}

impl From<HubError> for WriteError {
    fn from(error: HubError) -> WriteError {
        WriteError::Hub(error)
    }
}

/// An issue after a write, as far as the answer shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The server's time from sending to answer.
    pub during: (i64, i64),
    /// The names of all labels, if the answer shows them.
    pub labels: Option<Vec<String>>,
    /// `updated_at`, if the answer shows it.
    pub updated: Option<String>,
}

/// What an issue to be created holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIssue {
    /// Title.
    pub title: String,
    /// Body.
    pub body: String,
    /// Names of labels.
    pub labels: Vec<String>,
    /// Number of its milestone.
    pub milestone: u64,
}

/// `/repos/owner/name`, escaped.
pub fn repo_path(repository: &str) -> String {
    let (owner, name) = repository.split_once('/').unwrap_or((repository, ""));
    format!("/repos/{}/{}", escape(owner), escape(name))
}

impl Hub {
    /// One object.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn object(&mut self, path: &str, follow: bool) -> Result<(Value, Answer), HubError> {
        match self.read(path, None, Shape::Object, follow)? {
            Fetched::Fresh(answer) => {
                let value = serde_json::from_str(&answer.body).map_err(|error| HubError::Broken(error.to_string()))?;
                Ok((value, answer))
            }
            Fetched::NotModified => Err(HubError::Broken("not modified, though nothing was known".to_owned())),
        }
    }

    /// A page of a list: its body as it stands.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn page(&mut self, address: &str, etag: Option<&str>) -> Result<Fetched, HubError> {
        let first = self.read(address, etag, Shape::Array, true)?;
        match &first {
            // An empty page in the midst of a list is a page that drifted: look again.
            Fetched::Fresh(answer) if answer.next.is_some() && is_empty(&answer.body) => {
                self.rest(2)?;
                self.read(address, None, Shape::Array, true)
            }
            Fetched::Fresh(_) | Fetched::NotModified => Ok(first),
        }
    }

    /// All entries of a small list.
    ///
    /// # Errors
    /// As [`HubError`] says; also when the list does not end.
    pub fn all(&mut self, path: &str) -> Result<Vec<Value>, HubError> {
        let mut entries = Vec::new();
        self.each(path, |entry| entries.push(entry))?;
        Ok(entries)
    }

    /// The entries of a list, one by one; only a page of them is held.
    ///
    /// # Errors
    /// As [`HubError`] says; also when the list does not end.
    pub fn each(&mut self, path: &str, mut take: impl FnMut(Value)) -> Result<(), HubError> {
        let mut address = path.to_owned();
        for _ in 0..1000 {
            let Fetched::Fresh(answer) = self.page(&address, None)? else { break };
            let page: Vec<Value> =
                serde_json::from_str(&answer.body).map_err(|error| HubError::Broken(error.to_string()))?;
            page.into_iter().for_each(&mut take);
            match answer.next {
                Some(next) if next != address => address = next,
                _ if answer.strange_next.is_some() => return Err(HubError::Moved { to: None }),
                _ => return Ok(()),
            }
        }
        Err(HubError::Broken(format!("{path}: the list does not end")))
    }

    /// Adds labels to an issue; those that it has stay.
    ///
    /// # Errors
    /// As [`WriteError`] says.
    pub fn add_labels(&mut self, repository: &str, number: u64, labels: &[String]) -> Result<Written, WriteError> {
        let path = format!("{}/issues/{number}/labels", repo_path(repository));
        let answer = self.write(Method::Post, &path, Some(&json!({"labels": labels})), Shape::Array)?;
        let now = names(&answer.body);
        match labels.iter().find(|label| !has(&now, label)) {
            Some(lost) => Err(WriteError::Dropped(format!("the label {lost} was dropped silently: no push right?"))),
            None => Ok(Written { during: answer.during, labels: Some(now), updated: None }),
        }
    }

    /// Takes a label off an issue.
    ///
    /// # Errors
    /// As [`WriteError`] says.
    pub fn remove_label(&mut self, repository: &str, number: u64, label: &str) -> Result<Written, WriteError> {
        let path = format!("{}/issues/{number}/labels/{}", repo_path(repository), escape(label));
        let answer = self.write(Method::Delete, &path, None, Shape::Array)?;
        let now = names(&answer.body);
        if has(&now, label) {
            return Err(WriteError::Dropped(format!("the label {label} is still there")));
        }
        Ok(Written { during: answer.during, labels: Some(now), updated: None })
    }

    /// Sets the milestone of an issue.
    ///
    /// # Errors
    /// As [`WriteError`] says.
    pub fn set_milestone(&mut self, repository: &str, number: u64, milestone: u64) -> Result<Written, WriteError> {
        let said = self.change(repository, number, &json!({"milestone": milestone}))?;
        if said.0["milestone"]["number"].as_u64() != Some(milestone) {
            return Err(WriteError::Dropped("the milestone was dropped silently: no push right?".to_owned()));
        }
        Ok(written(&said.0, said.1))
    }

    /// Closes an issue as not planned.
    ///
    /// # Errors
    /// As [`WriteError`] says.
    pub fn close(&mut self, repository: &str, number: u64) -> Result<Written, WriteError> {
        let said = self.change(repository, number, &json!({"state": "closed", "state_reason": "not_planned"}))?;
        if said.0["state"] != "closed" {
            return Err(WriteError::Dropped("it is still open".to_owned()));
        }
        Ok(written(&said.0, said.1))
    }

    fn change(&mut self, repository: &str, number: u64, to: &Value) -> Result<(Value, (i64, i64)), WriteError> {
        let path = format!("{}/issues/{number}", repo_path(repository));
        let answer = self.write(Method::Patch, &path, Some(to), Shape::Object)?;
        let value: Value = serde_json::from_str(&answer.body)
            .map_err(|error| HubError::Ambiguous { sent: answer.during.0, why: error.to_string() })?;
        if value["number"].as_u64() != Some(number) {
            let why = "the answer is about something else".to_owned();
            return Err(HubError::Ambiguous { sent: answer.during.0, why }.into());
        }
        Ok((value, answer.during))
    }

    /// Creates an issue and returns its number. Never sent twice.
    ///
    /// # Errors
    /// As [`HubError`] says; an answer without number is ambiguous.
    pub fn create_issue(&mut self, repository: &str, new: &NewIssue) -> Result<(u64, (i64, i64)), HubError> {
        let path = format!("{}/issues", repo_path(repository));
        let body = json!({"title": new.title, "body": new.body, "labels": new.labels, "milestone": new.milestone});
        let answer = self.write(Method::Post, &path, Some(&body), Shape::Object)?;
        let value: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        match value["number"].as_u64() {
            Some(number) => Ok((number, answer.during)),
            None => Err(HubError::Ambiguous { sent: answer.during.0, why: "the answer has no number".to_owned() }),
        }
    }

    /// Makes a label.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn create_label(&mut self, repository: &str, name: &str, look: (&str, &str)) -> Result<(), HubError> {
        let path = format!("{}/labels", repo_path(repository));
        let body = json!({"name": name, "color": look.0, "description": look.1});
        self.write(Method::Post, &path, Some(&body), Shape::Object).map(drop)
    }
}

fn is_empty(body: &str) -> bool {
    serde_json::from_str::<Vec<&serde_json::value::RawValue>>(body).is_ok_and(|items| items.is_empty())
}

fn written(issue: &Value, during: (i64, i64)) -> Written {
    Written {
        during,
        labels: issue["labels"].is_array().then(|| names(&issue["labels"].to_string())),
        updated: issue["updated_at"].as_str().map(str::to_owned),
    }
}

fn names(body: &str) -> Vec<String> {
    let labels: Vec<Value> = serde_json::from_str(body).unwrap_or_default();
    let name = |label: &Value| label["name"].as_str().or(label.as_str()).map(str::to_owned);
    labels.iter().filter_map(name).collect()
}

fn has(labels: &[String], label: &str) -> bool {
    labels.iter().any(|one| one.eq_ignore_ascii_case(label))
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WriteError::Hub(error) => error.fmt(f),
            WriteError::Dropped(what) => f.write_str(what),
        }
    }
}
