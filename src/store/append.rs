//! Documents that somebody holds open all the time: an agent that writes its log through one descriptor. Exchanging such a
//! file would leave the agent writing to the one that went, so a change that only adds at the end is appended in place,
//! after all other documents. Only beside writers that append themselves: any other would write over it.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::Path;

use memchr::memmem;

use super::error::{At, StoreError};
use super::replace::Replaced;
use crate::doc::Rev;
use crate::op::Appended;
use crate::sys::file;

/// Whether the change from `old` to `new` is appended to the document at `path` in place.
pub fn applies(path: &Path, old: &[u8], new: &[u8]) -> bool {
    let grows = new.len() > old.len() && new.starts_with(old);
    grows && file::open_private(path, OpenOptions::new().read(true)).is_ok_and(|file| file::only_appenders(&file))
}

/// Appends to the document what `new` has more than `old`, durably.
pub fn append(path: &Path, old: &[u8], new: &[u8]) -> Result<Replaced, StoreError> {
    let Some(more) = new.strip_prefix(old) else { return Ok(Replaced::Moved) };
    let mut file = file::open_private(path, OpenOptions::new().read(true).append(true)).at(path)?;
    let mut now = Vec::with_capacity(old.len() + 1);
    file.read_to_end(&mut now).at(path)?;
    if now != old {
        return Ok(Replaced::Moved);
    }
    file.write_all(more).and_then(|()| file::sync(&file)).at(path)?;
    // Somebody may have saved another file under the name since it was opened, or begun to rewrite this one: then what was
    // appended went nowhere, unless it is in what they saved.
    let mut now = Vec::with_capacity(new.len() + 1);
    file::open_private(path, OpenOptions::new().read(true)).and_then(|mut file| file.read_to_end(&mut now)).at(path)?;
    let times = |bytes: &[u8]| memmem::find_iter(bytes, more).count();
    if times(&now) <= times(old) {
        return Ok(Replaced::Moved);
    }
    // Another appender may have come between: then ours stands behind theirs, on a line of its own unless theirs was half
    // a line.
    let notes = if now.get(old.len()..).is_some_and(|behind| behind.starts_with(more)) {
        Vec::new()
    } else {
        vec![format!("{}: somebody appended at the same instant; look at its last lines", path.display())]
    };
    Ok(Replaced::Done { notes, late: None })
}

/// After a crash: completes what was appended only in part, where the document is otherwise as it was.
pub fn complete(path: &Path, before: Option<Rev>, appended: &Appended) -> Result<(), StoreError> {
    let Ok(mut file) = file::open_private(path, OpenOptions::new().read(true).append(true)) else { return Ok(()) };
    let size = file.metadata().at(path)?;
    let most = appended.from.saturating_add(appended.text.len() as u64);
    if !size.is_file() || file::has_other_names(path, &size) || size.len() <= appended.from || size.len() >= most {
        return Ok(());
    }
    let mut now = Vec::new();
    file.read_to_end(&mut now).at(path)?;
    let Some((old, part)) = usize::try_from(appended.from).ok().and_then(|from| now.split_at_checked(from)) else {
        return Ok(());
    };
    match appended.text.as_bytes().strip_prefix(part) {
        Some(rest) if Some(Rev::of(old)) == before => file.write_all(rest).and_then(|()| file::sync(&file)).at(path),
        Some(_) | None => Ok(()),
    }
}
