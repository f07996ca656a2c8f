//! Reads the clauses of one block of prose, from left to right: a metric, a statistic, a comparator, a number, and what
//! restricts them. Only a number behind a comparator becomes a threshold; what is said about the past, about a condition, in
//! passing within parentheses or as an argument of a command does not.

mod emit;
mod words;

use super::code::{self, Code};
use super::token::{Token, What, covered};
use super::unit::Unit;
use super::{Clause, ClauseKind, Comparator, Days, GateSeverity, Metric, Statistic, prose};
use crate::doc::Span;
use words::{begins_in, is_if, pass, phrase};

pub(super) use words::{field_of_noun, is_small};

/// What one block holds.
pub(super) struct Scanner<'a> {
    /// The text of the whole document, byte for byte as long as the document.
    pub text: &'a str,
    /// In a row of a table a percentage needs no comparator.
    pub table: bool,
    /// The metric that a later part of the block may leave out.
    pub metric: Option<Metric>,
    /// Files of evidence that the block names.
    pub artifacts: Vec<String>,
    /// The clauses found so far.
    pub clauses: Vec<Clause>,
}

/// The part of a sentence that is being read.
#[derive(Default)]
struct State {
    /// First token of the clause that is being read.
    start: Option<usize>,
    /// Whether a metric was named in this part.
    named: bool,
    statistic: Option<Statistic>,
    /// Where statistic and metric were named.
    statistic_at: Option<usize>,
    metric_at: Option<usize>,
    pass: Option<String>,
    qualifiers: Vec<String>,
    days: Option<Days>,
    tolerance: Option<String>,
    /// "alert if", "fails when".
    alert: Option<GateSeverity>,
    /// Behind "when", "if": what is compared is a condition.
    condition: bool,
    /// Behind "currently", "was": what is compared is a report.
    history: bool,
    /// "minimum site count 2, host count 37": holds for the whole list.
    list: Option<Comparator>,
    /// Words since the last threshold.
    words: Vec<String>,
    /// End of the parenthesis that is read as if it were none.
    inside: usize,
    /// Token behind the last threshold, and where in the list of clauses this part begins.
    behind: usize,
    first: usize,
}

