//! Automerge. It has a counter and no set.

use crate::data::{key_values, SplitMix64};
use crate::engine::{CounterEngine, Engine, JsonEngine, TextEngine, A, B};
use crate::report::{timed, Report};
use crate::traces::Edit;
use automerge::hydrate::Value as Tree;
use automerge::sync::{Message, State, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{
    ActorId, AutoSerde, Change, ChangeHash, ObjId, ObjType, ReadDoc, ScalarValue, ScalarValueRef,
    ValueRef, ROOT,
};
use serde_json::Value as Json;
use std::collections::HashMap;

pub struct Automerge;

pub struct Doc {
    doc: automerge::Automerge,
    /// The heads after the last sync: a peer's newer heads are unknown here, these are not.
    shared: Vec<ChangeHash>,
}

fn actor(replica: u64) -> ActorId {
    ActorId::from(u128::from(replica).to_be_bytes())
}

fn open(replica: u64, doc: automerge::Automerge) -> Doc {
    Doc { doc: doc.with_actor(actor(replica)), shared: Vec::new() }
}

impl Engine for Automerge {
    type Doc = Doc;

    const NAME: &'static str = "automerge-native 0.12.0";
    const ENCODINGS: &'static [&'static str] = &["save", "nocompress"];

    fn create(replica: u64) -> Doc {
        open(replica, automerge::Automerge::new())
    }

    fn set<'a>(doc: &mut Doc, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        let mut transaction = doc.doc.transaction();
        for (key, value) in pairs {
            transaction.put(ROOT, key, value).unwrap();
        }
        transaction.commit();
    }

    fn insert<'a>(doc: &mut Doc, elements: impl Iterator<Item = &'a str>) {
        let mut transaction = doc.doc.transaction();
        for element in elements {
            transaction.put(ROOT, element, true).unwrap();
        }
        transaction.commit();
    }

    fn remove<'a>(doc: &mut Doc, elements: impl Iterator<Item = &'a str>) {
        let mut transaction = doc.doc.transaction();
        for element in elements {
            transaction.delete(ROOT, element).unwrap();
        }
        transaction.commit();
    }

    fn encode(doc: &mut Doc, encoding: &str) -> Vec<u8> {
        match encoding {
            "save" => doc.doc.save(),
            _ => doc.doc.save_nocompress(),
        }
    }

    fn load(replica: u64, bytes: &[u8], _encoding: &str) -> Doc {
        open(replica, automerge::Automerge::load(bytes).unwrap())
    }

    fn version(doc: &mut Doc) -> Vec<u8> {
        doc.doc.get_heads().iter().flat_map(|head| head.0).collect()
    }

    fn changes(doc: &mut Doc, version: &[u8]) -> Vec<u8> {
        if version.is_empty() {
            return doc.doc.save();
        }
        let heads = version.chunks(32).map(|head| ChangeHash::try_from(head).unwrap());
        let heads: Vec<_> = heads.collect();
        if doc.doc.get_missing_deps(&heads).is_empty() {
            doc.doc.save_after(&heads)
        } else if doc.shared.is_empty() {
            doc.doc.save()
        } else {
            doc.doc.save_after(&doc.shared)
        }
    }

    fn apply(doc: &mut Doc, changes: &[u8]) {
        doc.doc.load_incremental(changes).unwrap();
    }

    fn synced(doc: &mut Doc) {
        doc.shared = doc.doc.get_heads();
    }

    fn content(doc: &Doc) -> Vec<(String, String)> {
        let entries = doc.doc.map_range(&ROOT, ..).map(|entry| {
            let text = match &entry.value {
                ValueRef::Scalar(ScalarValueRef::Str(text)) => text.to_string(),
                _ => String::new(),
            };
            (entry.key.to_string(), text)
        });
        let mut entries: Vec<_> = entries.collect();
        entries.sort();
        entries
    }
}

impl CounterEngine for Automerge {
    const INCREMENTS: usize = 10_000;

    fn create_counter(replica: u64) -> Doc {
        let mut doc = Self::create(replica);
        let mut transaction = doc.doc.transaction();
        transaction.put(ROOT, "c", ScalarValue::counter(0)).unwrap();
        transaction.commit();
        doc
    }

    fn increment(doc: &mut Doc, times: usize) {
        let mut transaction = doc.doc.transaction();
        for _ in 0..times {
            transaction.increment(ROOT, "c", 1).unwrap();
        }
        transaction.commit();
    }

    fn count(doc: &Doc) -> u64 {
        let value = doc.doc.get(ROOT, "c").unwrap().map(|(value, _)| value.as_i64());
        value.flatten().unwrap_or(0) as u64
    }
}

pub struct Text {
    doc: automerge::Automerge,
    text: ObjId,
}

fn open_text(doc: automerge::Automerge) -> Text {
    let (_, text) = doc.get(ROOT, "t").unwrap().unwrap();
    Text { doc, text }
}

/// The text object is made by one replica, so that all have the same.
fn empty_text(replica: u64) -> Text {
    let mut doc = automerge::Automerge::new().with_actor(actor(0));
    let mut transaction = doc.transaction();
    transaction.put_object(ROOT, "t", ObjType::Text).unwrap();
    transaction.commit();
    open_text(doc.with_actor(actor(replica)))
}

impl TextEngine for Automerge {
    type Text = Text;

