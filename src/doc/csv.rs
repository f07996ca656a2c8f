//! Index of one CSV file: where each record and field is, decoded on demand (edit-rules §4).
//!
//! Four bytes a field and twelve a record: a board of 76 MB costs about 4 MB. The index can be built in steps
//! ([`Csv::parse_prefix`], [`Csv::index_more`]), so that the first screen need not wait for the last record.

mod damage;
mod edit;
mod field;
mod row;
mod scan;

use std::borrow::Cow;
use std::sync::Arc;

use super::{Problem, Span, line};

pub(crate) use edit::Place;
pub use field::Malformed;
use field::{Style, decode, encode};
pub(crate) use row::create;

/// The index of a CSV document. All spans are byte spans in the file, a byte-order mark included.
#[derive(Debug, Clone)]
pub struct Csv {
    bytes: Arc<Vec<u8>>,
    /// Starts of all fields of all records. A field ends one byte (the comma) before the next one of its record.
    fields: Vec<u32>,
    /// The header first, then the data records; empty lines are not here.
    marks: Vec<Mark>,
    /// Malformed fields by index in `fields`, ascending.
    malformed: Vec<(u32, Malformed)>,
    /// Where indexing goes on: a line start, or the end of the file.
    at: usize,
    /// The 1-based line at `at`.
    line: u32,
}

/// One record.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// Index of its first field in `fields`.
    field: u32,
    /// End of its last field: where the terminator starts.
    end: u32,
    /// 1-based line on which it starts.
    line: u32,
}

/// A record of a [`Csv`].
#[derive(Debug, Clone, Copy)]
pub struct RecordRef<'a> {
    csv: &'a Csv,
    /// Index in `marks`.
    mark: usize,
}

impl Csv {
    /// The largest document that is indexed: offsets take four bytes.
    pub const MAX_BYTES: usize = u32::MAX as usize;

    /// Indexes `bytes`; never fails. Bytes beyond [`Csv::MAX_BYTES`] are not indexed.
    pub fn parse(bytes: Arc<Vec<u8>>) -> Csv {
        Csv::parse_prefix(bytes, usize::MAX)
    }

    /// Indexes the header and the first `max_records` data records.
    pub fn parse_prefix(bytes: Arc<Vec<u8>>, max_records: usize) -> Csv {
        let at = line::text_start(&bytes);
        let mut csv = Csv { bytes, fields: Vec::new(), marks: Vec::new(), malformed: Vec::new(), at, line: 1 };
        csv.index_more(max_records.saturating_add(1));
        csv
    }

    /// Indexes up to `records` further records; returns whether the whole file is indexed now.
    fn index_more(&mut self, records: usize) -> bool {
        scan::scan(self, records);
        self.is_complete()
    }

    /// Whether the whole file is indexed.
    pub fn is_complete(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The column names, decoded; none for an empty file.
    pub fn header(&self) -> Vec<Cow<'_, str>> {
        let Some(header) = self.header_record() else { return Vec::new() };
        (0..header.len()).map(|column| header.field(column).unwrap_or_default()).collect()
    }

