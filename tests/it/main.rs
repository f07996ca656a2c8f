//! One integration binary: one module a subject.

mod agent;
#[cfg(target_os = "linux")]
mod books;
mod cellverbs;
mod cockpit;
mod config;
mod confirm;
mod corpus;
#[cfg(target_os = "linux")]
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
mod states;
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
