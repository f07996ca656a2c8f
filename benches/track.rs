//! How long a merge takes beside much telemetry: `cargo bench --bench track [-- FILES KB]` makes that many files of that size
//! (10,000 of 30 KB unless said otherwise), merges them, and looks once more when nothing and when one file is new.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use codex_tui::workbench::track::Telemetry;

const COMPONENTS: [&str; 6] = ["supervisor", "cleaner", "self-test", "sync", "activity", "diagnostics"];

fn main() {
    let args: Vec<usize> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let (files, kb) = (args.first().copied().unwrap_or(10_000), args.get(1).copied().unwrap_or(30));
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(dir.path().join("telemetry")).expect("a folder");
    for run in 0..files {
        write(dir.path(), run, kb);
    }
    println!("{files} files, {} MB", files * kb / 1024);
    let mut telemetry = Telemetry::at(dir.path(), false).expect("a folder");
    measure("first merge", &mut telemetry);
    measure("nothing new", &mut telemetry);
    write(dir.path(), files, kb);
    measure("one new file", &mut telemetry);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("peak memory unknown"));
}

fn write(root: &Path, run: usize, kb: usize) {
    let name = COMPONENTS[run % COMPONENTS.len()];
    let (day, minute) = (1 + run / 1440 % 28, run % 1440);
    let details = r#"{"number":88,"changes":["milestone","codex-trackmain"]},"#.repeat(kb * 1024 / 56);
    let text = format!(
        "{{\"schema\":1,\"component\":\"{name}\",\"timestamp\":\"2026-{:02}-{day:02}T{:02}:{:02}:00Z\",\"run_id\":\"{run}\",\"details\":[{}{{}}]}}",
        1 + run / 40320 % 12,
        minute / 60,
        minute % 60,
        details
    );
    std::fs::write(root.join(format!("telemetry/{name}-{run}.json")), text).expect("a file");
}

fn measure(what: &str, telemetry: &mut Telemetry) {
    let before = telemetry.opened();
    let start = Instant::now();
    let merged = telemetry.merge(None).expect("a merge");
    telemetry.write(&merged).expect("a dashboard");
    black_box(&merged);
    println!(
        "{what:<14} {:>8.1} ms, {} files opened",
        start.elapsed().as_secs_f64() * 1e3,
        telemetry.opened() - before
    );
}
