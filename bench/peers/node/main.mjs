// Runs one workload on one peer: node --expose-gc main.mjs PEER WORKLOAD [REPETITIONS]

import { Report, skip } from './report.mjs';
import { importAndMerge } from './json.mjs';
import { concurrent, sequential } from './text.mjs';
import * as workloads from './workloads.mjs';

const peers = {
  automerge: async () => (await import('./automerge.mjs')).automerge,
  loro: async () => (await import('./loro.mjs')).loro,
  yjs: async () => (await import('./yjs.mjs')).yjs,
};

// These print a report for each recorded text.
const texts = { W8: sequential, W8c: concurrent };

const runs = {
  W1: ['counter', 'counterMerge'],
  W2: ['map'],
  W3: ['conflicts'],
  W4: ['set'],
  W5: ['smallSync'],
  W6: ['importAndMerge'],
  W7: ['manyDocuments'],
  W10: ['largeMap'],
};

const [peer, workload, count = '3'] = process.argv.slice(2);
const repetitions = Number(count);
if (!(peer in peers) || !(workload in runs || workload in texts) || !(repetitions >= 1)) {
  console.error(
    'usage: main.mjs automerge|loro|yjs W1|W2|W3|W4|W5|W6|W7|W8|W8c|W10 [REPETITIONS]');
  process.exit(2);
}

const engine = await peers[peer]();
if (workload === 'W1' && !engine.createCounter) {
  skip(engine.name, workload, 'no counter type');
} else if (workload in texts && engine.createText) {
  texts[workload](engine, repetitions);
} else if (workload in texts || (workload === 'W6' && !engine.importJson)) {
  skip(engine.name, workload, 'its native crate is measured');
} else {
  for (const name of runs[workload]) {
    const report = new Report(engine.name, workload);
    ({ ...workloads, importAndMerge })[name](engine, report, repetitions);
    report.print();
  }
}
