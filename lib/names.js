'use strict';

// Names that are no variables of the program.

const native = require('./addon.js');

/** Names of the globals of tasks. */
const REALM_NAMES = new Set(native.realmNames());

/** Names of the host's global object that are Node's, and no variables of the program. */
const HOST_GLOBALS = new Set(
  (
    'process global Buffer URL URLSearchParams URLPattern DOMException AbortController AbortSignal Event EventTarget ' +
    'TextEncoder TextDecoder TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController ' +
    'WritableStreamDefaultWriter ReadableStream ReadableStreamDefaultReader ReadableStreamBYOBReader ' +
    'ReadableStreamBYOBRequest ReadableByteStreamController ReadableStreamDefaultController ByteLengthQueuingStrategy ' +
    'CountQueuingStrategy TextEncoderStream TextDecoderStream CompressionStream DecompressionStream atob btoa ' +
    'BroadcastChannel MessageChannel MessagePort MessageEvent Blob File Performance PerformanceEntry PerformanceMark ' +
    'PerformanceMeasure PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming fetch FormData Headers ' +
    'Request Response crypto Crypto CryptoKey SubtleCrypto CustomEvent navigator Navigator WebSocket CloseEvent EventSource ' +
    'localStorage sessionStorage Storage'
  ).split(' '),
);

module.exports = { HOST_GLOBALS, REALM_NAMES };
