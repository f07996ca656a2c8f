//! The pipeline from the cockpit: a job is offered, confirmed as it is shown, and then watched while the keys go on; a plan is
//! reviewed, and what was chosen of it is carried out.

use std::sync::Arc;

use super::App;
use crate::model::autonomy::Level;
use crate::model::track::plan::{Plan, RepoPlan};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::messages::Tone;
use crate::tui::overlay::{self, Overlay};
use crate::tui::pane::{About, ConfirmSpec, Context, JobAsked, PaneId};
use crate::tui::text;
use crate::workbench::Order;
use crate::workbench::track::ask::{MAX_SECONDS, MAX_WRITES, WRITE_INTERVAL_MS};
use crate::workbench::track::job::{End, Progress};
use crate::workbench::track::online::{Job, Offer};

/// What the cockpit knows of the pipeline's jobs.
#[derive(Debug, Default)]
pub(in crate::tui) struct Jobs {
    /// What is being confirmed.
    offer: Option<Box<Offer>>,
    /// The job at work, or the one that was done last.
    pub(in crate::tui) progress: Option<Arc<Progress>>,
    /// The plan that waits to be decided, with what should be known about it.
    plan: Option<(Arc<Plan>, Vec<String>)>,
}

impl Jobs {
    /// The job at work.
    pub(in crate::tui) fn at_work(&self) -> Option<&Progress> {
        self.progress.as_deref().filter(|progress| progress.end.is_none())
    }
}

impl App {
    /// Shows the plan that waits, or asks for one.
    pub(super) fn plan_tracks(&mut self) -> Vec<Effect> {
        match self.jobs.plan.clone().filter(|_| self.jobs.at_work().is_none()) {
            Some((plan, notes)) => self.open(Overlay::Plan(Box::new(overlay::PlanReview::new(plan, notes)))),
            None => self.ask_for(Job::Plan),
        }
    }

    /// Has the workbench say what a job would ask of whom.
    pub(super) fn ask_for(&mut self, job: Job) -> Vec<Effect> {
        if let Some(progress) = self.jobs.at_work() {
            let key = self.keymap.hint(Context::Everywhere, Action::EndCommand);
            let text = format!("{} is at work; {key} ends it", progress.job.name());
            self.say(Tone::Plain, text);
            return Vec::new();
        }
        vec![Effect::Order(Order::OfferJob(job))]
    }

    /// The workbench says what a job would ask, or why it cannot be done.
    pub(super) fn offered(&mut self, result: &Result<Box<Offer>, String>) {
        // A dialog must not catch keys that are meant for something else.
        let is_free = matches!(self.overlays.last(), None | Some(Overlay::Plan(_))) && !self.filtering;
        if result.is_err() && self.jobs.at_work().is_some() {
            // It could not be begun.
            self.jobs.progress = None;
        }
        match result {
            Ok(offer) if is_free => {
                self.jobs.offer = Some(offer.clone());
                self.overlays.push(Overlay::Confirm(Box::new(overlay::Confirm::new(confirmation(offer)))));
            }
            Ok(offer) => self.say(Tone::Plain, format!("{} can begin; ask for it again", offer.job.name())),
            Err(why) if is_free => {
                let mut paragraphs = vec![why.clone()];
                if self.view.level() < Level::L3 && self.view.active_session().is_some() {
                    paragraphs.push(self.raises_level());
                }
                self.overlays.push(Overlay::Message(overlay::Message::new("Nothing was asked", paragraphs)));
            }
            Err(why) => self.say(Tone::Bad, why.clone()),
        }
    }

    /// Has the chosen part of a plan carried out, once that is confirmed.
    pub(super) fn apply_plan(&mut self, plan: Plan) -> Vec<Effect> {
        self.ask_for(Job::Apply(Arc::new(plan)))
    }

