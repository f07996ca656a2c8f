//! Every file system call of an operation fails once, or from there on for good: full disk, quota, short write, damaged disk,
//! no right, read-only file system, too many open files. What is reported is true, old or new state, nothing is left behind, and
//! the verb works afterwards.
//!
//! By default a sample of the calls; all of them with `CODEX_TUI_CRASH=all`, another stride with `CODEX_TUI_CRASH=<stride>`.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::crash::{CASES, Case, Prepared, litter, masked, operations, prepare, said, stride, verb};
use crate::files::{copy, read_all};
use crate::trace::{Answer, Call, INJECTS, Run, Watch, watched};

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The one call.
    Once(i32),
    /// That call, and every later one that the same cause would stop.
    Lasting(i32),
    /// A write that takes some of the bytes only.
    Short,
}

/// What a failing call would have done, as far as its causes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Make,
    Write,
    Read,
    Sync,
    Names,
    Modes,
}

impl Kind {
    fn of(call: &Call) -> Option<Kind> {
        Some(match call.number {
            libc::SYS_openat if call.args[2] & libc::O_CREAT as u64 != 0 => Kind::Make,
            libc::SYS_openat => Kind::Open,
            libc::SYS_write | libc::SYS_pwrite64 | libc::SYS_writev | libc::SYS_ftruncate => Kind::Write,
            libc::SYS_fallocate | libc::SYS_copy_file_range => Kind::Write,
            libc::SYS_read | libc::SYS_pread64 | libc::SYS_getdents64 | libc::SYS_statx => Kind::Read,
            libc::SYS_fsync | libc::SYS_fdatasync => Kind::Sync,
            libc::SYS_renameat2 | libc::SYS_renameat | libc::SYS_linkat | libc::SYS_unlinkat | libc::SYS_mkdirat => {
                Kind::Names
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_rename | libc::SYS_link | libc::SYS_unlink | libc::SYS_mkdir | libc::SYS_rmdir => Kind::Names,
            libc::SYS_fchmod | libc::SYS_fchown | libc::SYS_fsetxattr => Kind::Modes,
            _ => return None,
        })
    }

    /// The errors that such a call is known to end with.
    fn faults(self) -> &'static [Fault] {
        use Fault::{Lasting, Once, Short};
        match self {
            Kind::Open => &[Once(libc::EMFILE), Lasting(libc::EMFILE), Once(libc::EACCES), Once(libc::EIO)],
            Kind::Make => &[Once(libc::ENOSPC), Lasting(libc::ENOSPC), Once(libc::EMFILE), Lasting(libc::EROFS)],
            Kind::Write => &[Once(libc::ENOSPC), Lasting(libc::EDQUOT), Once(libc::EIO), Short],
            Kind::Read => &[Once(libc::EIO), Lasting(libc::EIO)],
            Kind::Sync => &[Once(libc::EIO), Lasting(libc::EIO), Once(libc::ENOSPC)],
            Kind::Names => &[Once(libc::EIO), Lasting(libc::EROFS), Once(libc::EACCES), Lasting(libc::ENOSPC)],
            Kind::Modes => &[Once(libc::EPERM), Once(libc::EIO)],
        }
    }

    /// Whether a lasting cause stops this kind too.
    fn is_stopped_by(self, error: i32, first: Kind) -> bool {
        match error {
            libc::EROFS => matches!(self, Kind::Make | Kind::Names | Kind::Modes | Kind::Write),
            // What makes room goes on working on a full disk; so does renaming where there is a place already.
            libc::ENOSPC | libc::EDQUOT => matches!(self, Kind::Make | Kind::Write),
            libc::EMFILE => matches!(self, Kind::Open | Kind::Make),
            _ => self == first,
        }
    }
}

/// Lets the calls on files of the workspace fail, from one of them on.
struct Saboteur<'a> {
    root: &'a Path,
    /// The call, counted over those that can fail.
    at: usize,
    /// Which of its faults.
    which: usize,
    seen: usize,
    active: Option<(Kind, Fault)>,
    injected: usize,
}

impl Saboteur<'_> {
    /// Whether the call is about the workspace: neither the program's own libraries nor its output.
    fn is_ours(&self, call: &Call, kind: Kind) -> bool {
        let by_descriptor =
            |at| std::fs::read_link(call.descriptor(at, "fd")).is_ok_and(|path| path.starts_with(self.root));
        match (kind, call.number) {
            (Kind::Open | Kind::Make, _) | (_, libc::SYS_statx) => {
                call.path(1, Some(0)).is_some_and(|path| path.starts_with(self.root))
            }
            (Kind::Names, number) => {
                #[cfg(target_arch = "x86_64")]
                if matches!(
                    number,
                    libc::SYS_rename | libc::SYS_link | libc::SYS_unlink | libc::SYS_mkdir | libc::SYS_rmdir
                ) {
                    return call.path(0, None).is_some_and(|path| path.starts_with(self.root));
                }
                let _ = number;
                call.path(1, Some(0)).is_some_and(|path| path.starts_with(self.root))
            }
            _ => by_descriptor(0),
        }
    }
}

