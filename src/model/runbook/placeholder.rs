//! What a command line leaves open: `<date>`, `[-Optional]`, `[-Top <n>]`, `[-Format Text|Csv]`, `<a|b>`, `...`.

/// Something that can be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// As it stands in the runbook.
    pub text: String,
    /// What it is called when it is filled in; the same name stands for the same value.
    pub name: String,
    /// Whether it may be left out.
    pub optional: bool,
    /// What it takes.
    pub kind: Kind,
}

/// What a placeholder takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Any text; it becomes one word, or part of one.
    Value,
    /// `yes` or `no`: whether an optional part is there.
    Switch,
    /// One of these words.
    Choice(Vec<String>),
}

/// A piece of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Text as it stands.
    Text(String),
    /// Something to fill in.
    Open(Placeholder),
    /// An optional part; a switch where nothing directly in it can be filled in.
    Part(Option<Placeholder>, Vec<Node>),
}

/// A command line, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// The pieces in order.
    pub nodes: Vec<Node>,
}

impl Template {
    /// Takes a command line apart; never fails: what is no placeholder is text.
    pub fn parse(text: &str) -> Template {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let mut nodes = reader.nodes();
        // One name as the whole value of several parameters means several values: they are called as their parameters are.
        let mut behind: Vec<(String, String)> = Vec::new();
        each_value(&mut nodes, &mut String::new(), &mut |one, flag| behind.push((one.name.clone(), flag)));
        each_value(&mut nodes, &mut String::new(), &mut |one, flag| {
            if behind.iter().any(|(name, other)| *name == one.name && *other != flag) {
                one.name = flag;
            }
        });
        Template { nodes }
    }

    /// What can be filled in, each name once.
    pub fn placeholders(&self) -> Vec<Placeholder> {
        let mut all = Vec::new();
        collect(&self.nodes, &mut all);
        let mut once: Vec<Placeholder> = Vec::new();
        for one in all {
            match once.iter_mut().find(|known| known.name == one.name) {
                Some(known) => known.optional &= one.optional,
                None => once.push(one),
            }
        }
        once
    }

    /// The line with every optional part and every choice in it, for judging what it may do.
    pub fn widest(&self) -> String {
        let mut line = String::new();
        widen(&self.nodes, &mut line);
        line
    }
}

fn collect(nodes: &[Node], all: &mut Vec<Placeholder>) {
    for node in nodes {
        match node {
            Node::Text(_) => {}
            Node::Open(one) => all.push(one.clone()),
            Node::Part(switch, inner) => {
                all.extend(switch.clone());
                collect(inner, all);
            }
        }
    }
}

/// Hands over every value that is all of a parameter's word, with the name of the parameter.
fn each_value(nodes: &mut [Node], before: &mut String, take: &mut dyn FnMut(&mut Placeholder, String)) {
    for at in 0..nodes.len() {
        let ends = match nodes.get(at + 1) {
            Some(Node::Text(text)) => text.starts_with(char::is_whitespace),
            Some(Node::Open(_)) => false,
            Some(Node::Part(..)) | None => true,
        };
        match &mut nodes[at] {
            Node::Text(text) => before.push_str(text),
            Node::Open(one) => {
                if let Some(flag) = flag_before(before).filter(|_| ends && one.kind == Kind::Value) {
                    take(one, flag);
                }
                before.push('x');
            }
            Node::Part(_, inner) => {
                each_value(inner, before, take);
                before.push(' ');
            }
        }
    }
}

/// The parameter whose value comes next: `-Path ` or `--path=`.
fn flag_before(before: &str) -> Option<String> {
    let ended = before.ends_with([' ', '=', ':']);
    let word = before.trim_end_matches([' ', '=', ':']).rsplit([' ', '[']).next()?;
    let name = word.trim_start_matches('-');
    (ended && word.starts_with('-') && !name.is_empty()).then(|| name.to_owned())
}

