//! Semantic styles on the 16 colours of the terminal, and the symbols. No state is told by colour alone, and nothing
//! that matters is dim. The terminal is never asked: it may be mute.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::workspace::config::Ui;

pub use crate::workspace::config::Palette;

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
    /// Text and background of everything that has none of its own; none for the terminal's.
    pub ground: Option<(Color, Color)>,
    /// Colours to tell lanes apart, used in turn; none of them is the one of what failed.
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
    /// Bars from low to high.
    pub bars: [&'static str; 8],
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
    bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
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
    bars: ["_", ".", "-", "~", "=", "+", "*", "#"],
};

/// What the environment says about the terminal's colours; read once, at the edge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
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
            Palette::HighContrast => high_contrast(symbols),
            Palette::Mono => mono(symbols),
            Palette::Auto => match environment.colorfgbg.as_deref().and_then(background) {
                Some(Background::Light) => colours(symbols, &LIGHT),
                Some(Background::Dark) => colours(symbols, &DARK),
                None => colours(symbols, &EITHER),
            },
        }
    }

    /// The theme that the configuration asks for.
    pub fn of(ui: &Ui, environment: &Environment) -> Theme {
        Theme::new(ui.theme, if ui.ascii { Glyphs::Ascii } else { Glyphs::Unicode }, environment)
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
        Color::White,
    ],
};

/// Green, cyan and yellow cannot be read on white in many terminals; these can.
const LIGHT: Colours = Colours {
    accent: Color::Blue,
    good: Color::Blue,
    warn: Color::Magenta,
    bad: Color::Red,
    link: Color::Blue,
    code: Color::Magenta,
    focus: Color::Blue,
    lanes: [Color::Blue, Color::Magenta, Color::Reset, Color::DarkGray, Color::Blue, Color::Magenta],
};

/// What can be read on white and on black: no green, cyan or yellow because of the one, no blue because of the other.
const EITHER: Colours = Colours {
    accent: Color::LightBlue,
    good: Color::LightBlue,
    warn: Color::Magenta,
    bad: Color::LightRed,
    link: Color::LightBlue,
    code: Color::Magenta,
    focus: Color::LightBlue,
    lanes: [Color::LightBlue, Color::Magenta, Color::Reset, Color::LightBlue, Color::Magenta, Color::Reset],
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

/// The dark theme on a black of its own, bold where it means something, so that no terminal's background weakens it.
fn high_contrast(symbols: Symbols) -> Theme {
    let dark = colours(symbols, &DARK);
    let bold = |style: Style| style.add_modifier(Modifier::BOLD);
    Theme {
        accent: bold(dark.accent),
        good: bold(dark.good),
        warn: bold(dark.warn),
        link: bold(dark.link),
        code: bold(dark.code),
        found: bold(dark.found),
        border_focused: bold(Style::new().fg(Color::LightYellow)),
        lanes: dark.lanes.map(bold),
        ground: Some((Color::White, Color::Black)),
        ..dark
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
        // Without the colours of what it lies over: those would make patches of it.
        selected: plain.fg(Color::Reset).bg(Color::Reset).add_modifier(Modifier::REVERSED | Modifier::BOLD),
        marked: bold,
        border: plain,
        border_focused: bold,
        bar: plain.add_modifier(Modifier::REVERSED),
        key: bold,
        ground: None,
        lanes: [plain; 6],
        symbols,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 16 colours of two terminals whose colours are far apart: xterm, and the PC console.
    const XTERM: [u32; 16] = [
        0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5, 0x7f_7f7f, 0xff_0000,
        0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
    ];
    const CONSOLE: [u32; 16] = [
        0x00_0000, 0xaa_0000, 0x00_aa00, 0xaa_5500, 0x00_00aa, 0xaa_00aa, 0x00_aaaa, 0xaa_aaaa, 0x55_5555, 0xff_5555,
        0x55_ff55, 0xff_ff55, 0x55_55ff, 0xff_55ff, 0x55_ffff, 0xff_ffff,
    ];
    const BLACK: u32 = 0;
    const WHITE: u32 = 0xff_ffff;

    /// Contrast of two colours as the Web Content Accessibility Guidelines define it.
    fn contrast(a: u32, b: u32) -> f64 {
        let light = |rgb: u32| {
            let part = |shift: u32, weight: f64| {
                let value = f64::from((rgb >> shift) & 0xff) / 255.0;
                weight * if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            part(16, 0.2126) + part(8, 0.7152) + part(0, 0.0722) + 0.05
        };
        let (a, b) = (light(a), light(b));
        a.max(b) / a.min(b)
    }

    fn number(colour: Color) -> Option<usize> {
        use Color::{Black, Blue, Cyan, DarkGray, Gray, Green, LightBlue, LightCyan, LightGreen, LightMagenta};
        use Color::{LightRed, LightYellow, Magenta, Red, White, Yellow};
        let order = [
            Black,
            Red,
            Green,
            Yellow,
            Blue,
            Magenta,
            Cyan,
            Gray,
            DarkGray,
            LightRed,
            LightGreen,
            LightYellow,
            LightBlue,
            LightMagenta,
            LightCyan,
            White,
        ];
        order.iter().position(|&other| other == colour)
    }

    #[test]
    fn every_colour_can_be_read_on_its_background() {
        let check = |name: &str, colours: &Colours, grounds: &[u32], least: f64| {
            let Colours { accent, good, warn, bad, link, code, focus, lanes } = colours;
            for colour in [accent, good, warn, bad, link, code, focus].into_iter().chain(lanes) {
                if *colour == Color::Reset {
                    continue;
                }
                let at = number(*colour).expect("one of the 16 colours");
                for (ground, terminal) in grounds.iter().flat_map(|ground| [(ground, XTERM), (ground, CONSOLE)]) {
                    let found = contrast(terminal[at], *ground);
                    assert!(found >= least, "{name}: {colour} on {ground:06x} has a contrast of {found:.1}");
                }
            }
        };
        check("dark", &DARK, &[BLACK], 4.0);
        check("light", &LIGHT, &[WHITE], 4.0);
        check("either", &EITHER, &[BLACK, WHITE], 3.0);
    }

    #[test]
    fn nothing_is_dim_and_the_selection_is_inverse_and_bold() {
        for palette in [Palette::Auto, Palette::Light, Palette::Dark, Palette::HighContrast, Palette::Mono] {
            let theme = Theme::new(palette, Glyphs::Unicode, &Environment::default());
            let Theme { text, quiet, heading, accent, good, warn, bad, link, code, found, .. } = &theme;
            for style in [text, quiet, heading, accent, good, warn, bad, link, code, found] {
                assert!(!style.add_modifier.contains(Modifier::DIM), "{palette:?}");
            }
            assert!(theme.selected.add_modifier.contains(Modifier::REVERSED | Modifier::BOLD), "{palette:?}");
        }
    }
}
