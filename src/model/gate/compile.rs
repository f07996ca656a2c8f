//! From the document to the list of its gates: blocks are scanned, what a clause left open is looked up in the rest of the
//! document, ids are given, and bindings are laid over.

use std::collections::BTreeMap;

use super::block::{self, What};
use super::scan::{Scanner, is_small};
use super::token::tokens;
use super::unit::{Unit, camel};
use super::{Clause, ClauseKind, GateList, Metric, Statistic, bind, code, required, table};
use crate::doc::{Document, Severity};
use crate::model::finding::Finding;
use crate::workspace::Config;

/// Reads the gates of a document. Any bytes give a list; what is wrong is among the findings.
pub fn compile(doc: &Document, config: &Config) -> GateList {
    let mut list = GateList { doc: Some(doc.id().clone()), ..GateList::default() };
    let Some(markdown) = doc.markdown() else {
        list.findings.push(
            Finding::new("gates-format", Severity::Error, "the gates document is not Markdown".to_owned())
                .file(doc.id().as_str())
                .advise("name a Markdown document under [documents] gates in codex-tui.toml"),
        );
        return list;
    };
    let text = same_length(doc.bytes());
    let mut found: Vec<(Option<String>, Option<usize>, Clause)> = Vec::new();
    let mut lists = Lists::default();
    for block in block::blocks(doc, markdown) {
        lists.enter(&block.plan, block.section, &block.heading);
        // What stands above the first plan or section is about the document.
        let preface = block.section == 0 || (block.section == 1 && block.plan.is_none() && is_title(markdown));
        match block.what {
            What::Item(span) => {
                let tokens = tokens(&text[span.clone()], span.start);
                let listed = lists.list.as_ref().and_then(|list| required::item(&tokens, list));
                if let Some((clause, value)) = listed {
                    if clause.severity == super::GateSeverity::Blocking {
                        lists.values.push(value);
                    }
                    found.push((block.plan, Some(lists.number), clause));
                    continue;
                }
                let mut scanner =
                    Scanner { text: &text, table: false, metric: None, artifacts: Vec::new(), clauses: Vec::new() };
                scanner.block(&tokens);
                let evidence = scanner.artifacts;
                found.extend(scanner.clauses.into_iter().map(|mut clause| {
                    // A file that the bullet names as evidence is evidence for its numbers.
                    if clause.artifacts.is_empty() && clause.metric.event.is_some() {
                        clause.artifacts.clone_from(&evidence);
                    }
                    (block.plan.clone(), None, clause)
                }));
            }
            What::Paragraph(span) => {
                let tokens = tokens(&text[span.clone()], span.start);
                let inherited = lists.event.clone();
                if let Some(list) = required::heading(&tokens, &text, inherited.as_deref()) {
                    lists.begin(list);
                }
                if preface {
                    continue;
                }
                let mut scanner =
                    Scanner { text: &text, table: false, metric: None, artifacts: Vec::new(), clauses: Vec::new() };
                scanner.block(&tokens);
                // Paragraphs explain; only what compiles in them is a gate.
                let clauses = scanner.clauses.into_iter().filter(|clause| match clause.kind {
                    ClauseKind::Machine | ClauseKind::Unreadable => {
                        clause.metric.event.is_some() || clause.metric.field.is_some()
                    }
                    ClauseKind::Partial | ClauseKind::Manual => false,
                });
                found.extend(clauses.map(|clause| (block.plan.clone(), None, clause)));
            }
            What::Table(table) => {
                let required = lists.event.as_deref().map(|event| (event, lists.values.as_slice()));
                let clauses = table::clauses(markdown, table, &text, required.filter(|(_, values)| !values.is_empty()));
                found.extend(clauses.into_iter().map(|clause| (block.plan.clone(), None, clause)));
            }
        }
    }
    number(&mut list, found);
    let bytes = doc.bytes();
    for clause in &mut list.clauses {
        clause.quote = text[clause.span.clone()].to_owned();
        clause.line = 1 + memchr::memchr_iter(b'\n', &bytes[..clause.span.start]).count();
    }
    look_up(&mut list.clauses);
    list.clauses.iter_mut().for_each(finish);
    bind::apply(&mut list, &text, config);
    list
}

