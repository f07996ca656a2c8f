//! Everything around the panes: header, tabs, banner, borders, footer.
//!
//! ```text
//!  harbor-demo · 2026-11-20_session-0006 · HB-B-003 · L1 · checklist 3/17        1 conflict · 2 damaged
//! ┌ 1 Checklist · CODEX_SESSION_CHECKLIST.md ──┐┌ 2 Board · 94 tasks ────────────────────────────────┐
//! └────────────────────────────────────────────┘└────────────────────────────────────────────────────┘
//!  space tick  a tick + note  x n/a  ? help  enter open  / filter  o editor  tab next pane
//! ```

mod tabs;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};

use super::action::Action;
use super::app::App;
use super::behind;
use super::keymap::Key;
use super::layout::Placed;
use super::messages::Tone;
use super::pane::Context;
use super::text;
use super::theme::Theme;
use crate::model::autonomy::Level;
use crate::model::gate::evaluate::Verdict;

pub use tabs::at as tab_at;

/// Keys in the footer: at most this many.
const FOOTER_KEYS: usize = 8;

/// Columns that a filter keeps while it is typed and something is wrong with it.
const FILTER_END: usize = 10;

/// Columns on the lower border of a pane that say when it changed, at most.
const FRESHNESS: usize = 22;

/// Paints everything.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buf = frame.buffer_mut();
    app.canvas.borrow_mut().show(app, buf);
    let cursor = around(app, buf);
    debug_assert!(*buf == fresh(app, area), "a pane that changed was not painted again");
    if app.theme.symbols.line.is_ascii() {
        // What marks a text as cut is one of our signs too.
        for cell in buf.content.iter_mut().filter(|cell| cell.symbol() == "…") {
            cell.set_symbol("~");
        }
    }
    if let Some((text, background)) = app.theme.ground {
        for cell in &mut buf.content {
            cell.fg = if cell.fg == Color::Reset { text } else { cell.fg };
            cell.bg = if cell.bg == Color::Reset { background } else { cell.bg };
        }
    }
    if let Some(at) = cursor
        && area.contains(at)
    {
        frame.set_cursor_position(at);
    }
}

/// Paints everything but the panes; returns where the terminal's cursor belongs.
fn around(app: &App, buf: &mut Buffer) -> Option<Position> {
    header(app, app.layout.header, buf);
    tabs::draw(app, buf);
    freshness(app, buf);
    banner(app, app.layout.banner, buf);
    let mut cursor = footer(app, app.layout.footer, buf);
    for overlay in &app.overlays {
        cursor = None;
        overlay.draw(app.dialog_area(), buf, &app.theme, &app.keymap);
    }
    cursor
}

/// The screen without anything that was kept from earlier frames: what every frame has to look like.
fn fresh(app: &App, area: Rect) -> Buffer {
    let mut buf = Buffer::empty(area);
    for placed in &app.layout.panes {
        pane(app, placed, &mut buf);
    }
    around(app, &mut buf);
    buf
}

/// Paints a pane with its border; the area is blank before.
pub fn pane(app: &App, placed: &Placed, buf: &mut Buffer) {
    border(app, placed, buf);
    let (cx, area) = (app.cx(placed.pane), buf.area);
    if !cx.area.intersection(area).is_empty() && cx.area.union(area) == area {
        app.pane(placed.pane).draw(buf, &cx);
    }
}

/// A part of the header: the lower the rank, the longer it stays when there is little room.
struct Part {
    rank: u8,
    text: String,
    style: Style,
}

fn header(app: &App, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let theme = &app.theme;
    let (mut left, mut right) = header_parts(app);
    // What is least important goes first, until the rest fits.
    let columns = |parts: &[Part]| parts.iter().map(|part| text::width(&part.text) + 3).sum::<usize>();
    while columns(&left) + columns(&right) > usize::from(area.width) + 2 {
        let Some(rank) = left.iter().chain(&right).map(|part| part.rank).max().filter(|&rank| rank > 0) else { break };
        left.retain(|part| part.rank != rank);
        right.retain(|part| part.rank != rank);
    }
    let mut x = area.x;
    let end = area.right();
    for (at, part) in left.iter().enumerate() {
        if at > 0 {
            x += text::put(buf, x, area.y, end.saturating_sub(x), &format!(" {} ", theme.symbols.dot), theme.quiet);
        }
        x += text::put(buf, x, area.y, end.saturating_sub(x), &part.text, part.style);
    }
    let wide = columns(&right).saturating_sub(3).min(usize::from(area.width)) as u16;
    let mut x = end.saturating_sub(wide).max((x + 1).min(end));
    for (at, part) in right.iter().enumerate() {
        if at > 0 {
            x += text::put(buf, x, area.y, end.saturating_sub(x), &format!(" {} ", theme.symbols.dot), theme.quiet);
        }
        x += text::put(buf, x, area.y, end.saturating_sub(x), &part.text, part.style);
    }
}

