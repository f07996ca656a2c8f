//! Who started whom, as the system tells it in `/proc`. Where it does not, nobody started anybody.

use rustix::process::Pid;

/// Every process that this one started, and those that they started, as far as they have not ended.
pub fn descendants(of: Pid) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let all: Vec<(i32, i32)> = pids.filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut found: Vec<i32> = vec![of.as_raw_nonzero().get()];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(all.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found.into_iter().skip(1).filter_map(Pid::from_raw).collect()
}

/// Who started a process; none when it has ended.
fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold anything, brackets too.
    let behind = &stat[memchr::memrchr(b')', &stat)? + 1..];
    let mut words = std::str::from_utf8(behind).ok()?.split_ascii_whitespace();
    let state = words.next()?;
    let parent = words.next()?.parse().ok()?;
    (state != "Z" && state != "X").then_some(parent)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_child_and_its_child() {
        let mut child = std::process::Command::new("sh")
            .args(["-c", "sleep 60 & echo $!; wait"])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("a line");
        let grandchild = Pid::from_raw(line.trim().parse().expect("a number")).expect("a process");
        let found = descendants(rustix::process::getpid());
        assert!(found.contains(&grandchild) && found.contains(&Pid::from_child(&child)), "{found:?}");
        assert_eq!(descendants(grandchild), []);
        for pid in [grandchild, Pid::from_child(&child)] {
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it runs");
        }
        child.wait().expect("it ends");
        assert!(!descendants(rustix::process::getpid()).contains(&Pid::from_child(&child)));
    }
}
