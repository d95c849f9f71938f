'use strict';

const { AbortController, AbortSignal } = require('./abort.js');
const EventEmitter = require('events/');
const { Event, EventTarget } = require('event-target-shim');

module.exports = Object.assign(EventEmitter, { AbortController, AbortSignal, Event, EventTarget });
for (const name of ['AbortController', 'AbortSignal', 'Event', 'EventTarget']) {
  Object.defineProperty(EventEmitter, name, { enumerable: false });
}
