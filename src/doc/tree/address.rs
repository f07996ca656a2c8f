//! Finding values by address, and the addresses of all of them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{NodeRef, Notation, Shape, Tree};
use crate::doc::candidates::{nearest, shorten};
use crate::doc::cell::{CellId, Element, ID_KEYS, PathCell, Step};
use crate::doc::{FindError, Found};

/// For each element of a sequence that has an id: which of [`ID_KEYS`] names it, and its number among those of that value.
type Named = HashMap<usize, (usize, usize)>;

impl Tree {
    /// Finds a value.
    pub(crate) fn locate(&self, path: &PathCell) -> Result<NodeRef<'_>, FindError> {
        let Some(mut node) = self.root() else { return Err(no_match("the document is empty".to_owned())) };
        let steps: Cow<'_, [Step]> = match path {
            PathCell::Steps(steps) => Cow::Borrowed(steps),
            PathCell::Pointer(pointer) => Cow::Owned(steps_of(pointer)?),
        };
        for step in steps.iter() {
            node = match step {
                Step::Key(key) if node.shape().is_seq() && matches!(path, PathCell::Pointer(_)) => {
                    let index = key.parse().ok().filter(|_| *key == "0" || !key.starts_with(['0', '+']));
                    self.nth(node, index, key)?
                }
                Step::Key(key) => self.behind(node, key)?,
                Step::Index(index) if node.shape().is_map() => self.behind(node, &index.to_string())?,
                Step::Index(index) => self.nth(node, Some(*index), &index.to_string())?,
                Step::Element(element) => self.element(node, element)?,
            };
        }
        Ok(node)
    }

    fn behind<'t>(&'t self, node: NodeRef<'t>, key: &str) -> Result<NodeRef<'t>, FindError> {
        if !node.shape().is_map() {
            return Err(not_there(node, &format!("no key `{}`", shorten(key)), "a mapping"));
        }
        let found = node.children().find(|child| child.key().is_some_and(|own| own == key));
        let Some(found) = found else {
            let keys = node.children().filter_map(|child| Some((child.key()?, child.line())));
            let place = if node.parent().is_some() {
                format!(" (mapping at line {})", node.value_line())
            } else {
                String::new()
            };
            return Err(no_match(format!("no key `{}`{place}{}", shorten(key), nearest(key, keys))));
        };
        match found.repeated() {
            Some(why) => Err(FindError::NotEditable(why)),
            None => Ok(found),
        }
    }

    fn nth<'t>(&'t self, node: NodeRef<'t>, index: Option<usize>, said: &str) -> Result<NodeRef<'t>, FindError> {
        if !node.shape().is_seq() {
            return Err(not_there(node, &format!("no element {}", shorten(said)), "a sequence"));
        }
        index.and_then(|index| node.children().nth(index)).ok_or_else(|| {
            let there = node.children().count();
            no_match(format!(
                "element {} is asked for, but the sequence at line {} has {there}, counted from 0",
                shorten(said),
                node.value_line()
            ))
        })
    }

    fn element<'t>(&'t self, node: NodeRef<'t>, element: &Element) -> Result<NodeRef<'t>, FindError> {
        if !node.shape().is_seq() {
            let what = format!("no element with `{}` = `{}`", element.key, shorten(&element.is));
            return Err(not_there(node, &what, "a sequence"));
        }
        let value = |child: NodeRef<'t>| Some((id_of(child, &element.key)?, child.line()));
        let like = || node.children().filter(|child| value(*child).is_some_and(|(text, _)| text == *element.is));
        like().nth(element.occurrence).ok_or_else(|| {
            no_match(match like().count() {
                0 => format!(
                    "no element with `{}` = `{}` in the sequence at line {}{}",
                    element.key,
                    shorten(&element.is),
                    node.value_line(),
                    nearest(&element.is, node.children().filter_map(value))
                ),
                there => format!(
                    "occurrence {} of the element `{}` is asked for, but there are only {there}",
                    element.occurrence,
                    shorten(&element.is)
                ),
            })
        })
    }

    /// What stands at a place.
    pub(crate) fn found(&self, id: usize) -> Found {
        let node = self.node(id);
        Found { value: node.value().into_owned(), line: node.value_line(), span: node.span() }
    }

    /// All values that hold no others, with their addresses, in document order.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (CellId, Found)> + '_ {
        let named = self.named();
        let ids = (0..self.nodes.len()).filter(|&id| self.nodes[id].shape.is_scalar());
        ids.filter(|&id| self.node(id).repeated().is_none()).map(move |id| {
            let steps = self.steps_to(self.node(id), &named);
            let path = match self.notation {
                Notation::Yaml => PathCell::Steps(steps),
                Notation::Json => PathCell::Pointer(pointer_of(&steps)),
            };
            (CellId::Path(path), self.found(id))
        })
    }

    /// The address of a value that goes on meaning it when others insert elements before it: elements are named by their
    /// id, where they have one.
    pub fn address(&self, node: NodeRef<'_>) -> PathCell {
        let mut named = Named::new();
        let mut at = Some(node);
        while let Some(parent) = at {
            if parent.shape().is_seq() {
                self.name_elements(parent, &mut named);
            }
            at = parent.parent();
        }
        PathCell::Steps(self.steps_to(node, &named))
    }

    fn steps_to(&self, node: NodeRef<'_>, named: &Named) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = node;
        while let Some(parent) = at.parent() {
            steps.push(match (at.key(), named.get(&at.id())) {
                (Some(key), _) => Step::Key(key.into_owned()),
                (None, Some((key, occurrence))) => {
                    let key = ID_KEYS[*key];
                    let is = at.get(key).and_then(|id| id.text()).unwrap_or_default().into_owned();
                    Step::Element(Element { key: key.to_owned(), is, occurrence: *occurrence })
                }
                (None, _) => Step::Index(at.index()),
            });
            at = parent;
        }
        steps.reverse();
        steps
    }

    fn named(&self) -> Named {
        let mut named = Named::new();
        if self.notation == Notation::Yaml {
            for id in (0..self.nodes.len()).filter(|&id| self.nodes[id].shape.is_seq()) {
                self.name_elements(self.node(id), &mut named);
            }
        }
        named
    }

    fn name_elements(&self, sequence: NodeRef<'_>, named: &mut Named) {
        let mut seen: HashMap<(usize, String), usize> = HashMap::new();
        for element in sequence.children().filter(|element| element.shape().is_map()) {
            let mut name = None;
            for (at, key) in ID_KEYS.iter().enumerate() {
                let Some(text) = id_of(element, key) else { continue };
                let count = seen.entry((at, text.into_owned())).or_default();
                name = name.or(Some((at, *count)));
                *count += 1;
            }
            if let Some(name) = name {
                named.insert(element.id(), name);
            }
        }
    }
}

