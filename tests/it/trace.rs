//! Runs the built binary under ptrace, system call by system call: it is killed before one of them, one of them fails, or all
//! of them are written down.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::ptr::null_mut;

use libc::{c_int, c_void, pid_t};

/// What became of a traced run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// It was killed before that system call.
    Killed,
    /// It ended by itself with that exit code.
    Ended(i32),
}

/// System calls of a run: all of them, and how many came before the first that names the state folder.
#[derive(Debug, Clone, Copy)]
pub struct Calls {
    pub all: usize,
    pub before: usize,
}

pub fn command(root: &Path, args: &[&str]) -> Command {
    // Another build of the program can be attacked as well.
    let binary = std::env::var_os("CODEX_TUI_TEST_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_codex-tui").into());
    let mut command = Command::new(binary);
    command.arg("--root").arg(root).args(args).env_remove("CODEX_TUI_ROOT");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A system call as it begins.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    thread: pid_t,
    /// Which one: `libc::SYS_…`.
    pub number: i64,
    pub args: [u64; 6],
}

impl Call {
    /// The thread that makes it.
    pub fn thread(&self) -> u32 {
        self.thread.cast_unsigned()
    }

    /// The text (a path, mostly) that argument `at` points to.
    pub fn text(&self, at: usize) -> Option<String> {
        // A page at a time: the next one may not be there.
        let mut text = Vec::new();
        let mut from = self.args[at];
        while from >= 4096 && text.len() < 8192 {
            let part = self.bytes(from, 4096 - from % 4096)?;
            from += part.len() as u64;
            let end = part.iter().position(|&byte| byte == 0);
            text.extend_from_slice(&part[..end.unwrap_or(part.len())]);
            if end.is_some() {
                return String::from_utf8(text).ok();
            }
        }
        None
    }

    /// Bytes of the process's memory.
    pub fn bytes(&self, from: u64, length: u64) -> Option<Vec<u8>> {
        let memory = File::open(format!("/proc/{}/mem", self.thread)).ok()?;
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        memory.read_exact_at(&mut bytes, from).ok()?;
        Some(bytes)
    }

    /// What the system says in `/proc` about the file descriptor that argument `at` is.
    pub fn descriptor(&self, at: usize, kind: &str) -> PathBuf {
        // Descriptors are `int`: the upper half of the register means nothing.
        PathBuf::from(format!("/proc/{}/{kind}/{}", self.thread, self.args[at] as u32))
    }

    /// The absolute path in argument `at`, where the one before it may name the folder that it begins in.
    pub fn path(&self, at: usize, folder: Option<usize>) -> Option<PathBuf> {
        let text = self.text(at)?;
        let folder = folder.filter(|&folder| self.args[folder] as i32 != libc::AT_FDCWD && !text.starts_with('/'));
        let base = match folder {
            Some(folder) => std::fs::read_link(self.descriptor(folder, "fd")).ok()?,
            None => std::fs::read_link(format!("/proc/{}/cwd", self.thread)).ok()?,
        };
        Some(base.join(text))
    }
}

/// What becomes of a system call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is carried out.
    Go,
    /// The process is killed before it.
    Kill,
    /// It is not carried out, and fails with that error. On x86-64 alone.
    Fail(i32),
    /// Its third argument (how much) is replaced. On x86-64 alone.
    Short(u64),
}

/// Whoever sees the system calls of a run.
pub trait Watch {
    /// Before the call.
    fn enter(&mut self, call: &Call) -> Answer;
    /// After the call, with what it returned.
    fn leave(&mut self, _call: &Call, _returned: i64) {}
}

/// Whether calls can be made to fail here.
pub const INJECTS: bool = cfg!(target_arch = "x86_64");

/// Runs the binary until it ends, or kills it before its system call number `kill` (of all threads, from 0). None when
/// tracing is not permitted here.
pub fn run(root: &Path, args: &[&str], kill: Option<usize>) -> Option<(Run, Calls)> {
    let mut killer = Killer { kill, calls: Calls { all: 0, before: 0 }, touched: false };
    let ended = watched(root, args, &mut killer)?;
    Some((ended, killer.calls))
}

/// Kills before one call, or counts them.
struct Killer {
    kill: Option<usize>,
    calls: Calls,
    touched: bool,
}

impl Watch for Killer {
    fn enter(&mut self, call: &Call) -> Answer {
        if self.kill == Some(self.calls.all) {
            return Answer::Kill;
        }
        self.touched = self.touched || (self.kill.is_none() && call.names_state());
        self.calls.before += usize::from(!self.touched);
        self.calls.all += 1;
        Answer::Go
    }
}

