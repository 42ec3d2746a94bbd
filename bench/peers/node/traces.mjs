// Recorded edits of real texts: editing-traces/{sequential,concurrent}/*.json.gz.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { skip } from './report.mjs';

export function unpacked(file) {
  return gunzipSync(readFileSync(file)).toString('utf8');
}

/** The packed files of a folder of the data, small ones first; a row says so if there are none. */
export function files(peer, workload, folder) {
  const data = process.env.JOINERY_CONFORMANCE_DATA;
  const place = data === undefined ? undefined : path.join(data, folder);
  const names = place !== undefined && existsSync(place) ? readdirSync(place) : [];
  const packed = names.filter((name) => name.endsWith('.json.gz')).sort();
  const found = packed.map((name) => path.join(place, name));
  if (found.length === 0) {
    skip(peer, workload, `no ${folder} in JOINERY_CONFORMANCE_DATA`);
  }
  return found.sort((one, other) => statSync(one).size - statSync(other).size);
}

/** Edits that follow each other from `text` on: code points become UTF-16 units. */
export function inUnits(text, edits) {
  const points = Array.from(text);
  const units = (from, to) => points.slice(from, to).join('').length;
  return edits.map(([at, erased, inserted]) => {
    const edit = [units(0, at), units(at, at + erased), inserted];
    points.splice(at, erased, ...Array.from(inserted));
    return edit;
  });
}

function isBasic(transactions) {
  return transactions.every(({ edits }) =>
    edits.every(([, , inserted]) => Array.from(inserted).length === inserted.length));
}

export function load(file) {
  const { txns, endContent } = JSON.parse(unpacked(file));
  const transactions = txns.map(({ agent = 0, parents, patches }, i) =>
    ({ agent: String(agent), parents: parents ?? (i === 0 ? [] : [i - 1]), edits: patches }));
  const name = path.basename(file).replace('.json.gz', '');
  return { name, transactions, end: endContent, isBasic: isBasic(transactions) };
}
