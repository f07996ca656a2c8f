//! Docs: documents of the workspace as a reading view, links followed.
//!
//! ```text
//! ┌ Docs · docs/plans/PlanA_Name.md ────────────┐   ┌ Docs ───────────────────────────────────────┐
//! │  Plan A                                     │   │Headings                                     │
//! │  ══════                                     │   │  Plan A                                     │
//! │> See [docs/CODEX_RUNBOOK.md] before.        │   │    Timeline                                 │
//! │  Date       │ Summary                       │   │Documents                                    │
//! │  ───────────┼──────────────────────         │   │> docs/CODEX_BACKLOG.md            backlog   │
//! │  2026-01-02 │ Ran it again                  │   │  docs/plans/PlanA_Name.md         plans     │
//! └─────────────────────────────────────────────┘   └─────────────────────────────────────────────┘
//! ```
//! `>` marks the line that the editor opens. `h`/`l` go from link to link, `Enter` follows one, `Esc` goes back;
//! `[`/`]` walk through the documents visited. `b` lists documents and headings (`/` filters the list).
//! A page is rendered once for a document's content and a width; a draw looks at visible lines only.

mod library;
mod link;
mod opened;
pub(super) mod page;

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use self::library::{Entry, LIBRARY_FIELDS, Library};
use self::link::{Aim, Destination};
use self::opened::Opened;
use super::{Clip, Context, Cx, Flow, Goto, Pane, PaneId};
use crate::doc::{DocId, Document};
use crate::model::query::{FieldName, Query};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::widget::found;
use crate::tui::widget::markdown::{Ink, Tone};
use crate::workbench::{Order, Report};

/// The Docs pane.
#[derive(Default)]
pub struct Docs {
    open: Option<Opened>,
    /// What was asked for and has not come yet.
    wanted: Option<Wanted>,
    /// Visited before the open document, newest last.
    back: Vec<(DocId, usize)>,
    /// Left with `[`, newest last.
    forward: Vec<(DocId, usize)>,
    /// The list, while it is shown.
    library: Option<Library>,
    /// Generation of the view that the list was made from.
    listed: Option<u64>,
    /// The text searched for.
    find: String,
    /// Long lines of plain text are cut, not wrapped.
    cut: bool,
    /// A sentence on the last line until the next action.
    note: Option<String>,
}

/// Documents asked for, best first, and the place to show.
struct Wanted {
    ids: Vec<DocId>,
    aim: Aim,
    /// As the operator knows it, for the message.
    target: String,
}

impl Docs {
    fn is_listing(&self) -> bool {
        self.library.is_some() || self.open.is_none()
    }

    /// Puts a document on the screen.
    fn put(&mut self, document: Arc<Document>, aim: &Aim, cx: &Cx<'_>) {
        self.library = None;
        self.wanted = None;
        // What was searched for, or filtered the list, belongs to what is left.
        self.find.clear();
        let mut opened = Opened::new(document);
        opened.render(cx, self.cut, &self.find);
        match link::resolve(aim, &opened.page) {
            Some(line) => opened.go(line, cx),
            None => self.note = Some("There is no such heading".to_owned()),
        }
        self.open = Some(opened);
    }

    /// Opens one of the wanted documents: at once where the view holds it, else the workbench is asked for the first.
    fn want(&mut self, ids: Vec<DocId>, aim: Aim, target: String, cx: &Cx<'_>) -> Vec<Effect> {
        let known = ids.iter().find_map(|id| cx.view.snapshot.get(id));
        if let Some(document) = known {
            self.put(Arc::clone(document), &aim, cx);
            return Vec::new();
        }
        let mut ids = ids;
        // What the browser lists is there: ask for it first.
        ids.sort_by_key(|id| !cx.view.library.contains(id));
        let ask = ids.first().map(|id| Effect::Order(Order::Open(id.clone())));
        self.wanted = Some(Wanted { ids, aim, target });
        ask.into_iter().collect()
    }

    /// Remembers the place before leaving it.
    fn leave(&mut self) {
        if let Some(opened) = &self.open {
            self.back.push(opened.place());
            self.forward.clear();
        }
    }

