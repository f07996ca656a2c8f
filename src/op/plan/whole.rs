//! Documents that come and go as a whole.
//!
//! A document that an operation creates is the operation's alone for as long as nobody writes into it: then it can be taken
//! back. One that is there already, and one that somebody has changed since, belong to that person.

use std::sync::Arc;

use super::Refusal;
use super::file::{FilePlanner, addition_address, addition_text};
use crate::doc::{Addition, Document, FindError};
use crate::op::{Change, Conflict, Edit, EditRecord};

/// What becomes of a whole document, and its text.
pub(super) enum Whole<'c> {
    /// It is created.
    Comes(&'c str),
    /// It goes, with so many folders that were made for it.
    Goes(&'c str, usize),
}

impl FilePlanner<'_> {
    /// What becomes of the document as a whole, if that is what the changes are about. No other change goes with it: after a
    /// crash nobody could tell which of them were done.
    pub(super) fn whole<'c>(&self, changes: &[&'c Change]) -> Result<Option<Whole<'c>>, Refusal> {
        let whole = changes.iter().find_map(|change| match change {
            Change::Add { addition: Addition::Document { text }, .. } => Some(Whole::Comes(text)),
            Change::TakeOut { addition: Addition::Document { text }, folders, .. } => Some(Whole::Goes(text, *folders)),
            Change::Add { .. } | Change::TakeOut { .. } | Change::Set { .. } | Change::Rewrite { .. } => None,
        });
        if whole.is_some() && changes.len() > 1 {
            let why =
                "a document that is created or removed as a whole cannot be edited in the same operation".to_owned();
            return Err(self.find_error(FindError::Refused(why)));
        }
        Ok(whole)
    }

    pub(super) fn plan_whole(&mut self, whole: Whole<'_>) -> Result<(), Refusal> {
        match whole {
            Whole::Comes(text) => self.create(text),
            Whole::Goes(text, folders) => self.remove(text, folders),
        }
    }

    fn create(&mut self, text: &str) -> Result<(), Refusal> {
        let addition = Addition::Document { text: text.to_owned() };
        let holds = self.now.as_ref().map_or(0, |doc| doc.holds(&addition));
        if self.was_done(0, holds, true) {
            return Ok(());
        }
        if self.now.is_some() {
            return Err(self.is_theirs("", text));
        }
        let document = Document::parse(self.doc.clone(), text.as_bytes().to_vec());
        if let Some(why) = document.locked() {
            return Err(self.find_error(FindError::Refused(format!("it cannot be created with this text: {why}"))));
        }
        self.held.push(holds);
        let address = addition_address(&addition);
        self.records.push(EditRecord { at: address, old: None, new: Some(addition_text(&addition)) });
        let change = Change::TakeOut { addition, inserted: None, created: true, folders: 0 };
        self.inverse.push(Edit { doc: self.doc.clone(), change });
        self.now = Some(Arc::new(document));
        Ok(())
    }

    fn remove(&mut self, text: &str, folders: usize) -> Result<(), Refusal> {
        let addition = Addition::Document { text: text.to_owned() };
        let holds = self.now.as_ref().map_or(0, |doc| doc.holds(&addition));
        if self.was_done(0, holds, false) {
            return Ok(());
        }
        if holds == 0 {
            return Err(self.is_theirs(text, ""));
        }
        self.held.push(holds);
        self.folders = folders;
        let address = addition_address(&addition);
        self.records.push(EditRecord { at: address, old: Some(addition_text(&addition)), new: None });
        self.inverse.push(Edit { doc: self.doc.clone(), change: Change::Add { addition, gap: None } });
        self.now = None;
        Ok(())
    }

    /// The document as it stands is somebody else's.
    fn is_theirs(&self, base: &str, mine: &str) -> Refusal {
        let theirs = self.now.as_ref().map(|doc| String::from_utf8_lossy(doc.bytes()).into_owned());
        Refusal::Conflicts(vec![Conflict {
            doc: self.doc.clone(),
            cell: None,
            line: None,
            base: base.to_owned(),
            theirs,
            mine: mine.to_owned(),
        }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::DocId;
    use crate::op::{FilePlan, Intent, Mode, Operation, Plan, plan};

    const TEXT: &str = "\u{feff}# Log\r\n\n- a";

    fn document(text: &str) -> Arc<Document> {
        Arc::new(Document::parse(DocId::new("docs/Log.md").expect("a path"), text.as_bytes().to_vec()))
    }

    fn operation(changes: Vec<Change>) -> Operation {
        let doc = DocId::new("docs/Log.md").expect("a path");
        let edits = changes.into_iter().map(|change| Edit { doc: doc.clone(), change }).collect();
        Operation { intent: Intent { verb: String::new(), summary: String::new() }, edits, undoes: None }
    }

    fn create(text: &str) -> Operation {
        operation(vec![Change::Add { addition: Addition::Document { text: text.to_owned() }, gap: None }])
    }

    fn planned(operation: &Operation, mode: Mode, now: Option<&str>, held: &[usize]) -> Result<Plan, Refusal> {
        let now = now.map(document);
        plan(operation, mode, |_| now.clone(), |_| Some(held.to_vec()))
    }

    fn only(plan: Result<Plan, Refusal>) -> FilePlan {
        plan.expect("a plan").files.remove(0)
    }

    #[test]
    fn a_document_is_created_with_exactly_its_text_and_goes_again() {
        for text in [TEXT, "", "a\n"] {
            let made = only(planned(&create(text), Mode::Fresh, None, &[]));
            assert_eq!(made.after.as_ref().map(|doc| doc.bytes()), Some(text.as_bytes()));
            assert_eq!(made.edits[0].at.to_string(), r#"{"create":"document"}"#);
            assert_eq!((made.edits[0].old.as_deref(), made.edits[0].new.as_deref()), (None, Some(text)));
            let back = Operation { edits: made.inverse, ..create("") };
            let gone = only(planned(&back, Mode::Fresh, Some(text), &[]));
            assert!(gone.after.is_none(), "{text:?}");
            let again = Operation { edits: gone.inverse, ..create("") };
            let again = only(planned(&again, Mode::Fresh, None, &[]));
            assert_eq!(again.after.as_ref().map(|doc| doc.bytes()), Some(text.as_bytes()));
        }
    }

    #[test]
    fn what_others_wrote_is_a_conflict_and_stays() {
        let made = only(planned(&create(TEXT), Mode::Fresh, None, &[]));
        let back = Operation { edits: made.inverse, ..create("") };
        for (operation, now, said) in [
            (create(TEXT), Some("theirs\n"), "docs/Log.md: it is there already"),
            (create(TEXT), Some(TEXT), "docs/Log.md: it is there already"),
            (back.clone(), Some("\u{feff}# Log\r\n\n- a\n"), "docs/Log.md: somebody has changed it since"),
            (back, None, "no longer there"),
        ] {
            let Err(Refusal::Conflicts(met)) = planned(&operation, Mode::Fresh, now, &[]) else { panic!("{now:?}") };
            assert!(met[0].to_string().contains(said), "{}", met[0]);
        }
    }

    #[test]
    fn after_a_crash_it_is_told_what_was_done() {
        let made = only(planned(&create(TEXT), Mode::Fresh, None, &[]));
        assert_eq!(made.held, [0]);
        let back = Operation { edits: made.inverse.clone(), ..create("") };
        let resumed = |operation: &Operation, now, held: &[usize]| planned(operation, Mode::Resumed, now, held);
        // Forward: not begun, done, somebody else's.
        assert_eq!(only(resumed(&create(TEXT), None, &[0])).after.map(|doc| doc.rev()), made.after_rev());
        assert!(resumed(&create(TEXT), Some(TEXT), &[0]).is_ok_and(|plan| plan.files.is_empty()));
        assert!(matches!(resumed(&create(TEXT), Some("theirs"), &[0]), Err(Refusal::Conflicts(_))));
        // Backward: it is there, it is gone or never came, somebody else's.
        assert!(only(resumed(&back, Some(TEXT), &[1])).after.is_none());
        assert!(resumed(&back, None, &[1]).is_ok_and(|plan| plan.files.is_empty()));
        assert!(resumed(&back, Some("theirs"), &[1]).is_ok_and(|plan| plan.files.is_empty()));
    }

    #[test]
    fn nothing_else_is_done_to_it_in_the_same_operation() {
        let mut operation = create(TEXT);
        let line = Addition::Line { heading: "Log".into(), level: 1, text: "- b".into() };
        operation.edits.extend(self::operation(vec![Change::Add { addition: line, gap: None }]).edits);
        let refused = planned(&operation, Mode::Fresh, None, &[]);
        assert!(matches!(refused, Err(Refusal::Find { error: FindError::Refused(_), .. })));
    }
}
