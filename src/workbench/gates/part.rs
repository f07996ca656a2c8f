//! One piece of an event file: from the first line that begins in it to the end of the last one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::doc::DocId;
use crate::model::gate::telemetry::{EventFile, MAX_LINE, Needs, stamp_of_name};
use crate::store::StoreError;
use crate::store::stream::Stream;

/// How much of a large file is one piece.
const PIECE: u64 = 8 << 20;

/// How much is read at once.
const CHUNK: usize = 512 << 10;

/// How much of a file is looked at to tell what it is.
const HEAD: usize = 16 << 10;

/// A piece of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// First byte.
    pub from: u64,
    /// Byte behind the last one.
    pub to: u64,
    /// Whether a line begins at `from` for sure.
    pub begins: bool,
    /// Whether the file ends with this piece.
    pub last: bool,
}

/// Cuts a range into pieces.
pub(super) fn split(from: u64, to: u64) -> Vec<(u64, u64)> {
    let mut pieces = Vec::new();
    let mut at = from;
    while to - at > PIECE + PIECE / 2 {
        pieces.push((at, at + PIECE));
        at += PIECE;
    }
    pieces.push((at, to));
    pieces
}

/// Reads the lines that begin in a piece; the last one may end behind it.
pub(super) fn events(
    stream: &Stream,
    piece: Piece,
    needs: &Arc<Needs>,
    buffer: &mut Vec<u8>,
    bytes: &AtomicU64,
    cancel: &AtomicBool,
) -> Result<EventFile, StoreError> {
    let mut file = EventFile::new(Arc::clone(needs));
    let end = stream.state().len;
    // The line break in front of the piece belongs to the line before.
    let mut at = if piece.begins { piece.from } else { piece.from.saturating_sub(1) };
    let mut skip_first = !piece.begins;
    // Bytes of a line that is too long and was passed over so far.
    let mut overlong = 0u64;
    let mut carry = 0usize;
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Ok(file);
        }
        let past = at >= piece.to;
        // Behind the piece only the rest of one line is wanted.
        let want = CHUNK.min(usize::try_from(end.saturating_sub(at)).unwrap_or(CHUNK));
        let want = if past { want.min(64 << 10) } else { want.min(usize::try_from(piece.to - at).unwrap_or(CHUNK)) };
        if buffer.len() < carry + want {
            buffer.resize(carry + want, 0);
        }
        let read = stream.read_at(&mut buffer[carry..carry + want], at)?;
        bytes.fetch_add(read as u64, Ordering::Relaxed);
        if read == 0 {
            break;
        }
        let mut filled = carry + read;
        at += read as u64;
        carry = 0;
        if skip_first {
            match memchr::memchr(b'\n', &buffer[..filled]) {
                Some(line) => {
                    buffer.copy_within(line + 1..filled, 0);
                    filled -= line + 1;
                    skip_first = false;
                }
                None if at >= piece.to => return Ok(file),
                None => continue,
            }
        }
        if overlong > 0 {
            match memchr::memchr(b'\n', &buffer[..filled]) {
                Some(line) => {
                    file.pass_over(overlong + line as u64 + 1);
                    buffer.copy_within(line + 1..filled, 0);
                    filled -= line + 1;
                    overlong = 0;
                    if past {
                        return Ok(file);
                    }
                }
                None => {
                    overlong += filled as u64;
                    continue;
                }
            }
        }
        if past {
            // Only the line that was begun in the piece is finished here.
            match memchr::memchr(b'\n', &buffer[..filled]) {
                Some(line) => {
                    file.feed(&buffer[..=line]);
                    return Ok(file);
                }
                None => carry = filled,
            }
        } else {
            let taken = file.feed(&buffer[..filled]);
            buffer.copy_within(taken..filled, 0);
            carry = filled - taken;
            if at >= piece.to && carry == 0 {
                return Ok(file);
            }
        }
        if carry > MAX_LINE {
            overlong = carry as u64;
            carry = 0;
        }
    }
    if piece.last || at >= end {
        file.rest(&buffer[..carry]);
    }
    Ok(file)
}

/// Whether a file holds one event a line: by its first bytes, and where they do not tell by its name.
pub(super) fn is_event_file(stream: &Stream, id: &DocId, bytes: &AtomicU64) -> Result<bool, StoreError> {
    let name = id.file_name().to_ascii_lowercase();
    if name.ends_with(".csv") {
        return Ok(false);
    }
    let mut head = vec![0; HEAD];
    let read = stream.read_at(&mut head, 0)?;
    bytes.fetch_add(read as u64, Ordering::Relaxed);
    let head = &head[..read];
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let is_named = [".ndjson", ".jsonl"].iter().any(|end| name.ends_with(end))
        || stamp_of_name(id.stem()).is_some() && id.stem().chars().all(|c| c.is_ascii_digit() || c == '-');
    let line = text.split(|b| *b == b'\n').next().unwrap_or(text).trim_ascii();
    Ok(match text.first() {
        None => false,
        Some(b'[') => false,
        Some(b'{') if line.starts_with(b"{\"EventName\"") || line.starts_with(b"{\"\"") => true,
        Some(b'{') if line.ends_with(b"}") => {
            // One object on one line: an event, or a summary without line breaks.
            memchr::memmem::find(line, b"\"EventName\"").is_some() || text.len() > line.len() + 2
        }
        Some(b'{') => is_named && line.len() > 1,
        Some(_) => is_named,
    })
}
