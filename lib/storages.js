'use strict';

// `AsyncLocalStorage`s of the host that functions of tasks capture. A task has one of its own for each, which holds from its beginning
// what the host's held at the spawn, as a copy.

const { AsyncLocalStorage } = require('node:async_hooks');

const ids = new WeakMap();
let lastId = 0;

/** What a storage is called in messages; nothing for other values. */
function nameOf(value) {
  if (!(value instanceof AsyncLocalStorage)) return undefined;
  let id = ids.get(value);
  if (id === undefined) {
    id = ++lastId;
    ids.set(value, id);
  }
  return `storage:${id}`;
}

/** Whether functions of a message may capture storages: some have, or the task's own does. */
function expects({ shipped }) {
  return lastId > 0 || shipped?.values.some((value) => value instanceof AsyncLocalStorage) === true;
}

/** What the storages of a message hold. */
function stores({ storages = [] }) {
  return storages.map((storage) => [storage, storage.getStore()]).filter(([, store]) => store !== undefined);
}

/** Arguments with what the storages hold that are found while they are encoded. */
function around(args, message) {
  return {
    args,
    get context() {
      return stores(message);
    },
  };
}

/** A path in what `around` gives, as users know it. */
function pathIn(path, message) {
  const [, index, inStore] = /^args\.context\[(\d+)\]\[1\](.*)$/s.exec(path) ?? [];
  if (index === undefined) return path.replace(/^args\.args/, 'args');
  // Newer Nodes give them names.
  const name = stores(message)[index]?.[0].name;
  return `store${inStore} of ${name ? `the AsyncLocalStorage ${name}` : 'an AsyncLocalStorage'}`;
}

module.exports = { around, expects, nameOf, pathIn };
