//! Invented runbooks with every trap that the real ones have, and values that try to be more than a word.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::fill::fill;
use super::*;

const BOOK: &str = "# Runbook\n\n## Matrix\n| Task | Commands | Notes | Evidence |\n|-|-|-|-|\n| Tests | `harborctl test` | all | last \
                    line |\n| Cut | `Get-ChildItem Logs | Select-Object -First 1 | Out-String` | whole | kept |\n<!-- between -->\n| \
                    Choice | `pwsh -File Tools\\Show.ps1 -Path <file.json> [-Format Text|Csv] [-Quiet]` | n | e |\n| Or | `harborctl \
                    sweep --site <site>` *or* `harborctl sweep --all` | L2; night | e |\n| Then | `a b <x>` then `c d` | n | e |\n| \
                    Nothing | Read `docs/A.md` with `-Force`, set `HARBOR_X=1` | n | e |\n| Bare | Tools\\Go.ps1 -N <n> -M <n> \
                    [-Deep [-Top <n>]] | n | e |\n| Tick | it``s `x y` | n | e |\n\n| Override | When |\n|-|-|\n| `--slots <n>` | \
                    x |\n\n### By hand\n```bash\n# lists it\n$ harborctl list \\\n  --long\noutput\n$ harborctl store\n```\n\n```json\n{ \
                    \"a\": 1 }\n```\n\n```powershell\nforeach ($x in 1) {\n  Write-Output $x\n}\n```\n";

fn book(text: &str) -> Runbook {
    let doc = Document::parse(DocId::new("docs/CODEX_RUNBOOK.md").expect("a path"), text.as_bytes().to_vec());
    Runbook::project([&doc])
}

fn command(text: &str, shell: Shell) -> Command {
    let language = if shell == Shell::PowerShell { "powershell" } else { "bash" };
    let mut book = book(&format!("# A\n```{language}\n{text}\n```\n"));
    let mut command = book.commands.remove(0);
    command.shell = shell;
    command
}

