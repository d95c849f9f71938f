'use strict';

// Running ECMAScript modules in coroutine form: the specification's InnerModuleEvaluation with its asynchronous parts. This
// file is compiled as users' code is, so that a module's body can be suspended like any function.
//
// Several tasks can want a module at once. While one of them evaluates it, the others wait (waiting.js).

const { ArrayPrototypeSort, Error, ObjectKeys } = require('primordials');
const { coded } = require('errors');
const { awaits } = require('modules/failures');
const { LINKED, EVALUATING, WAITING, EVALUATED } = require('modules/records');

module.exports = function createEvaluation(records, waiting, promises, holdsExports, setExports) {
  const { follow, newPromise, performThen, rejectPromise, resolvePromise } = promises;
  let lastOrder = 0;

  function inner(record, stack, start) {
    if (!record.isSource) {
      evaluateSynthetic(record);
      return start;
    }
    if (record.status === EVALUATING) waiting.wait(record);
    if (record.status === EVALUATED || record.status === WAITING) {
      if (record.failure !== undefined) throw record.failure.error;
      return start;
    }
    if (record.status !== LINKED) return start;
    record.status = EVALUATING;
    waiting.begin(record);
    record.index = start;
    record.ancestor = start;
    // One for itself, so that nothing begins its body while it waits for its turn.
    record.pending = 1;
    let index = start + 1;
    stack[stack.length] = record;
    const { requests } = record;
    for (let i = 0; i < requests.length; i++) {
      let required = requests[i];
      index = inner(required, stack, index);
      if (!required.isSource) continue;
      if (required.status === EVALUATING) {
        if (required.ancestor < record.ancestor) record.ancestor = required.ancestor;
      } else {
        required = required.cycleRoot;
        if (required.failure !== undefined) throw required.failure.error;
      }
      if (required.order > 0) {
        record.pending++;
        required.parents[required.parents.length] = record;
      }
    }
    if (record.failure !== undefined) throw record.failure.error;
    record.pending--;
    if (record.pending > 0 || record.isAsync) {
      record.order = ++lastOrder;
      if (record.pending === 0) executeAsync(record);
    } else {
      execute(record);
    }
    if (record.ancestor === record.index) leave(record, stack);
    return index;
  }

  /** All modules of a cycle are done together. */
  function leave(root, stack) {
    for (;;) {
      const record = stack[stack.length - 1];
      stack.length--;
      if (record.status === EVALUATING) record.status = record.order === 0 ? EVALUATED : WAITING;
      record.cycleRoot = root;
      waiting.end(record);
      if (record === root) return;
    }
  }

  function evaluateSynthetic(record) {
    if (record.values !== undefined) return;
    const { evaluate } = record;
    const exports = evaluate();
    if (record.values === undefined) records.setValues(record, exports);
  }

  function execute(record) {
    records.bindLate(record);
    const { body } = record;
    body();
    records.nameDefault(record);
  }

  function executeAsync(record) {
    try {
      records.bindLate(record);
      const { body } = record;
      const promise = body();
      // Who is killed while a program's own module awaits something stands in that. What the module imports may be others' as well.
      if (record.isMain && record.promise !== undefined) follow(record.promise, { __proto__: null, values: [promise] });
      performThen(
        promise,
        () => fulfilled(record),
        (error) => rejected(record, error),
      );
    } catch (error) {
      rejected(record, error);
    }
  }

  function finish(record) {
    record.order = -1;
    record.status = EVALUATED;
    records.nameDefault(record);
    if (record.promise !== undefined) resolvePromise(record.promise, undefined);
  }

  function fulfilled(record) {
    if (record.status === EVALUATED) return;
    finish(record);
    const list = [];
    gather(record, list);
    ArrayPrototypeSort(list, (a, b) => a.order - b.order);
    for (let i = 0; i < list.length; i++) {
      const next = list[i];
      if (next.status === EVALUATED) continue;
      if (next.isAsync) {
        executeAsync(next);
        continue;
      }
      try {
        execute(next);
      } catch (error) {
        rejected(next, error);
        continue;
      }
      finish(next);
    }
  }

  /** The modules that waited for this one alone. */
  function gather(record, list) {
    const { parents } = record;
    for (let i = 0; i < parents.length; i++) {
      const parent = parents[i];
      if (parent.cycleRoot !== undefined && parent.cycleRoot.failure !== undefined) continue;
      if (includes(list, parent)) continue;
      parent.pending--;
      if (parent.pending > 0) continue;
      list[list.length] = parent;
      if (!parent.isAsync) gather(parent, list);
    }
  }

  function includes(list, item) {
    for (let i = 0; i < list.length; i++) if (list[i] === item) return true;
    return false;
  }

  function rejected(record, error) {
    if (record.status === EVALUATED && record.failure !== undefined) return;
    record.failure = { __proto__: null, error };
    record.order = -1;
    record.status = EVALUATED;
    const { parents } = record;
    for (let i = 0; i < parents.length; i++) rejected(parents[i], error);
    if (record.promise !== undefined) rejectPromise(record.promise, error);
  }

  /** Runs a module and what it needs, up to the first that awaits. */
  function run(record) {
    const stack = [];
    try {
      inner(record, stack, 0);
    } catch (error) {
      for (let i = 0; i < stack.length; i++) {
        const failed = stack[i];
        failed.status = EVALUATED;
        failed.failure = { __proto__: null, error };
        failed.cycleRoot = failed;
        waiting.end(failed);
      }
      throw error;
    }
  }

  /** The promise of a module's evaluation. */
  function evaluate(record) {
    if (!record.isSource) {
      const promise = newPromise();
      try {
        evaluateSynthetic(record);
        resolvePromise(promise, undefined);
      } catch (error) {
        rejectPromise(promise, error);
      }
      return promise;
    }
    if (record.status === EVALUATING) waiting.wait(record);
    const root = record.cycleRoot ?? record;
    if (root.promise !== undefined) return root.promise;
    const promise = newPromise();
    root.promise = promise;
    try {
      run(root);
      if (root.failure !== undefined) rejectPromise(promise, root.failure.error);
      else if (root.order <= 0) resolvePromise(promise, undefined);
    } catch (error) {
      rejectPromise(promise, error);
    }
    return promise;
  }

  /** The job of an `import()`. */
  function importJob(promise, specifier, request) {
    try {
      const record = records.load(specifier, request.base, request.kind);
      const done = evaluate(record);
      performThen(
        done,
        () => resolvePromise(promise, records.namespaceOf(record)),
        (error) => rejectPromise(promise, error),
      );
    } catch (error) {
      rejectPromise(promise, error);
    }
  }

  function hasAwait(record, seen) {
    if (!record.isSource || includes(seen, record)) return false;
    seen[seen.length] = record;
    if (record.isAsync) return true;
    for (let i = 0; i < record.requests.length; i++) if (hasAwait(record.requests[i], seen)) return true;
    return false;
  }

  /** `require` of an ECMAScript module. */
  function requireModule(key, info) {
    const record = records.loadKey(key, null, info);
    if (hasAwait(record, [])) {
      throw awaits(key);
    }
    if (record.status === EVALUATING) waiting.wait(record);
    if (record.status === EVALUATING) {
      throw coded(
        Error,
        'ERR_REQUIRE_CYCLE_MODULE',
        `Cannot require() ES Module ${key} in a cycle: it is being evaluated`,
      );
    }
    run(record);
    return records.requiredOf(record);
  }

  /** Runs a program that is a module. */
  function runMain(key, path, url, info) {
    const record = records.loadMain(key, path, url, info);
    const promise = evaluate(record);
    setExports(records.namespaceOf(record));
    return promise;
  }

  /** Runs a program that is a script. A file's exports, if it has any, are its value. */
  function runScript(program, module, isFile) {
    const { exports } = module;
    const value = program();
    module.loaded = true;
    const now = module.exports;
    if (!isFile || (now === exports && ObjectKeys(now).length === 0)) return value;
    if (promises.isPromise(now) || !holdsExports(now)) return now;
    setExports(now);
    return promiseOf(undefined);
  }

  function promiseOf(value) {
    const promise = newPromise();
    resolvePromise(promise, value);
    return promise;
  }

  return { importJob, requireModule, runMain, runScript };
};
