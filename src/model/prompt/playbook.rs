//! Reads the playbook. Its parts are found by the words of their headings, because every workspace names them anew; the
//! personas also by the columns of a table, or by the bullets under a heading (`- **Scope**: …`).

use std::ops::Range;

use super::{Group, Persona, Playbook, Point, key, one_line, plain, words};
use crate::doc::markdown::{Item, Table};
use crate::doc::{Document, Markdown};
use crate::model::runbook::cells::of_row;

impl Playbook {
    /// Reads the documents of a playbook, in order.
    pub fn project<'a>(docs: impl IntoIterator<Item = &'a Document>) -> Playbook {
        let mut book = Playbook::default();
        for doc in docs {
            let Some(markdown) = doc.markdown() else { continue };
            book.docs.push(doc.id().clone());
            let reader = Reader { doc, markdown };
            for table in markdown.tables() {
                reader.personas_of(table, &mut book.personas);
            }
            reader.sections(&mut book);
        }
        once(&mut book.personas, |persona| key(&persona.name));
        once(&mut book.checklist, |point| key(&point.name));
        book
    }
}

/// Keeps the first of each name.
fn once<T>(list: &mut Vec<T>, name: impl Fn(&T) -> String) {
    let mut seen = std::collections::HashSet::new();
    list.retain(|one| seen.insert(name(one)));
}

/// Which part of the playbook stands under a heading.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Principles,
    Patterns,
    Checklist,
    Library,
}

impl Part {
    fn of(heading: &str) -> Option<Part> {
        let words = words(heading);
        let has = |start: &str| words.iter().any(|word| word.starts_with(start));
        if has("checklist") || (has("prompt") && has("requirement")) {
            Some(Part::Checklist)
        } else if has("task") && (has("librar") || has("catalog")) {
            Some(Part::Library)
        } else if has("principle") {
            Some(Part::Principles)
        } else if has("pattern") {
            Some(Part::Patterns)
        } else {
            None
        }
    }
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    doc: &'a Document,
    markdown: &'a Markdown,
}

