//! Runs one workload on one peer: `joinery-peers PEER WORKLOAD [REPETITIONS]`.

mod automerge;
mod crdts;
mod data;
mod diamond;
mod engine;
mod json;
mod loro;
mod memory;
mod report;
mod text;
mod traces;
mod workloads;
mod yrs;

use engine::{CounterEngine, Engine, JsonEngine, TextEngine};
use report::Report;

#[global_allocator]
static ALLOCATOR: memory::Counted = memory::Counted;

const USAGE: &str = "usage: joinery-peers automerge|crdts|diamond|loro|yrs \
    W1|W2|W3|W4|W5|W6|W7|W8|W8c|W8r|W10 [REPETITIONS]";

const WORKLOADS: [&str; 11] =
    ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W8c", "W8r", "W10"];

fn workload_named(name: &str) -> Option<&'static str> {
    WORKLOADS.into_iter().find(|w| *w == name)
}

fn run_text<E: TextEngine>(workload: &'static str, repetitions: usize) {
    match workload {
        "W8" => text::sequential::<E>(repetitions),
        "W8c" => text::concurrent::<E>(repetitions),
        "W8r" => text::replayed::<E>(repetitions),
        _ => report::skip(E::PEER, workload, "text only"),
    }
}

/// A peer that has text and nested maps and lists as well.
fn run_whole<E: JsonEngine + TextEngine>(workload: &'static str, repetitions: usize) {
    match workload {
        "W6" => {
            let report = &mut Report::new(E::NAME, workload);
            json::import_and_merge::<E>(report, repetitions);
            report.print();
        }
        "W8" | "W8c" | "W8r" => run_text::<E>(workload, repetitions),
        _ => run::<E>(workload, repetitions),
    }
}

fn run<E: Engine>(workload: &'static str, repetitions: usize) {
    let report = &mut Report::new(E::NAME, workload);
    match workload {
        "W2" => workloads::map::<E>(report, repetitions),
        "W3" => workloads::conflicts::<E>(report, repetitions),
        "W4" => workloads::set::<E>(report, repetitions),
        "W5" => workloads::small_sync::<E>(report, repetitions),
        "W7" => workloads::many_documents::<E>(report, repetitions),
        "W10" => workloads::large_map::<E>(report),
        _ => return report::skip(E::NAME, workload, "no counter type"),
    }
    report.print();
}

fn run_counter<E: CounterEngine>(repetitions: usize) {
    let local = &mut Report::new(E::NAME, "W1");
    workloads::counter::<E>(local, repetitions);
    local.print();
    let merge = &mut Report::new(E::NAME, "W1");
    workloads::counter_merge::<E>(merge, repetitions);
    merge.print();
}

fn run_automerge(workload: &'static str, repetitions: usize) {
    match workload {
        "W1" => run_counter::<automerge::Automerge>(repetitions),
        _ => run_whole::<automerge::Automerge>(workload, repetitions),
    }
    if workload == "W5" {
        let report = &mut Report::new(automerge::Automerge::NAME, workload);
        automerge::small_sync_protocol(report, repetitions);
        report.print();
    }
}

fn run_crdts(workload: &'static str, repetitions: usize) {
    match workload {
        "W1" => {
            let report = &mut Report::new(crdts::Crdts::<false>::NAME, workload);
            crdts::counter(report, repetitions);
            report.print();
        }
        "W5" | "W7" => run::<crdts::Crdts<true>>(workload, repetitions),
        "W6" | "W8" | "W8c" | "W8r" => {
            report::skip(crdts::Crdts::<false>::NAME, workload, "no nested JSON, no fast text");
        }
        _ => run::<crdts::Crdts<false>>(workload, repetitions),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |i: usize| arguments.get(i).map(String::as_str);
    let repetitions = argument(2).unwrap_or("3").parse::<usize>().ok();
    let workload = workload_named(argument(1).unwrap_or_default());
    let (Some(workload), Some(repetitions @ 1..)) = (workload, repetitions) else {
        eprintln!("{USAGE}");
        std::process::exit(2);
    };
    match argument(0) {
        Some("automerge") => run_automerge(workload, repetitions),
        Some("crdts") => run_crdts(workload, repetitions),
        Some("loro") if workload == "W1" => run_counter::<loro::Loro>(repetitions),
        Some("diamond") => run_text::<diamond::Diamond>(workload, repetitions),
        Some("loro") => run_whole::<loro::Loro>(workload, repetitions),
        Some("yrs") => run_whole::<yrs::Yrs>(workload, repetitions),
        _ => {
            eprintln!("{USAGE}");
            std::process::exit(2);
        }
    }
}
