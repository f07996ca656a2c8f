//! Which shell a command is written for, and what is a command at all.

use crate::model::cite;

/// The shell that a command line is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shell {
    /// PowerShell.
    PowerShell,
    /// Bash and its kin.
    Bash,
    /// Neither shows: only what all shells read alike may be filled in.
    Unknown,
}

impl Shell {
    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Shell::PowerShell => "powershell",
            Shell::Bash => "bash",
            Shell::Unknown => "unknown",
        }
    }

    /// The shell that a line shows by its words.
    pub fn of(text: &str) -> Shell {
        let lower = text.to_ascii_lowercase();
        let first = lower.split_whitespace().next().unwrap_or_default();
        let powershell = ["pwsh", "powershell", "powershell.exe", "pwsh.exe"].contains(&first)
            || lower.contains(".ps1")
            || lower.contains("$env:")
            || text.starts_with("& ")
            || is_cmdlet(text);
        let known = [
            "export", "source", "cargo", "make", "npm", "python", "python3", "git", "rg", "grep", "ls", "cat", "cp",
            "mkdir", "bash", "sh", "sed", "find", "curl", "./",
        ];
        let bash = known.contains(&first) || first.starts_with("./") || first.ends_with(".sh") || lower.contains("&& ");
        match (powershell, bash) {
            (true, _) => Shell::PowerShell,
            (false, true) => Shell::Bash,
            (false, false) => Shell::Unknown,
        }
    }

    /// This shell, or the one that the line shows where this one is not known.
    pub fn or_of(self, text: &str) -> Shell {
        match self {
            Shell::Unknown => Shell::of(text),
            Shell::PowerShell | Shell::Bash => self,
        }
    }

    /// The shell of a code block with this language; none when the block holds no commands.
    pub fn of_language(language: &str) -> Option<Shell> {
        match language.to_ascii_lowercase().as_str() {
            "powershell" | "pwsh" | "ps1" | "ps" | "posh" => Some(Shell::PowerShell),
            "bash" | "sh" | "shell" | "zsh" | "console" | "shell-session" | "shellsession" | "terminal" => {
                Some(Shell::Bash)
            }
            _ => None,
        }
    }
}

/// `Verb-Noun` at the start.
fn is_cmdlet(text: &str) -> bool {
    let first = text.split(|c: char| c.is_whitespace() || ";|(".contains(c)).next().unwrap_or_default();
    let Some((verb, noun)) = first.split_once('-') else { return false };
    let named = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    named(verb) && named(noun)
}

/// Whether a code span can be run: not a lone parameter, variable or document.
pub fn is_command(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some(first) = words.first() else { return false };
    if first.starts_with('-') || first.starts_with('<') || !first.contains(|c: char| c.is_alphanumeric() || c == '&') {
        return false;
    }
    if words.len() > 1 {
        return true;
    }
    let is_name = first.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"_=*".contains(&b));
    let lower = first.to_ascii_lowercase();
    let is_data = [".md", ".csv", ".json", ".txt", ".yml", ".yaml", ".toml", ".log", ".html", ".zip", "/", "\\"]
        .iter()
        .any(|end| lower.ends_with(end));
    !is_name && !is_data && !cite::is_task_id(first) && !first.contains("=")
}
