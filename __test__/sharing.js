'use strict';

// For specs of tasks that other isolates take.

const { spawn, stats } = require('../lib/index.js');

function busy(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/**
 * Calls what starts tasks, so that other isolates get some of them. In storm form each would begin at once where it is; nothing does under a
 * native frame, and when that is left, the slice is over.
 */
function share(start) {
  const all = {
    valueOf() {
      start();
      busy(8);
      return 0;
    },
  };
  return +all;
}

/** Has all isolates be there. */
const warm = () =>
  spawn(() => {
    const tasks = [];
    share(() => {
      for (let i = 0; i < 9; i++) tasks.push(spawn(() => busy(30)));
    });
    for (const task of tasks) task.join();
  });

/** Repeats what starts tasks until another isolate got some: all may have begun where they were started before one comes for them. */
async function untilSome(round) {
  const { steals } = stats();
  do await round();
  while (stats().steals === steals);
}

module.exports = { busy, share, untilSome, warm };
