// W6: a large JSON document, imported, shared, and edited on both sides. An engine has, besides
// what W2 needs, importJson(doc, text), setField(doc, path, value): one transaction each, and
// exportJson(doc).

import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SplitMix64 } from './data.mjs';
import { files, unpacked } from './traces.mjs';

const file = 'w6.json.gz';
const edits = 1000;

/** The paths of all fields that hold neither a map nor a list, in order. */
function fields(value, at = [], found = []) {
  for (const key of Object.keys(value).sort()) {
    const child = value[key];
    if (child === null || typeof child !== 'object') {
      found.push([...at, key]);
    } else if (!Array.isArray(child)) {
      fields(child, [...at, key], found);
    }
  }
  return found;
}

function parentOf(tree, place) {
  return place.slice(0, -1).reduce((at, key) => at[key], tree);
}

/** Whether all edits are there; a field that both have set may hold either value. */
function agrees(merged, whole, ofA, ofB) {
  const [mine, theirs] = [ofA, ofB].map((list) => new Map(list.map(([p, v]) => [p, v])));
  for (const place of new Set([...mine.keys(), ...theirs.keys()])) {
    const field = place.at(-1);
    const found = parentOf(merged, place)[field];
    if (found !== mine.get(place) && found !== theirs.get(place)) {
      return false;
    }
    parentOf(whole, place)[field] = found;
  }
  return isDeepStrictEqual(merged, whole);
}

/** Import, encode, load; a thousand fields set on each side, exchanged and merged. */
export function importAndMerge(engine, report, repetitions) {
  const found = files(engine.name, 'W6', 'json').find((name) => path.basename(name) === file);
  if (found === undefined) {
    return;
  }
  const text = unpacked(found);
  for (let i = 0; i < repetitions; ++i) {
    const whole = JSON.parse(text);
    const places = fields(whole);
    const a = engine.create(0x11111111);
    report.time('import', () => engine.importJson(a, text));
    report.check(isDeepStrictEqual(engine.exportJson(a), whole));
    const [encoding] = engine.encodings;
    const bytes = report.time('encode', () => engine.encode(a, encoding));
    report.bytes('bytes', bytes.length);
    const b = report.time('load', () => engine.load(0x22222222, bytes, encoding));
    report.check(isDeepStrictEqual(engine.exportJson(b), whole));

    const random = new SplitMix64(45);
    const draw = () => [places[random.below(places.length)], random.hex()];
    const [ofA, ofB] = [0, 1].map(() => Array.from({ length: edits }, draw));
    report.time('edit_1000', () => ofA.forEach(([at, value]) => engine.setField(a, at, value)));
    ofB.forEach(([at, value]) => engine.setField(b, at, value));
    const [fromA, fromB] = [engine.version(a), engine.version(b)];
    const [toA, toB] = report.time('make_deltas', () =>
      [engine.changes(b, fromA), engine.changes(a, fromB)]);
    report.bytes('bytes_delta', toA.length);
    report.time('merge_1000_and_1000', () => {
      engine.apply(a, toA);
      engine.apply(b, toB);
    });
    const merged = engine.exportJson(a);
    report.check(isDeepStrictEqual(merged, engine.exportJson(b)));
    report.check(agrees(merged, whole, ofA, ofB));
  }
}
