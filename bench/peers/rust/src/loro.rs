//! Loro. It has a counter and no set.

use crate::engine::{CounterEngine, Engine};
use loro::{ExportMode, LoroDoc, LoroMap, LoroValue, ValueOrContainer, VersionVector};

pub struct Loro;

pub struct Doc {
    doc: LoroDoc,
    map: LoroMap,
}

fn open(replica: u64, doc: LoroDoc) -> Doc {
    doc.set_peer_id(replica).unwrap();
    let map = doc.get_map("m");
    Doc { doc, map }
}

impl Engine for Loro {
    type Doc = Doc;

    const NAME: &'static str = "loro-native 1.17.1";
    const ENCODINGS: &'static [&'static str] = &["updates", "snapshot"];

    fn create(replica: u64) -> Doc {
        open(replica, LoroDoc::new())
    }

    fn set<'a>(doc: &mut Doc, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        for (key, value) in pairs {
            doc.map.insert(key, value).unwrap();
        }
        doc.doc.commit();
    }

    fn insert<'a>(doc: &mut Doc, elements: impl Iterator<Item = &'a str>) {
        for element in elements {
            doc.map.insert(element, true).unwrap();
        }
        doc.doc.commit();
    }

    fn remove<'a>(doc: &mut Doc, elements: impl Iterator<Item = &'a str>) {
        for element in elements {
            doc.map.delete(element).unwrap();
        }
        doc.doc.commit();
    }

    fn encode(doc: &mut Doc, encoding: &str) -> Vec<u8> {
        let mode = match encoding {
            "updates" => ExportMode::all_updates(),
            _ => ExportMode::Snapshot,
        };
        doc.doc.export(mode).unwrap()
    }

    fn load(replica: u64, bytes: &[u8], encoding: &str) -> Doc {
        if encoding == "snapshot" {
            return open(replica, LoroDoc::from_snapshot(bytes).unwrap());
        }
        let mut doc = Self::create(replica);
        Self::apply(&mut doc, bytes);
        doc
    }

    fn version(doc: &mut Doc) -> Vec<u8> {
        doc.doc.oplog_vv().encode()
    }

    fn changes(doc: &mut Doc, version: &[u8]) -> Vec<u8> {
        let version = VersionVector::decode(version).unwrap();
        doc.doc.export(ExportMode::updates(&version)).unwrap()
    }

    fn apply(doc: &mut Doc, changes: &[u8]) {
        doc.doc.import(changes).unwrap();
    }

    fn content(doc: &Doc) -> Vec<(String, String)> {
        let mut entries = Vec::new();
        doc.map.for_each(|key, value| {
            let text = match value {
                ValueOrContainer::Value(LoroValue::String(text)) => text.to_string(),
                _ => String::new(),
            };
            entries.push((key.to_string(), text));
        });
        entries.sort();
        entries
    }
}

impl CounterEngine for Loro {
    const INCREMENTS: usize = 1_000_000;

    fn create_counter(replica: u64) -> Doc {
        Self::create(replica)
    }

    fn increment(doc: &mut Doc, times: usize) {
        let counter = doc.doc.get_counter("c");
        for _ in 0..times {
            counter.increment(1.0).unwrap();
        }
        doc.doc.commit();
    }

    fn count(doc: &Doc) -> u64 {
        doc.doc.get_counter("c").get_value() as u64
    }
}
