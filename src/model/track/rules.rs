//! The rules of both tracks: which issues are managed, what each has to have, and what is missing. Only these decide; every workflow
//! asks here.

use std::collections::BTreeMap;

use super::issue::{Issue, Milestone};
use super::label::Label;
use super::telemetry::Note;

/// The title of the milestone of internal issues.
const INTERNAL: &str = "Codex Internal";

/// One of both tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// The main track.
    Main,
    /// The dashboard track.
    Dashboard,
}

impl Which {
    /// Its label.
    pub fn label(self) -> Label {
        match self {
            Which::Main => Label::Main,
            Which::Dashboard => Label::Dashboard,
        }
    }

    /// The other one.
    pub fn other(self) -> Which {
        match self {
            Which::Main => Which::Dashboard,
            Which::Dashboard => Which::Main,
        }
    }
}

/// A milestone that a variable names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
}

/// The milestones of a repository, and which of them play a part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Milestones {
    /// Titles by number; none when they could not be listed to the end, so that none can be called deleted.
    pub known: Option<BTreeMap<u64, String>>,
    /// The main track's.
    pub main: Option<Named>,
    /// The dashboard track's.
    pub dashboard: Option<Named>,
    /// The self-tests'.
    pub selftest: Option<Named>,
    /// Those called "Codex Internal".
    pub internal: Vec<u64>,
}

/// All that decides about an issue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The milestones.
    pub milestones: Milestones,
    /// Whether an issue with one track label keeps it, whatever its title says.
    pub keep_track: bool,
    /// Whether there is a project that issues belong to.
    pub has_project: bool,
}

/// What an issue lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Labels to add, in one request.
    pub add: Vec<Label>,
    /// The label of the other track, to be removed after that.
    pub remove: Option<Label>,
    /// The milestone to set.
    pub milestone: Option<u64>,
    /// Whether it has to be added to the project.
    pub project: bool,
}

impl Changes {
    /// Whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        *self == Changes::default()
    }

    /// Requests that it takes, cards aside (those are added in batches).
    pub fn writes(&self) -> usize {
        usize::from(!self.add.is_empty()) + usize::from(self.remove.is_some()) + usize::from(self.milestone.is_some())
    }

    /// How bad it is, the worst first: no track, no milestone, no `codex`, no card.
    pub fn severity(&self) -> u8 {
        if self.remove.is_some() || self.add.iter().any(|label| *label != Label::Codex) {
            0
        } else if self.milestone.is_some() {
            1
        } else if !self.add.is_empty() {
            2
        } else {
            3
        }
    }

    /// As telemetry says it.
    pub fn words(&self) -> Vec<String> {
        let milestone = self.milestone.map(|_| "milestone".to_owned());
        let add = self.add.iter().map(|label| match label {
            Label::Codex => "add_codex_label".to_owned(),
            other => other.name().to_owned(),
        });
        let remove = self.remove.map(|label| format!("remove:{}", label.name()));
        let project = self.project.then(|| "project".to_owned());
        add.chain(remove).chain(milestone).chain(project).collect()
    }
}

impl Rules {
    /// Whether it is a self-test or internal.
    pub fn is_excluded(&self, issue: &Issue) -> bool {
        let of_pipeline = |number: u64| {
            self.milestones.internal.contains(&number)
                || self.milestones.selftest.as_ref().is_some_and(|selftest| selftest.number == number)
        };
        issue.labels.has(Label::Selftest) || matches!(issue.milestone, Milestone::Number(number) if of_pipeline(number))
    }

    /// Whether it is one of the pipeline's: an open issue, no pull request, neither self-test nor internal.
    pub fn is_managed(&self, issue: &Issue) -> bool {
        issue.open && !issue.pull && !self.is_excluded(issue)
    }

    /// Whether it is a self-test that the cleaner may close.
    pub fn is_selftest(&self, issue: &Issue) -> bool {
        let here = self.milestones.selftest.as_ref().map(|milestone| Milestone::Number(milestone.number));
        issue.open && !issue.pull && issue.labels.has(Label::Selftest) && Some(issue.milestone) == here
    }

    /// The track that it belongs on: what its title says.
    pub fn wanted(&self, issue: &Issue) -> Which {
        let has = |which: Which| issue.labels.has(which.label());
        match (has(Which::Main), has(Which::Dashboard)) {
            (true, false) if self.keep_track => Which::Main,
            (false, true) if self.keep_track => Which::Dashboard,
            _ if issue.names_dashboard => Which::Dashboard,
            _ => Which::Main,
        }
    }

