//! Which level a command line needs. Rules raise, none lowers: the highest that fits counts, and what cannot be told from the
//! text counts as the worst it can be.

use super::lex::{Segment, program_names, segments};
use super::plan::code_spans;
use super::words;
use super::{Autonomy, Level, Need};
use crate::model::query::text::squeeze;

/// Where a command line comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From the runbook: somebody wrote down that this program is run here.
    Runbook,
    /// From anywhere else: a program that is not known is not trusted.
    Typed,
}

/// A level and the reason for it.
type Reason = (Level, String);

impl Autonomy {
    /// What a command line needs, with the reason and the line of the plan about that level.
    pub fn need_of(&self, line: &str, origin: Origin) -> Need {
        let all = segments(line);
        let mut worst: Reason = match all.is_empty() {
            true => (Level::L0, "there is nothing to run".to_owned()),
            false => (Level::L0, "it only reads".to_owned()),
        };
        let mut raise = |reason: Reason| {
            if reason.0 > worst.0 {
                worst = reason;
            }
        };
        for one in hidden(line).into_iter().chain(self.opt_in_of(line)) {
            raise(one);
        }
        for segment in &all {
            program(&segment.words, origin, 0).into_iter().for_each(&mut raise);
            arguments(&segment.words).into_iter().for_each(&mut raise);
            if segment.redirected {
                raise((Level::L1, "its output goes to a file".to_owned()));
            }
            self.plan_words(segment).into_iter().for_each(&mut raise);
        }
        let (level, why) = worst;
        self.need(level, why)
    }

    /// A command may not set what the operator opts in with.
    fn opt_in_of(&self, line: &str) -> Option<Reason> {
        let upper = line.to_ascii_uppercase();
        let set = self.opt_ins.iter().find(|one| upper.contains(&one.name.to_ascii_uppercase()))?;
        Some((Level::L3, format!("it names {}, with which the operator opts in", set.name)))
    }

    /// What the plan's rows name: programs and parameters in code spans, and words of the prose that are words of the
    /// command.
    fn plan_words(&self, segment: &Segment) -> Vec<Reason> {
        let has_dry = segment.words.iter().any(|word| ["dryrun", "whatif"].contains(&squeeze(word).as_str()));
        let below = self.rules.iter().filter(|rule| rule.level <= Level::L1);
        let dry_allowed = has_dry && below.clone().any(|rule| squeeze(&rule.allowed).contains("dryrun"));
        let mut found = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.level >= Level::L2) {
            for span in code_spans(&rule.allowed) {
                if names_program(span, &segment.words) {
                    found.push((rule.level, format!("the plan names `{span}` at {}", rule.level)));
                }
            }
            if dry_allowed {
                continue;
            }
            let word = prose(rule).into_iter().find(|said| segment.words.iter().any(|word| same_word(said, word)));
            if let Some(said) = word {
                found.push((rule.level, format!("the plan speaks of \"{said}\" at {}", rule.level)));
            }
        }
        found
    }
}

/// Whether a code span of the plan names what the words run: one name anywhere among them, several as their beginning.
fn names_program(span: &str, segment: &[String]) -> bool {
    let said: Vec<&str> = span.split_whitespace().collect();
    let [one] = said[..] else {
        return !said.is_empty()
            && said.len() <= segment.len()
            && said.iter().zip(segment).all(|(said, word)| said.eq_ignore_ascii_case(word));
    };
    let parts = one.split("::").flat_map(program_names);
    let stem = |name: &str| name.trim_end_matches(".ps1").trim_end_matches(".psm1").to_owned();
    let parts: Vec<String> = parts.map(|name| stem(&name)).filter(|name| name.len() > 1).collect();
    let means = |name: String| name.split("::").any(|part| parts.iter().any(|said| *said == stem(part)));
    segment.iter().any(|word| program_names(word).into_iter().any(means))
}

