//! What the operator brings along: the user file, and what environment and flags say. Read once, at the edge.

use std::path::PathBuf;

use clap::ValueEnum;

use super::args::Args;
use crate::workbench::Personal;
use crate::workspace::config::{Layer, Source};

/// Names the user file in place of the usual one; empty for none.
const FILE: &str = "CODEX_TUI_CONFIG";

/// What holds for this call.
pub fn personal(args: &Args) -> Personal {
    let variable = |name: &str| std::env::var_os(name);
    let named = variable(FILE);
    let file = match &named {
        Some(path) => (!path.is_empty()).then(|| PathBuf::from(path)),
        None => usual_file(variable("XDG_CONFIG_HOME").map(PathBuf::from), std::env::home_dir()),
    };
    let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned()).filter(|v| !v.is_empty());
    Personal { is_named: named.is_some(), file, over: over(args, text("NO_COLOR"), text("CODEX_TUI_THEME")) }
}

/// `$XDG_CONFIG_HOME/codex-tui/config.toml`, else below `~/.config`. A relative path there means nothing, as the
/// specification says.
fn usual_file(config_home: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    let config = config_home.filter(|path| path.is_absolute()).or_else(|| Some(home?.join(".config")))?;
    Some(config.join("codex-tui").join("config.toml"))
}

/// Environment and flags as layers of one line each.
fn over(args: &Args, no_color: Option<String>, theme: Option<String>) -> Vec<Layer> {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let layer = |source: Source, text: String| Layer { source, text };
    let mut over = Vec::new();
    if no_color.is_some() {
        over.push(layer(Source::Environment("NO_COLOR"), "ui.theme = \"mono\"".to_owned()));
    }
    if let Some(theme) = theme {
        over.push(layer(Source::Environment("CODEX_TUI_THEME"), format!("ui.theme = {}", quoted(&theme))));
    }
    if let Some(theme) = args.cockpit.theme.and_then(|theme| theme.to_possible_value()) {
        over.push(layer(Source::Flag("--theme"), format!("ui.theme = {}", quoted(theme.get_name()))));
    }
    if args.cockpit.ascii {
        over.push(layer(Source::Flag("--ascii"), "ui.ascii = true".to_owned()));
    }
    if args.cockpit.no_mouse {
        over.push(layer(Source::Flag("--no-mouse"), "ui.mouse = false".to_owned()));
    }
    over
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::config::{Config, Palette};
    use clap::Parser;

    #[test]
    fn the_user_file_is_where_the_base_directories_say() {
        let check = |config: Option<&str>, home: Option<&str>, want: Option<&str>| {
            assert_eq!(usual_file(config.map(PathBuf::from), home.map(PathBuf::from)), want.map(PathBuf::from));
        };
        check(Some("/cfg"), Some("/home/ann"), Some("/cfg/codex-tui/config.toml"));
        check(Some("cfg"), Some("/home/ann"), Some("/home/ann/.config/codex-tui/config.toml"));
        check(None, Some("/home/ann"), Some("/home/ann/.config/codex-tui/config.toml"));
        check(Some(""), None, None);
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_files() {
        let check = |flags: &[&str], no_color: bool, variable: Option<&str>, want: Palette, place: &str| {
            let args = Args::try_parse_from([&["x"], flags].concat()).expect("arguments").of_demo();
            let over = over(&args, no_color.then(|| "1".to_owned()), variable.map(str::to_owned));
            let file = Layer::workspace("[ui]\ntheme = \"light\"\n");
            let reading = Config::read(&[&[file][..], &over].concat());
            assert_eq!(reading.config.ui.theme, want);
            assert_eq!(reading.place("ui.theme").map(ToString::to_string).as_deref(), Some(place));
            reading.problems.len()
        };
        assert_eq!(check(&[], false, None, Palette::Light, "codex-tui.toml:2"), 0);
        assert_eq!(check(&[], true, None, Palette::Mono, "NO_COLOR"), 0);
        assert_eq!(check(&[], true, Some("dark"), Palette::Dark, "CODEX_TUI_THEME"), 0);
        assert_eq!(check(&[], true, Some("da\"rk"), Palette::Mono, "NO_COLOR"), 1);
        assert_eq!(check(&["--theme", "high-contrast"], true, Some("dark"), Palette::HighContrast, "--theme"), 0);
        assert_eq!(check(&["demo", "--theme", "dark"], false, None, Palette::Dark, "--theme"), 0);
        assert_eq!(check(&["--theme", "light", "demo", "--theme", "mono"], false, None, Palette::Mono, "--theme"), 0);
        assert_eq!(check(&["--theme", "mono", "demo"], false, None, Palette::Mono, "--theme"), 0);
    }
}
