//! Files and folders.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::sys::{Identity, Writers};

/// Whether this system can exchange two files. It cannot: a document is compared a last time and renamed over, and what
/// somebody writes in the instant between the two is lost.
pub const CAN_EXCHANGE: bool = false;

/// How long a file is waited for that another program has opened so that nobody may rename it, as Windows allows: virus
/// scanners and indexers do so for moments.
const SHARED_WAIT: Duration = Duration::from_secs(1);

/// The path without links, absolute, and in the form that other programs understand.
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    dunce::canonicalize(path)
}

/// Exchanges two files in one step: not here ([`io::ErrorKind::Unsupported`]).
pub fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Renames a file, unless the new name is taken ([`io::ErrorKind::AlreadyExists`]).
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    while_shared(|| {
        tempfile::TempPath::try_from_path(from)?.persist_noclobber(to).map_err(|failed| {
            let mut from = failed.path;
            // It is no temporary file of that crate, which would remove it.
            from.disable_cleanup(true);
            failed.error
        })
    })
}

/// Renames a file over another one, in one step where the file system can.
pub fn replace(from: &Path, to: &Path) -> io::Result<()> {
    while_shared(|| fs::rename(from, to))
}

/// Tries again for a while on Windows, where "access denied" may mean that somebody has the file open.
fn while_shared(mut rename: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    let start = Instant::now();
    loop {
        match rename() {
            Err(error)
                if cfg!(windows)
                    && matches!(error.raw_os_error(), Some(ACCESS_DENIED | SHARING_VIOLATION))
                    && start.elapsed() < SHARED_WAIT =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            renamed => return renamed,
        }
    }
}

/// Makes the content of a file durable.
pub fn sync(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// Makes the names in a folder durable: there is no such call here. After a power cut a name may be the old one.
pub fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Sets room aside: there is no such call here. A full disk shows when the bytes are written.
pub fn reserve(_file: &File, _offset: u64, _len: u64) -> io::Result<()> {
    Ok(())
}

/// Makes a folder, with the permissions that the folder above gives it.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)
}

/// Opens a file that is no link, and nothing that would have to be waited for. Who else can read a file that is created is
/// up to its folder. A link that takes the name in the instant between looking and opening is followed.
pub fn open_private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    match fs::symlink_metadata(path) {
        Ok(meta) if !meta.is_file() => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")),
        Ok(_) | Err(_) => options.open(path),
    }
}

/// Opens a file for reading without ever waiting for another process; anything but a regular file is refused.
pub fn open_unblocked(path: &Path) -> io::Result<File> {
    match fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")),
    }
}

/// What something is that is neither file, folder nor link, in words.
pub fn special_name(_kind: FileType) -> &'static str {
    "a device"
}

/// Reads at a place of the file, however far it was read before. May move the place where reading goes on.
pub fn read_at(file: &File, to: &mut [u8], offset: u64) -> io::Result<usize> {
    #[cfg(windows)]
    return std::os::windows::fs::FileExt::seek_read(file, to, offset);
    #[cfg(not(windows))]
    std::os::unix::fs::FileExt::read_at(file, to, offset)
}

/// What tells the file or folder at a path from others; `meta` is what the system says of it. Where the system has no
/// number for it, its path and the time when it was made have to do.
pub fn identity(path: &Path, meta: &Metadata) -> Identity {
    #[cfg(windows)]
    if let Ok(told) = winapi_util::Handle::from_path_any(path).and_then(winapi_util::file::information) {
        return Identity(told.volume_serial_number(), told.file_index());
    }
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let made = meta.created().map(since).unwrap_or_default();
    Identity(hasher.finish(), u64::try_from(made.as_nanos()).unwrap_or_default())
}

/// The same for a file that is open, once opened at that path.
pub fn identity_open(file: &File, path: &Path, meta: &Metadata) -> Identity {
    #[cfg(windows)]
    if let Ok(told) = winapi_util::file::information(file) {
        return Identity(told.volume_serial_number(), told.file_index());
    }
    let _ = file;
    identity(path, meta)
}

/// Whether a file has more than one name, as far as the system tells.
pub fn has_other_names(path: &Path, _meta: &Metadata) -> bool {
    #[cfg(windows)]
    if let Ok(told) = winapi_util::Handle::from_path(path).and_then(winapi_util::file::information) {
        return told.number_of_links() > 1;
    }
    let _ = path;
    false
}

/// When a file was written last: changes of its name or permissions are not noted.
pub fn changed(meta: &Metadata) -> Option<SystemTime> {
    meta.modified().ok()
}

/// Whether a file may be written, as far as its attributes tell.
pub fn is_writable(_path: &Path, meta: &Metadata) -> bool {
    !meta.permissions().readonly()
}

/// Whether names in a folder may be changed, as far as its attributes tell. On Windows they mean something else for folders.
pub fn is_folder_writable(_folder: &Path, meta: &Metadata) -> bool {
    cfg!(windows) || !meta.permissions().readonly()
}

/// Whether a name of a file or folder can be used on every system: Windows reserves some names and characters, and drops
/// dots and blanks at the end.
pub fn is_name(name: &str) -> bool {
    const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ').to_uppercase();
    let port = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let is_port = port.is_some_and(|number| number.chars().count() == 1 && "123456789¹²³".contains(number));
    let is_device = DEVICES.contains(&stem.as_str()) || is_port;
    let is_bad = |c: char| c.is_control() || "<>:\"/\\|?*".contains(c);
    !name.is_empty() && !is_device && !name.contains(is_bad) && !name.ends_with(['.', ' '])
}

/// Whether a file can be run as a program: any regular file, where its name does not tell.
pub fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// Whether an error says that too many files are open: the number differs from system to system.
pub fn is_out_of_files(_error: &io::Error) -> bool {
    false
}

/// Gives a new file the attributes of another, of which `meta` is what the system says. Its owner and access list are those
/// that its folder gives.
pub fn keep_properties(_from: &Path, meta: &Metadata, to: &File) -> io::Result<Vec<String>> {
    to.set_permissions(meta.permissions())?;
    Ok(Vec::new())
}

/// Whether somebody has the file open for writing: the system does not tell.
pub fn writers(_file: &File) -> Writers {
    Writers::Unknown
}

/// Whether all who have the file open for writing do so to append: nobody is known to.
pub fn only_appenders(_file: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_windows_keeps_for_itself_are_refused() {
        for name in ["board.md", "Con table.md", "COM10", "a.b.c", ".gitignore", "nulls.csv", "LPT.md"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "NUL", "con.md", "Aux .txt", "com1.log", "LPT³", "a:b", "a?.md", "a\\b", "a.", "a ", "a\tb"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_name_that_is_taken_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        fs::write(&from, "new").expect("a file");
        fs::write(&to, "old").expect("a file");
        let error = rename_new(&from, &to).expect_err("the name is taken");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        let read = |path: &Path| fs::read_to_string(path).ok();
        assert_eq!((read(&from).as_deref(), read(&to).as_deref()), (Some("new"), Some("old")));
        fs::remove_file(&to).expect("it goes");
        rename_new(&from, &to).expect("the name is free");
        assert_eq!((read(&from), read(&to).as_deref()), (None, Some("new")));
    }
}
