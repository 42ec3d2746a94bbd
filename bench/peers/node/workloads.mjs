// The workloads, written once for all peers. An engine has
//   create(replica), set(doc, pairs), insert(doc, elements), remove(doc, elements), each one
//   transaction; encode(doc, encoding), load(replica, bytes, encoding); version(doc),
//   changes(doc, version), apply(doc, changes); content(doc): sorted entries as one string each;
//   and optionally synced(doc), free(doc) and the counter's createCounter(replica),
//   increment(doc, times), count(doc).

import { keyValues, SplitMix64 } from './data.mjs';
import { peakRssBytes, timed } from './report.mjs';

const A = 0x11111111;
const B = 0x22222222;
const transaction = 1000;

function* chunks(items, size) {
  for (let i = 0; i < items.length; i += size) {
    yield items.slice(i, i + size);
  }
}

function setAll(engine, doc, pairs, perTransaction) {
  for (const chunk of chunks(pairs, perTransaction)) {
    engine.set(doc, chunk);
  }
}

function insertAll(engine, doc, elements) {
  for (const chunk of chunks(elements, transaction)) {
    engine.insert(doc, chunk);
  }
}

function release(engine, ...docs) {
  for (const doc of docs) {
    engine.free?.(doc);
  }
}

function same(left, right) {
  return left.length === right.length && left.every((entry, i) => entry === right[i]);
}

/** One counter: local increments. */
export function counter(engine, report, repetitions) {
  report.items(engine.increments);
  for (let i = 0; i < repetitions; ++i) {
    const doc = engine.createCounter(A);
    report.time('inc_1M', () => {
      for (let k = 0; k < engine.increments / transaction; ++k) {
        engine.increment(doc, transaction);
      }
    });
    const single = engine.createCounter(A);
    report.time('inc_100k_tx1', () => {
      for (let k = 0; k < engine.increments / 10; ++k) {
        engine.increment(single, 1);
      }
    });
    report.check(engine.count(doc) === engine.increments);
    const bytes = report.time('encode', () => engine.encode(doc, engine.encodings[0]));
    report.bytes('bytes', bytes.length);
    const loaded = report.time('load', () => engine.load(B, bytes, engine.encodings[0]));
    report.check(engine.count(loaded) === engine.increments);
    release(engine, doc, single, loaded);
  }
}

/** A thousand replicas of one counter merged into one. */
export function counterMerge(engine, report, repetitions) {
  report.items(1000);
  for (let i = 0; i < repetitions; ++i) {
    const base = engine.createCounter(A);
    const origin = engine.encode(base, engine.encodings[0]);
    const forks = Array.from({ length: 1000 }, (_, k) => {
      const fork = engine.load(B + k, origin, engine.encodings[0]);
      engine.increment(fork, 1);
      const bytes = engine.encode(fork, engine.encodings[0]);
      release(engine, fork);
      return bytes;
    });
    report.time('merge_1000x1000', () => forks.forEach((bytes) => engine.apply(base, bytes)));
    report.check(engine.count(base) === 1000);
    release(engine, base);
  }
}

/** A map of 100,000 pairs: set, encode, load. */
export function map(engine, report, repetitions) {
  const pairs = keyValues(100_000);
  const sorted = pairs.map(([key, value]) => `${key} ${value}`).sort();
  for (let i = 0; i < repetitions; ++i) {
    const single = engine.create(A);
    report.time('set_tx1', () => setAll(engine, single, pairs, 1));
    release(engine, single);
    const doc = engine.create(A);
    report.time('set_tx1000', () => setAll(engine, doc, pairs, transaction));
    report.check(same(engine.content(doc), sorted));
    for (const [k, encoding] of engine.encodings.entries()) {
      const suffix = k === 0 ? '' : `_${encoding}`;
      const bytes = report.time(`encode${suffix}`, () => engine.encode(doc, encoding));
      report.bytes(`bytes${suffix}`, bytes.length);
      const loaded = report.time(`load${suffix}`, () => engine.load(B, bytes, encoding));
      const read = report.time(`first_full_read${suffix}`, () => engine.content(loaded));
      report.check(same(read, sorted));
      release(engine, loaded);
    }
    release(engine, doc);
  }
}

/** Two maps of 100,000 pairs with 50,000 conflicts, exchanged both ways. */
export function conflicts(engine, report, repetitions) {
  const pairs = keyValues(150_000);
  const random = new SplitMix64(43);
  const theirs = pairs.slice(50_000).map(([key]) => [key, random.hex()]);
  for (let i = 0; i < repetitions; ++i) {
    const [a, b] = [engine.create(A), engine.create(B)];
    setAll(engine, a, pairs.slice(0, 100_000), transaction);
    setAll(engine, b, theirs, transaction);
    const [fromA, fromB] = [engine.version(a), engine.version(b)];
    const [toA, toB] = [engine.changes(b, fromA), engine.changes(a, fromB)];
    report.bytes('bytes_one_side', toA.length);
    report.time('apply_B_to_A', () => engine.apply(a, toA));
    report.time('apply_A_to_B', () => engine.apply(b, toB));
    const content = engine.content(a);
    report.check(content.length === 150_000 && same(content, engine.content(b)));
    release(engine, a, b);
  }
}

