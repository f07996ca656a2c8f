//! An immutable set of documents at one moment, cheap to clone, shared with the drawing side.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{DocId, Document};

/// Documents at one moment. Cloning copies a pointer; `with` and `without` copy the map of pointers, never a document.
#[derive(Clone, Default)]
pub struct Snapshot {
    docs: Arc<BTreeMap<DocId, Arc<Document>>>,
}

impl Snapshot {
    /// The document, if it is part of the snapshot.
    pub fn get(&self, id: &DocId) -> Option<&Arc<Document>> {
        self.docs.get(id)
    }

    /// All documents in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Document>> {
        self.docs.values()
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.docs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.docs.is_empty()
    }

    /// Puts documents in, replacing those with the same id.
    pub fn extend(&mut self, docs: impl IntoIterator<Item = Arc<Document>>) {
        let map = Arc::make_mut(&mut self.docs);
        for doc in docs {
            map.insert(doc.id().clone(), doc);
        }
    }

    /// Takes a document out.
    pub fn remove(&mut self, id: &DocId) {
        if self.docs.contains_key(id) {
            Arc::make_mut(&mut self.docs).remove(id);
        }
    }
}