fn values(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn filled(text: &str, shell: Shell, list: &[(&str, &str)]) -> Result<String, String> {
    fill(&command(text, shell), &values(list))
        .map(|CommandLine { text, .. }| text)
        .map_err(|refused| refused.to_string())
}

#[test]
fn rows_and_blocks_are_commands() {
    let book = book(BOOK);
    let got: Vec<(&str, &str, usize)> =
        book.commands.iter().map(|one| (one.task.as_str(), one.text.as_str(), one.line)).collect();
    assert_eq!(
        got,
        [
            ("Tests", "harborctl test", 6),
            ("Cut", "Get-ChildItem Logs | Select-Object -First 1 | Out-String", 7),
            ("Choice", "pwsh -File Tools\\Show.ps1 -Path <file.json> [-Format Text|Csv] [-Quiet]", 9),
            ("Or", "harborctl sweep --site <site>", 10),
            ("Or", "harborctl sweep --all", 10),
            ("Then", "a b <x>", 11),
            ("Then", "c d", 11),
            ("Bare", "Tools\\Go.ps1 -N <n> -M <n> [-Deep [-Top <n>]]", 13),
            ("Tick", "x y", 14),
            ("By hand", "harborctl list --long", 23),
            ("By hand", "harborctl store", 26),
            ("By hand", "foreach ($x in 1) {\n  Write-Output $x\n}", 34),
        ]
    );
    let cut = &book.commands[1];
    assert_eq!((cut.notes.as_str(), cut.evidence.as_str(), cut.shell), ("whole", "kept", Shell::PowerShell));
    assert_eq!(
        (book.commands[3].alternatives.as_slice(), book.commands[4].alternatives.as_slice()),
        (&[5][..], &[4][..])
    );
    assert_eq!((book.commands[5].after, book.commands[6].after), (None, Some(6)));
    assert_eq!(book.commands[9].notes, "lists it");
    assert_eq!(book.without, [Bare { task: "Nothing".to_owned(), doc: cut.doc.clone(), line: 12 }]);
    assert_eq!(book.overrides.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["--slots"]);
}

#[test]
fn notes_and_overrides_raise_what_a_command_needs() {
    let book = book(BOOK);
    let plan = Autonomy::default();
    let need = book.need(&book.commands[3], &plan);
    assert_eq!((need.level, need.place().as_str()), (Level::L2, "docs/CODEX_RUNBOOK.md:10"));
    assert_eq!(book.need(&book.commands[0], &plan).level, Level::L1);
    let then = &book.commands[5];
    for (value, level) in [("a; curl b", Level::L1), ("https://example.org", Level::L3)] {
        let line = fill(then, &values(&[("x", value)])).expect("a line");
        assert_eq!(book.need_filled(then, &line, &plan).level, level, "{value}");
    }
    for line in ["harborctl test --slots 3", "harborctl test --slots=3", "harborctl test '--SLOTS' 3"] {
        let need = book.need_of_line(line, &plan);
        assert_eq!((need.level, need.place().as_str()), (Level::L2, "docs/CODEX_RUNBOOK.md:18"), "{line}");
    }
}

#[test]
fn placeholders_have_names_and_kinds() {
    let check = |text: &str, want: &[(&str, &str, bool)]| {
        let template = Template::parse(text);
        let got = template.placeholders();
        let got: Vec<(&str, &str, bool)> =
            got.iter().map(|one| (one.name.as_str(), one.text.as_str(), one.optional)).collect();
        assert_eq!(got, want, "{text}");
    };
    check("a -P Logs\\<date>.json -O R-<date>.json", &[("date", "<date>", false)]);
    check("a --day <d> -P L/<d>.json", &[("d", "<d>", false)]);
    check("a -N <n> -M <n>", &[("N", "<n>", false), ("M", "<n>", false)]);
    check("a [-Deep [-Top <n>]]", &[("Deep", "[-Deep [-Top <n>]]", true), ("n", "<n>", true)]);
    check("a [-Format Text|Csv]", &[("Format", "Text|Csv", true)]);
    check("a <Text|Csv>", &[("Text|Csv", "<Text|Csv>", false)]);
    check("a | b|c < in > out", &[]);
    check("a [FILE] [-Names …] ...", &[("FILE", "[FILE]", true), ("Names", "…", true), ("arguments", "...", true)]);
    check("[ -f x ] && [int] $x; $a[0]; [System.IO.File]::Read()", &[]);
    check("a [[-B <x>", &[("x", "<x>", true)]);
    check("s\\<date>_session-NNNN.md", &[("date", "<date>", false), ("NNNN", "NNNN", false)]);
    check("a <a-b or c>", &[("a-b or c", "<a-b or c>", false)]);
}

#[test]
fn values_become_words() {
    let bash = |text: &str, list: &[(&str, &str)]| filled(text, Shell::Bash, list);
    let posh = |text: &str, list: &[(&str, &str)]| filled(text, Shell::PowerShell, list);
    assert_eq!(bash("a --x <v>", &[("v", "it's; $(rm)")]), Ok(r"a --x 'it'\''s; $(rm)'".to_owned()));
    assert_eq!(bash("a \"L/<v>.json\"", &[("v", "$x`y`")]), Ok("a \"L/\"'$x`y`'\".json\"".to_owned()));
    assert_eq!(posh("a -P L\\<v>.json", &[("v", "it's")]), Ok("a -P 'L\\it''s.json'".to_owned()));
    assert_eq!(posh("a -P:<v>", &[("v", "x’; rm y")]), Ok("a -P:'x’’; rm y'".to_owned()));
    assert_eq!(posh("a -P \"<v>\\x\"", &[("v", "$(y)")]), Ok("a -P '$(y)\\x'".to_owned()));
    assert_eq!(posh("a -L @('<v>','b')", &[("v", "c")]), Ok("a -L @('c','b')".to_owned()));
    let parts = "a -P <v> [-Q] [-Top <n>] [-Format Text|Csv] -Z";
    assert_eq!(posh(parts, &[("v", "x")]), Ok("a -P 'x' -Z".to_owned()));
    assert_eq!(
        posh(parts, &[("v", "x"), ("Q", "yes"), ("n", "3"), ("Format", "Csv")]),
        Ok("a -P 'x' -Q -Top '3' -Format Csv -Z".to_owned())
    );
    assert_eq!(posh("a [-Deep [-Top <n>]]", &[("n", "3")]), Ok("a -Deep -Top '3'".to_owned()));
    assert_eq!(
        filled("a --day <v>", Shell::Unknown, &[("v", "2026-11-20; ls")]),
        Ok("a --day '2026-11-20; ls'".to_owned())
    );
}

#[test]
fn what_could_be_more_than_a_word_is_refused() {
    let check = |text: &str, shell: Shell, list: &[(&str, &str)], why: &str| {
        let refused = filled(text, shell, list).expect_err(text);
        assert!(refused.contains(why), "{text} {list:?}: {refused}");
    };
    for shell in [Shell::Bash, Shell::PowerShell, Shell::Unknown] {
        for value in ["a\nb", "a\rb", "a\u{85}b", "\u{1b}[0m", "a\0"] {
            check("a <v>", shell, &[("v", value)], "control characters");
        }
        check("a <v>", shell, &[("v", "x\u{202e}y")], "turn the text around");
        check("a <v>", shell, &[("v", "--force")], "begin with a dash");
        check("a <v>", shell, &[("v", "–Force")], "begin with a dash");
        check("a <v> <w>", shell, &[("v", "x")], "not filled in: <w>");
        check("a <v>", shell, &[("v", "")], "not filled in: <v>");
        check("a <v>", shell, &[("v", "x"), ("z", "y")], "has no placeholder \"z\"; it has v");
        check("a; x<v> b", shell, &[("v", "x")], "choose the program");
        check("a | x<v>", shell, &[("v", "x")], "choose the program");
        check("bash -c 'echo <v>'", shell, &[("v", "a b")], "more than once");
        check("ssh h ls <v>", shell, &[("v", "a;b")], "more than once");
        check("a $<v>", shell, &[("v", "HOME")], "a sign that the shell obeys");
        check("a [-F X|Y]", shell, &[("F", "Z")], "one of X, Y");
        check("a [-F]", shell, &[("F", "; rm x")], "yes or no");
    }
    check("a L\\<v>", Shell::Bash, &[("v", "; rm x")], "a sign that the shell obeys");
    check("a \"L\\<v>\"", Shell::Bash, &[("v", "; rm x")], "a sign that the shell obeys");
    check("a <v>", Shell::PowerShell, &[("v", "x\" -Force \"")], "double quote");
    check("a <v>", Shell::PowerShell, &[("v", "a b\\")], "backslash at the end");
    check("a \"$x/<v>\"", Shell::PowerShell, &[("v", "a")], "signs that the shell obeys");
    check("a @('<v>','b')", Shell::PowerShell, &[("v", "a');rm('b")], "signs that the shell obeys");
    check("a <v>", Shell::Unknown, &[("v", "it's")], "not known which shell");
    check("a -Top <n> [-A <x> -B <y>]", Shell::Bash, &[("n", "1"), ("x", "1")], "not filled in: <y>");
}

/// Reads a word of single quotes as PowerShell does; what is left behind it must be nothing.
fn posh_word(text: &str) -> Option<String> {
    let quote = |c: &char| "'‘’‚‛".contains(*c);
    let mut chars = text.chars().peekable();
    let mut word = String::new();
    chars.next().filter(quote)?;
    while let Some(c) = chars.next() {
        if quote(&c) {
            match chars.peek().filter(|next| quote(next)) {
                Some(_) => {
                    chars.next();
                }
                None => return chars.next().is_none().then_some(word),
            }
        }
        word.push(c);
    }
    None
}

/// Reads a word as bash does: single quotes, and a backslash before a quote between them.
fn bash_word(text: &str) -> Option<String> {
    let (mut word, mut quoted) = (String::new(), false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quoted, c) {
            (_, '\'') => quoted = !quoted,
            (true, c) => word.push(c),
            (false, '\\') => word.push(chars.next()?),
            (false, _) => return None,
        }
    }
    (!quoted).then_some(word)
}

proptest! {
    #[test]
    fn a_value_stays_one_word(value in "([;|&$()`'\"<>{}\\[\\]!#*? \\\\=,.@%^~‘’‚‛a-z0-9–-]|\\$\\(|--|&&| -x ){1,24}") {
        for (shell, read) in [(Shell::Bash, bash_word as fn(&str) -> Option<String>), (Shell::PowerShell, posh_word)] {
            if let Ok(line) = filled("run --to <v>", shell, &[("v", &value)]) {
                let word = line.strip_prefix("run --to ").expect("the text before it stays");
                prop_assert_eq!(read(word), Some(value.clone()), "{}", line);
            }
        }
        if let Ok(line) = filled("bash -c 'run <v>'", Shell::Bash, &[("v", &value)]) {
            prop_assert!(line.bytes().all(|b| b.is_ascii_alphanumeric() || b" '._/:+-".contains(&b)), "{}", line);
        }
    }

    #[test]
    fn any_document_is_read(text in "([`|<>\\[\\]#a-z \\n-]|\\| a \\| `b|```|\\|-\\|-\\||command){0,60}") {
        for command in &book(&text).commands {
            let _ = fill(command, &BTreeMap::new());
        }
    }
}
