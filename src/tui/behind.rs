//! What stands behind a pane: whether it has anything to show, which documents it shows, and when they last changed.

use chrono::NaiveDateTime;

use super::pane::{Clip, Cx, Pane, PaneId};
use crate::doc::DocId;
use crate::workbench::View;
use crate::workspace::Role;

/// Whether the workspace has nothing that the pane could show.
pub fn is_empty(pane: PaneId, view: &View) -> bool {
    let none = |role| view.workspace.with_role(role).next().is_none();
    match pane {
        PaneId::Checklist => view.checklists.is_empty(),
        PaneId::Board => view.tasks.is_empty(),
        PaneId::Timeline => view.timeline.events.is_empty() && view.timeline.undated.is_empty(),
        PaneId::Gates => none(Role::Gates),
        PaneId::Log => view.sessions.is_empty() && view.toolbox.journal.is_none(),
        PaneId::Backlog => none(Role::Backlog) && none(Role::Todo),
        PaneId::Sync => view.tasks.is_empty() && view.sync.findings.is_empty(),
        PaneId::Docs => view.library.is_empty() && view.snapshot.is_empty(),
        PaneId::History => view.history.is_empty(),
        PaneId::Prompt => none(Role::Playbook),
        PaneId::Tracks => view
            .tracks
            .as_ref()
            .is_none_or(|all| all.home.as_of.is_none() && all.others.is_empty() && !all.has_workflow),
    }
}

/// Whether nothing at all was recognised.
pub fn is_bare(view: &View) -> bool {
    view.workspace.iter().next().is_none() && is_empty(PaneId::Tracks, view)
}

/// The documents whose content the pane shows, as far as they are part of the view.
pub fn documents(pane: PaneId, view: &View) -> Vec<DocId> {
    let with = |roles: &[Role]| roles.iter().flat_map(|&role| view.workspace.with_role(role)).cloned().collect();
    let boards = || view.tasks.documents().cloned();
    match pane {
        PaneId::Checklist => view.checklists.iter().map(|list| list.doc.clone()).collect(),
        PaneId::Board => boards().collect(),
        PaneId::Backlog => with(&[Role::Backlog, Role::Todo]),
        PaneId::Timeline => boards().chain(with(&[Role::Plan, Role::SessionLog, Role::Journal])).collect(),
        PaneId::Gates => with(&[Role::Gates, Role::SignOffs]),
        PaneId::Log => with(&[Role::SessionLog, Role::Journal]),
        PaneId::Prompt => with(&[Role::Playbook]),
        PaneId::Docs => with(&[Role::Runbook, Role::Autonomy, Role::Adr, Role::PlanIndex, Role::Plan]),
        // What they show is made from the others, or stands in no document.
        PaneId::Sync | PaneId::History | PaneId::Tracks => Vec::new(),
    }
}

/// When the newest of the documents behind a pane was changed, as far as that is known.
pub fn changed_at(id: PaneId, pane: &dyn Pane, cx: &Cx<'_>) -> Option<NaiveDateTime> {
    let at = |doc: &DocId| cx.view.last_writes.get(doc)?.at;
    match id {
        // One document is shown: that one.
        PaneId::Log | PaneId::Docs => at(&DocId::new(&pane.clip(Clip::Id, cx)?).ok()?),
        PaneId::Checklist => at(&pane.place(cx)?.0),
        _ => documents(id, cx.view).iter().filter_map(at).max(),
    }
}

/// How long ago that was, for people.
pub fn age(now: NaiveDateTime, then: NaiveDateTime) -> String {
    let minutes = (now - then).num_minutes();
    match minutes {
        i64::MIN..=0 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..1440 => format!("{} h ago", minutes / 60),
        1440..44_640 => format!("{} d ago", minutes / 1440),
        _ => then.format("%Y-%m-%d").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, NaiveDate};

    use super::*;

    #[test]
    fn ages_are_said_in_the_unit_that_fits() {
        let then = NaiveDate::from_ymd_opt(2026, 1, 2).and_then(|day| day.and_hms_opt(10, 0, 0)).expect("a time");
        for (minutes, want) in [
            (-5, "just now"),
            (0, "just now"),
            (59, "59 min ago"),
            (60, "1 h ago"),
            (1439, "23 h ago"),
            (1440, "1 d ago"),
            (60 * 24 * 40, "2026-01-02"),
        ] {
            assert_eq!(age(then + Duration::minutes(minutes), then), want);
        }
    }
}
