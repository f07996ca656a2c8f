//! Which files are read, which of them anew, and by whom: two threads take pieces of files until none is left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::part::{self, Piece};
use super::{GateReader, Progress, Subject};
use crate::doc::{DocId, Rev};
use crate::model::gate::telemetry::{
    Content, EventFile, Fault, Needs, ReadCounts, Telemetry, TelemetryFile, read_artifact, read_roll_up, stamp_of_name,
};
use crate::model::gate::{GateList, Statistic};
use crate::store::stream::{FileState, Stream};
use crate::store::{Store, StoreError};
use crate::workspace::{Config, Pattern};

/// How many threads read.
const THREADS: usize = 2;

/// A file that is read as a whole is not larger than this.
const MAX_WHOLE: u64 = 32 << 20;

/// Bytes at both ends of what was read, by which it is known again.
const GUARD: u64 = 4096;

/// What is kept of a file between two readings.
pub(super) struct Held {
    state: FileState,
    /// Hash of the first bytes and of the last ones that were taken.
    guard: Rev,
    file: TelemetryFile,
    records: u64,
    skipped: u64,
}

/// What reading found to be new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    /// Files only grew, by records of these events.
    Events(BTreeSet<String>),
    /// Anything may be new.
    Anything,
}

/// A file that has to be read.
struct Job {
    id: DocId,
    stream: Option<Stream>,
    failed: Option<String>,
    /// What was read before, when the file only grew.
    grown: Option<EventFile>,
    is_events: bool,
    pieces: Vec<(u64, u64)>,
    done: Mutex<BTreeMap<usize, Done>>,
}

enum Done {
    Part(EventFile),
    Whole(Content, Vec<Fault>, Option<chrono::NaiveDateTime>),
    Failed(String),
}

/// Reads what changed since the last time.
pub(super) fn read(
    reader: &mut GateReader,
    subject: &Subject,
    source: Option<&str>,
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) -> (Telemetry, News) {
    let Subject { store, config, list, docs: _ } = subject;
    let wanted = wanted(store, config, list, source);
    let bytes = AtomicU64::new(0);
    let mut jobs = Vec::new();
    let mut unread = Vec::new();
    let mut keep: BTreeMap<DocId, Held> = BTreeMap::new();
    for (id, is_read) in wanted {
        if !is_read {
            unread.push(id);
            continue;
        }
        let held = reader.held.remove(&id);
        if let Some(held) = held {
            if store.state(&id) == Some(held.state) {
                keep.insert(id, held);
                continue;
            }
            jobs.extend(job(store, id, Some(held), &bytes));
        } else {
            jobs.extend(job(store, id, None, &bytes));
        }
    }
    let all = jobs.iter().flat_map(|job| &job.pieces).map(|(from, to)| to - from).sum();
    run(&jobs, &reader.needs, &bytes, all, progress, cancel);
    let files_read = jobs.len() as u64;
    if cancel.load(Ordering::Relaxed) {
        reader.held = keep;
        return (Telemetry::default(), News::Anything);
    }
    // Whatever was held and is gone now is news as well.
    let mut news = if reader.held.is_empty() { News::Events(BTreeSet::new()) } else { News::Anything };
    for job in jobs {
        let before = job.grown.as_ref().map(EventFile::extent);
        let (id, held) = finish(job, config, &bytes);
        news = news.and(before, &held, &reader.needs);
        keep.insert(id, held);
    }
    let mut counts = ReadCounts { bytes: bytes.into_inner(), files_read, ..ReadCounts::default() };
    let mut files: Vec<TelemetryFile> = Vec::new();
    for held in keep.values() {
        counts.files += 1;
        counts.records += held.records;
        counts.skipped += held.skipped;
        files.push(held.file.clone());
    }
    files.extend(unread.into_iter().map(|id| described(id, config, Content::Nothing, Vec::new(), None)));
    files.sort_by(|a, b| a.id.cmp(&b.id));
    reader.held = keep;
    (Telemetry { files, read: counts }, news)
}

impl News {
    /// With what came of one file that was read.
    fn and(self, before: Option<(Vec<usize>, bool)>, held: &Held, needs: &Needs) -> News {
        let (News::Events(mut events), Some((before, false)), Content::Events(now)) =
            (self, before, &*held.file.content)
        else {
            return News::Anything;
        };
        let (now, _) = now.extent();
        let grown = needs.events.iter().zip(before.iter().zip(&now)).filter(|(_, (before, now))| before != now);
        events.extend(grown.map(|(needs, _)| needs.event.clone()));
        News::Events(events)
    }
}

