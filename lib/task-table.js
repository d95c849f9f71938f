'use strict';

// The tasks of a pool that have not settled, by their ids.
//
// A Map of many short-lived entries is rebuilt again and again, which takes a fifth of what a task costs the host. Ids are given one after
// the other, so mostly those that live are close together: each has its place in a ring by the last bits of its id. Where another task still
// has the place, it goes to a Map. The ring grows when it is half full; once there is a break, it is made as short as will do.

/** Places at first, and at most. */
const SMALLEST = 1024;
const LARGEST = 1 << 20;

/** The ring changes its length by so much, and is shortened where so little of it is in use. */
const FACTOR = 4;
const SPARSE = 16;

const emptyRing = (length) => new Array(length).fill(undefined);

/** @typedef {import('./task.js').Record} Record */

class TaskTable {
  /** @type {(Record | undefined)[]} */
  #ring = emptyRing(SMALLEST);
  #inRing = 0;
  /** @type {Map<number, Record>} */
  #others = new Map();

  get size() {
    return this.#inRing + this.#others.size;
  }

  /** @returns {Record | undefined} */
  get(id) {
    const record = this.#ring[id & (this.#ring.length - 1)];
    if (record !== undefined && record.id === id) return record;
    return this.#others.size === 0 ? undefined : this.#others.get(id);
  }

  /** Adds a task, unless it is there. */
  add(record) {
    if (this.get(record.id) !== undefined) return;
    this.#put(record);
    const { length } = this.#ring;
    if (this.#inRing * 2 > length && length < LARGEST) this.#resize(length * FACTOR);
  }

  #put(record) {
    const place = record.id & (this.#ring.length - 1);
    if (this.#ring[place] === undefined) {
      this.#ring[place] = record;
      this.#inRing++;
    } else this.#others.set(record.id, record);
  }

  /** Forgets a task, if it is there. */
  remove(id) {
    const place = id & (this.#ring.length - 1);
    if (this.#ring[place]?.id !== id) {
      this.#others.delete(id);
      return;
    }
    this.#ring[place] = undefined;
    this.#inRing--;
  }

  /** There is a break: what the last burst has needed is given back. Until then, the next one is likely to need it. */
  trim() {
    let { length } = this.#ring;
    while (this.#inRing * SPARSE < length && length > SMALLEST) length /= FACTOR;
    if (length < this.#ring.length) this.#resize(length);
  }

  #resize(length) {
    const records = [...this];
    this.#ring = emptyRing(length);
    this.#inRing = 0;
    this.#others.clear();
    for (const record of records) this.#put(record);
  }

  /** All of them, in no order. */
  *[Symbol.iterator]() {
    for (const record of this.#ring) if (record !== undefined) yield record;
    yield* this.#others.values();
  }

  /** All of them, the oldest first. */
  records() {
    return [...this].sort((a, b) => a.id - b.id);
  }
}

module.exports = { TaskTable };
