// Automerge, compiled to WebAssembly. It has a counter and no set.
//
// The calls go to the WebAssembly handle of the document (`getBackend`): `change` with its
// JavaScript proxies does the same work many times slower.

import * as Automerge from '@automerge/automerge';

const root = '/';

function actor(replica) {
  return replica.toString(16).padStart(32, '0');
}

function open(replica, bytes) {
  const options = { actor: actor(replica) };
  const doc = bytes ? Automerge.load(bytes, options) : Automerge.init(options);
  return { doc, handle: Automerge.getBackend(doc), shared: [] };
}

function headsOf(version) {
  const heads = [];
  for (let i = 0; i < version.length; i += 32) {
    heads.push(Buffer.from(version.subarray(i, i + 32)).toString('hex'));
  }
  return heads;
}

export const automerge = {
  name: '@automerge/automerge 3.5.0',
  encodings: ['save', 'nocompress'],
  increments: 10_000,
  w7Documents: 1000,

  create: (replica) => open(replica),

  set({ handle }, pairs) {
    for (const [key, value] of pairs) {
      handle.put(root, key, value, 'str');
    }
    handle.commit();
  },

  insert({ handle }, elements) {
    for (const element of elements) {
      handle.put(root, element, true);
    }
    handle.commit();
  },

  remove({ handle }, elements) {
    for (const element of elements) {
      handle.delete(root, element);
    }
    handle.commit();
  },

  encode: ({ handle }, encoding) => (encoding === 'save' ? handle.save() : handle.saveNoCompress()),
  load: (replica, bytes) => open(replica, bytes),

  version: ({ handle }) => Buffer.from(handle.getHeads().join(''), 'hex'),

  /** A peer's newer heads are unknown here; the heads after the last sync are not. */
  changes({ handle, shared }, version) {
    const heads = headsOf(version);
    if (heads.length === 0) {
      return handle.save();
    }
    const known = handle.getMissingDeps(heads).length === 0;
    const since = known ? heads : shared;
    return since.length === 0 ? handle.save() : handle.saveSince(since);
  },

  apply: ({ handle }, changes) => handle.loadIncremental(changes),

  synced(doc) {
    doc.shared = doc.handle.getHeads();
  },

  content({ handle }) {
    const entries = Object.entries(handle.materialize(root));
    return entries.map(([key, value]) => `${key} ${value}`).sort();
  },

  free: ({ handle }) => handle.free(),

  createCounter(replica) {
    const created = open(replica);
    created.handle.put(root, 'c', 0, 'counter');
    created.handle.commit();
    return created;
  },

  increment({ handle }, times) {
    for (let i = 0; i < times; ++i) {
      handle.increment(root, 'c', 1);
    }
    handle.commit();
  },

  count: ({ handle }) => Number(handle.getWithType(root, 'c')[1]),
};
