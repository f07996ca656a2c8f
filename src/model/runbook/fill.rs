//! From a command and values to the line that is run. A value becomes one word of the shell, or part of one, and nothing in
//! it can end that word; where that cannot be made sure of, only letters, digits and a few signs are taken.

use std::collections::BTreeMap;

use super::Command;
use super::placeholder::{Kind, Node, Placeholder};
use super::shell::Shell;

/// A command line with nothing left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// The line exactly as the shell gets it.
    pub text: String,
    /// The shell that it is quoted for.
    pub shell: Shell,
}

/// Why a command cannot be filled in so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Text of the runbook, or a value.
enum Piece<'a> {
    Text(&'a str),
    Value(&'a str, &'a str),
}

/// Fills in the placeholders of a command; `values` by name. Switches take `yes` or `no`. An optional part is there when
/// something in it is given.
pub fn fill(command: &Command, values: &BTreeMap<String, String>) -> Result<CommandLine, Refused> {
    let known = &command.placeholders;
    if let Some(name) = values.keys().find(|name| !known.iter().any(|one| one.name == **name)) {
        let names: Vec<&str> = known.iter().map(|one| one.name.as_str()).collect();
        let there = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
        return Err(Refused(format!(
            "{}:{}: the command has no placeholder {name:?}; {there}",
            command.doc, command.line
        )));
    }
    for one in known {
        if let Some(value) = given(one, values) {
            check(one, value)?;
        }
    }
    let mut pieces = Vec::new();
    let mut missing = Vec::new();
    flatten(&command.template.nodes, values, &mut pieces, &mut missing);
    missing.dedup();
    if !missing.is_empty() {
        let place = format!("{}:{}", command.doc, command.line);
        return Err(Refused(format!("{place}: not filled in: {}; give each a value", missing.join(", "))));
    }
    let text = Writer::new(command.shell, &command.text).write(&pieces)?;
    Ok(CommandLine { text, shell: command.shell })
}

fn given<'a>(one: &Placeholder, values: &'a BTreeMap<String, String>) -> Option<&'a str> {
    values.get(&one.name).map(String::as_str).filter(|value| !value.is_empty())
}

/// What no value may hold, whatever the shell.
fn check(one: &Placeholder, value: &str) -> Result<(), Refused> {
    let refuse = |why: &str| Err(Refused(format!("{}: {why}", one.name)));
    let unseen =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    if value.chars().any(char::is_control) {
        return refuse("a value cannot hold line breaks or control characters; take them out");
    }
    if value.chars().any(unseen) {
        return refuse("a value cannot hold characters that are not seen or turn the text around; take them out");
    }
    match &one.kind {
        Kind::Value => Ok(()),
        Kind::Switch => match switch(value) {
            Some(_) => Ok(()),
            None => refuse("it is a part that is there or not: give yes or no"),
        },
        Kind::Choice(words) if words.iter().any(|word| word == value) => Ok(()),
        Kind::Choice(words) => refuse(&format!("it is one of {}", words.join(", "))),
    }
}

