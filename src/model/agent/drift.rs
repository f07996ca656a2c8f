//! Whether the agent still follows the session's plan: bullets of the session log that none of its steps takes up, and
//! steps that no bullet names.
//!
//! Texts are compared by what they name (ids, paths, code) and by their words; a word that all texts of a side have says
//! nothing. This is a hint for the operator, not a proof: two texts that mean the same in other words count as drift.

use std::collections::BTreeSet;

use super::Plan;
use crate::doc::Document;
use crate::model::cite;

/// Where the two plans differ, by position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drift {
    /// Bullets that no step takes up.
    pub bullets: Vec<usize>,
    /// Steps that no bullet names.
    pub steps: Vec<usize>,
}

impl Drift {
    /// Whether the plans agree.
    pub fn is_none(&self) -> bool {
        self.bullets.is_empty() && self.steps.is_empty()
    }
}

/// The bullets of a session log's plan: the items at the top level below its first heading that begins with `Plan`. The
/// template's own, in angle brackets, are none.
pub fn bullets(log: &Document) -> Vec<String> {
    let Some(markdown) = log.markdown() else { return Vec::new() };
    let says_plan = |at: usize| markdown.heading_text(Some(at)).to_lowercase().starts_with("plan");
    let Some(heading) = (0..markdown.headings().len()).find(|&at| says_plan(at)) else { return Vec::new() };
    let items = markdown.items().iter().filter(|item| item.heading == Some(heading) && item.indent == 0);
    let texts = items.map(|item| log.text(&item.text).trim().to_owned());
    let is_template = |text: &str| text.starts_with('<') && text.ends_with('>');
    texts.filter(|text| !text.is_empty() && !is_template(text)).collect()
}

/// Compares the session's plan with the agent's.
pub fn drift(bullets: &[String], plan: &Plan) -> Drift {
    let own: Vec<Said> = bullets.iter().map(|bullet| Said::of(bullet)).collect();
    let theirs: Vec<Said> = plan.steps.iter().map(|step| Said::of(&step.text)).collect();
    let (own, theirs) = (without_common(own), without_common(theirs));
    let alone = |some: &[Said], others: &[Said]| {
        let is_alone = |&at: &usize| !others.iter().any(|other| some[at].matches(other));
        (0..some.len()).filter(is_alone).collect()
    };
    Drift { bullets: alone(&own, &theirs), steps: alone(&theirs, &own) }
}

/// What a text says, for comparing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    /// Ids, paths and code, in lower case.
    names: BTreeSet<String>,
    /// Its other words, by their stems.
    words: BTreeSet<String>,
}

/// Words that say nothing by themselves.
const EMPTY: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "if", "in", "into", "is", "it", "its", "no", "not",
    "of", "on", "or", "that", "the", "then", "this", "to", "up", "via", "what", "when", "which", "will", "with",
];

impl Said {
    fn of(text: &str) -> Said {
        let mut names: BTreeSet<String> = cite::task_ids(text).into_iter().collect();
        names.extend(cite::paths(text).iter().map(|path| path.rsplit('/').next().unwrap_or(path).to_owned()));
        names.extend(cite::code_spans(text).into_iter().map(|span| {
            let span = &text[span];
            span.rsplit(['/', '\\']).next().unwrap_or(span).trim().to_owned()
        }));
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_lowercase);
        let words = words.filter(|word| !word.is_empty() && !EMPTY.contains(&word.as_str())).map(|word| stem(&word));
        Said {
            names: names.iter().map(|name| name.to_lowercase()).filter(|name| !name.is_empty()).collect(),
            words: words.collect(),
        }
    }

    fn matches(&self, other: &Said) -> bool {
        if self.names.intersection(&other.names).next().is_some() {
            return true;
        }
        let shared = self.words.intersection(&other.words).count();
        let fewer = self.words.len().min(other.words.len());
        // Half of the shorter text, and more than one word where it has several.
        fewer > 0 && shared * 2 >= fewer && shared >= fewer.min(2)
    }
}

