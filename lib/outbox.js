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

const { queueMicrotask } = require('./event-loop.js');
const { EarlyWriter } = require('./messages.js');
const { mayTryAgain, Message } = require('./shipping.js');
const storages = require('./storages.js');

class Outbox {
  #native;
  #calls;
  #messages;
  #memory;
  #onSubmitted;
  #onRefused;
  #onJobEnd;
  #shipping;
  /** Sources to remove once what names them is handed over. */
  #retired = [];
  #writer = new EarlyWriter();
  /** Whether all tasks up to now could do without the codec. */
  #isEarly = true;
  /** For messages of channels. */
  #spare;
  #tasks = 0;
  /** Whether a message is being encoded; a getter of a value may spawn meanwhile. */
  #busy = false;
  #scheduled = false;
  /** Tasks that this job has handed over. */
  #handedOver = 0;

  /**
   * @param {object} native the NativePool
   * @param {{submit: Function}} calls its functions
   * @param {import('./messages.js').Messages} messages
   * @param {import('./memory.js').HeldBuffers} memory
   * @param {import('./shipping.js').Shipping} shipping
   * @param {object} told
   * @param {() => void} told.onSubmitted called when tasks were handed over
   * @param {(task: number) => void} told.onRefused called for those among them whose isolate is gone
   * @param {() => void} told.onJobEnd called once all tasks of a job were handed over, in a job of its own
   */
  constructor(native, calls, messages, memory, shipping, { onSubmitted, onRefused, onJobEnd }) {
    this.#native = native;
    this.#calls = calls;
    this.#messages = messages;
    this.#memory = memory;
    this.#shipping = shipping;
    this.#onSubmitted = onSubmitted;
    this.#onRefused = onRefused;
    this.#onJobEnd = onJobEnd;
  }

