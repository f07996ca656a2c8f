//! When two texts say the same: titles without their markup, owners without the signs between them.

use std::collections::BTreeSet;

use super::field::lines;

/// A text without markup, in lower case, with single blanks.
pub fn plain(text: &str) -> String {
    let text = lines(text);
    let mut bare = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['*', '`', '~', '_', '[', ']']) {
        bare.push_str(&rest[..at]);
        // The target of a link is no part of what people read.
        let target = rest[at..].strip_prefix("](").and_then(|target| target.split_once(')'));
        rest = match target {
            Some((_, behind)) => behind,
            None => &rest[at + 1..],
        };
    }
    bare.push_str(rest);
    let words: Vec<String> = bare.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// The people or groups that an owner cell names, whatever stands between them.
pub fn people(owner: &str) -> BTreeSet<String> {
    let owner = plain(owner).replace(" and ", "/");
    let named = owner.split(['/', '+', ',', ';', '&', '\n']).map(|name| name.trim().to_owned());
    named.filter(|name| !name.is_empty()).collect()
}