impl Scanner<'_> {
    /// Reads the tokens of the block.
    pub fn block(&mut self, tokens: &[Token]) {
        for (at, sentence) in tokens.split(|token| token.what == What::Stop).enumerate() {
            if sentence.is_empty() {
                continue;
            }
            let before = self.clauses.len();
            let segments = sentence.split(|token| token.what == What::Semicolon && token.depth == 0);
            let mut silent = Vec::new();
            for segment in segments.filter(|segment| !segment.is_empty()) {
                let first = self.clauses.len();
                self.segment(segment);
                if self.clauses.len() == first {
                    silent.push((first, segment));
                }
            }
            if self.table {
                continue;
            }
            if self.clauses.len() == before {
                self.clauses.extend(prose::sentence(sentence, at == 0, &self.artifacts));
                continue;
            }
            // Beside a part with a threshold another one may say something that can be checked in part.
            for (at, segment) in silent.into_iter().rev() {
                if let Some(clause) = prose::part(segment) {
                    self.clauses.insert(at, clause);
                }
            }
        }
    }

    fn segment(&mut self, seg: &[Token]) {
        let mut state = State { first: self.clauses.len(), ..State::default() };
        let mut at = 0;
        while at < seg.len() {
            at = self.step(seg, at, &mut state).max(at + 1);
        }
        self.tail(seg, &state);
    }

    /// Reads one token and says which is next.
    fn step(&mut self, seg: &[Token], at: usize, state: &mut State) -> usize {
        match &seg[at].what {
            What::Open if at >= state.inside => self.parenthesis(seg, at, state),
            What::Code(text) => {
                let text = text.clone();
                self.code(seg, at, &text, state)
            }
            What::Word(word) => self.word(seg, at, word, state),
            What::Compare(comparator) => self.threshold(seg, at, at + 1, *comparator, state),
            What::Number { .. } => self.bare_number(seg, at, state),
            What::Lost => self.lost(seg, at, state),
            What::Comma => {
                (state.condition, state.history) = (false, false);
                at + 1
            }
            What::Tolerance => {
                state.tolerance = seg.get(at + 1).map(|number| format!("±{}", self.raw(&number.span)));
                at + 2
            }
            What::Open | What::Close | What::Semicolon | What::Stop | What::Other => at + 1,
        }
    }

    fn code(&mut self, seg: &[Token], at: usize, text: &str, state: &mut State) -> usize {
        let inherited = self.metric.as_ref().and_then(|metric| metric.event.clone());
        let metric = match code::read(text) {
            Code::Both(event, field) => Metric { event: Some(event), field: Some(field), ..Metric::default() },
            Code::Name(name) if code::is_field(&name) && (inherited.is_some() || !code::is_name(&name)) => {
                Metric { event: inherited, inherited: true, field: Some(name), ..Metric::default() }
            }
            Code::Name(name) if code::is_field(&name) && self.named_by_artifact().is_some() => {
                Metric { event: self.named_by_artifact(), field: Some(name), ..Metric::default() }
            }
            Code::Name(name) => Metric { event: Some(name), ..Metric::default() },
            Code::Comparison(name, statistic, comparator, value, unit) => {
                let (event, field) = match name.split_once('.') {
                    Some((event, field)) => (Some(event.to_owned()), field.to_owned()),
                    None => (self.named_by_artifact().or(inherited), name),
                };
                self.metric = Some(Metric { event, field: Some(field), ..Metric::default() });
                state.statistic = statistic;
                state.named = true;
                state.start = Some(at);
                if state.condition || state.history || seg[at].depth > 0 {
                    return at + 1;
                }
                self.emit(seg, at..at + 1, comparator, value, unit, state);
                return state.behind;
            }
            Code::Artifact(file) => {
                self.artifacts.push(file);
                state.start.get_or_insert(at);
                return at + 1;
            }
            Code::Command(files) => {
                self.artifacts.extend(files);
                state.start.get_or_insert(at);
                return at + 1;
            }
            Code::Row | Code::Other => {
                state.words.push(text.to_lowercase());
                return at + 1;
            }
        };
        if seg[at].depth == 0 || at < state.inside {
            // "with `Other.Metric` …" begins a thought of its own.
            if state.named && self.clauses.len() > state.first && at > state.behind {
                state.start = Some(at);
            }
            state.start.get_or_insert(at);
            state.named = true;
            // "the 95th percentile of `X`": the statistic stands in front.
            let leads = |said: usize| said >= state.behind && state.metric_at.is_none_or(|metric| metric < said);
            if !state.statistic_at.is_some_and(leads) {
                state.statistic = None;
            }
            state.metric_at = Some(at);
            state.words.clear();
            self.metric = Some(metric);
        }
        at + 1
    }

    /// An event that a file of evidence of this block is named after.
    fn named_by_artifact(&self) -> Option<String> {
        self.artifacts.last().and_then(|file| code::event_of_artifact(file))
    }

    fn parenthesis(&mut self, seg: &[Token], at: usize, state: &mut State) -> usize {
        let depth = seg[at].depth;
        let close =
            (at + 1..seg.len()).find(|&i| seg[i].what == What::Close && seg[i].depth <= depth).unwrap_or(seg.len());
        let inner = &seg[at + 1..close];
        for token in inner {
            if let What::Code(text) = &token.what
                && let Code::Artifact(file) = code::read(text)
            {
                self.artifacts.push(file);
            }
        }
        let words: Vec<&str> = inner.iter().map(Token::word).filter(|word| !word.is_empty()).collect();
        if let (true, Some(pass)) = (words.len() <= 2, words.iter().find_map(|word| pass(word))) {
            match self.clauses.last_mut() {
                Some(clause) if state.behind == at && begins_in(&clause.span, seg) => {
                    clause.pass = Some(pass.to_owned());
                    clause.qualifiers.push(pass.to_owned());
                    clause.span.end = seg.get(close).map_or(clause.span.end, |token| token.span.end);
                    state.behind = close + 1;
                }
                Some(_) | None => state.pass = Some(pass.to_owned()),
            }
            return close + 1;
        }
        if inner.iter().any(|token| token.what == What::Tolerance) {
            state.qualifiers.push(self.raw(&covered(inner)).to_owned());
            return close + 1;
        }
        // `(≤ 120 ms)` alone is the threshold of what stands before it; a legend or a remark is not.
        let alone = inner.iter().filter(|token| matches!(token.what, What::Number { .. })).count() == 1
            && inner.first().is_some_and(|token| matches!(token.what, What::Compare(_)) || phrase(inner, 0).is_some())
            && inner.len() <= 6;
        if alone && state.named && state.behind <= at && self.clauses.len() == state.first {
            state.inside = close;
            return at + 1;
        }
        if let (Some(metric), true) = (&mut self.metric, at > 0 && matches!(seg[at - 1].what, What::Code(_))) {
            metric.words.extend(words.iter().map(|word| (*word).to_owned()));
        }
        close + 1
    }

    fn word(&mut self, seg: &[Token], at: usize, word: &str, state: &mut State) -> usize {
        if let Some((len, comparator)) = phrase(seg, at) {
            return self.threshold(seg, at, at + len, comparator, state);
        }
        let next = seg.get(at + 1).map_or("", Token::word);
        match word {
            "alert" | "warn" | "warns" | "warning" | "page" | "notify" if is_if(next) => {
                state.alert = Some(GateSeverity::Warning);
                state.start = Some(at);
                return at + 2;
            }
            "fail" | "fails" | "block" | "blocks" | "reject" | "rejected" if is_if(next) => {
                state.alert = Some(GateSeverity::Blocking);
                state.start = Some(at);
                return at + 2;
            }
            "if" | "when" | "unless" | "whenever" => state.condition = true,
            "must" | "shall" | "should" | "stay" | "stays" | "keep" => state.history = false,
            "currently" | "current" | "was" | "were" | "baseline" | "yesterday" | "previously" | "formerly"
            | "measured" | "recorded" | "stood" | "from" => state.history = true,
            "zero" => return self.zero(seg, at, state),
            "minimum" | "maximum" | "min" | "max" if self.begins_list(seg, at) => {
                let more = word.starts_with("mi");
                state.list = Some(if more { Comparator::AtLeast } else { Comparator::AtMost });
                state.start = Some(at);
                state.words.clear();
                return at + 1;
            }
            "per" | "each" | "every" if ["site", "host", "device", "hostname"].contains(&next) => {
                state.qualifiers.push(format!("per {next}"));
                return at + 2;
            }
            "weekly" => state.days = Some(Days::Last(7)),
            _ => {}
        }
        if let Some(pass) = pass(word) {
            match self.clauses.get_mut(state.first..).and_then(<[Clause]>::last_mut) {
                Some(clause) if state.behind == at && clause.pass.is_none() => {
                    clause.pass = Some(pass.to_owned());
                    clause.qualifiers.push(pass.to_owned());
                    clause.span.end = seg[at].span.end;
                    state.behind = at + 1;
                }
                Some(_) | None => state.pass = Some(pass.to_owned()),
            }
            state.words.push(word.to_owned());
            state.start.get_or_insert(at);
            return at + 1;
        }
        let ranked = word.ends_with("th") && next.starts_with("percentile");
        if let Some(statistic) = Statistic::named(word).filter(|_| !word.ends_with("th") || ranked) {
            // "event count", "site count": of what is said by the word before.
            if !(state.list.is_some() && statistic == Statistic::Count) {
                state.statistic = Some(statistic);
                state.statistic_at = Some(at);
                if state.start.is_none()
                    || self.clauses.len() > state.first && state.start.is_some_and(|s| s < state.behind)
                {
                    state.start = Some(at);
                }
            }
            return at + 1 + usize::from(ranked);
        }
        if let Some(event) = self.event_in_words(seg, at) {
            self.metric = Some(Metric { event: Some(event), ..Metric::default() });
            state.named = true;
            state.start.get_or_insert(at);
            state.statistic.get_or_insert(Statistic::Count);
            return at + 1;
        }
        state.start.get_or_insert(at);
        state.words.push(word.to_owned());
        at + 1
    }

    /// A name in camel case that is followed by "events": an event without ticks.
    fn event_in_words(&self, seg: &[Token], at: usize) -> Option<String> {
        let name = self.raw(&seg[at].span);
        let next = seg.get(at + 1).map_or("", Token::word);
        let camel = code::is_name(name) && name.chars().skip(1).any(|c| c.is_ascii_uppercase());
        (camel && ["event", "events", "records"].contains(&next)).then(|| name.to_owned())
    }

    /// "minimum site count 2": a few words, then a number, all without a comparator.
    fn begins_list(&self, seg: &[Token], at: usize) -> bool {
        let behind = seg[at + 1..].iter().take(4);
        let words = behind.clone().take_while(|token| !token.word().is_empty()).count();
        (1..=3).contains(&words)
            && matches!(seg.get(at + 1 + words).map(|t| &t.what), Some(What::Number { .. }))
            && seg[at + 1..at + 1 + words].iter().any(|token| ["count", "number", "total"].contains(&token.word()))
    }

    fn bare_number(&mut self, seg: &[Token], at: usize, state: &mut State) -> usize {
        let What::Number { value, ref unit, plus } = seg[at].what else { return at + 1 };
        let before = at.checked_sub(1).map_or("", |at| seg[at].word());
        if let (Some(comparator), true) = (state.list, before == "count" || before == "number" || before == "total") {
            self.emit(seg, at..at + 1, comparator, value, unit.clone(), state);
            return state.behind;
        }
        // "max 0": what is at most so much.
        let implied = match before {
            "max" | "maximum" => Some(Comparator::AtMost),
            "min" => Some(Comparator::AtLeast),
            _ if self.table && (unit == &Some(Unit::Percent) || plus) => Some(Comparator::AtLeast),
            _ => None,
        };
        match implied {
            Some(comparator) if state.named || self.table => self.threshold(seg, at, at, comparator, state),
            Some(_) | None => {
                // "over 7 nights in a row", "last 7 days".
                at + 1
            }
        }
    }

    fn lost(&mut self, seg: &[Token], at: usize, state: &mut State) -> usize {
        let number = seg[at + 1..].iter().any(|token| matches!(token.what, What::Number { .. }));
        if state.named && number && state.behind <= at && (seg[at].depth == 0) {
            let start = state.start.unwrap_or(0);
            let why = "characters of the text were lost (`???`), a comparator among them perhaps; it is not guessed";
            let mut clause = Clause::at(covered(&seg[start..]), ClauseKind::Unreadable, why);
            clause.metric = self.metric.clone().unwrap_or_default();
            clause.statistic = state.statistic;
            clause.not_understood.push(seg[at].span.clone());
            self.clauses.push(clause);
            return seg.len();
        }
        at + 1
    }

    /// "zero X": of events a count, of anything else something that a person looks for.
    fn zero(&mut self, seg: &[Token], at: usize, state: &mut State) -> usize {
        if state.named && self.clauses.len() == state.first && (state.statistic.is_some() || at + 1 == seg.len()) {
            return self.threshold(seg, at, at, Comparator::Equal, state);
        }
        let (mut event, mut noun, mut end) = (None, "", at + 1);
        for (i, token) in seg.iter().enumerate().skip(at + 1).take(6) {
            match &token.what {
                What::Code(text) => {
                    if let Code::Name(name) = code::read(text) {
                        event = Some(name);
                    }
                }
                What::Word(word) => noun = word,
                What::Number { .. } | What::Compare(_) | What::Lost | What::Tolerance | What::Open => break,
                What::Close | What::Comma | What::Semicolon | What::Stop | What::Other => break,
            }
            end = i + 1;
        }
        let span = covered(&seg[at..end]);
        let is_event = ["event", "events", "records", "record"].contains(&noun);
        let said = self.raw(&span);
        let mut clause = if let (Some(event), true) = (&event, is_event) {
            let mut clause = Clause::at(span, ClauseKind::Machine, "event and number are named");
            clause.metric.event = Some(event.clone());
            clause
        } else if seg[at..end].iter().any(|token| matches!(&token.what, What::Code(text) if text.starts_with('.'))) {
            noun = "files";
            Clause::at(
                span,
                ClauseKind::Partial,
                "files in the repository are no telemetry; a look at the tree answers a part of it",
            )
        } else {
            let why =
                format!("`{said}`: telemetry has no event of that name that could be counted; somebody has to look");
            Clause::at(span, ClauseKind::Manual, why)
        };
        clause.statistic = Some(Statistic::Count);
        clause.comparator = Some(Comparator::Equal);
        clause.threshold = Some(0.0);
        clause.metric.words = noun.split_whitespace().map(str::to_owned).collect();
        clause.unit = (!noun.is_empty()).then(|| Unit::Things(noun.to_owned()));
        self.clauses.push(clause);
        state.behind = end;
        state.start = None;
        end
    }

    fn event_after(&self, seg: &[Token], from: usize) -> Option<String> {
        (from..seg.len()).find_map(|at| match &seg[at].what {
            What::Code(text) => match code::read(text) {
                Code::Name(name) => Some(name),
                Code::Both(event, _) => Some(event),
                Code::Comparison(..) | Code::Artifact(_) | Code::Command(_) | Code::Row | Code::Other => None,
            },
            What::Word(_) => self.event_in_words(seg, at),
            What::Number { .. } | What::Compare(_) | What::Lost | What::Tolerance | What::Open => None,
            What::Close | What::Comma | What::Semicolon | What::Stop | What::Other => None,
        })
    }

    fn raw(&self, span: &Span) -> &str {
        self.text.get(span.clone()).unwrap_or("")
    }
}
