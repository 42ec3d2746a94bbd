//! crdts: in-memory types without a wire format, a transaction or a log.
//!
//! Bytes are made with its serde implementations through bincode. W3 and W4 send whole states;
//! W5 and W7 send operations, from a log that the adapter keeps.

use crate::data::SplitMix64;
use crate::engine::Engine;
use crate::report::{timed, Report};
use bincode::Options;
use crdts::{CmRDT, CvRDT, Dot, GCounter, MVReg, Map, Orswot, VClock};
use serde::{de::DeserializeOwned, Deserialize, Serialize};

type Register = MVReg<String, u64>;
type Registers = Map<String, Register, u64>;
type Operation = crdts::map::Op<String, Register, u64>;

pub struct Crdts<const KEEPS_LOG: bool>;

#[derive(Clone, Default, Serialize, Deserialize)]
pub struct State {
    map: Registers,
    set: Orswot<String, u64>,
}

#[derive(Default)]
pub struct Doc {
    replica: u64,
    state: State,
    log: Vec<Operation>,
}

fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    bincode::DefaultOptions::new().serialize(value).unwrap()
}

fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> T {
    bincode::DefaultOptions::new().deserialize(bytes).unwrap()
}

fn dot_of(operation: &Operation) -> Option<&Dot<u64>> {
    match operation {
        Operation::Up { dot, .. } => Some(dot),
        Operation::Rm { .. } => None,
    }
}

impl State {
    fn merge(&mut self, other: State) {
        self.map.merge(other.map);
        self.set.merge(other.set);
    }
}

impl<const KEEPS_LOG: bool> Engine for Crdts<KEEPS_LOG> {
    type Doc = Doc;

    const NAME: &'static str = "crdts-native 7.3.2";
    const ENCODINGS: &'static [&'static str] = &["bincode"];

    fn create(replica: u64) -> Doc {
        Doc { replica, ..Doc::default() }
    }

    fn set<'a>(doc: &mut Doc, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        for (key, value) in pairs {
            let context = doc.state.map.read_ctx().derive_add_ctx(doc.replica);
            let write = |register: &Register, context| register.write(value.to_string(), context);
            let operation = doc.state.map.update(key, context, write);
            if KEEPS_LOG {
                doc.log.push(operation.clone());
            }
            doc.state.map.apply(operation);
        }
    }

    fn insert<'a>(doc: &mut Doc, elements: impl Iterator<Item = &'a str>) {
        for element in elements {
            let context = doc.state.set.read_ctx().derive_add_ctx(doc.replica);
            let operation = doc.state.set.add(element.to_string(), context);
            doc.state.set.apply(operation);
        }
    }

    fn remove<'a>(doc: &mut Doc, elements: impl Iterator<Item = &'a str>) {
        for element in elements {
            let element = element.to_string();
            let context = doc.state.set.contains(&element).derive_rm_ctx();
            let operation = doc.state.set.rm(element, context);
            doc.state.set.apply(operation);
        }
    }

    fn encode(doc: &mut Doc, _encoding: &str) -> Vec<u8> {
        to_bytes(&doc.state)
    }

    fn load(replica: u64, bytes: &[u8], _encoding: &str) -> Doc {
        Doc { replica, state: from_bytes(bytes), log: Vec::new() }
    }

    fn version(doc: &mut Doc) -> Vec<u8> {
        to_bytes(&doc.state.map.read_ctx().add_clock)
    }

    fn changes(doc: &mut Doc, version: &[u8]) -> Vec<u8> {
        if !KEEPS_LOG {
            return to_bytes(&doc.state);
        }
        let version: VClock<u64> = from_bytes(version);
        let known = |op: &Operation| dot_of(op).is_some_and(|d| version.get(&d.actor) >= d.counter);
        // A log has the operations of one replica, in order: what a peer lacks is a suffix.
        let first = doc.log.partition_point(known);
        to_bytes(&doc.log[first..])
    }

    fn apply(doc: &mut Doc, changes: &[u8]) {
        if KEEPS_LOG {
            let operations: Vec<Operation> = from_bytes(changes);
            operations.into_iter().for_each(|operation| doc.state.map.apply(operation));
        } else {
            doc.state.merge(from_bytes(changes));
        }
    }

    fn join_ms(into: &Doc, from: &Doc) -> Option<f64> {
        let (mut into, from) = (into.state.clone(), from.state.clone());
        Some(timed(|| into.merge(from)).0)
    }

    fn content(doc: &Doc) -> Vec<(String, String)> {
        let registers = doc.state.map.iter().map(|entry| {
            let mut values = entry.val.1.read().val;
            values.sort();
            (entry.val.0.clone(), values.join(" "))
        });
        let elements = doc.state.set.iter().map(|entry| (entry.val.clone(), String::new()));
        let mut entries: Vec<_> = registers.chain(elements).collect();
        entries.sort();
        entries
    }
}

/// W1 on the state-based counter: a million increments, then 1000 states of 1000 entries merged.
pub fn counter(report: &mut Report, repetitions: usize) {
    for _ in 0..repetitions {
        let mut counter = GCounter::new();
        report.time("inc_1M", || {
            for _ in 0..1_000_000 {
                counter.apply(counter.inc(1u64));
            }
        });
        report.check(counter.read() == 1_000_000u64.into());

        let mut random = SplitMix64::new(42);
        let values: Vec<u64> = (0..1_000_000).map(|_| u64::from(random.u32())).collect();
        let ids: Vec<u64> = (0..1000).map(|_| random.next()).collect();
        let state = |row: &[u64]| {
            let mut counter = GCounter::new();
            ids.iter().zip(row).for_each(|(id, n)| counter.apply(Dot::new(*id, *n)));
            counter
        };
        let states: Vec<_> = values.chunks(1000).map(state).collect();
        let mut merged = GCounter::new();
        report.time("merge_1000x1000", || states.into_iter().for_each(|s| merged.merge(s)));
        let highest = |i: usize| values.iter().skip(i).step_by(1000).max().unwrap();
        report.check(merged.read() == (0..1000).map(highest).sum::<u64>().into());
    }
}