/// The text of the document, byte for byte as long: what is not UTF-8 becomes a character that means nothing.
fn same_length(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{1a}'));
    }
    text
}

fn is_title(markdown: &crate::doc::Markdown) -> bool {
    markdown.headings().first().is_some_and(|first| first.level == 1)
}

/// The list of required values that the blocks being read belong to.
#[derive(Default)]
struct Lists {
    section: usize,
    plan: Option<String>,
    list: Option<required::List>,
    /// The event of the last list of this plan, and the values that are required.
    event: Option<String>,
    values: Vec<String>,
    /// Counts lists.
    number: usize,
}

impl Lists {
    fn enter(&mut self, plan: &Option<String>, section: usize, heading: &str) {
        if *plan != self.plan {
            *self = Lists { plan: plan.clone(), number: self.number, ..Lists::default() };
        }
        if section != self.section {
            self.section = section;
            self.list = None;
            let tokens = tokens(heading, 0);
            if let Some(list) = required::heading(&tokens, heading, self.event.as_deref()) {
                self.begin(list);
            }
        }
    }

    fn begin(&mut self, mut list: required::List) {
        list.per_bundle |= self.list.as_ref().is_some_and(|before| before.event == list.event && before.per_bundle);
        self.event = Some(list.event.clone());
        if self.list.is_none() {
            self.number += 1;
        }
        self.list = Some(list);
    }
}

/// Gives ids: a number for each clause of a plan, one number and a letter each for the items of one list.
fn number(list: &mut GateList, found: Vec<(Option<String>, Option<usize>, Clause)>) {
    let mut members: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, of, _) in &found {
        if let Some(of) = of {
            *members.entry(*of).or_default() += 1;
        }
    }
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut letters: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (plan, of, mut clause) in found {
        let prefix = plan.clone().unwrap_or_else(|| "g".to_owned());
        let next = numbers.entry(prefix.clone()).or_default();
        clause.id = match of {
            Some(of) if members[&of] > 1 => {
                let (number, letter) = letters.entry(of).or_insert_with(|| {
                    *next += 1;
                    (*next, 0)
                });
                *letter += 1;
                format!("{prefix}{number}{}", letter_of(*letter))
            }
            Some(_) | None => {
                *next += 1;
                format!("{prefix}{next}")
            }
        };
        clause.plan = plan;
        list.clauses.push(clause);
    }
}

/// 1 is `a`, 27 is `aa`.
fn letter_of(number: usize) -> String {
    let (mut n, mut out) = (number, String::new());
    while n > 0 {
        out.insert(0, char::from(b'a' + u8::try_from((n - 1) % 26).unwrap_or(0)));
        n = (n - 1) / 26;
    }
    out
}

/// A clause that names its metric: its id, the metric, the statistic.
type Known = (String, Metric, Option<Statistic>);

