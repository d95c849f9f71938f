'use strict';

// Values on their way into and out of shared channels, and the references to channels in any message.
//
// Within the realm a message names channels and tasks by their places in a list (`local`). In one that leaves it, a channel is an
// attachment; a local one is promoted for that. A message may be encoded while another one is, by a getter of its values.

const createPromotion = require('channels/promotion');
const { construct } = require('primordials');
const { isObject } = require('promise-operations');

/** A writer that one large message made bigger than this many bytes is dropped after use. */
const KEPT = 1 << 20;

/**
 * @param {object} natives
 * @param {object} codec
 * @param {object} channels what `chan.js` has made
 * @param {(value: object) => boolean} isHandle whether it is the handle of a task
 */
module.exports = function createMessages(natives, codec, channels, isHandle) {
  let spare;
  let promotion;
  let shared;
  /** Of the message that stays in this realm: what is in the way of sharing a function (see `copy` in realm.js); then its channels, tasks and functions. */
  let local;
  let isForChannel = false;

  /** Encodes a value and keeps it; returns its number. Channels in it have slots then, and nothing else. */
  function encodeStaged(value, moved) {
    const primitive = moved === undefined && !isObject(value) ? natives.stageValue(value) : -1;
    if (primitive >= 0) return primitive;
    const writer = spare ?? new codec.Writer();
    spare = undefined;
    const outer = isForChannel;
    isForChannel = true;
    try {
      codec.encode(value, writer, 'value', moved);
      return natives.stageBytes(writer.bytes, writer.pos);
    } catch (error) {
      natives.dropAttachments();
      throw error;
    } finally {
      isForChannel = outer;
      writer.pos = 0;
      if (writer.bytes.length <= KEPT) spare = writer;
    }
  }

  /** Encodes a value, promotes the channels in it, and keeps it; returns its number. */
  function stage(value, moved) {
    const mark = promotion.mark();
    let staged = -1;
    const isWithin = codec.isEncoding();
    if (isWithin) natives.setAside();
    const outer = local;
    local = undefined;
    try {
      staged = encodeStaged(value, moved);
      promotion.settle();
      return staged;
    } catch (error) {
      if (staged >= 0) natives.unstage(staged);
      promotion.revoke(mark);
      throw error;
    } finally {
      local = outer;
      if (isWithin) natives.goOn();
    }
  }

  /** Gives the kit; and the same where a program has asked for it. */
  let loadKit;
  let kitIfLoaded;

  return {
    /** How the kit is loaded. */
    useKit(load, ifLoaded) {
      loadKit = load;
      kitIfLoaded = ifLoaded;
    },
    /** The object for a cell of the shared core's. */
    cellOf(tag, slot, { Core }) {
      const core = new Core(1);
      core.slot = slot;
      core.tag = tag;
      const { ADOPT, Cell, byTag } = loadKit();
      return construct(Cell, [ADOPT, core], byTag[tag]);
    },
    encodeStaged,
    stage,
    share: (core) => promotion.share(core),
    mark: () => promotion.mark(),
    settle: () => promotion.settle(),
    revoke: (mark) => promotion.revoke(mark),
    viewOf: (bytes) => ({ bytes, view: new codec.View(bytes.buffer, 0, bytes.length) }),
    decode({ bytes, view }, start, length) {
      const outer = local;
      local = undefined;
      try {
        return codec.decode(bytes, view, start, start + length);
      } finally {
        local = outer;
      }
    },
    connect(operations) {
      shared = operations;
      promotion = createPromotion(natives, channels, { encodeStaged }, shared);
    },
    /** What the codec and the realm's own messages ask for. */
    handles: {
      get isForChannel() {
        return isForChannel;
      },
      /** A message that stays in this realm begins; returns the one that goes on after it. */
      beginLocal(list) {
        const outer = local;
        local = list;
        return outer;
      },
      mark: () => promotion.mark(),
      settle: () => promotion.settle(),
      revoke: (mark) => promotion.revoke(mark),
      encode(object) {
        let core = channels.coreOf(object) ?? kitIfLoaded()?.Cell.coreOf(object);
        if (core === undefined && !isHandle(object)) return -1;
        if (local !== undefined) {
          local[local.length] = object;
          return local.length - 1;
        }
        core ??= loadKit().coreOfTask(object);
        return natives.attachChannel(promotion.share(core));
      },
      shareFunction(fn) {
        if (local === undefined || local[0] === undefined) return -1;
        const obstacle = local[0](fn);
        if (obstacle !== undefined) return obstacle;
        local[local.length] = fn;
        return local.length - 1;
      },
      /** Whether a message is being encoded that stays in this realm. */
      get isLocal() {
        return local !== undefined;
      },
      decode: (handle) => (local !== undefined ? local[handle] : shared.chanOf(natives.takeChannel(handle))),
    },
  };
};
