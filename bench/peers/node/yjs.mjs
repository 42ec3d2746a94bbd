// Yjs. It has no counter and no set.

import * as Y from 'yjs';

function open(replica) {
  const doc = new Y.Doc();
  doc.clientID = replica;
  return { doc, map: doc.getMap('m') };
}

export const yjs = {
  name: 'yjs 13.6.33',
  encodings: ['v1', 'v2'],

  create: open,

  set({ doc, map }, pairs) {
    doc.transact(() => {
      for (const [key, value] of pairs) {
        map.set(key, value);
      }
    });
  },

  insert({ doc, map }, elements) {
    doc.transact(() => {
      for (const element of elements) {
        map.set(element, true);
      }
    });
  },

  remove({ doc, map }, elements) {
    doc.transact(() => {
      for (const element of elements) {
        map.delete(element);
      }
    });
  },

  encode({ doc }, encoding) {
    return encoding === 'v1' ? Y.encodeStateAsUpdate(doc) : Y.encodeStateAsUpdateV2(doc);
  },

  load(replica, bytes, encoding) {
    const loaded = open(replica);
    (encoding === 'v1' ? Y.applyUpdate : Y.applyUpdateV2)(loaded.doc, bytes);
    return loaded;
  },

  version: ({ doc }) => Y.encodeStateVector(doc),
  changes: ({ doc }, version) => Y.encodeStateAsUpdate(doc, version),
  apply: ({ doc }, changes) => Y.applyUpdate(doc, changes),

  content: ({ map }) => [...map.entries()].map(([key, value]) => `${key} ${value}`).sort(),
};