    /// A question about a job was answered with yes.
    pub(super) fn answered_job(&mut self, asked: JobAsked) -> Vec<Effect> {
        self.close_drafts(self.overlays.len());
        match asked {
            JobAsked::Begin => {
                let Some(offer) = self.jobs.offer.take() else { return Vec::new() };
                // Whatever is done next, the plan of before is not the one to be decided any more.
                self.jobs.plan = None;
                // From this key on it is at work: it can be ended, and no other one is begun.
                self.jobs.progress = Some(Arc::new(Progress::new(offer.job.clone())));
                self.focus_on(PaneId::Tracks);
                let key = self.keymap.hint(Context::Everywhere, Action::EndCommand);
                self.say(Tone::Plain, format!("{} begins; {key} ends it", offer.job.name()));
                vec![Effect::Order(Order::BeginJob(offer))]
            }
            JobAsked::End => {
                self.say(Tone::Plain, "ending it");
                vec![Effect::Order(Order::CancelJob)]
            }
            JobAsked::Leave => vec![Effect::Order(Order::CancelJob), Effect::Quit],
        }
    }

    /// A job has come further, or to its end.
    pub(super) fn job_went_on(&mut self, progress: &Arc<Progress>) {
        self.jobs.progress = Some(Arc::clone(progress));
        let name = progress.job.name();
        if progress.end.is_some() {
            // Whether it is to be ended is no question any more.
            let asks = |overlay: &Overlay| matches!(overlay, Overlay::Confirm(one) if *one.about() == About::Job(JobAsked::End));
            self.overlays.retain(|overlay| !asks(overlay));
        }
        match &progress.end {
            None => {}
            Some(End::Nothing(why)) => self.say(Tone::Bad, format!("{name}: {why}")),
            Some(End::Planned(plan, notes)) if is_empty(plan) => {
                let more = notes.first().map_or_else(String::new, |note| format!("; {note}"));
                self.say(Tone::Good, format!("{name}: everything is as the rules want it; nothing to apply{more}"));
            }
            Some(End::Planned(plan, notes)) => {
                self.jobs.plan = Some((Arc::clone(plan), notes.clone()));
                // A dialog must not catch keys that are meant for something else.
                if self.stage.focus == PaneId::Tracks && self.overlays.is_empty() && !self.filtering {
                    let review = overlay::PlanReview::new(Arc::clone(plan), notes.clone());
                    self.overlays.push(Overlay::Plan(Box::new(review)));
                } else {
                    let key = self.keymap.hint(Context::Tracks, Action::PlanTracks);
                    self.say(Tone::Good, format!("the plan is there: {key} in Tracks shows it"));
                }
            }
            Some(End::Done(said)) => {
                let bad = said.iter().filter(|(is_bad, _)| *is_bad).count();
                let tone = match (bad, progress.deferred) {
                    (0, 0) => Tone::Good,
                    (0, _) => Tone::Plain,
                    (_, _) => Tone::Bad,
                };
                let end = if progress.is_cancelled { "was ended" } else { "is done" };
                let Progress { changed, failed, deferred, .. } = **progress;
                self.say(tone, format!("{name} {end}: {changed} changed, {failed} failed, {deferred} deferred"));
            }
        }
    }

    /// Ends the job at work, once that is confirmed; false when there is none.
    pub(super) fn end_job(&mut self) -> bool {
        let spec = self.jobs.at_work().map(|progress| end_of(progress, JobAsked::End));
        let is_any = spec.is_some();
        self.overlays.extend(spec.map(|spec| Overlay::Confirm(Box::new(overlay::Confirm::new(spec)))));
        is_any
    }

    /// Asks before the cockpit is left while a job is at work; false when there is none.
    pub(super) fn stays_for_job(&mut self) -> bool {
        let spec = self.jobs.at_work().map(|progress| end_of(progress, JobAsked::Leave));
        let stays = spec.is_some();
        self.overlays.extend(spec.map(|spec| Overlay::Confirm(Box::new(overlay::Confirm::new(spec)))));
        stays
    }
}

/// Whether carrying out the plan would change nothing.
fn is_empty(plan: &Plan) -> bool {
    plan.repos.iter().all(|repo| repo.issues.is_empty() && repo.close.is_empty())
}