impl Reader<'_> {
    fn sections(self, book: &mut Playbook) {
        let headings = self.markdown.headings();
        let mut at = 0;
        while at < headings.len() {
            let title = self.doc.text(&headings[at].text).into_owned();
            let deeper = headings[at + 1..].iter().take_while(|next| next.level > headings[at].level).count();
            let inside = at + 1..at + 1 + deeper;
            if let Some(part) = Part::of(&title) {
                self.read(part, at, inside.clone(), book);
                at = inside.end;
                continue;
            }
            book.personas.extend(self.persona_at(at));
            at += 1;
        }
    }

    /// Reads what stands under the heading `top` and the headings below it.
    fn read(self, part: Part, top: usize, inside: Range<usize>, book: &mut Playbook) {
        let all = std::iter::once(top).chain(inside.clone());
        match part {
            Part::Principles => book.principles.extend(all.flat_map(|at| self.points(at))),
            Part::Patterns => book.patterns.extend(all.flat_map(|at| self.points(at))),
            Part::Library => {
                // A task is a sentence: what stands before a colon in it is no name.
                let task = |(text, line)| Point { name: String::new(), text, doc: self.doc.id().clone(), line };
                let tasks = |at| self.texts(at).into_iter().map(task).collect();
                let groups = all.map(|at| Group { tasks: tasks(at), ..self.group(at) });
                book.library.extend(groups.filter(|group| !group.tasks.is_empty()));
            }
            Part::Checklist => {
                let mut points = self.points(top);
                for at in inside {
                    // A heading of its own is a point too, and what stands under it is what it asks for.
                    let asked: Vec<String> = self.texts(at).into_iter().map(|(text, _)| text).collect();
                    let Group { name, doc, line, .. } = self.group(at);
                    if !asked.is_empty() {
                        points.push(Point { name, text: asked.join(" "), doc, line });
                    }
                }
                for point in &mut points {
                    if point.name.is_empty() {
                        point.name = std::mem::take(&mut point.text);
                    }
                }
                points.retain(|point| !point.name.is_empty());
                book.checklist.extend(points);
            }
        }
    }

    fn group(self, at: usize) -> Group {
        let heading = &self.markdown.headings()[at];
        let name = plain(&self.doc.text(&heading.text));
        Group { name, doc: self.doc.id().clone(), line: heading.line, tasks: Vec::new() }
    }

    /// The list items directly under a heading, each with its name.
    fn points(self, heading: usize) -> Vec<Point> {
        let point = |(text, line): (String, usize)| {
            let (name, text) = name_and_text(&text);
            Point { name, text, doc: self.doc.id().clone(), line }
        };
        self.texts(heading).into_iter().map(point).filter(|point| !point.said().is_empty()).collect()
    }

    /// The texts of the outermost list items directly under a heading, with their lines; what is nested in one belongs to it.
    fn texts(self, heading: usize) -> Vec<(String, usize)> {
        let items = self.markdown.items();
        let from = items.partition_point(|item| item.heading < Some(heading));
        let to = items.partition_point(|item| item.heading <= Some(heading));
        let mut texts: Vec<(String, usize)> = Vec::new();
        let mut outer = 0;
        for item in &items[from..to] {
            let text = self.whole(item);
            match texts.last_mut() {
                Some((last, _)) if item.indent > outer => {
                    last.push(' ');
                    last.push_str(&text);
                }
                Some(_) | None => {
                    outer = item.indent;
                    texts.push((text, item.line));
                }
            }
        }
        texts
    }

    /// An item's text with the lines that go on with it.
    fn whole(self, item: &Item) -> String {
        let bytes = self.doc.bytes();
        let mut text = self.doc.text(&item.text).into_owned();
        let starts = |line: usize| {
            let items = self.markdown.items();
            items.binary_search_by_key(&line, |other| other.line).is_ok()
                || self.markdown.headings().binary_search_by_key(&line, |heading| heading.line).is_ok()
        };
        let mut at = next_line(bytes, item.text.end);
        let mut number = item.line + 1;
        while at < bytes.len() && !starts(number) && !self.markdown.is_code(at) && !self.markdown.is_comment(at) {
            let end = next_line(bytes, at);
            let line = String::from_utf8_lossy(&bytes[at..end]);
            if line.trim().is_empty() || line.trim_start().starts_with('|') {
                break;
            }
            text = format!("{text} {}", line.trim());
            (at, number) = (end, number + 1);
        }
        one_line(&text)
    }

    /// The persona that the bullets under a heading describe, if they do.
    fn persona_at(self, heading: usize) -> Option<Persona> {
        let group = self.group(heading);
        let (name, doc, line) = (group.name, group.doc, group.line);
        let mut persona = Persona { name, doc, line, ..self.nobody() };
        let points = self.points(heading);
        for point in &points {
            persona.learn(&point.name, point.text.clone());
        }
        let is_one = !persona.scope.is_empty() && points.len() > 1 && !persona.name.is_empty();
        is_one.then_some(persona)
    }

    /// The rows of a table whose header names a persona.
    fn personas_of(self, table: &Table, personas: &mut Vec<Persona>) {
        let header: Vec<String> = table.header.iter().map(|span| one_line(&self.markdown.cell(span))).collect();
        let says = |name: &String, starts: &[&str]| {
            words(name).iter().any(|word| starts.iter().any(|start| word.starts_with(start)))
        };
        let describes = header.iter().any(|name| says(name, &["scope", "guardrail", "entry"]));
        let named = header.iter().position(|name| says(name, &["persona"]));
        let agent = || header.iter().position(|name| describes && says(name, &["agent", "role"]));
        let Some(column) = named.or_else(agent) else { return };
        for row in &table.rows {
            let cells = of_row(self.doc, self.markdown, row);
            let cell = |at: usize| cells.get(at).map_or_else(String::new, |text| one_line(text));
            let mut persona = Persona { name: plain(&cell(column)), line: row.line, ..self.nobody() };
            for (at, label) in header.iter().enumerate().filter(|(at, _)| *at != column) {
                persona.learn(label, cell(at));
            }
            if !persona.name.is_empty() {
                personas.push(persona);
            }
        }
    }

    fn nobody(self) -> Persona {
        Persona {
            name: String::new(),
            scope: String::new(),
            entrypoints: String::new(),
            guardrails: String::new(),
            more: Vec::new(),
            doc: self.doc.id().clone(),
            line: 1,
        }
    }
}

impl Persona {
    /// Takes in what the playbook says under a label.
    fn learn(&mut self, label: &str, text: String) {
        let words = words(label);
        let has = |starts: &[&str]| words.iter().any(|word| starts.iter().any(|start| word.starts_with(start)));
        let field = if has(&["scope", "purpose"]) {
            Some(&mut self.scope)
        } else if has(&["entry", "surface"]) {
            Some(&mut self.entrypoints)
        } else if has(&["guard", "limit", "constraint"]) {
            Some(&mut self.guardrails)
        } else {
            None
        };
        match field {
            Some(field) if field.is_empty() => *field = text,
            Some(_) | None if text.is_empty() || label.is_empty() => {}
            Some(_) | None => self.more.push((plain(label), text)),
        }
    }
}

/// The start of the line behind the one that holds `offset`, whatever ends it.
fn next_line(bytes: &[u8], offset: usize) -> usize {
    match memchr::memchr2(b'\n', b'\r', &bytes[offset..]).map(|found| offset + found) {
        Some(at) if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') => at + 2,
        Some(at) => at + 1,
        None => bytes.len(),
    }
}

