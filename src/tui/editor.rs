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
    let waits = |short: &str| arguments.iter().any(|argument| argument == "--wait" || argument == short);
    match name.as_str() {
        "vi" | "vim" | "nvim" | "view" | "nano" | "emacs" | "emacsclient" | "kak" | "micro" | "ed" | "joe" | "mg"
        | "jed" | "ne" | "vis" => {
            command.arg(format!("+{line}")).arg(file);
        }
        "hx" | "helix" => {
            command.arg(at_line());
        }
        "code" | "code-insiders" | "codium" | "vscodium" | "cursor" | "windsurf" => {
            // Without --wait the window opens and the command is over at once.
            if !waits("-w") {
                command.arg("--wait");
            }
            if !arguments.iter().any(|argument| argument == "--goto" || argument == "-g") {
                command.arg("-g");
            }
            command.arg(at_line());
        }
        "zed" | "zeditor" | "subl" => {
            if !waits("-w") {
                command.arg("--wait");
            }
            command.arg(at_line());
        }
        "kate" => {
            // `--block` is its word for waiting.
            if !arguments.iter().any(|argument| argument == "--block" || argument == "-b") {
                command.arg("--block");
            }
            command.arg("--line").arg(line.to_string()).arg(file);
        }
        // An unknown editor gets the file; a line might be taken for a second file.
        _ => {
            command.arg(file);
        }
    }
    command
}

/// The operator's own choice, else `$VISUAL`, else `$EDITOR`, else the one that every such system has, as program and
/// arguments.
pub fn words(own: &[String], visual: Option<&str>, editor: Option<&str>) -> Vec<String> {
    let named = [visual, editor].into_iter().flatten().map(split);
    let mut chosen = std::iter::once(own.to_vec()).chain(named).filter(|words| !words.is_empty());
    chosen.next().unwrap_or_else(|| vec![EDITOR.to_owned()])
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
            ("vi", "vi +7 a/b.md"),
            ("nano -l", "nano -l +7 a/b.md"),
            ("emacs -nw", "emacs -nw +7 a/b.md"),
            ("emacsclient -t", "emacsclient -t +7 a/b.md"),
            ("kak", "kak +7 a/b.md"),
            ("micro", "micro +7 a/b.md"),
            ("hx", "hx a/b.md:7"),
            ("helix", "helix a/b.md:7"),
            ("code", "code --wait -g a/b.md:7"),
            ("code --wait", "code --wait -g a/b.md:7"),
            ("code -w -g", "code -w -g a/b.md:7"),
            ("codium -n", "codium -n --wait -g a/b.md:7"),
            ("cursor", "cursor --wait -g a/b.md:7"),
            ("zed", "zed --wait a/b.md:7"),
            ("subl -w", "subl -w a/b.md:7"),
            ("kate", "kate --block --line 7 a/b.md"),
            ("kate -b", "kate -b --line 7 a/b.md"),
            ("Code.exe", "Code.exe --wait -g a/b.md:7"),
            ("'my editor' --x", "my editor --x a/b.md"),
            ("", "vi +7 a/b.md"),
        ] {
            let command = command(&words(&[], Some(editor), None), Path::new("a/b.md"), 7);
            let mut line = command.get_program().to_string_lossy().into_owned();
            for argument in command.get_args() {
                line += " ";
                line += &argument.to_string_lossy();
            }
            assert_eq!(line, want);
        }
    }

    #[test]
    fn the_operators_own_editor_goes_before_the_variables() {
        let own = ["hx".to_owned(), "a b".to_owned()];
        assert_eq!(words(&own, Some("vim"), Some("nano")), ["hx", "a b"]);
        assert_eq!(words(&[], Some("vim"), Some("nano")), ["vim"]);
        assert_eq!(words(&[], Some("  "), Some("nano -l")), ["nano", "-l"]);
        assert_eq!(words(&[], None, None), ["vi"]);
        assert_eq!(words(&[], Some("a\\ b 'c d'"), None), ["a b", "c d"]);
    }
}
