//! The edge to the terminal: nothing that a terminal obeys or hides gets through, what is plain stays as it is, JSON means the same.

#![no_main]

use codex_tui::sanitise;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let line = sanitise::line(&text);
    assert!(line.chars().all(sanitise::is_plain));
    assert_eq!(sanitise::line(&line), line, "what was shown once is shown alike");
    let lines = sanitise::lines(&text);
    assert!(lines.chars().all(|c| c == '\n' || sanitise::is_plain(c)));
    assert_eq!(lines.matches('\n').count(), text.matches('\n').count());
    let value = serde_json::Value::String(text.into_owned());
    let json = value.to_string();
    let shown = sanitise::json(&json);
    assert!(shown.chars().all(sanitise::is_plain));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).ok(), Some(value));
});
