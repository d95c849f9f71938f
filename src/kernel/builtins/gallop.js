'use strict';

// Searches of a sorted stretch that look near a hint first, at distances 1, 3, 7, 15 ..., and then halve what is left: cheap
// where the place is near, and never more than twice as dear as halving alone.

/** How many elements of list[base..base+length) come before `key`, where equal ones do not. */
function gallopLeft(list, key, base, length, hint, compare) {
  let last = 0;
  let offset = 1;
  if (+compare(list[base + hint], key) < 0) {
    const most = length - hint;
    while (offset < most && +compare(list[base + hint + offset], key) < 0) {
      last = offset;
      offset = offset * 2 + 1;
    }
    if (offset > most) offset = most;
    last += hint;
    offset += hint;
  } else {
    const most = hint + 1;
    while (offset < most && !(+compare(list[base + hint - offset], key) < 0)) {
      last = offset;
      offset = offset * 2 + 1;
    }
    if (offset > most) offset = most;
    const nearer = last;
    last = hint - offset;
    offset = hint - nearer;
  }
  last++;
  while (last < offset) {
    const middle = last + ((offset - last) >> 1);
    if (+compare(list[base + middle], key) < 0) last = middle + 1;
    else offset = middle;
  }
  return offset;
}

/** How many elements of list[base..base+length) come before `key`, where equal ones do, too. */
function gallopRight(list, key, base, length, hint, compare) {
  let last = 0;
  let offset = 1;
  if (+compare(key, list[base + hint]) < 0) {
    const most = hint + 1;
    while (offset < most && +compare(key, list[base + hint - offset]) < 0) {
      last = offset;
      offset = offset * 2 + 1;
    }
    if (offset > most) offset = most;
    const nearer = last;
    last = hint - offset;
    offset = hint - nearer;
  } else {
    const most = length - hint;
    while (offset < most && !(+compare(key, list[base + hint + offset]) < 0)) {
      last = offset;
      offset = offset * 2 + 1;
    }
    if (offset > most) offset = most;
    last += hint;
    offset += hint;
  }
  last++;
  while (last < offset) {
    const middle = last + ((offset - last) >> 1);
    if (+compare(key, list[base + middle]) < 0) offset = middle;
    else last = middle + 1;
  }
  return offset;
}

module.exports = { gallopLeft, gallopRight };
