//! yrs: the Rust port of Yjs. It has no counter and no set.

use crate::engine::{Engine, JsonEngine, TextEngine};
use crate::traces::{Edit, Unit};
use serde_json::Value as Json;
use yrs::types::ToJson;
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{
    Any, ArrayPrelim, GetString, In, Map, MapPrelim, MapRef, Out, ReadTxn, StateVector, TextRef,
    Transact, TransactionMut, Update,
};

pub struct Yrs;

pub struct Doc {
    doc: yrs::Doc,
    map: MapRef,
}

impl Engine for Yrs {
    type Doc = Doc;

    const NAME: &'static str = "yrs-native 0.28.1";
    const ENCODINGS: &'static [&'static str] = &["v1", "v2"];

    fn create(replica: u64) -> Doc {
        let doc = yrs::Doc::with_client_id(replica);
        let map = doc.get_or_insert_map("m");
        Doc { doc, map }
    }

    fn set<'a>(doc: &mut Doc, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        let mut transaction = doc.doc.transact_mut();
        for (key, value) in pairs {
            doc.map.insert(&mut transaction, key, value);
        }
    }

    fn insert<'a>(doc: &mut Doc, elements: impl Iterator<Item = &'a str>) {
        let mut transaction = doc.doc.transact_mut();
        for element in elements {
            doc.map.insert(&mut transaction, element, true);
        }
    }

    fn remove<'a>(doc: &mut Doc, elements: impl Iterator<Item = &'a str>) {
        let mut transaction = doc.doc.transact_mut();
        for element in elements {
            doc.map.remove(&mut transaction, element);
        }
    }

    fn encode(doc: &mut Doc, encoding: &str) -> Vec<u8> {
        let (transaction, all) = (doc.doc.transact(), StateVector::default());
        match encoding {
            "v1" => transaction.encode_state_as_update_v1(&all),
            _ => transaction.encode_state_as_update_v2(&all),
        }
    }

    fn load(replica: u64, bytes: &[u8], encoding: &str) -> Doc {
        let doc = Self::create(replica);
        let update = match encoding {
            "v1" => Update::decode_v1(bytes),
            _ => Update::decode_v2(bytes),
        };
        doc.doc.transact_mut().apply_update(update.unwrap()).unwrap();
        doc
    }

    fn version(doc: &mut Doc) -> Vec<u8> {
        doc.doc.transact().state_vector().encode_v1()
    }

    fn changes(doc: &mut Doc, version: &[u8]) -> Vec<u8> {
        let version = StateVector::decode_v1(version).unwrap();
        doc.doc.transact().encode_diff_v1(&version)
    }

    fn apply(doc: &mut Doc, changes: &[u8]) {
        let update = Update::decode_v1(changes).unwrap();
        doc.doc.transact_mut().apply_update(update).unwrap();
    }

    fn content(doc: &Doc) -> Vec<(String, String)> {
        let transaction = doc.doc.transact();
        let entries = doc.map.iter(&transaction).map(|(key, value)| match value {
            Out::Any(Any::String(text)) => (key.to_string(), text.to_string()),
            _ => (key.to_string(), String::new()),
        });
        let mut entries: Vec<_> = entries.collect();
        entries.sort();
        entries
    }
}

pub struct Text {
    doc: yrs::Doc,
    text: TextRef,
}

fn edit(text: &TextRef, transaction: &mut TransactionMut, edit: &Edit) {
    use yrs::Text;
    if edit.erased > 0 {
        text.remove_range(transaction, edit.at as u32, edit.erased as u32);
    }
    if !edit.inserted.is_empty() {
        text.insert(transaction, edit.at as u32, &edit.inserted);
    }
}

impl TextEngine for Yrs {
    type Text = Text;

    const PEER: &'static str = Self::NAME;
    const TEXT_ENCODINGS: &'static [&'static str] = Self::ENCODINGS;
    const UNIT: Unit = Unit::Byte;

    fn create_text(replica: u64) -> Text {
        let doc = yrs::Doc::with_client_id(replica);
        let text = doc.get_or_insert_text("t");
        Text { doc, text }
    }

    fn edit_each(text: &mut Text, edits: &[Edit]) {
        edits.iter().for_each(|one| edit(&text.text, &mut text.doc.transact_mut(), one));
    }

    fn edit_all(text: &mut Text, edits: &[Edit]) -> bool {
        let mut transaction = text.doc.transact_mut();
        edits.iter().for_each(|one| edit(&text.text, &mut transaction, one));
        true
    }

    fn change(text: &mut Text, edits: &[Edit]) -> Vec<u8> {
        let mut transaction = text.doc.transact_mut();
        edits.iter().for_each(|one| edit(&text.text, &mut transaction, one));
        transaction.encode_update_v1()
    }

    fn apply_change(text: &mut Text, change: &[u8]) {
        let update = Update::decode_v1(change).unwrap();
        text.doc.transact_mut().apply_update(update).unwrap();
    }

    fn encode_text(text: &mut Text, encoding: &str) -> Vec<u8> {
        let (transaction, all) = (text.doc.transact(), StateVector::default());
        match encoding {
            "v1" => transaction.encode_state_as_update_v1(&all),
            _ => transaction.encode_state_as_update_v2(&all),
        }
    }

    fn load_text(bytes: &[u8], encoding: &str) -> Text {
        let text = Self::create_text(1);
        let update = match encoding {
            "v1" => Update::decode_v1(bytes),
            _ => Update::decode_v2(bytes),
        };
        text.doc.transact_mut().apply_update(update.unwrap()).unwrap();
        text
    }

    fn read(text: &Text) -> String {
        text.text.get_string(&text.doc.transact())
    }
}

fn prelim_of(json: Json) -> In {
    match json {
        Json::Null => In::Any(Any::Null),
        Json::Bool(value) => In::Any(Any::Bool(value)),
        Json::Number(number) => In::Any(match number.as_i64() {
            Some(integer) => Any::from(integer),
            None => Any::from(number.as_f64().unwrap()),
        }),
        Json::String(text) => In::Any(Any::String(text.into())),
        Json::Array(items) => In::Array(items.into_iter().map(prelim_of).collect::<ArrayPrelim>()),
        Json::Object(fields) => {
            let fields = fields.into_iter().map(|(key, value)| (key, prelim_of(value)));
            In::Map(fields.collect::<MapPrelim>())
        }
    }
}

impl JsonEngine for Yrs {
    fn import(doc: &mut Doc, json: serde_json::Map<String, Json>) {
        let mut transaction = doc.doc.transact_mut();
        for (key, value) in json {
            doc.map.insert(&mut transaction, key, prelim_of(value));
        }
    }

    fn set_field(doc: &mut Doc, path: &[String], value: &str) {
        let (field, parents) = path.split_last().unwrap();
        let mut transaction = doc.doc.transact_mut();
        let step = |at: MapRef, key: &String| match at.get(&transaction, key) {
            Some(Out::YMap(map)) => map,
            _ => panic!("no map"),
        };
        let parent = parents.iter().fold(doc.map.clone(), step);
        parent.insert(&mut transaction, field.as_str(), value);
    }

    fn export(doc: &Doc) -> Json {
        serde_json::to_value(doc.map.to_json(&doc.doc.transact())).unwrap()
    }
}
