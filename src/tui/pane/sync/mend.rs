//! From findings to the operation that mends them, shown as a diff before it is written.

use super::matrix;
use crate::model::finding::Finding;
use crate::model::sync::{self, Sync};
use crate::tui::pane::{About, Choice, ChooseSpec, Flow, PaneId};

/// Mends what can be mended of these findings: at once when it is one, else after a choice, whose options are returned
/// as well.
pub fn mend(sync: &Sync, id: &str, findings: &[u32], pane: PaneId) -> (Flow, Vec<u32>) {
    let fixable: Vec<u32> = findings.iter().copied().filter(|&at| sync.findings[at as usize].fix.is_some()).collect();
    let operation = |at: u32| sync.findings[at as usize].fix.clone();
    match fixable.as_slice() {
        [] if findings.is_empty() => (Flow::Say(format!("nothing is wrong with {id}")), fixable),
        [] => {
            let advice = findings.iter().find_map(|&at| sync.findings[at as usize].advice.clone());
            let advice = advice.map_or_else(String::new, |advice| format!(": {advice}"));
            (Flow::Say(format!("there is no one right way to mend this{advice}")), fixable)
        }
        &[one] => (operation(one).map_or(Flow::Passed, |fix| Flow::Preview(Box::new(fix))), fixable),
        many => {
            let mut options: Vec<Choice> = many
                .iter()
                .enumerate()
                .map(|(at, &finding)| Choice {
                    key: at.to_string(),
                    label: matrix::brief(&sync.findings[finding as usize]),
                    note: String::new(),
                })
                .collect();
            options.push(Choice { key: "all".to_owned(), label: "all of them".to_owned(), note: String::new() });
            let (title, about) = (format!("Mend {id}"), About::Pick(id.to_owned()));
            (Flow::Choose(Box::new(ChooseSpec { title, options, at: 0, about, pane })), fixable)
        }
    }
}

/// The operation of a choice.
pub fn chosen(sync: &Sync, choices: &[u32], key: &str) -> Flow {
    let fix = |at: &u32| sync.findings.get(*at as usize).and_then(|finding| finding.fix.clone());
    if key != "all" {
        let one = key.parse::<usize>().ok().and_then(|at| choices.get(at)).and_then(fix);
        return one.map_or(Flow::Say("the documents have changed; look again".to_owned()), |fix| {
            Flow::Preview(Box::new(fix))
        });
    }
    together(choices.iter().filter_map(|&at| sync.findings.get(at as usize)))
}

/// All of these findings mended as one operation; where two of them want different things in one place, that is said.
pub fn together<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Flow {
    match sync::mend(findings) {
        Ok(Some(operation)) => Flow::Preview(Box::new(operation)),
        Ok(None) => Flow::Say("there is no one right way to mend any of this".to_owned()),
        Err(clash) => Flow::Say(clash.to_string()),
    }
}
