'use strict';

// Where a function stands in the user's files. V8 tells that only to debuggers, so this asks the inspector. It takes
// milliseconds and is done where a stack is read, and once for the text of a function whose meaning depends on its surroundings.

const { fileURLToPath } = require('node:url');
const { runInThisContext } = require('node:vm');
const { isClassText } = require('./function-source.js');
const { parametersOf } = require('./parameters.js');
const { isUsed, loadedColumn, withoutMarks } = require('./prepared.js');
const { isOfOneName } = require('./source-maps.js');

const SLOT = Symbol.for('@hertzscript/isolate.location');

/**
 * What V8 tells of scripts, by their ids, which it never uses twice. Asking for it takes several milliseconds.
 * @type {Map<string, {url: string, isModule: boolean, startLine: number, startColumn: number, length: number}>}
 */
const scripts = new Map();

/** What was found before, by function. */
const known = new WeakMap();

/**
 * Asks V8's inspector where a function stands; `null` where Node was built without one, or another session forbids it.
 * @param {Function} fn
 * @param {boolean} withSource whether the text of its script is wanted
 * @param {number} [longest] how long it may be, in UTF-16 units
 * @param {boolean} [urlOnly] whether nothing but its URL is wanted
 */
function ask(fn, withSource, longest = Infinity, urlOnly = false) {
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
  // What the inspector sees, also where this file runs in a context of its own, as in Jest.
  const home = runInThisContext('globalThis');
  home[SLOT] = fn;
  try {
    const handle = post('Runtime.evaluate', { expression: `globalThis[Symbol.for('${SLOT.description}')]` });
    const objectId = handle?.result?.objectId;
    if (objectId === undefined) return null;
    const properties = post('Runtime.getProperties', { objectId, ownProperties: true });
    const location = properties?.internalProperties?.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value;
    if (location === undefined) return null;
    const { scriptId } = location;
    let source;
    if (urlOnly && !scripts.has(scriptId)) {
      if (!urls.has(scriptId)) learnCallers(post);
      const url = urls.get(scriptId);
      if (url !== undefined) return { ...location, script: { url }, source };
    }
    if (withSource || !scripts.has(scriptId)) {
      session.on('Debugger.scriptParsed', ({ params }) => learn(params));
      post('Debugger.enable', {});
      if (withSource && !(scripts.get(scriptId)?.length > longest))
        source = post('Debugger.getScriptSource', { scriptId })?.scriptSource;
      post('Debugger.disable', {});
    }
    return { ...location, script: scripts.get(scriptId), source };
  } catch {
    return null;
  } finally {
    delete home[SLOT];
    session.disconnect();
  }
}

/**
 * The URL of a function's script; empty where it has none. A script that has called this library is found without the debugger,
 * which takes longer the more scripts there are.
 * @param {Function} fn
 */
function urlOf(fn) {
  return ask(fn, false, Infinity, true)?.script?.url;
}

/** Names of scripts, by their ids, of which nothing else is known: as stacks show them. */
const urls = new Map();

/** Learns the URLs of the scripts that have called this: the inspector tells them with the stack of an error in what it runs. */
function learnCallers(post) {
  post('Runtime.enable', {});
  const answer = post('Runtime.evaluate', { expression: 'throw new Error()', silent: true });
  post('Runtime.disable', {});
  const paths = callers();
  for (const { scriptId, url } of answer?.exceptionDetails?.stackTrace?.callFrames ?? []) {
    // The inspector gives URLs of all files; V8 calls those of CommonJS modules and other scripts by their paths.
    const path = url.startsWith('file://') ? fileURLToPath(url) : url;
    urls.set(scriptId, paths.has(path) ? path : url);
  }
}

