//! Does one operation: everything that needs room is written first, then the intent, then the documents are put in place
//! one after the other, then the journal. What goes wrong on the way is taken back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Local;

use super::error::{ErrorKind, StoreError};
use super::look::Late;
use super::replace::{self, Replaced, Staged, Swap};
use super::{Actor, Commit, Store, append, leftover};
use crate::doc::{DocId, Document};
use crate::op::{Appended, Change, Edit, FilePlan, FileRecord, Mode, OpId, Operation, Plan, Record, Refusal};

/// How often an operation is planned anew because a document changed under it.
const ATTEMPTS: usize = 50;

/// How putting the documents of an operation in place ended.
enum Placed {
    /// All are in place; what came out of them is looked at once more at the end.
    All(Vec<Late>),
    /// Somebody wrote to the document of this number, and it can take its edits no more: it and those behind it were left
    /// as they are.
    Stopped(usize),
}

/// How one attempt ended.
enum Ended {
    /// It stands in the journal.
    Done(Vec<Late>),
    /// All was taken back: it is planned anew.
    Again,
    /// It cannot be done, and not all of it could be taken back.
    Over(StoreError),
}

/// A document that was planned anew in the middle of an operation.
pub(super) struct Resumed {
    plan: FilePlan,
    folders: usize,
    late: Option<Late>,
}

impl Store {
    pub(super) fn commit_locked(
        &self,
        operation: &Operation,
        actor: &Actor,
        notes: &mut Vec<String>,
    ) -> Result<Commit, StoreError> {
        for _ in 0..ATTEMPTS {
            let mut plan = match self.plan_as(operation, Mode::Fresh, |_| None)? {
                Ok(plan) => plan,
                Err(refusal) => return Ok(Commit::Refused { refusal, operation: operation.clone() }),
            };
            if plan.files.is_empty() {
                return Ok(Commit::Unchanged);
            }
            // What is appended cannot be taken back while others append behind it: it comes last.
            plan.files.sort_by_key(|file| self.place_of(&file.doc).is_ok_and(|path| in_place(file, &path)));
            let swaps = self.swaps(&plan.files)?;
            let mut record = self.record(self.next_op()?, operation, &plan, &swaps, actor);
            // A full disk shows here, before anything is touched.
            let staged =
                swaps.iter().map(|swap| swap.stage(&self.state)).collect::<Result<Vec<Staged>, StoreError>>()?;
            self.state.reserve(&record)?;
            self.state.begin(&record)?;
            let done = self.place(&mut record, &swaps, staged, notes).and_then(|placed| match placed {
                Placed::All(late) => self.state.append(&record).map(|()| Ended::Done(late)),
                // What was placed is taken back, and all is planned anew.
                Placed::Stopped(number) => {
                    let theirs = self.take_back(&record, number, notes)?;
                    self.state.clear_pending()?;
                    Ok(theirs.map_or(Ended::Again, |file| Ended::Over(self.built_upon(&file))))
                }
            });
            match done {
                Ok(Ended::Done(late)) => {
                    self.state.forget_pending();
                    notes.extend(late.into_iter().filter_map(|late| late.look(&self.state)));
                    let files = plan.files.iter().map(|file| file.doc.clone()).collect();
                    let notes = std::mem::take(notes);
                    return Ok(Commit::Done { op: record.op, intent: operation.intent.clone(), files, notes });
                }
                Ok(Ended::Again) => {}
                Ok(Ended::Over(error)) => return Err(error),
                Err(error) => return Err(self.abandon(&record, error)),
            }
        }
        let why = "other writers kept changing the documents".to_owned();
        Err(StoreError::new(
            ErrorKind::Busy,
            self.root(),
            why,
            "try again when they have finished; nothing was changed",
        ))
    }

    fn next_op(&self) -> Result<OpId, StoreError> {
        match self.state.last_op()?.checked_add(1) {
            Some(op) => Ok(OpId(op)),
            None => {
                let why = "the journal has a record of the largest possible number".to_owned();
                Err(StoreError::new(ErrorKind::State, self.state.dir(), why, "move journal.jsonl away"))
            }
        }
    }

    /// What is to be put where. Nothing is written yet; a document that must not be written is refused here.
    fn swaps(&self, files: &[FilePlan]) -> Result<Vec<Swap>, StoreError> {
        let swap = |(number, file): (usize, &FilePlan)| {
            let bytes = |doc: &Option<Arc<Document>>| doc.as_ref().map(|doc| doc.shared_bytes());
            let path = self.place_of(&file.doc)?;
            let folders = self.check(file, &path)?;
            let folders = if file.after.is_none() { file.folders } else { folders };
            let in_place = in_place(file, &path);
            if file.before.is_some() && !in_place {
                self.wait_until_closed(&path)?;
            }
            Ok(Swap { path, number, old: bytes(&file.before), new: bytes(&file.after), folders, in_place })
        };
        files.iter().enumerate().map(swap).collect()
    }

