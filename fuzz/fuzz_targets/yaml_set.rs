//! YAML: an edit changes one value, an element or key that is added goes without a trace.

#![no_main]

use codex_tui_fuzz::values::set_and_add;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    set_and_add("a.yaml", data);
});
