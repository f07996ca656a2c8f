//! Bindings: what `codex-tui.toml` says a clause means, and what could be written there.

use super::unit::Unit;
use super::{Clause, ClauseKind, Comparator, Filter, GateList, GateSeverity, Metric, Statistic};
use crate::doc::{Severity, Span};
use crate::model::finding::Finding;
use crate::workspace::Config;
use crate::workspace::config::{Binding, FILE_NAME};

/// Lays the bindings over the clauses. One whose quote no longer stands in the document becomes an unreadable clause.
pub(super) fn apply(list: &mut GateList, text: &str, config: &Config) {
    for (at, binding) in config.bindings.iter().enumerate() {
        let faults = faults(binding);
        let place = (!squeezed(&binding.quote).is_empty()).then(|| find(text, &binding.quote)).flatten();
        let Some(span) = place else {
            let message =
                format!("the clause {:?} that is bound here no longer stands in the gates document", binding.quote);
            list.findings.push(
                Finding::new("gate-binding-outdated", Severity::Error, message.clone())
                    .at(FILE_NAME, binding.file_line)
                    .advise("compare the clause with the document, then change the quote or remove the binding"),
            );
            let mut clause =
                Clause::at(0..0, ClauseKind::Unreadable, format!("{FILE_NAME}:{}: {message}", binding.file_line));
            clause.id = format!("bound{}", at + 1);
            clause.quote.clone_from(&binding.quote);
            clause.bound = true;
            list.clauses.push(clause);
            continue;
        };
        let clause = chosen(list, text, &binding.quote, span);
        clause.bound = true;
        if faults.is_empty() {
            fill(clause, binding);
        } else {
            clause.kind = ClauseKind::Unreadable;
            clause.why = format!("{FILE_NAME}:{}: {}", binding.file_line, faults.join("; "));
        }
        list.findings.extend(faults.into_iter().map(|fault| {
            Finding::new("gate-binding-wrong", Severity::Error, fault)
                .at(FILE_NAME, binding.file_line)
                .advise("docs/GATES.md of codex-tui lists the keys and words of a binding")
        }));
    }
}

/// The clause that a quote is about: the one with just this text, else the smallest that holds it or begins in it, else a new one.
fn chosen<'a>(list: &'a mut GateList, text: &str, quote: &str, span: Span) -> &'a mut Clause {
    let wanted = squeezed(quote);
    let same = list.clauses.iter().position(|clause| !clause.bound && squeezed(&clause.quote) == wanted);
    let holds = |clause: &&(usize, &Clause)| clause.1.span.start <= span.start && span.end <= clause.1.span.end;
    let held = list.clauses.iter().enumerate().filter(|pair| holds(&pair)).min_by_key(|(_, clause)| clause.span.len());
    let within = || list.clauses.iter().position(|clause| span.contains(&clause.span.start) && !clause.bound);
    let at = same.or(held.map(|(at, _)| at)).or_else(within);
    let at = at.unwrap_or_else(|| {
        let before = list.clauses.iter().rposition(|clause| clause.span.start <= span.start && clause.span.end > 0);
        let mut clause = Clause::at(span.clone(), ClauseKind::Machine, "");
        clause.plan = before.and_then(|at| list.clauses[at].plan.clone());
        let prefix = clause.plan.clone().unwrap_or_else(|| "g".to_owned());
        let count = list.clauses.iter().filter(|other| other.plan == clause.plan).count();
        clause.id = format!("{prefix}{}x", count + 1);
        clause.quote = text[span.clone()].to_owned();
        clause.line = 1 + text[..span.start].matches('\n').count();
        let to = before.map_or(0, |at| at + 1);
        list.clauses.insert(to, clause);
        to
    });
    &mut list.clauses[at]
}

