//! Files and folders.

use std::fs::{self, DirBuilder, File, FileType, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{Access, AtFlags, CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::sys::{Identity, Writers};

/// Whether this system can exchange two files; one of its file systems may still be unable to.
pub const CAN_EXCHANGE: bool = true;

/// The path without links, absolute.
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

/// Exchanges two files of one file system in one step. [`io::ErrorKind::Unsupported`]: it cannot do that.
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).map_err(rename_error)
}

/// Renames a file, unless the new name is taken ([`io::ErrorKind::AlreadyExists`]).
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(rename_error) {
        // No such rename here: a link fails as well when the name is taken.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            rustix::fs::linkat(CWD, from, CWD, to, AtFlags::empty())?;
            Ok(rustix::fs::unlink(from)?)
        }
        renamed => renamed,
    }
}

/// Which answers say that the file system has no such rename. `ENOTSUP` is macOS's word for it, and Linux's `EOPNOTSUPP`.
fn rename_error(error: Errno) -> io::Error {
    match error {
        Errno::INVAL | Errno::NOSYS | Errno::NOTSUP => io::ErrorKind::Unsupported.into(),
        error => error.into(),
    }
}

/// Renames a file over another one, in one step: a reader finds the old one or the new one.
pub fn replace(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Makes the content of a file durable. On macOS as far as the file system can: network ones refuse the strongest form.
pub fn sync(file: &File) -> io::Result<()> {
    let is_refused = |error: &io::Error| {
        let refusals = [Errno::NOTSUP, Errno::INVAL, Errno::NOTTY];
        cfg!(target_os = "macos") && refusals.iter().any(|no| error.raw_os_error() == Some(no.raw_os_error()))
    };
    match file.sync_all() {
        Err(error) if is_refused(&error) => Ok(rustix::fs::fsync(file)?),
        synced => synced,
    }
}

/// Makes the names in a folder durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    sync(&File::open(folder)?)
}

/// Sets room aside for `len` bytes from `offset` on without changing the size of the file. An error: there is no room. Not
/// every file system can do it; then nothing happens, as on macOS.
pub fn reserve(file: &File, offset: u64, len: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if let Err(error @ (Errno::NOSPC | Errno::DQUOT)) =
        rustix::fs::fallocate(file, rustix::fs::FallocateFlags::KEEP_SIZE, offset, len.max(1))
    {
        return Err(error.into());
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, offset, len);
    Ok(())
}

/// Makes a folder that only the owner can look into.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(folder)
}

/// Opens a file, never through a link in its last place and never waiting for another process. A file that is created can
/// be read by the owner alone.
pub fn open_private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.mode(0o600).custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()).open(path)
}

/// Opens a file for reading without ever waiting for another process, whatever it is: a FIFO without a writer would.
pub fn open_unblocked(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed()).open(path)
}

/// What something is that is neither file, folder nor link, in words.
pub fn special_name(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// Reads at a place of the file, however far it was read before. May move the place where reading goes on.
pub fn read_at(file: &File, to: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(to, offset)
}

/// What tells the file or folder at a path from others; `meta` is what the system says of it.
pub fn identity(_path: &Path, meta: &Metadata) -> Identity {
    Identity(meta.dev(), meta.ino())
}

/// The same for a file that is open, once opened at that path.
pub fn identity_open(_file: &File, _path: &Path, meta: &Metadata) -> Identity {
    Identity(meta.dev(), meta.ino())
}

/// Whether a file has more than one name; `meta` is what the system says of it.
pub fn has_other_names(_path: &Path, meta: &Metadata) -> bool {
    meta.nlink() > 1
}

/// When anything about a file was changed last, its name or permissions too, as far as the system notes it.
pub fn changed(meta: &Metadata) -> Option<SystemTime> {
    let (seconds, nanos) = (u64::try_from(meta.ctime()).ok()?, u64::try_from(meta.ctime_nsec()).ok()?);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds) + Duration::from_nanos(nanos))
}

/// Whether a file may be written: somebody may by its mode, and we may. Its mode binds also those whom the system lets
/// write everything.
pub fn is_writable(path: &Path, meta: &Metadata) -> bool {
    !meta.permissions().readonly() && rustix::fs::access(path, Access::WRITE_OK).is_ok()
}

/// Whether names in a folder may be changed.
pub fn is_folder_writable(folder: &Path, meta: &Metadata) -> bool {
    !meta.permissions().readonly() && rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// Whether a name of a file or folder can be used on this system.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', '\0'])
}

/// Whether a file can be run as a program.
pub fn is_program(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, Access::EXEC_OK).is_ok()
}

/// Whether an error says that too many files are open.
pub fn is_out_of_files(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::MFILE.raw_os_error())
}

