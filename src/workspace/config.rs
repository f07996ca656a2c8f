//! `codex-tui.toml`: which documents, which columns, which words. The defaults are the file `assets/codex-tui.toml`
//! itself, so that what is documented is what holds.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::pattern::Pattern;

/// Name of the configuration file in the workspace root.
pub const FILE_NAME: &str = "codex-tui.toml";

/// The defaults, as text: every key, each with its explanation.
pub const DEFAULTS: &str = include_str!("../../assets/codex-tui.toml");

/// The configuration of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `[documents]`: which document is where.
    pub documents: Documents,
    /// `[columns]`: header names accepted for each field of a task.
    pub columns: ColumnNames,
    /// `[states]`: the vocabulary of states.
    pub states: States,
    /// `[watch] mode`.
    pub watch: WatchMode,
    /// `[ui]`.
    pub ui: Ui,
    /// `[keys]`: action name to keys.
    pub keys: BTreeMap<String, Vec<String>>,
    /// `[views]`: saved filters of the board by name; an empty one takes a default away.
    pub views: BTreeMap<String, String>,
}

/// `[documents]`: patterns for the documents of each role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documents {
    /// Task board in CSV.
    pub tasks_csv: Vec<Pattern>,
    /// Task boards in Markdown.
    pub boards: Vec<Pattern>,
    /// Backlog.
    pub backlog: Vec<Pattern>,
    /// Plan index.
    pub plan_index: Vec<Pattern>,
    /// Plan files.
    pub plans: Vec<Pattern>,
    /// Checklists, the leading one first.
    pub checklists: Vec<Pattern>,
    /// Checklist ledger; the first literal path is where it is created.
    pub ledger: Vec<Pattern>,
    /// Session logs.
    pub session_logs: Vec<Pattern>,
    /// Template of a session log.
    pub session_template: Vec<Pattern>,
    /// Runbook.
    pub runbook: Vec<Pattern>,
    /// Autonomy plan.
    pub autonomy: Vec<Pattern>,
    /// Gates.
    pub gates: Vec<Pattern>,
    /// Decision records.
    pub adr: Vec<Pattern>,
}

/// `[columns]`: header names, compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNames {
    /// Task id.
    pub id: Vec<String>,
    /// Title.
    pub title: Vec<String>,
    /// State.
    pub state: Vec<String>,
    /// Owner.
    pub owner: Vec<String>,
    /// Deliverable.
    pub deliverable: Vec<String>,
    /// Plan or plan link.
    pub plan: Vec<String>,
    /// Notes.
    pub notes: Vec<String>,
}

/// `[states]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct States {
    /// Kanban columns in their order.
    pub order: Vec<String>,
    /// Other words for a state; compared without case.
    pub synonyms: BTreeMap<String, String>,
}

/// How changes of files are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WatchMode {
    /// The system's notifications; polling, with a notice, where they are not to be had.
    #[default]
    Auto,
    /// Polling every two seconds (network file systems).
    Poll,
    /// Not at all; `r` reads again.
    Off,
}

/// `[ui]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ui {
    /// `auto`, `light`, `dark` or `mono`.
    pub theme: String,
    /// Plain ASCII borders and marks.
    pub ascii: bool,
}

/// A configuration that cannot be used as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{FILE_NAME}:{line}: {message}; the defaults are used until it is mended")]
pub struct ConfigError {
    /// 1-based line, 1 where the parser gives none.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl Default for Config {
    fn default() -> Config {
        // The embedded defaults are complete; a test parses them, so that this cannot be empty in a release.
        Config::from_layers(&[DEFAULTS]).unwrap_or_else(|_| Config::from_file(File::default()))
    }
}

impl Config {
    /// The defaults with the workspace's own file on top.
    pub fn parse(own: &str) -> Result<Config, ConfigError> {
        Config::from_layers(&[DEFAULTS, own])
    }

    fn from_layers(layers: &[&str]) -> Result<Config, ConfigError> {
        let mut file = File::default();
        for text in layers {
            let layer: File = toml::from_str(text).map_err(|error| ConfigError {
                line: error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count()),
                message: error.message().to_owned(),
            })?;
            file = file.under(layer);
        }
        Ok(Config::from_file(file))
    }

    fn from_file(file: File) -> Config {
        let documents = file.documents;
        let columns = file.columns;
        Config {
            documents: Documents {
                tasks_csv: patterns(documents.tasks_csv),
                boards: patterns(documents.boards),
                backlog: patterns(documents.backlog),
                plan_index: patterns(documents.plan_index),
                plans: patterns(documents.plans),
                checklists: patterns(documents.checklists),
                ledger: patterns(documents.ledger),
                session_logs: patterns(documents.session_logs),
                session_template: patterns(documents.session_template),
                runbook: patterns(documents.runbook),
                autonomy: patterns(documents.autonomy),
                gates: patterns(documents.gates),
                adr: patterns(documents.adr),
            },
            columns: ColumnNames {
                id: names(columns.id),
                title: names(columns.title),
                state: names(columns.state),
                owner: names(columns.owner),
                deliverable: names(columns.deliverable),
                plan: names(columns.plan),
                notes: names(columns.notes),
            },
            states: States { order: file.states.order.unwrap_or_default(), synonyms: file.states.synonyms },
            watch: file.watch.mode.unwrap_or_default(),
            ui: Ui {
                theme: file.ui.theme.unwrap_or_else(|| "auto".to_owned()),
                ascii: file.ui.ascii.unwrap_or_default(),
            },
            keys: file.keys,
            views: file.views.into_iter().filter(|(_, query)| !query.trim().is_empty()).collect(),
        }
    }
}

