'use strict';

// Who loads which module: a task that wants one which another task is loading waits until that one is done, where in plain
// code nobody could ask in between. Modules that wait for each other in a circle see each other half done, as in any cycle.

const { Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet } = require('primordials');

module.exports = function createWaiting(scheduler, idle) {
  /** For each module that is being loaded: the fiber that does so, and those that wait for it. */
  const held = new Map();
  /** What each waiting fiber waits for. */
  const waits = new Map();

  function begin(module) {
    MapPrototypeSet(held, module, { __proto__: null, owner: scheduler.current, waiters: [] });
  }

  function end(module) {
    const hold = MapPrototypeGet(held, module);
    if (hold === undefined) return;
    MapPrototypeDelete(held, module);
    const { waiters } = hold;
    for (let i = 0; i < waiters.length; i++) {
      // It was killed meanwhile.
      if (waiters[i].fiber === undefined) continue;
      MapPrototypeDelete(waits, waiters[i].me);
      scheduler.wake(waiters[i].fiber, undefined, scheduler.NEXT);
    }
  }

  /** Blocks while another fiber loads the module, unless that one waits for this one. */
  function wait(module) {
    const direct = scheduler.takeDirect();
    const hold = MapPrototypeGet(held, module);
    if (hold === undefined) return undefined;
    const me = scheduler.current;
    for (let next = hold; next !== undefined; next = MapPrototypeGet(waits, next.owner)) {
      if (next.owner === me) return undefined;
    }
    return scheduler.block(
      (fiber) => {
        const { waiters } = hold;
        const waiter = { __proto__: null, fiber, me };
        waiters[waiters.length] = waiter;
        MapPrototypeSet(waits, me, hold);
        return {
          withdraw() {
            MapPrototypeDelete(waits, me);
            waiter.fiber = undefined;
          },
        };
      },
      idle,
      direct,
    );
  }

  return { begin, end, wait };
};
