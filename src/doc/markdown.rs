//! Markdown.
/// Index.
#[derive(Debug)]
pub struct Markdown;
