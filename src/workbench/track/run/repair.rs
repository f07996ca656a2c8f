//! Repairing one issue: labels added, then the other track's label removed, then the milestone. What counts is what the answer shows;
//! where none came, the issue is read again and decides.

use chrono::DateTime;

use super::desk::{Desk, REFUSALS};
use crate::hub::api::{WriteError, Written};
use crate::hub::{Hub, HubError, Stop};
use crate::model::track::book::{Entry, milestone_to};
use crate::model::track::issue::{Issue, Milestone};
use crate::model::track::label::{Label, Labels};
use crate::model::track::ledger::Window;
use crate::model::track::rules::Changes;
use crate::store::StoreError;

/// How often a write is sent whose effect did not show.
const SENT: u32 = 3;

/// One change of one issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// These labels are there.
    Labels(Vec<Label>),
    /// This label is not there.
    Without(Label),
    /// This milestone.
    Milestone(u64),
    /// It is closed.
    Closed,
}

/// Whose a change is that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Ours, just now.
    Now,
    /// Somebody else's: it was there before we came.
    Before,
}

/// Why a change was not made.
#[derive(Debug)]
pub enum Miss {
    /// For this issue.
    Issue(String),
    /// The issue went elsewhere; it is in the integrity list.
    Left(String),
    /// Nothing more is sent.
    Stopped(Stop),
    /// Nothing more is written in this repository: the token lacks the right.
    NoRight(String),
    /// The state cannot be kept: nothing is written that could not be remembered.
    State(StoreError),
}

impl Want {
    fn is_so(&self, issue: &Issue) -> bool {
        match self {
            Want::Labels(labels) => labels.iter().all(|label| issue.labels.has(*label)),
            Want::Without(label) => !issue.labels.has(*label),
            Want::Milestone(number) => issue.milestone == Milestone::Number(*number),
            Want::Closed => !issue.open,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Want::Labels(_) => "labels",
            Want::Without(_) => "unlabel",
            Want::Milestone(_) => "milestone",
            Want::Closed => "close",
        }
    }
}

impl Changes {
    /// The changes one by one, in the order in which they are made; cards aside.
    pub fn wants(&self) -> Vec<Want> {
        let add = (!self.add.is_empty()).then(|| Want::Labels(self.add.clone()));
        let remove = self.remove.map(Want::Without);
        add.into_iter().chain(remove).chain(self.milestone.map(Want::Milestone)).collect()
    }
}

impl Desk {
    /// Makes one change and remembers it.
    pub fn make(&mut self, hub: &mut Hub, number: u64, want: &Want) -> Result<Made, Miss> {
        if self.refusals >= REFUSALS {
            return Err(Miss::NoRight("the token may not write here".to_owned()));
        }
        let mut last = String::new();
        for _ in 0..SENT {
            let sent = Entry::Sent { issue: number, at: hub.now(), what: want.word().to_owned() };
            self.shelf.note(&sent).map_err(Miss::State)?;
            match self.send(hub, number, want) {
                Ok(written) => return self.done(number, want, &written).map(|()| Made::Now),
                Err(WriteError::Hub(HubError::Ambiguous { sent, why })) => {
                    self.book.wrote(number, Window::unanswered(sent));
                    hub.rest(2).map_err(stopped)?;
                    if self.shows(hub, number, want)? {
                        self.book.noise.ours(sent);
                        return Ok(Made::Now);
                    }
                    last = why;
                }
                Err(WriteError::Hub(HubError::Refused { status: 404 | 410, message })) => {
                    // Either the label is not on it, or the issue is not there.
                    if self.shows(hub, number, want)? {
                        return Ok(Made::Before);
                    }
                    // It can be read and not be written: the server hides what a token may not do.
                    self.refusals += 1;
                    return Err(Miss::Issue(message));
                }
                Err(WriteError::Hub(HubError::Moved { .. })) => {
                    self.look_at(hub, number, Vec::new()).map_err(stopped)?;
                    return Err(Miss::Left("it was moved to another repository".to_owned()));
                }
                Err(WriteError::Hub(HubError::Refused { status, message })) => {
                    if status == 403 {
                        self.refusals += 1;
                    }
                    return Err(Miss::Issue(format!("{status} {message}")));
                }
                Err(WriteError::Dropped(what)) => {
                    self.refusals += 1;
                    return Err(Miss::Issue(what));
                }
                Err(WriteError::Hub(HubError::Stopped(stop))) => return Err(Miss::Stopped(stop)),
                Err(WriteError::Hub(HubError::Broken(why))) => return Err(Miss::Issue(why)),
            }
        }
        Err(Miss::Issue(format!("sent {SENT} times without effect: {last}")))
    }