    /// The header as a record.
    pub fn header_record(&self) -> Option<RecordRef<'_>> {
        (!self.marks.is_empty()).then_some(RecordRef { csv: self, mark: 0 })
    }

    /// The first column with this name.
    pub fn column(&self, name: &str) -> Option<usize> {
        let header = self.header_record()?;
        (0..header.len()).find(|column| header.is(*column, name))
    }

    /// How many data records are indexed: without header and empty lines.
    pub fn records(&self) -> usize {
        self.marks.len().saturating_sub(1)
    }

    /// The data record with this 0-based index.
    ///
    /// # Panics
    /// When there is no such record.
    pub fn record(&self, index: usize) -> RecordRef<'_> {
        assert!(index < self.records(), "record {index} of {}", self.records());
        RecordRef { csv: self, mark: index + 1 }
    }

    /// All data records.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = RecordRef<'_>> + DoubleEndedIterator {
        (0..self.records()).map(|index| self.record(index))
    }

    /// Index of the data record that holds `offset` or is the last before it.
    pub fn record_at(&self, offset: usize) -> Option<usize> {
        self.marks.partition_point(|mark| self.fields[mark.field as usize] as usize <= offset).checked_sub(2)
    }

    /// Whether `offset` lies inside no record: where one begins or ends, or between them.
    pub(crate) fn is_between(&self, offset: usize) -> bool {
        let start = |mark: &Mark| self.fields[mark.field as usize] as usize;
        let last = self.marks.partition_point(|mark| start(mark) < offset).checked_sub(1);
        last.is_none_or(|last| self.marks[last].end as usize <= offset)
    }

    /// The bytes of a span.
    pub fn raw(&self, span: &Span) -> &[u8] {
        &self.bytes[span.clone()]
    }

    /// What is damaged or suspicious.
    pub fn problems(&self) -> Vec<Problem> {
        damage::problems(self)
    }

    /// Heap bytes of the index, without the document itself.
    pub fn index_bytes(&self) -> usize {
        self.fields.capacity() * size_of::<u32>()
            + self.marks.capacity() * size_of::<Mark>()
            + self.malformed.capacity() * size_of::<(u32, Malformed)>()
    }
}

impl<'a> RecordRef<'a> {
    /// 1-based line on which the record starts (physical lines, also those inside quotes, are counted).
    pub fn line(&self) -> usize {
        self.csv.marks[self.mark].line as usize
    }

    /// How many fields it has.
    pub fn len(&self) -> usize {
        self.fields().len()
    }

    /// Never: a record has at least one field.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of the record without its terminator.
    pub fn span(&self) -> Span {
        let mark = self.csv.marks[self.mark];
        self.csv.fields[mark.field as usize] as usize..mark.end as usize
    }

    /// The bytes of a field with its quotes; `None` when the record is too short.
    pub fn field_span(&self, column: usize) -> Option<Span> {
        let fields = self.fields();
        let start = *fields.get(column)? as usize;
        let end = fields.get(column + 1).map_or(self.csv.marks[self.mark].end as usize, |next| *next as usize - 1);
        Some(start..end)
    }

    /// A field as it stands in the file, with its quotes.
    pub fn raw(&self, column: usize) -> Option<&'a [u8]> {
        Some(&self.csv.bytes[self.field_span(column)?])
    }

    /// The decoded value of a field. Of a malformed one, what other readers make of it.
    pub fn field(&self, column: usize) -> Option<Cow<'a, str>> {
        self.raw(column).map(decode)
    }

    /// Whether a field's decoded value is `value`.
    pub fn is(&self, column: usize, value: &str) -> bool {
        match self.raw(column) {
            None => false,
            Some(raw) if raw.first() != Some(&b'"') => raw == value.as_bytes(),
            // Quotes only make a field longer, so most of them need no decoding.
            Some(raw) => raw.len() > value.len() && decode(raw) == value,
        }
    }

    /// What is wrong with a field, if anything.
    pub fn malformed(&self, column: usize) -> Option<Malformed> {
        let index = self.csv.marks[self.mark].field + u32::try_from(column).ok()?;
        let at = self.csv.malformed.binary_search_by_key(&index, |(field, _)| *field).ok()?;
        (column < self.len()).then(|| self.csv.malformed[at].1)
    }

    /// Whether something is wrong with any of its fields.
    pub fn is_malformed(&self) -> bool {
        let first = self.csv.marks[self.mark].field;
        let at = self.csv.malformed.partition_point(|(field, _)| *field < first);
        self.csv.malformed.get(at).is_some_and(|(field, _)| ((*field - first) as usize) < self.len())
    }

    /// 1-based line on which a field starts.
    pub fn field_line(&self, column: usize) -> Option<usize> {
        let start = self.field_span(column)?.start;
        Some(self.line() + line::breaks(&self.csv.bytes[self.span().start..start]))
    }

    /// The terminator behind the record; empty at the end of a file without final newline.
    pub fn terminator(&self) -> &'a [u8] {
        let end = self.span().end;
        line::Line::at(&self.csv.bytes, end).terminator(&self.csv.bytes)
    }

    /// Starts of the fields, counted from the record's start.
    pub(crate) fn offsets(&self) -> impl Iterator<Item = u32> + 'a {
        let fields = self.fields();
        fields.iter().map(|start| start - fields[0])
    }

    fn fields(&self) -> &'a [u32] {
        let first = self.csv.marks[self.mark].field as usize;
        let end = self.csv.marks.get(self.mark + 1).map_or(self.csv.fields.len(), |next| next.field as usize);
        &self.csv.fields[first..end]
    }
}

