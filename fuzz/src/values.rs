//! Properties that JSON and YAML share.

use codex_tui::doc::cell::{End, PathCell};
use codex_tui::doc::tree::NodeRef;
use codex_tui::doc::{Addition, Document, json};

use crate::{Input, addition_leaves_no_trace, read, set_changes_one_cell};

/// Sets one value, and adds an element or a key to one list or mapping. Returns the document.
pub fn set_and_add(name: &str, data: &[u8]) -> Option<Document> {
    let input = Input::of(data)?;
    let (document, cells) = read(name, input.document);
    let is_json = name.ends_with(".json");
    if let Some(at) = input.choose(cells.len()) {
        let value = if is_json { json::string_value(input.value) } else { input.value.into() };
        set_changes_one_cell(&document, &cells, at, &value);
    }
    let holders = holders(&document);
    if let Some(at) = input.choose(holders.len()) {
        let (address, is_list) = holders[at].clone();
        let text = if is_json { json::string_value(input.value).into_owned() } else { input.value.to_owned() };
        let end = if input.value.len().is_multiple_of(2) { End::Start } else { End::End };
        let addition = match is_list {
            true => Addition::Item { at: address, text, end },
            false => Addition::Entry { at: address, key: "brand new".to_owned(), text, after: None },
        };
        addition_leaves_no_trace(&document, &addition);
    }
    Some(document)
}

/// The lists and mappings of a document: their addresses, and whether each is a list.
fn holders(document: &Document) -> Vec<(PathCell, bool)> {
    let Some(tree) = document.tree() else { return Vec::new() };
    let mut found = Vec::new();
    let mut open: Vec<NodeRef<'_>> = tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        let shape = node.shape();
        if (shape.is_map() || shape.is_seq()) && found.len() < 100 {
            found.push((tree.address(node), shape.is_seq()));
            open.extend(node.children());
        }
    }
    found
}