    fn send(&mut self, hub: &mut Hub, number: u64, want: &Want) -> Result<Written, WriteError> {
        match want {
            Want::Labels(labels) => {
                let names: Vec<String> = labels.iter().map(|label| self.spelled(*label)).collect();
                hub.add_labels(&self.name, number, &names)
            }
            Want::Without(label) => hub.remove_label(&self.name, number, &self.spelled(*label)),
            Want::Milestone(milestone) => hub.set_milestone(&self.name, number, *milestone),
            Want::Closed => hub.close(&self.name, number),
        }
    }

    /// Reads the issue again: whether it is now as wanted.
    fn shows(&mut self, hub: &mut Hub, number: u64, want: &Want) -> Result<bool, Miss> {
        let issue = self.look_at(hub, number, Vec::new()).map_err(stopped)?;
        match issue {
            Some(issue) => Ok(want.is_so(&issue)),
            None => Err(Miss::Left("it is not there any more, or cannot be read".to_owned())),
        }
    }

    /// Overlays what the answer shows: lists lag behind.
    fn done(&mut self, number: u64, want: &Want, written: &Written) -> Result<(), Miss> {
        let exempt = self.settings.exempt.clone();
        let window = Window::answered(written.during);
        self.refusals = 0;
        self.book.did(number, window);
        let mut entry = Entry::Done {
            issue: number,
            during: written.during,
            labels: 0,
            milestone: None,
            open: false,
            member: None,
        };
        if *want == Want::Closed {
            self.book.seen.remove(&number);
        } else if let Some(seen) = self.book.seen.get_mut(&number) {
            if let Some(names) = &written.labels {
                let labels = names.iter().flat_map(|name| Label::named(name, exempt.as_deref()));
                seen.issue.labels = labels.collect::<Labels>();
                seen.issue.labels_known = true;
            }
            if let Want::Milestone(milestone) = want {
                seen.issue.milestone = Milestone::Number(*milestone);
            }
            if let Some(updated) = written.updated.as_deref().and_then(|at| DateTime::parse_from_rfc3339(at).ok())
                && window.has(updated.timestamp())
            {
                // Ours: the human activity stays what it was.
                seen.issue.updated = Some(updated.timestamp());
            } else {
                // A list that still shows the state before our write is older than this.
                seen.overlay(window);
            }
            entry = Entry::Done {
                issue: number,
                during: written.during,
                labels: seen.issue.labels.bits(),
                milestone: milestone_to(seen.issue.milestone),
                open: true,
                member: seen.member,
            };
        }
        self.shelf.note(&entry).map_err(Miss::State)
    }
}

/// A failure to read is one of the issue, unless nothing more is sent.
pub fn stopped(error: HubError) -> Miss {
    match error {
        HubError::Stopped(stop) => Miss::Stopped(stop),
        other => Miss::Issue(other.to_string()),
    }
}

impl Miss {
    /// Why, for people.
    pub fn reason(&self) -> String {
        match self {
            Miss::Issue(why) | Miss::Left(why) | Miss::NoRight(why) => why.clone(),
            Miss::Stopped(stop) => stop.to_string(),
            Miss::State(error) => error.to_string(),
        }
    }
}
