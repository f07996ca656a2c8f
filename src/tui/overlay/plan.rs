//! The plan of the pipeline, issue by issue, before anything of it is carried out: what is added, what goes, and which rule asks
//! for it. All of it is applied, or the issues that are marked.
//!
//! ```text
//! ┌─ Plan for acme/widgets ────────────────── 1 of 12 ┐
//! │ 12 issues, 31 writes: 1 min, 1 % of the hour      │
//! │ [x] #88 Dashboard flickers                        │
//! │       + codex-trackdashboard                      │
//! │           its title names the dashboard, so …     │
//! │       ~ milestone #3 Release 1 -> #2 Dashboard 2  │
//! │ [ ] #91 …                                         │
//! │ enter: apply 1 marked   esc closes   space marks  │
//! └───────────────────────────────────────────────────┘
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Reply, inside, note_on, place, put_line, stage, window};
use crate::model::track::plan::{Forecast, Plan};
use crate::tui::action::{Action, Move};
use crate::tui::keymap::{Key, Keymap};
use crate::tui::pane::Context;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::workbench::track::ask::WRITE_INTERVAL_MS;

/// The dialog.
#[derive(Debug)]
pub struct PlanReview {
    plan: Arc<Plan>,
    /// What should be known about it.
    notes: Vec<String>,
    /// Every issue of the plan.
    items: Vec<Item>,
    marked: BTreeSet<usize>,
    /// What carrying out the marked ones takes, or all of them.
    forecast: Forecast,
    /// The selected issue.
    at: usize,
    /// The first issue that is shown.
    top: usize,
    /// Lines of the selected issue that are above the screen, where it is taller than that.
    skip: usize,
}

/// An issue: repository and place in its list.
#[derive(Debug, Clone, Copy)]
enum Item {
    Repair(usize, usize),
    Close(usize, usize),
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Title,
    Added,
    Removed,
    Changed,
    Why,
}

/// One line of an issue.
#[derive(Debug)]
struct Line {
    text: String,
    kind: Kind,
    /// The rule that asks for it, where it stands on the same line.
    why: String,
}

/// Columns that a part of an issue is further in.
const HANG: usize = 4;
/// Columns after which the rule stands beside a change, where there is room.
const WHY: usize = 34;

impl PlanReview {
    /// A dialog for a plan, with sentences that should be known about it.
    pub fn new(plan: Arc<Plan>, notes: Vec<String>) -> PlanReview {
        let of_repo = |(at, repo): (usize, &crate::model::track::plan::RepoPlan)| {
            let repairs = (0..repo.issues.len()).map(move |one| Item::Repair(at, one));
            repairs.chain((0..repo.close.len()).map(move |one| Item::Close(at, one)))
        };
        let items = plan.repos.iter().enumerate().flat_map(of_repo).collect();
        let forecast = plan.chosen(|_, _| true, WRITE_INTERVAL_MS).forecast;
        PlanReview { plan, notes, items, marked: BTreeSet::new(), forecast, at: 0, top: 0, skip: 0 }
    }

    /// What carrying something out takes, in words.
    pub fn takes(forecast: &Forecast) -> String {
        let (issues, writes) = (text::counted(forecast.issues, "issue"), text::counted(forecast.writes, "write"));
        format!(
            "{issues}, {writes}: {} min, {} % of the hour's requests",
            forecast.seconds.div_ceil(60),
            forecast.percent_of_hour
        )
    }

    /// What Enter would have carried out: the marked issues, or all of them.
    fn chosen(&self) -> Plan {
        let marked: BTreeSet<(&str, u64)> =
            self.marked.iter().filter_map(|at| self.name(*self.items.get(*at)?)).collect();
        self.plan.chosen(|repo, number| marked.is_empty() || marked.contains(&(repo, number)), WRITE_INTERVAL_MS)
    }

    fn name(&self, item: Item) -> Option<(&str, u64)> {
        let (repo, number) = match item {
            Item::Repair(at, one) => {
                let repo = self.plan.repos.get(at)?;
                (repo, repo.issues.get(one)?.number)
            }
            Item::Close(at, one) => {
                let repo = self.plan.repos.get(at)?;
                (repo, *repo.close.get(one)?)
            }
        };
        Some((&repo.repository, number))
    }