fn header_parts(app: &App) -> (Vec<Part>, Vec<Part>) {
    let (view, theme) = (&app.view, &app.theme);
    let part = |rank, text: String, style| Part { rank, text: text::clean(&text).into_owned(), style };
    let name = view.root.file_name().map_or_else(|| "codex-tui".to_owned(), |name| name.to_string_lossy().into_owned());
    let mut left = vec![part(0, name, theme.heading)];
    if view.works_by_toolbox() {
        let active = view.toolbox.progress.as_ref().and_then(|progress| progress.active.as_ref());
        left.push(part(2, active.map_or_else(|| "no active task".to_owned(), |(id, _)| id.clone()), theme.accent));
    }
    if let Some(session) = view.sessions.last() {
        left.push(part(3, session.name.clone(), theme.accent));
        if let Some(task) = session.tasks.first() {
            left.push(part(4, task.clone(), theme.accent));
        }
        let (level, excess) = (view.level(), view.level_excess().is_some());
        let more = match level {
            Level::L0 => " read only",
            Level::L1 | Level::L2 | Level::L3 if excess => " (the log says more, !)",
            Level::L1 | Level::L2 | Level::L3 => "",
        };
        let style = if level == Level::L0 || excess { theme.warn } else { theme.accent };
        left.push(part(1, format!("{level}{more}"), style));
    }
    if let Some(list) = view.checklists.first() {
        let progress = list.progress();
        let total = progress.done + progress.open + progress.na;
        left.push(part(2, format!("checklist {}/{total}", progress.done + progress.na), theme.text));
    }
    let mut right = Vec::new();
    if let Some(run) = view.run.as_ref().filter(|run| run.end.is_none()) {
        let word = if run.is_cancelled { "ending" } else { "runs since" };
        let since = run.started.format("%H:%M");
        right.push(part(1, format!("{word} {since}"), theme.warn));
    }
    if let Some(progress) = app.jobs.at_work() {
        let word = if progress.is_cancelled { "ending" } else { progress.job.name() };
        let share = progress.share().map_or_else(String::new, |(done, all)| format!(" {done}/{all}"));
        right.push(part(1, format!("{word}{share}"), theme.warn));
    }
    let mut count = |rank, count: usize, one: &str, many: &str, style| {
        if count > 0 {
            right.push(part(rank, format!("{count} {}", if count == 1 { one } else { many }), style));
        }
    };
    let key = notices_key(app);
    let (one, many) = (format!("conflict ({key})"), format!("conflicts ({key})"));
    count(1, app.undecided.len(), &one, &many, theme.bad);
    count(7, app.messages.pending, "write pending", "writes pending", theme.warn);
    let verdicts = view.gates.totals();
    let failed = [Verdict::Fail, Verdict::Unreadable].iter().map(|verdict| verdicts.count(*verdict)).sum::<usize>();
    let unknown = [Verdict::Missing, Verdict::Insufficient, Verdict::Stale];
    let unknown = unknown.iter().map(|verdict| verdicts.count(*verdict)).sum::<usize>();
    count(4, failed, "gate fails", "gates fail", theme.bad);
    count(5, unknown, "gate without data", "gates without data", theme.warn);
    count(8, verdicts.count(Verdict::Pass), "gate passes", "gates pass", theme.good);
    let totals = view.sync.totals;
    count(5, totals.errors + totals.warnings, "out of sync", "out of sync", theme.warn);
    count(5, view.damaged.iter().map(|(_, places)| places).sum(), "damaged", "damaged", theme.warn);
    let (one, many) = (format!("notice ({key})"), format!("notices ({key})"));
    count(6, view.notices.len(), &one, &many, theme.warn);
    (left, right)
}

/// The key that shows everything there is to tell.
fn notices_key(app: &App) -> String {
    app.keymap.hint(Context::Everywhere, Action::Notices)
}

fn banner(app: &App, area: Rect, buf: &mut Buffer) {
    if let Some(failed) = &app.messages.banner {
        // However long it is: how to read all of it stays.
        let more = format!(" ({} shows all)", notices_key(app));
        let room = usize::from(area.width).saturating_sub(more.len());
        let line = |failed: &str| format!(" Not saved: {}", text::clean(failed));
        let whole = line(failed);
        // In a line that is cut, what is wrong has more need of the room than where the document lies.
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let line = match failed.split_once(": ") {
            Some((path, why)) if text::width(&whole) > room && !path.contains(' ') => {
                line(&format!("{}: {why}", name(path)))
            }
            Some(_) | None => whole,
        };
        let line = text::fill(&format!("{}{more}", text::cut(&line, room)), usize::from(area.width));
        text::put(buf, area.x, area.y, area.width, &line, app.theme.bad.add_modifier(Modifier::REVERSED));
    }
}

