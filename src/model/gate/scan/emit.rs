//! Makes clauses of what was read: the number and its unit, how many samples it needs, and what follows it.

use super::super::code::{self, Code};
use super::super::token::{Token, What, covered};
use super::super::unit::{Unit, camel};
use super::super::{Clause, ClauseKind, Comparator, Days, Metric, Polarity, Statistic, prose};
use super::words::{SAMPLES, field_of_noun, is_small};
use super::{Scanner, State};
use crate::doc::Span;

impl Scanner<'_> {
    /// A comparator, then (from `number` on) perhaps its number.
    pub(super) fn threshold(
        &mut self,
        seg: &[Token],
        at: usize,
        number: usize,
        comparator: Comparator,
        state: &mut State,
    ) -> usize {
        let mut number = number;
        while seg.get(number).is_some_and(|token| ["of", "a", "total", "about"].contains(&token.word())) {
            number += 1;
        }
        let (value, unit) = match seg.get(number).map(|token| &token.what) {
            Some(What::Number { value, unit, .. }) => (*value, unit.clone()),
            Some(What::Word(zero)) if zero == "zero" => (0.0, None),
            Some(_) | None => return at + 1,
        };
        let hidden = seg[at].depth > 0 && at >= state.inside;
        if hidden || state.condition || state.history {
            return number + 1;
        }
        self.emit(seg, at..number + 1, comparator, value, unit, state);
        state.behind
    }

    /// Makes a clause of what was read; `at` is the comparator with its number.
    pub(super) fn emit(
        &mut self,
        seg: &[Token],
        at: Span,
        comparator: Comparator,
        value: f64,
        unit: Option<Unit>,
        state: &mut State,
    ) {
        let mut end = at.end;
        let mut unit = unit;
        let mut distinct = false;
        let mut noun = None;
        let within_code = matches!(seg[at.start].what, What::Code(_));
        while let Some(word) = seg.get(end).map(Token::word).filter(|word| !word.is_empty() && !within_code) {
            if unit.is_none() && Unit::parse(word).is_some() {
                unit = Unit::parse(word);
                end += 1;
                break;
            }
            if ["distinct", "different", "unique"].contains(&word) {
                distinct = true;
            } else if word != "total" {
                noun = (unit.is_none() && !is_small(word) && word.ends_with('s')).then(|| word.to_owned());
                end += usize::from(noun.is_some());
                break;
            }
            end += 1;
        }
        let is_samples = noun.as_deref().is_some_and(|noun| SAMPLES.contains(&noun));
        let mut start = state.start.filter(|start| *start >= state.behind).unwrap_or(at.start).min(at.start);
        while start < at.start
            && (["and", "with", "plus", "but"].contains(&seg[start].word()) || seg[start].what == What::Comma)
        {
            start += 1;
        }
        let span = covered(&seg[start..end]);
        if is_samples && !distinct {
            return self.samples(span, value, noun, end, state);
        }
        if let Some(noun) = &noun
            && unit.is_none()
        {
            unit = Some(Unit::Things(noun.clone()));
        }
        let own = state.named || state.statistic.is_some() || self.clauses.len() > state.first;
        let mut metric =
            if own && !distinct && state.list.is_none() { self.metric.clone() } else { None }.unwrap_or_default();
        if !state.named {
            metric.inherited = metric.event.is_some();
        }
        let mut statistic = state.statistic;
        if distinct {
            statistic = Some(Statistic::Distinct);
            metric.event =
                self.event_after(seg, end).or_else(|| self.metric.as_ref().and_then(|metric| metric.event.clone()));
            metric.field = noun.as_deref().map(field_of_noun);
        }
        let of_noun = state.list.is_some() || (metric.event.is_none() && metric.field.is_none());
        if of_noun {
            metric.words = state.words.iter().filter(|word| !is_small(word)).cloned().collect();
        }
        let mut clause = Clause::at(span, ClauseKind::Machine, "event, field, statistic and number are named");
        let named = state.metric_at.filter(|_| state.named).map(|at| seg[at].span.clone());
        clause.understood.extend(named.map(|span| (span.clone(), format!("metric {}", self.raw(&span)))));
        if let (Some(at), Some(statistic)) = (state.statistic_at, statistic) {
            clause.understood.push((seg[at].span.clone(), format!("statistic {statistic}")));
        }
        let measured = unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
        clause
            .understood
            .push((covered(&seg[at.start..end]), format!("threshold {} {value}{measured}", comparator.sign())));
        clause.statistic = statistic;
        clause.comparator = Some(comparator);
        clause.threshold = Some(value);
        clause.unit = unit;
        clause.pass = state.pass.take();
        clause.qualifiers.extend(clause.pass.clone());
        clause.qualifiers.append(&mut state.qualifiers.clone());
        clause.qualifiers.extend(state.tolerance.take());
        clause.days = state.days.unwrap_or(Days::Newest);
        if let Some(severity) = state.alert {
            (clause.polarity, clause.severity) = (Polarity::Alert, severity);
        }
        clause.metric = metric;
        if state.list.is_some() || clause.metric.event.is_none() || clause.metric.event == self.named_by_artifact() {
            clause.artifacts = self.artifacts.clone();
        }
        self.clauses.push(clause);
        state.behind = end;
        state.words.clear();
        state.start = None;
    }

    /// "at least 10 samples": how many are needed for what was said before; with a subject ("the delay summary must include")
    /// it is also a clause of its own.
    fn samples(&mut self, span: Span, value: f64, noun: Option<String>, end: usize, state: &mut State) {
        let subject: Vec<&String> = state.words.iter().filter(|word| !is_small(word)).collect();
        let whole = self.clauses.len() > state.first;
        let wanted = |clause: &Clause| {
            let mut known: Vec<String> = clause.metric.words.clone();
            known.extend(clause.metric.event.iter().chain(&clause.metric.field).flat_map(|name| camel(name)));
            let field = clause.metric.field.iter().flat_map(|name| camel(name)).collect::<Vec<_>>();
            let said = |word: &&&String| {
                known.contains(word) && (field.is_empty() || field.contains(word) || clause.metric.words.contains(word))
            };
            whole || subject.iter().filter(said).count() == subject.len()
        };
        let needed = value.max(0.0) as usize;
        let from = if whole { state.first } else { 0 };
        let mut of: Option<Metric> = None;
        for clause in self.clauses[from..].iter_mut().filter(|clause| clause.threshold.is_some()) {
            if wanted(clause) {
                clause.min_samples = Some(needed);
                clause.understood.push((span.clone(), format!("at least {needed} samples")));
                of = Some(clause.metric.clone());
            }
        }
        if let (Some(metric), false) = (of, subject.is_empty() || whole) {
            let mut clause = Clause::at(span, ClauseKind::Machine, "it says how many samples there must be");
            clause.metric = Metric { inherited: true, ..metric };
            clause.statistic = Some(Statistic::Count);
            clause.comparator = Some(Comparator::AtLeast);
            clause.threshold = Some(value);
            clause.unit = noun.map(Unit::Things);
            self.clauses.push(clause);
        }
        state.behind = end;
        state.words.clear();
        state.start = None;
    }

    /// What follows the last threshold of a part: a condition, a window, a second thought, or words that are kept as not
    /// understood.
    pub(super) fn tail(&mut self, seg: &[Token], state: &State) {
        let (text, first) = (self.text, state.first);
        let Some(last) = self.clauses.get_mut(first..).and_then(<[Clause]>::last_mut) else { return };
        if last.kind == ClauseKind::Unreadable || state.behind >= seg.len() {
            return;
        }
        let tail = &seg[state.behind..];
        // What a qualifier says begins with its first word.
        let words =
            tail.iter().position(|token| !token.word().is_empty() || matches!(token.what, What::Code(_))).unwrap_or(0);
        let said = covered(&tail[words..]);
        let span = covered(tail);
        let is_metric = |token: &Token| {
            let What::Code(text) = &token.what else { return false };
            token.depth == 0 && !matches!(code::read(text), Code::Artifact(_) | Code::Command(_))
        };
        let has_code = tail.iter().any(is_metric);
        let joins = ["with", "and", "plus"].contains(&tail[0].word()) || tail[0].what == What::Comma;
        if joins && has_code && last.statistic != Some(Statistic::Distinct) {
            let mut clause = prose::second_thought(&tail[1..], last);
            clause.artifacts.extend(self.artifacts.iter().cloned());
            self.clauses.push(clause);
            return;
        }
        if let Some(days) = prose::days(tail) {
            last.days = days;
            last.qualifiers.push(text[said].to_owned());
            return;
        }
        if let Some(at) = tail.iter().position(|token| {
            token.depth == 0 && ["once", "when", "if", "unless", "while", "until"].contains(&token.word())
        }) {
            let condition = text[covered(&tail[at..])].to_owned();
            last.why = format!("the number can be computed; whether \"{condition}\" applies, a person has to say");
            last.kind = ClauseKind::Partial;
            last.qualifiers.push(condition);
            last.not_understood.push(span);
            return;
        }
        if let Some(age) = prose::age(tail) {
            last.max_age = Some(age);
            last.qualifiers.push(text[said].to_owned());
            return;
        }
        if tail.iter().any(|token| !token.word().is_empty()) {
            last.not_understood.push(span);
        }
    }
}