/// The files that clauses may be judged by, and whether their content matters.
fn wanted(store: &Store, config: &Config, list: &GateList, source: Option<&str>) -> BTreeMap<DocId, bool> {
    let sources = &config.gates;
    let bundles = list.clauses.iter().any(|clause| clause.per_bundle);
    let named: Vec<Pattern> = list
        .clauses
        .iter()
        .filter(|clause| !matches!(clause.statistic, Some(Statistic::Exists | Statistic::Age)))
        .flat_map(|clause| &clause.artifacts)
        .map(|text| Pattern::new(&if text.contains('/') { text.clone() } else { format!("**/{text}") }))
        .collect();
    let own = source.map(|source| {
        let source = source.trim_start_matches("./").trim_end_matches('/').replace('\\', "/");
        [Pattern::new(&source), Pattern::new(&format!("{source}/**"))]
    });
    let mut patterns: Vec<Pattern> = sources.events.iter().chain(&sources.artifacts).cloned().collect();
    if bundles {
        patterns.extend(sources.bundles.iter().cloned());
    }
    let bound: Vec<Pattern> =
        list.clauses.iter().filter_map(|clause| Some(Pattern::new(clause.source.as_ref()?))).collect();
    patterns.extend(bound.iter().cloned());
    patterns.extend(own.iter().flatten().cloned());
    let matches = |patterns: &[Pattern], id: &DocId| patterns.iter().any(|pattern| pattern.matches(id));
    let is_data = |id: &DocId| {
        let name = id.file_name().to_ascii_lowercase();
        [".json", ".ndjson", ".jsonl", ".csv", ".log", ".txt"].iter().any(|end| name.ends_with(end))
    };
    let scan = store.scan(&patterns);
    let mut wanted = BTreeMap::new();
    for id in scan.docs {
        let asked = own.as_ref().is_some_and(|own| matches(own, &id));
        if !is_data(&id) || (matches(&sources.ignore, &id) && !asked) {
            continue;
        }
        let is_roll_up = id.file_name().ends_with(".csv");
        let is_read = asked
            || is_roll_up
            || matches(&sources.events, &id)
            || matches(&named, &id)
            || matches(&sources.bundles, &id)
            || matches(&bound, &id);
        wanted.insert(id, is_read);
    }
    wanted
}

/// What has to be read of a file. None when it went away.
fn job(store: &Store, id: DocId, held: Option<Held>, bytes: &AtomicU64) -> Option<Job> {
    let failed = |id: DocId, error: &StoreError| Job {
        id,
        stream: None,
        failed: Some(error.to_string()),
        grown: None,
        is_events: false,
        pieces: Vec::new(),
        done: Mutex::default(),
    };
    let stream = match store.stream(&id) {
        Ok(Some(stream)) => stream,
        Ok(None) => return None,
        Err(error) => return Some(failed(id, &error)),
    };
    let len = stream.state().len;
    if let Some(held) = held
        && let Content::Events(events) = Arc::unwrap_or_clone(held.file.content)
        && len > held.state.len
        && events.taken <= len
        && guard(&stream, events.taken, bytes) == held.guard
    {
        let from = events.taken;
        let pieces = part::split(from, len);
        return Some(Job {
            id,
            stream: Some(stream),
            failed: None,
            grown: Some(events),
            is_events: true,
            pieces,
            done: Mutex::default(),
        });
    }
    let is_events = match part::is_event_file(&stream, &id, bytes) {
        Ok(is_events) => is_events,
        Err(error) => return Some(failed(id, &error)),
    };
    let pieces = if is_events { part::split(0, len) } else { vec![(0, len)] };
    Some(Job { id, stream: Some(stream), failed: None, grown: None, is_events, pieces, done: Mutex::default() })
}

/// Hash of the first bytes and of the last ones before `taken`.
fn guard(stream: &Stream, taken: u64, bytes: &AtomicU64) -> Rev {
    let mut both = vec![0; usize::try_from(2 * GUARD).unwrap_or(0)];
    let first = taken.min(GUARD) as usize;
    let read = stream.read_at(&mut both[..first], 0).unwrap_or(0);
    let from = taken.saturating_sub(GUARD);
    let second = (taken - from) as usize;
    let more = stream.read_at(&mut both[read..read + second], from).unwrap_or(0);
    bytes.fetch_add((read + more) as u64, Ordering::Relaxed);
    Rev::of(&both[..read + more])
}

