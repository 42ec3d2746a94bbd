//! yrs: the Rust port of Yjs. It has no counter and no set.

use crate::engine::Engine;
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{Any, Map, MapRef, Out, ReadTxn, StateVector, Transact, Update};

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
