//! Filters: one language for all lists (`state:blocked -plan:b "two words" sort:-date`). `docs/FILTER.md` describes it
//! for people. A list says which fields it has ([`FieldName`]) and answers for one item at a time what stands in them;
//! what a term means is decided here alone.

mod date;
mod scan;
pub mod text;

use std::borrow::Cow;

use self::date::Span;
use self::scan::Value;

/// One field that a list offers to the filter. The order in a list's table is the order in which terms are tried: what
/// costs little stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldName {
    /// What stands before the colon; lower-case letters.
    pub name: &'static str,
    /// What the field is, in a few words.
    pub help: &'static str,
    /// How values are compared.
    pub kind: FieldKind,
}

/// How the values of a field are compared with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Begins with it, letters and digits alone, without case: `inprogress` and `in` are "In Progress". In quotes it is
    /// the whole word: `"ready"` is not "Ready for Review".
    Word,
    /// Contains it, by the rule of [`text::contains`].
    Text,
    /// Is it, without ASCII case.
    Exact,
    /// `yes`: the field has a value; `no`: it has none.
    Flag,
    /// As [`FieldKind::Flag`], or one of these words, which the field may have as values.
    FlagOr(&'static [&'static str]),
    /// Days: [`Span::read`].
    Date,
    /// Not a field: `sort:` and the orders that the list knows.
    Sort(&'static [&'static str]),
}

/// The order that a filter asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// One of the list's orders.
    pub name: &'static str,
    /// Whether `-` stands before it: the last comes first.
    pub descending: bool,
}

/// A filter as the operator types it, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    words: Vec<String>,
    unwanted: Vec<String>,
    /// In the order of the list's table.
    fields: Vec<Field>,
    sort: Option<SortKey>,
    problems: Vec<String>,
}

/// What is asked of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: &'static str,
    /// Any of these has to fit, if there are some.
    wanted: Vec<Test>,
    /// None of these may fit.
    unwanted: Vec<Test>,
}

/// One question to the values of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    /// There is a value (`true`), or none.
    Filled(bool),
    /// Squeezed values begin with it.
    Begins(String),
    /// A squeezed value is it.
    Is(String),
    Contains(String),
    Equals(String),
    Within(Span),
}

impl Query {
    /// Takes a filter apart. What is still being typed (`state:`, `-`, a quote alone) restricts nothing.
    pub fn parse(text: &str, fields: &[FieldName]) -> Query {
        let mut query = Query::default();
        let mut asked: Vec<(Vec<Test>, Vec<Test>)> = fields.iter().map(|_| Default::default()).collect();
        for term in scan::terms(text, |name| fields.iter().any(|field| field.name == name)) {
            let Some(at) = term.field.and_then(|name| fields.iter().position(|field| field.name == name)) else {
                if let Some(problem) = term.unknown.and_then(|name| misspelt(name, fields)) {
                    query.problems.push(problem);
                    continue;
                }
                let words = if term.not { &mut query.unwanted } else { &mut query.words };
                words.extend(term.values.into_iter().map(|value| value.text).filter(|word| !word.is_empty()));
                continue;
            };
            let (field, (wanted, unwanted)) = (&fields[at], &mut asked[at]);
            for value in &term.values {
                match (field.kind, test(field, value)) {
                    (FieldKind::Sort(orders), _) => match order(orders, &value.text, term.not) {
                        Ok(order) => query.sort = order.or(query.sort),
                        Err(problem) => query.problems.push(problem),
                    },
                    (_, Ok(Some(test))) => if term.not { &mut *unwanted } else { &mut *wanted }.push(test),
                    (_, Ok(None)) => {}
                    (_, Err(problem)) => query.problems.push(problem),
                }
            }
        }
        query.fields = fields
            .iter()
            .zip(asked)
            .filter(|(_, (wanted, unwanted))| !(wanted.is_empty() && unwanted.is_empty()))
            .map(|(field, (wanted, unwanted))| Field { name: field.name, wanted, unwanted })
            .collect();
        query
    }

    /// Plain words and phrases that must all stand in the text; not the negated ones.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Plain words and phrases that must not stand in the text.
    pub fn unwanted(&self) -> &[String] {
        &self.unwanted
    }

