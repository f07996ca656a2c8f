//! How long gates take: the first judgement, one without a change, one after a line was appended, and the same beside a large
//! generated file. `cargo bench --bench gates [-- DIR [FILE]]` measures on a copy of DIR, else on the demo workspace; FILE is an event
//! file of any size, else one of 200 MB is made (`GATES_BENCH_MB` says another size).

#[path = "shared/memory.rs"]
mod memory;
#[path = "shared/workspace.rs"]
mod workspace;

use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use codex_tui::workbench::Workbench;
use codex_tui::workbench::gates::{GateReader, Gates, Question};
use memory::peak_mb;
use workspace::workspace;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let dir = workspace(args.first().map(String::as_str));
    let folder = dir.path().join("Logs/IngestionMetrics");
    measure("workspace", dir.path(), &folder.join("2026-11-30.json"));
    let large = folder.join("2026-12-01.json");
    match args.get(1) {
        Some(file) => {
            std::fs::hard_link(file, &large).or_else(|_| std::fs::copy(file, &large).map(drop)).expect("the file")
        }
        None => generate(&large),
    }
    measure("with a large file", dir.path(), &large);
    println!("peak memory {:>6.1} MB", peak_mb());
}

fn judge(reader: &mut GateReader, bench: &Workbench) -> Gates {
    reader.judge(&bench.gates(), &Question::default(), &|_| {}, &AtomicBool::new(false)).expect("nobody cancels")
}

fn measure(what: &str, root: &Path, grows: &Path) {
    let mut bench = Workbench::open(root).expect("a workspace");
    bench.load_all();
    let rounds = if what == "workspace" { 20 } else { 5 };
    let mut bytes = 0;
    let mut took = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        let gates = judge(&mut GateReader::default(), &bench);
        took.push(start.elapsed());
        bytes = black_box(gates).telemetry.read.bytes;
    }
    say(&format!("{what}: first judgement"), &mut took, &format!("{bytes} bytes read"));
    let mut reader = GateReader::default();
    drop(judge(&mut reader, &bench));
    let mut took = Vec::new();
    for _ in 0..20 {
        let start = Instant::now();
        let gates = judge(&mut reader, &bench);
        took.push(start.elapsed());
        bytes = black_box(gates).telemetry.read.bytes;
    }
    say(&format!("{what}: nothing changed"), &mut took, &format!("{bytes} bytes read"));
    let mut took = Vec::new();
    for n in 0..20 {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(grows).expect("the file");
        writeln!(file, "{{\"EventName\":\"SitePoll\",\"Timestamp\":\"2026-12-01T02:00:00Z\",\"DurationMs\":{n},\"QueueDelayMs\":1}}")
            .expect("a line");
        let start = Instant::now();
        let gates = judge(&mut reader, &bench);
        took.push(start.elapsed());
        bytes = black_box(gates).telemetry.read.bytes;
    }
    say(&format!("{what}: one line appended"), &mut took, &format!("{bytes} bytes read"));
}

fn say(what: &str, took: &mut [Duration], more: &str) {
    took.sort();
    println!(
        "{what:<38} median {:>9.3?}  min {:>9.3?}  max {:>9.3?}  {more}",
        took[took.len() / 2],
        took[0],
        took[took.len() - 1]
    );
}

/// Events of many names, a tenth of them of those that the demo's gates need.
fn generate(path: &Path) {
    let size = std::env::var("GATES_BENCH_MB").ok().and_then(|mb| mb.parse::<u64>().ok()).unwrap_or(200) << 20;
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::fs::File::create(path).expect("a file"));
    let mut written = 0u64;
    let mut n = 0u64;
    let filler = "\"Field\":12.5,\"Other\":\"text\",".repeat(24);
    while written < size {
        n += 1;
        let name = if n.is_multiple_of(10) { "SitePoll" } else { "CacheState" };
        let wait = (n * 7919) % 1000;
        let line = format!(
            "{{\"EventName\":\"{name}\",\"Timestamp\":\"2026-12-01T02:{:02}:{:02}.5-07:00\",\"Site\":\"S{}\",{filler}\"DurationMs\":{wait}.25,\"QueueDelayMs\":{}}}\r\n",
            n / 60 % 60,
            n % 60,
            n % 5,
            wait / 10
        );
        out.write_all(line.as_bytes()).expect("a line");
        written += line.len() as u64;
    }
    out.flush().expect("the file");
}
