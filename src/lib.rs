//! `codex-tui`: a terminal cockpit over a repository's own documents.
//!
//! ```text
//!    main
//!    cli │ tui            front ends: words or pixels; no rule of the domain lives here
//!    workbench            the one façade: open, project, preview, commit, undo, doctor
//!    model │ store        what documents mean (pure) │ the only code that writes workspace files
//!    exec │ hub           runs programs │ asks a server
//!    op                   edits, plans, conflicts, undo (pure)
//!    workspace │ doc      which document is where │ bytes ↔ cells (pure)
//!    sys                  what is asked of the operating system, in one place
//!    sanitise             what reaches the terminal (both front ends)
//! ```
//! Imports point down only; neighbours on a line never import each other, except `workspace → doc`.

pub mod cli;
pub mod doc;
mod exec;
mod hub;
pub mod model;
pub mod op;
pub mod sanitise;
pub mod store;
// Not every system needs all of it, which is no mistake: the compiler is not asked.
pub mod sys;
pub mod tui;
pub mod workbench;
pub mod workspace;
