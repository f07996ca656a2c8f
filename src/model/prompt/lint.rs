//! What a prompt lacks by the playbook's own checklist: which points it does not speak of, which it leaves empty or still to
//! be said, and who acts. It reads prompts as people write them; how, `section` says.

use std::collections::HashSet;

use super::section::{Form, Label, Line, lines};
use super::{Kind, Persona, Playbook, Point, compose, key, one_line, words};
use crate::doc::Severity;
use crate::model::finding::Finding;

/// How a place that is still to be filled in begins; the prompt composer writes `<to be said: …>`.
pub const PLACEHOLDER: &str = "<to be said";

/// Words that say nothing where they stand alone.
const STUBS: [&str; 6] = ["tbd", "todo", "fixme", "to be defined", "to be determined", "fill in"];

/// What a prompt lacks, part by part in the playbook's order; `file` is what the findings call it.
pub fn lint(file: &str, text: &str, book: &Playbook) -> Vec<Finding> {
    let lines = lines(text);
    let parts = parts(book);
    let found = sections(&lines, &parts);
    let raw: Vec<&str> = text.lines().collect();
    let report = Report { file, raw: &raw, lines: &lines };
    let mut findings = Vec::new();
    let mut told = HashSet::new();
    for (at, part) in parts.iter().enumerate() {
        let own: Vec<&Section> = found.iter().filter(|section| section.part == at).collect();
        if own.is_empty() {
            findings.push(report.missing(part, expected(at, &found, raw.len())));
        } else {
            findings.extend(report.judge(part, &own, &mut told));
        }
    }
    for (at, line) in raw.iter().enumerate() {
        if is_open(line) && told.insert(at) {
            findings.push(report.open("the prompt", at));
        }
    }
    findings
}

/// Something that a prompt has to have.
#[derive(Clone, Copy)]
enum Part<'a> {
    Persona(&'a [Persona]),
    Point(&'a Point),
    List(Kind),
    Reporting(&'a Point),
}

fn parts(book: &Playbook) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    if !book.personas.is_empty() {
        parts.push(Part::Persona(&book.personas));
    }
    parts.extend(book.points().map(Part::Point));
    parts.extend(book.lists().map(Part::List));
    parts.extend(book.reporting().map(Part::Reporting));
    parts
}

impl Part<'_> {
    /// How a heading for it reads.
    fn name(&self) -> &str {
        match self {
            Part::Persona(_) => compose::PERSONA,
            Part::Point(point) => &point.name,
            Part::List(kind) => compose::list_name(*kind),
            Part::Reporting(_) => compose::REPORTING,
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Part::Point(point) => Kind::of(&point.name),
            Part::List(kind) => *kind,
            Part::Persona(_) | Part::Reporting(_) => Kind::Other,
        }
    }

    /// Whether a label names it in other words. `alone` says whether it is the only part of its kind.
    fn is_meant(&self, label: &Name, own: &Name, alone: bool) -> bool {
        if own.stem() == label.stem() {
            return true;
        }
        match self {
            Part::Persona(personas) => {
                // `Persona: X`, `Agent persona`, or the name itself.
                let around = ["persona", "agent", "name", "profile", "active", "the", "your"];
                let about =
                    label.says(&["persona", "agent"]) && label.words.iter().all(|word| around.contains(&word.as_str()));
                about || personas.iter().any(|persona| key(&persona.name) == label.key)
            }
            Part::Point(_) => alone && own.kind != Kind::Other && label.kind == own.kind,
            Part::List(kind) => label.kind == *kind,
            Part::Reporting(principle) => {
                Name::of(&principle.name).stem() == label.stem() || label.says(&["report", "summar", "handoff"])
            }
        }
    }

    /// Whether the other part may stand within this one.
    fn holds(&self, other: &Part<'_>) -> bool {
        let list = Kind::LISTS.contains(&other.kind());
        self.kind() == Kind::Safety && list
    }
}

/// A name, taken apart once.
struct Name {
    key: String,
    words: Vec<String>,
    kind: Kind,
}

impl Name {
    fn of(name: &str) -> Name {
        Name { key: key(name), words: words(name), kind: Kind::of(name) }
    }

    /// Singular and plural are the same name.
    fn stem(&self) -> &str {
        self.key.trim_end_matches('s')
    }

    /// Whether one of its words begins so.
    fn says(&self, starts: &[&str]) -> bool {
        self.words.iter().any(|word| starts.iter().any(|start| word.starts_with(start)))
    }
}

/// Where a part stands: the line of its label, and the end of its content. 0-based.
#[derive(Debug, Clone, Copy)]
struct Section {
    part: usize,
    form: Form,
    line: usize,
    end: usize,
}