    const PEER: &'static str = Self::NAME;
    const TEXT_ENCODINGS: &'static [&'static str] = Self::ENCODINGS;

    fn create_text(replica: u64) -> Text {
        empty_text(replica)
    }

    fn edit_each(text: &mut Text, edits: &[Edit]) {
        edits.iter().for_each(|edit| {
            Self::edit_all(text, std::slice::from_ref(edit));
        });
    }

    fn edit_all(text: &mut Text, edits: &[Edit]) -> bool {
        let mut transaction = text.doc.transaction();
        for edit in edits {
            let erased = edit.erased as isize;
            transaction.splice_text(&text.text, edit.at, erased, &edit.inserted).unwrap();
        }
        transaction.commit();
        true
    }

    fn change(text: &mut Text, edits: &[Edit]) -> Vec<u8> {
        Self::edit_all(text, edits);
        text.doc.get_last_local_change().unwrap().raw_bytes().to_vec()
    }

    fn apply_change(text: &mut Text, change: &[u8]) {
        text.doc.apply_changes([Change::from_bytes(change.to_vec()).unwrap()]).unwrap();
    }

    fn encode_text(text: &mut Text, encoding: &str) -> Vec<u8> {
        match encoding {
            "save" => text.doc.save(),
            _ => text.doc.save_nocompress(),
        }
    }

    fn load_text(bytes: &[u8], _encoding: &str) -> Text {
        open_text(automerge::Automerge::load(bytes).unwrap())
    }

    fn read(text: &Text) -> String {
        text.doc.text(&text.text).unwrap()
    }
}

fn tree_of(json: Json) -> Tree {
    match json {
        Json::Null => Tree::Scalar(ScalarValue::Null),
        Json::Bool(value) => Tree::scalar(value),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Tree::scalar(integer),
            None => Tree::scalar(number.as_f64().unwrap()),
        },
        Json::String(text) => Tree::scalar(text),
        Json::Array(items) => items.into_iter().map(tree_of).collect::<Vec<_>>().into(),
        Json::Object(fields) => Tree::Map(map_of(fields)),
    }
}

fn map_of(fields: serde_json::Map<String, Json>) -> automerge::hydrate::Map {
    let fields = fields.into_iter().map(|(key, value)| (key, tree_of(value)));
    fields.collect::<HashMap<_, _>>().into()
}

impl JsonEngine for Automerge {
    fn import(doc: &mut Doc, json: serde_json::Map<String, Json>) {
        let mut transaction = doc.doc.transaction();
        transaction.init_root_from_hydrate(&map_of(json)).unwrap();
        transaction.commit();
    }

    fn set_field(doc: &mut Doc, path: &[String], value: &str) {
        let (field, parents) = path.split_last().unwrap();
        let step = |at: ObjId, key: &String| doc.doc.get(at, key.as_str()).unwrap().unwrap().1;
        let parent = parents.iter().fold(ROOT, step);
        let mut transaction = doc.doc.transaction();
        transaction.put(parent, field.as_str(), value).unwrap();
        transaction.commit();
    }

    fn export(doc: &Doc) -> Json {
        serde_json::to_value(AutoSerde::from(&doc.doc)).unwrap()
    }
}

/// Runs the sync protocol until both sides are silent; returns messages and bytes.
fn converse(a: &mut Doc, b: &mut Doc, at_a: &mut State, at_b: &mut State) -> (usize, usize) {
    let (mut messages, mut bytes) = (0, 0);
    loop {
        let before = messages;
        for a_speaks in [true, false] {
            let (from, state) = if a_speaks { (&*a, &mut *at_a) } else { (&*b, &mut *at_b) };
            let Some(message) = from.doc.generate_sync_message(state) else { continue };
            let wire = message.encode();
            messages += 1;
            bytes += wire.len();
            let message = Message::decode(&wire).unwrap();
            let (to, state) = if a_speaks { (&mut *b, &mut *at_b) } else { (&mut *a, &mut *at_a) };
            to.doc.receive_sync_message(state, message).unwrap();
        }
        if messages == before {
            return (messages, bytes);
        }
    }
}

/// W5 again, with Automerge's own protocol: with new sync states and with remembered ones.
pub fn small_sync_protocol(report: &mut Report, repetitions: usize) {
    let pairs = key_values(100_000);
    let mut b = Automerge::create(B);
    for chunk in pairs.chunks(1000) {
        Automerge::set(&mut b, chunk.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    }
    let bytes = Automerge::encode(&mut b, "save");
    let mut a = Automerge::load(A, &bytes, "save");
    let (mut at_a, mut at_b) = (State::new(), State::new());
    converse(&mut a, &mut b, &mut at_a, &mut at_b);
    let mut random = SplitMix64::new(44);
    for round in 0..repetitions * 30 {
        let edits: Vec<_> = (0..10)
            .map(|_| (pairs[random.below(100_000) as usize].0.as_str(), random.hex()))
            .collect();
        Automerge::set(&mut b, edits.iter().map(|(k, v)| (*k, v.as_str())));
        let remembered = round % 2 == 1;
        let (mut new_a, mut new_b) = (State::new(), State::new());
        let (ms, (messages, bytes)) = timed(|| match remembered {
            true => converse(&mut a, &mut b, &mut at_a, &mut at_b),
            false => converse(&mut a, &mut b, &mut new_a, &mut new_b),
        });
        let kind = if remembered { "remembered" } else { "fresh" };
        report.add(&format!("protocol_{kind}_us"), "us", ms * 1e3);
        report.add(&format!("protocol_{kind}_messages"), "", messages as f64);
        report.bytes(&format!("protocol_{kind}_bytes"), bytes);
    }
    report.check(Automerge::content(&a) == Automerge::content(&b));
}
