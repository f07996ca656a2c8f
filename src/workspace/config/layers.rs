//! The configuration from its layers: built-in, user file, workspace file, environment, flags; a later one wins, key by key.
//! Whatever cannot be used is left out and reported with its line, and the rest counts. Where each value comes from is kept.

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, Visitor, value};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::{
    Binding, ColumnsFile, CommandsFile, Config, DEFAULTS, DocumentsFile, FILE_NAME, File, StatesFile, TablesFile,
    WatchFile, gates, tracks, ui,
};

/// Sections that the user file may have: what belongs to the operator and not to the workspace.
const PERSONAL: [&str; 4] = ["ui", "keys", "views", "watch"];

/// Keys that the workspace file may not have: they name programs, and whoever can change a repository must not choose what
/// the operator runs.
const USER_ONLY: [&str; 2] = ["ui.editor", "ui.clipboard"];

/// Sections that do not say which documents are meant: a mistake there hides nothing from a change of several documents.
const HARMLESS: [&str; 8] = ["ui", "keys", "views", "watch", "gates", "gate", "tracks", "commands"];

/// Who says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The program.
    Default,
    /// The user file, by its path.
    User(String),
    /// `codex-tui.toml` in the root.
    Workspace,
    /// A variable of the environment, by its name.
    Environment(&'static str),
    /// A flag of the command line, with its dashes.
    Flag(&'static str),
}

impl Source {
    /// One word for it, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Source::Default => "default",
            Source::User(_) => "user",
            Source::Workspace => "workspace",
            Source::Environment(_) => "environment",
            Source::Flag(_) => "flag",
        }
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&str> {
        match self {
            Source::User(path) => Some(path),
            Source::Workspace => Some(FILE_NAME),
            Source::Default | Source::Environment(_) | Source::Flag(_) => None,
        }
    }
}

/// Who says it, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Who.
    pub source: Source,
    /// 1-based line; of no meaning where the source is no file.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.source, self.source.file()) {
            (_, Some(file)) => write!(f, "{file}:{}", self.line),
            (Source::Environment(name) | Source::Flag(name), _) => f.write_str(name),
            (source, _) => f.write_str(source.name()),
        }
    }
}

/// One layer: TOML text and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Who says it.
    pub source: Source,
    /// What it says.
    pub text: String,
}

impl Layer {
    /// The layer of the workspace file.
    pub fn workspace(text: &str) -> Layer {
        Layer { source: Source::Workspace, text: text.to_owned() }
    }
}

/// A key with the value in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Section and key, as `ui.theme`.
    pub key: String,
    /// The value as it is written.
    pub value: String,
    /// Where it stands.
    pub place: Place,
}

/// Something that is written in a configuration and cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub advice: String,
    /// Whether it leaves open which documents are meant, so that nothing may be written.
    pub blinds: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.message, self.advice)
    }
}

/// What the layers say together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The configuration in force.
    pub config: Config,
    /// Every key that has a value: those of the defaults in their order, then others.
    pub settings: Vec<Setting>,
    /// What was left out.
    pub problems: Vec<Problem>,
}

impl Reading {
    /// Where the value in force of a key comes from.
    pub fn place(&self, key: &str) -> Option<&Place> {
        self.settings.iter().find(|setting| setting.key == key).map(|setting| &setting.place)
    }
}

/// The embedded defaults; a test proves that they are read without a problem.
pub(super) static EMBEDDED: LazyLock<Reader> = LazyLock::new(|| {
    let mut reader = Reader::default();
    reader.add(&Layer { source: Source::Default, text: DEFAULTS.to_owned() });
    reader
});

impl Config {
    /// The defaults with these layers on top, the last one winning.
    pub fn read(layers: &[Layer]) -> Reading {
        let mut reader = EMBEDDED.clone();
        for layer in layers {
            reader.add(layer);
        }
        Reading { config: Config::from_file(reader.file), settings: reader.settings, problems: reader.problems }
    }
}

/// What was read so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Reader {
    pub(super) file: File,
    pub(super) settings: Vec<Setting>,
    pub(super) problems: Vec<Problem>,
}

/// One key of a layer with its value.
struct Leaf<'a, 'i> {
    /// Section and key; a third part under `[states.synonyms]`.
    path: Vec<&'a str>,
    /// Where the key stands, in bytes.
    at: usize,
    value: &'a Spanned<DeValue<'i>>,
}

