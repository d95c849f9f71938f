'use strict';

// Stacks of errors, in places of what the user wrote. V8 asks `Error.prepareStackTrace` for the text of every stack; in
// realms for coroutine form that is an accessor, behind which the kernel answers unless the program has set its own. It cannot be deleted: the
// kernel would no longer know who calls (stack-walk.js), nor other programs of the realm where their errors come from.

const { addAwaits } = require('await-stack');
const { addCallers } = require('caller-stack');
const {
  defineProperty,
  Error,
  ErrorPrototypeToString,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} = require('primordials');

/** The realm's `natives.locate` and `natives.locateFrame`, and who is looking at the stack instead (see stack-walk.js). */
const state = { locate: undefined, locateFrame: undefined, inspect: undefined };
let custom;

/** What the compiler's own names begin with. */
const OWN = '\u{fe}';

/** The kernel's own frames say nothing to users; functions that tasks ran are named `hertzscript:code/N`. */
function isKernel(name) {
  return (
    typeof name === 'string' &&
    StringPrototypeStartsWith(name, 'hertzscript:') &&
    !StringPrototypeStartsWith(name, 'hertzscript:code/') &&
    !StringPrototypeStartsWith(name, 'hertzscript:eval/')
  );
}

function headOf(error) {
  try {
    return ErrorPrototypeToString(error);
  } catch {
    return '<error>';
  }
}

/** The line of one frame, or undefined for one that is left out. */
function lineOf(site) {
  const name = site.getScriptNameOrSourceURL();
  if (isKernel(name)) return undefined;
  const line = site.getLineNumber();
  const place =
    typeof name === 'string' && line !== null ? state.locate?.(name, line, site.getColumnNumber()) : undefined;
  if (place === undefined) return toText(site);
  const at = `${place[3]}:${place[0]}:${place[1]}`;
  if (place[2] !== '') return `${place[2]} (${at})`;
  // Names with that letter are the compiler's: the function has none.
  if (StringPrototypeStartsWith(site.getFunctionName() ?? '', OWN)) return at;
  const text = toText(site);
  const old = `${name}:${line}:${site.getColumnNumber()}`;
  const found = StringPrototypeIndexOf(text, old);
  if (found < 0) return text;
  return StringPrototypeSlice(text, 0, found) + at + StringPrototypeSlice(text, found + old.length);
}

/** Whether a frame is the scheduler's that compiled code calls to leave its fast code. */
function leaves(site) {
  if (site.getScriptNameOrSourceURL() !== 'hertzscript:scheduler') return false;
  const name = site.getFunctionName();
  return name === 'save' || name === 'saveFrame' || name === 'saveConstruct';
}

const toText = (site) => site.toString();

function format(error, sites) {
  const lines = [];
  for (let i = 0; i < sites.length; i++) {
    const line = lineOf(sites[i]);
    if (line !== undefined) lines[lines.length] = line;
    // Who left its fast code, and went on in its continuation, is in the stack twice.
    else if (leaves(sites[i]) && !(i + 1 < sites.length && leaves(sites[i + 1]))) i++;
  }
  if (state.locateFrame !== undefined) {
    addCallers(error, lines, sites, state, isKernel);
    addAwaits(error, lines, state.locateFrame, isKernel);
  }
  let text = headOf(error);
  for (let i = 0; i < lines.length; i++) text += `\n    at ${lines[i]}`;
  return text;
}

defineProperty(Error, 'prepareStackTrace', {
  get: () => state.inspect ?? (typeof custom === 'function' ? custom : format),
  set(value) {
    custom = value;
  },
  enumerable: false,
  configurable: false,
});

module.exports = { isKernel, lineOf, state };
