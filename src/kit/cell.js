'use strict';

/** Which class a cell's object is of. Part of the messages that carry cells; 0 is a channel. */
const TAGS = { CHANNEL: 0, MUTEX: 1, RWMUTEX: 2, SEMAPHORE: 3, WAIT_GROUP: 4, COND: 5, ONCE: 6, CONTEXT: 7, TASK: 8 };

/** Takes the first item out of a list. Lists in states are short: see `line.js`. */
function takeFirst(list) {
  const first = list[0];
  for (let i = 1; i < list.length; i++) list[i - 1] = list[i];
  if (list.length > 0) list.length--;
  return first;
}

/** Takes an item out of a list; whether it was there. */
function takeOut(list, item) {
  for (let i = 0; i < list.length; i++) {
    if (list[i] !== item) continue;
    for (let j = i + 1; j < list.length; j++) list[j - 1] = list[j];
    list.length--;
    return true;
  }
  return false;
}

/** Takes out what lies at a place of a list; returns it. */
function takeAt(list, place) {
  const item = list[place];
  for (let i = place + 1; i < list.length; i++) list[i - 1] = list[i];
  list.length--;
  return item;
}

/** Where an item lies in a list; -1 for nowhere. */
function placeOf(list, item) {
  for (let i = 0; i < list.length; i++) if (list[i] === item) return i;
  return -1;
}

function add(list, item) {
  list[list.length] = item;
}

/** Numbers of isolates, and of tokens of each, that fit into one whole number of 53 bits. */
const ISOLATES = 2 ** 17;
const TOKENS = 2 ** 36;

/** The first of those numbers that are environments of the host: a list of numbers is read many times as fast as one of texts. */
const HOSTS = ISOLATES - 2 ** 10;

/** The number of the isolate that a token is of; 0 for the host's. Tokens for which there is no number are texts. */
function isolateOf(token) {
  if (typeof token === 'number') {
    const number = (token - (token % TOKENS)) / TOKENS;
    return number < HOSTS ? number : 0;
  }
  let number = 0;
  for (let i = 0; token[i] >= '0' && token[i] <= '9'; i++) number = number * 10 + +token[i];
  return number;
}

/** What is said of a lock whose holder is gone. */
const POISONED = 'whoever held this lock has failed, or was killed: what it guards may be half done';

/** The room of a box, in which one value lies: another one than that of a gate, by which the core tells them apart. */
const BOX = 2;

module.exports = { BOX, HOSTS, ISOLATES, POISONED, TAGS, TOKENS, add, isolateOf, placeOf, takeAt, takeFirst, takeOut };