impl ColumnNames {
    /// Position of the first header that one of `names` names.
    pub fn position(names: &[String], header: &[String]) -> Option<usize> {
        names.iter().find_map(|name| header.iter().position(|h| h.trim().eq_ignore_ascii_case(name)))
    }
}

impl States {
    /// The vocabulary's word for a state as written, without date: synonyms resolved, the order's spelling taken.
    pub fn canonical<'a>(&'a self, word: &'a str) -> &'a str {
        let same = |a: &str| a.eq_ignore_ascii_case(word);
        let word = self.synonyms.iter().find(|(from, _)| same(from)).map_or(word, |(_, to)| to.as_str());
        self.order.iter().find(|known| known.eq_ignore_ascii_case(word)).map_or(word, String::as_str)
    }
}

/// One string or a list of strings.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

fn names(value: Option<OneOrMore>) -> Vec<String> {
    match value {
        None => Vec::new(),
        Some(OneOrMore::One(name)) => vec![name],
        Some(OneOrMore::More(names)) => names,
    }
}

fn patterns(value: Option<OneOrMore>) -> Vec<Pattern> {
    names(value).iter().map(|text| Pattern::new(text)).collect()
}

/// The file as written; every key may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    documents: DocumentsFile,
    columns: ColumnsFile,
    states: StatesFile,
    watch: WatchFile,
    ui: UiFile,
    keys: BTreeMap<String, Vec<String>>,
    views: BTreeMap<String, String>,
}

/// Declares a table of the file whose keys a later layer replaces one by one.
macro_rules! layered {
    ($name:ident { $($key:ident: $type:ty),* $(,)? }) => {
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct $name { $($key: Option<$type>),* }
        impl $name {
            fn under(self, over: $name) -> $name { $name { $($key: over.$key.or(self.$key)),* } }
        }
    };
}

layered!(DocumentsFile {
    tasks_csv: OneOrMore,
    boards: OneOrMore,
    backlog: OneOrMore,
    plan_index: OneOrMore,
    plans: OneOrMore,
    checklists: OneOrMore,
    ledger: OneOrMore,
    session_logs: OneOrMore,
    session_template: OneOrMore,
    runbook: OneOrMore,
    autonomy: OneOrMore,
    gates: OneOrMore,
    adr: OneOrMore,
});
layered!(ColumnsFile {
    id: OneOrMore,
    title: OneOrMore,
    state: OneOrMore,
    owner: OneOrMore,
    deliverable: OneOrMore,
    plan: OneOrMore,
    notes: OneOrMore,
});
layered!(WatchFile { mode: WatchMode });
layered!(UiFile { theme: String, ascii: bool });

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StatesFile {
    order: Option<Vec<String>>,
    synonyms: BTreeMap<String, String>,
}

impl File {
    /// This layer with another one over it.
    fn under(mut self, over: File) -> File {
        self.states.synonyms.extend(over.states.synonyms);
        self.keys.extend(over.keys);
        self.views.extend(over.views);
        File {
            documents: self.documents.under(over.documents),
            columns: self.columns.under(over.columns),
            states: StatesFile { order: over.states.order.or(self.states.order), synonyms: self.states.synonyms },
            watch: self.watch.under(over.watch),
            ui: self.ui.under(over.ui),
            keys: self.keys,
            views: self.views,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_defaults_are_complete() {
        let config = Config::from_layers(&[DEFAULTS]).expect("the embedded defaults parse");
        assert_eq!(config.documents.tasks_csv[0].to_string(), "docs/taskboard/TaskBoard.csv");
        assert!(!config.documents.checklists.is_empty() && !config.documents.ledger.is_empty());
        assert!(!config.columns.id.is_empty() && config.states.order.contains(&"Blocked".to_owned()));
        assert_eq!(config, Config::default());
    }

    #[test]
    fn own_keys_replace_and_errors_name_the_line() {
        let config = Config::parse("[documents]\nboards = \"BOARD.md\"\n[states.synonyms]\n\"Fertig\" = \"Done\"\n")
            .expect("a valid file");
        assert_eq!(config.documents.boards, [Pattern::new("BOARD.md")]);
        assert_eq!(config.documents.plans, Config::default().documents.plans);
        assert_eq!(config.states.canonical("fertig"), "Done");
        let views = Config::parse("[views]\nmine = \"owner:ann\"\nopen = \"-state:done,backlog\"\ndrift = \"\"\n");
        let views = views.expect("a valid file").views;
        assert_eq!(views.keys().collect::<Vec<_>>(), ["blocked", "mine", "open", "ready", "recent"]);
        assert_eq!((views["mine"].as_str(), views["open"].as_str()), ("owner:ann", "-state:done,backlog"));
        let error = Config::parse("[documents]\n\nbords = 1\n").expect_err("an unknown key");
        assert_eq!(error.line, 3, "{error}");
    }
}
