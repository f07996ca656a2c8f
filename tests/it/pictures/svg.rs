//! A painted screen as SVG: one file for light and dark, small, with nothing loaded from elsewhere. Lines and blocks are
//! drawn, not set as text, so that they join whatever font there is.

use std::collections::BTreeMap;
use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// Width and height of a cell in pixels; the text is 14 pixels high.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 10.0;

/// The colours of a terminal, light and dark: background, text, then those that the cockpit uses by name.
const COLOURS: [(&str, &str, &str); 9] = [
    ("bg", "#ffffff", "#15181e"),
    ("fg", "#24292f", "#d5d9e0"),
    ("red", "#b3261e", "#f28b82"),
    ("green", "#1a7431", "#8ccf8c"),
    ("yellow", "#8a6100", "#e5c07b"),
    ("blue", "#1a56b8", "#82aaff"),
    ("magenta", "#8e3a9d", "#d29ce6"),
    ("cyan", "#0b6e7a", "#6fc3d0"),
    ("grey", "#6b7280", "#8b929e"),
];

fn colour(of: Color) -> &'static str {
    match of {
        Color::Red | Color::LightRed => "red",
        Color::Green | Color::LightGreen => "green",
        Color::Yellow | Color::LightYellow => "yellow",
        Color::Blue | Color::LightBlue => "blue",
        Color::Magenta | Color::LightMagenta => "magenta",
        Color::Cyan | Color::LightCyan => "cyan",
        Color::Gray | Color::DarkGray => "grey",
        Color::Reset => "fg",
        other => panic!("{other:?} is none of the colours that the cockpit uses"),
    }
}

/// How a cell is set: the classes of its text.
fn classes(cell: &Cell) -> String {
    let has = |modifier| cell.modifier.contains(modifier);
    let mut classes = if has(Modifier::REVERSED) { "bg" } else { colour(cell.fg) }.to_owned();
    for (modifier, class) in [(Modifier::BOLD, " b"), (Modifier::UNDERLINED, " u")] {
        if has(modifier) {
            classes += class;
        }
    }
    classes
}

/// The arms of a box character: left, right, up, down.
fn arms(symbol: &str) -> Option<[bool; 4]> {
    let arms = match symbol {
        "─" => [1, 1, 0, 0],
        "│" => [0, 0, 1, 1],
        "┌" => [0, 1, 0, 1],
        "┐" => [1, 0, 0, 1],
        "└" => [0, 1, 1, 0],
        "┘" => [1, 0, 1, 0],
        "├" => [0, 1, 1, 1],
        "┤" => [1, 0, 1, 1],
        "┬" => [1, 1, 0, 1],
        "┴" => [1, 1, 1, 0],
        "┼" => [1, 1, 1, 1],
        _ => return None,
    };
    Some(arms.map(|arm| arm == 1))
}

/// The screen as SVG; `says` is its description.
pub fn write(screen: &Buffer, says: &str) -> String {
    let (columns, rows) = (screen.area.width, screen.area.height);
    let (width, height) = (f32::from(columns) * CELL.0 + 2.0 * MARGIN, f32::from(rows) * CELL.1 + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" font-size=\"14\" \
         font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\">\n<title>{}</title>\n<style>\n",
        number(width),
        number(height),
        escaped(says)
    );
    for (name, light, _) in COLOURS {
        let _ = writeln!(out, ".{name}{{fill:{light};stroke:{light}}}");
    }
    out += "@media (prefers-color-scheme:dark){\n";
    for (name, _, dark) in COLOURS {
        let _ = writeln!(out, ".{name}{{fill:{dark};stroke:{dark}}}");
    }
    out += "}\ntext,rect{stroke:none}text{white-space:pre}.b{font-weight:bold}.u{text-decoration:underline}\n\
            path{fill:none}path.b{stroke-width:2}.m{opacity:.65}.l{opacity:.35}\n</style>\n<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n";
    let mut lines: BTreeMap<String, String> = BTreeMap::new();
    let mut texts = String::new();
    for y in 0..rows {
        let row: Vec<&Cell> = (0..columns).map(|x| &screen[(x, y)]).collect();
        blocks(&mut out, &row, y);
        boxes(&mut lines, &row, y);
        words(&mut texts, &row, y);
    }
    for (classes, path) in lines {
        let _ = writeln!(out, "<path class=\"{classes}\" d=\"{path}\"/>");
    }
    out + &texts + "</svg>\n"
}

