//! The runbook: commands of its matrix and of its code blocks, with what has to be filled in. `formats.md` §8: pipes in code
//! spans are not escaped there, so a row can have more cells than its header; what was one code span is put together again.

mod cells;
mod fence;
pub mod fill;
pub mod placeholder;
pub mod query;
mod shell;

use super::autonomy::{Autonomy, Level, Need, Origin};
use super::cite;
use super::query::text::squeeze;
use crate::doc::markdown::Table;
use crate::doc::{DocId, Document, Markdown};
use fill::CommandLine;
use placeholder::{Placeholder, Template};

pub use shell::Shell;

/// One command line of the runbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Position in the list, from 1: what `runbook show` takes.
    pub number: usize,
    /// What it is for: the row's task, or the heading of the code block.
    pub task: String,
    /// The command line as written, placeholders included.
    pub text: String,
    /// The shell that it is written for.
    pub shell: Shell,
    /// The row's notes, or the comment above the line.
    pub notes: String,
    /// What to keep as evidence.
    pub evidence: String,
    /// The document.
    pub doc: DocId,
    /// 1-based line.
    pub line: usize,
    /// What can be filled in, in order.
    pub placeholders: Vec<Placeholder>,
    /// Numbers of the commands of the same row that do instead of this one.
    pub alternatives: Vec<usize>,
    /// Number of the command of the same row that goes before this one.
    pub after: Option<usize>,
    template: Template,
}

/// A parameter that the runbook calls an override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The parameter, for example `--slots`.
    pub name: String,
    /// The document.
    pub doc: DocId,
    /// 1-based line.
    pub line: usize,
}

/// A row of a command matrix without a command that could be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bare {
    /// The row's task.
    pub task: String,
    /// The document.
    pub doc: DocId,
    /// 1-based line.
    pub line: usize,
}

/// All commands of the workspace's runbooks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runbook {
    /// The commands, in document order.
    pub commands: Vec<Command>,
    /// Parameters of its tables of overrides.
    pub overrides: Vec<Override>,
    /// Rows that tell what to do, but hold no command.
    pub without: Vec<Bare>,
}

/// What a row or a block says beside its command lines.
struct Said<'a> {
    doc: &'a DocId,
    task: &'a str,
    notes: &'a str,
    evidence: &'a str,
}

/// How a command of a row stands to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// One of the two is enough.
    Or,
    /// It comes afterwards.
    Then,
    /// The text between them says nothing of it.
    Apart,
}