    /// An issue as lines of at most so many columns.
    fn lines(&self, at: usize, columns: usize) -> Vec<Line> {
        let Some(item) = self.items.get(at) else { return Vec::new() };
        let mark = if self.marked.contains(&at) { "[x]" } else { "[ ]" };
        let (repo, number) = self.name(*item).unwrap_or_default();
        let whose = if self.plan.repos.len() > 1 { repo } else { "" };
        let mut lines = Vec::new();
        match *item {
            Item::Repair(repo, one) => {
                let Some(repo) = self.plan.repos.get(repo) else { return Vec::new() };
                let Some(issue) = repo.issues.get(one) else { return Vec::new() };
                say(&mut lines, (0, columns), &format!("{mark} {whose}#{number} {}", issue.title), Kind::Title);
                for change in issue.shown(&repo.milestones) {
                    let kind = match change.sign {
                        '+' => Kind::Added,
                        '-' => Kind::Removed,
                        _ => Kind::Changed,
                    };
                    explain(&mut lines, columns, (&format!("{} {}", change.sign, change.what), kind), change.why);
                }
            }
            Item::Close(..) => {
                say(&mut lines, (0, columns), &format!("{mark} {whose}#{number} a self-test"), Kind::Title);
                let why = "it is not among the newest few, and older than the limit";
                explain(&mut lines, columns, ("- closed", Kind::Removed), why);
            }
        }
        lines
    }

    /// What stands above the list: what it takes, what is not in it, what else should be known.
    fn head(&self, columns: usize) -> Vec<(String, bool)> {
        let mut said = vec![(PlanReview::takes(&self.forecast), false)];
        for repo in &self.plan.repos {
            if !repo.create_labels.is_empty() {
                let names = repo.create_labels.join(", ");
                said.push((format!("{} gets the labels that it lacks: {names}", repo.repository), false));
            }
            if !repo.complete {
                said.push((format!("{}: not all issues were seen", repo.repository), true));
            }
        }
        let (tests, files) = self
            .plan
            .repos
            .iter()
            .fold((0, 0), |(tests, files), repo| (tests + usize::from(repo.selftest), files + repo.prune.len()));
        if tests + files > 0 {
            said.push((format!("left to a whole run (W): {tests} new self-test, {files} old files removed"), false));
        }
        said.extend(self.notes.iter().map(|note| (note.clone(), true)));
        let wrap = |(line, warns): &(String, bool)| {
            let lines = text::wrap(&text::clean(line), columns.max(8));
            lines.into_iter().map(|line| (line, *warns)).collect::<Vec<_>>()
        };
        said.iter().flat_map(wrap).collect()
    }

    /// Where the issues are; what stands above them gets a third at most.
    fn body(&self, screen: Rect) -> Rect {
        let inner = inside(outer(screen));
        let most = (inner.height / 3).max(1);
        let head = u16::try_from(self.head(usize::from(inner.width)).len()).unwrap_or(u16::MAX).min(most);
        let keys = u16::from(inner.height > head + 1);
        Rect { y: inner.y + head, height: inner.height.saturating_sub(head + keys), ..inner }
    }