    /// Whether it neither restricts nor orders anything.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && !self.names_fields() && self.sort.is_none()
    }

    /// Whether there is more than plain words: [`Query::fits_fields`] may refuse something.
    pub fn names_fields(&self) -> bool {
        !(self.fields.is_empty() && self.unwanted.is_empty())
    }

    /// The order asked for; the last one where there are several.
    pub fn sort(&self) -> Option<&SortKey> {
        self.sort.as_ref()
    }

    /// The same query in that order, if one is given.
    pub fn sorted(self, key: Option<SortKey>) -> Query {
        Query { sort: key.or(self.sort), ..self }
    }

    /// Terms that mean nothing, one sentence each; they restrict nothing.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Whether an item fits. `field` gives the values of a field (several: any may fit; none, or only blank ones: the
    /// field is empty); `text` says whether a word stands in the item's text.
    pub fn fits<'a>(&self, field: impl FnMut(&str) -> Vec<Cow<'a, str>>, mut text: impl FnMut(&str) -> bool) -> bool {
        self.words.iter().all(|word| text(word)) && self.fits_fields(field, text)
    }

    /// The same without the plain words, for lists that look for these in a quicker way. Negated words are included.
    pub fn fits_fields<'a>(
        &self,
        mut field: impl FnMut(&str) -> Vec<Cow<'a, str>>,
        mut text: impl FnMut(&str) -> bool,
    ) -> bool {
        self.fields.iter().all(|asked| {
            let values = field(asked.name);
            (asked.wanted.is_empty() || asked.wanted.iter().any(|test| test.fits(&values)))
                && !asked.unwanted.iter().any(|test| test.fits(&values))
        }) && !self.unwanted.iter().any(|word| text(word))
    }
}

impl Test {
    fn fits(&self, values: &[Cow<'_, str>]) -> bool {
        let any = |fits: &dyn Fn(&str) -> bool| values.iter().any(|value| fits(value));
        match self {
            Test::Filled(filled) => any(&|value| !value.trim().is_empty()) == *filled,
            Test::Begins(wanted) => any(&|value| text::squeeze(value).starts_with(wanted.as_str())),
            Test::Is(wanted) => any(&|value| text::squeeze(value) == *wanted),
            Test::Contains(wanted) => any(&|value| text::contains(value, wanted)),
            Test::Equals(wanted) => any(&|value| value.trim().eq_ignore_ascii_case(wanted)),
            Test::Within(span) => any(&|value| span.has(value)),
        }
    }
}

/// What a value asks of its field; none while it says nothing yet.
fn test(field: &FieldName, value: &Value) -> Result<Option<Test>, String> {
    let said = value.text.trim();
    match (said, value.quoted) {
        ("", true) | ("none", false) => return Ok(Some(Test::Filled(false))),
        ("*", false) => return Ok(Some(Test::Filled(true))),
        _ => {}
    }
    // A flag may be said in part, as a state may.
    let yes_or_no = || [("yes", true), ("true", true), ("no", false), ("false", false)].into_iter();
    let flag = || yes_or_no().find(|(word, _)| starts_with(word, said)).map(|(_, filled)| Test::Filled(filled));
    match field.kind {
        FieldKind::Word => {
            let word = text::squeeze(said);
            Ok((!word.is_empty()).then_some(if value.quoted { Test::Is(word) } else { Test::Begins(word) }))
        }
        FieldKind::Text => Ok(Some(Test::Contains(value.text.clone()))),
        FieldKind::Exact => Ok(Some(Test::Equals(said.to_owned()))),
        FieldKind::Flag => {
            flag().map(Some).ok_or_else(|| format!("{}:{} is neither yes nor no", field.name, short(said)))
        }
        FieldKind::FlagOr(words) => {
            let word = words.iter().find(|word| starts_with(word, said));
            flag()
                .or(word.map(|word| Test::Is(text::squeeze(word))))
                .map(Some)
                .ok_or_else(|| format!("{}:{} is none of yes, no, {}", field.name, short(said), words.join(", ")))
        }
        FieldKind::Date => Span::read(said)
            .map(|span| span.map(Test::Within))
            .map_err(|_| format!("{}:{} is no date such as 2025-12-24", field.name, short(said))),
        FieldKind::Sort(_) => Ok(None),
    }
}

/// The order that is said, whole or in part; none while nothing but the sign is there.
fn order(orders: &[&'static str], said: &str, not: bool) -> Result<Option<SortKey>, String> {
    let bare = said.strip_prefix('-');
    let (name, descending) = (bare.unwrap_or(said), bare.is_some() != not);
    if name.is_empty() {
        return Ok(None);
    }
    match orders.iter().find(|order| starts_with(order, name)) {
        Some(name) => Ok(Some(SortKey { name, descending })),
        None => Err(format!("sort:{} is none of {}", short(said), orders.join(", "))),
    }
}

/// Whether `word` begins with what is said, without ASCII case.
fn starts_with(word: &str, said: &str) -> bool {
    word.get(..said.len()).is_some_and(|front| front.eq_ignore_ascii_case(said))
}

/// What to say of a name before a colon that is no field, if it is nearly one. Anything else is a word like others.
fn misspelt(name: &str, fields: &[FieldName]) -> Option<String> {
    let far = |field: &&FieldName| strsim::damerau_levenshtein(name, field.name);
    let near = fields.iter().min_by_key(far)?;
    // A third of the letters may be wrong: more is another word.
    let is_near = name.len() > 2 && far(&near) <= 1.max(name.len() / 3);
    is_near.then(|| format!("{}: is no field; did you mean {}:? (\"{0}:…\" is text)", short(name), near.name))
}

/// Enough of what was typed to know it again; a message has to fit a narrow screen.
fn short(said: &str) -> String {
    const MOST: usize = 16;
    if said.chars().count() <= MOST { said.to_owned() } else { said.chars().take(MOST - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests;
