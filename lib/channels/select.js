'use strict';

// `select` on the host: exactly one of several sends and receives.

const endpoint = require('./endpoint.js');
const { slotOf } = require('./chan.js');
const { signalOf } = require('./options.js');

const { HEADER, KIND, ROOM, STATUS, channels, given, happened, numbers, selected, stage, wait } = endpoint;

/** Cases that the memory has room for. */
const CASES = ROOM / 16;

/** What a case of none of the forms looks like. */
function describe(value) {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : String(value);
}

/** The slot of a case's channel; -1 for one that is never ready. */
function caseSlot(value, index, whole) {
  if (value === null) return -1;
  const slot = typeof value === 'object' ? slotOf(value) : -1;
  if (slot < 0) {
    throw new TypeError(
      `select: case ${index} is ${describe(whole)}; a case is a channel or null (to receive), or [channel or null, value] (to send)`,
    );
  }
  return slot;
}

/**
 * Does exactly one of the cases.
 * @param {(object | null | [object | null, unknown])[]} cases
 * @param {{default?: unknown, signal?: AbortSignal}} [options]
 * @returns {Promise<{index: number, channel: object | undefined, value: unknown, ok: boolean}>}
 */
async function select(cases, options) {
  if (!Array.isArray(cases)) throw new TypeError('select: the first argument must be an array of cases');
  if (cases.length > CASES) throw new RangeError(`select takes at most ${CASES} cases`);
  const signal = signalOf(options, 'select');
  const slots = [];
  const staged = [];
  const about = { list: [], sends: [] };
  const list = [...cases];
  for (const [index, one] of list.entries()) {
    const isSend = Array.isArray(one) && one.length === 2;
    const channel = isSend ? one[0] : one;
    slots.push(caseSlot(channel, index, one));
    about.list.push(channel);
    about.sends.push(isSend);
  }
  try {
    for (const [index, one] of list.entries()) {
      staged.push(about.sends[index] && slots[index] >= 0 ? stage(one[1]) : -1);
    }
  } catch (error) {
    for (const number of staged) if (number >= 0) channels.unstage(number);
    throw error;
  }
  for (let index = 0; index < slots.length; index++) {
    numbers[HEADER / 8 + index * 2] = slots[index];
    numbers[HEADER / 8 + index * 2 + 1] = staged[index];
  }
  const hasDefault = options !== undefined && Object.hasOwn(options, 'default');
  const value = endpoint.select(slots.length, !hasDefault);
  const status = numbers[0];
  if (status === STATUS.NOTHING) return given({ index: -1, channel: undefined, value: options.default, ok: false });
  if (status === STATUS.WAITING) {
    const promise = wait(KIND.CASE, about, signal);
    happened();
    return promise;
  }
  const result = selected(about, value);
  happened();
  return given(result);
}

module.exports = { select };
