//! What the documents mean: tasks, checklists, plans, timeline, session logs, and where they contradict each other. Pure:
//! reads snapshots, returns projections and operations; no I/O and no clock.

pub mod adr;
pub mod agent;
pub mod autonomy;
pub mod checklist;
pub mod cite;
pub mod finding;
pub mod gate;
pub mod next;
pub mod plan;
pub mod prompt;
pub mod query;
pub mod runbook;
pub mod secret;
pub mod session;
pub mod sync;
pub mod task;
pub mod timeline;
pub mod toolbox;
pub mod track;
