#!/usr/bin/env python3
"""Prints the peers' rows beside our own benchmarks, as ratios.

usage: bench/peers/table.py [--peers PEERS.jsonl] [OURS.json ...]

OURS.json is the JSON output of Google Benchmark with benchmarks named like `W2/set_tx1000`, and
counters for what is not a time. Rows named `W2/limit_...` are physical limits.
Without OURS.json the peers' own numbers are printed.
"""

import argparse
import json
import pathlib
import re
import statistics
import sys

MS = {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3}

# What is compared, in this order: workload, metric, the limit of the same work. `apply.*` stands
# for a metric of each recorded text.
METRICS = [
    ("W1", "inc_1M", "limit_inc_1M"),
    ("W1", "inc_100k_tx1", None),
    ("W1", "merge_1000x1000", "limit_merge_1000x1000"),
    ("W2", "set_tx1", "limit_insert"),
    ("W2", "set_tx1000", "limit_insert"),
    ("W2", "encode", "limit_encode"),
    ("W2", "load", "limit_load"),
    ("W2", "bytes", None),
    ("W3", "apply_B_to_A", "limit_merge_decode"),
    ("W3", "apply_A_to_B", "limit_merge_decode"),
    ("W3", "join_in_memory_B_into_A", None),
    ("W3", "bytes_one_side", None),
    ("W4", "insert_100k", "limit_insert_100k"),
    ("W4", "remove_50k", "limit_erase_50k"),
    ("W4", "merge", "limit_merge"),
    ("W4", "merge_in_memory", "limit_merge"),
    ("W4", "msg_bytes", None),
    ("W4", "survivors", None),
    ("W4", "survivors_swapped_ids", None),
    ("W5", "edit_us", None),
    ("W5", "version_and_delta_us", None),
    ("W5", "apply_us", "limit_apply_10"),
    ("W5", "total_us", "limit_apply_10"),
    ("W5", "bytes_both", None),
    ("W6", "import", "limit_parse"),
    ("W6", "encode", None),
    ("W6", "load", None),
    ("W6", "bytes", None),
    ("W6", "edit_1000", None),
    ("W6", "make_deltas", None),
    ("W6", "merge_1000_and_1000", None),
    ("W6", "bytes_delta", None),
    ("W7", "create", None),
    ("W7", "load", None),
    ("W7", "sync_all", "limit_merge_arrays"),
    ("W7", "sync_bytes", None),
    ("W8", "apply.*", "limit_gap_buffer_and_log"),
    ("W8", "apply_onetx.*", "limit_gap_buffer_and_log"),
    ("W8", "encode.*", None),
    ("W8", "load_and_read.*", None),
    ("W8", "bytes.*", None),
    ("W8", "memory_bytes.*", None),
    ("W8", "memory_peak_bytes.*", None),
    ("W8c", "apply.*", None),
    ("W8c", "apply_all_at_once.*", None),
    ("W8c", "encode.*", None),
    ("W8c", "load_and_read.*", None),
    ("W8c", "bytes.*", None),
    ("W8c", "memory_bytes.*", None),
    ("W8c", "memory_peak_bytes.*", None),
    ("W8r", "replay.*", None),
    ("W8r", "memory_bytes.*", None),
    ("W8r", "memory_peak_bytes.*", None),
    ("W10", "set", "limit_insert"),
    ("W10", "encode", None),
    ("W10", "bytes", None),
    ("W10", "peak_bytes_per_entry_above_input", None),
]

# The items of the definition: a peer that ran fewer is scaled up in proportion, and marked.
DEFINED_ITEMS = {("W1", "inc_1M"): 1_000_000, ("W1", "inc_100k_tx1"): 1_000_000}
DEFINED_ITEMS.update({("W7", m): 10_000 for m in ("create", "load", "sync_all", "sync_bytes")})

COUNTS = ("survivors", "survivors_swapped_ids")


def is_time(metric):
    return not (metric in COUNTS or "bytes" in metric)