/// The parts of `**Name** – text`, `**Name:** text`, `Name: text` and `Name – text`. A bare name has at most five words,
/// so that a colon in a sentence makes no name.
fn name_and_text(item: &str) -> (String, String) {
    for mark in ["**", "__"] {
        let bold = item.strip_prefix(mark).and_then(|inner| inner.split_once(mark));
        if let Some((name, rest)) = bold.filter(|(name, _)| !name.trim().is_empty()) {
            let between = |c: char| c.is_whitespace() || ":–—-".contains(c);
            return (plain(name.trim_end_matches([':', ' '])), rest.trim_start_matches(between).trim().to_owned());
        }
    }
    let marks = [" – ", " — ", " - ", ": "];
    let first = marks.iter().filter_map(|mark| Some((item.find(mark)?, *mark))).min();
    match first {
        Some((at, mark)) if (1..=5).contains(&words(&item[..at]).len()) => {
            (plain(&item[..at]), item[at + mark.len()..].trim().to_owned())
        }
        Some(_) | None => (String::new(), item.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::DocId;

    fn read(texts: &[&str]) -> Playbook {
        let doc = |(at, text): (usize, &&str)| {
            Document::parse(DocId::new(&format!("ai/{at}.md")).expect("a path"), text.as_bytes().to_vec())
        };
        let docs: Vec<Document> = texts.iter().enumerate().map(doc).collect();
        Playbook::project(&docs)
    }

    fn points(list: &[Point]) -> Vec<(&str, &str, usize)> {
        list.iter().map(|point| (point.name.as_str(), point.text.as_str(), point.line)).collect()
    }

    #[test]
    fn personas_stand_in_tables_and_in_sections() {
        let check = |text: &str, want: &[(&str, &str, &str, &str, usize)]| {
            let book = read(&[text]);
            let got: Vec<_> = book
                .personas
                .iter()
                .map(|p| (p.name.as_str(), p.scope.as_str(), p.entrypoints.as_str(), p.guardrails.as_str(), p.line))
                .collect();
            assert_eq!(got, want, "{text}");
        };
        check(
            "## Who\n| Persona | Scope | Entrypoints | Guardrails |\n|---|---|---|---|\n| **Pilot** | Moves<br>ships. | `/`, `/a/:b/*` | Never *twice*. |\n| | x | | |\n| Pilot | again | | |\n",
            &[("Pilot", "Moves ships.", "`/`, `/a/:b/*`", "Never *twice*.", 3 + 1)],
        );
        check(
            "| Persona | Scope | Guardrails |\n|---|---|---|\n| Cook | `a|b` soup | ask |\n",
            &[("Cook", "`a|b` soup", "", "ask", 3)],
        );
        check("| Guardrails | Agent |\n|---|---|\n| none | Cook |\n", &[("Cook", "", "", "none", 3)]);
        check("| Role | Name |\n|---|---|\n| Cook | Ann |\n", &[]);
        check(
            "# Agents\n\n## Harbour Master\n- **Scope**: berths,\n  and cranes\n- **Entry points:** `/berths`\n- **Guardrails** – ask\n- **Skills**: x\n\n## Notes\n- Scope: a\n",
            &[("Harbour Master", "berths, and cranes", "`/berths`", "ask", 3)],
        );
        let more = read(&["## A\n- **Scope**: b\n- **Skills**: c\n"]);
        assert_eq!(more.personas[0].more, [("Skills".to_owned(), "c".to_owned())]);
    }

    #[test]
    fn checklist_points_have_many_forms() {
        let check = |text: &str, want: &[(&str, &str, usize)]| {
            assert_eq!(points(&read(&[text]).checklist), want, "{text}");
        };
        check(
            "## Prompt checklist\nBefore:\n- **Environment** – name `A_B`\n- [ ] **Roles:** who\n1. Inputs: what\n2. __Outputs__ - how\n- Stop\n- **Environment** – twice\n",
            &[
                ("Environment", "name `A_B`", 3),
                ("Roles", "who", 4),
                ("Inputs", "what", 5),
                ("Outputs", "how", 6),
                ("Stop", "", 7),
            ],
        );
        check("# Checklist\n- **Safety** – ask:\n  - twice\n\n    loud\n", &[("Safety", "ask: twice", 2)]);
        check(
            "# Prompt Requirements\nUse it.\n## Input Format\n- JSON\n- one: line\n## Empty\n",
            &[("Input Format", "JSON one: line", 3)],
        );
        check("# Checklist\n```\n- **A** – b\n```\n<!--\n- **C** – d\n-->\n", &[]);
        check("# Checklist\r\n\r\n- **A**\r\n  b\r\n", &[("A", "b", 3)]);
    }

    #[test]
    fn principles_patterns_and_the_library_keep_their_lines() {
        let book = read(&[
            "## Operating principles\n1. **Close the loop** – say what changed\n2. Be brief\n## Prompt design patterns\n- Name `X_Y`\n",
            "# Task Library\n## Look\n- Open `/jobs`\n- Read it\n## None\n## Act\n* Stop\n",
        ]);
        assert_eq!(points(&book.principles), [("Close the loop", "say what changed", 2), ("", "Be brief", 3)]);
        assert_eq!(points(&book.patterns), [("", "Name `X_Y`", 5)]);
        let groups: Vec<_> = book.library.iter().map(|g| (g.name.as_str(), g.line, points(&g.tasks))).collect();
        assert_eq!(
            groups,
            [("Look", 2, vec![("", "Open `/jobs`", 3), ("", "Read it", 4)]), ("Act", 6, vec![("", "Stop", 7)])]
        );
        assert_eq!(book.reporting().map(Point::place).as_deref(), Some("ai/0.md:2"));
        assert_eq!(book.docs.len(), 2);
    }
}