    fn follow(&mut self, target: &str, cx: &Cx<'_>) -> Flow {
        let Some(opened) = &mut self.open else { return Flow::done() };
        match link::follow(target, opened.document.id()) {
            Destination::Nowhere(why) => Flow::Say(why),
            Destination::Here(aim) => match link::resolve(&aim, &opened.page) {
                Some(line) => {
                    let place = opened.place();
                    opened.go(line, cx);
                    self.back.push(place);
                    Flow::done()
                }
                None => Flow::Say(format!("There is no heading {target} here")),
            },
            Destination::Documents(ids, aim) => {
                self.leave();
                Flow::Done(self.want(ids, aim, target.to_owned(), cx))
            }
        }
    }

    /// One step through the visited documents.
    fn walk(&mut self, forward: bool, cx: &Cx<'_>) -> Option<Vec<Effect>> {
        let (from, to) =
            if forward { (&mut self.forward, &mut self.back) } else { (&mut self.back, &mut self.forward) };
        let (id, line) = from.pop()?;
        to.extend(self.open.as_ref().map(Opened::place));
        let target = id.to_string();
        Some(self.want(vec![id], Aim::Line(line), target, cx))
    }

    fn enter(&mut self, cx: &Cx<'_>) -> Flow {
        if self.is_listing() {
            let entry = self.library.as_ref().and_then(Library::selected).cloned();
            return match entry {
                Some(Entry::Document(id, _)) => {
                    self.leave();
                    let target = id.to_string();
                    Flow::Done(self.want(vec![id], Aim::Line(1), target, cx))
                }
                Some(Entry::Heading { line, .. }) => {
                    self.library = None;
                    if let Some(opened) = &mut self.open {
                        opened.go(line, cx);
                    }
                    Flow::done()
                }
                Some(Entry::Label(_)) | None => Flow::done(),
            };
        }
        let Some(opened) = &self.open else { return Flow::done() };
        let here = opened.cursor.at();
        let on_line = || opened.page.links().iter().position(|link| link.line == here);
        match opened.link.or_else(on_line).and_then(|link| opened.page.links().get(link)) {
            Some(link) => {
                let target = link.target.clone();
                self.follow(&target, cx)
            }
            None => Flow::done(),
        }
    }

    /// Makes the list anew where the view has changed; keeps filter and selection. While the pane is not shown it waits.
    fn list_again(&mut self, cx: &Cx<'_>) {
        if !self.is_listing() || cx.area.is_empty() || self.listed == Some(cx.view.generation) {
            return;
        }
        let headings = self.open.as_ref().map_or(&[][..], |opened| opened.page.headings());
        let mut library = Library::new(cx.view, headings, self.open.as_ref().map(|opened| opened.document.id()));
        if let Some(old) = &self.library {
            library.keep(old);
        }
        library.fit(cx.area.height);
        self.library = Some(library);
        self.listed = Some(cx.view.generation);
    }

    fn list(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let headings = self.open.as_ref().map_or(&[][..], |opened| opened.page.headings());
        let mut library = Library::new(cx.view, headings, self.open.as_ref().map(|opened| opened.document.id()));
        library.fit(cx.area.height);
        self.library = Some(library);
        self.find.clear();
        vec![Effect::Order(Order::Library)]
    }
}

impl Pane for Docs {
    fn id(&self) -> PaneId {
        PaneId::Docs
    }

    fn context(&self) -> Context {
        Context::Docs
    }