def read_peers(path):
    """Returns {(peer, workload, metric): (value, scaled)}, the peers in order, and notes."""
    values, peers, notes = {}, [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        peer, workload = row["peer"], row["w"]
        if "skipped" in row:
            notes.append(f"{peer} {workload}: {row['skipped']}")
            continue
        if peer not in peers:
            peers.append(peer)
        metric, value = row["metric"], row["med"]
        if metric == "ok":
            if value != 1:
                notes.append(f"{peer} {workload}: A CHECK FAILED, do not use these numbers")
            continue
        key = (peer, workload, metric)
        defined = DEFINED_ITEMS.get((workload, metric))
        items = row.get("n_items", defined)
        scaled = defined is not None and items != defined
        scale = defined / items if scaled else 1
        values[key] = (value * MS.get(row["unit"], 1.0) * scale, scaled)
    peers.sort(key=lambda peer: ("native" not in peer, peer))
    return values, peers, notes


def is_compared(workload, name):
    """Whether this is a metric; one of a recorded text ends with the name of that text."""
    names = (name, name.split(".")[0] + ".*")
    return any(workload == metric[0] and metric[1] in names for metric in METRICS)


def read_ours(paths):
    """Returns {(workload, name): value}: times in ms, and counters under their own names."""
    samples = {}
    for path in paths:
        for row in json.loads(path.read_text(encoding="utf-8"))["benchmarks"]:
            match = re.match(r"(W\d+c?)/([^/]+)", row.get("run_name", row["name"]))
            if match is None or row.get("run_type") == "aggregate" or row.get("error_occurred"):
                continue
            workload, name = match.groups()
            ms = row["real_time"] * MS[row["time_unit"]]
            samples.setdefault((workload, name), []).append(ms)
            for counter, value in row.items():
                if is_compared(workload, counter):
                    value = value * 1e-3 if counter.endswith("_us") else value
                    samples.setdefault((workload, counter), []).append(value)
    return {key: statistics.median(found) for key, found in samples.items()}


def our_value(ours, workload, metric):
    """A metric in microseconds may be a benchmark without the unit in its name."""
    for name in (metric, metric.removesuffix("_us")):
        if (workload, name) in ours:
            return ours[workload, name]
    return None


def our_limit(ours, workload, limit):
    """The limit with that name, or the longest common beginning with it."""
    names = [name for (w, name) in ours if w == workload and limit and name.startswith("limit_")]
    exact = [name for name in names if name == limit]
    close = [name for name in names if name.startswith(limit) or limit.startswith(name)]
    return ours[workload, (exact or close)[0]] if exact or close else None


def metrics_of(keys):
    """What is compared, with a metric for each text that any of the keys names."""
    for workload, metric, limit in METRICS:
        if not metric.endswith(".*"):
            yield workload, metric, limit
            continue
        names = {name for w, name in keys if w == workload and name.startswith(metric[:-1])}
        for name in sorted(names):
            yield workload, name, limit and limit + name[len(metric) - 2:]


def show(value, metric):
    if value is None:
        return "-"
    if not is_time(metric):
        return f"{value:,.0f}"
    if metric.endswith("_us"):
        return f"{value * 1e3:,.1f} us"
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.3g} ms"


def cell(found, ours, metric):
    if found is None:
        return "-"
    value, scaled = found
    text = show(value, metric) + ("*" if scaled else "")
    return text if not ours or metric in COUNTS else f"{text} ({value / ours:,.2f}x)"


def table(values, peers, ours):
    head = ["workload", "metric", "ours", "ours/limit"] + peers
    rows = []
    for workload, metric, limit in metrics_of([key[1:] for key in values] + list(ours)):
        row_values = [values.get((peer, workload, metric)) for peer in peers]
        mine = our_value(ours, workload, metric)
        if mine is None and not any(row_values):
            continue
        floor = our_limit(ours, workload, limit) if limit and mine is not None else None
        ratio = f"{mine / floor:.2f}" if floor else "-"
        cells = [cell(found, mine, metric) for found in row_values]
        rows.append([workload, metric, show(mine, metric), ratio] + cells)
    return [head] + rows


def other_rows(values):
    """What peers report beyond the compared metrics: other encodings, protocols, memory."""
    known = {metric[:2] for metric in metrics_of([key[1:] for key in values])}
    lines = []
    for (peer, workload, metric), (value, _) in values.items():
        if (workload, metric) not in known and metric != "peak_rss":
            plain = any(word in metric for word in ("bytes", "messages"))
            shown = f"{value:,.0f}" if plain else f"{value:,.3f} ms"
            lines.append(f"{workload} {peer} {metric}: {shown}")
    return sorted(lines)


def print_all(rows, others, notes):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        print("| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |")
    print("\nTimes are medians; (x) is peer divided by ours; * is scaled from fewer items.")
    for title, lines in (("Also measured", others), ("Notes", notes)):
        if lines:
            print(f"\n{title}:")
            print("\n".join(f"  {line}" for line in lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--peers", type=pathlib.Path, default=root / "build/peers/peers.jsonl")
    parser.add_argument("ours", type=pathlib.Path, nargs="*")
    options = parser.parse_args()
    try:
        values, peers, notes = read_peers(options.peers)
        ours = read_ours(options.ours)
    except (OSError, ValueError, KeyError) as problem:
        sys.exit(f"table.py: cannot read the measurements: {problem}")
    print_all(table(values, peers, ours), other_rows(values), notes)


if __name__ == "__main__":
    main()