    pub(super) fn key(&mut self, key: KeyEvent, keymap: &Keymap, screen: Rect) -> Reply {
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Esc => return Reply::Close,
            KeyCode::Char('q') if plain => return Reply::Close,
            KeyCode::Enter => return Reply::Apply(self.chosen()),
            KeyCode::Char(' ') if plain => {
                if !self.marked.remove(&self.at) {
                    self.marked.insert(self.at);
                }
                self.forecast = self.chosen().forecast;
                (self.at, self.skip) = ((self.at + 1).min(self.items.len().saturating_sub(1)), 0);
                self.show(screen);
            }
            _ => match keymap.own(Context::Everywhere, Key::from(key)) {
                Some(Action::Move(to)) => self.go(to, screen),
                _ if keymap.own(Context::Tracks, Key::from(key)) == Some(Action::PlanTracks) => return Reply::PlanAnew,
                _ => {}
            },
        }
        Reply::Stay
    }

    fn go(&mut self, to: Move, screen: Rect) {
        let page = i64::from(self.body(screen).height.max(1));
        match to {
            Move::Up => self.step(-1, screen),
            Move::Down => self.step(1, screen),
            Move::HalfUp => self.step(-(page / 2).max(1), screen),
            Move::HalfDown => self.step((page / 2).max(1), screen),
            Move::PageUp => self.step(-page, screen),
            Move::PageDown => self.step(page, screen),
            Move::First => (self.at, self.top, self.skip) = (0, 0, 0),
            Move::Last => {
                (self.at, self.skip) = (self.items.len().saturating_sub(1), 0);
                self.show(screen);
            }
            Move::Left | Move::Right => {}
        }
    }

    /// Lines that an issue takes.
    fn height(&self, at: usize, screen: Rect) -> u16 {
        let columns = usize::from(inside(outer(screen)).width);
        u16::try_from(self.lines(at, columns).len()).unwrap_or(u16::MAX)
    }

    /// Moves on by lines: to the next issue, or through one that is taller than the screen.
    pub(super) fn step(&mut self, lines: i64, screen: Rect) {
        let room = self.body(screen).height.max(1);
        let mut left = lines.unsigned_abs();
        while left > 0 {
            let tall = usize::from(self.height(self.at, screen).saturating_sub(room));
            if lines > 0 && self.skip < tall {
                self.skip += 1;
                left -= 1;
            } else if lines < 0 && self.skip > 0 {
                self.skip -= 1;
                left -= 1;
            } else {
                let to = if lines > 0 { self.at + 1 } else { self.at.wrapping_sub(1) };
                if to >= self.items.len() {
                    break;
                }
                self.at = to;
                let height = self.height(to, screen);
                self.skip = if lines < 0 { usize::from(height.saturating_sub(room)) } else { 0 };
                // One line moves by an issue; more lines by as many as they are high.
                left = left.saturating_sub(if lines.abs() == 1 { 1 } else { u64::from(height.max(1)) });
            }
        }
        self.show(screen);
    }

    /// Scrolls so that the selected issue is on the screen.
    fn show(&mut self, screen: Rect) {
        let room = usize::from(self.body(screen).height.max(1));
        let mut used = usize::from(self.height(self.at, screen));
        let mut first = self.at;
        while first > self.top {
            used += usize::from(self.height(first - 1, screen));
            if used > room {
                break;
            }
            first -= 1;
        }
        self.top = first.min(self.at);
    }

    fn yes(&self) -> String {
        match self.marked.len() {
            0 => format!("apply all {}", self.items.len()),
            marked => format!("apply {marked} marked"),
        }
    }

    pub(super) fn footer(&self) -> Vec<(String, String)> {
        // The way out is never what has no room.
        let more = [("space", "mark"), ("esc", "close, keep it"), ("P", "ask anew"), ("j/k", "scroll")];
        let more = more.map(|(key, word)| (key.to_owned(), word.to_owned()));
        std::iter::once(("enter".to_owned(), self.yes())).chain(more).collect()
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let outer = outer(screen);
        let names: Vec<&str> = self.plan.repos.iter().map(|repo| repo.repository.as_str()).collect();
        let title = format!("Plan for {}", text::clean(&names.join(", ")));
        let inner = window(stage(screen), outer.width, outer.height, &title, buf, theme);
        if inner.is_empty() {
            return;
        }
        let at = format!("{} of {}", (self.at + 1).min(self.items.len()), self.items.len());
        note_on(buf, outer, outer.y, &title, &at, theme);
        let body = self.body(screen);
        for (y, (line, warns)) in (inner.y..body.y).zip(self.head(usize::from(inner.width))) {
            put_line(buf, inner, y, &line, if warns { theme.warn } else { theme.heading });
        }
        let mut y = body.y;
        for at in self.top..self.items.len() {
            let skip = if at == self.at && at == self.top { self.skip } else { 0 };
            for line in self.lines(at, usize::from(body.width)).into_iter().skip(skip) {
                if y >= body.bottom() {
                    break;
                }
                let style: Style = match line.kind {
                    Kind::Title if at == self.at => theme.selected,
                    Kind::Title => theme.accent,
                    Kind::Added => theme.good,
                    Kind::Removed => theme.bad,
                    Kind::Changed => theme.warn,
                    Kind::Why => theme.quiet,
                };
                let used = put_line(buf, body, y, &line.text, style);
                let rest = Rect { x: body.x + used, width: body.width - used, ..body };
                put_line(buf, rest, y, &line.why, theme.quiet);
                y += 1;
            }
            if y >= body.bottom() {
                break;
            }
        }
        if body.bottom() < inner.bottom() {
            let keys = format!("enter: {}   esc closes   space marks", self.yes());
            put_line(buf, inner, inner.bottom() - 1, &keys, theme.key);
        }
    }
}

/// Says something from that column on; what does not fit goes on below, further in.
fn say(lines: &mut Vec<Line>, (indent, columns): (usize, usize), words: &str, kind: Kind) {
    let wrapped = text::wrap(&text::clean(words), columns.saturating_sub(indent + HANG).max(8));
    for (at, line) in wrapped.into_iter().enumerate() {
        let indent = if at == 0 { indent } else { indent + HANG };
        lines.push(Line { text: format!("{}{line}", " ".repeat(indent)), kind, why: String::new() });
    }
}

/// Says a change and the rule that asks for it: beside it where there is room, else below.
fn explain(lines: &mut Vec<Line>, columns: usize, (what, kind): (&str, Kind), why: &str) {
    say(lines, (HANG, columns), what, kind);
    let room = columns.saturating_sub(WHY + 2);
    if let Some(last) = lines.last_mut()
        && text::width(why) <= room
        && text::width(&last.text) <= WHY
    {
        last.text = text::fill(&last.text, WHY + 2);
        last.why = text::clean(why).into_owned();
    } else if !why.is_empty() {
        say(lines, (2 * HANG, columns), why, Kind::Why);
    }
}

/// The whole of the dialog with its border.
fn outer(screen: Rect) -> Rect {
    let screen = stage(screen);
    place(screen, screen.width.min(120), screen.height)
}

#[cfg(test)]
mod tests;
