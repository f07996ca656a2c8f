//! One integration binary: one module a subject.

mod cockpit;
mod corpus;
mod lossless;
mod ticks;
mod tidy;
mod verbs;
mod watching;
