//! What only GraphQL can do: finding the project, asking who is in it, adding cards.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::limit::speaks_of_limit;
use super::{Hub, HubError};

/// Issues that one membership query asks about.
pub const ASKED: usize = 100;

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id in GraphQL.
    pub id: String,
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Whether it is closed.
    pub closed: bool,
    /// Its path in the REST interface, where GraphQL is refused and that one is asked instead.
    pub board: Option<String>,
}

/// Why a card was not added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoCard {
    /// A limit was met before it was its turn: it may be asked for again.
    Limited,
    /// What the server said.
    Refused(String),
}

const PROJECT: &str = "id number title closed";

impl Hub {
    /// The project of that id.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn project_by_id(&mut self, id: &str) -> Result<Option<Project>, HubError> {
        let query = format!("query($id:ID!){{rateLimit{{cost}} node(id:$id){{... on ProjectV2{{{PROJECT}}}}}}}");
        let said = self.query(&query, &json!({"id": id}))?;
        self.found(&said, project(&said["data"]["node"]))
    }

    /// The project of that owner and number.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn project_by_number(&mut self, owner: &str, number: u64) -> Result<Option<Project>, HubError> {
        let query = format!(
            "query($owner:String!,$number:Int!){{rateLimit{{cost}} repositoryOwner(login:$owner){{\
             ... on Organization{{projectV2(number:$number){{{PROJECT}}}}} \
             ... on User{{projectV2(number:$number){{{PROJECT}}}}}}}}}"
        );
        let said = self.query(&query, &json!({"owner": owner, "number": number}))?;
        self.found(&said, project(&said["data"]["repositoryOwner"]["projectV2"]))
    }

    /// The projects of an owner that may have that title.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn projects_titled(&mut self, owner: &str, title: &str) -> Result<Vec<Project>, HubError> {
        let query = format!(
            "query($owner:String!,$title:String!){{rateLimit{{cost}} repositoryOwner(login:$owner){{\
             ... on Organization{{projectsV2(first:50,query:$title){{nodes{{{PROJECT}}}}}}} \
             ... on User{{projectsV2(first:50,query:$title){{nodes{{{PROJECT}}}}}}}}}}}"
        );
        let said = self.query(&query, &json!({"owner": owner, "title": title}))?;
        let nodes = said["data"]["repositoryOwner"]["projectsV2"]["nodes"].as_array().cloned().unwrap_or_default();
        let found: Vec<Project> = nodes.iter().filter_map(project).collect();
        Ok(self.found(&said, Some(found).filter(|all| !all.is_empty()))?.unwrap_or_default())
    }

    /// What was found; where that is nothing and the server says that the token may not look, that.
    fn found<T>(&self, said: &Value, found: Option<T>) -> Result<Option<T>, HubError> {
        match refusal(said) {
            Some(message) if found.is_none() => {
                Err(HubError::Refused { status: 200, message: self.redact(message).chars().take(300).collect() })
            }
            Some(_) | None => Ok(found),
        }
    }

    /// Which of these issues (ids in GraphQL, at most [`ASKED`]) are in the project, archived cards included. Issues that the
    /// server says nothing about are left out.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn members(&mut self, project: &str, issues: &[String]) -> Result<BTreeMap<String, bool>, HubError> {
        let query = "query($ids:[ID!]!){rateLimit{cost} nodes(ids:$ids){... on Issue{id \
                     projectItems(first:50,includeArchived:true){nodes{project{id}} pageInfo{hasNextPage}}}}}";
        let said = self.query(query, &json!({"ids": issues}))?;
        let nodes = said["data"]["nodes"].as_array().cloned().unwrap_or_default();
        let mut members = BTreeMap::new();
        for node in &nodes {
            let (Some(id), Some(items)) = (node["id"].as_str(), node["projectItems"]["nodes"].as_array()) else {
                continue;
            };
            let is_in = items.iter().any(|item| item["project"]["id"] == *project);
            // On more boards than one answer shows: not known.
            let is_cut = node["projectItems"]["pageInfo"]["hasNextPage"] == true;
            if is_in || !is_cut {
                members.insert(id.to_owned(), is_in);
            }
        }
        Ok(members)
    }

    /// Adds issues to the project, at most twenty in one request. For each of them whether it was added, or what the server said.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn add_cards(&mut self, project: &str, issues: &[String]) -> Result<Vec<Result<(), NoCard>>, HubError> {
        let names: Vec<String> = (0..issues.len()).map(|at| format!("$c{at}:ID!")).collect();
        let adds: Vec<String> = (0..issues.len())
            .map(|at| format!("a{at}:addProjectV2ItemById(input:{{projectId:$p,contentId:$c{at}}}){{item{{id}}}}"))
            .collect();
        let query = format!("mutation($p:ID!,{}){{{}}}", names.join(","), adds.join(" "));
        let mut variables = json!({"p": project});
        for (at, id) in issues.iter().enumerate() {
            variables[format!("c{at}")] = json!(id);
        }
        let said = self.mutate(&query, &variables)?;
        let errors = said["errors"].as_array().cloned().unwrap_or_default();
        let is_added = |at: usize| said["data"][format!("a{at}")]["item"]["id"].is_string();
        self.found(&said, (0..issues.len()).find(|at| is_added(*at)))?;
        let outcome = |at: usize| {
            let alias = format!("a{at}");
            if is_added(at) {
                return Ok(());
            }
            let own = errors.iter().find(|error| error["path"][0] == *alias);
            if own.is_some_and(is_limit) {
                return Err(NoCard::Limited);
            }
            let message = own.and_then(|error| error["message"].as_str()).unwrap_or("no card came back");
            Err(NoCard::Refused(self.redact(message).chars().take(300).collect()))
        };
        Ok((0..issues.len()).map(outcome).collect())
    }

    /// The numbers of all issues as GraphQL lists them.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn listed_in_graphql(&mut self, repository: &str) -> Result<Vec<u64>, HubError> {
        let (owner, name) = repository.split_once('/').unwrap_or((repository, ""));
        let query = "query($owner:String!,$name:String!,$after:String){rateLimit{cost} \
                     repository(owner:$owner,name:$name){issues(first:100,after:$after){nodes{number} \
                     pageInfo{hasNextPage endCursor}}}}";
        let mut numbers = Vec::new();
        let mut after = Value::Null;
        loop {
            let said = self.query(query, &json!({"owner": owner, "name": name, "after": after}))?;
            let issues = &said["data"]["repository"]["issues"];
            numbers.extend(issues["nodes"].as_array().into_iter().flatten().filter_map(|node| node["number"].as_u64()));
            let next = issues["pageInfo"]["endCursor"].clone();
            if issues["pageInfo"]["hasNextPage"] != true || next == after {
                return Ok(numbers);
            }
            after = next;
        }
    }
}