fn border(app: &App, placed: &Placed, buf: &mut Buffer) {
    let (outer, theme) = (placed.outer, &app.theme);
    if outer == placed.inner || outer.width < 2 || outer.height < 2 {
        return;
    }
    let focused = placed.pane == app.stage.focus;
    let style = if focused { theme.border_focused } else { theme.border };
    let set = theme.symbols.border;
    let (right, bottom) = (outer.right() - 1, outer.bottom() - 1);
    for x in outer.x + 1..right {
        text::set(buf, x, outer.y, set.horizontal_top, style);
        text::set(buf, x, bottom, set.horizontal_bottom, style);
    }
    for y in outer.y + 1..bottom {
        text::set(buf, outer.x, y, set.vertical_left, style);
        text::set(buf, right, y, set.vertical_right, style);
    }
    text::set(buf, outer.x, outer.y, set.top_left, style);
    text::set(buf, right, outer.y, set.top_right, style);
    text::set(buf, outer.x, bottom, set.bottom_left, style);
    text::set(buf, right, bottom, set.bottom_right, style);
    let style = if focused { theme.border_focused } else { theme.heading };
    text::put(buf, outer.x + 1, outer.y, outer.width - 2, &title(app, placed), style);
}

/// What a pane's border says at its top.
fn title(app: &App, placed: &Placed) -> String {
    let pane = app.pane(placed.pane);
    let (symbols, dot) = (&app.theme.symbols, app.theme.symbols.dot);
    let mut title = format!(" {} {} ", placed.pane.sign(), placed.pane.name());
    let more = pane.title(&app.cx(placed.pane));
    // A title that is cut must not hide that something is left out.
    if !pane.filter().is_empty() && pane.problem().is_none() {
        title += &format!("{dot} /{} ", text::clean(pane.filter()));
    }
    if let Some(problem) = pane.problem() {
        // What is wrong with the filter has to be seen on a narrow screen too: it takes the place of everything else.
        title += &format!("{dot} {} {} ", symbols.no, text::clean(problem));
        title += &format!("{dot} /{} ", text::clean(pane.filter()));
    } else if !more.is_empty() {
        // Panes join their words with a dot, which ASCII does not have.
        title += &format!("{dot} {} ", text::clean(&more).replace(" · ", &format!(" {dot} ")));
    }
    title
}

/// On the lower border of each pane: when what is behind it was last changed. Painted with every frame, and never the reason
/// for one.
fn freshness(app: &App, buf: &mut Buffer) {
    for placed in app.layout.panes.iter().filter(|placed| placed.outer != placed.inner && placed.outer.height > 1) {
        let Some(at) = behind::changed_at(placed.pane, app.pane(placed.pane), &app.cx(placed.pane)) else { continue };
        let said = format!(" changed {} ", behind::age(app.now(), at));
        let (outer, wide) = (placed.outer, text::width(&said) as u16);
        if wide + 3 < outer.width {
            text::put(buf, outer.right() - 2 - wide, outer.bottom() - 1, wide, &said, app.theme.quiet);
        }
    }
}

/// The keys that the footer offers now: key and word.
pub fn footer_keys(app: &App) -> Vec<(String, String)> {
    let of = |key: &Key, word: &str| (key.to_string(), word.to_owned());
    if let Some(overlay) = app.overlays.last() {
        return overlay.footer(&app.keymap, app.dialog_area());
    }
    // Inside of something, the way out goes first.
    let back = app.goes_back().then(|| (app.keymap.hint(Context::Everywhere, Action::Back), "back".to_owned()));
    let keys = app.keymap.footer(app.context());
    back.into_iter().chain(keys.iter().take(FOOTER_KEYS).map(|(key, word)| of(key, word))).collect()
}

/// The key that the footer offers at this place of the screen: a click there presses it.
pub fn key_at(app: &App, at: Position) -> Option<Key> {
    let area = app.layout.footer;
    // What covers the last line hides its keys.
    let is_covered = app.filtering || app.messages.status.is_some();
    if !area.contains(at) || (is_covered && at.y + 1 == area.bottom()) || (app.filtering && app.overlays.is_empty()) {
        return None;
    }
    let keys = footer_keys(app);
    let lines = footer_lines(&keys, area.width);
    let mut x = area.x + 1;
    lines.get(usize::from(at.y - area.y))?.iter().find_map(|(key, word)| {
        let from = x;
        x += (text::width(key) + text::width(word) + 3) as u16;
        // Two keys in one word, such as `j/k`, are none.
        ((from..x - 2).contains(&at.x)).then(|| key.parse().ok()).flatten()
    })
}

