//! The files that changed during a session, as somebody else found them: git, or the history where there is no git.

use serde::Serialize;

/// The files, and how that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// The files, in the order of their paths; paths from the root of the workspace.
    pub files: Vec<ChangedFile>,
    /// Since when.
    pub since: Since,
    /// How many more there are than were listed.
    pub left_out: usize,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    /// Path from the root of the workspace, with `/`.
    pub path: String,
    /// What became of it.
    pub how: How,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It is there since.
    Added,
    /// It says something else.
    Changed,
    /// It is gone.
    Deleted,
}

/// What the files were compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// This commit, the last one before the session.
    Commit(String),
    /// Nothing: the repository has no commit of before the session.
    Beginning,
    /// The history of this workspace lists the documents that were written through the cockpit and its verbs; why git was
    /// not asked, or did not answer.
    History(String),
}

impl Default for Since {
    fn default() -> Since {
        Since::History("git was not asked".to_owned())
    }
}

impl How {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            How::Added => "added",
            How::Changed => "changed",
            How::Deleted => "deleted",
        }
    }
}

impl Since {
    /// How it is known that the files changed, as part of a sentence.
    pub fn said(&self) -> String {
        match self {
            Since::Commit(id) => format!("since commit {id}, by git"),
            Since::Beginning => "by git, without an earlier commit".to_owned(),
            Since::History(why) => format!("by the history of codex-tui alone: {why}"),
        }
    }
}
