//! One integration binary: one module a subject. What only Linux promises is not tested with `--cfg codex_tui_portable`.

mod agent;
#[cfg(all(target_os = "linux", not(codex_tui_portable)))]
mod books;
mod bounded;
mod cellverbs;
mod cockpit;
mod config;
mod confirm;
mod corpus;
#[cfg(all(target_os = "linux", not(codex_tui_portable)))]
mod crash;
mod docsync;
mod editing;
mod files;
mod finishing;
mod folder;
#[cfg(debug_assertions)]
mod frames;
mod gatepane;
mod gates;
mod given;
mod glance;
mod guarding;
mod hostile;
mod hub;
mod init;
mod live;
mod lossless;
mod manual;
mod page;
#[cfg(unix)]
mod pages;
mod pictures;
#[cfg(all(target_os = "linux", not(codex_tui_portable)))]
mod power;
mod promptpane;
mod prompts;
mod runbook;
#[cfg(all(target_os = "linux", not(codex_tui_portable)))]
mod running;
mod sessionkeys;
mod sessions;
#[cfg(all(target_os = "linux", not(codex_tui_portable)))]
mod starved;
mod states;
mod steps;
mod store;
mod tasks;
mod taskverbs;
#[cfg(all(target_os = "linux", not(codex_tui_portable)))]
mod taskwriters;
mod terminal;
mod ticks;
mod tidy;
mod toolbox;
#[cfg(all(target_os = "linux", not(codex_tui_portable)))]
mod trace;
mod track;
mod values;
mod verbs;
mod watching;
#[cfg(all(target_os = "linux", not(codex_tui_portable)))]
mod writers;
