//! Reads the operator's own configuration, and adds entries to `codex-tui.toml`. The latter is no document with cells: what is added goes to its end in one write, so that nothing
//! that stands there, and nothing that somebody writes meanwhile, is touched.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::Store;
use super::error::{At, ErrorKind, StoreError};
use super::replace::{check_editable, check_folder};
use super::state::sync_dir;
use crate::doc::DocId;
use crate::workspace::config::FILE_NAME;

impl Store {
    /// Appends `text` to the configuration, durably, behind an empty line; creates the file when it is absent.
    pub fn append_to_config(&self, text: &str) -> Result<(), StoreError> {
        let id = DocId::new(FILE_NAME).map_err(|error| {
            StoreError::new(ErrorKind::Outside, self.root(), error.to_string(), "this is a mistake of the program")
        })?;
        let path = self.place_of(&id)?;
        let folder = path.parent().unwrap_or(self.root()).to_owned();
        if path.exists() {
            check_editable(&path)?
        } else {
            check_folder(&folder)?
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).at(&path)?;
        let len = file.metadata().at(&path)?.len();
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(len.saturating_sub(2))).at(&path)?;
        Read::by_ref(&mut file).take(2).read_to_end(&mut tail).at(&path)?;
        let gap = match &tail[..] {
            [] | b"\n\n" => "",
            [.., b'\n'] => "\n",
            [..] => "\n\n",
        };
        file.write_all(format!("{gap}{text}").as_bytes()).at(&path)?;
        file.sync_all().at(&path)?;
        sync_dir(&folder)
    }
}

/// Bytes of a user file that are read at most: it is written by hand.
const USER_FILE: u64 = 1 << 20;

/// The operator's own configuration, which lies outside of every workspace; none when there is no such file.
pub fn read_user_file(path: &Path) -> io::Result<Option<String>> {
    // Looked at before it is opened: opening a pipe would wait for whoever writes into it.
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_file() => {}
        Ok(_) => return Err(io::Error::other("it is no file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let file = File::open(path)?;
    let mut bytes = Vec::new();
    file.take(USER_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > USER_FILE {
        return Err(io::Error::other(format!("it has more than {USER_FILE} bytes")));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
