'use strict';

// A stable merge sort for lists whose comparator is user code: calls of it are what costs, so runs that are sorted
// already are found first, and a merge skips by binary search what is in place at both ends.

/** Runs shorter than this are completed by binary insertion. */
const MIN_RUN = 32;

/** Reverses list[start..end). */
function reverse(list, start, end) {
  for (let low = start, high = end - 1; low < high; low++, high--) {
    const value = list[low];
    list[low] = list[high];
    list[high] = value;
  }
}

/** First index in list[start..end) whose element comes after `value`. */
function upperBound(list, start, end, value, compare) {
  while (start < end) {
    const middle = start + ((end - start) >> 1);
    if (+compare(value, list[middle]) < 0) end = middle;
    else start = middle + 1;
  }
  return start;
}

/** First index in list[start..end) whose element does not come before `value`. */
function lowerBound(list, start, end, value, compare) {
  while (start < end) {
    const middle = start + ((end - start) >> 1);
    if (+compare(list[middle], value) < 0) start = middle + 1;
    else end = middle;
  }
  return start;
}

/** Makes a sorted run at `start` and returns its end. */
function makeRun(list, start, length, compare) {
  let end = start + 1;
  if (end === length) return end;
  if (+compare(list[end++], list[start]) < 0) {
    // Strictly descending, so that turning it round moves no element past an equal one.
    while (end < length && +compare(list[end], list[end - 1]) < 0) end++;
    reverse(list, start, end);
  } else {
    while (end < length && !(+compare(list[end], list[end - 1]) < 0)) end++;
  }
  const wanted = length - start < MIN_RUN ? length : start + MIN_RUN;
  for (; end < wanted; end++) {
    const value = list[end];
    const place = upperBound(list, start, end, value, compare);
    for (let i = end; i > place; i--) list[i] = list[i - 1];
    list[place] = value;
  }
  return end;
}

/** Merges the sorted list[start..middle) and list[middle..end). */
function merge(list, scratch, start, middle, end, compare) {
  start = upperBound(list, start, middle, list[middle], compare);
  if (start === middle) return;
  end = lowerBound(list, middle, end, list[middle - 1], compare);
  const count = middle - start;
  for (let i = 0; i < count; i++) scratch[i] = list[start + i];
  let left = 0;
  let right = middle;
  let to = start;
  while (left < count && right < end) {
    const fromLeft = scratch[left];
    const fromRight = list[right];
    if (+compare(fromRight, fromLeft) < 0) {
      list[to++] = fromRight;
      right++;
    } else {
      list[to++] = fromLeft;
      left++;
    }
  }
  while (left < count) list[to++] = scratch[left++];
}

/**
 * Sorts the first `length` elements of `list` in place.
 * @param {unknown[]} list
 * @param {unknown[]} scratch has at least as many elements: a store into a hole could find a setter on a prototype
 */
function mergeSort(list, scratch, length, compare) {
  // Runs that wait for a merge, each at least twice as long as the one after it: merges stay balanced.
  let runs;
  for (let start = 0; start < length; ) {
    const end = makeRun(list, start, length, compare);
    let run = { start, end, before: runs };
    while (run.before !== undefined && run.start - run.before.start < 2 * (run.end - run.start)) {
      const { before } = run;
      merge(list, scratch, before.start, run.start, run.end, compare);
      run = { start: before.start, end: run.end, before: before.before };
    }
    runs = run;
    start = end;
  }
  while (runs?.before !== undefined) {
    const { before } = runs;
    merge(list, scratch, before.start, runs.start, runs.end, compare);
    runs = { start: before.start, end: runs.end, before: before.before };
  }
}

/**
 * An array to sort in. Its element that is no number makes V8 keep references from the start: an array of doubles would
 * box both operands anew for each call of the comparator.
 */
const sortBuffer = () => [undefined];

module.exports = { mergeSort, sortBuffer };
