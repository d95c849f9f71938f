'use strict';

// What stays where it was made: it is told of, instead of arriving as an object that can do nothing. The codec asks, so this is no compiled code
// in tasks.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createStaying(platform) {
  const stays = platform.weakTable();

  const OF_GROUP = [
    'an ErrGroup',
    'it stays where it was made: start its tasks there, or pass a WaitGroup, a Context, or a channel through which they are asked for',
  ];
  const OF_SCOPE = [
    'what a scope gives to its function',
    'it stays there: start the tasks there, or pass a channel through which they are asked for',
  ];
  const OF_TASK = [
    'a function that task() has made',
    'it stays where it was made: pass the function that it was made of, and call task() there',
  ];
  const OF_GUARD = ['a guard', 'it stays with whoever has locked: pass the lock, and lock it there'];

  /** What an object is that cannot be passed, and what to do instead; undefined for others. */
  function describeStaying(object) {
    return object instanceof platform.Guard ? OF_GUARD : stays.get(object);
  }

  return { OF_GROUP, OF_SCOPE, OF_TASK, describeStaying, stay: (object, text) => stays.set(object, text) };
};