    /// Checks that a file of a plan may be written; how many of its parent folders have to be made.
    fn check(&self, file: &FilePlan, path: &Path) -> Result<usize, StoreError> {
        if file.before.is_some() {
            return replace::check_editable(path).map(|()| 0);
        }
        let mut absent = 0;
        for dir in path.ancestors().skip(1).take_while(|dir| dir.starts_with(self.root())) {
            match std::fs::metadata(dir) {
                Ok(_) => return replace::check_folder(dir).map(|()| absent),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => absent += 1,
                Err(error) => return Err(StoreError::io(dir, &error)),
            }
        }
        Err(StoreError::io(self.root(), &std::io::Error::from(std::io::ErrorKind::NotFound)))
    }

    /// Puts all documents in place. One that moved is planned anew and put in place like the others: what was placed before
    /// it may have been read already, so going forward disturbs others less than going back and beginning again.
    fn place(
        &self,
        record: &mut Record,
        swaps: &[Swap],
        staged: Vec<Staged>,
        notes: &mut Vec<String>,
    ) -> Result<Placed, StoreError> {
        let mut all = Vec::new();
        for (swap, staged) in swaps.iter().zip(staged) {
            let number = swap.number;
            match swap.put(&self.state, staged)? {
                Replaced::Done { notes: said, late } => {
                    notes.extend(said);
                    all.extend(late);
                }
                Replaced::Moved if number == 0 => return Ok(Placed::Stopped(0)),
                Replaced::Moved => {
                    let FileRecord { file, held, .. } = record.files[number].clone();
                    match self.place_resumed(&record.operation, &file, number, Some(held))? {
                        Ok(Some(resumed)) => {
                            update(record, number, &resumed);
                            all.extend(resumed.late);
                        }
                        Ok(None) => {}
                        Err(_) => return Ok(Placed::Stopped(number)),
                    }
                }
            }
        }
        Ok(Placed::All(all))
    }

    /// Part of an operation that could not be done is still there, because somebody had changed the same cell again before
    /// it was taken back.
    fn built_upon(&self, file: &DocId) -> StoreError {
        let why = "somebody changed what was written here before the other documents could take their part, \
                   so it stays; the other documents are as they were";
        let path = self.root().join(file.as_str());
        StoreError::new(ErrorKind::Busy, path, why.to_owned(), "look at that cell and decide again")
    }

    /// After an error: takes back what was begun. The error then says what became of it.
    fn abandon(&self, record: &Record, error: StoreError) -> StoreError {
        let mut notes = Vec::new();
        let back = self.state.prepare().and_then(|()| {
            notes.extend(self.clear_leftovers(Some(record))?);
            if self.state.last_op()? >= record.op.0 {
                let why = "it stands in the journal".to_owned();
                return Err(StoreError::new(ErrorKind::State, self.state.dir(), why, ""));
            }
            let theirs = self.take_back(record, record.files.len(), &mut notes)?;
            self.state.clear_pending().map(|()| theirs)
        });
        let error = match back {
            Ok(None) => error.and("nothing was changed"),
            Ok(Some(file)) => error.and(&format!(
                "{file} was changed by somebody else meanwhile, so it stays as it is; the other documents are as they were"
            )),
            Err(_) => error.and("what was begun is finished or taken back at the next start"),
        };
        notes.iter().fold(error, |error, note| error.and(note))
    }

    /// Looks at what lies in the folder of temporary files.
    pub(super) fn clear_leftovers(&self, record: Option<&Record>) -> Result<Vec<String>, StoreError> {
        let files = record.map_or(&[][..], |record| &record.files);
        leftover::clear(&self.state, |number| -> Option<PathBuf> { self.place_of(&files.get(number)?.file).ok() })
    }

