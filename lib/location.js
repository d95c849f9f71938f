'use strict';

// Where a function stands in the user's files. V8 tells that only to debuggers, so this asks the inspector. It takes
// milliseconds and is done when a task has failed, never before.

const { fileURLToPath } = require('node:url');

const SLOT = Symbol.for('@hertzscript/isolate.location');

/** Addresses of scripts by their ids, which V8 never uses twice. Asking for them takes several milliseconds. */
const urls = new Map();

/** What was found before, by function. */
const known = new WeakMap();

/** Asks V8's inspector; `null` where Node was built without one, or another session forbids it. */
function ask(fn) {
  let session;
  try {
    const inspector = require('node:inspector');
    session = new inspector.Session();
    session.connect();
  } catch {
    return null;
  }
  const post = (method, parameters) => {
    let answer;
    session.post(method, parameters, (error, result) => {
      if (error === null || error === undefined) answer = result;
    });
    return answer;
  };
  globalThis[SLOT] = fn;
  try {
    const handle = post('Runtime.evaluate', { expression: `globalThis[Symbol.for('${SLOT.description}')]` });
    const objectId = handle?.result?.objectId;
    if (objectId === undefined) return null;
    const properties = post('Runtime.getProperties', { objectId, ownProperties: true });
    const location = properties?.internalProperties?.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value;
    if (location === undefined) return null;
    return { ...location, url: urlOf(session, post, location.scriptId) };
  } catch {
    return null;
  } finally {
    delete globalThis[SLOT];
    session.disconnect();
  }
}

/** The debugger announces every script when it is enabled. */
function urlOf(session, post, scriptId) {
  if (!urls.has(scriptId)) {
    session.on('Debugger.scriptParsed', ({ params: { scriptId: id, url, isModule } }) => {
      // As in Node's own stack traces: CommonJS modules are shown by path, ES modules by URL.
      urls.set(id, url.startsWith('file://') && !isModule ? fileURLToPath(url) : url);
    });
    post('Debugger.enable', {});
    post('Debugger.disable', {});
  }
  return urls.get(scriptId) ?? '';
}

/**
 * How far into the text of a function the position lies that the inspector gives: for an arrow function that is the
 * start, for others the parenthesis before the parameters.
 * @param {string} text
 */
function parametersStart(text) {
  const isKeyword = /^(?:async\s+)?function\b/.test(text);
  const isMethodCalledAsync = /^async\s*\([^)]*\)\s*\{/.test(text);
  if (!isKeyword && !isMethodCalledAsync && /^(?:async\b\s*)?(?:\(|[\w$\u0080-\uffff]+\s*=>)/.test(text)) return 0;
  return Math.max(text.indexOf('('), 0);
}

/**
 * Where the text of a function starts in the file that it was loaded from.
 * @param {Function} fn
 * @returns {{file: string, line: number, column: number} | null} line and column count from 1; `null` where nobody knows
 */
function locate(fn) {
  let location = known.get(fn);
  if (location === undefined) {
    location = search(fn);
    known.set(fn, location);
  }
  return location;
}

function search(fn) {
  const found = ask(fn);
  if (found === null || found.url === '') return null;
  const text = Function.prototype.toString.call(fn);
  const before = text.slice(0, parametersStart(text));
  const lines = before.split('\n').length - 1;
  // Where the parameters are on a later line than the text's start, that line's first column cannot be known from here.
  const column = lines === 0 ? found.columnNumber - before.length + 1 : 1;
  return { file: found.url, line: found.lineNumber - lines + 1, column };
}

module.exports = { locate };
