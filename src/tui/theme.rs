//! Semantic styles on the 16 colours of the terminal, and the symbols. No state is told by colour alone, and nothing
//! that matters is dim. The terminal is never asked: it may be mute.

use clap::ValueEnum;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

/// Which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Palette {
    /// By `COLORFGBG` where set, else colours that can be read on both; none with `NO_COLOR`.
    #[default]
    Auto,
    /// For a light background.
    Light,
    /// For a dark background.
    Dark,
    /// No colours.
    Mono,
}

/// Which characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    /// Lines, blocks and check marks.
    #[default]
    Unicode,
    /// ASCII only.
    Ascii,
}

/// Styles by meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Running text.
    pub text: Style,
    /// What helps but may be missed: hints, units, line numbers.
    pub quiet: Style,
    /// Headings, names of sections and columns.
    pub heading: Style,
    /// What stands out: ids, the active session.
    pub accent: Style,
    /// Done, pass.
    pub good: Style,
    /// Needs care: not applicable, stale, warning.
    pub warn: Style,
    /// Failed, damaged, conflict.
    pub bad: Style,
    /// Links and cited paths.
    pub link: Style,
    /// Code spans and blocks.
    pub code: Style,
    /// Matched part of a row (filter, search).
    pub found: Style,
    /// The selected row of the focused pane: patch it over the row's styles.
    pub selected: Style,
    /// The selected row of a pane without focus: patch it over the row's styles.
    pub marked: Style,
    /// Border and title of a pane.
    pub border: Style,
    /// Border and title of the focused pane.
    pub border_focused: Style,
    /// Header and tab bar.
    pub bar: Style,
    /// Key names in footer and help.
    pub key: Style,
    /// Colours to tell lanes and columns apart, used in turn.
    pub lanes: [Style; 6],
    /// The characters.
    pub symbols: Symbols,
}

/// Characters by meaning. Each is one column wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbols {
    /// Border of panes.
    pub border: border::Set<'static>,
    /// There, pass: `✓`.
    pub yes: &'static str,
    /// Missing, fail: `✗`.
    pub no: &'static str,
    /// Not known yet: `?`.
    pub unknown: &'static str,
    /// Filled part of a bar.
    pub full: &'static str,
    /// Rest of a bar.
    pub empty: &'static str,
    /// Unfolded.
    pub open: &'static str,
    /// Folded.
    pub closed: &'static str,
    /// Horizontal line.
    pub line: &'static str,
    /// Vertical line.
    pub bar: &'static str,
    /// Separator of words on one line.
    pub dot: &'static str,
    /// From … to.
    pub arrow: &'static str,
    /// Bullet of a list, mark on a lane.
    pub bullet: &'static str,
    /// Density from little to much.
    pub density: [&'static str; 4],
    /// Height from nothing to much, of a bar in a row of them.
    pub steps: [&'static str; 6],
}

const UNICODE: Symbols = Symbols {
    border: border::PLAIN,
    yes: "✓",
    no: "✗",
    unknown: "?",
    full: "█",
    empty: "░",
    open: "▾",
    closed: "▸",
    line: "─",
    bar: "│",
    dot: "·",
    arrow: "→",
    bullet: "•",
    density: ["·", "▪", "▮", "█"],
    steps: ["▁", "▂", "▃", "▅", "▆", "█"],
};

const ASCII: Symbols = Symbols {
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
    yes: "v",
    no: "x",
    unknown: "?",
    full: "#",
    empty: ".",
    open: "v",
    closed: ">",
    line: "-",
    bar: "|",
    dot: "-",
    arrow: ">",
    bullet: "*",
    density: [".", "o", "O", "#"],
    steps: ["_", ".", ":", "-", "=", "#"],
};

/// What the environment says about colours; read once, at the edge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// `COLORFGBG`, for example `15;0`.
    pub colorfgbg: Option<String>,
}

