//! One integration binary: one module a subject.

mod cockpit;
mod corpus;
mod live;
mod lossless;
mod terminal;
mod ticks;
mod tidy;
mod verbs;
mod watching;
