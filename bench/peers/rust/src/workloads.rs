//! The workloads, written once for all peers.

use crate::data::{key_values, Pairs, SplitMix64};
use crate::engine::{CounterEngine, Engine, A, B};
use crate::report::{peak_rss_bytes, timed, Report};

const TRANSACTION: usize = 1000;

fn set_all<E: Engine>(doc: &mut E::Doc, pairs: &[(String, String)], per_transaction: usize) {
    for chunk in pairs.chunks(per_transaction) {
        E::set(doc, chunk.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    }
}

fn insert_all<E: Engine>(doc: &mut E::Doc, pairs: &[(String, String)]) {
    for chunk in pairs.chunks(TRANSACTION) {
        E::insert(doc, chunk.iter().map(|(k, _)| k.as_str()));
    }
}

/// One counter: local increments, then a thousand replicas merged into one.
pub fn counter<E: CounterEngine>(report: &mut Report, repetitions: usize) {
    report.items(E::INCREMENTS);
    for _ in 0..repetitions {
        let mut doc = E::create_counter(A);
        report.time("inc_1M", || {
            for _ in 0..E::INCREMENTS / TRANSACTION {
                E::increment(&mut doc, TRANSACTION);
            }
        });
        let mut single = E::create_counter(A);
        report.time("inc_100k_tx1", || {
            for _ in 0..E::INCREMENTS / 10 {
                E::increment(&mut single, 1);
            }
        });
        report.check(E::count(&doc) == E::INCREMENTS as u64);
        let bytes = report.time("encode", || E::encode(&mut doc, E::ENCODINGS[0]));
        report.bytes("bytes", bytes.len());
        let loaded = report.time("load", || E::load(B, &bytes, E::ENCODINGS[0]));
        report.check(E::count(&loaded) == E::INCREMENTS as u64);
    }
}

pub fn counter_merge<E: CounterEngine>(report: &mut Report, repetitions: usize) {
    report.items(1000);
    for _ in 0..repetitions {
        let mut base = E::create_counter(A);
        let origin = E::encode(&mut base, E::ENCODINGS[0]);
        let forks = (0..1000).map(|i| {
            let mut fork = E::load(B + i, &origin, E::ENCODINGS[0]);
            E::increment(&mut fork, 1);
            E::encode(&mut fork, E::ENCODINGS[0])
        });
        let forks: Vec<_> = forks.collect();
        report.time("merge_1000x1000", || forks.iter().for_each(|f| E::apply(&mut base, f)));
        report.check(E::count(&base) == 1000);
    }
}

/// A map of 100,000 pairs: set, encode, load.
pub fn map<E: Engine>(report: &mut Report, repetitions: usize) {
    let pairs = key_values(100_000);
    let mut sorted = pairs.clone();
    sorted.sort();
    for _ in 0..repetitions {
        let mut single = E::create(A);
        report.time("set_tx1", || set_all::<E>(&mut single, &pairs, 1));
        drop(single);
        let mut doc = E::create(A);
        report.time("set_tx1000", || set_all::<E>(&mut doc, &pairs, TRANSACTION));
        report.check(E::content(&doc) == sorted);
        for (i, encoding) in E::ENCODINGS.iter().enumerate() {
            let suffix = if i == 0 { String::new() } else { format!("_{encoding}") };
            let bytes = report.time(&format!("encode{suffix}"), || E::encode(&mut doc, encoding));
            report.bytes(&format!("bytes{suffix}"), bytes.len());
            let loaded = report.time(&format!("load{suffix}"), || E::load(B, &bytes, encoding));
            let read = report.time(&format!("first_full_read{suffix}"), || E::content(&loaded));
            report.check(read == sorted);
        }
    }
}

fn pairs_of_b(pairs: &Pairs) -> Pairs {
    let mut random = SplitMix64::new(43);
    pairs[50_000..150_000].iter().map(|(key, _)| (key.clone(), random.hex())).collect()
}

/// Two maps of 100,000 pairs with 50,000 conflicts, exchanged both ways.
pub fn conflicts<E: Engine>(report: &mut Report, repetitions: usize) {
    let pairs = key_values(150_000);
    let theirs = pairs_of_b(&pairs);
    for _ in 0..repetitions {
        let (mut a, mut b) = (E::create(A), E::create(B));
        set_all::<E>(&mut a, &pairs[..100_000], TRANSACTION);
        set_all::<E>(&mut b, &theirs, TRANSACTION);
        if let Some(ms) = E::join_ms(&a, &b) {
            report.add("join_in_memory_B_into_A", "ms", ms);
        }
        let (from_a, from_b) = (E::version(&mut a), E::version(&mut b));
        let to_a = E::changes(&mut b, &from_a);
        let to_b = E::changes(&mut a, &from_b);
        report.bytes("bytes_one_side", to_a.len());
        report.time("apply_B_to_A", || E::apply(&mut a, &to_a));
        report.time("apply_A_to_B", || E::apply(&mut b, &to_b));
        let content = E::content(&a);
        report.check(content.len() == 150_000 && content == E::content(&b));
    }
}

/// A set: concurrent removes and inserts. An add-wins set keeps 125,000 elements.
pub fn set<E: Engine>(report: &mut Report, repetitions: usize) {
    let pairs = key_values(150_000);
    let removed: Vec<_> = (0..100_000).step_by(2).map(|i| pairs[i].0.as_str()).collect();
    for _ in 0..repetitions {
        for (first, second, survivors) in [(A, B, "survivors"), (B, A, "survivors_swapped_ids")] {
            let (mut a, mut b) = (E::create(first), E::create(second));
            report.time("insert_100k", || insert_all::<E>(&mut a, &pairs[..100_000]));
            report.time("remove_50k", || {
                removed.chunks(TRANSACTION).for_each(|c| E::remove(&mut a, c.iter().copied()));
            });
            insert_all::<E>(&mut b, &pairs[50_000..]);
            if let Some(ms) = E::join_ms(&a, &b) {
                report.add("merge_in_memory", "ms", ms);
            }
            let (from_a, from_b) = (E::version(&mut a), E::version(&mut b));
            let to_a = E::changes(&mut b, &from_a);
            let to_b = E::changes(&mut a, &from_b);
            report.bytes("msg_bytes", to_a.len());
            report.time("merge", || E::apply(&mut a, &to_a));
            E::apply(&mut b, &to_b);
            let content = E::content(&a);
            report.add(survivors, "", content.len() as f64);
            report.check(content == E::content(&b));
        }
    }
}

/// Small edits to a large shared map, carried by deltas.
pub fn small_sync<E: Engine>(report: &mut Report, repetitions: usize) {
    let pairs = key_values(100_000);
    for _ in 0..repetitions {
        small_sync_rounds::<E>(report, &pairs);
    }
}

fn small_sync_rounds<E: Engine>(report: &mut Report, pairs: &Pairs) {
    let (mut a, mut b) = (E::create(A), E::create(B));
    set_all::<E>(&mut b, pairs, TRANSACTION);
    let nothing = E::version(&mut a);
    E::apply(&mut a, &E::changes(&mut b, &nothing));
    let mut random = SplitMix64::new(44);
    for _ in 0..15 {
        let edits: Vec<_> = (0..10)
            .map(|_| (pairs[random.below(100_000) as usize].0.as_str(), random.hex()))
            .collect();
        let (edit, ()) = timed(|| E::set(&mut b, edits.iter().map(|(k, v)| (*k, v.as_str()))));
        let (make, (version, delta)) = timed(|| {
            let version = E::version(&mut a);
            let delta = E::changes(&mut b, &version);
            (version, delta)
        });
        let (apply, ()) = timed(|| E::apply(&mut a, &delta));
        report.add("edit_us", "us", edit * 1e3);
        report.add("version_and_delta_us", "us", make * 1e3);
        report.add("apply_us", "us", apply * 1e3);
        report.add("total_us", "us", (edit + make + apply) * 1e3);
        report.bytes("bytes_both", version.len() + delta.len());
    }
    report.check(E::content(&a) == E::content(&b));
}

/// Ten thousand small documents, a concurrent edit on each side of each, synced one after another.
pub fn many_documents<E: Engine>(report: &mut Report, repetitions: usize) {
    let n = E::W7_DOCUMENTS;
    report.items(n);
    let fields: Vec<_> = (0..10).map(|i| format!("field{i}")).collect();
    for _ in 0..repetitions {
        let mut random = SplitMix64::new(47);
        let values: Vec<_> = (0..n * 10).map(|_| random.hex()).collect();
        let mut a: Vec<E::Doc> = report.time("create", || {
            let rows = values.chunks(10);
            rows.map(|row| {
                let mut doc = E::create(A);
                E::set(&mut doc, fields.iter().zip(row).map(|(k, v)| (k.as_str(), v.as_str())));
                doc
            })
            .collect()
        });
        let mut b: Vec<E::Doc> = report.time("load", || {
            let encodings = a.iter_mut().map(|doc| E::encode(doc, E::ENCODINGS[0]));
            encodings.map(|bytes| E::load(B, &bytes, E::ENCODINGS[0])).collect()
        });
        a.iter_mut().chain(b.iter_mut()).for_each(E::synced);
        for k in 0..n {
            let (x, y) = (random.hex(), random.hex());
            E::set(&mut a[k], [(fields[k % 10].as_str(), x.as_str())].into_iter());
            E::set(&mut b[k], [(fields[(7 * k + 3) % 10].as_str(), y.as_str())].into_iter());
        }
        let bytes = report.time("sync_all", || {
            let both = a.iter_mut().zip(b.iter_mut());
            both.map(|(a, b)| sync_both_ways::<E>(a, b)).sum::<usize>()
        });
        report.bytes("sync_bytes", bytes);
        report.check(a.iter().zip(&b).all(|(a, b)| {
            let content = E::content(a);
            content.len() == 10 && content == E::content(b)
        }));
    }
}

fn sync_both_ways<E: Engine>(a: &mut E::Doc, b: &mut E::Doc) -> usize {
    let (from_a, from_b) = (E::version(a), E::version(b));
    let (to_b, to_a) = (E::changes(a, &from_b), E::changes(b, &from_a));
    E::apply(a, &to_a);
    E::apply(b, &to_b);
    from_a.len() + from_b.len() + to_a.len() + to_b.len()
}

/// A map of 1,000,000 pairs in a fresh process: the peak of its memory.
pub fn large_map<E: Engine>(report: &mut Report) {
    let n = 1_000_000;
    let pairs = key_values(n);
    let input = peak_rss_bytes();
    let mut doc = E::create(A);
    report.time("set", || set_all::<E>(&mut doc, &pairs, TRANSACTION));
    let above_input = |now: usize| (now - input) as f64 / n as f64;
    report.add("peak_bytes_per_entry_above_input", "B", above_input(peak_rss_bytes()));
    let bytes = report.time("encode", || E::encode(&mut doc, E::ENCODINGS[0]));
    report.bytes("bytes", bytes.len());
    report.add("peak_bytes_per_entry_after_encode", "B", above_input(peak_rss_bytes()));
    report.check(E::content(&doc).len() == n);
}