/// A clause that names its metric in words only means a metric that another clause names, if exactly one fits: "warm
/// gain" is `WarmRun.GainPercent`.
fn look_up(clauses: &mut [Clause]) {
    let known: Vec<Known> = clauses
        .iter()
        .filter(|clause| clause.metric.event.is_some() && clause.metric.field.is_some())
        .map(|clause| (clause.id.clone(), clause.metric.clone(), clause.statistic))
        .collect();
    for clause in clauses.iter_mut().filter(|clause| clause.kind == ClauseKind::Machine) {
        if clause.metric.event.is_some() || clause.metric.field.is_some() {
            continue;
        }
        let words: Vec<&String> = clause.metric.words.iter().filter(|word| !is_small(word)).collect();
        let of_words = |metric: &Metric| {
            let names: Vec<String> = metric.event.iter().chain(&metric.field).flat_map(|name| camel(name)).collect();
            let field: Vec<String> = metric.field.iter().flat_map(|name| camel(name)).collect();
            // The last words stand directly before the number; commands and remarks may stand before them.
            let tail: Vec<&&String> = words.iter().rev().take_while(|word| names.contains(word)).collect();
            (tail.len() >= 2 && tail.iter().any(|word| field.contains(word))).then_some(tail.len())
        };
        let mut fits: Vec<(usize, &Known)> =
            known.iter().filter_map(|known| of_words(&known.1).map(|len| (len, known))).collect();
        fits.sort_by_key(|(len, _)| std::cmp::Reverse(*len));
        fits.dedup_by(|a, b| a.1.1.event == b.1.1.event && a.1.1.field == b.1.1.field);
        match fits[..] {
            [(_, (id, metric, statistic))] => {
                clause.metric = Metric { inherited: true, words: clause.metric.words.clone(), ..metric.clone() };
                clause.statistic = clause.statistic.or(*statistic);
                clause.why = format!("the words name the metric of {id}");
                let in_name = |pass: &String| metric.event.iter().any(|event| camel(event).contains(pass));
                if clause.pass.as_ref().is_some_and(in_name) {
                    clause.pass = None;
                    clause.qualifiers.clear();
                }
                clause.artifacts.clear();
            }
            _ if clause.artifacts.is_empty() || words.is_empty() => {
                clause.kind = ClauseKind::Manual;
                "no event or field is named that the number could be measured by; bind it, or a person judges"
                    .clone_into(&mut clause.why);
            }
            _ => {}
        }
    }
}

/// What follows from the parts: the field that an event without one means, the statistic that goes without saying.
fn finish(clause: &mut Clause) {
    let metric = &mut clause.metric;
    if metric.event.is_none()
        && metric.field.is_none()
        && clause.kind == ClauseKind::Machine
        && clause.statistic != Some(Statistic::Age)
    {
        // A field of a summary, by its noun: "site count" is how many sites there are, or the number of a field `Sites`.
        let noun = metric.words.iter().rev().find(|word| !is_small(word)).cloned().unwrap_or_default();
        let one = super::scan::field_of_noun(&noun);
        metric.candidates =
            vec![one.clone(), format!("{one}s"), format!("Total{one}s"), format!("{one}Count"), format!("{one}name")];
        clause.statistic.get_or_insert(Statistic::Sum);
        clause.unit.get_or_insert(Unit::Things(if noun.ends_with('s') { noun.clone() } else { format!("{noun}s") }));
    }
    if clause.statistic == Some(Statistic::Distinct) && metric.event.is_none() && clause.kind == ClauseKind::Machine {
        clause.kind = ClauseKind::Manual;
        "it does not say in which event the values are to be counted; name the event, or bind it"
            .clone_into(&mut clause.why);
    }
    if clause.statistic == Some(Statistic::Age) && clause.artifacts.is_empty() && clause.kind == ClauseKind::Machine {
        clause.kind = ClauseKind::Manual;
        "no file is named whose age is meant; bind it to one, or a person judges".clone_into(&mut clause.why);
    }
    let counts = matches!(
        clause.statistic,
        Some(Statistic::Count | Statistic::Coverage | Statistic::Distinct | Statistic::Exists)
    );
    if let (Some(event), None, false) = (&metric.event, &metric.field, counts) {
        let things =
            matches!(&clause.unit, Some(Unit::Things(name)) if ["event", "events", "records"].contains(&name.as_str()));
        if clause.threshold.is_some() && (things || (clause.unit.is_none() && clause.statistic.is_none())) {
            clause.statistic = Some(Statistic::Count);
        } else if metric.candidates.is_empty() {
            metric.candidates = code::candidates(event, clause.unit.as_ref());
        }
    }
    if clause.threshold.is_some() && clause.kind != ClauseKind::Manual {
        clause.statistic.get_or_insert(Statistic::Value);
    }
    clause.per_bundle |= clause.quote.to_lowercase().contains("bundle");
}
