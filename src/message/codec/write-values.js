'use strict';

// Encoder: which kind a value is; maps and sets.

const {
  BOXED,
  BRAND,
  BRAND_FUNCTION,
  DATE,
  defer,
  DEFERRED,
  FALSE,
  HANDLE,
  isPrimitive,
  MAP,
  MAX_DEPTH,
  NULL,
  REF,
  REGEXP,
  SET,
  TRUE,
  UNDEFINED,
} = require('./format.js');
const createWriteArrays = require('./write-arrays.js');
const createWriteErrors = require('./write-errors.js');
const createWriteFunctions = require('./write-functions.js');
const createWriteBuffers = require('./write-buffers.js');
const createWritePlain = require('./write-plain.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createWriteValues(codec) {
  const {
    platform,
    addInstance,
    addObject,
    addSymbols,
    addWeak,
    ArrayPrototype,
    bigIntValueOf,
    booleanValueOf,
    canGrow,
    dateGetTime,
    EntryStep,
    getPrototypeOf,
    isArray,
    mapForEach,
    mapGet,
    nativeBrand,
    nativeName,
    numberOf,
    numberValueOf,
    ObjectPrototype,
    REGEXP_FLAGS,
    regExpSource,
    setForEach,
    stringValueOf,
    typedArrayName,
    uncloneable,
    uncloneableObject,
    weakName,
    writeBigInt,
    writeCount,
    writeDouble,
    writeNumber,
    writeString,
    writeTag,
  } = codec;

  // The parts below call these.
  Object.assign(codec, { writeBodies, writeBody, writeEarlier, writeObject, writeValue });
  createWritePlain(codec);
  createWriteArrays(codec);
  createWriteErrors(codec);
  createWriteFunctions(codec);
  createWriteBuffers(codec);
  const {
    writeArray,
    writeArrayBuffer,
    writeAttachment,
    writeError,
    writeErrorBody,
    writeFunction,
    writeFunctionBody,
    writeKnown,
    writeNested,
    writePlain,
    writeSymbol,
    writeView,
  } = codec;

  /** Writes what was found at `step` in the object with the number `parent` (the root: -1). */
  function writeValue(e, value, parent, step) {
    // In a `switch` the type would be a string at run time.
    if (typeof value === 'number') writeNumber(e, value);
    else if (typeof value === 'string') writeString(e, value);
    else if (typeof value === 'object') {
      if (value === null) writeTag(e, NULL);
      else writeObject(e, value, parent, step);
    } else if (typeof value === 'boolean') writeTag(e, value ? TRUE : FALSE);
    else if (typeof value === 'bigint') writeBigInt(e, value);
    else if (typeof value === 'function') writeFunction(e, value, parent, step);
    else if (typeof value === 'symbol') writeSymbol(e, value, parent, step);
    else writeTag(e, UNDEFINED);
  }

  function writeObject(e, object, parent, step) {
    if (writeEarlier(e, object, parent, step)) return;
    // Before anything else: every other question would run the proxy's traps.
    if (platform.isProxy(object)) {
      throw uncloneableObject(e, object, BRAND.PROXY, parent, step);
    }
    if (e.within !== null && !isArray(object) && writeNested(e, object, parent, step)) return;
    const number = addObject(e, object, parent, step);
    if (isArray(object)) {
      if (e.within !== null) {
        if (getPrototypeOf(object) !== ArrayPrototype) addInstance(e, object, number, BRAND.ARRAY);
        addSymbols(e, object, number);
      }
      writeContainer(e, object, number, BRAND.ARRAY);
    } else if (getPrototypeOf(object) === ObjectPrototype) {
      if (e.within !== null) addSymbols(e, object, number);
      writeContainer(e, object, number, BRAND.PLAIN);
    } else if (typedArrayName(object) !== undefined) {
      if (e.within !== null) addInstance(e, object, number, BRAND.TYPED_ARRAY);
      writeView(e, object, number, false);
    } else writeBranded(e, object, number, parent, step);
  }

  /** Refers to an object that the message has already; whether it has. */
  function writeEarlier(e, object, parent, step) {
    const earlier = numberOf(e, object);
    if (earlier === -1) return false;
    if (e.pending !== null && mapGet(e.pending, earlier) === true) {
      const fix = 'it needs this value before it exists; set what refers to it later';
      throw uncloneable(e, parent, step, 'the function or class itself', fix);
    }
    e.hasRefs = true;
    writeTag(e, REF);
    writeCount(e, earlier);
    return true;
  }

  function writeContainer(e, object, number, brand) {
    if (e.depth === MAX_DEPTH) {
      writeTag(e, DEFERRED);
      writeTag(e, brand);
      defer(e, object, number, brand);
    } else {
      e.depth++;
      writeBody(e, object, number, brand);
      e.depth--;
    }
  }

  function writeBody(e, object, number, brand) {
    if (brand === BRAND.PLAIN) writePlain(e, object, number);
    else if (brand === BRAND.ARRAY) writeArray(e, object, number);
    else if (brand === BRAND.MAP) writeMap(e, object, number);
    else if (brand === BRAND.SET) writeSet(e, object, number);
    else if (brand === BRAND_FUNCTION) writeFunctionBody(e, object, number);
    else writeErrorBody(e, object, number);
  }

  /** The bodies of what was deferred and is not written yet. */
  function writeBodies(e) {
    const { deferred } = e;
    if (deferred === null) return;
    while (e.bodies < deferred.length) {
      const { object, number, brand, within } = deferred[e.bodies];
      deferred[e.bodies++] = null;
      e.depth = 1;
      e.within = within;
      writeBody(e, object, number, brand);
    }
    e.within = null;
  }

  function writeBranded(e, object, number, parent, step) {
    if (platform.encodeHandle !== undefined) {
      const handle = platform.encodeHandle(object);
      if (handle >= 0) {
        writeDouble(e, HANDLE, handle);
        return;
      }
    }
    let brand = platform.isPromise?.(object) ? BRAND.PROMISE : platform.brandOf(object);
    if (brand === BRAND.PLAIN) {
      brand = nativeBrand(nativeName(object));
      // Instances of the library's classes look plain.
      if (brand === BRAND.PLAIN && platform.describeUncloneable?.(object) !== undefined)
        brand = BRAND.OTHER_UNCLONEABLE;
    }
    if (e.within !== null) addInstance(e, object, number, brand);
    switch (brand) {
      case BRAND.PLAIN:
        if (e.within !== null) addSymbols(e, object, number);
        writeContainer(e, object, number, BRAND.PLAIN);
        return;
      case BRAND.ARGUMENTS:
        writeContainer(e, object, number, BRAND.PLAIN);
        return;
      case BRAND.ARRAY:
      case BRAND.MAP:
      case BRAND.SET:
        writeContainer(e, object, number, brand);
        return;
      case BRAND.ERROR:
        writeError(e, object, number);
        return;
      case BRAND.DATE:
        writeDouble(e, DATE, dateGetTime(object));
        return;
      case BRAND.REGEXP:
        writeRegExp(e, object);
        return;
      case BRAND.BOXED_BOOLEAN:
        writeTag(e, BOXED);
        writeTag(e, booleanValueOf(object) ? TRUE : FALSE);
        return;
      case BRAND.BOXED_NUMBER:
        writeTag(e, BOXED);
        writeNumber(e, numberValueOf(object));
        return;
      case BRAND.BOXED_STRING:
        writeTag(e, BOXED);
        writeString(e, stringValueOf(object));
        return;
      case BRAND.BOXED_BIGINT:
        writeTag(e, BOXED);
        writeBigInt(e, bigIntValueOf(object));
        return;
      case BRAND.ARRAY_BUFFER:
        writeArrayBuffer(e, object, parent, step);
        return;
      case BRAND.SHARED_ARRAY_BUFFER:
        if (platform.canShare !== undefined && !platform.canShare(object)) {
          const fix = 'make it on the host and pass it in';
          throw uncloneable(e, parent, step, 'a SharedArrayBuffer that was made in a task', fix);
        }
        if (platform.sharesFixedLengths === true && canGrow(object, true)) {
          throw uncloneable(e, parent, step, 'a growable SharedArrayBuffer', 'make it with a fixed length');
        }
        writeAttachment(e, object, true);
        return;
      case BRAND.TYPED_ARRAY:
        writeView(e, object, number, false);
        return;
      case BRAND.DATA_VIEW:
        writeView(e, object, number, true);
        return;
      case BRAND.WEAK: {
        const name = e.within === null ? undefined : weakName(object);
        if (name === undefined) throw uncloneableObject(e, object, brand, parent, step);
        addWeak(e, object, number, name);
        writeKnown(e, `weak:${name}`);
        return;
      }
      default:
        throw uncloneableObject(e, object, brand, parent, step);
    }
  }

  function writeRegExp(e, regExp) {
    let flags = '';
    for (let i = 0; i < REGEXP_FLAGS.length; i += 2) {
      if (REGEXP_FLAGS[i + 1]?.(regExp)) flags += REGEXP_FLAGS[i];
    }
    writeTag(e, REGEXP);
    writeString(e, regExpSource(regExp));
    writeString(e, flags);
  }

  function writeMap(e, map, number) {
    // A copy, since getters of the entries may change the map.
    const entries = [];
    let length = 0;
    mapForEach(map, (value, key) => {
      entries[length++] = key;
      entries[length++] = value;
    });
    writeTag(e, MAP);
    writeCount(e, length / 2);
    for (let i = 0; i < length; i += 2) {
      const key = entries[i];
      const value = entries[i + 1];
      writeValue(e, key, number, isPrimitive(key) ? null : new EntryStep('key', i / 2));
      writeValue(e, value, number, isPrimitive(value) ? null : new EntryStep('value', i / 2, key));
    }
  }

  function writeSet(e, set, number) {
    const items = [];
    let length = 0;
    setForEach(set, (item) => {
      items[length++] = item;
    });
    writeTag(e, SET);
    writeCount(e, length);
    for (let i = 0; i < length; i++) {
      const item = items[i];
      writeValue(e, item, number, isPrimitive(item) ? null : new EntryStep('item', i));
    }
  }
};
