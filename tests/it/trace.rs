//! Runs the built binary under ptrace, system call by system call, and kills it before the one that is asked for.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
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

/// Runs the binary until it ends, or kills it before its system call number `kill` (of all threads, from 0). None when
/// tracing is not permitted here.
pub fn run(root: &Path, args: &[&str], kill: Option<usize>) -> Option<(Run, Calls)> {
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
    Some(follow(pid, kill))
}

fn follow(pid: pid_t, kill: Option<usize>) -> (Run, Calls) {
    let mut calls = Calls { all: 0, before: 0 };
    let mut touched = false;
    // Whether each thread is inside a system call.
    let mut inside: HashMap<pid_t, bool> = HashMap::new();
    let (thread, _) = wait(pid);
    assert_eq!(thread, pid, "the first stop is the exec of the process");
    let options =
        libc::PTRACE_O_EXITKILL | libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_TRACECLONE | libc::PTRACE_O_TRACEFORK;
    request(libc::PTRACE_SETOPTIONS, pid, options as usize);
    request(libc::PTRACE_SYSCALL, pid, 0);
    loop {
        let (thread, status) = wait(-1);
        if libc::WIFEXITED(status) || libc::WIFSIGNALED(status) {
            if thread == pid {
                let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -libc::WTERMSIG(status) };
                return (Run::Ended(code), calls);
            }
            continue;
        }
        let signal = libc::WSTOPSIG(status);
        if signal == (libc::SIGTRAP | 0x80) {
            let entering = !inside.get(&thread).copied().unwrap_or(false);
            inside.insert(thread, entering);
            if entering {
                if kill == Some(calls.all) {
                    // SAFETY: a plain system call on the process that was started above.
                    unsafe { libc::kill(pid, libc::SIGKILL) };
                    while !matches!(wait(-1), (ended, status) if ended == pid && libc::WIFSIGNALED(status)) {}
                    return (Run::Killed, calls);
                }
                touched = touched || (kill.is_none() && names_state(thread));
                calls.before += usize::from(!touched);
                calls.all += 1;
            }
            request(libc::PTRACE_SYSCALL, thread, 0);
        } else {
            // A new thread's first stop, a clone event, or a signal that is handed on.
            let own = signal == libc::SIGTRAP || signal == libc::SIGSTOP;
            request(libc::PTRACE_SYSCALL, thread, if own { 0 } else { signal as usize });
        }
    }
}

/// The next stop of a traced thread of this test's process; only those that this very thread traces.
fn wait(pid: pid_t) -> (pid_t, c_int) {
    let mut status = 0;
    // SAFETY: `status` lives until the call returns.
    let thread = unsafe { libc::waitpid(pid, &mut status, libc::__WALL | libc::__WNOTHREAD) };
    assert!(thread > 0, "waiting for the traced process: {}", std::io::Error::last_os_error());
    (thread, status)
}

fn request(request: libc::c_uint, thread: pid_t, data: usize) {
    // SAFETY: these requests read and write no memory of this process.
    let done = unsafe { libc::ptrace(request, thread, null_mut::<c_void>(), data as *mut c_void) };
    // A thread that has just been killed cannot be asked for anything.
    let gone = std::io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH);
    assert!(done >= 0 || gone, "ptrace {request}: {}", std::io::Error::last_os_error());
}

/// Whether one of the arguments of the system call is a text with the name of the state folder in it.
fn names_state(thread: pid_t) -> bool {
    // `/proc/<thread>/syscall`: number, six arguments, two registers.
    let Ok(line) = std::fs::read_to_string(format!("/proc/{thread}/syscall")) else { return true };
    let Ok(memory) = File::open(format!("/proc/{thread}/mem")) else { return true };
    let arguments = line.split_whitespace().skip(1).take(6);
    arguments.filter_map(|word| u64::from_str_radix(word.trim_start_matches("0x"), 16).ok()).any(|address| {
        let mut text = [0; 256];
        let read = if address < 4096 { 0 } else { memory.read_at(&mut text, address).unwrap_or(0) };
        let text = text[..read].split(|&byte| byte == 0).next().unwrap_or_default();
        text.windows(10).any(|window| window == b".codex-tui")
    })
}
