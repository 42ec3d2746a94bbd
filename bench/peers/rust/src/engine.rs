//! What a peer must offer to run the workloads. Each adapter uses the peer's fastest public calls.

use crate::traces::{Edit, Trace, Unit};
use serde_json::Value;

pub const A: u64 = 0x1111_1111;
pub const B: u64 = 0x2222_2222;

pub trait Engine {
    type Doc;

    const NAME: &'static str;

    /// Names of the encodings of a whole document; the first one is the peer's usual choice.
    const ENCODINGS: &'static [&'static str];

    /// How many documents W7 has for this peer.
    const W7_DOCUMENTS: usize = 10_000;

    fn create(replica: u64) -> Self::Doc;

    /// Sets all pairs of the root map in one transaction.
    fn set<'a>(doc: &mut Self::Doc, pairs: impl Iterator<Item = (&'a str, &'a str)>);

    /// Inserts elements in one transaction into the peer's set, or sets `map[element] = true`.
    fn insert<'a>(doc: &mut Self::Doc, elements: impl Iterator<Item = &'a str>);

    /// Removes elements in one transaction.
    fn remove<'a>(doc: &mut Self::Doc, elements: impl Iterator<Item = &'a str>);

    fn encode(doc: &mut Self::Doc, encoding: &str) -> Vec<u8>;
    fn load(replica: u64, bytes: &[u8], encoding: &str) -> Self::Doc;

    /// The bytes with which a replica tells another one what it has.
    fn version(doc: &mut Self::Doc) -> Vec<u8>;

    /// The bytes that a replica at `version` lacks.
    fn changes(doc: &mut Self::Doc, version: &[u8]) -> Vec<u8>;
    fn apply(doc: &mut Self::Doc, changes: &[u8]);

    /// Called when both replicas have the same state, for peers that remember it.
    fn synced(_doc: &mut Self::Doc) {}

    /// Milliseconds of a merge of live objects, without bytes, for peers that have one.
    fn join_ms(_into: &Self::Doc, _from: &Self::Doc) -> Option<f64> {
        None
    }

    /// The visible entries, sorted: a map gives key and value, a set gives elements.
    fn content(doc: &Self::Doc) -> Vec<(String, String)>;
}

/// A peer with a counter type.
pub trait CounterEngine: Engine {
    /// How many increments of one counter end in reasonable time.
    const INCREMENTS: usize;

    fn create_counter(replica: u64) -> Self::Doc;

    /// Adds 1 `times` times in one transaction.
    fn increment(doc: &mut Self::Doc, times: usize);
    fn count(doc: &Self::Doc) -> u64;
}

/// A peer with a text.
pub trait TextEngine {
    type Text;

    const PEER: &'static str;
    const TEXT_ENCODINGS: &'static [&'static str];
    const UNIT: Unit = Unit::CodePoint;

    fn create_text(replica: u64) -> Self::Text;

    /// Applies edits, each of them as a change of its own.
    fn edit_each(text: &mut Self::Text, edits: &[Edit]);

    /// Applies edits as one change; false for a peer that knows no such thing.
    fn edit_all(text: &mut Self::Text, edits: &[Edit]) -> bool;

    /// Applies edits as one change and returns it encoded.
    fn change(text: &mut Self::Text, edits: &[Edit]) -> Vec<u8>;
    fn apply_change(text: &mut Self::Text, change: &[u8]);

    /// Applies changes of which only the outcome is wanted, for a peer to which that is less work.
    fn apply_changes(_changes: &[Vec<u8>]) -> Option<Self::Text> {
        None
    }

    /// Takes a history as it is written, for a peer that knows positions at older versions.
    fn replay(_trace: &Trace) -> Option<Self::Text> {
        None
    }

    fn encode_text(text: &mut Self::Text, encoding: &str) -> Vec<u8>;
    fn load_text(bytes: &[u8], encoding: &str) -> Self::Text;
    fn read(text: &Self::Text) -> String;
}

/// A peer that holds JSON as maps and lists that can be edited.
pub trait JsonEngine: Engine {
    /// Puts all of `json` into the root in one transaction.
    fn import(doc: &mut Self::Doc, json: serde_json::Map<String, Value>);

    /// Sets one field of a map that is there, in one transaction.
    fn set_field(doc: &mut Self::Doc, path: &[String], value: &str);
    fn export(doc: &Self::Doc) -> Value;
}