/// What the server says about rights that the token lacks.
fn refusal(said: &Value) -> Option<&str> {
    let lacks = |error: &&Value| {
        matches!(error["type"].as_str(), Some("FORBIDDEN" | "INSUFFICIENT_SCOPES"))
            || error["message"].as_str().is_some_and(|message| message.contains("not accessible"))
    };
    let error = said["errors"].as_array()?.iter().find(lacks)?;
    Some(error["message"].as_str().unwrap_or("the token lacks a right"))
}

/// Whether an error of GraphQL is a limit.
fn is_limit(error: &Value) -> bool {
    matches!(error["type"].as_str(), Some("RATE_LIMITED" | "RATE_LIMIT"))
        || error["message"].as_str().is_some_and(speaks_of_limit)
}

/// Whether an answer of GraphQL says that a limit was met and that nothing was done.
pub(super) fn is_limited(body: &str) -> bool {
    let said: Value = serde_json::from_str(body).unwrap_or_default();
    let is_part = |(name, part): (&String, &Value)| name != "rateLimit" && !part.is_null();
    let is_done = said["data"].as_object().is_some_and(|parts| parts.iter().any(is_part));
    !is_done && said["errors"].as_array().is_some_and(|errors| errors.iter().any(is_limit))
}

fn project(node: &Value) -> Option<Project> {
    Some(Project {
        id: node["id"].as_str()?.to_owned(),
        number: node["number"].as_u64()?,
        title: node["title"].as_str().unwrap_or_default().to_owned(),
        closed: node["closed"].as_bool().unwrap_or(false),
        board: None,
    })
}
