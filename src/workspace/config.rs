//! `codex-tui.toml`: which documents, which columns, which words. The defaults are the file `assets/codex-tui.toml`
//! itself, so that what is documented is what holds.

mod commands;
mod gates;
mod layers;
mod tracks;
mod ui;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::pattern::Pattern;

pub use commands::Commands;
pub use gates::{Binding, GateSources};
pub use layers::{Layer, Place, Problem, Reading, Setting, Source, nearest};
pub use tracks::Tracks;
pub use ui::{Palette, Ui};

/// Name of the configuration file in the workspace root.
pub const FILE_NAME: &str = "codex-tui.toml";

/// The defaults, as text: every key, each with its explanation.
pub const DEFAULTS: &str = include_str!("../../assets/codex-tui.toml");

/// The configuration of a workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `[documents]`: which document is where.
    pub documents: Documents,
    /// `[columns]`: header names accepted for each field of a task.
    pub columns: ColumnNames,
    /// `[tables]`: which tables of a plan hold its tasks.
    pub tables: Tables,
    /// `[states]`: the vocabulary of states.
    pub states: States,
    /// `[watch] mode`.
    pub watch: WatchMode,
    /// `[ui]`.
    pub ui: Ui,
    /// `[keys]`: action name to keys.
    pub keys: BTreeMap<String, Vec<String>>,
    /// `[views]`: saved filters by name, of other lists than the board by `list/name`; an empty one takes a default away.
    /// [`Config::views_of`] has them for one list.
    pub views: BTreeMap<String, String>,
    /// `[gates]`: where telemetry lies.
    pub gates: GateSources,
    /// `[tracks]`: where the pipeline's telemetry lies.
    pub tracks: Tracks,
    /// `[commands]`: how commands are run.
    pub commands: Commands,
    /// `[[gate]]`: what single clauses mean.
    pub bindings: Vec<Binding>,
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
    /// Ledger of gates that people signed off; the first literal path is where it is created.
    pub sign_offs: Vec<Pattern>,
    /// Decision records.
    pub adr: Vec<Pattern>,
    /// Playbook for prompts.
    pub playbook: Vec<Pattern>,
    /// Backlog in YAML.
    pub todo: Vec<Pattern>,
    /// What is being worked on and was done last.
    pub progress: Vec<Pattern>,
    /// Journal of the work.
    pub journal: Vec<Pattern>,
}

/// A field of a task that several documents may carry, each under its own header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// By which the rows of several documents are known to be the same task.
    Id,
    /// What it is called.
    Title,
    /// Where it stands.
    State,
    /// Who does it.
    Owner,
    /// What comes out of it.
    Deliverable,
    /// The path of its plan.
    PlanLink,
    /// The name of its plan.
    Plan,
    /// What has to be there before it is begun.
    Preconditions,
    /// When it counts as done.
    Definition,
    /// How much it matters.
    Priority,
    /// The part of the work that it belongs to.
    Area,
    /// Anything else.
    Notes,
}

impl Field {
    /// All of them, in the order in which forms and details show them.
    pub const ALL: [Field; 12] = [
        Field::Id,
        Field::Title,
        Field::State,
        Field::Owner,
        Field::Deliverable,
        Field::PlanLink,
        Field::Plan,
        Field::Preconditions,
        Field::Definition,
        Field::Priority,
        Field::Area,
        Field::Notes,
    ];

    /// The word for it in `codex-tui.toml`, on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Field::Id => "id",
            Field::Title => "title",
            Field::State => "state",
            Field::Owner => "owner",
            Field::Deliverable => "deliverable",
            Field::PlanLink => "plan_link",
            Field::Plan => "plan",
            Field::Preconditions => "preconditions",
            Field::Definition => "definition",
            Field::Priority => "priority",
            Field::Area => "area",
            Field::Notes => "notes",
        }
    }

    /// The field of that name.
    pub fn named(name: &str) -> Option<Field> {
        let name = name.replace('-', "_");
        Field::ALL.into_iter().find(|field| field.name().eq_ignore_ascii_case(&name))
    }
}

/// `[columns]`: header names, compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNames {
    /// Names for each of [`Field::ALL`].
    names: [Vec<String>; Field::ALL.len()],
    /// Fields that say the same in every document that has them.
    pub shared: Vec<Field>,
}

/// `[tables]`: which tables of a plan hold its tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// Beginnings of the headings above tables of tasks.
    pub active: Vec<String>,
    /// Beginnings of the headings above tables of delivered tasks.
    pub delivered: Vec<String>,
}

impl Tables {
    /// Whether `heading` begins with one of `names`, without regard to case.
    pub fn matches(names: &[String], heading: &str) -> bool {
        names.iter().any(|name| heading.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))
    }
}

