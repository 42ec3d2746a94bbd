//! W6: a large JSON document, imported, shared, and edited on both sides.

use crate::data::SplitMix64;
use crate::engine::{JsonEngine, A, B};
use crate::report::Report;
use crate::traces::{files, unpacked};
use serde_json::Value;

const FILE: &str = "w6.json.gz";
const EDITS: usize = 1000;

type Path = Vec<String>;

/// The paths of all fields that hold neither a map nor a list, in order.
fn fields(value: &Value, path: &mut Path, found: &mut Vec<Path>) {
    for (key, child) in value.as_object().into_iter().flatten() {
        path.push(key.clone());
        match child {
            Value::Object(_) => fields(child, path, found),
            Value::Array(_) => {}
            _ => found.push(path.clone()),
        }
        path.pop();
    }
}

fn field_at<'a>(tree: &'a mut Value, path: &Path) -> &'a mut Value {
    path.iter().fold(tree, |at, key| &mut at[key])
}

fn edit<E: JsonEngine>(doc: &mut E::Doc, edits: &[(&Path, String)]) {
    edits.iter().for_each(|(path, value)| E::set_field(doc, path, value));
}

/// Import, encode, load; a thousand fields set on each side, exchanged and merged.
pub fn import_and_merge<E: JsonEngine>(report: &mut Report, repetitions: usize) {
    let Some(file) = files(E::NAME, "W6", "json").into_iter().find(|f| f.ends_with(FILE)) else {
        return;
    };
    let text = unpacked(&file);
    let whole: Value = serde_json::from_str(&text).unwrap();
    let mut places = Vec::new();
    fields(&whole, &mut Vec::new(), &mut places);
    for _ in 0..repetitions {
        let mut a = E::create(A);
        report.time("import", || E::import(&mut a, serde_json::from_str(&text).unwrap()));
        report.check(E::export(&a) == whole);
        let bytes = report.time("encode", || E::encode(&mut a, E::ENCODINGS[0]));
        report.bytes("bytes", bytes.len());
        let mut b = report.time("load", || E::load(B, &bytes, E::ENCODINGS[0]));
        report.check(E::export(&b) == whole);
        [&mut a, &mut b].into_iter().for_each(E::synced);

        let mut random = SplitMix64::new(45);
        let mut draw = || (&places[random.below(places.len() as u32) as usize], random.hex());
        let [of_a, of_b] = [0, 1].map(|_| (0..EDITS).map(|_| draw()).collect::<Vec<_>>());
        report.time("edit_1000", || edit::<E>(&mut a, &of_a));
        edit::<E>(&mut b, &of_b);
        let (from_a, from_b) = (E::version(&mut a), E::version(&mut b));
        let (to_a, to_b) = report
            .time("make_deltas", || (E::changes(&mut b, &from_a), E::changes(&mut a, &from_b)));
        report.bytes("bytes_delta", to_a.len());
        report.time("merge_1000_and_1000", || {
            E::apply(&mut a, &to_a);
            E::apply(&mut b, &to_b);
        });
        let (merged, expected) = (E::export(&a), edited(&whole, &of_a, &of_b));
        report.check(merged == E::export(&b) && agrees(merged, expected, &of_a, &of_b));
    }
}

fn edited(whole: &Value, of_a: &[(&Path, String)], of_b: &[(&Path, String)]) -> Value {
    let mut tree = whole.clone();
    for (path, value) in of_a.iter().chain(of_b) {
        *field_at(&mut tree, path) = Value::String(value.clone());
    }
    tree
}

/// Whether all edits are there; a field that both have set may hold either value.
fn agrees(
    mut merged: Value,
    expected: Value,
    of_a: &[(&Path, String)],
    of_b: &[(&Path, String)],
) -> bool {
    let last: std::collections::HashMap<_, _> = of_a.iter().map(|(p, v)| (*p, v)).collect();
    for (path, _) in of_b {
        let theirs = of_b.iter().rev().find(|(p, _)| p == path).map(|(_, v)| v.clone()).unwrap();
        let place = field_at(&mut merged, path);
        if last.get(path).is_some_and(|mine| *place == Value::String(mine.to_string())) {
            *place = Value::String(theirs);
        }
    }
    merged == expected
}
