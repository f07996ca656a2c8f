//! Projects over REST: for where the GraphQL interface is refused. It knows no look-up by issue, so the whole board is listed, and
//! every card takes a request of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::api::WriteError;
use super::graph::{NoCard, Project};
use super::origin::escape;
use super::{Hub, HubError, Method, Shape};

/// The kinds of owners, as paths name them.
const OWNERS: [&str; 2] = ["orgs", "users"];

impl Hub {
    /// The project of that owner and number; none if there is no such one that the token can see.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn board_by_number(&mut self, owner: &str, number: u64) -> Result<Option<Project>, HubError> {
        for kind in OWNERS {
            let path = format!("/{kind}/{}/projectsV2/{number}", escape(owner));
            match self.object(&path, true) {
                Ok((said, _)) => return Ok(board(&said, kind, owner)),
                Err(HubError::Refused { status: 404, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// All projects of that owner that the token can see.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn boards(&mut self, owner: &str) -> Result<Vec<Project>, HubError> {
        for kind in OWNERS {
            match self.all(&format!("/{kind}/{}/projectsV2?per_page=100", escape(owner))) {
                Ok(list) => return Ok(list.iter().filter_map(|one| board(one, kind, owner)).collect()),
                Err(HubError::Refused { status: 404, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Vec::new())
    }

    /// Which of these issues (ids in GraphQL) are in the project, archived cards included.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn members_of(&mut self, project: &Project, issues: &[String]) -> Result<BTreeMap<String, bool>, HubError> {
        let Some(board) = &project.board else { return self.members(&project.id, issues) };
        let mut cards = BTreeSet::new();
        // The plain list leaves archived cards out.
        for filter in ["", "&q=is%3Aarchived"] {
            self.each(&format!("{board}/items?per_page=100{filter}"), |card| {
                let id = card["content"]["node_id"].as_str().or(card["content_node_id"].as_str());
                cards.extend(id.map(str::to_owned));
            })?;
        }
        Ok(issues.iter().map(|id| (id.clone(), cards.contains(id))).collect())
    }

    /// Adds issues of a repository (numbers and ids in GraphQL) to the project, as many as one request takes. For each of them
    /// whether it was added, which was read back, or why not.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn add_to(
        &mut self,
        project: &Project,
        repository: &str,
        issues: &[(u64, String)],
    ) -> Result<Vec<Result<(), NoCard>>, HubError> {
        let Some(board) = &project.board else {
            let ids: Vec<String> = issues.iter().map(|(_, id)| id.clone()).collect();
            return self.add_cards(&project.id, &ids);
        };
        let mut outcomes = Vec::new();
        for (number, _) in issues {
            outcomes.push(match self.add_card(board, repository, *number) {
                Ok(()) => Ok(()),
                Err(WriteError::Hub(HubError::Refused { status, message })) => {
                    Err(NoCard::Refused(format!("{status} {message}")))
                }
                Err(WriteError::Hub(error)) => return Err(error),
                Err(WriteError::Dropped(why)) => Err(NoCard::Refused(why)),
            });
        }
        Ok(outcomes)
    }

    fn add_card(&mut self, board: &str, repository: &str, number: u64) -> Result<(), WriteError> {
        let (owner, name) = repository.split_once('/').unwrap_or((repository, ""));
        let body = json!({"type": "Issue", "owner": owner, "repo": name, "number": number});
        let answer = self.write(Method::Post, &format!("{board}/items"), Some(&body), Shape::Object)?;
        let made: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let Some(card) = made["id"].as_u64() else {
            return Err(WriteError::Dropped("no card came back".to_owned()));
        };
        let (card, _) = self.object(&format!("{board}/items/{card}"), false)?;
        if card["content"]["number"].as_u64() != Some(number) {
            return Err(WriteError::Dropped("the card that came back is not that of the issue".to_owned()));
        }
        Ok(())
    }
}

impl Project {
    /// Cards that one request adds; `batch`: over GraphQL.
    pub fn cards(&self, batch: usize) -> usize {
        if self.board.is_some() { 1 } else { batch }
    }
}

fn board(said: &Value, kind: &str, owner: &str) -> Option<Project> {
    let number = said["number"].as_u64()?;
    Some(Project {
        id: said["node_id"].as_str()?.to_owned(),
        number,
        title: said["title"].as_str().unwrap_or_default().to_owned(),
        closed: said["state"] == "closed" || said["closed_at"].is_string(),
        board: Some(format!("/{kind}/{}/projectsV2/{number}", escape(owner))),
    })
}
