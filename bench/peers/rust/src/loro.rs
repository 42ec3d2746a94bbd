//! Loro. It has a counter and no set.

use crate::engine::{CounterEngine, Engine, JsonEngine, TextEngine};
use crate::traces::Edit;
use loro::{
    Container, ExportMode, LoroDoc, LoroList, LoroMap, LoroText, LoroValue, ValueOrContainer,
    VersionVector,
};
use serde_json::Value as Json;

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

pub struct Text {
    doc: LoroDoc,
    text: LoroText,
}

fn open_text(doc: LoroDoc) -> Text {
    let text = doc.get_text("t");
    Text { doc, text }
}

fn edit(text: &Text, edit: &Edit) {
    if edit.erased > 0 {
        text.text.delete(edit.at, edit.erased).unwrap();
    }
    if !edit.inserted.is_empty() {
        text.text.insert(edit.at, &edit.inserted).unwrap();
    }
}

impl TextEngine for Loro {
    type Text = Text;

    const PEER: &'static str = Self::NAME;
    const TEXT_ENCODINGS: &'static [&'static str] = &["snapshot", "updates"];

    fn create_text(replica: u64) -> Text {
        let doc = LoroDoc::new();
        doc.set_peer_id(replica).unwrap();
        open_text(doc)
    }

    fn edit_each(text: &mut Text, edits: &[Edit]) {
        for one in edits {
            edit(text, one);
            text.doc.commit();
        }
    }

    fn edit_all(text: &mut Text, edits: &[Edit]) -> bool {
        edits.iter().for_each(|one| edit(text, one));
        text.doc.commit();
        true
    }

    fn change(text: &mut Text, edits: &[Edit]) -> Vec<u8> {
        let before = text.doc.oplog_vv();
        Self::edit_all(text, edits);
        text.doc.export(ExportMode::updates(&before)).unwrap()
    }

    fn apply_change(text: &mut Text, change: &[u8]) {
        text.doc.import(change).unwrap();
    }

    fn apply_changes(changes: &[Vec<u8>]) -> Option<Text> {
        let text = Self::create_text(1);
        if !changes.is_empty() {
            text.doc.import_batch(changes).unwrap();
        }
        Some(text)
    }

    fn encode_text(text: &mut Text, encoding: &str) -> Vec<u8> {
        let mode = match encoding {
            "updates" => ExportMode::all_updates(),
            _ => ExportMode::Snapshot,
        };
        text.doc.export(mode).unwrap()
    }

    fn load_text(bytes: &[u8], encoding: &str) -> Text {
        if encoding == "snapshot" {
            return open_text(LoroDoc::from_snapshot(bytes).unwrap());
        }
        let mut text = Self::create_text(1);
        Self::apply_change(&mut text, bytes);
        text
    }

    fn read(text: &Text) -> String {
        text.text.to_string()
    }
}

fn scalar(json: Json) -> LoroValue {
    match json {
        Json::Bool(value) => value.into(),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => integer.into(),
            None => number.as_f64().unwrap().into(),
        },
        Json::String(text) => text.into(),
        _ => LoroValue::Null,
    }
}

fn fill_map(map: &LoroMap, fields: serde_json::Map<String, Json>) {
    for (key, value) in fields {
        match value {
            Json::Object(inner) => {
                fill_map(&map.insert_container(&key, LoroMap::new()).unwrap(), inner);
            }
            Json::Array(items) => {
                fill_list(&map.insert_container(&key, LoroList::new()).unwrap(), items);
            }
            value => map.insert(&key, scalar(value)).unwrap(),
        }
    }
}

fn fill_list(list: &LoroList, items: Vec<Json>) {
    for value in items {
        match value {
            Json::Object(inner) => fill_map(&list.push_container(LoroMap::new()).unwrap(), inner),
            Json::Array(items) => fill_list(&list.push_container(LoroList::new()).unwrap(), items),
            value => list.push(scalar(value)).unwrap(),
        }
    }
}

impl JsonEngine for Loro {
    fn import(doc: &mut Doc, json: serde_json::Map<String, Json>) {
        fill_map(&doc.map, json);
        doc.doc.commit();
    }

    fn set_field(doc: &mut Doc, path: &[String], value: &str) {
        let (field, parents) = path.split_last().unwrap();
        let step = |at: LoroMap, key: &String| match at.get(key) {
            Some(ValueOrContainer::Container(Container::Map(map))) => map,
            _ => panic!("no map"),
        };
        parents.iter().fold(doc.map.clone(), step).insert(field, value).unwrap();
        doc.doc.commit();
    }

    fn export(doc: &Doc) -> Json {
        serde_json::to_value(doc.map.get_deep_value()).unwrap()
    }
}