impl Reader {
    fn add(&mut self, layer: &Layer) {
        let text = layer.text.trim_start_matches('\u{feff}');
        let (table, errors) = DeTable::parse_recoverable(text);
        let line = |at: usize| 1 + text.as_bytes()[..at.min(text.len())].iter().filter(|b| **b == b'\n').count();
        let place = |at: usize| Place { source: layer.source.clone(), line: line(at) };
        for error in errors {
            let place = place(error.span().map_or(0, |span| span.start));
            // One mistake of form is told once, however many follow from it in the same line.
            if self.problems.last().is_none_or(|last| last.place != place) {
                self.report(place, "", error.message().trim().to_owned(), "mend the line; it was left out".to_owned());
            }
        }
        let mut leaves = Vec::new();
        for (section, value) in table.get_ref().iter() {
            let (name, at) = (section.get_ref().as_ref(), section.span().start);
            if let Some((message, advice)) = unknown_section(name).or_else(|| misplaced(name, &layer.source)) {
                self.report(place(at), name, message, advice);
                continue;
            }
            match value.get_ref() {
                DeValue::Table(table) => collect(&mut vec![name], table, &mut leaves),
                _ => leaves.push(Leaf { path: vec![name], at, value }),
            }
        }
        leaves.sort_by_key(|leaf| leaf.at);
        for leaf in leaves {
            let key = leaf.path.join(".");
            let written = |value: &Spanned<DeValue<'_>>| text.get(value.span()).unwrap_or_default().trim().to_owned();
            let taken = if leaf.path == ["gate"] {
                self.bindings(leaf.value, &line)
            } else if layer.source == Source::Workspace && USER_ONLY.contains(&key.as_str()) {
                Err((None, "only the user file may say it, because it names a program that is run".to_owned()))
            } else {
                self.take(&leaf)
            };
            match taken {
                Ok(()) => {
                    let setting = Setting { value: written(leaf.value), place: place(leaf.at), key };
                    match self.settings.iter_mut().find(|known| known.key == setting.key) {
                        Some(known) => *known = setting,
                        None => self.settings.push(setting),
                    }
                }
                Err((at, message)) => {
                    let place = place(at.unwrap_or(leaf.at));
                    self.report(place, leaf.path[0], format!("`{key}`: {message}"), advice(&leaf, &message));
                }
            }
        }
    }

    fn report(&mut self, place: Place, section: &str, message: String, advice: String) {
        let harmless = HARMLESS.contains(&nearest(section, &fields_of::<File>()).unwrap_or(section));
        let blinds = place.source == Source::Workspace && !harmless;
        self.problems.push(Problem { place, message, advice, blinds });
    }

    /// Reads one value by itself, so that a wrong one costs no other.
    fn take(&mut self, leaf: &Leaf<'_, '_>) -> Result<(), Failed> {
        if let Some(known) = known_keys(&leaf.path)
            && let Some(key) = leaf.path.get(1)
            && !known.contains(key)
        {
            return Err((None, format!("there is no such key under [{}]", leaf.path[0])));
        }
        let mut value = leaf.value.clone();
        for name in leaf.path.iter().rev() {
            let table: DeTable<'_> = [(Spanned::new(0..0, (*name).into()), value)].into_iter().collect();
            value = Spanned::new(0..0, DeValue::Table(table));
        }
        let file = File::deserialize(toml::de::ValueDeserializer::from(value));
        let file = file.map_err(|error: Error| (None, error.message().trim().to_owned()))?;
        self.file = std::mem::take(&mut self.file).under(file);
        Ok(())
    }

    /// Reads the tables `[[gate]]`, each by itself; one that cannot be read is the layer's problem, the others count.
    fn bindings(&mut self, written: &Spanned<DeValue<'_>>, line: &impl Fn(usize) -> usize) -> Result<(), Failed> {
        let DeValue::Array(tables) = written.get_ref() else {
            return Err((None, "write [[gate]], once for each clause".to_owned()));
        };
        let mut failed = Ok(());
        for table in tables.iter() {
            let at = table.span().start;
            match Binding::deserialize(toml::de::ValueDeserializer::from(table.clone())) {
                Ok(binding) => self.file.bindings.push(Binding { file_line: line(at), ..binding }),
                Err(error) if failed.is_ok() => {
                    failed = Err((Some(error.span().map_or(at, |span| span.start)), error.message().trim().to_owned()));
                }
                Err(_) => {}
            }
        }
        failed
    }
}

/// Where, if not at the key, and why.
type Failed = (Option<usize>, String);

