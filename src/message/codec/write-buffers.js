'use strict';

// Encoder: buffers and views, and what is transferred.

const {
  ATTACHED_BUFFER,
  BRAND,
  BUFFER,
  LENGTH_TRACKING,
  RESIZABLE_BUFFER,
  VIEW,
  VIEW_ELEMENT_SIZES,
  VIEW_NAMES,
} = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createWriteBuffers(codec) {
  const {
    platform,
    addObject,
    bufferByteLength,
    bufferMaxByteLength,
    bufferResize,
    canGrow,
    dataViewBuffer,
    dataViewByteLength,
    dataViewByteOffset,
    grow,
    isDetached,
    isResizable,
    isShared,
    MapCtor,
    mapForEach,
    mapGet,
    mapSet,
    sharedByteLength,
    typedArrayBuffer,
    typedArrayByteOffset,
    typedArrayKeys,
    typedArrayLength,
    typedArrayName,
    typedArraySet,
    Uint8ArrayCtor,
    uncloneable,
    uncloneableDetached,
    VIEW_KINDS,
    withArticle,
    writeCount,
    writeObject,
    writeTag,
  } = codec;

  function writeArrayBuffer(e, buffer, parent, step) {
    if (e.transfer !== null && mapGet(e.transfer, buffer) !== undefined) {
      mapSet(e.transfer, buffer, true);
      writeAttachment(e, buffer, false);
      return;
    }
    if (isDetached(buffer)) throw uncloneableDetached(e, parent, step);
    if (platform.isOwned?.(buffer)) {
      writeAttachment(e, buffer, false);
      return;
    }
    const length = bufferByteLength(buffer);
    if (isResizable(buffer)) {
      writeTag(e, RESIZABLE_BUFFER);
      writeCount(e, length);
      writeCount(e, bufferMaxByteLength(buffer));
    } else {
      writeTag(e, BUFFER);
      writeCount(e, length);
    }
    writeBytes(e, new Uint8ArrayCtor(buffer), length);
  }

  function writeBytes(e, source, length) {
    if (e.capacity - e.pos < length) grow(e, length);
    typedArraySet(e.bytes, source, e.pos);
    e.pos += length;
  }

  /** Its index is known only after the walk, when it is attached. */
  function writeAttachment(e, buffer, shared) {
    if (e.capacity - e.pos < 5) grow(e, 5);
    e.bytes[e.pos] = ATTACHED_BUFFER;
    if (e.attachments === null) e.attachments = [];
    e.attachments[e.attachments.length] = { buffer, shared, at: e.pos + 1 };
    e.pos += 5;
  }

  function writeView(e, view, number, isDataView) {
    const buffer = isDataView ? dataViewBuffer(view) : typedArrayBuffer(view);
    const shared = isShared(buffer);
    if (!shared && isDetached(buffer)) throw uncloneableDetached(e, number, 'buffer');

    const kind = isDataView ? 0 : VIEW_KINDS[typedArrayName(view)];
    if (kind === undefined) {
      throw uncloneable(
        e,
        e.parents[number],
        e.steps[number],
        withArticle(typedArrayName(view)),
        'this version does not know the type',
      );
    }
    const size = VIEW_ELEMENT_SIZES[kind];
    const resizable = canGrow(buffer, shared);
    if (resizable && isOutOfBounds(view, isDataView)) {
      throw uncloneable(
        e,
        e.parents[number],
        e.steps[number],
        `${withArticle(VIEW_NAMES[kind])} beyond the end of its buffer`,
        'resize the buffer, or make the view anew',
      );
    }
    const offset = isDataView ? dataViewByteOffset(view) : typedArrayByteOffset(view);
    const length = isDataView ? dataViewByteLength(view) : typedArrayLength(view);

    writeTag(e, VIEW);
    if (!shared && (e.transfer === null || mapGet(e.transfer, buffer) === undefined) && platform.isPooled?.(view)) {
      writeTag(e, kind);
      writeCount(e, 0);
      writeCount(e, length);
      // The slice arrives as a buffer of its own, so it has a number, but none to refer to.
      addObject(e, { __proto__: null }, number, 'buffer');
      writeTag(e, BUFFER);
      writeCount(e, length * size);
      writeBytes(e, new Uint8ArrayCtor(buffer, offset, length * size), length * size);
      return;
    }
    const tracking = resizable && isLengthTracking(view, buffer, offset, length, size, shared);
    writeTag(e, tracking ? kind | LENGTH_TRACKING : kind);
    writeCount(e, offset);
    writeCount(e, length);
    writeObject(e, buffer, number, 'buffer');
  }

  function isOutOfBounds(view, isDataView) {
    try {
      if (isDataView) dataViewByteLength(view);
      else typedArrayKeys(view);
      return false;
    } catch {
      return true;
    }
  }

  /**
   * Whether the view of a resizable buffer was made without a length. Nothing tells, but such a
   * view grows with its buffer, which can be tried unless the memory is shared or at its maximum.
   * There a view that ends where the buffer does is taken to be one.
   */
  function isLengthTracking(view, buffer, offset, length, size, shared) {
    const total = shared ? sharedByteLength(buffer) : bufferByteLength(buffer);
    if (total - offset - length * size >= size) return false;
    if (shared || total + size > bufferMaxByteLength(buffer)) return true;
    try {
      bufferResize(buffer, total + size);
    } catch {
      return true;
    }
    const isDataView = typedArrayName(view) === undefined;
    const grown = isDataView ? dataViewByteLength(view) : typedArrayLength(view);
    bufferResize(buffer, total);
    return grown !== length;
  }

  /** Checks the list before the walk, so that nothing is detached in vain. */
  function prepareTransfer(e, transfer) {
    const length = transfer.length;
    if (length === 0) return;
    const buffers = new MapCtor();
    for (let i = 0; i < length; i++) {
      const buffer = transfer[i];
      const path = `transfer[${i}]`;
      const isObject = typeof buffer === 'object' && buffer !== null;
      const brand = isObject ? platform.brandOf(buffer) : BRAND.PLAIN;
      let problem = null;
      if (brand === BRAND.SHARED_ARRAY_BUFFER) {
        problem = 'a SharedArrayBuffer cannot be transferred (leave it out: it is shared as it is)';
      } else if (brand !== BRAND.ARRAY_BUFFER) {
        problem = 'only an ArrayBuffer can be transferred (of a view, pass view.buffer)';
      } else if (isDetached(buffer)) {
        problem = 'a detached ArrayBuffer cannot be transferred (it was transferred before)';
      } else if (mapGet(buffers, buffer) !== undefined) {
        problem = 'the same ArrayBuffer is listed twice (list it once)';
      } else if (platform.canTransfer !== undefined && !platform.canTransfer(buffer)) {
        problem =
          'this ArrayBuffer cannot be transferred: it belongs to a WebAssembly.Memory, to the pool of Buffer, ' +
          'or is marked as untransferable (transfer a copy: buffer.slice())';
      }
      if (problem !== null) throw platform.cloneError(`${path}: ${problem}`, path);
      mapSet(buffers, buffer, false);
    }
    e.transfer = buffers;
  }

  function checkStillAttached(buffer, path) {
    if (!isDetached(buffer)) return;
    const problem = 'the ArrayBuffer was detached while the value was cloned';
    throw platform.cloneError(`${path}: ${problem} (do not transfer it in a getter)`, path);
  }

  function attachAll(e) {
    const attachments = e.attachments;
    // All are looked at before the first one is moved.
    if (e.transfer !== null) {
      let index = 0;
      mapForEach(e.transfer, (_, buffer) => checkStillAttached(buffer, `transfer[${index++}]`));
    }
    if (attachments !== null) {
      for (let i = 0; i < attachments.length; i++) {
        const { buffer, shared } = attachments[i];
        if (!shared) checkStillAttached(buffer, e.rootName);
      }
      for (let i = 0; i < attachments.length; i++) {
        const { buffer, shared, at } = attachments[i];
        e.view.setUint32(at, platform.attach(buffer, shared), true);
      }
    }
    if (e.transfer !== null) {
      mapForEach(e.transfer, (reached, buffer) => {
        if (!reached) platform.attach(buffer, false);
      });
    }
  }

  Object.assign(codec, { attachAll, prepareTransfer, writeArrayBuffer, writeAttachment, writeView });
};