    /// The track that it is on: its label; with both labels what its title says; none without.
    pub fn labelled(&self, issue: &Issue) -> Option<Which> {
        match (issue.labels.has(Label::Main), issue.labels.has(Label::Dashboard)) {
            (true, false) => Some(Which::Main),
            (false, true) => Some(Which::Dashboard),
            (true, true) => Some(self.wanted(issue)),
            (false, false) => None,
        }
    }

    /// The milestone of a track.
    pub fn milestone(&self, which: Which) -> Option<&Named> {
        match which {
            Which::Main => self.milestones.main.as_ref(),
            Which::Dashboard => self.milestones.dashboard.as_ref(),
        }
    }

    /// Whether the milestone is one that is not there any more.
    pub fn is_deleted(&self, milestone: Milestone) -> bool {
        match (milestone, &self.milestones.known) {
            (Milestone::Number(number), Some(known)) => !known.contains_key(&number),
            _ => false,
        }
    }

    /// Whether the milestone is neither track's.
    pub fn is_foreign(&self, milestone: Milestone) -> bool {
        let Milestone::Number(number) = milestone else { return false };
        let is = |which| self.milestone(which).is_some_and(|named| named.number == number);
        !is(Which::Main) && !is(Which::Dashboard) && !self.is_deleted(milestone)
    }

    /// What a managed issue lacks. `member`: whether it is in the project, if that is known.
    pub fn changes(&self, issue: &Issue, member: Option<bool>) -> Changes {
        if !self.is_managed(issue) || issue.labels.has(Label::Exempt) {
            return Changes::default();
        }
        let wanted = self.wanted(issue);
        let needed = [Label::Codex, wanted.label()];
        let own = self.milestone(wanted).map(|named| named.number);
        let other = self.milestone(wanted.other()).map(|named| named.number);
        let misplaced = match issue.milestone {
            Milestone::None | Milestone::Malformed => true,
            Milestone::Number(number) => {
                Some(number) != own && (Some(number) == other || self.is_deleted(issue.milestone))
            }
        };
        Changes {
            add: needed.into_iter().filter(|label| !issue.labels.has(*label)).collect(),
            remove: Some(wanted.other().label()).filter(|label| issue.labels.has(*label)),
            milestone: own.filter(|_| misplaced),
            project: self.has_project && member == Some(false) && !issue.node.is_empty(),
        }
    }
}

impl Milestones {
    /// Finds the milestones that the variables name (main, dashboard, self-test) among those of the repository. `listed` is
    /// whether `known` is all of them; `numbers`: whether a variable may hold a number, not only a title.
    pub fn resolve(
        known: &BTreeMap<u64, String>,
        listed: bool,
        wanted: &[Option<String>; 3],
        numbers: bool,
    ) -> (Milestones, Vec<Note>) {
        let mut notes = Vec::new();
        let named = |number: u64| Named { number, title: known.get(&number).cloned().unwrap_or_default() };
        let internal: Vec<u64> =
            known.iter().filter(|(_, title)| is_internal(title)).map(|(number, _)| *number).collect();
        let mut find = |text: &Option<String>, which: &str| {
            let text = text.as_ref()?;
            if numbers
                && let Ok(number) = text.parse::<u64>()
                && known.contains_key(&number)
            {
                return Some(named(number));
            }
            let folded = text.trim().to_lowercase();
            let exact = known.iter().filter(|(_, title)| *title == text);
            let close = known.iter().filter(|(_, title)| title.trim().to_lowercase() == folded);
            let fits: Vec<u64> = exact.chain(close).map(|(number, _)| *number).collect();
            let Some(first) = fits.first() else {
                let text: String = text.chars().take(80).collect();
                let said = format!("the {which} milestone `{text}` does not exist: nothing is done that needs it");
                notes.push(Note::new("milestone_unresolved", said));
                return None;
            };
            Some(named(*first))
        };
        let (main, dashboard) = (find(&wanted[0], "main"), find(&wanted[1], "dashboard"));
        let selftest = find(&wanted[2], "self-test").or_else(|| internal.first().map(|number| named(*number)));
        let milestones = Milestones { known: listed.then(|| known.clone()), main, dashboard, selftest, internal };
        for (which, named) in [("main", &milestones.main), ("dashboard", &milestones.dashboard)] {
            let pipeline = |number| {
                milestones.internal.contains(&number)
                    || milestones.selftest.as_ref().is_some_and(|selftest| selftest.number == number)
            };
            if let Some(named) = named.as_ref().filter(|named| pipeline(named.number)) {
                let text = format!(
                    "the {which} milestone is #{}, which is internal: issues of that track are left alone",
                    named.number
                );
                notes.push(Note::new("milestone_clash", text));
            }
        }
        (milestones, notes)
    }
}

fn is_internal(title: &str) -> bool {
    title.trim().eq_ignore_ascii_case(INTERNAL)
}

#[cfg(test)]
mod tests;
