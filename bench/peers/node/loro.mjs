// Loro, compiled to WebAssembly. It has a counter and no set.

import { LoroDoc, VersionVector } from 'loro-crdt';

function open(replica, doc = new LoroDoc()) {
  doc.setPeerId(BigInt(replica));
  return { doc, map: doc.getMap('m') };
}

export const loro = {
  name: 'loro-crdt 1.17.1',
  encodings: ['updates', 'snapshot'],
  increments: 1_000_000,

  create: (replica) => open(replica),

  set({ doc, map }, pairs) {
    for (const [key, value] of pairs) {
      map.set(key, value);
    }
    doc.commit();
  },

  insert({ doc, map }, elements) {
    for (const element of elements) {
      map.set(element, true);
    }
    doc.commit();
  },

  remove({ doc, map }, elements) {
    for (const element of elements) {
      map.delete(element);
    }
    doc.commit();
  },

  encode: ({ doc }, encoding) =>
    doc.export({ mode: encoding === 'updates' ? 'update' : 'snapshot' }),

  load(replica, bytes, encoding) {
    if (encoding === 'snapshot') {
      return open(replica, LoroDoc.fromSnapshot(bytes));
    }
    const loaded = open(replica);
    loaded.doc.import(bytes);
    return loaded;
  },

  version: ({ doc }) => doc.oplogVersion().encode(),
  changes: ({ doc }, version) =>
    doc.export({ mode: 'update', from: VersionVector.decode(version) }),
  apply: ({ doc }, changes) => doc.import(changes),

  content: ({ map }) => map.entries().map(([key, value]) => `${key} ${value}`).sort(),
  free: ({ doc }) => doc.free(),

  createCounter: (replica) => open(replica),

  increment({ doc }, times) {
    const counter = doc.getCounter('c');
    for (let i = 0; i < times; ++i) {
      counter.increment(1);
    }
    doc.commit();
  },

  count: ({ doc }) => doc.getCounter('c').value,
};