/** Names of the scripts on the stack, as V8 has them. */
function callers() {
  // Nobody can ask with --frozen-intrinsics.
  if (Object.isFrozen(Error)) return new Set();
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder = {};
  try {
    Error.stackTraceLimit = 200;
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.captureStackTrace(holder);
    return new Set(holder.stack.map((site) => site.getFileName()));
  } catch {
    return new Set();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/**
 * Where the text of a function begins, whose place the inspector has told already; nothing where its script is not known and has
 * not called this library, and where the name of its file means something else than what V8 has.
 * @param {{scriptId: string, lineNumber: number, columnNumber: number}} place
 * @param {string} text
 * @returns {{file: string, line: number, column: number} | undefined}
 */
function startOf(place, text) {
  // What preparing a file has put into its lines is told by its text only.
  if (isUsed()) return undefined;
  const { scriptId } = place;
  const known = scripts.get(scriptId);
  if (known === undefined && !urls.has(scriptId)) {
    withSession(learnCallers);
    if (!urls.has(scriptId)) urls.set(scriptId, undefined);
  }
  const url = known?.url ?? urls.get(scriptId);
  if (url === undefined || url === '') return undefined;
  const start = { file: url, ...startFrom(place.lineNumber, place.columnNumber, text) };
  return isOfOneName(start) ? undefined : start;
}

/** Does something with a session of the inspector's, where there is one. */
function withSession(action) {
  try {
    const inspector = require('node:inspector');
    const session = new inspector.Session();
    session.connect();
    try {
      action((method, parameters) => {
        let answer;
        session.post(method, parameters, (error, result) => {
          if (error === null || error === undefined) answer = result;
        });
        return answer;
      });
    } finally {
      session.disconnect();
    }
  } catch {
    // Then it stays unknown.
  }
}

/** The debugger announces every script when it is enabled. */
function learn({ scriptId, url, isModule = false, startLine, startColumn, length }) {
  // As in Node's own stack traces: CommonJS modules are shown by path, ES modules by URL.
  const shown = url.startsWith('file://') && !isModule ? fileURLToPath(url) : url;
  scripts.set(scriptId, { url: shown, isModule, startLine, startColumn, length });
}

/**
 * Whether a function is strict code because of its file or of what is around it in there.
 * @param {Function} fn
 */
function isStrictCode(fn) {
  const found = ask(fn, true);
  if (found?.script === undefined) return false;
  const { script, source, lineNumber, columnNumber } = found;
  if (script.isModule) return true;
  if (source === undefined) return false;
  return require('./native.js').isStrictAt(source, offsetIn(source, script, lineNumber, columnNumber));
}

/** Where a place lies in the source of its script, in bytes of UTF-8. */
function offsetIn(source, script, lineNumber, columnNumber) {
  const line = lineNumber - script.startLine;
  let start = 0;
  for (let passed = 0; passed < line; passed++) start = source.indexOf('\n', start) + 1;
  return Buffer.byteLength(source.slice(0, start + columnNumber - (line === 0 ? script.startColumn : 0)));
}

/** Scripts longer than this are not looked at for declarations: parsing them takes a second. */
const LONGEST_SCRIPT = 16e6;

/**
 * How variables that a function uses are declared in its script.
 * @param {Function} fn
 * @param {string[]} names
 * @param {number} [longest] longer scripts are not looked at
 * @returns {({constant: boolean, stable: boolean, place: Place | undefined} | undefined)[]} nothing for each that is not
 *   found; `stable` says that nothing assigns it after its declaration, the place is what `locate` gives
 */
function declarationsOf(fn, names, longest = LONGEST_SCRIPT) {
  const found = ask(fn, true, longest);
  if (found?.script === undefined || found.source === undefined) {
    return names.map(() => undefined);
  }
  const { script, source, lineNumber, columnNumber } = found;
  const offset = offsetIn(source, script, lineNumber, columnNumber);
  const declared = require('./native.js').declarations(source, script.isModule, offset, names);
  return declared.map((one) => {
    if (one === null || one === undefined) return undefined;
    const lines = Buffer.from(source).subarray(0, one.offset).toString().split('\n');
    const line = lines.length + script.startLine;
    const first = 1 + (lines.length === 1 ? script.startColumn : 0);
    const last = lines.at(-1);
    const [column, loadedColumn] = [withoutMarks(last).length + first, last.length + first];
    const place = script.url === '' ? undefined : { file: script.url, line, column, loadedColumn };
    return { constant: one.constant, stable: one.stable, place };
  });
}

/**
 * What the ES module of a function imports.
 * @param {Function} fn
 * @returns {Map<string, {from: string, specifier: string, name: string}>}
 */
function importsAround(fn) {
  const found = ask(fn, true, LONGEST_SCRIPT);
  const imports = new Map();
  const from = found?.script?.url;
  if (found?.source === undefined || !found.script.isModule || !from.startsWith('file:')) return imports;
  for (const { local, specifier, name } of require('./native.js').imports(found.source)) {
    imports.set(local, { from, specifier, name });
  }
  return imports;
}

/** How far into a text the position lies that the inspector gives: for a class it is its constructor's, or its start. */
function parametersStart(text) {
  if (isClassText(text)) return require('./native.js').surroundings(text)?.constructor ?? 0;
  return parametersOf(text);
}

/**
 * A place in a file that Node has loaded.
 * @typedef {object} Place
 * @property {string} file
 * @property {number} line from 1, as the columns
 * @property {number} column
 * @property {number} loadedColumn the column in what Node has loaded: the loader may have put something into the line
 */

/**
 * Where the text of a function starts in the file that it was loaded from.
 * @param {Function} fn
 * @returns {Place | null} `null` where nobody knows
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
  const found = ask(fn, isUsed());
  const url = found?.script?.url ?? '';
  if (url === '') return null;
  const { line, column } = startFrom(found.lineNumber, found.columnNumber, Function.prototype.toString.call(fn));
  return { file: url, line, column: writtenColumn(found, line - 1, column - 1) + 1, loadedColumn: column };
}

/**
 * Where a position in the text of a function is in its file.
 * @param {Function} fn
 * @param {number} line from 1, as the column
 * @param {number} column
 * @returns {Place | null}
 */
function placeIn(fn, line, column) {
  const start = locate(fn);
  if (start === null) return null;
  const text = Function.prototype.toString.call(fn).split('\n', line).at(-1);
  const loaded = loadedColumn(text, column - 1) + 1;
  if (line > 1) return { file: start.file, line: start.line + line - 1, column, loadedColumn: loaded };
  return {
    file: start.file,
    line: start.line,
    column: start.column + column - 1,
    loadedColumn: start.loadedColumn + loaded - 1,
  };
}

/** Where a text begins whose parameters are at a line and a column, which count from 0. */
function startFrom(lineNumber, columnNumber, text) {
  const before = text.slice(0, parametersStart(text));
  const lines = before.split('\n').length - 1;
  // Where the parameters are on a later line than the text's start, that line's first column cannot be known from here.
  return { line: lineNumber - lines + 1, column: lines === 0 ? columnNumber - before.length + 1 : 1 };
}

/** The column of a place (from 0, as all here) without what preparing its file has put before it in the line. */
function writtenColumn({ script, source }, lineNumber, columnNumber) {
  if (source === undefined) return columnNumber;
  const line = source.split('\n', lineNumber - script.startLine + 1).at(-1);
  const before = line.slice(0, columnNumber - (lineNumber === script.startLine ? script.startColumn : 0));
  return columnNumber - (before.length - withoutMarks(before).length);
}

module.exports = { declarationsOf, importsAround, isStrictCode, locate, placeIn, startOf, urlOf };
