//! Recorded edits of real texts: `editing-traces/{sequential,concurrent}/*.json.gz`.

use crate::report;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// At `at`, `erased` units go and `inserted` comes. A trace counts in code points.
pub struct Edit {
    pub at: usize,
    pub erased: usize,
    pub inserted: String,
}

pub struct Transaction {
    pub agent: String,
    /// The numbers of the transactions that its author knew last.
    pub parents: Vec<usize>,
    pub edits: Vec<Edit>,
}

pub struct Trace {
    pub name: String,
    pub transactions: Vec<Transaction>,
    pub end: String,
    pub is_ascii: bool,
}

/// How an engine counts the positions of a text.
#[derive(Clone, Copy, PartialEq)]
pub enum Unit {
    CodePoint,
    Byte,
}

/// The folder of the data, or None where it was not given.
fn data_folder() -> Option<PathBuf> {
    std::env::var_os("JOINERY_CONFORMANCE_DATA").map(PathBuf::from)
}

pub fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

/// The packed files of a folder of the data, small ones first; a row says so when there are none.
pub fn files(peer: &str, workload: &str, folder: &str) -> Vec<PathBuf> {
    let entries = data_folder().and_then(|data| std::fs::read_dir(data.join(folder)).ok());
    let mut found: Vec<_> = entries.into_iter().flatten().map(|e| e.unwrap().path()).collect();
    found.retain(|path| path.to_string_lossy().ends_with(".json.gz"));
    found.sort_by_key(|path| (path.metadata().map_or(0, |m| m.len()), path.clone()));
    if found.is_empty() {
        report::skip(peer, workload, &format!("no {folder} in JOINERY_CONFORMANCE_DATA"));
    }
    found
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn edit(patch: &Value) -> Edit {
    Edit { at: number(&patch[0]), erased: number(&patch[1]), inserted: text(&patch[2]) }
}

fn transaction(at: usize, value: &Value) -> Transaction {
    let parents = match value["parents"].as_array() {
        Some(parents) => parents.iter().map(number).collect(),
        None => at.checked_sub(1).into_iter().collect(),
    };
    let edits = value["patches"].as_array().unwrap().iter().map(edit).collect();
    Transaction { agent: text(&value["agent"]), parents, edits }
}

pub fn load(path: &Path) -> Trace {
    let value: Value = serde_json::from_str(&unpacked(path)).unwrap();
    let rows = value["txns"].as_array().unwrap().iter().enumerate();
    let transactions: Vec<_> = rows.map(|(i, row)| transaction(i, row)).collect();
    let is_ascii = transactions.iter().flat_map(|t| &t.edits).all(|e| e.inserted.is_ascii());
    let name = path.file_name().unwrap().to_string_lossy().replace(".json.gz", "");
    Trace { name, transactions, end: text(&value["endContent"]), is_ascii }
}

/// Where a unit of `text` begins, in bytes.
fn byte_of(text: &str, code_point: usize) -> usize {
    text.char_indices().nth(code_point).map_or(text.len(), |(at, _)| at)
}

impl Trace {
    /// Edits that follow each other from `before` on, counted as an engine counts them; None if
    /// they are so already.
    pub fn in_units_of(
        &self,
        unit: Unit,
        before: impl FnOnce() -> String,
        edits: &[Edit],
    ) -> Option<Vec<Edit>> {
        if self.is_ascii || unit == Unit::CodePoint {
            return None;
        }
        let mut text = before();
        let convert = |edit: &Edit| {
            let at = byte_of(&text, edit.at);
            let erased = byte_of(&text[at..], edit.erased);
            text.replace_range(at..at + erased, &edit.inserted);
            Edit { at, erased, inserted: edit.inserted.clone() }
        };
        Some(edits.iter().map(convert).collect())
    }
}