/// Words of a row's prose that can name a thing to do; short ones and those that every plan uses say nothing.
fn prose(rule: &super::Rule) -> Vec<String> {
    const EVERYDAY: &[&str] = &[
        "anything",
        "everything",
        "perform",
        "guarded",
        "account",
        "through",
        "outside",
        "where",
        "which",
        "their",
        "these",
        "those",
        "other",
        "scripts",
        "script",
        "commands",
        "command",
        "runbook",
        "allowed",
        "tools",
        "variants",
        "using",
        "leaves",
        "operator",
        "without",
        "session",
        "level",
        "document",
        "documents",
        "tests",
        "report",
        "files",
    ];
    let text = format!("{} {} {}", rule.title, rule.description, rule.allowed);
    // Code spans are names, compared as such; every second piece between backticks is one.
    let plain = text.split('`').step_by(2).collect::<Vec<_>>().join(" ").to_lowercase();
    let mut words: Vec<String> = Vec::new();
    for word in plain.split(|c: char| !(c.is_alphanumeric() || c == '-')) {
        if word.chars().count() >= 5 && !EVERYDAY.contains(&word) && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// Whether a whole word of the command is that word of the plan, dashes, case and plural apart. With a dash inside it is
/// enough that it is part of the word: `cold-start` is meant by `-RunColdStartPass`.
fn same_word(said: &str, word: &str) -> bool {
    let (said_bare, word_bare) = (squeeze(said), squeeze(word));
    let one = |text: &str| text.trim_end_matches('s').to_owned();
    one(&said_bare) == one(&word_bare) || (said.contains('-') && said_bare.len() >= 7 && word_bare.contains(&said_bare))
}

/// What hides from reading.
fn hidden(line: &str) -> Option<Reason> {
    let cannot = |what: &str| Some((Level::L3, format!("{what}: what it runs cannot be told from the line")));
    if line.contains("$'") || line.contains("$\"") {
        return cannot("a quoted text with escapes");
    }
    if line.contains("<<") || line.contains("--%") || line.contains("[scriptblock]") {
        return cannot("text that is handed on as it stands");
    }
    if line.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return cannot("control characters");
    }
    let quote = |c: char| line.matches(c).count() % 2 == 1;
    (quote('"') || quote('\'')).then_some((Level::L2, "a quote is not closed".to_owned()))
}

/// What the program needs. `depth` counts the programs that run programs.
fn program(all: &[String], origin: Origin, depth: usize) -> Vec<Reason> {
    let Some((first, rest)) = all.split_first() else { return Vec::new() };
    let reason = |level: Level, why: String| vec![(level, why)];
    if depth > 8 {
        return reason(Level::L3, "programs run programs too many times over to be followed".to_owned());
    }
    if let Some(found) = assignment(first, rest, origin, depth) {
        return found;
    }
    // A variable in an expression is compared, not run.
    let compares =
        |word: &String| ["-gt", "-lt", "-ge", "-le", "-eq", "-ne", "-like", "-match", "-in"].contains(&word.as_str());
    if first.starts_with('$') && rest.first().is_some_and(compares) {
        return Vec::new();
    }
    if first.contains(['$', '*', '?', '%', '[', '~', '@', '!']) && !words::WRAPPERS.contains(&first.as_str()) {
        return reason(Level::L3, format!("`{first}`: which program runs cannot be told from the line"));
    }
    let names = program_names(first);
    let is = |list: &[&str]| names.iter().any(|name| list.contains(&name.as_str()));
    let arg =
        rest.iter().find(|word| !word.starts_with(['-', '+'])).map_or(String::new(), |word| word.to_ascii_lowercase());
    if is(words::NETWORK) {
        return reason(Level::L3, format!("{first} reaches beyond this machine"));
    }
    if is(words::INSTALLERS) {
        return reason(Level::L3, format!("{first} installs or fetches software"));
    }
    for (program, with) in words::INSTALL_WITH {
        if is(&[program])
            && rest.iter().any(|word| with.contains(&word.to_ascii_lowercase().as_str())) | with.contains(&arg.as_str())
        {
            return reason(Level::L3, format!("{first} {arg} reaches beyond this machine"));
        }
    }
    if is(words::OPAQUE) {
        return reason(Level::L3, format!("{first}: what it runs cannot be told from the line"));
    }
    let begins = |verbs: &[&str]| names.iter().any(|name| verbs.iter().any(|verb| name.starts_with(verb)));
    if begins(words::FETCHING_VERBS) {
        return reason(Level::L3, format!("{first} installs or fetches, as its name says"));
    }
    if is(words::DESTRUCTIVE) || begins(words::DESTRUCTIVE_VERBS) {
        return reason(Level::L2, format!("{first} changes or deletes what does not come back by itself"));
    }
    if is(&["git"]) {
        return git(rest, &arg);
    }
    if is(words::INTERPRETERS) {
        return interpreter(first, rest, origin, depth);
    }
    if is(words::WRAPPERS) {
        // Any of the words may be the program that is run.
        let mut found = reason(Level::L1, format!("{first} runs another program"));
        for text in rest.iter().filter(|word| word.contains(char::is_whitespace)) {
            for inner in segments(text) {
                found.extend(program(&inner.words, Origin::Runbook, depth + 1));
            }
        }
        for at in 0..rest.len().min(16) {
            if rest[at].starts_with(|c: char| c.is_alphabetic() || "./\\".contains(c)) && rest[at] != "." {
                found.extend(program(&rest[at..], Origin::Runbook, depth + 1));
            }
        }
        return found;
    }
    let starts = |test: &&&[&str]| {
        is(&test[..1]) && test[1..].iter().zip(rest).all(|(want, word)| want == word) && test.len() <= all.len()
    };
    if words::TESTS.iter().any(|test| starts(&test)) {
        return reason(Level::L1, "it runs tests".to_owned());
    }
    if is(words::READERS) {
        let writes =
            |word: &&String| words::READERS_WRITE.iter().any(|flag| word.to_ascii_lowercase().starts_with(flag));
        return match rest.iter().find(writes) {
            Some(flag) if flag.starts_with("--pre") || flag.starts_with("--host") => {
                reason(Level::L3, format!("{first} {flag} runs another program"))
            }
            Some(flag) => reason(Level::L1, format!("{first} {flag} writes")),
            None => Vec::new(),
        };
    }
    match origin {
        Origin::Runbook => reason(Level::L1, "the runbook lists it".to_owned()),
        Origin::Typed => reason(Level::L2, format!("{first} is neither a known program nor in the runbook")),
    }
}

/// `NAME=value program`, `export NAME=value`, `$env:NAME = value`, `$x = program`.
fn assignment(first: &str, rest: &[String], origin: Origin, depth: usize) -> Option<Vec<Reason>> {
    let lower = first.to_ascii_lowercase();
    let env = || vec![(Level::L2, format!("`{first}` changes the environment of what runs"))];
    if ["export", "setenv", "declare", "set", "unset"].contains(&lower.as_str())
        || lower.starts_with("$env:")
        || lower.starts_with("[environment")
    {
        return Some(env());
    }
    if let Some((name, _)) = first.split_once('=')
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_$:".contains(&b))
    {
        let mut found = env();
        found.extend(program(rest, origin, depth + 1));
        return Some(found);
    }
    if first.starts_with('$') && rest.first().is_some_and(|word| word == "=") {
        return Some(program(&rest[1..], origin, depth + 1));
    }
    None
}

fn git(rest: &[String], arg: &str) -> Vec<Reason> {
    let is = |flag: &str| rest.iter().any(|word| word == flag || word.starts_with(&format!("{flag}=")));
    let runs = [
        "-c",
        "--exec-path",
        "--config-env",
        "--upload-pack",
        "--receive-pack",
        "--exec",
        "-x",
        "--ext-diff",
        "-O",
        "--open-files-in-pager",
    ];
    if let Some(flag) = runs.iter().find(|flag| is(flag)) {
        return vec![(Level::L3, format!("git {flag} can run any program"))];
    }
    if words::GIT_READS.contains(&arg) && !is("--output") {
        return Vec::new();
    }
    let harmless = words::GIT_WRITES.contains(&arg)
        && !rest.iter().any(|word| ["drop", "clear", "-d", "-D", "-f", "--amend", "pop"].contains(&word.as_str()));
    if harmless || (words::GIT_READS.contains(&arg)) {
        return vec![(Level::L1, format!("git {arg} writes"))];
    }
    vec![(Level::L2, format!("git {arg} can change or delete what does not come back by itself"))]
}

/// What an interpreter runs: a script, or text.
fn interpreter(first: &str, rest: &[String], origin: Origin, depth: usize) -> Vec<Reason> {
    let opaque = || vec![(Level::L3, format!("{first} runs text as code: what it does cannot be told from the line"))];
    let is_powershell = program_names(first).iter().any(|name| name == "pwsh" || name == "powershell");
    let harmless = ["-executionpolicy", "-ep", "-ex", "-exec"];
    for (at, word) in rest.iter().enumerate() {
        let lower = word.to_ascii_lowercase();
        // To PowerShell a slash or a long dash begins a parameter as well.
        let lower = match lower.strip_prefix(['/', '–', '—', '―']).filter(|_| is_powershell) {
            Some(name) => format!("-{name}"),
            None => lower,
        };
        if lower == "-m" && !is_powershell {
            return program(&rest[at + 1..], origin, depth + 1);
        }
        let code = words::CODE_FLAGS.contains(&lower.as_str())
            || (is_powershell
                && (lower.starts_with("-c") || lower.starts_with("-e"))
                && !harmless.contains(&lower.as_str()))
            || (!is_powershell && lower.starts_with('-') && !lower.starts_with("--") && lower.contains('c'));
        if code {
            return opaque();
        }
        let is_script = [
            ".ps1", ".psm1", ".sh", ".bash", ".py", ".pl", ".rb", ".js", ".mjs", ".ts", ".php", ".lua", ".bat", ".cmd",
        ]
        .iter()
        .any(|end| lower.ends_with(end));
        if is_script {
            return program(&rest[at..], origin, depth + 1);
        }
        if ["--version", "-version", "-v", "--help", "-help"].contains(&lower.as_str()) && rest.len() == 1 {
            return Vec::new();
        }
    }
    opaque()
}

/// What parameters and addresses need, whatever the program.
fn arguments(all: &[String]) -> Vec<Reason> {
    let mut found = Vec::new();
    for word in all {
        let lower = word.to_ascii_lowercase();
        if is_remote(&lower) {
            found.push((Level::L3, format!("`{word}` is an address beyond this machine")));
        }
        if ["net.webclient", "net.http", "net.sockets", "httpclient"].iter().any(|what| lower.contains(what)) {
            found.push((Level::L3, format!("`{word}` speaks to the network")));
        }
        if lower == "online" {
            found.push((Level::L3, "it asks for online mode".to_owned()));
        }
        // Dashes of other lengths are dashes to PowerShell.
        let Some(front) = lower.chars().next().filter(|c| "-–—―".contains(*c)) else { continue };
        let name = lower.trim_start_matches(front);
        let bare = name.split([':', '=']).next().unwrap_or(name);
        let skips = (bare.starts_with("skip") || bare.starts_with("no"))
            && ["guard", "validation", "evaluation", "check", "verify"].iter().any(|what| bare.ends_with(what));
        if bare.contains("online") || (bare.contains("allow") && bare.contains("net")) || bare.contains("computername")
        {
            found.push((Level::L3, format!("`{word}` asks for the network")));
        } else if bare.contains("override") {
            found.push((Level::L2, format!("`{word}` overrides a default")));
        } else if words::HARSH.iter().any(|harsh| bare.starts_with(harsh)) {
            found.push((Level::L2, format!("`{word}` deletes, resets or forces")));
        } else if skips || name.contains(":$false") || words::UNGUARDED.iter().any(|what| bare.contains(what)) {
            found.push((Level::L2, format!("`{word}` takes a safeguard away")));
        }
    }
    found
}

/// Addresses with a scheme or of the form `user@host:path`; this machine itself is none.
fn is_remote(lower: &str) -> bool {
    let schemes =
        ["http://", "https://", "ftp://", "sftp://", "ssh://", "git://", "ws://", "wss://", "tcp://", "udp://"];
    if let Some(at) = schemes.iter().find_map(|scheme| lower.find(scheme).map(|at| at + scheme.len())) {
        let host: String = lower[at..].chars().take_while(|c| !"/:?#".contains(*c)).collect();
        return !["localhost", "127.0.0.1"].contains(&host.as_str()) || lower.contains('@');
    }
    let share = lower.starts_with("\\\\") || lower.starts_with("//");
    let login = lower
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains(':') && !lower.starts_with('@'));
    share || login || lower.contains("/dev/tcp/")
}