/// Gives a new file the owner, extended attributes and mode of another, of which `meta` is what the system says. What could
/// not be kept is named.
pub fn keep_properties(from: &Path, meta: &Metadata, to: &File) -> io::Result<Vec<String>> {
    let mut lost = Vec::new();
    let own = to.metadata()?;
    if (own.uid(), own.gid()) != (meta.uid(), meta.gid())
        && std::os::unix::fs::fchown(to, Some(meta.uid()), Some(meta.gid())).is_err()
    {
        lost.push("its owner".to_owned());
    }
    lost.extend(copy_attributes(from, to));
    to.set_permissions(Permissions::from_mode(meta.permissions().mode() & 0o7777))?;
    Ok(lost)
}

fn copy_attributes(from: &Path, to: &File) -> Vec<String> {
    use rustix::fs::{XattrFlags, fsetxattr, getxattr, listxattr};
    let mut names = vec![0u8; 64 << 10];
    // No attributes, or a file system without them: nothing to copy.
    let Ok(length) = listxattr(from, &mut names[..]) else { return Vec::new() };
    let names = names[..length].split(|&b| b == 0).filter(|name| !name.is_empty());
    let lost = names.filter(|name| {
        let mut value = vec![0u8; 64 << 10];
        let copied = getxattr(from, *name, &mut value[..])
            .and_then(|length| fsetxattr(to, *name, &value[..length], XattrFlags::empty()));
        copied.is_err()
    });
    lost.map(|name| format!("the extended attribute {}", String::from_utf8_lossy(name))).collect()
}

/// Whether somebody has the file open for writing. `file` must be open for reading only. Linux grants a read lease only
/// when nobody has, and only to the owner of the file or a process that may take leases; otherwise nobody knows.
#[cfg(target_os = "linux")]
pub fn writers(file: &File) -> Writers {
    use std::os::fd::AsRawFd;
    let fd = file.as_raw_fd();
    // A lease that is broken while it is held sends a signal; SIGURG is ignored by default, SIGIO would end us.
    if fcntl(fd, F_SETSIG, libc::SIGURG) < 0 {
        return Writers::Unknown;
    }
    if fcntl(fd, libc::F_SETLEASE, libc::F_RDLCK) == 0 {
        fcntl(fd, libc::F_SETLEASE, libc::F_UNLCK);
        return Writers::None;
    }
    match io::Error::last_os_error().raw_os_error() {
        Some(libc::EAGAIN) => Writers::Some,
        Some(_) | None => Writers::Unknown,
    }
}

/// `F_SETSIG` of `fcntl(2)`, which the binding does not name.
#[cfg(target_os = "linux")]
const F_SETSIG: libc::c_int = 10;

/// The one unsafe call of the program: `fcntl` with an integer argument touches no memory of ours, and a descriptor
/// that is no longer open makes it fail.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn fcntl(fd: std::os::fd::RawFd, command: libc::c_int, argument: libc::c_int) -> libc::c_int {
    // SAFETY: see above.
    unsafe { libc::fcntl(fd, command, argument) }
}

/// Whether somebody has the file open for writing: macOS does not tell.
#[cfg(not(target_os = "linux"))]
pub fn writers(_file: &File) -> Writers {
    Writers::Unknown
}

/// Whether somebody has the file open for writing, and all who can be seen do so to append. Processes of others cannot be
/// looked into; one of them that writes beside an appender is not seen.
pub fn only_appenders(file: &File) -> bool {
    writers(file) == Writers::Some && appenders(file).unwrap_or(false)
}

/// Looks through the open files of all processes. Without `/proc` nobody is known to append.
fn appenders(file: &File) -> io::Result<bool> {
    let meta = file.metadata()?;
    let mut found = false;
    for process in fs::read_dir("/proc")?.flatten() {
        // What is no process, has ended or is not ours to look into is passed over.
        let Ok(descriptors) = fs::read_dir(process.path().join("fd")) else { continue };
        for descriptor in descriptors.flatten() {
            let Ok(other) = fs::metadata(descriptor.path()) else { continue };
            if (other.dev(), other.ino()) != (meta.dev(), meta.ino()) {
                continue;
            }
            let info = process.path().join("fdinfo").join(descriptor.file_name());
            let info = fs::read_to_string(info).unwrap_or_default();
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
            let Some(flags) = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok()) else {
                return Ok(false);
            };
            let flags = OFlags::from_bits_retain(flags);
            match flags & OFlags::RWMODE {
                OFlags::RDONLY => {}
                _ if flags.contains(OFlags::APPEND) => found = true,
                _ => return Ok(false),
            }
        }
    }
    Ok(found)
}
