//! Gates for other programs' reports: annotations of GitHub workflows and JUnit.

use std::fmt::Write;

use crate::model::gate::GateSeverity;
use crate::model::gate::evaluate::{Judged, Verdict};
use crate::workbench::gates::Gates;

/// What a verdict is to a report.
enum Weight {
    Error,
    Warning,
    Notice,
    Fine,
}

fn weight(one: &Judged) -> Weight {
    match one.verdict {
        Verdict::Pass => Weight::Fine,
        Verdict::Manual => Weight::Notice,
        Verdict::Warn => Weight::Warning,
        Verdict::Fail | Verdict::Unreadable | Verdict::Missing | Verdict::Insufficient | Verdict::Stale => {
            if one.clause.severity == GateSeverity::Blocking { Weight::Error } else { Weight::Warning }
        }
    }
}

/// One annotation for each clause that is not passed.
pub fn github(gates: &Gates) -> String {
    let file = gates.list.doc.as_ref().map_or("", |doc| doc.as_str());
    let mut text = String::new();
    for one in &gates.judged {
        let word = match weight(one) {
            Weight::Error => "error",
            Weight::Warning => "warning",
            Weight::Notice => "notice",
            Weight::Fine => continue,
        };
        let title = property(&format!("{} {}", one.clause.id, one.verdict.name()));
        let message = format!("{} — {}", one.clause.quote.split_whitespace().collect::<Vec<_>>().join(" "), one.reason);
        let message = message.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "::{word} file={},line={},title={title}::{message}", property(file), one.clause.line);
    }
    text.trim_end().to_owned()
}

fn property(text: &str) -> String {
    let escapes = [("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")];
    escapes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A test case for each clause; what waits for a person is skipped.
pub fn junit(gates: &Gates) -> String {
    let count = |of: fn(&Weight) -> bool| gates.judged.iter().filter(|one| of(&weight(one))).count();
    let failures = count(|weight| matches!(weight, Weight::Error));
    let skipped = count(|weight| matches!(weight, Weight::Notice | Weight::Warning));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        text,
        "<testsuite name=\"gates\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\">",
        gates.judged.len()
    );
    for one in &gates.judged {
        let plan = one.clause.plan.as_ref().map_or_else(|| "gates".to_owned(), |plan| format!("Plan {plan}"));
        let name = format!("{} {}", one.clause.id, one.clause.quote.split_whitespace().collect::<Vec<_>>().join(" "));
        let _ = write!(text, "  <testcase classname=\"{}\" name=\"{}\"", xml(&plan), xml(&name));
        let message = xml(&format!("{}: {}", one.verdict.name(), one.reason));
        let _ = match weight(one) {
            Weight::Fine => writeln!(text, "/>"),
            Weight::Error => writeln!(text, "><failure message=\"{message}\"/></testcase>"),
            Weight::Warning | Weight::Notice => writeln!(text, "><skipped message=\"{message}\"/></testcase>"),
        };
    }
    text.push_str("</testsuite>");
    text
}

fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
