//! The operator's editor: which command opens a document at a line.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::sys::terminal::EDITOR;

/// The command for the editor `words` (program and arguments, as in `$VISUAL`) on `file` at the 1-based `line`.
pub fn command(words: &[String], file: &Path, line: usize) -> Command {
    let (program, arguments) = words.split_first().map_or((EDITOR, &[][..]), |(first, rest)| (first.as_str(), rest));
    let mut command = Command::new(program);
    command.args(arguments);
    let name = Path::new(program).file_stem().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let at_line = || {
        let mut at = OsString::from(file);
        at.push(format!(":{line}"));
        at
    };
    match name.as_str() {
        "vi" | "vim" | "nvim" | "view" | "nano" | "emacs" | "emacsclient" | "micro" | "kak" | "ed" | "joe" | "mg"
        | "jed" | "ne" | "vis" => {
            command.arg(format!("+{line}")).arg(file);
        }
        "hx" | "helix" => {
            command.arg(at_line());
        }
        "code" | "code-insiders" | "codium" | "cursor" => {
            // Without --wait the window opens and the command is over at once.
            if !arguments.iter().any(|argument| argument == "--wait" || argument == "-w") {
                command.arg("--wait");
            }
            command.arg("-g").arg(at_line());
        }
        "zed" | "subl" => {
            if !arguments.iter().any(|argument| argument == "--wait" || argument == "-w") {
                command.arg("--wait");
            }
            command.arg(at_line());
        }
        // An unknown editor gets the file; a line might be taken for a second file.
        _ => {
            command.arg(file);
        }
    }
    command
}

/// `$VISUAL`, else `$EDITOR`, else the one that every such system has, as program and arguments.
pub fn words(visual: Option<&str>, editor: Option<&str>) -> Vec<String> {
    let chosen = [visual, editor].into_iter().flatten().map(split).find(|words| !words.is_empty());
    chosen.unwrap_or_else(|| vec![EDITOR.to_owned()])
}

/// Splits at blanks; quotes and backslashes keep them, as in a shell. Nothing is expanded.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_editor_gets_the_line_in_its_own_way() {
        for (editor, want) in [
            ("vim -u NONE", "vim -u NONE +7 a/b.md"),
            ("/usr/bin/nvim", "/usr/bin/nvim +7 a/b.md"),
            ("hx", "hx a/b.md:7"),
            ("code", "code --wait -g a/b.md:7"),
            ("code --wait", "code --wait -g a/b.md:7"),
            ("'my editor' --x", "my editor --x a/b.md"),
            ("", "vi +7 a/b.md"),
        ] {
            let command = command(&words(Some(editor), None), Path::new("a/b.md"), 7);
            let mut line = command.get_program().to_string_lossy().into_owned();
            for argument in command.get_args() {
                line += " ";
                line += &argument.to_string_lossy();
            }
            assert_eq!(line, want);
        }
        assert_eq!(words(None, Some("nano -l")), ["nano", "-l"]);
        assert_eq!(words(Some("a\\ b 'c d'"), None), ["a b", "c d"]);
    }
}
