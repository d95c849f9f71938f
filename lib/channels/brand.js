'use strict';

// What the codec asks of an object before channels are loaded: nothing is a channel until then.

module.exports = {
  /** @type {((object: object) => number) | undefined} the slot of a channel; -1 for other objects */
  slotOf: undefined,
  /** @type {((object: object) => number) | undefined} the same of cells of the kit */
  cellOf: undefined,
  /** @type {((object: object) => [string, string] | undefined) | undefined} what an object of the kit is that stays where it is, and what to do */
  describeStaying: undefined,
};
