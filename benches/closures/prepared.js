'use strict';

// Spawns as a program does that was started with the loader: the bench requires this file after it.

/** With three captured values. */
exports.closure = (spawn, number) => {
  const text = 'some text';
  const object = { a: 1, b: [1, 2, 3] };
  return spawn(() => number + text.length + object.b.length);
};

/** The same function again and again. */
const kept = { number: 1, text: 'some text' };
const list = [1, 2, 3];
const same = () => kept.number + kept.text.length + list.length;
exports.same = (spawn) => spawn(same);

/** With a function that captures something itself. */
const scale = (x) => x * list.length;
exports.transitive = (spawn, number) => spawn(() => scale(number));

exports.nothing = (spawn) => spawn(() => 1);