fn switch(value: &str) -> Option<bool> {
    match value {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

fn flatten<'a>(
    nodes: &'a [Node],
    values: &'a BTreeMap<String, String>,
    out: &mut Vec<Piece<'a>>,
    missing: &mut Vec<String>,
) {
    for (at, node) in nodes.iter().enumerate() {
        match node {
            Node::Text(text) => {
                // One of the blanks around a part that is left out goes with it.
                let gone = at > 0 && matches!(&nodes[at - 1], Node::Part(..)) && !wanted(&nodes[at - 1], values);
                out.push(Piece::Text(if gone { text.strip_prefix(' ').unwrap_or(text) } else { text }));
            }
            Node::Open(one) => match (given(one, values), &one.kind) {
                (Some(value), Kind::Choice(_)) => out.push(Piece::Text(value)),
                (Some(value), Kind::Value | Kind::Switch) => out.push(Piece::Value(&one.name, value)),
                (None, _) if one.optional && one.text.starts_with(['.', '…']) => {}
                (None, _) => missing.push(one.text.clone()),
            },
            Node::Part(_, inner) if wanted(node, values) => flatten(inner, values, out, missing),
            Node::Part(..) => {}
        }
    }
}

/// Whether something in an optional part is given.
fn wanted(node: &Node, values: &BTreeMap<String, String>) -> bool {
    match node {
        Node::Text(_) => false,
        Node::Open(one) => given(one, values).is_some(),
        Node::Part(own, inner) => {
            own.as_ref().is_some_and(|one| given(one, values).and_then(switch) == Some(true))
                || inner.iter().any(|node| wanted(node, values))
        }
    }
}

/// Puts the line together, word by word.
struct Writer {
    shell: Shell,
    /// Whether the text is read a second time, or in a way that is not followed here.
    unclear: bool,
    out: String,
    quote: Option<char>,
    /// Where the word began in `out`.
    start: usize,
    /// The word without quotes.
    plain: String,
    /// Whether the word's own text means itself in quotes.
    simple: bool,
    /// The values in the word: name and text.
    values: Vec<(String, String)>,
    /// Whether the word is the program that is run.
    program: bool,
}

impl Writer {
    fn new(shell: Shell, template: &str) -> Writer {
        Writer {
            shell,
            unclear: reads_again(template),
            out: String::new(),
            quote: None,
            start: 0,
            plain: String::new(),
            simple: true,
            values: Vec::new(),
            program: true,
        }
    }

    fn write(mut self, pieces: &[Piece<'_>]) -> Result<String, Refused> {
        for piece in pieces {
            match piece {
                Piece::Text(text) => text.chars().try_for_each(|c| self.text(c))?,
                Piece::Value(name, value) => self.value(name, value)?,
            }
        }
        self.end_word()?;
        Ok(self.out.trim().to_owned())
    }

    fn text(&mut self, c: char) -> Result<(), Refused> {
        match self.quote {
            Some(quote) if c == quote => self.quote = None,
            Some(_) => {
                self.simple &= !"$`\"'".contains(c);
                self.plain.push(c);
            }
            None if c.is_whitespace() || "<>".contains(c) => {
                let began = self.out.len() > self.start;
                self.end_word()?;
                self.out.push(c);
                self.start = self.out.len();
                self.program &= !began;
                self.program |= c == '\n';
                return Ok(());
            }
            None if ";|&(){}".contains(c) => {
                // `@(` is a list of PowerShell: what follows is a value, no program.
                let is_list = c == '(' && self.out.ends_with('@');
                self.end_word()?;
                self.out.push(c);
                self.start = self.out.len();
                self.program = !is_list;
                return Ok(());
            }
            None if c == '\'' || c == '"' => self.quote = Some(c),
            None => {
                self.simple &= c.is_alphanumeric() || "_./\\:=-+".contains(c);
                self.plain.push(c);
            }
        }
        self.out.push(c);
        Ok(())
    }

    fn value(&mut self, name: &str, value: &str) -> Result<(), Refused> {
        let refuse = |why: &str| Err(Refused(format!("{name}: {why}")));
        if self.program {
            return refuse("it would choose the program that is run; the runbook has to name the program");
        }
        if self.plain.is_empty() && value.starts_with(['-', '–', '—', '―']) {
            return refuse("a value cannot begin with a dash: the program would take it for a parameter");
        }
        let slashes = self.out.len() - self.out.trim_end_matches('\\').len();
        let before = self.out.chars().next_back();
        if before == Some('$')
            || before == Some('`')
            || (self.shell == Shell::Bash && self.quote != Some('\'') && slashes % 2 == 1)
        {
            return refuse(
                "in the runbook a sign that the shell obeys stands before it (`\\`, `$` or a backtick); take it out there",
            );
        }
        match self.shell {
            _ if self.unclear => {
                if !is_plain(value) {
                    return refuse(
                        "the line is read more than once by shells, so a value can hold only letters, digits and . _ / : + - here",
                    );
                }
                self.out.push_str(value);
            }
            Shell::Bash => {
                // The runbook's own quote is closed around the value.
                let own = self.quote.map_or(String::new(), String::from);
                self.out.push_str(&format!("{own}'{}'{own}", value.replace('\'', "'\\''")));
            }
            Shell::PowerShell | Shell::Unknown => self.out.push_str(value),
        }
        self.plain.push_str(value);
        self.values.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// PowerShell reads a quote only at a word's beginning as one, so a word with values is quoted as a whole.
    fn end_word(&mut self) -> Result<(), Refused> {
        let plain = std::mem::take(&mut self.plain);
        let values = std::mem::take(&mut self.values);
        let simple = std::mem::replace(&mut self.simple, true);
        let Some((name, _)) = values.first() else { return Ok(()) };
        let refuse = |why: &str| Err(Refused(format!("{name}: {why}")));
        let says = |signs: &str| values.iter().any(|(_, value)| value.contains(|c| signs.contains(c)));
        let rest = match self.shell {
            Shell::Bash => return Ok(()),
            _ if self.unclear => return Ok(()),
            Shell::PowerShell if says("\"") => {
                return refuse(
                    "PowerShell hands a double quote on to programs in a way that can end the word; leave it out",
                );
            }
            Shell::PowerShell if plain.ends_with('\\') && plain.contains(' ') => {
                return refuse(
                    "PowerShell hands a backslash at the end of a word with blanks on as a quote; leave it out",
                );
            }
            Shell::Unknown if says("'\"‘’‚‛\\") => {
                return refuse(
                    "it is not known which shell the line is for, so a value cannot hold quotes or backslashes",
                );
            }
            Shell::PowerShell | Shell::Unknown => &plain,
        };
        if !simple {
            let word = &self.out[self.start..];
            if word.contains(['$', '`']) || !values.iter().all(|(_, value)| is_plain(value)) {
                return refuse(
                    "its word in the runbook has signs that the shell obeys, so only letters, digits and . _ / : + - fit here",
                );
            }
            return Ok(());
        }
        let flag = flag_width(rest).min(rest.len() - values.iter().map(|(_, value)| value.len()).sum::<usize>());
        let (flag, rest) = rest.split_at(if rest.is_char_boundary(flag) { flag } else { 0 });
        let mut word = format!("{flag}'");
        for c in rest.chars() {
            word.push(c);
            // All of these are single quotes to PowerShell.
            if matches!(c, '\'' | '‘' | '’' | '‚' | '‛') {
                word.push(c);
            }
        }
        word.push('\'');
        self.out.replace_range(self.start.., &word);
        Ok(())
    }
}

/// How much of a word is `-Name:` or `--name=`, which in quotes would be no parameter any more.
fn flag_width(word: &str) -> usize {
    let is_name =
        |name: &str| name.starts_with('-') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    word.find([':', '=']).filter(|at| is_name(&word[..*at])).map_or(0, |at| at + 1)
}

/// Letters, digits and signs that no shell obeys.
fn is_plain(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_alphanumeric() || "._/:+-".contains(c)) && !value.starts_with('-')
}

/// Whether parts of a line are handed to a shell once more, or quoted in ways that are not followed here.
fn reads_again(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let signs = ["$(", "${", "$'", "$\"", "<<", "--%", "@'", "@\"", "`", "\\\"", "\\'"];
    let words = [
        "eval",
        "iex",
        "invoke-expression",
        "ssh",
        "xargs",
        "-c",
        "/c",
        "/k",
        "-e",
        "-command",
        "-encodedcommand",
        "su",
        "sudo",
        "cmd",
        "cmd.exe",
        "start-process",
        "parallel",
        "watch",
        "#",
        "invoke-command",
        "find",
        "awk",
        "sed",
    ];
    let shell = lower.contains("pwsh") || lower.contains("powershell");
    let is_code = |word: &str| words.contains(&word) || (shell && (word.starts_with("-c") || word.starts_with("-enc")));
    signs.iter().any(|sign| lower.contains(sign))
        || lower.split(|c: char| c.is_whitespace() || "'\";|&(){}".contains(c)).any(is_code)
}
