//! Adds entries to `codex-tui.toml`. It is no document with cells: what is added goes to its end in one write, so that nothing
//! that stands there, and nothing that somebody writes meanwhile, is touched.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};

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
