'use strict';

// Submissions on their way to the pool. `src/message/record.rs` describes the layout.

/** Bytes of a submission's header. */
const HEADER = 32;

/** Submissions are handed over when so many bytes or so many tasks have come together, or at the end of the job. */
const BATCH_BYTES = 64 * 1024;
const BATCH_TASKS = 64;

/**
 * The first tasks of a job are handed over one by one, and then as many at once as are an eighth of what was handed over
 * before: so few wait for the end of a job that goes on for long, and a burst is not slowed down.
 */
const EAGER_TASKS = 8;

/** A buffer that one large message made bigger than this is not kept. */
const BUFFER_KEPT = 1 << 20;

class Outbox {
  #native;
  #codec;
  #memory;
  #onSubmitted;
  #onRefused;
  #writer;
  #tasks = 0;
  /** Whether a message is being encoded; a getter of a value may spawn meanwhile. */
  #busy = false;
  #scheduled = false;
  /** Tasks that this job has handed over. */
  #handedOver = 0;

  /**
   * @param {object} native the NativePool
   * @param {object} codec
   * @param {import('./memory.js').HeldBuffers} memory
   * @param {{onSubmitted: () => void, onRefused: (task: number) => void}} told when tasks were handed over, and of those
   *   among them whose isolate is gone
   */
  constructor(native, codec, memory, { onSubmitted, onRefused }) {
    this.#native = native;
    this.#codec = codec;
    this.#memory = memory;
    this.#onSubmitted = onSubmitted;
    this.#onRefused = onRefused;
    this.#writer = new codec.Writer(BATCH_BYTES);
  }

  /**
   * Adds one task.
   * @param {{task: number, isolate: number, program: number, code: number}} header
   * @param {unknown[]} args
   * @param {ArrayBuffer[]} [transfer]
   * @throws {DataCloneError} where the arguments cannot be copied; nothing was added then
   */
  add(header, args, transfer) {
    if (this.#busy) {
      // A getter in the arguments of another spawn called this one: it gets a buffer of its own and goes first.
      const outer = this.#writer;
      const aside = this.#memory.setAside();
      this.#writer = new this.#codec.Writer();
      try {
        this.#encode(header, args, transfer);
        this.#submit(this.#writer);
      } finally {
        this.#writer = outer;
        this.#memory.goOn(aside);
      }
      return;
    }
    this.#busy = true;
    try {
      this.#encode(header, args, transfer);
    } finally {
      this.#busy = false;
    }
    this.#tasks++;
    const enough = Math.min(this.#handedOver / EAGER_TASKS, BATCH_TASKS);
    if (this.#tasks >= enough || this.#writer.pos >= BATCH_BYTES) this.flush();
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        this.flush();
        this.#handedOver = 0;
      });
    }
  }

  #encode(header, args, transfer) {
    const writer = this.#writer;
    const memory = this.#memory;
    const start = writer.pos;
    writer.reserve(HEADER);
    writer.pos = start + HEADER;
    memory.begin();
    try {
      this.#codec.encode(args, writer, 'args', transfer);
    } catch (error) {
      writer.pos = start;
      memory.rewind();
      throw error;
    }
    const length = writer.pos - start - HEADER;
    const { view } = writer;
    view.setUint32(start, length, true);
    view.setUint32(start + 4, header.isolate, true);
    view.setFloat64(start + 8, header.task, true);
    view.setUint32(start + 16, header.code, true);
    view.setUint32(start + 20, header.program, true);
    view.setUint32(start + 24, memory.inMessage, true);
    const padding = (8 - (length & 7)) & 7;
    writer.reserve(padding);
    writer.pos += padding;
  }

  /** Hands over what has come together. */
  flush() {
    if (this.#busy || this.#writer.pos === 0) return;
    this.#submit(this.#writer);
    this.#handedOver += this.#tasks;
    this.#tasks = 0;
    if (this.#writer.bytes.length > BUFFER_KEPT) this.#writer = new this.#codec.Writer(BATCH_BYTES);
    this.#writer.pos = 0;
  }

  #submit(writer) {
    const views = this.#memory.takeViews();
    const refused = this.#native.submit(writer.bytes, writer.pos, views);
    this.#onSubmitted();
    if (refused !== null) for (const task of refused) this.#onRefused(task);
  }
}

module.exports = { Outbox };