impl Runbook {
    /// Reads the runbooks, in order.
    pub fn project<'a>(docs: impl IntoIterator<Item = &'a Document>) -> Runbook {
        let mut book = Runbook::default();
        for doc in docs {
            let Some(markdown) = doc.markdown() else { continue };
            let mut parts: Vec<(usize, Part<'_>)> = Vec::new();
            parts.extend(markdown.tables().iter().map(|table| (table.line, Part::Table(table))));
            parts.extend(fence::blocks(doc, markdown).into_iter().map(|block| (block.line, Part::Block(block))));
            parts.sort_by_key(|(line, _)| *line);
            for (_, part) in parts {
                match part {
                    Part::Table(table) => book.read_table(doc, markdown, table),
                    Part::Block(block) => {
                        for one in &block.lines {
                            let said = Said { doc: doc.id(), task: &block.heading, notes: &one.notes, evidence: "" };
                            book.push(&said, &one.text, block.shell.or_of(&one.text), one.line);
                        }
                    }
                }
            }
        }
        book
    }

    fn read_table(&mut self, doc: &Document, markdown: &Markdown, table: &Table) {
        let header: Vec<String> = table.header.iter().map(|span| squeeze(&markdown.cell(span))).collect();
        if header.first().is_some_and(|first| first.contains("override")) {
            return self.read_overrides(doc, markdown, table);
        }
        let find = |words: &[&str]| header.iter().position(|name| words.iter().any(|word| name.contains(word)));
        let Some(column) = find(&["command", "invocation", "cmd"]) else { return };
        let task = find(&["task", "purpose", "step", "goal", "what"]).filter(|at| *at != column);
        let task = task.or((0..header.len()).find(|at| *at != column));
        let notes = find(&["note", "comment", "remark", "when", "description"]);
        let evidence = find(&["evidence", "telemetry", "output", "artifact", "capture", "result"]);
        for row in &table.rows {
            let cells = cells::of_row(doc, markdown, row);
            let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).map_or("", String::as_str);
            let (task, notes, evidence) = (cell(task), cell(notes), cell(evidence));
            let said = Said { doc: doc.id(), task, notes, evidence };
            if self.read_commands(&said, cell(Some(column)), row.line) == 0 {
                self.without.push(Bare { task: task.to_owned(), doc: doc.id().clone(), line: row.line });
            }
        }
    }

    /// The commands of one cell; how many there were.
    fn read_commands(&mut self, said: &Said<'_>, cell: &str, line: usize) -> usize {
        let before = self.commands.len();
        let spans = cite::code_spans(cell);
        if spans.is_empty() {
            let text = cell.split_whitespace().collect::<Vec<_>>().join(" ");
            if shell::is_command(&text) && Shell::of(&text) != Shell::Unknown {
                self.push(said, &text, Shell::of(&text), line);
            }
        }
        let mut end = 0;
        let mut joint = Joint::Apart;
        for span in spans {
            let text = cell[span.clone()].trim();
            // What stands between two commands may hold code spans that are none.
            joint = joint_in(&cell[end..span.start], joint);
            end = span.end;
            if !shell::is_command(text) {
                continue;
            }
            self.push(said, text, Shell::of(text), line);
            let (this, last) = (self.commands.len(), self.commands.len() - 1);
            if last > before {
                match joint {
                    Joint::Or => self.add_alternative(before, this),
                    Joint::Then => self.commands[this - 1].after = Some(last),
                    Joint::Apart => {}
                }
            }
            joint = Joint::Apart;
        }
        self.commands.len() - before
    }

    /// Makes the command with this number an alternative of the one before and of what that one is an alternative of.
    fn add_alternative(&mut self, row: usize, number: usize) {
        let mut others = self.commands[number - 2].alternatives.clone();
        others.push(number - 1);
        others.retain(|other| *other > row);
        others.sort_unstable();
        for other in &others {
            self.commands[other - 1].alternatives.push(number);
        }
        self.commands[number - 1].after = self.commands[number - 2].after;
        self.commands[number - 1].alternatives = others;
    }

    fn read_overrides(&mut self, doc: &Document, markdown: &Markdown, table: &Table) {
        for row in &table.rows {
            let cells = cells::of_row(doc, markdown, row);
            let Some(first) = cells.first() else { continue };
            for span in cite::code_spans(first) {
                let name = first[span].split_whitespace().next().unwrap_or_default();
                if name.starts_with('-') {
                    let over = Override { name: name.to_owned(), doc: doc.id().clone(), line: row.line };
                    self.overrides.push(over);
                }
            }
        }
    }

    fn push(&mut self, said: &Said<'_>, text: &str, shell: Shell, line: usize) {
        let template = Template::parse(text);
        self.commands.push(Command {
            number: self.commands.len() + 1,
            task: said.task.to_owned(),
            text: text.to_owned(),
            shell,
            notes: said.notes.to_owned(),
            evidence: said.evidence.to_owned(),
            doc: said.doc.clone(),
            line,
            placeholders: template.placeholders(),
            alternatives: Vec::new(),
            after: None,
            template,
        });
    }

    /// What a command needs with every optional part in it, so that leaving parts out never needs more: by the rules of the
    /// autonomy plan, by the runbook's overrides, and by the level that its notes name.
    pub fn need(&self, command: &Command, autonomy: &Autonomy) -> Need {
        Runbook::with_notes(command, self.need_of_line(&command.template.widest(), autonomy))
    }

    /// What a command needs as it is filled in. Ask again before it runs: values count too.
    pub fn need_filled(&self, command: &Command, line: &CommandLine, autonomy: &Autonomy) -> Need {
        Runbook::with_notes(command, self.need_of_line(&line.text, autonomy))
    }

    /// The level that the notes of a command name counts where it is higher.
    fn with_notes(command: &Command, need: Need) -> Need {
        match Level::named_in(&command.notes).into_iter().max().filter(|level| *level > need.level) {
            Some(level) => {
                let (doc, line) = (Some(command.doc.clone()), Some(command.line));
                Need { level, why: format!("the runbook's notes say {level}"), doc, line }
            }
            None => need,
        }
    }

    /// The parameters of a line that the runbook calls overrides, in its order.
    pub fn overrides_in(&self, line: &str) -> Vec<&Override> {
        let names = |over: &&Override| {
            let words = line.split(|c: char| c.is_whitespace() || "'\"=:;|&".contains(c));
            words.into_iter().any(|word| word.eq_ignore_ascii_case(&over.name))
        };
        self.overrides.iter().filter(names).collect()
    }

    /// What a typed line needs: by the plan, with no trust in programs that are not known, and by the runbook's overrides.
    pub fn need_typed(&self, line: &str, autonomy: &Autonomy) -> Need {
        let (typed, listed) = (autonomy.need_of(line, Origin::Typed), self.need_of_line(line, autonomy));
        if listed.level > typed.level { listed } else { typed }
    }

    /// What a command line of this runbook needs by the plan and by the runbook's overrides.
    fn need_of_line(&self, line: &str, autonomy: &Autonomy) -> Need {
        let need = autonomy.need_of(line, Origin::Runbook);
        match self.overrides_in(line).first() {
            Some(over) if need.level < Level::L2 => Need {
                level: Level::L2,
                why: format!("{} is an override", over.name),
                doc: Some(over.doc.clone()),
                line: Some(over.line),
            },
            Some(_) | None => need,
        }
    }
}

/// A table or code block, in the order in which they stand.
enum Part<'a> {
    Table(&'a Table),
    Block(fence::Block),
}

/// What the text between two code spans says of them.
fn joint_in(between: &str, before: Joint) -> Joint {
    let words: Vec<String> =
        between.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).filter(|word| !word.is_empty()).collect();
    let has = |word: &str| words.iter().any(|own| own == word);
    if has("or") || between.trim() == "/" {
        Joint::Or
    } else if has("then") || has("and") || [";", "+", "&&"].contains(&between.trim()) {
        Joint::Then
    } else {
        before
    }
}

#[cfg(test)]
mod tests;