impl Watch for Saboteur<'_> {
    fn enter(&mut self, call: &Call) -> Answer {
        let Some(kind) = Kind::of(call).filter(|&kind| self.is_ours(call, kind)) else { return Answer::Go };
        let number = self.seen;
        self.seen += 1;
        if number == self.at {
            let fault = kind.faults()[self.which % kind.faults().len()];
            self.active = Some((kind, fault));
            self.injected += 1;
            return match fault {
                Fault::Once(error) | Fault::Lasting(error) => Answer::Fail(error),
                Fault::Short if call.number == libc::SYS_write && call.args[2] > 1 => Answer::Short(call.args[2] / 2),
                Fault::Short => Answer::Fail(libc::ENOSPC),
            };
        }
        match self.active {
            Some((first, Fault::Lasting(error))) if kind.is_stopped_by(error, first) => {
                self.injected += 1;
                Answer::Fail(error)
            }
            _ => Answer::Go,
        }
    }
}

fn modes(root: &Path) -> BTreeMap<String, u32> {
    let mode = |name: &String| {
        let meta = std::fs::metadata(root.join(name)).expect("it was read just now");
        (name.clone(), meta.permissions().mode())
    };
    read_all(root).keys().map(mode).collect()
}

/// How the runs ended.
#[derive(Debug, Default)]
struct Seen {
    done: usize,
    refused: usize,
    recovered: usize,
}

fn sabotage(case: &Case, prepared: &Prepared, at: usize, which: usize, seen: &mut Seen) {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path().canonicalize().expect("a real path");
    let root = root.as_path();
    copy(prepared.dir.path(), root);
    let before = modes(root);
    let mut saboteur = Saboteur { root, at, which, seen: 0, active: None, injected: 0 };
    let ended = watched(root, case.verb, &mut saboteur).expect("tracing worked before");
    let (active, injected) = (saboteur.active, saboteur.injected);
    let what = format!("{}: call {at}, {active:?}, {injected} failed", case.name);
    let Run::Ended(code) = ended else { panic!("{what}: {ended:?}") };
    let now = read_all(root);
    let is_old = now == prepared.old;
    let is_new = masked(&now) == masked(&prepared.new);
    match code {
        0 => {
            assert!(is_new, "{what}: success was reported, but the documents are not as they should be");
            let synced = matches!(active, Some((Kind::Sync, _)));
            assert!(!synced, "{what}: success was reported after a sync that failed");
            seen.done += 1;
        }
        3 | 4 => {
            // What even taking back was denied to is brought to its end by the next start.
            let lasting = matches!(active, Some((_, Fault::Lasting(_))));
            assert!(is_old || lasting, "{what}: code {code} means that nothing was changed");
            seen.refused += 1;
        }
        code => panic!("{what}: exit code {code}"),
    }
    for (name, mode) in modes(root) {
        let same = before.get(&name).is_none_or(|old| *old == mode);
        assert!(same, "{what}: {name} has the mode {mode:o} now");
    }
    // The disk works again.
    let recovered = said(root, &["recover"]);
    let now = read_all(root);
    let is_new = masked(&now) == masked(&prepared.new);
    assert!(is_new || now == prepared.old, "{what}: neither old nor new after `recover`: {recovered}");
    assert_eq!(
        operations(root),
        prepared.operations + usize::from(is_new),
        "{what}: the history disagrees: {recovered}"
    );
    assert_eq!(litter(root), Vec::<String>::new(), "{what}: {recovered}");
    seen.recovered += usize::from(is_new && code != 0);
    if !is_new {
        assert_eq!(verb(root, case.verb), 0, "{what}: {}", said(root, case.verb));
        assert!(masked(&read_all(root)) == masked(&prepared.new), "{what}: the second try");
    }
}

#[test]
fn every_call_may_fail() {
    if !INJECTS {
        println!("skipped: calls are made to fail on x86-64 only");
        return;
    }
    for case in &CASES {
        let Some(prepared) = prepare(case) else {
            println!("skipped: tracing is not permitted here");
            return;
        };
        let done = tempfile::tempdir().expect("a folder");
        copy(prepared.dir.path(), done.path());
        let root = done.path().canonicalize().expect("a real path");
        let mut count = Saboteur { root: &root, at: usize::MAX, which: 0, seen: 0, active: None, injected: 0 };
        assert_eq!(watched(&root, case.verb, &mut count), Some(Run::Ended(0)), "{}", case.name);
        let mut seen = Seen::default();
        let stride = stride(11 * case.thin);
        for (number, at) in (0..count.seen).step_by(stride).enumerate() {
            // All faults of each call, or one of them in turn.
            let all = if stride == 1 { 0..4 } else { number..number + 1 };
            for which in all {
                sabotage(case, &prepared, at, which, &mut seen);
            }
        }
        println!("{}: {} calls that can fail, every {stride}th: {seen:?}", case.name, count.seen);
        assert!(seen.refused > 0, "{}: nothing was refused", case.name);
    }
}