  /**
   * Adds one task.
   * @param {number} task its id
   * @param {number} isolate
   * @param {number} program
   * @param {number} code
   * @param {unknown[]} args
   * @param {import('./shipping.js').Message} message
   * @param {ArrayBuffer[]} [transfer]
   * @throws {DataCloneError | CaptureError} where something cannot be copied; nothing was added then
   */
  add(task, isolate, program, code, args, message, transfer) {
    if (this.#busy) {
      // A getter in the arguments of another spawn called this one: it gets a buffer of its own and goes first.
      const outer = this.#writer;
      const aside = this.#memory.setAside();
      this.#writer = new this.#messages.codec.Writer();
      try {
        this.#encode(task, isolate, program, code, args, message, transfer);
        this.#submit(this.#writer);
      } finally {
        this.#writer = outer;
        this.#memory.goOn(aside);
      }
      return;
    }
    if (this.#isEarly && !this.#canBeEarly(args, message, transfer)) this.#useCodec();
    this.#busy = true;
    try {
      this.#encode(task, isolate, program, code, args, message, transfer);
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
        this.#onJobEnd();
      });
    }
  }

  /** Whether a task can do without the codec. */
  #canBeEarly(args, message, transfer) {
    if (args.length > 0 || message.main !== undefined || transfer !== undefined) return false;
    return !storages.expects(message) && this.#writer.hasRoom(HEADER + 16 + message.codes.length * 4);
  }

  #useCodec() {
    this.flush();
    this.#isEarly = false;
    this.#writer = new this.#messages.codec.Writer(BATCH_BYTES);
  }

  #encode(task, isolate, program, code, args, message, transfer) {
    const writer = this.#writer;
    const memory = this.#memory;
    const start = writer.pos;
    writer.reserve(HEADER);
    writer.pos = start + HEADER;
    memory.begin();
    if (this.#isEarly) writer.writeNoArguments();
    else this.#encodeArguments(writer, args, message, transfer);
    const length = writer.pos - start - HEADER;
    const { codes } = message;
    writer.reserve(codes.length * 4);
    const { view } = writer;
    for (let index = 0; index < codes.length; index++) {
      view.setUint32(writer.pos, codes[index], true);
      writer.pos += 4;
    }
    view.setUint32(start, length, true);
    view.setUint32(start + 4, isolate, true);
    view.setFloat64(start + 8, task, true);
    view.setUint32(start + 16, code, true);
    view.setUint32(start + 20, program, true);
    view.setUint32(start + 24, memory.inMessage, true);
    view.setUint32(start + 28, codes.length, true);
    const padding = (8 - ((length + codes.length * 4) & 7)) & 7;
    writer.reserve(padding);
    writer.pos += padding;
  }

  #encodeArguments(writer, args, message, transfer) {
    const memory = this.#memory;
    const { codec } = this.#messages;
    const start = writer.pos;
    const outer = this.#shipping.begin(message);
    try {
      // What was moved cannot be encoded again.
      const expects = transfer !== undefined || storages.expects(message);
      if (!expects) codec.encodeList(args, writer, 'args', transfer, message.main);
      if (expects || message.storages !== undefined) {
        writer.pos = start;
        memory.rewind();
        message.isWrapped = true;
        codec.encode(storages.around(args, message), writer, 'args', transfer, message.main);
      }
    } catch (error) {
      writer.pos = start - HEADER;
      memory.rewind();
      throw error;
    } finally {
      this.#shipping.begin(outer);
    }
  }

  /**
   * Encodes a value that is to be sent through a channel. What it transfers moves when `HeldBuffers.settle` is told that it was sent.
   * @param {object} channels the NativeChannels, which keep it
   * @param {unknown} value
   * @param {ArrayBuffer[]} [transfer]
   * @returns {number} its number there
   */
  stage(channels, value, transfer) {
    const memory = this.#memory;
    const { codec } = this.#messages;
    if (this.#isEarly) this.#useCodec();
    const wasBusy = this.#busy;
    const aside = memory.setAside();
    const message = new Message('coroutine', undefined);
    const outer = this.#shipping.begin(message);
    // A getter of the value may send or spawn, too.
    this.#busy = true;
    const writer = this.#spare ?? new codec.Writer();
    this.#spare = undefined;
    try {
      if (transfer === undefined) memory.begin();
      else memory.beginUnsent();
      while (!this.#encodeValue(writer, value, transfer));
      if (transfer !== undefined) memory.endUnsent();
      return channels.stageEncoded(this.#native, writer.bytes, writer.pos, message.codes, memory.takeViews());
    } finally {
      this.#busy = wasBusy;
      this.#shipping.begin(outer);
      memory.goOn(aside);
      writer.pos = 0;
      if (writer.bytes.length <= BUFFER_KEPT) this.#spare = writer;
    }
  }

  /** Whether it did; else the next attempt may. */
  #encodeValue(writer, value, transfer) {
    try {
      this.#messages.codec.encode(value, writer, 'value', transfer);
      return true;
    } catch (error) {
      this.#memory.rewind();
      if (!mayTryAgain(error)) throw error;
      return false;
    }
  }

  /** Hands over what has come together. */
  flush() {
    if (this.#busy || this.#writer.pos === 0) return;
    try {
      this.#submit(this.#writer);
    } finally {
      // What could not be handed over is not tried again with the next ones.
      this.#handedOver += this.#tasks;
      this.#tasks = 0;
      if (this.#writer.bytes.length > BUFFER_KEPT) this.#writer = new this.#messages.codec.Writer(BATCH_BYTES);
      this.#writer.pos = 0;
    }
    if (this.#retired.length > 0) this.#removeRetired();
  }

  #removeRetired() {
    for (const code of this.#retired.splice(0)) this.#native.removeCode(code);
  }

  /** Removes a source, once everything that may name it is handed over. */
  retire(code) {
    this.#retired.push(code);
    if (!this.#busy) {
      this.flush();
      this.#removeRetired();
    }
  }

  #submit(writer) {
    const views = this.#memory.takeViews();
    const refused = this.#calls.submit(writer.bytes, writer.pos, views);
    this.#onSubmitted();
    if (refused !== null) for (const task of refused) this.#onRefused(task);
  }
}

module.exports = { Outbox };
