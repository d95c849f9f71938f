'use strict';

// Tasks that a task has left behind which was sent to this isolate and has ended. They are now whoever's that has started it, as where both are in
// one isolate (`partFrom` in task-handle.js); but that one is in another. So on either side something stands in for them:
//
//   here    a task that never runs, under the number of the one that has ended: they are its children. When the last of them has ended, or
//           when it is killed, which kills them, the sender hears that it is over.
//   there   a task that never runs either, among the children of the one that had sent the task: to kill it asks for the kill here.

const { Children } = require('children');
const { GONE } = require('record-kinds');
const {
  Map,
  MapPrototypeDelete,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeSet,
  Uint8Array,
} = require('primordials');

const NOTHING = new Uint8Array(0);

/**
 * @param {object} natives
 * @param {new (id: number, storm: boolean) => object} Task
 * @param {(id: number) => boolean} isSent whether a task was sent to this isolate
 * @param {{partFrom: Function, adopt: Function, leave: Function}} children
 */
module.exports = function createLeftBehind(natives, Task, isSent, { partFrom, adopt, leave }) {
  /** What stands here for those that are left behind, by the number of the task that has ended. */
  const stands = new Map();
  /** How many stand for some in other isolates. */
  let elsewhere = 0;

  /** A task of the pool's has ended that no task of this isolate has started. */
  function part(task) {
    const { id, children } = task;
    if (!isSent(id) || children === undefined || children.count === 0) {
      partFrom(task, undefined);
      return;
    }
    const stand = new Task(id, false);
    stand.hasEnded = true;
    stand.children = new Children();
    partFrom(task, stand);
    MapPrototypeSet(stands, id, stand);
    natives.leaveBehind(id);
  }

  const find = (id) => MapPrototypeGet(stands, id);

  const isStand = (task) => find(task.id) === task;

  /** The last of its children has ended, or it was killed. */
  function end(stand) {
    if (!isStand(stand)) return;
    const { id } = stand;
    MapPrototypeDelete(stands, id);
    partFrom(stand, undefined);
    natives.post(GONE, id, NOTHING, 0);
  }

  /** A task that was sent has ended elsewhere and leaves some behind. Returns what stands for them; nothing if they are nobody's. */
  function expect({ id, parent, remote }) {
    if (parent?.children === undefined) return undefined;
    const stand = new Task(id, false);
    stand.hasEnded = true;
    stand.isChild = true;
    stand.remote = remote;
    adopt(parent, stand);
    elsewhere++;
    return stand;
  }

  /** Those are over. */
  function over(stand) {
    elsewhere--;
    leave(stand);
  }

  return {
    part,
    find,
    isStand,
    end,
    expect,
    over,
    forEach: (action) => MapPrototypeForEach(stands, action),
    /** Whether there are some in other isolates that are tasks of this one's. */
    get areElsewhere() {
      return elsewhere > 0;
    },
  };
};