fn sections(lines: &[Line<'_>], parts: &[Part<'_>]) -> Vec<Section> {
    let alone: Vec<bool> =
        parts.iter().map(|one| parts.iter().filter(|other| other.kind() == one.kind()).count() == 1).collect();
    let persona = parts.iter().position(|part| match part {
        Part::Persona(_) => true,
        Part::Point(_) | Part::List(_) | Part::Reporting(_) => false,
    });
    let names: Vec<Name> = parts.iter().map(|part| Name::of(part.name())).collect();
    let mut found: Vec<Section> = Vec::new();
    // Headings that are open here: level, and the part that they name.
    let mut open: Vec<(usize, Option<usize>)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let part = line.label.and_then(|label| {
            let exact = |key: &str| names.iter().position(|name| name.key == key);
            let named = || {
                let name = Name::of(label.name);
                let meant = |at: &usize| parts[*at].is_meant(&name, &names[*at], alone[*at]);
                exact(&name.key).or_else(|| (0..parts.len()).find(meant))
            };
            exact(&key(label.whole)).or_else(|| if label.name.is_empty() { None } else { named() })
        });
        if let Form::Heading(level) = line.form {
            open.retain(|(outer, _)| *outer < level);
            // A title may name the persona of the whole prompt.
            open.push((level, part.filter(|part| level > 1 || Some(*part) != persona)));
        }
        let Some(part) = part else { continue };
        // A list item under the heading of a part belongs to that part; only safety has lists in it that count.
        let outer = open.iter().rev().find_map(|(_, part)| *part).filter(|_| line.form == Form::Item);
        if outer.is_none_or(|outer| parts[outer].holds(&parts[part])) {
            found.push(Section { part, form: line.form, line: at, end: lines.len() });
        }
    }
    if let Some(part) = persona.filter(|part| found.iter().all(|section| section.part != *part))
        && let Some(line) = actor(lines, parts[part])
    {
        let at = found.partition_point(|section| section.line < line);
        found.insert(at, Section { part, form: Form::Line, line, end: line + 1 });
    }
    end(&mut found, lines, parts);
    found
}

/// Finds out where each section ends: a heading's at the next one of its level or at a label on a line of its own, a label's at
/// the next heading or label. What may stand within a part does not end it.
fn end(found: &mut [Section], lines: &[Line<'_>], parts: &[Part<'_>]) {
    let mut headings = [lines.len(); 7];
    let (mut next_line, mut next_any, mut next_own) = (lines.len(), lines.len(), lines.len());
    let mut seen = lines.len();
    for section in found.iter_mut().rev() {
        while seen > section.line + 1 {
            seen -= 1;
            if let Form::Heading(level) = lines[seen].form {
                headings[level] = seen;
            }
        }
        let until = |level: usize| headings[..=level].iter().copied().min().unwrap_or(lines.len());
        let safety = parts[section.part].kind() == Kind::Safety;
        let end = match section.form {
            Form::Heading(level) => until(level).min(next_line),
            Form::Line if safety => until(6).min(next_own),
            Form::Line | Form::Item => until(6).min(next_any),
        };
        section.end = section.end.min(end);
        let is_list = Kind::LISTS.contains(&parts[section.part].kind());
        next_any = section.line;
        next_own = if is_list && section.form == Form::Item { next_own } else { section.line };
        next_line = if section.form == Form::Line && !is_list { section.line } else { next_line };
    }
}

/// The line that says who acts where no label does: `You are the …`.
fn actor(lines: &[Line<'_>], part: Part<'_>) -> Option<usize> {
    let says = |line: &&Line<'_>| {
        let text = format!(" {} ", words(line.text).join(" "));
        line.form == Form::Line && [" you are ", " act as ", " acting as "].iter().any(|words| text.contains(words))
    };
    let known = |line: &Line<'_>| match part {
        Part::Persona(personas) => is_one_of(personas, line.text),
        Part::Point(_) | Part::List(_) | Part::Reporting(_) => false,
    };
    let named = lines.iter().position(|line| says(&line) && known(line));
    let a = |line: &Line<'_>| ["a", "an", "the"].iter().any(|word| words(line.text).iter().any(|own| own == word));
    named.or_else(|| lines.iter().position(|line| says(&line) && a(line)))
}

/// Whether the text names one of the personas, word for word.
fn is_one_of(personas: &[Persona], text: &str) -> bool {
    let said = format!(" {} ", words(text).join(" "));
    personas.iter().any(|persona| {
        let name = words(&persona.name).join(" ");
        if name.is_empty() { text.contains(&persona.name) } else { said.contains(&format!(" {name} ")) }
    })
}

/// Where a part would be expected: behind the nearest part before it that is there, else before the first one that is.
/// 1-based.
fn expected(part: usize, found: &[Section], lines: usize) -> usize {
    let before = found.iter().filter(|section| section.part < part).max_by_key(|section| (section.part, section.line));
    let after = || found.iter().map(|section| section.line + 1).min();
    before.map(|section| section.end).or_else(after).unwrap_or(1).clamp(1, lines.max(1))
}