impl Theme {
    /// The theme for a choice and an environment.
    pub fn new(palette: Palette, glyphs: Glyphs, environment: &Environment) -> Theme {
        let symbols = match glyphs {
            Glyphs::Unicode => UNICODE,
            Glyphs::Ascii => ASCII,
        };
        match palette {
            Palette::Light => colours(symbols, &LIGHT),
            Palette::Dark => colours(symbols, &DARK),
            Palette::Mono => mono(symbols),
            Palette::Auto if environment.no_color => mono(symbols),
            Palette::Auto => match environment.colorfgbg.as_deref().and_then(background) {
                Some(Background::Light) => colours(symbols, &LIGHT),
                Some(Background::Dark) => colours(symbols, &DARK),
                None => colours(symbols, &EITHER),
            },
        }
    }
}

impl Default for Theme {
    fn default() -> Theme {
        Theme::new(Palette::Auto, Glyphs::Unicode, &Environment::default())
    }
}

enum Background {
    Light,
    Dark,
}

/// `COLORFGBG` is `fg;bg` or `fg;default;bg` with numbers of the 16 colours; 7 and 9 to 15 are light.
fn background(colorfgbg: &str) -> Option<Background> {
    let number: u8 = colorfgbg.rsplit(';').next()?.parse().ok()?;
    Some(if number == 7 || number > 8 { Background::Light } else { Background::Dark })
}

/// The colours of one background.
struct Colours {
    accent: Color,
    good: Color,
    warn: Color,
    bad: Color,
    link: Color,
    code: Color,
    focus: Color,
    lanes: [Color; 6],
}

const DARK: Colours = Colours {
    accent: Color::LightCyan,
    good: Color::LightGreen,
    warn: Color::LightYellow,
    bad: Color::LightRed,
    link: Color::LightBlue,
    code: Color::LightMagenta,
    focus: Color::LightCyan,
    lanes: [
        Color::LightCyan,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightMagenta,
        Color::LightBlue,
        Color::LightRed,
    ],
};

const LIGHT: Colours = Colours {
    accent: Color::Blue,
    good: Color::Green,
    warn: Color::Magenta,
    bad: Color::Red,
    link: Color::Blue,
    code: Color::Magenta,
    focus: Color::Blue,
    lanes: [Color::Blue, Color::Green, Color::Magenta, Color::Red, Color::Cyan, Color::DarkGray],
};

/// The normal (not bright) colours without yellow can be read on white and on black.
const EITHER: Colours = Colours {
    accent: Color::Cyan,
    good: Color::Green,
    warn: Color::Magenta,
    bad: Color::Red,
    link: Color::Cyan,
    code: Color::Magenta,
    focus: Color::Cyan,
    lanes: [Color::Cyan, Color::Green, Color::Magenta, Color::Blue, Color::Red, Color::Reset],
};

fn colours(symbols: Symbols, colours: &Colours) -> Theme {
    let plain = Style::new();
    Theme {
        heading: plain.add_modifier(Modifier::BOLD),
        accent: plain.fg(colours.accent),
        good: plain.fg(colours.good),
        warn: plain.fg(colours.warn),
        bad: plain.fg(colours.bad).add_modifier(Modifier::BOLD),
        link: plain.fg(colours.link).add_modifier(Modifier::UNDERLINED),
        code: plain.fg(colours.code),
        found: plain.fg(colours.accent).add_modifier(Modifier::UNDERLINED),
        border_focused: plain.fg(colours.focus).add_modifier(Modifier::BOLD),
        key: plain.fg(colours.accent).add_modifier(Modifier::BOLD),
        lanes: colours.lanes.map(|colour| plain.fg(colour)),
        ..mono(symbols)
    }
}

fn mono(symbols: Symbols) -> Theme {
    let plain = Style::new();
    let bold = plain.add_modifier(Modifier::BOLD);
    let underlined = plain.add_modifier(Modifier::UNDERLINED);
    Theme {
        text: plain,
        quiet: plain,
        heading: bold,
        accent: bold,
        good: plain,
        warn: plain,
        bad: bold,
        link: underlined,
        code: plain,
        found: underlined,
        selected: plain.add_modifier(Modifier::REVERSED | Modifier::BOLD),
        marked: bold,
        border: plain,
        border_focused: bold,
        bar: plain.add_modifier(Modifier::REVERSED),
        key: bold,
        lanes: [plain; 6],
        symbols,
    }
}
