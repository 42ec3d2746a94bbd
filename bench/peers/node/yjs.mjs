// Yjs. It has no counter and no set.

import * as Y from 'yjs';

function openText(replica) {
  const doc = new Y.Doc();
  doc.clientID = replica;
  return { doc, text: doc.getText('t') };
}

function edit({ doc, text }, edits) {
  doc.transact(() => {
    for (const [at, erased, inserted] of edits) {
      if (erased > 0) {
        text.delete(at, erased);
      }
      if (inserted !== '') {
        text.insert(at, inserted);
      }
    }
  });
}

function shared(value) {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  if (Array.isArray(value)) {
    return Y.Array.from(value.map(shared));
  }
  return new Y.Map(Object.entries(value).map(([key, child]) => [key, shared(child)]));
}

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

  createText: openText,
  edit,

  editEncoded({ doc, text }, edits) {
    let update;
    const keep = (bytes) => { update = bytes; };
    doc.on('update', keep);
    edit({ doc, text }, edits);
    doc.off('update', keep);
    return update;
  },

  applyChange: ({ doc }, change) => Y.applyUpdate(doc, change),
  encodeText: ({ doc }, encoding) =>
    (encoding === 'v1' ? Y.encodeStateAsUpdate(doc) : Y.encodeStateAsUpdateV2(doc)),

  loadText(bytes, encoding) {
    const loaded = openText(1);
    (encoding === 'v1' ? Y.applyUpdate : Y.applyUpdateV2)(loaded.doc, bytes);
    return loaded;
  },

  readText: ({ text }) => text.toString(),

  importJson({ doc, map }, text) {
    const fields = Object.entries(JSON.parse(text));
    doc.transact(() => fields.forEach(([key, value]) => map.set(key, shared(value))));
  },

  setField({ doc, map }, path, value) {
    const parent = path.slice(0, -1).reduce((at, key) => at.get(key), map);
    doc.transact(() => parent.set(path.at(-1), value));
  },

  exportJson: ({ map }) => map.toJSON(),

  content: ({ map }) => [...map.entries()].map(([key, value]) => `${key} ${value}`).sort(),
};
