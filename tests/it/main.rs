//! One integration binary: one module a subject.

mod agent;
#[cfg(target_os = "linux")]
mod books;
mod cellverbs;
mod cockpit;
mod confirm;
mod corpus;
#[cfg(target_os = "linux")]
mod crash;
mod docsync;
mod editing;
mod files;
mod finishing;
#[cfg(debug_assertions)]
mod frames;
mod gatepane;
mod gates;
mod guarding;
mod hostile;
mod hub;
mod init;
mod live;
mod lossless;
mod page;
#[cfg(target_os = "linux")]
mod power;
mod promptpane;
mod prompts;
mod runbook;
#[cfg(target_os = "linux")]
mod running;
mod sessionkeys;
mod sessions;
#[cfg(target_os = "linux")]
mod starved;
mod steps;
mod store;
mod tasks;
mod taskverbs;
#[cfg(target_os = "linux")]
mod taskwriters;
mod terminal;
mod ticks;
mod tidy;
mod toolbox;
#[cfg(target_os = "linux")]
mod trace;
mod track;
mod values;
mod verbs;
mod watching;
#[cfg(target_os = "linux")]
mod writers;
