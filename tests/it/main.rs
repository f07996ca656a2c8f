//! One integration binary: one module a subject.

#[cfg(target_os = "linux")]
mod books;
mod corpus;
#[cfg(target_os = "linux")]
mod crash;
mod lossless;
mod store;
mod ticks;
mod tidy;
#[cfg(target_os = "linux")]
mod trace;
mod verbs;
mod watching;
#[cfg(target_os = "linux")]
mod writers;