fn fill(clause: &mut Clause, binding: &Binding) {
    clause.kind = if binding.manual == Some(true) { ClauseKind::Manual } else { ClauseKind::Machine };
    clause.why = format!("bound in {FILE_NAME}:{}", binding.file_line);
    clause.not_understood.clear();
    let mut filters = binding.filter.iter();
    let same = binding.event == clause.metric.event && binding.field == clause.metric.field;
    if !same && (binding.event.is_some() || binding.field.is_some()) {
        clause.metric = Metric { event: binding.event.clone(), field: binding.field.clone(), ..Metric::default() };
    }
    if let Some((field, value)) = filters.next() {
        clause.metric.filter = Some(Filter { fields: vec![field.clone()], value: value.clone() });
    }
    clause.statistic =
        binding.statistic.as_deref().and_then(Statistic::named).or(clause.statistic).or(Some(Statistic::Value));
    clause.comparator = binding.comparator.as_deref().and_then(Comparator::named).or(clause.comparator);
    clause.threshold = binding.threshold.or(clause.threshold);
    clause.unit = binding.unit.as_deref().map(Unit::named).or(clause.unit.take());
    clause.pass = binding.pass.clone().or(clause.pass.take());
    clause.min_samples = binding.min_samples.or(clause.min_samples);
    clause.max_age = binding.max_age.or(clause.max_age);
    clause.severity = binding.severity.as_deref().and_then(severity).unwrap_or(clause.severity);
    if let Some(source) = &binding.source {
        clause.source = Some(source.clone());
        clause.artifacts = vec![source.clone()];
    }
    let counts = matches!(clause.statistic, Some(Statistic::Count | Statistic::Coverage | Statistic::Exists));
    if let (Some(event), None, false) = (&clause.metric.event, &clause.metric.field, counts) {
        clause.metric.candidates = super::code::candidates(event, clause.unit.as_ref());
    }
    if clause.kind == ClauseKind::Machine && (clause.comparator.is_none() || clause.threshold.is_none()) {
        clause.kind = ClauseKind::Partial;
        clause.why.push_str("; without comparator and threshold the number is only shown");
    }
}

fn severity(word: &str) -> Option<GateSeverity> {
    [GateSeverity::Blocking, GateSeverity::Warning, GateSeverity::Tracked]
        .into_iter()
        .find(|severity| severity.name() == word)
}

/// What of a binding cannot be meant.
fn faults(binding: &Binding) -> Vec<String> {
    let mut faults = Vec::new();
    if squeezed(&binding.quote).is_empty() {
        faults.push("the binding has no quote".to_owned());
    }
    let mut check = |key: &str, value: &Option<String>, is_known: &dyn Fn(&str) -> bool, known: &str| {
        if let Some(value) = value.as_deref().filter(|value| !is_known(value)) {
            faults.push(format!("{key} = {value:?} is none of {known}"));
        }
    };
    check(
        "statistic",
        &binding.statistic,
        &|word| Statistic::named(word).is_some(),
        "avg, p50, p95, p99, min, max, count, sum, ratio, value, distinct, streak, exists, age",
    );
    check("comparator", &binding.comparator, &|word| Comparator::named(word).is_some(), "<, <=, >, >=, =");
    check("severity", &binding.severity, &|word| severity(word).is_some(), "blocking, warning, tracked");
    if binding.filter.len() > 1 {
        faults.push("`where` may name one field".to_owned());
    }
    if binding.threshold.is_some_and(|threshold| !threshold.is_finite()) {
        faults.push("the threshold is no number".to_owned());
    }
    faults
}

