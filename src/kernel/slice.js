'use strict';

// The slice that runs, and what changes so often that it matters how old the object is that holds it.
//
// Tasks, frames and what jobs are given are mostly young, and V8 writes each young object down that is stored into an old one: that takes
// longer than the store, and where it stood in the kernel's own variables, which are old, it was a seventh of a round trip through
// channels. So what changes at every switch stands in an object that is made anew for each slice, and rings that are empty get a new array
// once in a slice (queues.js).

class Now {
  constructor() {
    /** The fiber that runs. */
    this.current = null;
    /** The last frame of the fiber that is being suspended, if there are two at least; its `top` is the first one. */
    this.tail = null;
    /**
     * The task that has become ready while no other was, until one is: all lists of turns are empty then. Tasks that wait for each other take
     * turns so.
     */
    this.only = null;
    /** The step that a loop was given last; see iteration-steps.js. */
    this.given = undefined;
  }
}

class Slice {
  constructor() {
    this.now = new Now();
    /** Which one it is. */
    this.number = 0;
  }

  /** Another one begins; what was so still is. */
  begin() {
    const { current, tail, only, given } = this.now;
    const now = new Now();
    now.current = current;
    now.tail = tail;
    now.only = only;
    now.given = given;
    this.now = now;
    this.number++;
    return now;
  }
}

module.exports = { slice: new Slice() };
