'use strict';

// Records from the pool. `src/message/record.rs` describes the layout.

const { setImmediate } = require('./event-loop.js');
const now = require('./now.js');

/** Bytes of a record's header. */
const HEADER = 24;

/** Kinds of records. */
const RECORD = { RESULT: 0, THROWN: 1, FAILURE: 2, UNCAUGHT: 3, DISPOSED: 4, STACK: 5, NATIVE_STACK: 6, EXPIRED: 7 };

/** What `look` says besides the number of bytes, which stands above these bits. */
const LINES = 1;
const LARGE = 2;
const MORE = 4;
const FLAG_BITS = 3;

/** Memory into which records are fetched; larger ones come in a buffer of their own. */
const BUFFER = 256 * 1024;

/** Milliseconds after which the event loop gets a turn, however many records wait. */
const TURN = 5;

/** Prints what tasks have printed. The module is loaded when there is something. */
function print(native, readable) {
  const lines = native.takeConsole();
  if (lines.length > 0) require('./console.js').print(lines, readable, () => native.consoleWritten());
}

/** A record from the pool, as long as it is being delivered; there is one at a time. */
class Received {
  #messages;
  #bytes;
  #view;
  #start = 0;
  #end = 0;

  /** @param {import('./messages.js').Messages} messages */
  constructor(messages) {
    this.#messages = messages;
  }

  /** It stands there. */
  set(bytes, view, start, end) {
    this.#bytes = bytes;
    this.#view = view;
    this.#start = start;
    this.#end = end;
  }

  /** Forgets where: large records have memory of their own. */
  clear() {
    this.#bytes = undefined;
    this.#view = undefined;
  }

  /** The value that it holds. */
  value() {
    return this.#messages.decode(this.#bytes, this.#view, this.#start, this.#end);
  }

  /** Why the pool ended a task. */
  failure() {
    return { code: this.#view.getUint32(this.#start, true), message: this.#textFrom(this.#start + 4) };
  }

  /** The text that it holds. */
  text() {
    return this.#textFrom(this.#start);
  }

  #textFrom(start) {
    const { buffer, byteOffset } = this.#bytes;
    return Buffer.from(buffer, byteOffset + start, this.#end - start).toString();
  }
}

class Inbox {
  #native;
  #calls;
  #memory;
  #readable;
  #told;
  #messages;
  #bytes = new Uint8Array(BUFFER);
  #view = new DataView(this.#bytes.buffer);
  /** The attachments of the record that is being read. */
  #attachments = [];
  #again = false;
  #running = false;
  #received;

  /**
   * @param {object} native the NativePool
   * @param {{look: Function, drain: Function}} calls its functions
   * @param {import('./messages.js').Messages} messages
   * @param {import('./memory.js').HeldBuffers} memory
   * @param {(text: string) => string} readable makes stacks in what tasks print readable
   * @param {object} told
   * @param {() => void} told.onLook called before the records that were there are delivered
   * @param {(kind: number, task: number, received: Received) => void} told.deliver
   * @param {() => void} told.onDelivered called after them
   * @param {() => void} told.onThrough called when what was left for another turn of the event loop was fetched
   */
  constructor(native, calls, messages, memory, readable, told) {
    this.#native = native;
    this.#calls = calls;
    this.#messages = messages;
    this.#memory = memory;
    this.#readable = readable;
    this.#told = told;
    this.#received = new Received(messages);
  }

  /** An attachment of the record that is being read, by its index. */
  take(index) {
    return this.#attachments[index];
  }

  /** Fetches a record's attachments, which come in the order of the records. */
  #fetchAttachments(count) {
    this.#attachments = [];
    // There may be channels among them.
    if (count > 0) require('./channels/chan.js');
    for (let index = 0; index < count; index++) this.#attachments.push(this.#resolve(this.#native.takeAttachment()));
  }

  /** What an attachment is: memory, or a channel. */
  #resolve(taken) {
    if (typeof taken !== 'number') return taken;
    return taken < 0 ? require('./channels/endpoint.js').chanOf(-1 - taken) : this.#memory.reclaim(taken);
  }

  /** Decodes a message that came by itself. */
  decode(bytes, view, start, end, attachments) {
    const outer = this.#attachments;
    this.#attachments = attachments.map((taken) => this.#resolve(taken));
    try {
      return this.#messages.decode(bytes, view, start, end);
    } finally {
      this.#attachments = outer;
    }
  }

  /** Whether records are being delivered. */
  get isDelivering() {
    return this.#running;
  }

  /** Fetches and delivers what the pool has, for a bounded time. */
  run() {
    // The host's console may be the user's, and may ask for the status of a task.
    if (!this.#running) this.#fetch(this.#calls.drain(this.#bytes));
  }

  /** The same where the pool has something; returns whether it has. */
  runIfReady() {
    if (this.#running) return false;
    const found = this.#calls.look(this.#bytes);
    if (found >= 0) this.#fetch(found);
    return found >= 0;
  }

  #fetch(first) {
    this.#running = true;
    try {
      this.#told.onLook();
      this.#deliverAll(first);
    } finally {
      this.#running = false;
      this.#received.clear();
      this.#told.onDelivered();
    }
    if (this.#memory.size > 0) this.#memory.release(this.#native.takeReleased());
  }

  #deliverAll(first) {
    const native = this.#native;
    const start = now();
    for (let found = first; ; found = this.#calls.drain(this.#bytes)) {
      // What a task printed comes before what it settled with: the lines were there before the record was.
      if (found & LINES) print(native, this.#readable);
      const length = found >> FLAG_BITS;
      if (length > 0) this.#read(this.#bytes, this.#view, length);
      if (found & LARGE) {
        const large = native.takeLarge();
        this.#read(new Uint8Array(large), new DataView(large), large.byteLength);
      }
      if (!(found & MORE)) return;
      if (now() - start > TURN) {
        this.#runAgain();
        return;
      }
    }
  }

  #runAgain() {
    if (this.#again) return;
    this.#again = true;
    setImmediate(() => {
      this.#again = false;
      this.run();
      this.#told.onThrough();
    });
  }

  #read(bytes, view, length) {
    let at = 0;
    while (at < length) {
      const size = view.getUint32(at, true);
      const kind = view.getUint32(at + 4, true);
      const task = view.getFloat64(at + 8, true);
      this.#fetchAttachments(view.getUint32(at + 16, true));
      const start = at + HEADER;
      this.#received.set(bytes, view, start, start + size);
      this.#told.deliver(kind, task, this.#received);
      at = start + Math.ceil(size / 8) * 8;
    }
  }
}

module.exports = { Inbox, RECORD, print };
