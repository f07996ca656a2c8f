//! Paths that rows cite: the link to the plan, and the artifacts that prove the work.

use std::rc::Rc;

use super::check::{Check, copy, firsts, place, told, values};
use super::fields::said;
use super::text::{short, short_pair};
use crate::doc::{DocId, Severity};
use crate::model::cite;
use crate::model::plan::letters_of;
use crate::model::task::{Task, TaskRow, lines};
use crate::workspace::config::Field;

/// A plan link: the row, the paths that it names, and those of them that are plans.
struct Link<'a> {
    row: TaskRow<'a>,
    text: String,
    plans: Rc<[String]>,
    others: Rc<[String]>,
}

/// How many plan links are kept taken apart.
const LINKS: usize = 1000;

impl<'a> Check<'a> {
    /// Plan links that are dead, name no plan, name another one than the id, or differ. Gives the paths that were judged
    /// here; other paths of the same cells are artifacts.
    pub(super) fn plan_links(&mut self, task: Task<'a>) -> Vec<String> {
        let rows = firsts(task);
        let links: Vec<Link<'a>> =
            said(&rows, Field::PlanLink).into_iter().map(|(row, text)| self.link(row, text)).collect();
        let mut judged: Vec<String> = Vec::new();
        // Boards also link evidence; what a task links instead of any plan is meant as its plan.
        let some_plan = links.iter().any(|link| !link.plans.is_empty());
        for link in &links {
            let paths = if some_plan { &link.plans } else { &link.others };
            for path in paths.iter() {
                if judged.contains(path) {
                    continue;
                }
                judged.push(path.clone());
                if !self.exists(path) {
                    self.add("sync-plan-link-dead", Severity::Warning, |_| {
                        let id = task.id();
                        let message = format!("the plan link of {id} leads nowhere: there is no {path}");
                        told(&id, link.row, message).advise("correct the path, or add the file")
                    });
                }
            }
        }
        self.unlinked(task, &rows, &links);
        self.other_plan(task, &links);
        self.links_differ(task, &links);
        judged
    }

    fn link(&mut self, row: TaskRow<'a>, text: String) -> Link<'a> {
        // The tasks of a plan link the same file in the same words.
        if let Some((plans, others)) = self.links.get(&text) {
            return Link { row, plans: Rc::clone(plans), others: Rc::clone(others), text };
        }
        let is_plan = |path: &String| {
            let Ok(id) = DocId::new(path) else { return false };
            !letters_of(id.stem()).is_empty() || self.input.plans.iter().any(|plan| plan.doc == id)
        };
        let (plans, others): (Vec<String>, Vec<String>) = cite::paths(&text).into_iter().partition(is_plan);
        let (plans, others) = (Rc::from(plans), Rc::from(others));
        if self.links.len() < LINKS {
            self.links.insert(text.clone(), (Rc::clone(&plans), Rc::clone(&others)));
        }
        Link { row, text, plans, others }
    }

    fn unlinked(&mut self, task: Task<'a>, rows: &[TaskRow<'a>], links: &[Link<'a>]) {
        if let Some(link) = links.iter().find(|link| link.plans.is_empty() && link.others.is_empty()) {
            self.add("sync-plan-link-none", Severity::Warning, |_| {
                let id = task.id();
                let message = format!(
                    "the plan link of {id} is {}, which names no file; perhaps the values of the row are shifted",
                    short(&link.text)
                );
                let said: Vec<_> = links.iter().map(|link| (link.row, link.text.clone())).collect();
                told(&id, link.row, message)
                    .says(Field::PlanLink.name(), values(&said))
                    .advise("write the path of the plan there, and what stands there where it belongs")
            });
        } else if links.iter().all(|link| link.plans.is_empty()) && !self.input.plans.is_empty() {
            let Some(row) = rows.iter().find(|row| row.field(Field::PlanLink).is_some()) else { return };
            self.add("sync-plan-link-none", Severity::Note, |_| {
                let id = task.id();
                told(&id, *row, format!("{id} names no plan file, so nobody can tell which gates decide about it"))
                    .advise("write the path of its plan there")
            });
        }
    }

    fn other_plan(&mut self, task: Task<'a>, links: &[Link<'a>]) {
        let id = task.id();
        let Some(own) = cite::plan_of_id(&id) else { return };
        let is_other = |link: &&Link<'a>| {
            let letters = |path: &String| DocId::new(path).map(|id| letters_of(id.stem())).unwrap_or_default();
            let named: Vec<String> = link.plans.iter().map(letters).filter(|letters| !letters.is_empty()).collect();
            !named.is_empty() && named.iter().all(|letters| letters != own)
        };
        let Some(link) = links.iter().find(is_other) else { return };
        self.add("sync-plan-link-other", Severity::Note, |_| {
            let message = format!(
                "{id} is of plan {own} by its id, but links {}; its row may be looked for there",
                link.plans[0]
            );
            let said: Vec<_> = links.iter().map(|link| (link.row, link.text.clone())).collect();
            told(&id, link.row, message)
                .says(Field::PlanLink.name(), values(&said))
                .advise("link the plan whose letters the id has, or give the task an id of the plan that it is part of")
        });
    }

    /// Boards may link more than the plan; only the plans are compared.
    fn links_differ(&mut self, task: Task<'a>, links: &[Link<'a>]) {
        let mut named = links.iter().filter(|link| !link.plans.is_empty());
        let Some(lead) = named.next() else { return };
        let others: Vec<&Link<'a>> = named.filter(|link| !same_paths(&link.plans, &lead.plans)).collect();
        let Some(first) = others.first() else { return };
        self.add("sync-plan-link", Severity::Note, |_| {
            let id = task.id();
            let (own, other) = short_pair(&first.text, &lead.text);
            let message = format!("the plan link of {id} is {own} here, but {other} at {}", place(lead.row));
            let said: Vec<_> = links.iter().map(|link| (link.row, link.text.clone())).collect();
            let only_plans = others.iter().all(|link| link.others.is_empty());
            let rows: Vec<TaskRow<'a>> = others.iter().map(|link| link.row).collect();
            let fix = only_plans.then(|| copy(&id, Field::PlanLink, lead.row, &rows, &lines(&lead.text))).flatten();
            told(&id, first.row, message)
                .says(Field::PlanLink.name(), values(&said))
                .advise(format!("link what {} links, or correct it there", lead.row.doc()))
                .mended_by(fix)
        });
    }

    /// Artifacts that a task cites and that are not there; one finding a path and task. `judged` are paths that another
    /// rule has looked at.
    pub(super) fn artifacts(&mut self, task: Task<'a>, judged: Vec<String>) {
        let mut seen = judged;
        for row in task.rows() {
            if memchr::memchr2(b'/', b'\\', row.raw()).is_none() {
                continue;
            }
            for (_, text) in row.fields() {
                for path in cite::paths(&text) {
                    if seen.contains(&path) {
                        continue;
                    }
                    if !self.exists(&path) {
                        self.add("sync-cited-missing", Severity::Note, |_| {
                            let id = task.id();
                            let message = format!(
                                "{id} cites {path}, which is not there; what it should prove cannot be checked"
                            );
                            told(&id, row, message).advise("add the file, or correct the path")
                        });
                    }
                    seen.push(path);
                }
            }
        }
    }
}

fn same_paths(a: &[String], b: &[String]) -> bool {
    a.iter().all(|path| b.contains(path)) && b.iter().all(|path| a.contains(path))
}
