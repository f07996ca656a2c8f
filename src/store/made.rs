//! Files that the program makes for others to read: telemetry, dashboards. Put in place as a whole, without journal or undo,
//! because they can be made again. Never outside the root, never over anything but a regular file.

use std::fs::{self, OpenOptions};
use std::io::Write;

use super::Store;
use super::error::{At, StoreError};
use super::look::next_name;
use super::state::sync_dir;
use crate::doc::DocId;
use crate::sys::file;

impl Store {
    /// Writes a file as a whole: a reader sees the old one or the new one. Folders are made as needed. Whether anything
    /// changed: a file that holds these bytes already is left alone.
    pub fn put(&self, id: &DocId, bytes: &[u8]) -> Result<bool, StoreError> {
        let path = self.place_of(id)?;
        if path.exists() {
            super::replace::check_editable(&path)?;
            if fs::read(&path).at(&path)? == bytes {
                return Ok(false);
            }
        }
        let folder = path.parent().unwrap_or(self.root());
        fs::create_dir_all(folder).at(folder)?;
        let part = folder.join(format!(".part-{}", next_name()));
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).open(&part)?;
            file.write_all(bytes)?;
            file::sync(&file)?;
            file::replace(&part, &path)
        })();
        if let Err(error) = written {
            // It may not even be there; the error that counts is the one before.
            let _ = fs::remove_file(&part);
            return Err(StoreError::io(path, &error));
        }
        sync_dir(folder)?;
        Ok(true)
    }
}