    /// Takes back the first `count` documents of an operation, cell by cell, as far as they hold what it wrote. Gives one
    /// in which something else was found.
    pub(super) fn take_back(
        &self,
        record: &Record,
        count: usize,
        notes: &mut Vec<String>,
    ) -> Result<Option<DocId>, StoreError> {
        let mut theirs = None;
        for (number, file) in record.files.iter().enumerate().take(count).rev() {
            match self.take_back_file(record, number, file) {
                Ok(true) => {}
                Ok(false) => theirs = Some(file.file.clone()),
                // It is no document of the workspace any more, so nothing of ours is in it.
                Err(error) if matches!(error.kind(), ErrorKind::Outside | ErrorKind::TooLarge | ErrorKind::Special) => {
                    notes.push(format!("{error}; it was left as it is"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(theirs)
    }

    /// False when a cell holds something else.
    fn take_back_file(&self, record: &Record, number: usize, file: &FileRecord) -> Result<bool, StoreError> {
        if self.load_for_edit(&file.file)?.map(|doc| doc.rev()) == file.before {
            return Ok(true);
        }
        let edits: Vec<Edit> = record.inverse.iter().filter(|edit| edit.doc == file.file).cloned().collect();
        let held = held_back(&edits, &file.held);
        let back = |edits: Vec<Edit>| Operation { intent: record.operation.intent.clone(), edits, undoes: None };
        let all = held.concat();
        if self.place_resumed(&back(edits.clone()), &file.file, number, Some(all))?.is_ok() {
            return Ok(true);
        }
        if edits.len() > 1 {
            // One of the cells was changed by somebody else since: theirs stays, the others go back.
            for (edit, held) in edits.into_iter().zip(held) {
                let _theirs = self.place_resumed(&back(vec![edit]), &file.file, number, Some(held))?;
            }
        }
        Ok(false)
    }

    /// Places one document of an operation that was begun before; again when somebody writes to it meanwhile.
    pub(super) fn place_resumed(
        &self,
        operation: &Operation,
        doc: &DocId,
        number: usize,
        held: Option<Vec<usize>>,
    ) -> Result<Result<Option<Resumed>, Refusal>, StoreError> {
        let edits = operation.edits.iter().filter(|edit| &edit.doc == doc).cloned().collect();
        let one = Operation { intent: operation.intent.clone(), edits, undoes: operation.undoes };
        for _ in 0..ATTEMPTS {
            let plan = match self.plan_as(&one, Mode::Resumed, |_| held.clone())? {
                Ok(plan) => plan,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let Some(mut swap) = self.swaps(&plan.files)?.into_iter().next() else { return Ok(Ok(None)) };
            swap.number = number;
            let staged = swap.stage(&self.state)?;
            match swap.put(&self.state, staged)? {
                Replaced::Done { late, .. } => {
                    let folders = swap.folders;
                    return Ok(Ok(plan.files.into_iter().next().map(|plan| Resumed { plan, folders, late })));
                }
                Replaced::Moved => {}
            }
        }
        let why = "other writers kept changing it".to_owned();
        Err(StoreError::new(ErrorKind::Busy, self.root().join(doc.as_str()), why, "try again when they have finished"))
    }

    fn record(&self, op: OpId, operation: &Operation, plan: &Plan, swaps: &[Swap], actor: &Actor) -> Record {
        // Taken back, the last document first.
        let inverse = plan.files.iter().zip(swaps).rev().flat_map(|(file, swap)| inverse(file, swap.folders));
        let files = plan.files.iter().zip(swaps).map(|(file, swap)| file_record(file, swap.appended()));
        Record {
            op,
            at: Local::now().fixed_offset(),
            actor: actor.name.clone(),
            via: actor.via.clone(),
            operation: operation.clone(),
            inverse: inverse.collect(),
            files: files.collect(),
        }
    }
}

fn in_place(file: &FilePlan, path: &Path) -> bool {
    match (&file.before, &file.after) {
        (Some(before), Some(after)) => append::applies(path, before.bytes(), after.bytes()),
        (None, _) | (_, None) => false,
    }
}

fn file_record(file: &FilePlan, appended: Option<Appended>) -> FileRecord {
    FileRecord {
        file: file.doc.clone(),
        before: file.before_rev(),
        after: file.after_rev(),
        edits: file.edits.clone(),
        held: file.held.clone(),
        appended,
    }
}

/// What takes one document back; folders that were made for it go with it.
fn inverse(file: &FilePlan, made: usize) -> Vec<Edit> {
    let mut edits = file.inverse.clone();
    for edit in &mut edits {
        if let Change::TakeOut { created: true, folders, .. } = &mut edit.change {
            *folders = made;
        }
    }
    edits
}

/// One document was planned anew: this is what became of it, and what takes it back.
fn update(record: &mut Record, number: usize, resumed: &Resumed) {
    record.inverse.retain(|edit| edit.doc != resumed.plan.doc);
    record.inverse.splice(0..0, inverse(&resumed.plan, resumed.folders));
    record.files[number] = file_record(&resumed.plan, None);
}

/// What [`FilePlan::held`] would say of each edit of `inverse`, were it planned while there is all of it to take back; `held`
/// is what it said of the edits that are taken back, which come in the opposite order.
fn held_back(inverse: &[Edit], held: &[usize]) -> Vec<Vec<usize>> {
    let mut before = held.iter().rev().copied();
    let mut count = move |edit: &Edit| -> Vec<usize> {
        match &edit.change {
            Change::Set { .. } => Vec::new(),
            Change::TakeOut { .. } => before.next().map(|held| held + 1).into_iter().collect(),
            Change::Add { .. } => before.next().map(|held| held.saturating_sub(1)).into_iter().collect(),
            // What takes it back has the old for the new text, and after for before.
            Change::Rewrite { .. } => before.by_ref().take(4).collect(),
        }
    };
    inverse.iter().map(&mut count).collect()
}