/// What is asked before the job at work is ended.
fn end_of(progress: &Progress, asked: JobAsked) -> ConfirmSpec {
    let done = match progress.job.writes() {
        true => "what is done stays, and is recorded; the rest is deferred to the next run",
        false => "nothing is changed",
    };
    let (title, yes) = match asked {
        JobAsked::Leave => ("Leave while the pipeline is at work?", "ends it and leaves"),
        JobAsked::Begin | JobAsked::End => ("End the pipeline's work?", "ends it"),
    };
    ConfirmSpec {
        title: title.to_owned(),
        what: format!("{} {}", progress.job.name(), progress.repository),
        notes: vec![
            ("how".to_owned(), "the request that is under way is waited for, nothing more is sent".to_owned()),
            ("then".to_owned(), done.to_owned()),
        ],
        yes: yes.to_owned(),
        answer: String::new(),
        about: About::Job(asked),
        pane: PaneId::Tracks,
    }
}

/// All that the operator has to know before he says yes.
fn confirmation(offer: &Offer) -> ConfirmSpec {
    let said = |label: &str, text: String| (label.to_owned(), text);
    let mut notes =
        vec![said("asks", offer.address.clone()), said("token", "GH_CI_PAT, to this address only".to_owned())];
    let limits = format!(
        "{MAX_WRITES} writes, {} min; what is left over is deferred, and writes are {} s apart",
        MAX_SECONDS / 60,
        WRITE_INTERVAL_MS / 1000
    );
    let files = offer.out.join("telemetry").display().to_string();
    let (title, what, yes) = match &offer.job {
        Job::Plan => {
            notes.push(said("reads", "repository, variables, labels, milestones, project, issues".to_owned()));
            notes.push(said("writes", "nothing, neither there nor here".to_owned()));
            ("Ask GitHub for a plan?", format!("track plan {}", offer.repos.join(" ")), "asks")
        }
        Job::Run => {
            let does = "diagnose, self-test, clean, sync, supervise, activity, merge";
            notes.push(said("does", does.to_owned()));
            let there = "one self-test issue; labels, milestones and cards by the rules; old self-tests are closed";
            notes.push(said("changes", there.to_owned()));
            notes.push(said("limits", limits));
            notes.push(said("files", format!("{files}: records, old ones removed; the dashboard beside it")));
            ("Have the pipeline run?", format!("track run {}", offer.repos.join(" ")), "runs it")
        }
        Job::Apply(plan) => {
            let forecast = plan.forecast;
            for repo in &plan.repos {
                notes.push(said("changes", counts(repo)));
            }
            notes.push(said("takes", overlay::PlanReview::takes(&forecast)));
            notes.push(said(
                "check",
                "each issue is read again first; one that was changed since is left alone".to_owned(),
            ));
            notes.push(said("limits", limits));
            notes.push(said("files", format!("{files}: the records of it")));
            let what = format!("Apply to {} of {}", text::counted(forecast.issues, "issue"), offer.repos.join(", "));
            ("Change these issues on GitHub?", what, "changes them")
        }
    };
    if offer.is_recorded {
        notes.push(said("record", "in the log of network operations".to_owned()));
    }
    ConfirmSpec {
        title: title.to_owned(),
        what,
        notes,
        yes: yes.to_owned(),
        answer: String::new(),
        about: About::Job(JobAsked::Begin),
        pane: PaneId::Tracks,
    }
}

/// What a plan does to a repository, counted by kind.
fn counts(repo: &RepoPlan) -> String {
    let issues = &repo.issues;
    let of = |label: &str| issues.iter().filter(|one| one.add.iter().any(|name| name == label)).count();
    let kinds = [
        (of("codex"), "+ codex"),
        (of("codex-trackmain"), "+ codex-trackmain"),
        (of("codex-trackdashboard"), "+ codex-trackdashboard"),
        (issues.iter().filter(|one| one.remove.is_some()).count(), "- the other track"),
        (issues.iter().filter(|one| one.milestone.is_some()).count(), "milestone"),
        (issues.iter().filter(|one| one.project).count(), "card"),
        (repo.close.len(), "self-test closed"),
        (repo.create_labels.len(), "label made in the repository"),
    ];
    let some = kinds.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} × {what}"));
    format!("{}: {}", repo.repository, some.collect::<Vec<_>>().join(", "))
}