/// A value as a field: in quotes, or only where it needs them.
pub fn encode_field(value: &str, quoted: bool) -> String {
    let style = if quoted { Style::Quoted } else { Style::Bare };
    String::from_utf8_lossy(&encode(value, style)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let csv = Csv::parse(Arc::new(text.as_bytes().to_vec()));
        csv.iter().map(|r| (0..r.len()).map(|c| r.field(c).unwrap().into_owned()).collect()).collect()
    }

    fn lines(text: &str) -> Vec<usize> {
        Csv::parse(Arc::new(text.as_bytes().to_vec())).iter().map(|r| r.line()).collect()
    }

    #[test]
    fn records_fields_and_line_ends() {
        assert_eq!(rows("h,i\r\na,\"b,\"\"c\"\"\"\n\"d\r\ne\",f\rg,"), [["a", "b,\"c\""], ["d\r\ne", "f"], ["g", ""]]);
        assert_eq!(lines("h,i\r\na,\"b,\"\"c\"\"\"\n\"d\r\ne\",f\rg,"), [2, 3, 5]);
    }

    #[test]
    fn the_mark_is_not_part_of_the_header() {
        let csv = Csv::parse(Arc::new("\u{feff}\"ID\",x\n1,2\n".as_bytes().to_vec()));
        assert_eq!(csv.header(), ["ID", "x"]);
        assert_eq!(csv.column("x"), Some(1));
        assert_eq!(csv.column("X"), None);
    }

    #[test]
    fn empty_lines_are_no_rows() {
        assert_eq!(rows("\n\nh\n\na\r\n\r\n \n\n\n"), [["a"], [" "]]);
        assert_eq!(lines("\n\nh\n\na\r\n\r\n \n\n\n"), [5, 7]);
        assert_eq!(rows(""), Vec::<Vec<String>>::new());
    }

    #[test]
    fn malformed_fields_are_flagged_and_read_as_others_read_them() {
        let text = "h,i,j\n\"a\"b\"c,d,\"e\"\nf,\"g\nh";
        let csv = Csv::parse(Arc::new(text.as_bytes().to_vec()));
        assert_eq!(rows(text), [vec!["ab\"c", "d", "e"], vec!["f", "g\nh"]]);
        assert_eq!(csv.record(0).malformed(0), Some(Malformed::TextAfterQuote));
        assert_eq!(csv.record(0).malformed(1), None);
        assert_eq!(csv.record(1).malformed(1), Some(Malformed::Unclosed));
    }

    #[test]
    fn a_prefix_can_be_continued() {
        let text = "h,i\na,b\n\"c\nd\",e\nf,g\n\n";
        let bytes = Arc::new(text.as_bytes().to_vec());
        let whole = Csv::parse(bytes.clone());
        let mut part = Csv::parse_prefix(bytes, 1);
        assert_eq!((part.records(), part.is_complete()), (1, false));
        assert!(!part.index_more(1));
        assert_eq!(part.record(1).line(), 3);
        assert!(part.index_more(5));
        assert_eq!(part.fields, whole.fields);
        assert_eq!(part.record(2).line(), 5);
    }
}
