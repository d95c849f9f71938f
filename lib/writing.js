'use strict';

// Where functions are written, as far as it is known when they are sent: then tasks see it in their stacks. V8's inspector tells
// it with what a function captures, but for the name of the script; so nobody is asked for this alone, and functions that capture
// nothing are called by their names.

/** What the inspector has said of functions whose captures were read. */
const noted = new WeakMap();

/** Functions' names that are shown; others are left out. */
const PLAIN_NAME = /^[\w$.# ]{1,60}$/;

/**
 * Takes note of a function's place, as the inspector has told it.
 * @param {Function} fn
 * @param {{scriptId: string, lineNumber: number, columnNumber: number, start?: object | null}} place
 */
function note(fn, place) {
  noted.set(fn, place);
}

/** Loaded when a place is asked for. */
let location;

/** Where the text of a function begins in its file; nothing where that is not known. */
function startOf(fn, text) {
  const place = noted.get(fn);
  if (place === undefined) return undefined;
  if (place.start === undefined) {
    location ??= require('./location.js');
    place.start = location.startOf(place, text) ?? null;
  }
  return place.start ?? undefined;
}

/**
 * What tells codes of one text apart.
 * @param {{line: number, column: number, file: string} | undefined} start where the text begins
 * @param {string | undefined} base what its specifiers are relative to
 */
function keyOf(start, base) {
  if (start === undefined) return base === undefined ? '' : `${base}\0`;
  return `${base ?? ''}\0${start.line}:${start.column}:${start.file}\0`;
}

/**
 * What an isolate is told of where a function is written.
 * @param {Function} fn
 * @param {object | undefined} start where the text begins
 * @param {number} before how much stands before the function's own text in the first line of what is sent
 */
function writtenOf(fn, start, before) {
  const own = Object.getOwnPropertyDescriptor(fn, 'name')?.value;
  const name = typeof own === 'string' && PLAIN_NAME.test(own) ? own : '';
  return { name, before, ...start };
}

module.exports = { keyOf, note, startOf, writtenOf };
