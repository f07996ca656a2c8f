//! The one façade of both front ends: open, project, preview, commit, undo, doctor.

pub mod live;
pub mod request;
pub mod view;

pub use live::{Live, LogChange, LogUpdate, Order, Report};
pub use request::{Outcome, Request};
pub use view::View;