/// Lets threads take pieces until none is left.
fn run(
    jobs: &[Job],
    needs: &Arc<Needs>,
    bytes: &AtomicU64,
    all: u64,
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) {
    let mut pieces: Vec<(usize, usize)> =
        jobs.iter().enumerate().flat_map(|(job, of)| (0..of.pieces.len()).map(move |piece| (job, piece))).collect();
    // The large ones first, so that no thread is left with one at the end.
    pieces.sort_by_key(|&(job, piece)| {
        let (from, to) = jobs[job].pieces[piece];
        std::cmp::Reverse(to - from)
    });
    let next = AtomicUsize::new(0);
    let work = || {
        let mut buffer = Vec::new();
        while let Some(&(job, piece)) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            if cancel.load(Ordering::Relaxed) {
                return;
            }
            let of = &jobs[job];
            let Some(stream) = &of.stream else { continue };
            let (from, to) = of.pieces[piece];
            let done = if of.is_events {
                let last = piece + 1 == of.pieces.len();
                let begins = from == 0 || (piece == 0 && of.grown.is_some());
                let cut = Piece { from, to, begins, last };
                match part::events(stream, cut, needs, &mut buffer, bytes, cancel) {
                    Ok(events) => Done::Part(events),
                    Err(error) => Done::Failed(error.to_string()),
                }
            } else {
                whole(stream, &of.id, needs, bytes)
            };
            of.done.lock().unwrap_or_else(PoisonError::into_inner).insert(piece, done);
            progress(Progress { done: bytes.load(Ordering::Relaxed), all });
        }
    };
    let threads = THREADS.min(pieces.len());
    if threads <= 1 || all < (1 << 20) {
        work();
        return;
    }
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Without a second thread the first one does it all.
            let _ = std::thread::Builder::new().name("telemetry".to_owned()).spawn_scoped(scope, work);
        }
        work();
    });
}

fn whole(stream: &Stream, id: &DocId, needs: &Arc<Needs>, bytes: &AtomicU64) -> Done {
    let len = stream.state().len;
    if len > MAX_WHOLE {
        return Done::Failed(format!("{len} bytes as one document; summaries over 32 MiB are not read"));
    }
    let mut text = vec![0; len as usize];
    match stream.read_at(&mut text, 0) {
        Ok(read) => {
            bytes.fetch_add(read as u64, Ordering::Relaxed);
            text.truncate(read);
        }
        Err(error) => return Done::Failed(error.to_string()),
    }
    if id.file_name().to_ascii_lowercase().ends_with(".csv") {
        let (content, faults) = read_roll_up(&text);
        return Done::Whole(content, faults, None);
    }
    let (content, faults, stamp) = read_artifact(&text, needs);
    Done::Whole(content, faults, stamp)
}

/// Puts the pieces of a file together.
fn finish(job: Job, config: &Config, bytes: &AtomicU64) -> (DocId, Held) {
    let state = job.stream.as_ref().map_or_else(FileState::default, Stream::state);
    let done = job.done.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut events = job.grown;
    let mut content = Content::Nothing;
    let mut faults = Vec::new();
    let mut stamp = None;
    let mut failed = job.failed;
    for part in done.into_values() {
        match part {
            Done::Part(part) => match &mut events {
                Some(events) => events.append(part),
                None => events = Some(part),
            },
            Done::Whole(whole, found, when) => (content, faults, stamp) = (whole, found, when),
            Done::Failed(why) => failed = Some(why),
        }
    }
    let (mut records, mut skipped) = (0, 0);
    if let Some(events) = events {
        (records, skipped) = (events.records, events.skipped);
        faults.extend(events.faults.iter().cloned());
        content = Content::Events(events);
    } else if let Content::Runs(runs) = &content {
        records = runs.records;
    } else if matches!(content, Content::Nothing) {
        skipped = 1;
    }
    if let Some(why) = failed {
        faults.push(Fault { line: 1, message: why, note: false });
        skipped += 1;
    }
    let taken = match &content {
        Content::Events(events) => events.taken,
        Content::Runs(_) | Content::Summary { .. } | Content::RollUp(_) | Content::Nothing => 0,
    };
    let guard = job.stream.as_ref().map_or(Rev::of(b""), |stream| guard(stream, taken, bytes));
    let file = described(job.id.clone(), config, content, faults, stamp);
    (job.id, Held { state, guard, file, records, skipped })
}

fn described(
    id: DocId,
    config: &Config,
    content: Content,
    faults: Vec<Fault>,
    stamp: Option<chrono::NaiveDateTime>,
) -> TelemetryFile {
    let named = stamp_of_name(id.stem());
    let bundle = config.gates.bundles.iter().find(|pattern| pattern.matches(&id)).and_then(|pattern| {
        let folder = pattern.folder();
        let inside = id.as_str().strip_prefix(&folder)?.trim_start_matches('/');
        let (bundle, _) = inside.split_once('/')?;
        Some(if folder.is_empty() { bundle.to_owned() } else { format!("{folder}/{bundle}") })
    });
    TelemetryFile {
        stamp: named.or(stamp),
        dated: named.is_some(),
        bundle,
        content: Arc::new(content),
        faults: Arc::new(faults),
        id,
    }
}
