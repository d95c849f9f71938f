'use strict';

// The tasks of a pool that have not settled, by their ids.
//
// A Map of many short-lived entries is rebuilt again and again, which is a twentieth of what a task costs the host. Ids are given one after
// the other, so mostly those that live are close together: each has its place in a ring by its last bits. Where an older task still has the
// place, the newer one goes to a Map; and the ring grows where it is half full.

/** Places at first, and at most. */
const SMALLEST = 1024;
const LARGEST = 1 << 20;

class TaskTable {
  /** @type {(import('./task.js').Record | undefined)[]} */
  #ring = new Array(SMALLEST).fill(undefined);
  #inRing = 0;
  #others = new Map();

  get size() {
    return this.#inRing + this.#others.size;
  }

  get(id) {
    const record = this.#ring[id & (this.#ring.length - 1)];
    if (record !== undefined && record.id === id) return record;
    return this.#others.size === 0 ? undefined : this.#others.get(id);
  }

  /** @param {import('./task.js').Record} record whose id no other has */
  add(record) {
    const ring = this.#ring;
    const place = record.id & (ring.length - 1);
    if (ring[place] !== undefined) {
      this.#others.set(record.id, record);
      return;
    }
    ring[place] = record;
    if (++this.#inRing * 2 > ring.length && ring.length < LARGEST) this.#resize(ring.length * 4);
  }

  /** Forgets a task, if it is there. */
  remove(id) {
    const place = id & (this.#ring.length - 1);
    if (this.#ring[place]?.id === id) {
      this.#ring[place] = undefined;
      // A burst is over.
      if (--this.#inRing === 0 && this.#ring.length > SMALLEST * 64) this.#resize(SMALLEST);
    } else if (this.#others.size > 0) this.#others.delete(id);
  }

  #resize(length) {
    const records = this.records();
    this.#ring = new Array(Math.min(length, LARGEST)).fill(undefined);
    this.#inRing = 0;
    this.#others.clear();
    for (const record of records) this.add(record);
  }

  /** All of them, the oldest first. */
  records() {
    const records = this.#ring.filter((record) => record !== undefined);
    records.push(...this.#others.values());
    return records.sort((a, b) => a.id - b.id);
  }
}

module.exports = { TaskTable };
