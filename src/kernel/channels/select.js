'use strict';

// `select`: exactly one of several sends and receives.
//
// Cases are read once, in order, and what they send is copied then. Of the cases that are ready one is drawn by lot. Where none is,
// the task waits at all channels at once (`Group`). Where one of the channels is a shared one, all become so, and the shared core
// chooses.

const { CASE, Group, Waiter } = require('channels/waiters');
const { signalOf, watch } = require('channels/signal');
const { ChannelClosedError } = require('errors');
const { ArrayIsArray, ObjectHasOwn, String, TypeError } = require('primordials');

/** What a random number is drawn from: xorshift, since a program may have replaced `Math.random`. */
let seed = 0x9e3779b9;

/** A whole number from 0 to below `count`. */
function draw(count) {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) % count;
}

/** How many cases lists may have to be used again. */
const ROOM = 64;

/** The cases of one `select`: what they are, and which are ready. */
class Lists {
  cores = [];
  sends = [];
  values = [];
  ready = [];
}

/** What a case that is none looks like. */
function describe(value) {
  if (ArrayIsArray(value)) return `an array of ${value.length}`;
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : String(value);
}

/**
 * @param {{block: Function, wake: Function, takeDirect: Function, marks: Function}} scheduler
 * @param {object} channels what `chan.js` has made
 * @param {object} shared what `shared.js` has made
 * @param {(value: unknown) => unknown} copy what a receiver gets of a value
 * @param {() => boolean} idle
 */
module.exports = function createSelect({ block, wake, takeDirect, marks }, channels, shared, copy, idle) {
  const { LOCAL, coreOf, give, take } = channels;
  /** The lists of the last one that did not block, for the next one; a getter of what it is given may select meanwhile. */
  let spare;

  /** The channel of a case; `null` for one that is never ready. */
  function channelOf(value, index, whole) {
    if (value === null) return null;
    const core = typeof value === 'object' ? coreOf(value) : undefined;
    if (core === undefined) {
      throw new TypeError(
        `select: case ${index} is ${describe(whole)}; a case is a channel or null (to receive), or [channel or null, value] (to send)`,
      );
    }
    return core;
  }

  function isReady(core, isSend) {
    return core.isClosed || (isSend ? core.hasRoom : core.hasValue);
  }

  function select(cases, options) {
    const direct = takeDirect();
    if (!ArrayIsArray(cases)) throw new TypeError('select: the first argument must be an array of cases');
    const signal = signalOf(options, 'select');
    const count = cases.length;
    const lists = spare ?? new Lists();
    spare = undefined;
    const { cores, sends, values } = lists;
    let isShared = false;
    for (let i = 0; i < count; i++) {
      const given = cases[i];
      const isSend = ArrayIsArray(given) && given.length === 2;
      const core = channelOf(isSend ? given[0] : given, i, given);
      cores[i] = core;
      sends[i] = isSend;
      values[i] = isSend ? given[1] : undefined;
      if (core !== null && core.slot !== LOCAL) isShared = true;
    }
    for (let i = 0; i < count; i++) {
      if (!sends[i] || cores[i] === null || isShared) continue;
      values[i] = copy(values[i]);
      // A getter of the value may have promoted one of the channels.
      for (let j = 0; j < count; j++) isShared ||= cores[j] !== null && cores[j].slot !== LOCAL;
    }
    const hasDefault = options !== undefined && ObjectHasOwn(options, 'default');
    if (isShared) {
      const result = shared.select(cores, sends, values, hasDefault, signal, direct);
      return result === undefined ? { index: -1, channel: undefined, value: options.default, ok: false } : result;
    }
    const { ready } = lists;
    let many = 0;
    for (let i = 0; i < count; i++) {
      if (cores[i] !== null && isReady(cores[i], sends[i])) ready[many++] = i;
    }
    if (many > 0) {
      // Each of those that are ready is as likely as the others.
      const chosen = ready[many === 1 ? 0 : draw(many)];
      const core = cores[chosen];
      const isSend = sends[chosen];
      const value = values[chosen];
      keep(lists, count);
      const channel = core.chan;
      if (isSend) {
        if (core.isClosed) throw new ChannelClosedError('send on a closed channel');
        give(core, value);
        return { index: chosen, channel, value: undefined, ok: true };
      }
      if (!core.hasValue) return { index: chosen, channel, value: undefined, ok: false };
      return { index: chosen, channel, value: take(core), ok: true };
    }
    if (hasDefault) {
      keep(lists, count);
      return { index: -1, channel: undefined, value: options.default, ok: false };
    }
    return block(
      (fiber) => {
        const list = [];
        const group = new Group(fiber, list);
        for (let i = 0; i < count; i++) {
          const core = cores[i];
          list[i] = core === null ? null : core.chan;
          if (core === null) continue;
          const waiter = new Waiter(fiber, core, CASE, values[i], group, i);
          (sends[i] ? core.senders : core.receivers).add(waiter);
          group.waiters[group.waiters.length] = waiter;
        }
        return watch(wake, signal, group);
      },
      idle,
      direct,
    );
  }

  /** Has the next one use lists that nobody needs any more. */
  function keep(lists, count) {
    if (count > ROOM) return;
    const { cores, values } = lists;
    for (let i = 0; i < count; i++) {
      cores[i] = null;
      values[i] = undefined;
    }
    spare = lists;
  }
  marks(select);

  return select;
};
