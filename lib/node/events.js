'use strict';

const { AbortController, AbortSignal } = require('./abort.js');
const { CustomEvent } = require('./events/custom-event.js');
const { createAsyncResourceEmitter, createLimits, ...more } = require('./events/more.js');
const EventEmitter = require('events/');
const { Event, EventTarget } = require('event-target-shim');

const errorMonitor = Symbol('events.errorMonitor');

/** The package's own, which throws errors that nobody listens to. */
const { emit: emitAlone } = EventEmitter.prototype;

EventEmitter.prototype.emit = function emit(type, ...args) {
  const events = this._events;
  if (type === 'error') {
    // Who only looks on hears of it first, whether somebody handles it or not.
    if (events?.[errorMonitor] !== undefined) this.emit(errorMonitor, ...args);
    if (events?.error === undefined) return emitAlone.call(this, type, ...args);
  }
  const found = events?.[type];
  if (found === undefined) return false;
  if (typeof found === 'function') {
    Reflect.apply(found, this, args);
  } else {
    // Those that are being told are told to the end.
    for (const listener of found.slice()) Reflect.apply(listener, this, args);
  }
  return true;
};

module.exports = Object.assign(EventEmitter, more, createLimits(EventEmitter), {
  EventEmitterAsyncResource: createAsyncResourceEmitter(EventEmitter),
  captureRejectionSymbol: Symbol.for('nodejs.rejection'),
  captureRejections: false,
  errorMonitor,
  usingDomains: false,
});
for (const [name, value] of Object.entries({ AbortController, AbortSignal, CustomEvent, Event, EventTarget })) {
  Object.defineProperty(EventEmitter, name, { value, writable: true, enumerable: false, configurable: true });
}