/// Whether a line has something that is still to be said.
fn is_open(line: &str) -> bool {
    line.to_lowercase().contains(PLACEHOLDER)
}

#[derive(Clone, Copy)]
struct Report<'a> {
    file: &'a str,
    raw: &'a [&'a str],
    lines: &'a [Line<'a>],
}

impl Report<'_> {
    fn finding(self, rule: &'static str, line: usize, message: String) -> Finding {
        Finding::new(rule, Severity::Warning, message).at(self.file, line)
    }

    fn missing(self, part: &Part<'_>, line: usize) -> Finding {
        let (name, asks) = (part.name(), asks(part));
        self.finding("prompt-missing", line, format!("the prompt has no section {name:?}{asks}")).advise(format!(
            "add `## {}` here, or a line `{}: …`; {}",
            one_line(name),
            one_line(name),
            mend(part)
        ))
    }

    /// A place that is still to be filled in, on this 0-based line.
    fn open(self, place: &str, line: usize) -> Finding {
        let said = one_line(self.raw[line]);
        let said = said.trim_start_matches(['-', '*', '+', '>', ' ']);
        self.finding("prompt-placeholder", line + 1, format!("{place} is still open: {said}"))
            .advise("put what holds in its place, or take the line out")
    }

    /// What is wrong with a part that is there.
    fn judge(self, part: &Part<'_>, own: &[&Section], told: &mut HashSet<usize>) -> Vec<Finding> {
        let name = part.name();
        let mut open = Vec::new();
        for at in own.iter().flat_map(|section| section.line..section.end) {
            if is_open(self.raw[at]) && told.insert(at) {
                open.push(self.open(&format!("section {name:?}"), at));
            }
        }
        let Some(first) = own.first().filter(|_| open.is_empty()) else { return open };
        let found = |rule, message| vec![self.finding(rule, first.line + 1, message).advise(mend(part))];
        if let Part::Persona(personas) = part {
            let is_known = |section: &&Section| is_one_of(personas, &self.raw[section.line..section.end].join("\n"));
            let unknown = "the prompt names no persona that the playbook knows".to_owned();
            return if own.iter().any(is_known) { Vec::new() } else { found("prompt-unknown-persona", unknown) };
        }
        let texts: Vec<String> = own.iter().map(|section| self.content(section)).collect();
        let said: Vec<&String> = texts.iter().filter(|text| text.chars().any(char::is_alphanumeric)).collect();
        match said.first() {
            None => found("prompt-empty", format!("section {name:?} says nothing{}", asks(part))),
            Some(text) if said.iter().all(|text| is_stub(text)) => {
                let message = format!("section {name:?} says only {:?}{}", one_line(text), asks(part));
                found("prompt-placeholder", message)
            }
            Some(_) => Vec::new(),
        }
    }

    /// What a section says behind its label and on its further lines.
    fn content(self, section: &Section) -> String {
        let is_named = |label: &Label<'_>| !label.name.is_empty();
        let first = self.lines[section.line].label.filter(is_named).map_or("", |label| label.rest);
        let more = self.lines[section.line + 1..section.end].iter().map(|line| line.text);
        std::iter::once(first).chain(more).collect::<Vec<_>>().join("\n")
    }
}

/// Whether the text is only a word that says nothing, or only a `<…>`.
fn is_stub(text: &str) -> bool {
    let said = words(text).join(" ");
    let angled = text.trim().starts_with('<') && text.trim().ends_with('>') && !text.trim().contains('\n');
    angled || STUBS.contains(&said.as_str())
}

/// What the playbook asks for, as the end of a sentence.
fn asks(part: &Part<'_>) -> String {
    match part {
        Part::Point(point) | Part::Reporting(point) if !point.text.is_empty() => {
            format!("; the playbook asks: {} ({})", point.text, point.place())
        }
        Part::Point(point) | Part::Reporting(point) => format!(" ({})", point.place()),
        Part::Persona(_) | Part::List(_) => String::new(),
    }
}

/// What has to be said.
fn mend(part: &Part<'_>) -> String {
    match part {
        Part::Persona(personas) => {
            let names: Vec<&str> = personas.iter().map(|persona| persona.name.as_str()).collect();
            format!("name one of the playbook's personas: {}", names.join(", "))
        }
        Part::Point(_) => "say what the playbook asks for".to_owned(),
        Part::List(kind) => format!("say {}, or `none` with the reason", compose::list_question(*kind)),
        Part::Reporting(_) => "say what is to be summarised at the end, and where".to_owned(),
    }
}

#[cfg(test)]
mod tests;