/// The keys as lines: at most two.
pub fn footer_lines(keys: &[(String, String)], width: u16) -> Vec<Vec<&(String, String)>> {
    let mut lines: Vec<Vec<&(String, String)>> = vec![Vec::new()];
    let mut used = 1;
    for key in keys {
        let columns = text::width(&key.0) + text::width(&key.1) + 3;
        if used + columns > usize::from(width) + 2 {
            if lines.len() == 2 {
                break;
            }
            lines.push(Vec::new());
            used = 1;
        }
        used += columns;
        if let Some(line) = lines.last_mut() {
            line.push(key);
        }
    }
    lines
}

/// Paints the footer; returns where the terminal's cursor belongs.
fn footer(app: &App, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let theme = &app.theme;
    if area.is_empty() {
        return None;
    }
    let keys = footer_keys(app);
    for (y, line) in (area.y..area.bottom()).zip(footer_lines(&keys, area.width)) {
        let mut x = area.x + 1;
        for (key, word) in line {
            x += text::put(buf, x, y, area.right().saturating_sub(x), key, theme.key) + 1;
            x += text::put(buf, x, y, area.right().saturating_sub(x), word, theme.text) + 2;
        }
    }
    let last = Rect { y: area.bottom() - 1, height: 1, ..area };
    // Over the last line, or over one that is so many lines above it.
    let over = |buf: &mut Buffer, up: u16, line: &str, style: Style| {
        let (blank, y) = (" ".repeat(usize::from(last.width)), last.y - up);
        text::put(buf, last.x, y, last.width, &blank, Style::reset());
        text::put(buf, last.x + 1, y, last.width.saturating_sub(1), line, style)
    };
    if app.filtering && app.overlays.is_empty() {
        let pane = app.pane(app.stage.focus);
        let (hint, style) = match pane.problem() {
            Some(problem) => (format!("   {}", text::clean(problem)), theme.warn),
            None => ("   enter keeps it, esc clears it".to_owned(), theme.quiet),
        };
        let filter = text::clean(pane.filter());
        // A long filter makes room for what is wrong with it; its end, which is being typed, stays.
        let room = usize::from(last.width).saturating_sub(text::width(&hint) + 4).max(FILTER_END);
        let shown = if pane.problem().is_some() { end_of(&filter, room) } else { &filter };
        let used = over(buf, 0, &format!("/{shown}"), theme.accent);
        text::put(buf, last.x + 2 + used, last.y, last.width.saturating_sub(used + 2), &hint, style);
        return Some(Position::new((last.x + 1 + used).min(last.right().saturating_sub(1)), last.y));
    }
    if let Some(status) = &app.messages.status {
        let (mark, style) = tone(status.tone, theme);
        let whole = format!("{mark}{}", text::clean(&status.text));
        let room = usize::from(last.width.saturating_sub(2));
        // In a dialog that key may be text.
        let more = if app.overlays.is_empty() { format!(" ({} shows all)", notices_key(app)) } else { String::new() };
        // A sentence takes the keys' line too before it is cut.
        let mut lines = if text::width(&whole) > room { text::wrap(&whole, room) } else { vec![whole] };
        let rows = usize::from(area.height);
        if lines.len() > rows {
            let rest = lines.drain(rows - 1..).collect::<Vec<_>>().join(" ");
            let more = if room > 30 { more } else { String::new() };
            lines.push(format!("{}{more}", text::cut(&rest, room - more.len())));
        }
        for (up, line) in lines.iter().rev().enumerate() {
            over(buf, up as u16, line, style);
        }
    } else if app.layout.panes.iter().any(|placed| placed.outer == placed.inner) {
        // No border, no title: the filter is said here.
        let pane = app.pane(app.stage.focus);
        if let Some(problem) = pane.problem() {
            over(buf, 0, &text::clean(problem), theme.warn);
        } else if !pane.filter().is_empty() {
            over(buf, 0, &format!("/{}   esc clears it", pane.filter()), theme.accent);
        }
    }
    None
}

/// The end of a text that has at most so many columns.
fn end_of(text: &str, columns: usize) -> &str {
    text.char_indices().map(|(at, _)| &text[at..]).find(|tail| text::width(tail) <= columns).unwrap_or_default()
}

fn tone(tone: Tone, theme: &Theme) -> (String, Style) {
    match tone {
        Tone::Good => (format!("{} ", theme.symbols.yes), theme.good),
        Tone::Plain => (String::new(), theme.text),
        Tone::Bad => (format!("{} ", theme.symbols.no), theme.bad),
    }
}