/// `[states]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct States {
    /// Kanban columns in their order.
    pub order: Vec<String>,
    /// Other words for a state; compared without case.
    pub synonyms: BTreeMap<String, String>,
    /// States that are written with the day on which the task came to them.
    pub dated: Vec<String>,
    /// The state of finished tasks.
    pub done: String,
    /// The state of tasks that cannot go on.
    pub blocked: String,
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

impl Default for Config {
    fn default() -> Config {
        Config::from_file(layers::EMBEDDED.file.clone())
    }
}

impl Config {
    /// The saved filters of a list (`board`, `gates`, …): name and filter.
    pub fn views_of(&self, list: &str) -> impl Iterator<Item = (&str, &str)> {
        self.views.iter().filter_map(move |(name, filter)| {
            let (of, own) = name.split_once('/').unwrap_or((Config::BOARD, name));
            (of == list).then_some((own, filter.as_str()))
        })
    }

    /// The list whose saved filters need no prefix.
    pub const BOARD: &str = "board";

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
                sign_offs: patterns(documents.sign_offs),
                adr: patterns(documents.adr),
                playbook: patterns(documents.playbook),
                todo: patterns(documents.todo),
                progress: patterns(documents.progress),
                journal: patterns(documents.journal),
            },
            columns: ColumnNames {
                names: [
                    names(columns.id),
                    names(columns.title),
                    names(columns.state),
                    names(columns.owner),
                    names(columns.deliverable),
                    names(columns.plan_link),
                    names(columns.plan),
                    names(columns.preconditions),
                    names(columns.definition),
                    names(columns.priority),
                    names(columns.area),
                    names(columns.notes),
                ],
                shared: columns.shared.map(|shared| shared.0).unwrap_or_default(),
            },
            tables: Tables { active: names(file.tables.active), delivered: names(file.tables.delivered) },
            states: States {
                order: file.states.order.unwrap_or_default(),
                synonyms: file.states.synonyms,
                dated: file.states.dated.unwrap_or_default(),
                done: file.states.done.unwrap_or_else(|| "Done".to_owned()),
                blocked: file.states.blocked.unwrap_or_else(|| "Blocked".to_owned()),
            },
            watch: file.watch.mode.unwrap_or_default(),
            ui: Ui::of(file.ui),
            keys: file.keys.into_iter().map(|(action, keys)| (action, names(Some(keys)))).collect(),
            views: file.views.into_iter().filter(|(_, query)| !query.trim().is_empty()).collect(),
            gates: GateSources::of(file.gates),
            tracks: Tracks::of(file.tracks),
            commands: Commands::of(file.commands),
            bindings: file.bindings,
        }
    }
}

impl ColumnNames {
    /// The header names that carry a field.
    pub fn of(&self, field: Field) -> &[String] {
        &self.names[field as usize]
    }

    /// Position of the first header that one of `names` names.
    pub fn position(names: &[String], header: &[String]) -> Option<usize> {
        names.iter().find_map(|name| header.iter().position(|h| h.trim().eq_ignore_ascii_case(name)))
    }
}

impl States {
    /// A state as it is written on that day: `Done - 2025-12-22` where the state carries a date.
    pub fn written(&self, state: &str, today: NaiveDate) -> String {
        if self.dated.iter().any(|dated| dated.eq_ignore_ascii_case(state)) {
            format!("{state} - {today}")
        } else {
            state.to_owned()
        }
    }

    /// Whether it is the state of finished tasks.
    pub fn is_done(&self, state: &str) -> bool {
        self.done.eq_ignore_ascii_case(state)
    }

    /// Whether it is the state of tasks that cannot go on.
    pub fn is_blocked(&self, state: &str) -> bool {
        self.blocked.eq_ignore_ascii_case(state)
    }

    /// The vocabulary's word for a state as written, without date: synonyms resolved, the order's spelling taken.
    pub fn canonical<'a>(&'a self, word: &'a str) -> &'a str {
        let same = |a: &str| a.eq_ignore_ascii_case(word);
        let word = self.synonyms.iter().find(|(from, _)| same(from)).map_or(word, |(_, to)| to.as_str());
        self.order.iter().find(|known| known.eq_ignore_ascii_case(word)).map_or(word, String::as_str)
    }
}

/// One string or a list of strings.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Names of fields.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "OneOrMore")]
struct Shared(Vec<Field>);