fn widen(nodes: &[Node], line: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => line.push_str(text),
            Node::Open(one) => match &one.kind {
                Kind::Choice(words) => line.push_str(&words.join(" ")),
                Kind::Value | Kind::Switch => line.push('x'),
            },
            Node::Part(_, inner) => {
                line.push(' ');
                widen(inner, line);
                line.push(' ');
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    /// Pieces up to the end, or to the bracket that closes this part. A part that is never closed reaches to the end.
    fn nodes(&mut self) -> Vec<Node> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut plain = String::new();
        while let Some(c) = self.text[self.at..].chars().next() {
            if c == ']' && self.depth > 0 {
                break;
            }
            let word_begins = self.at == 0 || self.text[..self.at].ends_with([' ', '[', '\n', '\t']);
            if let Some((one, width)) = self.open(&plain, word_begins) {
                nodes.extend((!plain.is_empty()).then(|| Node::Text(std::mem::take(&mut plain))));
                nodes.push(Node::Open(one));
                self.at += width;
            } else if c == '[' && self.depth < 32 && word_begins && begins_part(&self.text[self.at + 1..]) {
                nodes.extend((!plain.is_empty()).then(|| Node::Text(std::mem::take(&mut plain))));
                nodes.push(self.part());
            } else {
                plain.push(c);
                self.at += c.len_utf8();
            }
        }
        nodes.extend((!plain.is_empty()).then_some(Node::Text(plain)));
        nodes
    }

    fn part(&mut self) -> Node {
        let start = self.at;
        self.at += 1;
        self.depth += 1;
        let inner = self.nodes();
        self.depth -= 1;
        if self.text[self.at..].starts_with(']') {
            self.at += 1;
        }
        let text = self.text[start..self.at].to_owned();
        if let [Node::Text(word)] = &inner[..]
            && word.chars().all(|c| c.is_alphanumeric() || c == '_')
        {
            return Node::Part(
                None,
                vec![Node::Open(Placeholder { name: word.clone(), text, optional: true, kind: Kind::Value })],
            );
        }
        let filled = inner.iter().any(|node| matches!(node, Node::Open(_)));
        let said = inner
            .iter()
            .find_map(|node| if let Node::Text(text) = node { text.split_whitespace().next() } else { None });
        let name = said.unwrap_or(&text).trim_start_matches(['-', '/']).trim_matches(['[', ']']).to_owned();
        let switch =
            (!filled && said.is_some()).then_some(Placeholder { text, name, optional: true, kind: Kind::Switch });
        Node::Part(switch, inner)
    }

    /// A placeholder that begins here, and how long it is.
    fn open(&self, before: &str, word_begins: bool) -> Option<(Placeholder, usize)> {
        let rest = &self.text[self.at..];
        let optional = self.depth > 0;
        let named = |fallback: &str| flag_before(before).unwrap_or_else(|| fallback.to_owned());
        if let Some(inner) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')).map(|(inner, _)| inner) {
            let fits = inner.starts_with(|c: char| c.is_alphabetic())
                && inner.ends_with(|c: char| c.is_alphanumeric() || c == '.')
                && inner.chars().count() <= 48
                && inner.chars().all(|c| c.is_alphanumeric() || " _-.|,/:".contains(c));
            if fits {
                let words: Vec<String> = inner.split('|').map(|word| word.trim().to_owned()).collect();
                let choice = words.len() > 1 && words.iter().all(|word| is_choice(word));
                let (name, kind) =
                    if choice { (named(inner), Kind::Choice(words)) } else { (inner.to_owned(), Kind::Value) };
                let width = inner.len() + 2;
                return Some((Placeholder { text: rest[..width].to_owned(), name, optional, kind }, width));
            }
        }
        if !word_begins && !before.ends_with(['_', '-', '=']) {
            return None;
        }
        let word: &str = rest.split([' ', ']', '\n']).next().unwrap_or_default();
        // Only in brackets and behind a parameter are bars a choice; elsewhere they are pipes.
        if optional && word_begins && word.contains('|') && word.split('|').all(is_choice) {
            let words = word.split('|').map(str::to_owned).collect();
            return Some((
                Placeholder { text: word.to_owned(), name: named(word), optional, kind: Kind::Choice(words) },
                word.len(),
            ));
        }
        if word_begins && (word == "..." || word == "…") {
            let text = word.to_owned();
            return Some((
                Placeholder { text, name: named("arguments"), optional: true, kind: Kind::Value },
                word.len(),
            ));
        }
        // `session-NNNN`, and the same with another letter: four of one capital letter stand for digits or letters.
        let letter = rest.chars().next().filter(|c| *c == 'X' || *c == 'N')?;
        let run: String = rest.chars().take_while(|c| *c == letter).collect();
        let ended = !rest[run.len()..].starts_with(|c: char| c.is_alphanumeric());
        let text = run.clone();
        (run.len() >= 4 && ended)
            .then_some((Placeholder { name: run.clone(), text, optional, kind: Kind::Value }, run.len()))
    }
}

fn is_choice(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) && !word.starts_with('-')
}

/// Whether a bracket opens an optional part: not a type or index of PowerShell, nor a test of a shell.
fn begins_part(rest: &str) -> bool {
    let inner = rest.trim_start_matches('[');
    if inner.starts_with("- ")
        || inner.starts_with("-z ")
        || inner.starts_with("-f ")
        || inner.starts_with("-d ")
        || inner.starts_with("-n ")
        || inner.starts_with("-e ")
    {
        return false;
    }
    if inner.starts_with(['-', '<', '/']) {
        return true;
    }
    let Some((word, after)) = rest.split_once(']') else { return false };
    let after = after.trim_start_matches(['.', '…']);
    !word.is_empty()
        && word.chars().all(|c| c.is_alphanumeric() || c == '_')
        && (after.is_empty() || after.starts_with([' ', ']']))
        && !after.trim_start().starts_with('$')
}
