//! The workloads of texts: recorded edits of one author, and of several at the same time.

use crate::engine::TextEngine;
use crate::memory::counted;
use crate::report::{self, Report};
use crate::traces::{files, load, Trace};
use std::time::Instant;

/// A peer that needs longer for its repetitions gets fewer.
const SECONDS_MAX: f64 = 60.0;

/// Runs `work` for each repetition, as long as there is time; false if that was not long enough.
fn repeat(repetitions: usize, mut work: impl FnMut()) -> bool {
    let start = Instant::now();
    for _ in 0..repetitions {
        work();
        if start.elapsed().as_secs_f64() > SECONDS_MAX {
            return false;
        }
    }
    true
}

/// Encodes, loads in bulk and reads.
fn encode_and_load<E: TextEngine>(report: &mut Report, trace: &Trace, text: &mut E::Text) {
    for (i, encoding) in E::TEXT_ENCODINGS.iter().enumerate() {
        let named = |step: &str| match i {
            0 => format!("{step}.{}", trace.name),
            _ => format!("{step}_{encoding}.{}", trace.name),
        };
        let bytes = report.time(&named("encode"), || E::encode_text(text, encoding));
        report.bytes(&named("bytes"), bytes.len());
        let read =
            report.time(&named("load_and_read"), || E::read(&E::load_text(&bytes, encoding)));
        report.check(read == trace.end);
    }
}

fn memory<T>(report: &mut Report, trace: &Trace, work: impl FnOnce() -> T) {
    let (_made, at_rest, peak) = counted(work);
    report.bytes(&format!("memory_bytes.{}", trace.name), at_rest);
    report.bytes(&format!("memory_peak_bytes.{}", trace.name), peak);
}

/// Every recorded edit of one author, each as a change of its own; encoded; loaded and read.
pub fn sequential<E: TextEngine>(repetitions: usize) {
    for file in files(E::PEER, "W8", "editing-traces/sequential") {
        let report = &mut Report::new(E::PEER, "W8");
        let mut trace = load(&file);
        let recorded = std::mem::take(&mut trace.transactions);
        let mut edits: Vec<_> = recorded.into_iter().flat_map(|t| t.edits).collect();
        if let Some(counted) = trace.in_units_of(E::UNIT, String::new, &edits) {
            edits = counted;
        }
        let was_in_time = repeat(repetitions, || {
            let mut text = E::create_text(1);
            report.time(&format!("apply.{}", trace.name), || E::edit_each(&mut text, &edits));
            report.check(E::read(&text) == trace.end);
            encode_and_load::<E>(report, &trace, &mut text);
        });
        if !was_in_time {
            report.print();
            continue;
        }
        repeat(repetitions, || {
            let mut text = E::create_text(1);
            let name = format!("apply_onetx.{}", trace.name);
            report.time(&name, || E::edit_all(&mut text, &edits));
            report.check(E::read(&text) == trace.end);
        });
        memory(report, &trace, || {
            let mut text = E::create_text(1);
            E::edit_each(&mut text, &edits);
            text
        });
        report.print();
    }
}

/// Some transactions of a trace.
#[derive(Clone)]
struct Known(Vec<u64>);

impl Known {
    fn none(count: usize) -> Self {
        Known(vec![0; count.div_ceil(64)])
    }

    fn contains(&self, i: usize) -> bool {
        self.0[i / 64] >> (i % 64) & 1 == 1
    }

    fn insert(&mut self, i: usize) {
        self.0[i / 64] |= 1 << (i % 64);
    }

    fn unite(&mut self, other: &Known) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }

    fn is_within(&self, other: &Known) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, theirs)| mine & !theirs == 0)
    }
}

/// A replica of one author that only ever learns. An author that edits an older version than it
/// wrote last, as in a version control system, does so on another replica.
struct Lane<E: TextEngine> {
    agent: String,
    text: E::Text,
    known: Known,
}

/// Replays a trace on a replica for each author and returns what each transaction sends.
fn changes_of<E: TextEngine>(trace: &Trace) -> Vec<Vec<u8>> {
    let count = trace.transactions.len();
    let mut lanes: Vec<Lane<E>> = Vec::new();
    let mut changes: Vec<Vec<u8>> = Vec::with_capacity(count);
    let mut pasts: Vec<Known> = Vec::with_capacity(count);
    for (i, transaction) in trace.transactions.iter().enumerate() {
        let mut past = Known::none(count);
        transaction.parents.iter().for_each(|&parent| past.unite(&pasts[parent]));
        let fits = |lane: &Lane<E>| lane.agent == transaction.agent && lane.known.is_within(&past);
        let found = lanes.iter().rposition(fits).unwrap_or_else(|| {
            let text = E::create_text(2 + lanes.len() as u64);
            lanes.push(Lane { agent: transaction.agent.clone(), text, known: Known::none(count) });
            lanes.len() - 1
        });
        let lane = &mut lanes[found];
        for missing in (0..i).filter(|&j| past.contains(j) && !lane.known.contains(j)) {
            E::apply_change(&mut lane.text, &changes[missing]);
        }
        let edits = &transaction.edits;
        let counted = trace.in_units_of(E::UNIT, || E::read(&lane.text), edits);
        changes.push(E::change(&mut lane.text, counted.as_deref().unwrap_or(edits)));
        past.insert(i);
        lane.known = past.clone();
        pasts.push(past);
    }
    changes
}

/// What several authors wrote at the same time, applied change by change to a replica that has
/// nothing.
pub fn concurrent<E: TextEngine>(repetitions: usize) {
    for file in files(E::PEER, "W8c", "editing-traces/concurrent") {
        let report = &mut Report::new(E::PEER, "W8c");
        let trace = load(&file);
        let changes = changes_of::<E>(&trace);
        let apply_each = || {
            let mut text = E::create_text(1);
            changes.iter().for_each(|change| E::apply_change(&mut text, change));
            text
        };
        let was_in_time = repeat(repetitions, || {
            let mut text = report.time(&format!("apply.{}", trace.name), apply_each);
            report.check(E::read(&text) == trace.end);
            encode_and_load::<E>(report, &trace, &mut text);
        });
        if !was_in_time {
            report.print();
            continue;
        }
        if E::apply_changes(&[]).is_some() {
            repeat(repetitions, || {
                let name = format!("apply_all_at_once.{}", trace.name);
                let text = report.time(&name, || E::apply_changes(&changes).unwrap());
                report.check(E::read(&text) == trace.end);
            });
        }
        memory(report, &trace, apply_each);
        report.print();
    }
}

/// Histories of several authors as they are written, in positions at the versions of the authors:
/// taken in and made into the text. Precondition: a transaction has edits.
pub fn replayed<E: TextEngine>(repetitions: usize) {
    for file in files(E::PEER, "W8r", "editing-traces/concurrent") {
        let report = &mut Report::new(E::PEER, "W8r");
        let trace = load(&file);
        if E::replay(&trace).is_none() {
            report::skip(E::PEER, "W8r", "no positions at older versions");
            return;
        }
        repeat(repetitions, || {
            let name = format!("replay.{}", trace.name);
            let text = report.time(&name, || E::replay(&trace).unwrap());
            report.check(E::read(&text) == trace.end);
        });
        memory(report, &trace, || E::replay(&trace));
        report.print();
    }
}
