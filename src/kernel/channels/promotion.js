'use strict';

// How a channel of this realm becomes one of the shared core's: a reference to it is about to leave the isolate.
//
// While a message is encoded, each local channel in it is reserved a slot at once, so that the message can name it; it stays local
// meanwhile, since getters of the message may use it. Before the message is sent, `settle` moves what these channels hold: first
// everything is encoded (which may reach further channels, and may fail: then they all stay local), then it is moved. Nothing else
// runs meanwhile, and nobody else knows the channels before the message is sent, so no operation can come between.
//
// Waiters are registered in the order in which they came, over all channels, so each queue keeps its order. A waiting `select`
// takes all its channels along.

const { CASE, VALUE, isSending, stepsOf } = require('channels/waiters');
const {
  ArrayPrototypeSort,
  Map,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeSet,
  WeakRefPrototypeDeref,
} = require('primordials');

/**
 * @param {object} natives
 * @param {object} channels what `chan.js` has made
 * @param {{encodeStaged: (value: unknown) => number}} messages
 * @param {object} shared what `shared.js` has made
 */
module.exports = function createPromotion(natives, channels, messages, shared) {
  const { LOCAL } = channels;
  let pending = [];

  /** The slot of a channel; a local one is reserved one. */
  function share(core) {
    if (core.slot !== LOCAL) return core.slot;
    if (core.reserved === LOCAL) {
      shared.connect();
      core.reserved = natives.channelCreate(core.capacity, core.tag);
      pending[pending.length] = core;
    }
    return core.reserved;
  }

  function each(list, action) {
    for (let waiter = list.first; waiter !== null; waiter = waiter.next) action(waiter);
  }

  function shareGroup({ group }) {
    if (group === undefined) return;
    const { waiters } = group;
    for (let i = 0; i < waiters.length; i++) share(waiters[i].core);
  }

  /** Channels that are closed together are all here, or all in the shared core. */
  function shareLinks({ leader, followers }) {
    if (leader !== undefined) share(leader);
    if (followers === undefined) return;
    for (let i = 0; i < followers.list.length; i++) {
      const core = WeakRefPrototypeDeref(followers.list[i]);
      if (core !== undefined && !core.isClosed) share(core);
    }
  }

  function moveLinks(core) {
    if (core.leader !== undefined) natives.channelFollow(core.slot, core.leader.slot);
    core.leader = undefined;
    core.followers = undefined;
  }

  /** Moves what the channels hold that were given slots. */
  function settle() {
    if (pending.length === 0) return;
    /** Staged messages, by where their values lie. */
    const buffers = [];
    const sent = new Map();
    natives.setAside();
    try {
      for (let i = 0; i < pending.length; i++) {
        const core = pending[i];
        const staged = [];
        buffers[i] = staged;
        core.buffer.each((value) => {
          staged[staged.length] = messages.encodeStaged(value);
        });
        each(core.senders, (waiter) => {
          MapPrototypeSet(sent, waiter, messages.encodeStaged(waiter.value));
        });
        each(core.senders, shareGroup);
        each(core.receivers, shareGroup);
        shareLinks(core);
      }
    } catch (error) {
      for (let i = 0; i < buffers.length; i++)
        for (let j = 0; j < buffers[i].length; j++) natives.unstage(buffers[i][j]);
      MapPrototypeForEach(sent, (staged) => natives.unstage(staged));
      throw error;
    } finally {
      natives.goOn();
    }
    const cores = pending;
    pending = [];
    const waiters = [];
    for (let i = 0; i < cores.length; i++) {
      const core = cores[i];
      core.slot = core.reserved;
      shared.know(natives.channelId(core.slot), core.chan, core.slot);
      core.onShared?.(core.slot);
      if (core.holds > 0) natives.channelHold(core.slot, core.holds, core.gateOf === undefined ? -1 : core.gateOf.slot);
      for (let j = 0; j < buffers[i].length; j++) natives.channelRestore(core.slot, buffers[i][j], false);
      core.buffer.clear();
      if (core.isClosed) natives.channelClose(core.slot);
      const add = (waiter) => {
        waiters[waiters.length] = waiter;
      };
      each(core.receivers, add);
      each(core.senders, add);
    }
    for (let i = 0; i < cores.length; i++) moveLinks(cores[i]);
    ArrayPrototypeSort(waiters, (a, b) => a.sequence - b.sequence);
    for (let i = 0; i < waiters.length; i++) move(waiters[i], sent);
  }

  /** Has a waiter wait in the shared core. */
  function move(waiter, sent) {
    const { fiber, core, group } = waiter;
    if (group !== undefined) {
      // It may have gone with another one of its group.
      if (waiter.list !== undefined) moveGroup(group, sent);
      return;
    }
    const isSender = isSending(waiter);
    const list = isSender ? core.senders : core.receivers;
    list.remove(waiter);
    if (isSender) natives.channelSendStaged(core.slot, MapPrototypeGet(sent, waiter), shared.ALWAYS);
    else natives.channelRecv(core.slot, shared.ALWAYS);
    const frame = stepsOf(waiter);
    const kind = isSender ? shared.SEND : frame === undefined ? waiter.kind : VALUE;
    const wait = shared.remember(fiber, kind, core);
    wait.value = frame;
    replace(fiber, waiter, wait);
  }

  function moveGroup(group, sent) {
    const { channels: list, waiters, fiber } = group;
    const cores = [];
    const sends = [];
    const staged = [];
    for (let i = 0; i < list.length; i++) {
      cores[i] = list[i] === null ? null : channels.coreOf(list[i]);
      sends[i] = false;
      staged[i] = -1;
    }
    for (let i = 0; i < waiters.length; i++) {
      const waiter = waiters[i];
      if (waiter.list === waiter.core.senders) {
        sends[waiter.index] = true;
        staged[waiter.index] = MapPrototypeGet(sent, waiter);
      }
      waiter.list.remove(waiter);
      waiter.list = undefined;
    }
    shared.choose(cores, staged, true);
    replace(fiber, group, shared.remember(fiber, CASE, undefined, list, sends));
  }

  function replace(fiber, old, wait) {
    const { abortion } = old;
    if (abortion !== undefined) {
      abortion.waiter = wait;
      wait.abortion = abortion;
    }
    fiber.place = wait;
  }

  /** How many channels are under way: `revoke` is for those that come after. */
  const mark = () => pending.length;

  /** The message is not sent for which channels were reserved slots: they stay local. */
  function revoke(from) {
    for (let i = from; i < pending.length; i++) {
      natives.channelRelease(pending[i].reserved);
      pending[i].reserved = LOCAL;
    }
    if (pending.length > from) pending.length = from;
  }

  return { share, settle, mark, revoke };
};