/// A text with single blanks, so that a wrapped line is the same text.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where a quote stands, regardless of how blanks and line breaks are laid.
fn find(text: &str, quote: &str) -> Option<Span> {
    let words: Vec<&str> = quote.split_whitespace().collect();
    let first = words.first()?;
    let at = |start: usize| {
        let mut end = start;
        for (n, word) in words.iter().enumerate() {
            let rest = &text[end..];
            let trimmed = if n == 0 { rest } else { rest.trim_start() };
            if n > 0 && trimmed.len() == rest.len() {
                return None;
            }
            end += rest.len() - trimmed.len();
            end += trimmed.strip_prefix(word).map(|_| word.len())?;
        }
        Some(start..end)
    };
    // A word may begin within a place that looked like it: `____ 3` in `______ 3`.
    let step = first.chars().next().map_or(1, char::len_utf8);
    let next = |from: usize| Some(from + text.get(from..)?.find(first)?);
    std::iter::successors(next(0), |start| next(start + step)).find_map(at)
}

/// An entry that `gates bind` proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The clause.
    pub id: String,
    /// The entry, as TOML; a skeleton is a comment.
    pub text: String,
    /// Whether it can be written as it is.
    pub complete: bool,
}

/// Entries for the clauses that are not bound yet: complete ones for what was compiled, commented skeletons for the rest.
pub fn proposals(list: &GateList) -> Vec<Proposal> {
    list.clauses
        .iter()
        .filter(|clause| !clause.bound)
        .map(|clause| {
            let complete = clause.kind == ClauseKind::Machine && clause.threshold.is_some();
            let mut lines = vec![
                format!("# {} ({}): {}", clause.id, clause.kind.name(), clause.why.replace('\n', " ")),
                "[[gate]]".to_owned(),
                format!("quote = {}", string(&squeezed(&clause.quote))),
            ];
            let field = clause.metric.field.clone();
            let mut put = |key: &str, value: Option<String>, open: &str| match (value, complete) {
                (Some(value), _) => lines.push(format!("{key} = {value}")),
                (None, false) if !open.is_empty() => lines.push(format!("{key} = {open}")),
                (None, _) => {}
            };
            put("event", clause.metric.event.as_deref().map(string), "\"\"");
            put("field", field.as_deref().map(string), "\"\"");
            let filter = clause.metric.filter.as_ref();
            put("where", filter.map(|filter| format!("{{ {} = {} }}", filter.fields[0], string(&filter.value))), "");
            put(
                "statistic",
                clause.statistic.map(|statistic| string(&statistic.to_string())),
                "\"\"  # avg p50 p95 p99 min max count sum ratio value",
            );
            put("comparator", clause.comparator.map(|comparator| string(comparator.sign())), "\"\"  # < <= > >= =");
            put("threshold", clause.threshold.map(number), "0");
            put("unit", clause.unit.as_ref().map(|unit| string(&unit.to_string())), "");
            put("pass", clause.pass.as_deref().map(string), "");
            put(
                "source",
                clause.artifacts.first().filter(|_| clause.metric.event.is_none()).map(|file| string(file)),
                "",
            );
            put("min_samples", clause.min_samples.map(|n| n.to_string()), "");
            put("severity", Some(string(clause.severity.name())), "");
            if !complete {
                lines.iter_mut().filter(|line| !line.starts_with('#')).for_each(|line| line.insert_str(0, "# "));
            }
            Proposal { id: clause.id.clone(), text: lines.join("\n"), complete }
        })
        .collect()
}

/// A string as TOML writes it.
fn string(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A number as TOML reads it back: one beyond all whole numbers has an exponent.
fn number(value: f64) -> String {
    format!("{value:?}").trim_end_matches(".0").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::config::Layer;

    /// Found by the fuzz target `gate_clause`: the digits of a huge threshold are no number of TOML.
    #[test]
    fn a_proposed_threshold_reads_back() {
        for value in [0.0, 120.0, 1.5, 0.000_000_1, 1e15, 3.333e32] {
            let text = format!("[[gate]]\nquote = \"x\"\nthreshold = {}\n", number(value));
            let reading = Config::read(&[Layer::workspace(&text)]);
            assert_eq!(reading.problems, []);
            assert_eq!(reading.config.bindings[0].threshold, Some(value));
        }
        assert_eq!(number(120.0), "120");
    }
}