/// Runs the binary until it ends, with somebody who sees its system calls. None when tracing is not permitted here.
pub fn watched(root: &Path, args: &[&str], watch: &mut dyn Watch) -> Option<Run> {
    let mut command = command(root, args);
    // SAFETY: between fork and exec only ptrace(2) is called, which is a plain system call.
    unsafe {
        command.pre_exec(|| match libc::ptrace(libc::PTRACE_TRACEME, 0, null_mut::<c_void>(), null_mut::<c_void>()) {
            -1 => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => return None,
        Err(error) => panic!("the binary does not start: {error}"),
    };
    let pid = pid_t::try_from(child.id()).expect("a process id");
    Some(follow(pid, watch))
}

fn follow(pid: pid_t, watch: &mut dyn Watch) -> Run {
    // The call that each thread is in, and what it shall return.
    let mut inside: HashMap<pid_t, (Call, Answer)> = HashMap::new();
    let (thread, _) = wait(pid);
    assert_eq!(thread, pid, "the first stop is the exec of the process");
    let options =
        libc::PTRACE_O_EXITKILL | libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_TRACECLONE | libc::PTRACE_O_TRACEFORK;
    request(libc::PTRACE_SETOPTIONS, pid, 0, options as usize);
    request(libc::PTRACE_SYSCALL, pid, 0, 0);
    loop {
        let (thread, status) = wait(-1);
        if libc::WIFEXITED(status) || libc::WIFSIGNALED(status) {
            if thread == pid {
                let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -libc::WTERMSIG(status) };
                return Run::Ended(code);
            }
            continue;
        }
        let signal = libc::WSTOPSIG(status);
        if signal == (libc::SIGTRAP | 0x80) {
            match inside.remove(&thread) {
                Some((call, answer)) => {
                    let mut returned = result(thread);
                    if let Answer::Fail(error) = answer {
                        set_register(thread, RETURNED, i64::from(-error));
                        returned = i64::from(-error);
                    }
                    watch.leave(&call, returned);
                }
                None => {
                    let call = call(thread);
                    let answer = watch.enter(&call);
                    match answer {
                        Answer::Go => {}
                        Answer::Kill => {
                            // SAFETY: a plain system call on the process that was started above.
                            unsafe { libc::kill(pid, libc::SIGKILL) };
                            while !matches!(wait(-1), (ended, status) if ended == pid && libc::WIFSIGNALED(status)) {}
                            return Run::Killed;
                        }
                        // There is no system call of that number.
                        Answer::Fail(_) => set_register(thread, NUMBER, -1),
                        Answer::Short(count) => set_register(thread, THIRD, count.cast_signed()),
                    }
                    inside.insert(thread, (call, answer));
                }
            }
            request(libc::PTRACE_SYSCALL, thread, 0, 0);
        } else {
            // A new thread's first stop, a clone event, or a signal that is handed on.
            let own = signal == libc::SIGTRAP || signal == libc::SIGSTOP;
            request(libc::PTRACE_SYSCALL, thread, 0, if own { 0 } else { signal as usize });
        }
    }
}

/// Places in `struct user` of x86-64, in words.
const NUMBER: usize = 15;
const RETURNED: usize = 10;
const THIRD: usize = 12;

fn set_register(thread: pid_t, register: usize, value: i64) {
    if !INJECTS {
        panic!("registers have other places here");
    }
    request(libc::PTRACE_POKEUSER, thread, register * 8, value as usize);
}

/// The system call at whose beginning a thread has stopped.
fn call(thread: pid_t) -> Call {
    // `/proc/<thread>/syscall`: number, six arguments, two registers.
    let line = std::fs::read_to_string(format!("/proc/{thread}/syscall")).unwrap_or_default();
    let mut words = line.split_whitespace();
    let number = words.next().and_then(|word| word.parse().ok()).unwrap_or(-1);
    let mut args = [0; 6];
    for (arg, word) in args.iter_mut().zip(words) {
        *arg = u64::from_str_radix(word.trim_start_matches("0x"), 16).unwrap_or(0);
    }
    Call { thread, number, args }
}

/// What the system call returned at whose end a thread has stopped.
fn result(thread: pid_t) -> i64 {
    let mut info: MaybeUninit<libc::ptrace_syscall_info> = MaybeUninit::zeroed();
    let size = size_of::<libc::ptrace_syscall_info>();
    // SAFETY: the system writes at most `size` bytes to `info`, which is all zeros and valid before.
    let info = unsafe {
        libc::ptrace(libc::PTRACE_GET_SYSCALL_INFO, thread, size as *mut c_void, info.as_mut_ptr().cast::<c_void>());
        info.assume_init()
    };
    if info.op != libc::PTRACE_SYSCALL_INFO_EXIT {
        return -1;
    }
    // SAFETY: at the end of a call this part of the union is the one that is filled.
    unsafe { info.u.exit.sval }
}

/// The next stop of a traced thread of this test's process; only those that this very thread traces.
fn wait(pid: pid_t) -> (pid_t, c_int) {
    let mut status = 0;
    // SAFETY: `status` lives until the call returns.
    let thread = unsafe { libc::waitpid(pid, &mut status, libc::__WALL | libc::__WNOTHREAD) };
    assert!(thread > 0, "waiting for the traced process: {}", std::io::Error::last_os_error());
    (thread, status)
}

fn request(request: libc::c_uint, thread: pid_t, at: usize, data: usize) {
    // SAFETY: these requests read and write no memory of this process.
    let done = unsafe { libc::ptrace(request, thread, at as *mut c_void, data as *mut c_void) };
    // A thread that has just been killed cannot be asked for anything.
    let gone = std::io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH);
    assert!(done >= 0 || gone, "ptrace {request}: {}", std::io::Error::last_os_error());
}

impl Call {
    /// Whether one of the arguments is a text with the name of the state folder in it.
    pub fn names_state(&self) -> bool {
        (0..6).any(|at| self.text(at).is_some_and(|text| text.contains(".codex-tui")))
    }
}
