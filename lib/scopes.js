'use strict';

// The values of the variables around a function. Only V8's inspector tells them: it lists a function's scopes, and a function
// that it calls on that list gets the values themselves. The session belongs to this thread, enables none of the inspector's
// domains, and so is not seen by a debugger.
//
// What is cached is the session. Scopes are copies that V8 makes when it is asked, so each spawn asks anew.

const { setTimeout } = require('./event-loop.js');

/**
 * Where the inspector finds the holder, while functions are read: it only reaches what a global leads to. A handle to the holder would do as well,
 * but the inspector takes half as long again to find what it is asked for by handles.
 */
const SLOT = Symbol.for('hertzscript.scopes');
/** As the inspector is told it: what the holder has. Short, since what it is told is copied and parsed several times. */
const LOOKED = `globalThis[Symbol.for('${SLOT.description}')].looked`;
const TAKE = `function(){${LOOKED}=this}`;
const TAKE_BOUND = `function(self,args){${LOOKED}=[this,self,args]}`;

/** Handles are released after so many readings, or so many milliseconds: they keep what they stand for. */
const READINGS = 64;
const KEEP = 20;

const GROUP = '@hertzscript/isolate';

/** @typedef {{description: string, object: object}} Scope The innermost comes first. */

/** @type {import('node:inspector').Session | undefined} */
let session;
/** How many functions were read since the holder was put there. */
let readings = 0;
let scheduled = false;
/** The global of the context that the inspector evaluates in: Node's main one. Test runners load this in contexts of their own. */
let home = globalThis;

/**
 * It has the function to look at, and gets its scopes.
 * @type {{looked: Function | ArrayLike<Scope> | undefined}}
 */
const holder = { __proto__: null, looked: undefined };

function post(method, parameters) {
  let answer;
  let problem = null;
  session.post(method, parameters, (error, result) => {
    problem = error;
    answer = result;
  });
  if (problem !== null && problem !== undefined) throw new Error(`${method}: ${problem.message}`);
  if (answer === undefined) throw new Error(`${method} was not answered at once`);
  if (answer.exceptionDetails !== undefined) throw new Error(`${method}: ${answer.exceptionDetails.text}`);
  return answer;
}

function connect() {
  if (process.features.inspector === false) throw new Error('this Node was built without it');
  const { Session } = require('node:inspector');
  const opened = new Session();
  opened.connect();
  session = opened;
}

function release() {
  if (readings === 0) return;
  readings = 0;
  holder.looked = undefined;
  // Another copy of the library may have put its own there.
  if (home[SLOT] === holder) delete home[SLOT];
  try {
    session?.post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  } catch {
    session = undefined;
  }
}

/** What V8 has of a function that is no property of it: by the name, as the inspector shows it. */
function internalsOf(fn) {
  if (session === undefined) connect();
  if (home[SLOT] !== holder)
    Object.defineProperty(home, SLOT, { value: holder, configurable: true, enumerable: false });
  readings++;
  holder.looked = fn;
  const handle = post('Runtime.evaluate', { expression: LOOKED, objectGroup: GROUP, silent: true }).result.objectId;
  const { internalProperties } = post('Runtime.getProperties', { objectId: handle, ownProperties: true });
  return (wanted) => internalProperties?.find(({ name }) => name === wanted);
}

function readBound(fn) {
  const find = internalsOf(fn);
  const target = find('[[TargetFunction]]');
  if (target === undefined) return undefined;
  post('Runtime.callFunctionOn', {
    objectId: target.value.objectId,
    functionDeclaration: TAKE_BOUND,
    arguments: [argumentFor(find('[[BoundThis]]')), argumentFor(find('[[BoundArgs]]'))],
    silent: true,
  });
  const [bound, self, args] = holder.looked;
  return { target: bound, self, args };
}

/** How the inspector is given again what it has told of. */
function argumentFor({ value: { objectId, unserializableValue, value } }) {
  if (objectId !== undefined) return { objectId };
  return unserializableValue === undefined ? { value } : { unserializableValue };
}

function read(fn) {
  const find = internalsOf(fn);
  const list = find('[[Scopes]]');
  const place = find('[[FunctionLocation]]')?.value?.value;
  if (list === undefined) return { list: [], place };
  post('Runtime.callFunctionOn', {
    objectId: list.value.objectId,
    functionDeclaration: TAKE,
    silent: true,
  });
  return { list: holder.looked, place };
}

/**
 * The scopes around a function, as they are now.
 * @param {Function} fn
 * @returns {{list: ArrayLike<Scope>, place: {scriptId: string, lineNumber: number, columnNumber: number} | undefined}} no scopes for
 *   a function without any; its script is told by V8's number
 * @throws {Error} where the inspector is not available
 */
function scopesOf(fn) {
  return looking(fn, read);
}

/**
 * What a bound function was made of.
 * @param {Function} fn
 * @returns {{target: Function, self: unknown, args: unknown[]} | undefined}
 * @throws {Error} where the inspector is not available
 */
function boundOf(fn) {
  return looking(fn, readBound);
}

function looking(fn, read) {
  if (!scheduled) {
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      release();
    }, KEEP).unref();
  }
  try {
    return read(fn);
  } catch (error) {
    // Somebody may have ended the session, or this is not the main context; a second failure is for good.
    session = undefined;
    if (error?.code === 'ERR_INSPECTOR_NOT_AVAILABLE') throw error;
    if (home[SLOT] === holder) delete home[SLOT];
    home = require('node:vm').runInThisContext('globalThis');
    return read(fn);
  } finally {
    holder.looked = undefined;
    if (readings >= READINGS) release();
  }
}

module.exports = { boundOf, scopesOf };
