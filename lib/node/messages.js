'use strict';

// Channels of messages within a task's realm. Between tasks there is `chan`.

// It asks for global classes while it is loaded, which that module has.
require('node:events');
const { Event, EventTarget, defineEventAttribute } = require('event-target-shim');
const { markOpaque } = require('hertzscript:surroundings');
// A program's own script may have a variable of the name.
const { setImmediate } = globalThis;

class MessageEvent extends Event {
  #init;

  constructor(type, init = {}) {
    super(type, init);
    this.#init = init;
  }

  get data() {
    return this.#init.data ?? null;
  }

  get lastEventId() {
    return this.#init.lastEventId ?? '';
  }

  get origin() {
    return this.#init.origin ?? '';
  }

  get ports() {
    return this.#init.ports ?? [];
  }

  get source() {
    return this.#init.source ?? null;
  }

  get [Symbol.toStringTag]() {
    return 'MessageEvent';
  }
}

const KEY = Symbol('port');

/** What a port does to another one. */
let deliver;
let join;
let take;

class MessagePort extends EventTarget {
  #other;
  #isOpen = true;
  #isStarted = false;
  #isScheduled = false;
  #messages = [];

  constructor(key) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    super();
  }

  static {
    join = (a, b) => {
      a.#other = b;
      b.#other = a;
    };
    deliver = (port, message) => {
      port.#messages.push(message);
      port.#schedule();
    };
    take = (port) => port.#messages.shift();
  }

  postMessage(value, options) {
    const transfer = Array.isArray(options) ? options : options?.transfer;
    const message = { data: structuredClone(value, { transfer }) };
    if (this.#isOpen && this.#other.#isOpen) deliver(this.#other, message);
  }

  start() {
    this.#isStarted = true;
    this.#schedule();
  }

  close() {
    if (!this.#isOpen) return;
    for (const port of [this, this.#other]) {
      port.#isOpen = false;
      setImmediate(() => port.dispatchEvent(new Event('close')));
    }
  }

  ref() {}
  unref() {}

  on(type, listener) {
    this.addEventListener(type, wrapped(type, listener));
    if (type === 'message') this.start();
    return this;
  }

  once(type, listener) {
    this.addEventListener(type, wrapped(type, listener), { once: true });
    if (type === 'message') this.start();
    return this;
  }

  off(type, listener) {
    this.removeEventListener(type, wrapped(type, listener));
    return this;
  }

  #schedule() {
    if (!this.#isStarted || this.#isScheduled || this.#messages.length === 0) return;
    this.#isScheduled = true;
    // Each message has a turn of its own.
    setImmediate(() => {
      this.#isScheduled = false;
      const message = this.#messages.shift();
      this.#schedule();
      if (message !== undefined) this.dispatchEvent(new MessageEvent('message', message));
    });
  }

  get [Symbol.toStringTag]() {
    return 'MessagePort';
  }
}
defineEventAttribute(MessagePort.prototype, 'message');
defineEventAttribute(MessagePort.prototype, 'messageerror');

// To set the handler starts a port.
const { get, set } = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
Object.defineProperty(MessagePort.prototype, 'onmessage', {
  get,
  set(listener) {
    set.call(this, listener);
    this.start();
  },
  enumerable: true,
  configurable: true,
});
Object.assign(MessagePort.prototype, {
  addListener: MessagePort.prototype.on,
  removeListener: MessagePort.prototype.off,
});

/** Listeners that were added as those of emitters are, which get the message itself. */
const listeners = new WeakMap();

function wrapped(type, listener) {
  if (type !== 'message') return listener;
  if (!listeners.has(listener)) listeners.set(listener, (event) => listener(event.data));
  return listeners.get(listener);
}

class MessageChannel {
  constructor() {
    this.port1 = new MessagePort(KEY);
    this.port2 = new MessagePort(KEY);
    join(this.port1, this.port2);
  }
}

function receiveMessageOnPort(port) {
  const message = take(port);
  return message === undefined ? undefined : { message: message.data };
}

markOpaque(MessagePort.prototype);

module.exports = { MessageChannel, MessageEvent, MessagePort, receiveMessageOnPort };
