'use strict';

// Who called me? A function may be suspended only if every frame down to the scheduler is compiled code that stands at a
// call after which it looks. Any other frame (a comparator's `sort`, a getter, `valueOf`, a field's initialiser) would
// take what a suspended call returns for a value.
//
// The stack that `Error.captureStackTrace` gives to `prepareStackTrace` shows all of them: built-ins have frames without
// position, and an implicit call shows its caller at a position that is no call. So each frame's position is looked up
// among those that the compiler has listed for its source.

const { state: traces } = require('stack-trace');
const { Error, Map, MapPrototypeGet, MapPrototypeSet, captureStackTrace } = require('primordials');

/** For each compiled source the set of the calls' positions. */
const sources = new Map();

/** Added to the position of a `new` (`NEW` in `src/compiler/coroutine/marks.rs`). */
const NEW = 0x80000000;

/** What a table says of a position. */
const CALL = 1;
const CONSTRUCTION = 2;

const THIS_SOURCE = 'hertzscript:stack-walk';
const SCHEDULER = 'hertzscript:scheduler';
const GENERATOR = 'hertzscript:generator';
const ASYNC_FUNCTION = 'hertzscript:async-function';
const REALM = 'hertzscript:coroutine-realm';
const REFLECT_CONSTRUCT = 'hertzscript:builtins/construction';

/**
 * Registers a compiled source.
 * @param {string} name
 * @param {number[]} sites positions of its calls that look for a suspension. Kept as they are until somebody asks: most sources
 *   are never looked up, and tables of the kernel's would be a fifth of a new realm.
 */
function register(name, sites) {
  MapPrototypeSet(sources, name, { sites, table: undefined });
}

/** The same for a module's source, of which the positions are asked for when they are needed. */
function registerLazily(name, ask) {
  MapPrototypeSet(sources, name, ask);
}

/** The table of a source's positions, made at the first look; undefined for what is not compiled. */
function tableOf(name) {
  let source = MapPrototypeGet(sources, name);
  if (typeof source === 'function') {
    register(name, source(name) ?? []);
    source = MapPrototypeGet(sources, name);
  }
  if (source === undefined || source.table !== undefined) return source?.table;
  const { sites } = source;
  const table = { __proto__: null };
  for (let i = 0; i < sites.length; i++) {
    const site = sites[i];
    if (site < NEW) table[site] = CALL;
    else table[site - NEW] = CONSTRUCTION;
  }
  source.table = table;
  source.sites = undefined;
  return table;
}

/** Functions of the kernel that are called by compiled code and may suspend it. */
const BLOCKING = { __proto__: null };

/** Whether a frame is the scheduler's that runs a fiber or a job. */
function isBottom(name, site) {
  if (name !== SCHEDULER) return false;
  const fn = site.getFunctionName();
  return fn === 'runFiber' || fn === 'runJobs';
}

/**
 * Functions of the scheduler that call a continuation and hand on what it returns; true for those that compiled code itself
 * calls, as the last thing it does.
 */
const HANDING = {
  __proto__: null,
  resume: false,
  again: false,
  resumeNested: false,
  save: true,
  saveConstruct: true,
  saveFrame: true,
};

/** What `inspect` has found; undefined where it takes more frames to tell. */
let verdict;

/** How many frames are looked at first: what stands above a native frame, or the youngest continuation, are mostly few. */
const FIRST_FRAMES = 32;

function inspect(_, sites) {
  verdict = undefined;
  const isCut = sites.length === limit;
  // A frame is judged with the one below.
  const count = isCut ? sites.length - 1 : sites.length;
  let i = 0;
  // The kernel's own frames come first: this file, the scheduler's `poll` or `block`, and the operation that blocks.
  while (i < count) {
    const name = sites[i].getScriptNameOrSourceURL();
    if (typeof name !== 'string' || BLOCKING[name] !== true) break;
    if (isBottom(name, sites[i])) return tell(false);
    i++;
  }
  // `poll` is called by compiled code itself, at a position that is no listed call.
  let first = polled;
  for (; i < count; i++) {
    const name = sites[i].getScriptNameOrSourceURL();
    if (isBottom(name, sites[i])) return tell(true);
    // What a fiber begins with may be called by one function of the kernel, which hands on what it gets.
    if (
      i + 1 < sites.length &&
      BLOCKING[name] === true &&
      isBottom(sites[i + 1].getScriptNameOrSourceURL(), sites[i + 1])
    ) {
      return tell(true);
    }
    // These hand a suspension on.
    if (
      name === GENERATOR ||
      name === ASYNC_FUNCTION ||
      (name === REALM && sites[i].getFunctionName() === 'enterProgram')
    ) {
      first = false;
      continue;
    }
    if (name === SCHEDULER) {
      const handing = HANDING[sites[i].getFunctionName()];
      if (handing === undefined) return tell(false);
      // Compiled code calls these to leave, at a position that is no listed call.
      if (handing) first = true;
      continue;
    }
    const table = typeof name === 'string' ? tableOf(name) : undefined;
    if (table === undefined) return tell(false);
    if (!first) {
      const kind = table[sites[i].getPosition()];
      if (kind === undefined) return tell(false);
      // Before it constructs, V8 reads the `prototype` of `new.target`, at the same position: a trap or getter that runs
      // there looks like the construct trap of a proxy, so that is judged as they are.
      if ((kind === CONSTRUCTION || name === REFLECT_CONSTRUCT) && !sites[i - 1].isConstructor()) return tell(false);
    }
    first = false;
  }
  return isCut ? undefined : tell(false);
}

function tell(found) {
  verdict = found;
  return undefined;
}

let polled = false;
let limit = 0;

/**
 * Whether compiled calls alone lead from the scheduler to here.
 *
 * The same few stacks come up again and again, so what was found is kept (src/isolate/seen_stacks.rs).
 * @param {{judgement: () => number, keepJudgement: (isDirect: boolean) => void}} natives
 * @param {boolean} isPoll whether compiled code has called `poll`, at a position that is no listed call
 */
function isDirect(natives, isPoll) {
  const known = natives.judgement();
  if (known !== 0) return known === 1;
  const found = look(isPoll);
  natives.keepJudgement(found);
  return found;
}

function look(isPoll) {
  polled = isPoll;
  const { stackTraceLimit } = Error;
  traces.inspect = inspect;
  verdict = undefined;
  for (limit = FIRST_FRAMES; verdict === undefined && limit < 1e10; limit *= 8) {
    Error.stackTraceLimit = limit;
    const holder = { __proto__: null };
    captureStackTrace(holder);
    void holder.stack;
  }
  traces.inspect = undefined;
  Error.stackTraceLimit = stackTraceLimit;
  return verdict === true;
}

BLOCKING[THIS_SOURCE] = true;
BLOCKING[SCHEDULER] = true;
BLOCKING[REALM] = true;
for (const name of ['chan', 'select', 'shared']) BLOCKING[`hertzscript:channels/${name}`] = true;
BLOCKING['hertzscript:task-handle'] = true;
BLOCKING['hertzscript:modules/waiting'] = true;
BLOCKING['hertzscript:wait-shared'] = true;

module.exports = { register, registerLazily, isDirect, BLOCKING };