/// Runs of cells that are alike, without those that are none: first column, number, what they have in common.
fn runs<'a, T: PartialEq>(row: &[&'a Cell], kind: impl Fn(&'a Cell) -> Option<T>) -> Vec<(usize, usize, T)> {
    let mut runs: Vec<(usize, usize, T)> = Vec::new();
    for (x, cell) in row.iter().enumerate() {
        let Some(kind) = kind(cell) else { continue };
        match runs.last_mut() {
            Some((first, number, last)) if *first + *number == x && *last == kind => *number += 1,
            _ => runs.push((x, 1, kind)),
        }
    }
    runs
}

/// Bars, and backgrounds of what is shown reversed.
fn blocks(out: &mut String, row: &[&Cell], y: u16) {
    let reversed = runs(row, |cell| cell.modifier.contains(Modifier::REVERSED).then(|| colour(cell.fg).to_owned()));
    let bars = runs(row, |cell| match cell.symbol() {
        "█" => Some(colour(cell.fg).to_owned()),
        "▓" => Some(format!("{} m", colour(cell.fg))),
        "░" => Some(format!("{} l", colour(cell.fg))),
        _ => None,
    });
    for (runs, inset) in [(reversed, 0.0), (bars, 3.0)] {
        for (x, number_of, classes) in runs {
            let _ = writeln!(
                out,
                "<rect class=\"{classes}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                number(left(x)),
                number(top(y) + inset),
                number(number_of as f32 * CELL.0),
                number(CELL.1 - 2.0 * inset)
            );
        }
    }
}

/// Lines: horizontal ones as long as they go, vertical ones cell by cell.
fn boxes(lines: &mut BTreeMap<String, String>, row: &[&Cell], y: u16) {
    let middle = top(y) + CELL.1 / 2.0;
    for (x, number_of, classes) in runs(row, |cell| (cell.symbol() == "─").then(|| classes(cell))) {
        let _ = write!(
            lines.entry(classes).or_default(),
            "M{} {}h{}",
            number(left(x)),
            number(middle),
            number(number_of as f32 * CELL.0)
        );
    }
    for (x, cell) in row.iter().enumerate().filter(|(_, cell)| cell.symbol() != "─") {
        let Some(arms) = arms(cell.symbol()) else { continue };
        let path = lines.entry(classes(cell)).or_default();
        let centre = left(x) + CELL.0 / 2.0;
        let mut go = |from: (f32, f32), command: char, by: f32| {
            let _ = write!(path, "M{} {}{command}{}", number(from.0), number(from.1), number(by));
        };
        let (half, up) = (CELL.0 / 2.0, CELL.1 / 2.0);
        match arms {
            [_, _, true, true] => go((centre, top(y)), 'v', CELL.1),
            [_, _, true, false] => go((centre, top(y)), 'v', up),
            [_, _, false, true] => go((centre, middle), 'v', up),
            [_, _, false, false] => {}
        }
        match arms {
            [true, true, ..] => go((left(x), middle), 'h', CELL.0),
            [true, false, ..] => go((left(x), middle), 'h', half),
            [false, true, ..] => go((centre, middle), 'h', half),
            [false, false, ..] => {}
        }
    }
}

/// Text: each run is as wide as its cells, whatever the font's letters are.
fn words(out: &mut String, row: &[&Cell], y: u16) {
    let is_drawn = |cell: &Cell| arms(cell.symbol()).is_some() || ["█", "▓", "░"].contains(&cell.symbol());
    for (x, number_of, classes) in runs(row, |cell| (!is_drawn(cell)).then(|| classes(cell))) {
        let text: String = row[x..x + number_of].iter().map(|cell| cell.symbol()).collect();
        let before = text.chars().take_while(|c| *c == ' ').count();
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let _ = writeln!(
            out,
            "<text class=\"{classes}\" x=\"{}\" y=\"{}\" textLength=\"{}\">{}</text>",
            number(left(x + before)),
            number(top(y) + 13.5),
            number(text.chars().count() as f32 * CELL.0),
            escaped(text)
        );
    }
}

fn left(x: usize) -> f32 {
    MARGIN + x as f32 * CELL.0
}

fn top(y: u16) -> f32 {
    MARGIN + f32::from(y) * CELL.1
}

/// With at most one decimal.
fn number(value: f32) -> String {
    format!("{value:.1}").trim_end_matches(".0").to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
