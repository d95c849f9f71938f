'use strict';

// Buffers whose memory isolates use. Node-API can detach an ArrayBuffer but not take its memory, so a moved buffer is
// first moved into a hidden one, which lives here until no isolate uses it.

/** The buffer that has the memory from now on. structuredClone is the one way to move it that every supported Node has. */
const moved = (buffer) => structuredClone(buffer, { transfer: [buffer] });

class HeldBuffers {
  #buffers = new Map();
  #lastId = 0;
  /** `[view, id, shared, ...]` of the submissions that are being collected, as `NativePool.submit` takes them. */
  #views = [];
  #messageStart = 0;
  /** `[id, buffer, ...]` of a message whose buffers move once it is sent; nothing where they move at once. */
  #unmoved;
  #unsent;

  /** A message starts: `attach` counts from here. */
  begin() {
    this.#messageStart = this.attached;
  }

  /**
   * Moves an ArrayBuffer into the message, or shares a SharedArrayBuffer with it.
   * @returns {number} its index in the message
   */
  attach(buffer, shared) {
    const id = ++this.#lastId;
    const isLater = !shared && this.#unmoved !== undefined;
    if (isLater) this.#unmoved.push(id, buffer);
    const held = shared || isLater ? buffer : moved(buffer);
    this.#buffers.set(id, held);
    this.#views.push(new Uint8Array(held), id, shared);
    return this.attached - this.#messageStart - 1;
  }

  /**
   * Has a channel go with the message.
   * @param {number} slot
   * @returns {number} its index in the message
   */
  attachChannel(slot) {
    this.#views.push(null, slot, false);
    return this.attached - this.#messageStart - 1;
  }

  /** The same, for a message that is yet to be sent, which may fail: its buffers stay what they are until `settle`. */
  beginUnsent() {
    this.#unmoved = [];
    this.begin();
  }

  /** The message is ready to be sent: it is the one that `settle` is about. */
  endUnsent() {
    this.#unsent = this.#unmoved;
    this.#unmoved = undefined;
  }

  /**
   * Moves the buffers of the message if it was sent. Their memory stays where it is, so the receiver may have it already; nothing of the
   * program's has run here in between.
   */
  settle(isSent) {
    const buffers = this.#unsent;
    this.#unsent = undefined;
    if (isSent) for (let at = 0; at < buffers.length; at += 2) this.#buffers.set(buffers[at], moved(buffers[at + 1]));
  }

  /** Sets the submissions that are being collected aside, for one that goes before them. */
  setAside() {
    const kept = { views: this.#views, messageStart: this.#messageStart, unmoved: this.#unmoved };
    this.#views = [];
    this.#messageStart = 0;
    this.#unmoved = undefined;
    return kept;
  }

  /** Goes on with what `setAside` gave. */
  goOn({ views, messageStart, unmoved }) {
    this.#views = views;
    this.#messageStart = messageStart;
    this.#unmoved = unmoved;
  }

  /** How many buffers were attached since `takeViews`. */
  get attached() {
    return this.#views.length / 3;
  }

  /** How many buffers the message has. */
  get inMessage() {
    return this.attached - this.#messageStart;
  }

  /** Takes back what the message attached, since it failed. */
  rewind() {
    for (let at = this.#messageStart * 3; at < this.#views.length; at += 3) {
      if (this.#views[at] !== null) this.#buffers.delete(this.#views[at + 1]);
    }
    this.#views.length = this.#messageStart * 3;
  }

  /** What `submit` takes, or `undefined` where nothing was attached. */
  takeViews() {
    if (this.#views.length === 0) return undefined;
    const views = this.#views;
    this.#views = [];
    return views;
  }

  /** The buffer with this id, which an isolate gives back. A moved one is the receiver's from now on. */
  reclaim(id) {
    const buffer = this.#buffers.get(id);
    if (buffer instanceof ArrayBuffer) this.#buffers.delete(id);
    return buffer;
  }

  /** Forgets buffers that no isolate uses any more. */
  release(ids) {
    for (const id of ids) this.#buffers.delete(id);
  }

  get size() {
    return this.#buffers.size;
  }
}

/** Those of this environment: messages in channels may outlive the pool. */
const held = new HeldBuffers();

module.exports = { held };
