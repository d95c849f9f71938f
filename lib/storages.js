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

/** Arguments with what the storages hold that are found while they are encoded. */
function around(args, message) {
  return {
    args,
    get context() {
      const { storages = [] } = message;
      return storages.map((storage) => [storage, storage.getStore()]).filter(([, store]) => store !== undefined);
    },
  };
}

module.exports = { around, expects, nameOf };
