//! The project of a repository: which one, and by which interface it is asked. GraphQL comes first; where that is refused, REST.

use super::desk::Desk;
use crate::hub::graph::Project;
use crate::hub::{Hub, HubError};
use crate::model::track::plan::CARDS;
use crate::model::track::settings::{PROJECT_TITLE, ProjectRef};

impl Desk {
    /// Looks up the project that the variables name.
    pub fn find_project(&mut self, hub: &mut Hub) {
        let found = match self.projects(hub, false) {
            Err(HubError::Refused { status, message }) => match self.projects(hub, true) {
                Ok(found) if !found.is_empty() => {
                    self.say_rest(&format!("{status} {message}"));
                    Ok(found)
                }
                // What GraphQL said tells more than that REST finds nothing.
                Ok(_) | Err(HubError::Refused { .. }) => Err(HubError::Refused { status, message }),
                Err(error) => Err(error),
            },
            other => other,
        };
        let mut open: Vec<Project> = match found {
            Ok(found) => found.into_iter().filter(|project| !project.closed).collect(),
            Err(error) => {
                let hint = match (hub.is_fine_grained(), self.is_organisation) {
                    (true, Some(false)) => {
                        "; a fine-grained token cannot reach a user's project: take a classic one with the scope \
                         project, or a project of an organisation"
                    }
                    (true, _) => "; a fine-grained token needs the permission Projects of the organisation",
                    (false, _) => "; a classic token needs the scope project",
                };
                return self.warn("project_unreadable", format!("the project could not be looked up: {error}{hint}"));
            }
        };
        open.sort_by_key(|project| project.number);
        if open.len() > 1 {
            let numbers: Vec<String> = open.iter().map(|project| project.number.to_string()).collect();
            let text = format!("projects {} have that title; the last is used", numbers.join(", "));
            self.warn("project_ambiguous", text);
        }
        self.project = open.pop();
        if self.project.is_none() {
            self.warn("project_missing", "there is no such open project: no cards are added");
        }
        self.rules.has_project = self.project.is_some();
    }

    /// The projects that the variables may mean, by the one interface or the other.
    fn projects(&self, hub: &mut Hub, rest: bool) -> Result<Vec<Project>, HubError> {
        let home = self.name.split('/').next().unwrap_or_default();
        let numbered = |hub: &mut Hub, owner: &str, number: u64| {
            let found = if rest { hub.board_by_number(owner, number) } else { hub.project_by_number(owner, number) };
            found.map(|one| one.into_iter().collect())
        };
        match &self.settings.project {
            ProjectRef::At { owner, number } => numbered(hub, owner, *number),
            ProjectRef::Number(number) => numbered(hub, home, *number),
            ProjectRef::Id(id) if rest => {
                hub.boards(home).map(|all| all.into_iter().filter(|project| project.id == *id).collect())
            }
            ProjectRef::Id(id) => hub.project_by_id(id).map(|one| one.into_iter().collect()),
            ProjectRef::Title => {
                let all = if rest { hub.boards(home) } else { hub.projects_titled(home, PROJECT_TITLE) };
                all.map(|all| all.into_iter().filter(|project| project.title == PROJECT_TITLE).collect())
            }
        }
    }

    /// GraphQL found the project and refuses what is to be done with it: whether REST can do it.
    pub fn go_over_to_rest(&mut self, hub: &mut Hub, why: &HubError) -> bool {
        let Some(project) = self.project.clone().filter(|project| project.board.is_none()) else { return false };
        let same = |all: Vec<Project>| all.into_iter().find(|one| one.id == project.id);
        match self.projects(hub, true).map(same) {
            Ok(Some(found)) => {
                self.say_rest(&why.to_string());
                self.project = Some(found);
                true
            }
            Ok(None) | Err(_) => false,
        }
    }

    fn say_rest(&mut self, why: &str) {
        self.warn(
            "project_over_rest",
            format!("GraphQL refuses ({why}): the project is asked over REST, card by card"),
        );
    }

    /// Cards that one request adds.
    pub fn batch(&self) -> usize {
        self.project.as_ref().map_or(CARDS, |project| project.cards(CARDS))
    }
}
