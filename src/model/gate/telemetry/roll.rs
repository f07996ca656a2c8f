//! Roll-up tables: one row a day, scope and metric, with count, average and percentiles.

use super::artifact::{Content, Stated};
use super::{Fault, MAX_PROBLEMS};

/// Reads a roll-up CSV. With a count of 0 the averages are 0 and mean nothing: such rows are no data.
pub fn read_roll_up(bytes: &[u8]) -> (Content, Vec<Fault>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
        Err(_) => Vec::new(),
    };
    let column = |name: &str| header.iter().position(|own| own.eq_ignore_ascii_case(name));
    let (Some(date), Some(metric), Some(count)) = (column("Date"), column("Metric"), column("Count")) else {
        let message = "no roll-up: it has no columns Date, Metric and Count; it is left out".to_owned();
        return (Content::Nothing, vec![Fault { line: 1, message, note: true }]);
    };
    let scope = column("Scope");
    let statistics: Vec<(usize, &str)> = ["Average", "P50", "P95", "P99", "Min", "Max", "Total"]
        .iter()
        .filter_map(|name| Some((column(name)?, *name)))
        .collect();
    let (mut stated, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line) as u32;
                if faults.len() < MAX_PROBLEMS {
                    faults.push(Fault { line, message: format!("the row cannot be read: {error}"), note: false });
                }
                continue;
            }
        };
        let line = record.position().map_or(1, csv::Position::line) as u32;
        let number =
            |at: usize| record.get(at).and_then(|cell| cell.trim().parse::<f64>().ok()).filter(|n| n.is_finite());
        let all = scope.and_then(|at| record.get(at)).is_none_or(|scope| scope.eq_ignore_ascii_case("all"));
        let day = record.get(date).and_then(super::stamp_of_name).map(|stamp| stamp.date());
        let (Some(name), Some(samples), Some(day), true) = (record.get(metric), number(count), day, all) else {
            continue;
        };
        if samples <= 0.0 {
            continue;
        }
        stated.push(Stated { path: format!("{name}.Count"), value: samples, line, day: Some(day) });
        for (at, statistic) in &statistics {
            if let Some(value) = number(*at) {
                stated.push(Stated { path: format!("{name}.{statistic}"), value, line, day: Some(day) });
            }
        }
    }
    (Content::RollUp(stated), faults)
}
