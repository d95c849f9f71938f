'use strict';

// Stable sorts for comparators that are user code. They make the same calls in the same order as V8's own, so that a
// comparator with effects, or one that contradicts itself, sees and does the same: for arrays the one that is known as
// Timsort, with the merges of Powersort, for typed arrays one that halves.

const { MathMin } = require('primordials');
const { gallopLeft, gallopRight } = require('builtins/gallop');

/** In lists shorter than this nobody looks for runs. */
const TINY = 16;

/** Lists shorter than this are one run; longer ones have runs of at least half of it. */
const SHORT = 64;

/** After so many elements in a row from one side a merge searches for the end of the row. */
const MIN_GALLOP = 7;

/** How often a length is to be halved until it is less than that. */
function halvings(length) {
  let count = 0;
  for (; length >= SHORT; length >>= 1) count++;
  return count;
}

/** Reverses list[start..end). */
function reverse(list, start, end) {
  for (let low = start, high = end - 1; low < high; low++, high--) {
    const value = list[low];
    list[low] = list[high];
    list[high] = value;
  }
}

/** Copies `count` elements; the stretches may overlap. */
function copy(from, start, to, target, count) {
  if (start < target) for (let i = count - 1; i >= 0; i--) to[target + i] = from[start + i];
  else for (let i = 0; i < count; i++) to[target + i] = from[start + i];
}

/** Makes a sorted run of what is in order at `start`, and returns its length. */
function makeRun(list, start, end, compare) {
  let at = start + 1;
  if (at === end) return 1;
  if (+compare(list[at], list[start]) < 0) {
    // Strictly descending, so that turning it round moves no element past an equal one.
    for (at++; at < end && +compare(list[at], list[at - 1]) < 0; ) at++;
    reverse(list, start, at);
  } else {
    for (at++; at < end && !(+compare(list[at], list[at - 1]) < 0); ) at++;
  }
  return at - start;
}

/** Sorts list[start..end), of which list[start..sorted) is in order. */
function insert(list, start, sorted, end, compare) {
  for (let at = sorted; at < end; at++) {
    const value = list[at];
    let left = start;
    let right = at;
    while (left < right) {
      const middle = left + ((right - left) >> 1);
      if (+compare(value, list[middle]) < 0) right = middle;
      else left = middle + 1;
    }
    for (let i = at; i > left; i--) list[i] = list[i - 1];
    list[left] = value;
  }
}

/** Merges two neighbours, the first of which is the shorter one, from their starts. */
function mergeLow(state, baseA, lengthA, baseB, lengthB) {
  const { list, scratch, compare } = state;
  copy(list, baseA, scratch, 0, lengthA);
  let to = baseA;
  let a = 0;
  let b = baseB;
  list[to++] = list[b++];
  if (--lengthB > 0 && lengthA > 1) {
    merging: for (;;) {
      let winsA = 0;
      let winsB = 0;
      do {
        if (+compare(list[b], scratch[a]) < 0) {
          list[to++] = list[b++];
          winsB++;
          winsA = 0;
          if (--lengthB === 0) break merging;
        } else {
          list[to++] = scratch[a++];
          winsA++;
          winsB = 0;
          if (--lengthA === 1) break merging;
        }
      } while (winsA < state.minGallop && winsB < state.minGallop);
      state.minGallop++;
      do {
        if (state.minGallop > 1) state.minGallop--;
        winsA = gallopRight(scratch, list[b], a, lengthA, 0, compare);
        copy(scratch, a, list, to, winsA);
        to += winsA;
        a += winsA;
        lengthA -= winsA;
        if (lengthA <= 1) break merging;
        list[to++] = list[b++];
        if (--lengthB === 0) break merging;
        winsB = gallopLeft(list, scratch[a], b, lengthB, 0, compare);
        copy(list, b, list, to, winsB);
        to += winsB;
        b += winsB;
        lengthB -= winsB;
        if (lengthB === 0) break merging;
        list[to++] = scratch[a++];
        if (--lengthA === 1) break merging;
      } while (winsA >= MIN_GALLOP || winsB >= MIN_GALLOP);
      state.minGallop++;
    }
  }
  // The last element of A comes after all of B.
  copy(list, b, list, to, lengthB);
  copy(scratch, a, list, to + lengthB, lengthA);
}

/** The same where the second one is the shorter one, from their ends. */
function mergeHigh(state, baseA, lengthA, baseB, lengthB) {
  const { list, scratch, compare } = state;
  copy(list, baseB, scratch, 0, lengthB);
  let to = baseB + lengthB - 1;
  let a = baseA + lengthA - 1;
  let b = lengthB - 1;
  list[to--] = list[a--];
  if (--lengthA > 0 && lengthB > 1) {
    merging: for (;;) {
      let winsA = 0;
      let winsB = 0;
      do {
        if (+compare(scratch[b], list[a]) < 0) {
          list[to--] = list[a--];
          winsA++;
          winsB = 0;
          if (--lengthA === 0) break merging;
        } else {
          list[to--] = scratch[b--];
          winsB++;
          winsA = 0;
          if (--lengthB === 1) break merging;
        }
      } while (winsA < state.minGallop && winsB < state.minGallop);
      state.minGallop++;
      do {
        if (state.minGallop > 1) state.minGallop--;
        winsA = lengthA - gallopRight(list, scratch[b], baseA, lengthA, lengthA - 1, compare);
        to -= winsA;
        a -= winsA;
        copy(list, a + 1, list, to + 1, winsA);
        lengthA -= winsA;
        if (lengthA === 0) break merging;
        list[to--] = scratch[b--];
        if (--lengthB === 1) break merging;
        winsB = lengthB - gallopLeft(scratch, list[a], 0, lengthB, lengthB - 1, compare);
        to -= winsB;
        b -= winsB;
        copy(scratch, b + 1, list, to + 1, winsB);
        lengthB -= winsB;
        if (lengthB <= 1) break merging;
        list[to--] = list[a--];
        if (--lengthA === 0) break merging;
      } while (winsA >= MIN_GALLOP || winsB >= MIN_GALLOP);
      state.minGallop++;
    }
  }
  // The first element of B comes before all of A.
  copy(list, a + 1 - lengthA, list, to + 1 - lengthA, lengthA);
  copy(scratch, b + 1 - lengthB, list, to + 1 - lengthA - lengthB, lengthB);
}