/** A set: concurrent removes and inserts. An add-wins set keeps 125,000 elements. */
export function set(engine, report, repetitions) {
  const elements = keyValues(150_000).map(([key]) => key);
  const removed = elements.slice(0, 100_000).filter((_, k) => k % 2 === 0);
  const orders = [[A, B, 'survivors'], [B, A, 'survivors_swapped_ids']];
  for (let i = 0; i < repetitions; ++i) {
    for (const [first, second, survivors] of orders) {
      const [a, b] = [engine.create(first), engine.create(second)];
      report.time('insert_100k', () => insertAll(engine, a, elements.slice(0, 100_000)));
      report.time('remove_50k', () => {
        for (const chunk of chunks(removed, transaction)) {
          engine.remove(a, chunk);
        }
      });
      insertAll(engine, b, elements.slice(50_000));
      const [fromA, fromB] = [engine.version(a), engine.version(b)];
      const [toA, toB] = [engine.changes(b, fromA), engine.changes(a, fromB)];
      report.bytes('msg_bytes', toA.length);
      report.time('merge', () => engine.apply(a, toA));
      engine.apply(b, toB);
      const content = engine.content(a);
      report.add(survivors, '', content.length);
      report.check(same(content, engine.content(b)));
      release(engine, a, b);
    }
  }
}

/** Small edits to a large shared map, carried by deltas. */
export function smallSync(engine, report, repetitions) {
  const pairs = keyValues(100_000);
  for (let i = 0; i < repetitions; ++i) {
    smallSyncRounds(engine, report, pairs);
  }
}

function smallSyncRounds(engine, report, pairs) {
  const [a, b] = [engine.create(A), engine.create(B)];
  setAll(engine, b, pairs, transaction);
  engine.apply(a, engine.changes(b, engine.version(a)));
  const random = new SplitMix64(44);
  for (let i = 0; i < 15; ++i) {
    const edits = Array.from({ length: 10 }, () => [pairs[random.below(100_000)][0], random.hex()]);
    const [edit] = timed(() => engine.set(b, edits));
    const [make, [version, delta]] = timed(() => {
      const version = engine.version(a);
      return [version, engine.changes(b, version)];
    });
    const [apply] = timed(() => engine.apply(a, delta));
    report.add('edit_us', 'us', edit * 1e3);
    report.add('version_and_delta_us', 'us', make * 1e3);
    report.add('apply_us', 'us', apply * 1e3);
    report.add('total_us', 'us', (edit + make + apply) * 1e3);
    report.bytes('bytes_both', version.length + delta.length);
  }
  report.check(same(engine.content(a), engine.content(b)));
  release(engine, a, b);
}

function syncBothWays(engine, a, b) {
  const [fromA, fromB] = [engine.version(a), engine.version(b)];
  const [toB, toA] = [engine.changes(a, fromB), engine.changes(b, fromA)];
  engine.apply(a, toA);
  engine.apply(b, toB);
  return fromA.length + fromB.length + toA.length + toB.length;
}

/** Many small documents, one concurrent edit on each side of each, synced one after another. */
export function manyDocuments(engine, report, repetitions) {
  const n = engine.w7Documents ?? 10_000;
  report.items(n);
  const fields = Array.from({ length: 10 }, (_, k) => `field${k}`);
  for (let i = 0; i < repetitions; ++i) {
    const random = new SplitMix64(47);
    const rows = Array.from({ length: n }, () => fields.map((field) => [field, random.hex()]));
    const a = report.time('create', () => rows.map((row) => {
      const doc = engine.create(A);
      engine.set(doc, row);
      return doc;
    }));
    const [encoding] = engine.encodings;
    const b = report.time('load', () =>
      a.map((doc) => engine.load(B, engine.encode(doc, encoding), encoding)));
    [...a, ...b].forEach((doc) => engine.synced?.(doc));
    for (let k = 0; k < n; ++k) {
      const [x, y] = [random.hex(), random.hex()];
      engine.set(a[k], [[fields[k % 10], x]]);
      engine.set(b[k], [[fields[(7 * k + 3) % 10], y]]);
    }
    const bytes = report.time('sync_all', () => {
      let sum = 0;
      for (let k = 0; k < n; ++k) {
        sum += syncBothWays(engine, a[k], b[k]);
      }
      return sum;
    });
    report.bytes('sync_bytes', bytes);
    report.check(a.every((doc, k) => {
      const content = engine.content(doc);
      return content.length === 10 && same(content, engine.content(b[k]));
    }));
    release(engine, ...a, ...b);
  }
}

/** A map of 1,000,000 pairs in a fresh process: the peak of its memory. */
export function largeMap(engine, report) {
  const n = 1_000_000;
  const pairs = keyValues(n);
  globalThis.gc?.();
  const input = peakRssBytes();
  const doc = engine.create(A);
  report.time('set', () => setAll(engine, doc, pairs, transaction));
  const aboveInput = () => (peakRssBytes() - input) / n;
  report.add('peak_bytes_per_entry_above_input', 'B', aboveInput());
  const bytes = report.time('encode', () => engine.encode(doc, engine.encodings[0]));
  report.bytes('bytes', bytes.length);
  report.add('peak_bytes_per_entry_after_encode', 'B', aboveInput());
  report.check(engine.content(doc).length === n);
}
