//! `completions` and `man`: what a package installs beside the binary, made from the same table of verbs as `--help`.

use std::io;

use clap::{Args as ClapArgs, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::Args;
use super::output::{Failure, Output};

/// `completions`.
#[derive(Debug, ClapArgs)]
pub struct Completions {
    /// The shell.
    pub shell: Shell,
}

/// `man`.
#[derive(Debug, ClapArgs)]
pub struct ManPage {
    /// The verb, for example `task set`; the program itself when left out.
    pub verb: Vec<String>,
}

/// Sections that only the program's own page has: title, and lines of term and meaning.
const SECTIONS: &[(&str, &[(&str, &str)])] = &[
    (
        "EXIT STATUS",
        &[
            ("0", "done"),
            ("1", "a check found problems"),
            ("2", "wrong usage"),
            ("3", "conflict: somebody else changed the same cell; nothing was changed"),
            ("4", "a file or document error; nothing was changed"),
            ("5", "refused by the autonomy level, or the token is missing; nothing was changed"),
        ],
    ),
    (
        "ENVIRONMENT",
        &[
            ("CODEX_TUI_ROOT", "the workspace, as --root"),
            ("CODEX_TUI_THEME", "the colours, as --theme"),
            ("CODEX_TUI_CONFIG", "the user file, in place of the usual one; empty for none"),
            ("CODEX_TUI_AGENT", "the agent's session file, as --agent"),
            ("NO_COLOR", "no colours when it is not empty"),
            ("VISUAL, EDITOR", "the editor"),
            ("GH_CI_PAT", "the token of the verbs that ask GitHub; taken from nowhere else"),
        ],
    ),
    (
        "FILES",
        &[
            ("codex-tui.toml", "configuration, at the root of the workspace"),
            ("$XDG_CONFIG_HOME/codex-tui/config.toml", "the user file, else in ~/.config"),
            (".codex-tui/", "journal, history and lock; it ignores itself in git"),
        ],
    ),
];

pub fn completions(verb: &Completions, out: &mut Output) {
    let mut script = Vec::new();
    let mut command = Args::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(verb.shell, &mut command, name, &mut script);
    out.verbatim(&String::from_utf8_lossy(&script));
}

pub fn man(verb: &ManPage, out: &mut Output) -> Result<(), Failure> {
    let mut command = Args::command();
    // Names of verbs within verbs, and the options that all have, are filled in by this.
    command.build();
    let mut chosen = command;
    for name in verb.verb.iter().flat_map(|words| words.split_whitespace()) {
        let Some(inner) = chosen.find_subcommand(name) else {
            let known: Vec<&str> = chosen.get_subcommands().map(Command::get_name).collect();
            return Err(Failure::usage(format!(
                "there is no verb `{} {name}`; there are {}",
                spoken(&chosen),
                known.join(", ")
            )));
        };
        chosen = inner.clone();
    }
    let page = page(chosen, verb.verb.is_empty()).map_err(|error| Failure::io(error.to_string()))?;
    out.verbatim(&String::from_utf8_lossy(&page));
    Ok(())
}

fn spoken(command: &Command) -> String {
    command.get_bin_name().unwrap_or(command.get_name()).to_owned()
}

fn page(command: Command, whole: bool) -> io::Result<Vec<u8>> {
    // What stands below `--help` is a section of its own here.
    let man = Man::new(command.after_help(None::<&str>)).source(concat!("codex-tui ", env!("CARGO_PKG_VERSION")));
    let mut page = Vec::new();
    man.render(&mut page)?;
    if whole {
        let mut more = Roff::new();
        for (title, lines) in SECTIONS {
            more.control("SH", [*title]);
            for (term, meaning) in *lines {
                more.control("TP", []);
                more.text([bold(*term)]);
                more.text([roman(*meaning)]);
            }
        }
        more.to_writer(&mut page)?;
    }
    Ok(page)
}
