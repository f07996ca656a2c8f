//! One integration binary: one module a subject.

mod corpus;
mod ticks;
mod tidy;
mod verbs;