/** Merges run `index` with the one after it. */
function mergeAt(state, index) {
  const { list, starts, lengths, compare } = state;
  let baseA = starts[index];
  let lengthA = lengths[index];
  const baseB = starts[index + 1];
  let lengthB = lengths[index + 1];
  lengths[index] = lengthA + lengthB;
  if (index === state.count - 3) {
    starts[index + 1] = starts[index + 2];
    lengths[index + 1] = lengths[index + 2];
  }
  state.count--;
  const before = gallopRight(list, list[baseB], baseA, lengthA, 0, compare);
  baseA += before;
  lengthA -= before;
  if (lengthA === 0) return;
  lengthB = gallopLeft(list, list[baseA + lengthA - 1], baseB, lengthB, lengthB - 1, compare);
  if (lengthB === 0) return;
  if (lengthA <= lengthB) mergeLow(state, baseA, lengthA, baseB, lengthB);
  else mergeHigh(state, baseA, lengthA, baseB, lengthB);
}

/**
 * How deep in a balanced tree over the whole list two neighbouring runs would be merged: how often the list has to be halved
 * until the middles of the two are in different parts.
 */
function depthOf(start, lengthA, lengthB, length) {
  let a = 2 * start + lengthA;
  let b = a + lengthA + lengthB;
  for (let depth = 1; ; depth++) {
    if (a >= length) {
      a -= length;
      b -= length;
    } else if (b >= length) {
      return depth;
    }
    a *= 2;
    b *= 2;
  }
}

/** Adds a run; those before it that would be merged deeper than it are merged first. */
function add(state, start, run, length) {
  const { starts, lengths, depths } = state;
  if (state.count > 0) {
    const last = state.count - 1;
    const depth = depthOf(starts[last], lengths[last], run, length);
    while (state.count > 1 && depths[state.count - 2] > depth) mergeAt(state, state.count - 2);
    depths[state.count - 1] = depth;
  }
  starts[state.count] = start;
  lengths[state.count] = run;
  state.count++;
}

/** Merges what is left, the shorter ones first. */
function collapse(state) {
  const { lengths } = state;
  while (state.count > 1) {
    const last = state.count - 1;
    mergeAt(state, last > 1 && lengths[last - 2] < lengths[last] ? last - 2 : last - 1);
  }
}

/**
 * Sorts the first `length` elements of `list` in place.
 * @param {unknown[]} list
 * @param {unknown[]} scratch has at least as many elements: a store into a hole could find a setter on a prototype
 */
function mergeSort(list, scratch, length, compare) {
  if (length < TINY) {
    insert(list, 0, 1, length, compare);
    return;
  }
  // All runs together are as long as the list, so what halving cuts off is shared out evenly.
  const parts = 2 ** halvings(length);
  let rest = 0;
  // A list has fewer runs that wait than its length has bits.
  const state = {
    list,
    scratch,
    compare,
    starts: new Int32Array(64),
    lengths: new Int32Array(64),
    depths: new Int32Array(64),
    count: 0,
    minGallop: MIN_GALLOP,
  };
  for (let start = 0; start < length; ) {
    rest += length;
    const shortest = (rest - (rest % parts)) / parts;
    rest %= parts;
    let run = makeRun(list, start, length, compare);
    if (run < shortest) {
      const wanted = MathMin(shortest, length - start);
      insert(list, start, start + run, start + wanted, compare);
      run = wanted;
    }
    add(state, start, run, length);
    start += run;
  }
  collapse(state);
}

/**
 * Sorts list[start..end) into `target`, which holds the same elements: the sort of typed arrays.
 */
function halvingSort(list, start, end, target, compare) {
  const middle = start + ((end - start) >> 1);
  if (middle - start > 1) halvingSort(target, start, middle, list, compare);
  if (end - middle > 1) halvingSort(target, middle, end, list, compare);
  let left = start;
  let right = middle;
  for (let to = start; to < end; to++) {
    if (left < middle && (right >= end || !(+compare(list[left], list[right]) > 0))) target[to] = list[left++];
    else target[to] = list[right++];
  }
}

/**
 * An array to sort in. Its element that is no number makes V8 keep references from the start: an array of doubles would
 * box both operands anew for each call of the comparator.
 */
const sortBuffer = () => [undefined];

module.exports = { mergeSort, halvingSort, sortBuffer };
