//! The list of the Prompt pane: the playbook's personas, the open tasks, the tasks of its library.

use ratatui::buffer::Buffer;

use super::PromptPane;
use crate::doc::DocId;
use crate::model::prompt::Playbook;
use crate::model::task::TaskList;
use crate::tui::pane::Cx;
use crate::tui::pane::split::Areas;
use crate::tui::text;
use crate::tui::widget::found;

/// A row, by its place in playbook and tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// What the rows below are.
    Heading(&'static str),
    /// A persona.
    Persona(usize),
    /// A task of the documents.
    Task(usize),
    /// A task of the library: group, and place in it.
    Library(usize, usize),
}

/// What fits the filter, under headings.
pub(super) fn rows(book: &Playbook, tasks: &TaskList, filter: &str, is_done: impl Fn(&str) -> bool) -> Vec<Row> {
    if book.docs.is_empty() {
        return Vec::new();
    }
    let words: Vec<&str> = filter.split_whitespace().collect();
    let fits = |row: &Row| {
        let label = if words.is_empty() { String::new() } else { row.label(book, tasks) };
        words.iter().all(|word| found::contains(&label, word))
    };
    let personas = (0..book.personas.len()).map(Row::Persona);
    let open = (0..tasks.len()).filter(|at| !is_done(tasks.task(*at).state())).map(Row::Task);
    let groups = book.library.iter().enumerate();
    let library = groups.flat_map(|(group, of)| (0..of.tasks.len()).map(move |at| Row::Library(group, at)));
    let parts: [(&'static str, Vec<Row>); 3] = [
        ("Personas", personas.filter(&fits).collect()),
        ("Tasks", open.filter(&fits).collect()),
        ("Task library", library.filter(&fits).collect()),
    ];
    let mut rows = Vec::new();
    for (heading, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        rows.push(Row::Heading(heading));
        rows.extend(part);
    }
    rows
}

impl Row {
    pub fn is_heading(self) -> bool {
        match self {
            Row::Heading(_) => true,
            Row::Persona(_) | Row::Task(_) | Row::Library(..) => false,
        }
    }

    /// By what it is chosen.
    pub fn key(self, book: &Playbook, tasks: &TaskList) -> String {
        match self {
            Row::Heading(name) => name.to_owned(),
            Row::Persona(at) => book.personas[at].name.clone(),
            Row::Task(at) => tasks.task(at).id().into_owned(),
            Row::Library(group, at) => book.library[group].tasks[at].text.clone(),
        }
    }

    /// What stands in the list.
    pub fn label(self, book: &Playbook, tasks: &TaskList) -> String {
        match self {
            Row::Heading(_) | Row::Library(..) => self.key(book, tasks),
            Row::Persona(at) => {
                let persona = &book.personas[at];
                let scope = if persona.scope.is_empty() { String::new() } else { format!("  {}", persona.scope) };
                format!("{}{scope}", persona.name)
            }
            Row::Task(at) => {
                let task = tasks.task(at);
                format!("{}  {}", task.id(), task.title())
            }
        }
    }

    /// Where it stands.
    pub fn place(self, book: &Playbook, tasks: &TaskList) -> Option<(DocId, usize)> {
        match self {
            Row::Heading(_) => None,
            Row::Persona(at) => Some((book.personas[at].doc.clone(), book.personas[at].line)),
            Row::Task(at) => tasks.task(at).rows().next().map(|row| (row.doc().clone(), row.line())),
            Row::Library(group, at) => {
                let task = &book.library[group].tasks[at];
                Some((task.doc.clone(), task.line))
            }
        }
    }
}

impl PromptPane {
    pub(super) fn draw_list(&self, areas: &Areas, buf: &mut Buffer, cx: &Cx<'_>) {
        let area = areas.rows;
        if self.rows.is_empty() && area.height > 0 {
            let why = if self.filter.is_empty() {
                "The playbook names no persona, and there is no open task"
            } else {
                "Nothing fits the filter; Esc clears it"
            };
            text::put(buf, area.x, area.y, area.width, why, cx.theme.quiet);
        }
        for (y, row) in (area.top()..area.bottom()).zip(&self.rows[self.split.visible_rows(areas)]) {
            let label = row.label(&self.book, &self.tasks);
            let chosen = match row {
                Row::Heading(_) => {
                    text::put(buf, area.x, y, area.width, &label, cx.theme.heading);
                    None
                }
                Row::Persona(_) => Some(&self.new.persona),
                Row::Task(_) | Row::Library(..) => Some(&self.new.task),
            };
            if let Some(chosen) = chosen {
                let is_chosen = chosen.as_deref() == Some(row.key(&self.book, &self.tasks).as_str());
                let mark = if is_chosen { cx.theme.symbols.yes } else { " " };
                let style = if is_chosen { cx.theme.accent } else { cx.theme.text };
                text::put(buf, area.x, y, area.width, &format!("{mark} {}", text::clean(&label)), style);
            }
        }
    }
}
