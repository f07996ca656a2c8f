//! CSV.
/// Index.
#[derive(Debug)]
pub struct Csv;
