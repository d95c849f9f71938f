'use strict';

// Records from the pool. `src/message/record.rs` describes the layout.

const now = require('./now.js');

/** Bytes of a record's header. */
const HEADER = 24;

/** Kinds of records. */
const RECORD = { RESULT: 0, THROWN: 1, FAILURE: 2, UNCAUGHT: 3, DISPOSED: 4, STACK: 5, NATIVE_STACK: 6, EXPIRED: 7 };

/** Memory into which records are fetched; larger ones come in a buffer of their own. */
const BUFFER = 256 * 1024;

/** Milliseconds after which the event loop gets a turn, however many records wait. */
const TURN = 5;

/** Prints what tasks have printed. The module is loaded when there is something. */
function print(native, readable) {
  const lines = native.takeConsole();
  if (lines.length > 0) require('./console.js').print(lines, readable, () => native.consoleWritten());
}

class Inbox {
  #native;
  #messages;
  #memory;
  #deliver;
  #readable;
  #onLook;
  #onThrough;
  #bytes = new Uint8Array(BUFFER);
  #view = new DataView(this.#bytes.buffer);
  /** The attachments of the record that is being read. */
  #attachments = [];
  #again = false;
  #running = false;

  /**
   * @param {object} native the NativePool
   * @param {import('./messages.js').Messages} messages
   * @param {import('./memory.js').HeldBuffers} memory
   * @param {(kind: number, task: number, read: () => unknown, failure: () => {code: number, message: string}) => void} deliver
   * @param {(text: string) => string} readable makes stacks in what tasks print readable
   * @param {() => void} onLook called first
   * @param {() => void} onThrough called when what was left for another turn of the event loop was fetched
   */
  constructor(native, messages, memory, deliver, readable, onLook, onThrough) {
    this.#onThrough = onThrough;
    this.#messages = messages;
    this.#onLook = onLook;
    this.#readable = readable;
    this.#native = native;
    this.#memory = memory;
    this.#deliver = deliver;
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

  /** Fetches and delivers what the pool has, for a bounded time. */
  run() {
    // The host's console may be the user's, and may ask for the status of a task.
    if (this.#running) return;
    this.#running = true;
    try {
      this.#fetch();
    } finally {
      this.#running = false;
    }
  }

  #fetch() {
    const native = this.#native;
    native.looked();
    const start = now();
    this.#onLook();
    for (;;) {
      const length = native.drain(this.#bytes);
      if (length > 0) {
        // What a task printed comes before what it settled with: the lines were there before the record was.
        print(native, this.#readable);
        this.#read(this.#bytes, this.#view, length);
      } else {
        const large = native.takeLarge();
        print(native, this.#readable);
        if (large === null) break;
        this.#read(new Uint8Array(large), new DataView(large), large.byteLength);
      }
      if (now() - start > TURN) {
        this.#runAgain();
        break;
      }
    }
    if (this.#memory.size > 0) this.#memory.release(native.takeReleased());
  }

  #runAgain() {
    if (this.#again) return;
    this.#again = true;
    setImmediate(() => {
      this.#again = false;
      this.run();
      this.#onThrough();
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
      this.#deliver(
        kind,
        task,
        () => this.#messages.decode(bytes, view, start, start + size),
        () => ({
          code: view.getUint32(start, true),
          message: Buffer.from(bytes.buffer, bytes.byteOffset + start + 4, size - 4).toString(),
        }),
        () => Buffer.from(bytes.buffer, bytes.byteOffset + start, size).toString(),
      );
      at = start + Math.ceil(size / 8) * 8;
    }
  }
}

module.exports = { Inbox, RECORD, print };
