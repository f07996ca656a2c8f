//! One integration binary: one module a subject.

mod corpus;
mod lossless;
mod ticks;
mod tidy;
mod verbs;
mod watching;
