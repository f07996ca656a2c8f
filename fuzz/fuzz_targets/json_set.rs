//! JSON: what is editable is what another reader accepts, an edit changes one value, an addition goes without a trace.

#![no_main]

use codex_tui_fuzz::Input;
use codex_tui_fuzz::values::set_and_add;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(document) = set_and_add("a.json", data) else { return };
    let Some(input) = Input::of(data) else { return };
    let Ok(text) = std::str::from_utf8(input.document) else {
        assert!(document.locked().is_some(), "what is no text is not edited");
        return;
    };
    let theirs = serde_json::from_str::<serde::de::IgnoredAny>(text.strip_prefix('\u{feff}').unwrap_or(text));
    // Limits are the one difference: depth, and the number of values.
    let limited = document.problems().iter().any(|problem| problem.rule.starts_with("too-"));
    let deep = theirs.as_ref().is_err_and(|error| error.to_string().contains("recursion limit"));
    assert!(limited || deep || document.locked().is_none() == theirs.is_ok(), "{:?} {theirs:?}", document.locked());
});
