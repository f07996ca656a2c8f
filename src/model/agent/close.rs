//! Reads JSON that was cut: what is open at its end is closed, so that all that stands before can be read.

use serde_json::Value;

/// The value of a JSON text; of one that breaks off, what stands in it up to there.
pub(super) fn parse(text: &str) -> Option<Value> {
    // Nesting is limited by the parser: a text that is nested too deeply is none of ours.
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&closed(text)?).ok())
}

/// The text up to its last whole value, closed. None when it does not break off but is wrong in itself.
fn closed(text: &str) -> Option<String> {
    let mut open: Vec<u8> = Vec::new();
    // Behind the last place at which everything before it is whole, and what was open there.
    let mut whole: (usize, usize) = (0, 0);
    let mut string: Option<usize> = None;
    let mut is_key = false;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if string.is_some() {
            match byte {
                b'\\' => at += 1,
                b'"' => {
                    string = None;
                    if !is_key {
                        whole = (at + 1, open.len());
                    }
                }
                _ => {}
            }
            at += 1;
            continue;
        }
        match byte {
            b'"' => {
                let before = text[..at].trim_end().as_bytes().last().copied();
                is_key = open.last() == Some(&b'}') && before != Some(b':');
                string = Some(at);
            }
            b'{' | b'[' => {
                open.push(if byte == b'{' { b'}' } else { b']' });
                whole = (at + 1, open.len());
            }
            b'}' | b']' => {
                if open.pop() != Some(byte) {
                    return None;
                }
                whole = (at + 1, open.len());
            }
            // A number or word is whole only when something stands behind it.
            b',' => whole = (at, open.len()),
            _ => {}
        }
        at += 1;
    }
    let mut out = match string {
        // A value that breaks off is kept as far as it goes.
        Some(start) if !is_key => {
            let mut end = text.len();
            // An escape that breaks off goes, and with the second half of a pair the first.
            while end > start + 1 && serde_json::from_str::<String>(&format!("{}\"", &text[start..end])).is_err() {
                end = text[start + 1..end].rfind('\\').map(|found| start + 1 + found)?;
            }
            format!("{}\"", &text[..end])
        }
        Some(_) | None => {
            open.truncate(whole.1);
            text[..whole.0].to_owned()
        }
    };
    if open.is_empty() && string.is_none() {
        return None;
    }
    out.extend(open.iter().rev().map(|&byte| char::from(byte)));
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, want: &str) {
        assert_eq!(parse(text).map(|value| value.to_string()).as_deref(), Some(want), "{text}");
    }

    #[test]
    fn what_stands_before_the_cut_is_read() {
        check(r#"{"a":1,"b":{"c":"xy"#, r#"{"a":1,"b":{"c":"xy"}}"#);
        check(r#"{"a":1,"b":["#, r#"{"a":1,"b":[]}"#);
        check(r#"{"a":[1,2,3"#, r#"{"a":[1,2]}"#);
        check(r#"{"a":"x","nam"#, r#"{"a":"x"}"#);
        check(r#"{"a":"x","name""#, r#"{"a":"x"}"#);
        check(r#"{"a":"x","name":"#, r#"{"a":"x"}"#);
        check(r#"{"a":"x","name":tru"#, r#"{"a":"x"}"#);
        check(r#"{"a":"x\"#, r#"{"a":"x"}"#);
        check(r#"{"a":"x\u00"#, r#"{"a":"x"}"#);
        check(r#"{"a":"x\\"#, r#"{"a":"x\\"}"#);
        check(r#"{"a":"x\ud83d\ude0"#, r#"{"a":"x"}"#);
        check("{", "{}");
        check(r#"{"a":{"b":"c"}"#, r#"{"a":{"b":"c"}}"#);
    }

    #[test]
    fn what_is_wrong_in_itself_is_nothing() {
        for text in ["", "hello", "{]", "{}}", "}", &"[".repeat(100_000)] {
            assert_eq!(parse(text), None, "{}", &text[..text.len().min(20)]);
        }
    }

    proptest! {
        #[test]
        fn every_cut_of_an_object_reads(texts in proptest::collection::vec(".{0,8}", 0..5), cut in 1usize..200) {
            let whole = serde_json::json!({"timestamp": "t", "payload": {"list": texts, "n": 12, "deep": [[{"x": null}]]}}).to_string();
            let mut cut = cut.min(whole.len());
            while !whole.is_char_boundary(cut) {
                cut -= 1;
            }
            if cut > 0 {
                prop_assert!(parse(&whole[..cut]).is_some(), "{}", &whole[..cut]);
            }
        }

        #[test]
        fn anything_is_survived(text in r#"[\[\]{}",:\\u0-9a-z \n]{0,60}"#) {
            parse(&text);
        }
    }
}
