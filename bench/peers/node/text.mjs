// The workloads of texts. An engine has createText(replica), edit(text, edits): one change,
// editEncoded(text, edits): one change, returned encoded; applyChange(text, bytes),
// encodeText(text, encoding), loadText(bytes, encoding), readText(text).

import { files, inUnits, load } from './traces.mjs';
import { Report } from './report.mjs';

/** A peer that needs longer for its repetitions gets fewer. */
const millisecondsMax = 60_000;

function repeat(repetitions, work) {
  const start = performance.now();
  for (let i = 0; i < repetitions && performance.now() - start < millisecondsMax; ++i) {
    work();
  }
}

function encodeAndLoad(engine, report, trace, text) {
  for (const [i, encoding] of engine.encodings.entries()) {
    const named = (step) => `${step}${i === 0 ? '' : `_${encoding}`}.${trace.name}`;
    const bytes = report.time(named('encode'), () => engine.encodeText(text, encoding));
    report.bytes(named('bytes'), bytes.length);
    const read = report.time(named('load_and_read'), () =>
      engine.readText(engine.loadText(bytes, encoding)));
    report.check(read === trace.end);
  }
}

/** Every recorded edit of one author, each as a change of its own; encoded; loaded and read. */
export function sequential(engine, repetitions) {
  for (const file of files(engine.name, 'W8', 'editing-traces/sequential')) {
    const report = new Report(engine.name, 'W8');
    const trace = load(file);
    const recorded = trace.transactions.flatMap(({ edits }) => edits);
    const edits = trace.isBasic ? recorded : inUnits('', recorded);
    const each = edits.map((edit) => [edit]);
    repeat(repetitions, () => {
      const text = engine.createText(1);
      report.time(`apply.${trace.name}`, () => each.forEach((edit) => engine.edit(text, edit)));
      report.check(engine.readText(text) === trace.end);
      encodeAndLoad(engine, report, trace, text);
    });
    repeat(engine.editsAllAtOnce ? repetitions : 0, () => {
      const text = engine.createText(1);
      report.time(`apply_onetx.${trace.name}`, () => engine.edit(text, edits));
      report.check(engine.readText(text) === trace.end);
    });
    report.print();
  }
}

/** Some transactions of a trace. */
class Known {
  constructor(count) {
    this.words = new Uint32Array(Math.ceil(count / 32));
  }

  contains(i) {
    return (this.words[i >>> 5] >>> (i & 31)) & 1;
  }

  insert(i) {
    this.words[i >>> 5] |= 1 << (i & 31);
  }

  unite(other) {
    other.words.forEach((word, i) => { this.words[i] |= word; });
  }

  isWithin(other) {
    return this.words.every((word, i) => (word & ~other.words[i]) === 0);
  }
}

/**
 * Replays a trace on a replica for each author and returns what each transaction sends. An author
 * that edits an older version than it wrote last does so on another replica.
 */
function changesOf(engine, { transactions, isBasic }) {
  const [lanes, changes, pasts] = [[], [], []];
  for (const [i, { agent, parents, edits }] of transactions.entries()) {
    const past = new Known(transactions.length);
    parents.forEach((parent) => past.unite(pasts[parent]));
    let lane = lanes.findLast((l) => l.agent === agent && l.known.isWithin(past));
    if (lane === undefined) {
      const known = new Known(transactions.length);
      lane = { agent, text: engine.createText(2 + lanes.length), known };
      lanes.push(lane);
    }
    for (let j = 0; j < i; ++j) {
      if (past.contains(j) && !lane.known.contains(j)) {
        engine.applyChange(lane.text, changes[j]);
      }
    }
    const counted = isBasic ? edits : inUnits(engine.readText(lane.text), edits);
    changes.push(engine.editEncoded(lane.text, counted));
    past.insert(i);
    lane.known = past;
    pasts.push(past);
  }
  return changes;
}

/** What several authors wrote at once, applied change by change to a replica that has nothing. */
export function concurrent(engine, repetitions) {
  for (const file of files(engine.name, 'W8c', 'editing-traces/concurrent')) {
    const report = new Report(engine.name, 'W8c');
    const trace = load(file);
    const changes = changesOf(engine, trace);
    repeat(repetitions, () => {
      const text = engine.createText(1);
      report.time(`apply.${trace.name}`, () =>
        changes.forEach((change) => engine.applyChange(text, change)));
      report.check(engine.readText(text) === trace.end);
      encodeAndLoad(engine, report, trace, text);
    });
    report.print();
  }
}
