//! The workflows of the pipeline against a server on loopback that has state and fails on demand: what telemetry claims equals
//! what the server's own log says was done.

mod board;
#[cfg(all(target_os = "linux", not(codex_tui_portable)))]
mod cockpit;
mod edges;
mod faults;
mod http;
mod large;
mod pipeline;
mod server;
mod world;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use server::Server;
use world::TOKEN;

/// The verb's command, with nothing of the environment that the pipeline would read.
fn command(server: &Server, out: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codex-tui"));
    for (name, _) in std::env::vars() {
        if ["GITHUB_", "CODEX_", "GH_"].iter().any(|start| name.starts_with(start)) {
            command.env_remove(name);
        }
    }
    command
        .arg("--root")
        .arg(out)
        .arg("track")
        .args(args)
        .arg("--out")
        .arg(out)
        .args(if args == ["status"] { &[][..] } else { &["--write-interval-ms", "0"] })
        .env("GH_CI_PAT", TOKEN)
        .env("GITHUB_API_URL", &server.address);
    command
}

/// Runs a verb; its exit code and everything that it printed.
fn track(server: &Server, out: &Path, args: &[&str]) -> (i32, String) {
    let output: Output = command(server, out, args).output().expect("the binary runs");
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code().expect("an exit code"), String::from_utf8_lossy(&said).into_owned())
}

/// A record of a run.
fn record(out: &Path, name: &str) -> Value {
    let path = out.join("telemetry").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a sync record claims, in the words of the server's log.
fn claims(sync: &Value) -> Vec<String> {
    let mut claims = Vec::new();
    for detail in sync["details"].as_array().expect("details") {
        let number = detail["number"].as_u64().expect("a number");
        for change in detail["changes"].as_array().expect("changes").iter().filter_map(Value::as_str) {
            claims.push(match change {
                "add_codex_label" => format!("{number} +codex"),
                "milestone" => format!("{number} milestone"),
                "project" => format!("{number} card"),
                other => match other.strip_prefix("remove:") {
                    Some(label) => format!("{number} -{label}"),
                    None => format!("{number} +{other}"),
                },
            });
        }
    }
    claims.sort();
    claims
}

/// What the server did for sync, in the same words.
fn repairs(effects: &[String]) -> Vec<String> {
    let of_sync = |effect: &&String| !["created", "closed", "label "].iter().any(|word| effect.contains(word));
    let mut done: Vec<String> = effects
        .iter()
        .filter(of_sync)
        .map(|effect| match effect.split_once(" milestone ") {
            Some((number, _)) => format!("{number} milestone"),
            None => effect.clone(),
        })
        .collect();
    done.sort();
    done
}

/// Counts by change, as `corrections` should say.
fn counted(claims: &[String]) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for claim in claims {
        let key = match claim.split_once(' ').expect("a claim").1 {
            "+codex" => "codex_label",
            "+codex-trackmain" => "track_main",
            "+codex-trackdashboard" => "track_dashboard",
            "milestone" => "milestone",
            "card" => "project_adjustments",
            _ => "track_removed",
        };
        *counts.entry(key).or_insert(0) += 1;
    }
    counts
}