/// The keys below a section, down to the values.
fn collect<'a, 'i>(path: &mut Vec<&'a str>, table: &'a DeTable<'i>, leaves: &mut Vec<Leaf<'a, 'i>>) {
    for (key, value) in table.iter() {
        path.push(key.get_ref().as_ref());
        match value.get_ref() {
            DeValue::Table(table) if *path == ["states", "synonyms"] => collect(path, table, leaves),
            _ => leaves.push(Leaf { path: path.clone(), at: key.span().start, value }),
        }
        path.pop();
    }
}

fn unknown_section(name: &str) -> Option<(String, String)> {
    let sections = fields_of::<File>();
    if sections.contains(&name) {
        return None;
    }
    let home = sections.iter().find(|section| known_keys(&[section]).is_some_and(|keys| keys.contains(&name)));
    let advice = match (nearest(name, &sections), home) {
        (_, Some(section)) => format!("write it below [{section}]"),
        (Some(near), None) => format!("did you mean [{near}]?"),
        (None, None) => format!("there are {}", sections.join(", ")),
    };
    Some((format!("`{name}`: there is no such section"), advice))
}

/// Why a section may not stand in this file.
fn misplaced(section: &str, source: &Source) -> Option<(String, String)> {
    let wrong = matches!(source, Source::User(_)) && !PERSONAL.contains(&section);
    wrong.then(|| {
        let message =
            format!("`{section}`: it belongs to the workspace, because everybody who works there needs the same");
        let personal = PERSONAL.map(|name| format!("[{name}]")).join(", ");
        (message, format!("move it to {FILE_NAME} in the root; the user file may have {personal}"))
    })
}

/// How a value that was not taken is mended.
fn advice(leaf: &Leaf<'_, '_>, message: &str) -> String {
    // The reader names the words that a value may be in backticks, the wrong one first.
    let mut words = message.split('`').skip(1).step_by(2);
    let wrong_word = words.next().filter(|_| message.starts_with("unknown "));
    let near = match (wrong_word, known_keys(&leaf.path), leaf.path.get(1)) {
        (Some(wrong), ..) => nearest(wrong, &words.collect::<Vec<_>>()),
        (None, Some(known), Some(key)) if !known.contains(key) => {
            if let Some((section, key)) = elsewhere(key) {
                return format!("did you mean `{key}` under [{section}]?");
            }
            nearest(key, &known)
        }
        (None, ..) => None,
    };
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "it was left out, everything else counts".to_owned(),
    }
}

/// Another section that has exactly this key.
fn elsewhere(key: &str) -> Option<(&'static str, &str)> {
    let has = |section: &&str| known_keys(&[section]).is_some_and(|keys| keys.contains(&key));
    fields_of::<File>().into_iter().find(has).map(|section| (section, key))
}

/// The keys of a section; none where every key is right (names of actions and of views).
fn known_keys(path: &[&str]) -> Option<Vec<&'static str>> {
    match *path.first()? {
        "documents" => Some(fields_of::<DocumentsFile>()),
        "columns" => Some(fields_of::<ColumnsFile>()),
        "tables" => Some(fields_of::<TablesFile>()),
        "states" => Some(fields_of::<StatesFile>()),
        "watch" => Some(fields_of::<WatchFile>()),
        "ui" => Some(fields_of::<ui::UiFile>()),
        "gates" => Some(fields_of::<gates::GatesFile>()),
        "tracks" => Some(fields_of::<tracks::TracksFile>()),
        "commands" => Some(fields_of::<CommandsFile>()),
        _ => None,
    }
}

/// The candidate that a wrong word most likely means; none when nothing is near.
pub fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let far = |candidate: &&str| strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
    let near = candidates.iter().copied().min_by_key(far)?;
    // A third of the letters may be wrong: more is another word.
    (far(&near) <= 1.max(word.chars().count() / 3)).then_some(near)
}

/// The names of a struct's fields, as its reader knows them, so that no second list of them is needed.
fn fields_of<'de, T: Deserialize<'de>>() -> Vec<&'static str> {
    struct Ask<'a>(&'a mut Vec<&'static str>);
    impl<'de> Deserializer<'de> for Ask<'_> {
        type Error = value::Error;
        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, value::Error> {
            Err(value::Error::custom("only structs are asked"))
        }
        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, value::Error> {
            fields.clone_into(self.0);
            Err(value::Error::custom("asked"))
        }
        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut fields = Vec::new();
    // It ends with the sentence "asked" by design.
    let _ = T::deserialize(Ask(&mut fields));
    fields
}