/// Leaves out what all texts say, where there are several.
fn without_common(texts: Vec<Said>) -> Vec<Said> {
    if texts.len() < 3 {
        return texts;
    }
    let is_common = |has: &dyn Fn(&Said) -> bool| texts.iter().all(has);
    let keep = |said: &Said| Said {
        names: said.names.iter().filter(|name| !is_common(&|text| text.names.contains(*name))).cloned().collect(),
        words: said.words.iter().filter(|word| !is_common(&|text| text.words.contains(*word))).cloned().collect(),
    };
    texts.iter().map(keep).collect()
}

/// `plans`, `planned` and `planning` are one word.
fn stem(word: &str) -> String {
    let cut = |ending: &str| word.strip_suffix(ending).filter(|rest| rest.chars().count() >= 3);
    let rest = ["ing", "ies", "ed", "es", "s", "e", "y"].into_iter().find_map(cut).unwrap_or(word);
    // `running` is of `run`.
    let mut chars = rest.chars().rev();
    match (chars.next(), chars.next()) {
        (Some(last), Some(before)) if last == before && !"aeiouls".contains(last) && rest.len() > 3 => {
            rest[..rest.len() - last.len_utf8()].to_owned()
        }
        _ => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::DocId;
    use crate::model::agent::{PlanState, PlanStep};

    fn check(bullets: &[&str], steps: &[&str], want: (&[usize], &[usize])) {
        let bullets: Vec<String> = bullets.iter().map(|text| (*text).to_owned()).collect();
        let step = |text: &&str| PlanStep { text: (*text).to_owned(), state: PlanState::Pending };
        let plan = Plan { explanation: String::new(), steps: steps.iter().map(step).collect() };
        let found = drift(&bullets, &plan);
        assert_eq!((found.bullets.as_slice(), found.steps.as_slice()), want, "{bullets:?} {steps:?}");
        assert_eq!(found.is_none(), want.0.is_empty() && want.1.is_empty());
    }

    #[test]
    fn the_same_work_in_other_words_is_no_drift() {
        check(
            &[
                "Bound the retry queue per `docs/plans/PlanA_Collector.md`",
                "Run `harborctl test` and the bench",
                "Update board and backlog",
            ],
            &["Bounding the retries of the queue", "Run harborctl test", "Updating backlog and the board rows"],
            (&[], &[]),
        );
    }

    #[test]
    fn what_only_one_side_has_is_drift() {
        check(
            &["Bound the retry queue", "Measure gate A2 with the sweep", "Update the documents"],
            &["Bound retry queue", "Rewrite the console in another language"],
            (&[1, 2], &[1]),
        );
        check(&["one"], &[], (&[0], &[]));
        check(&[], &["look around"], (&[], &[0]));
        check(&[], &[], (&[], &[]));
    }

    #[test]
    fn an_id_that_all_name_does_not_join_them() {
        check(
            &["HB-A-001: bound the queue", "HB-A-001: measure latency", "HB-A-001: write the note"],
            &["HB-A-001 bound the queue", "HB-A-001 delete the old store", "HB-A-001 latency measured"],
            (&[2], &[1]),
        );
        check(&["Close HB-A-002"], &["HB-A-002"], (&[], &[]));
    }

    #[test]
    fn the_bullets_of_a_log() {
        let log = |text: &str| {
            let id = DocId::new("docs/agents/sessions/2026-01-02_session-0003.md").expect("a path");
            bullets(&Document::parse(id, text.as_bytes().to_vec()))
        };
        let text = "# Log\n- **Role:** x\n\n## Plan (3-6 bullets)\n- one\n  - below\n- <what you intend>\n- two `x`\n\n## Changes\n- three\n";
        assert_eq!(log(text), ["one", "two `x`"]);
        assert!(log("# Log\n- one\n").is_empty());
    }
}