/// The text behind `key` by which an element is told from others; what is absent or stands elsewhere names nothing.
fn id_of<'t>(element: NodeRef<'t>, key: &str) -> Option<Cow<'t, str>> {
    element.get(key).filter(|id| !matches!(id.shape(), Shape::Absent | Shape::Alias))?.text()
}

/// Where the parts of an RFC 6901 pointer lead.
fn steps_of(pointer: &str) -> Result<Vec<Step>, FindError> {
    let Some(parts) = pointer.strip_prefix('/') else {
        if pointer.is_empty() {
            return Ok(Vec::new());
        }
        return Err(no_match(format!("`{}` is no JSON pointer: it begins with `/`, or is empty", shorten(pointer))));
    };
    Ok(parts.split('/').map(|part| Step::Key(part.replace("~1", "/").replace("~0", "~"))).collect())
}

fn pointer_of(steps: &[Step]) -> String {
    let part = |step: &Step| match step {
        Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Step::Index(index) => format!("/{index}"),
        Step::Element(element) => format!("/{}", element.is),
    };
    steps.iter().map(part).collect()
}

fn not_there(node: NodeRef<'_>, what: &str, wanted: &str) -> FindError {
    no_match(format!("{what}: what stands at line {} is not {wanted}", node.value_line()))
}

fn no_match(message: String) -> FindError {
    FindError::NoMatch(message)
}