    fn title(&self, _cx: &Cx<'_>) -> String {
        match &self.open {
            Some(opened) if self.find.is_empty() || self.library.is_some() => opened.document.id().to_string(),
            Some(opened) => format!("{} · {} lines match", opened.document.id(), opened.hits.len()),
            None => String::new(),
        }
    }

    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(opened) = &mut self.open {
            match cx.view.snapshot.get(opened.document.id()) {
                Some(document) if !Arc::ptr_eq(document, &opened.document) => {
                    opened.take(Arc::clone(document));
                    opened.render(cx, self.cut, &self.find);
                }
                Some(_) => {}
                // Not one of the recognised documents: nobody watches it, so look again when something else changed.
                None if cx.area.height > 0 => {
                    effects.push(Effect::Order(Order::Open(opened.document.id().clone())));
                }
                None => {}
            }
        }
        self.list_again(cx);
        effects
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        if let Some(opened) = &mut self.open {
            opened.render(cx, self.cut, &self.find);
        }
        self.list_again(cx);
        if let Some(library) = &mut self.library {
            library.fit(cx.area.height);
        }
    }

    fn listens_to(&self, report: &Report) -> bool {
        matches!(report, Report::Opened { .. })
    }

    fn hear(&mut self, report: &Report, cx: &Cx<'_>) -> Vec<Effect> {
        let Report::Opened { doc, result } = report else { return Vec::new() };
        if let Some(wanted) = self.wanted.take_if(|wanted| wanted.ids.first() == Some(doc)) {
            match result {
                Ok(document) => self.put(Arc::clone(document), &wanted.aim, cx),
                Err(why) => {
                    let rest = wanted.ids[1..].to_vec();
                    if !rest.is_empty() {
                        return self.want(rest, wanted.aim, wanted.target, cx);
                    }
                    let told = why.starts_with(doc.as_str());
                    self.note = Some(if told { why.clone() } else { format!("{}: {why}", wanted.target) });
                    // Nothing was left after all.
                    self.back.pop();
                }
            }
        } else if let (Some(opened), Ok(document)) = (&mut self.open, result)
            && opened.document.id() == doc
            && opened.document.rev() != document.rev()
        {
            opened.take(Arc::clone(document));
            opened.render(cx, self.cut, &self.find);
        }
        Vec::new()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        self.note = None;
        if self.library.is_none() && self.open.is_none() {
            self.library = Some(Library::new(cx.view, &[], None));
        }
        // Only what Docs knows is named; every other action goes outward.
        match (action, &mut self.library, &mut self.open) {
            (Action::Move(to), Some(library), _) => known(library.act(to, cx.area.height)),
            (Action::Move(to), None, Some(opened)) => {
                opened.link = None;
                known(opened.cursor.act(to, opened.page.len(), cx.area.height))
            }
            (Action::LinkNext, None, Some(opened)) => {
                opened.next_link(true, cx);
                Flow::done()
            }
            (Action::LinkPrevious, None, Some(opened)) => {
                opened.next_link(false, cx);
                Flow::done()
            }
            (Action::MatchNext, None, Some(opened)) => {
                opened.next_hit(true, cx);
                Flow::done()
            }
            (Action::MatchPrevious, None, Some(opened)) => {
                opened.next_hit(false, cx);
                Flow::done()
            }
            (Action::Open, _, _) => self.enter(cx),
            (Action::Library, Some(_), Some(_)) | (Action::Back, Some(_), Some(_)) => {
                self.library = None;
                self.find.clear();
                Flow::done()
            }
            (Action::Library, _, _) => Flow::Done(self.list(cx)),
            (Action::Back, None, _) | (Action::TabPrevious, _, _) => {
                self.walk(false, cx).map_or(Flow::Passed, Flow::Done)
            }
            (Action::TabNext, _, _) => self.walk(true, cx).map_or(Flow::Passed, Flow::Done),
            (Action::Wrap, None, Some(opened)) => {
                if opened.document.markdown().is_some() {
                    return Flow::Say("Markdown is always wrapped".to_owned());
                }
                self.cut = !self.cut;
                opened.render(cx, self.cut, &self.find);
                Flow::done()
            }
            (Action::Follow, None, Some(opened)) => Flow::Go(Goto::Log(opened.document.id().clone())),
            _ => Flow::Passed,
        }
    }

    fn click(&mut self, _column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        let row = usize::from(row.saturating_sub(cx.area.y));
        if let Some(library) = &mut self.library {
            library.click(row, cx.area.height);
        } else if let Some(opened) = &mut self.open {
            let at = opened.cursor.top() + row;
            opened.link = None;
            opened.cursor.select(at, opened.page.len(), cx.area.height);
        }
        if double { self.enter(cx) } else { Flow::done() }
    }

    fn wheel(&mut self, lines: i32, cx: &Cx<'_>) -> Vec<Effect> {
        if let Some(library) = &mut self.library {
            library.step(i64::from(lines), cx.area.height);
        } else if let Some(opened) = &mut self.open {
            opened.link = None;
            opened.cursor.step(i64::from(lines), opened.page.len(), cx.area.height);
        }
        Vec::new()
    }

    fn show(&mut self, goto: &Goto, cx: &Cx<'_>) -> Vec<Effect> {
        let Goto::Document { doc, line } = goto else { return Vec::new() };
        self.leave();
        self.want(vec![doc.clone()], Aim::Line(*line), doc.to_string(), cx)
    }

    fn filter(&self) -> &str {
        &self.find
    }

    fn set_filter(&mut self, text: &str, cx: &Cx<'_>) {
        self.find = text.to_owned();
        if let Some(library) = &mut self.library {
            library.filter(text, cx.area.height);
        } else if let Some(opened) = &mut self.open {
            opened.hits = page::hits(&opened.page, &opened.document, text);
            let here = opened.cursor.at();
            if let Some(&line) = opened.hits.iter().find(|&&at| at >= here).or(opened.hits.first()) {
                opened.cursor.select(line, opened.page.len(), cx.area.height);
            }
        }
    }

    fn fields(&self) -> Option<&'static [FieldName]> {
        Some(LIBRARY_FIELDS)
    }

    fn query(&self) -> Option<&Query> {
        self.library.as_ref().map(Library::query)
    }

    fn place(&self, _cx: &Cx<'_>) -> Option<(DocId, usize)> {
        match self.library.as_ref().and_then(Library::selected) {
            Some(Entry::Document(id, _)) => Some((id.clone(), 1)),
            Some(Entry::Heading { line, .. }) => {
                let opened = self.open.as_ref()?;
                Some((opened.document.id().clone(), opened.page.source(*line)))
            }
            Some(Entry::Label(_)) | None => self.open.as_ref().map(Opened::place),
        }
    }

    fn clip(&self, what: Clip, cx: &Cx<'_>) -> Option<String> {
        let (doc, line) = self.place(cx)?;
        match what {
            Clip::Id => Some(match self.open.as_ref().filter(|_| self.library.is_none()) {
                Some(opened) => match opened.link.and_then(|link| opened.page.links().get(link)) {
                    Some(link) => link.target.clone(),
                    None => format!("{doc}:{line}"),
                },
                None => doc.to_string(),
            }),
            Clip::Row => {
                let opened = self.open.as_ref()?;
                let bytes = opened.document.bytes();
                let line = bytes.split(|&b| b == b'\n').nth(line.saturating_sub(1))?;
                Some(String::from_utf8_lossy(line).trim_end_matches('\r').to_owned())
            }
        }
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        let area = cx.area;
        if let Some(library) = &self.library {
            library.draw(area, buf, cx);
            found::mark(buf, area, library.query().words(), cx.theme.found);
        } else if let Some(opened) = &self.open {
            let body = opened::text_area(area);
            opened.page.draw(body, buf, opened.cursor.top(), opened.link, |ink| style(ink, cx.theme));
            found::mark(buf, body, &[&self.find], cx.theme.found);
            let row = opened.cursor.at().saturating_sub(opened.cursor.top());
            if row < usize::from(area.height) && body.x > area.x {
                let style = if cx.focused { cx.theme.accent } else { cx.theme.quiet };
                text::put(buf, area.x, area.y + row as u16, 1, cx.theme.symbols.closed, style);
            }
        }
        if let (Some(note), true) = (&self.note, area.height > 0) {
            let y = area.bottom() - 1;
            buf.set_style(Rect { y, height: 1, ..area }, Style::reset());
            text::put(buf, area.x, y, area.width, &text::fill(&text::clean(note), area.width.into()), cx.theme.warn);
        }
    }
}

fn known(known: bool) -> Flow {
    if known { Flow::done() } else { Flow::Passed }
}

/// How a piece of a page looks.
pub(super) fn style(ink: Ink, theme: &Theme) -> Style {
    let mut style = match ink.tone {
        Tone::Plain => theme.text,
        Tone::Heading => theme.heading,
        Tone::Code => theme.code,
        Tone::Link => theme.link,
        Tone::Quote => theme.text.add_modifier(Modifier::ITALIC),
        Tone::Frame => theme.quiet,
        Tone::Label => theme.accent,
    };
    for (on, modifier) in
        [(ink.bold, Modifier::BOLD), (ink.italic, Modifier::ITALIC), (ink.strike, Modifier::CROSSED_OUT)]
    {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    style
}

#[cfg(test)]
mod tests;