impl TryFrom<OneOrMore> for Shared {
    type Error = String;
    fn try_from(written: OneOrMore) -> Result<Shared, String> {
        let known = || Field::ALL.map(|field| format!("`{}`", field.name())).join(", ");
        let field =
            |name: &String| Field::named(name).ok_or_else(|| format!("unknown field `{name}`, expected {}", known()));
        Ok(Shared(names(Some(written)).iter().map(field).collect::<Result<_, _>>()?))
    }
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
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    documents: DocumentsFile,
    columns: ColumnsFile,
    tables: TablesFile,
    states: StatesFile,
    watch: WatchFile,
    ui: ui::UiFile,
    keys: BTreeMap<String, OneOrMore>,
    views: BTreeMap<String, String>,
    gates: gates::GatesFile,
    tracks: tracks::TracksFile,
    commands: CommandsFile,
    #[serde(rename = "gate")]
    bindings: Vec<Binding>,
}

/// Declares a table of the file whose keys a later layer replaces one by one.
macro_rules! layered {
    ($name:ident { $($key:ident: $type:ty),* $(,)? }) => {
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(super) struct $name { $($key: Option<$type>),* }
        impl $name {
            pub(super) fn under(self, over: $name) -> $name { $name { $($key: over.$key.or(self.$key)),* } }
        }
    };
}

use layered;

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
    sign_offs: OneOrMore,
    adr: OneOrMore,
    playbook: OneOrMore,
    todo: OneOrMore,
    progress: OneOrMore,
    journal: OneOrMore,
});
layered!(ColumnsFile {
    id: OneOrMore,
    title: OneOrMore,
    state: OneOrMore,
    owner: OneOrMore,
    deliverable: OneOrMore,
    plan_link: OneOrMore,
    plan: OneOrMore,
    preconditions: OneOrMore,
    definition: OneOrMore,
    priority: OneOrMore,
    area: OneOrMore,
    notes: OneOrMore,
    shared: Shared,
});
layered!(TablesFile { active: OneOrMore, delivered: OneOrMore });
layered!(WatchFile { mode: WatchMode });
layered!(CommandsFile {
    shell: OneOrMore,
    powershell: OneOrMore,
    time_limit_minutes: u64,
    output: String,
    net_ops: String
});

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StatesFile {
    order: Option<Vec<String>>,
    synonyms: BTreeMap<String, String>,
    dated: Option<Vec<String>>,
    done: Option<String>,
    blocked: Option<String>,
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
            tables: self.tables.under(over.tables),
            states: StatesFile {
                order: over.states.order.or(self.states.order),
                synonyms: self.states.synonyms,
                dated: over.states.dated.or(self.states.dated),
                done: over.states.done.or(self.states.done),
                blocked: over.states.blocked.or(self.states.blocked),
            },
            watch: self.watch.under(over.watch),
            ui: self.ui.under(over.ui),
            keys: self.keys,
            views: self.views,
            gates: self.gates.under(over.gates),
            tracks: self.tracks.under(over.tracks),
            commands: self.commands.under(over.commands),
            bindings: self.bindings.into_iter().chain(over.bindings).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_defaults_are_complete() {
        let Reading { config, settings, problems } = Config::read(&[]);
        assert_eq!(problems, []);
        assert!(settings.iter().all(|setting| setting.place.source == Source::Default && !setting.value.is_empty()));
        assert_eq!(config.documents.tasks_csv[0].to_string(), "docs/taskboard/TaskBoard.csv");
        assert!(!config.documents.checklists.is_empty() && !config.documents.ledger.is_empty());
        assert!(
            Field::ALL.iter().all(|field| !config.columns.of(*field).is_empty())
                && config.columns.shared.len() == 5
                && !config.tables.active.is_empty()
                && config.states.order.contains(&"Blocked".to_owned())
        );
        assert_eq!(config, Config::default());
    }

    #[test]
    fn saved_filters_belong_to_a_list() {
        let views = |text: &str| Config::read(&[Layer::workspace(text)]).config;
        let own = views("[views]\nmine = \"owner:ann\"\nopen = \"-state:done,backlog\"\ndrift = \"\"\n");
        assert_eq!(
            own.views.keys().filter(|name| !name.contains('/')).collect::<Vec<_>>(),
            ["blocked", "mine", "open", "ready", "recent"]
        );
        assert_eq!((own.views["mine"].as_str(), own.views["open"].as_str()), ("owner:ann", "-state:done,backlog"));
        let own = views("[views]\n\"gates/mine\" = \"plan:b\"\n\"gates/failing\" = \"\"\n\"board/x\" = \"plan:c\"\n");
        assert!(own.views_of("gates").any(|view| view == ("mine", "plan:b")));
        assert!(own.views_of("gates").all(|(name, _)| name != "failing"));
        assert!(own.views_of("board").any(|view| view == ("x", "plan:c")) && own.views_of("board").count() == 6);
    }
}
