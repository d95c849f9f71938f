'use strict';

// Decoder: values by their tags.

const {
  ARRAY,
  ARRAY_NAMED,
  ARRAY_SMALL,
  ATTACHED_BUFFER,
  BIGINT,
  BIGINT64,
  BOXED,
  BRAND,
  BRAND_FUNCTION,
  BUFFER,
  DATE,
  defer,
  DEFERRED,
  DOUBLE,
  DOUBLE_RUN,
  ERROR,
  FALSE,
  FUNCTION,
  HANDLE,
  INT32,
  INT_NEGATIVE,
  INT_RUN,
  INT_SMALL,
  isPrimitive,
  KEY_CACHE_SIZE,
  KEY_IS_VALUE,
  LATIN1,
  MAP,
  MAX_DEPTH,
  NULL,
  OBJECT,
  OBJECT_SMALL,
  REF,
  REGEXP,
  RESIZABLE_BUFFER,
  SET,
  SHAPE,
  SHAPE_SLOTS,
  SHORT_STRING,
  STRING,
  TRUE,
  UNDEFINED,
  UTF16,
  VIEW,
} = require('./format.js');
const createReadContainers = require('./read-containers.js');
const createReadObjects = require('./read-objects.js');
const createReadPlain = require('./read-plain.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createReadValues(codec) {
  const {
    platform,
    ArrayBufferCtor,
    BigIntCtor,
    charCodeAt,
    damaged,
    DateCtor,
    fromCharCode,
    keep,
    MapCtor,
    ObjectCtor,
    objectKeys,
    readBigInt64,
    readBoundedCount,
    readByte,
    readCount,
    readFloat64,
    readInt32,
    readLatin1,
    readUint32,
    readUtf16,
    RegExpCtor,
    SetCtor,
    skip,
  } = codec;

  // The parts below call these.
  Object.assign(codec, { enter, readBodies, readKey, readString, readValue });
  createReadContainers(codec);
  createReadPlain(codec);
  createReadObjects(codec);
  const {
    copyBytes,
    readArrayInto,
    readError,
    readErrorInto,
    readFunction,
    readFunctionInto,
    readMapInto,
    readPlain,
    readPlainInto,
    readSetInto,
    readSmallArrayInto,
    readView,
  } = codec;

  function readString(d) {
    const value = readValue(d);
    if (typeof value !== 'string') throw damaged('a string is missing');
    return value;
  }

  function readBigInt(d) {
    const negative = readByte(d) === 1;
    const digits = readString(d);
    const n = BigIntCtor(`0x${digits}`);
    return negative ? -n : n;
  }

  // Keys recur from message to message, and a string that the engine has as a property's name
  // already is much faster to store under than a new one. Made at the first use, so that it is
  // no part of a startup snapshot.
  let keyCache = null;

  function readKey(d, cached) {
    const length = readByte(d);
    if (length >= KEY_IS_VALUE) {
      if (length !== KEY_IS_VALUE) throw damaged('a bad key');
      return readString(d);
    }
    if (!cached || length > SHORT_STRING || length === 0) return readLatin1(d, length);
    const bytes = d.bytes;
    if (length === 1) return fromCharCode(bytes[skip(d, 1)]);
    const start = skip(d, length);
    let hash = length;
    for (let i = 0; i < length; i++) hash = ((hash << 5) - hash + bytes[start + i]) | 0;
    const slot = (hash ^ (hash >>> 10)) & (KEY_CACHE_SIZE - 1);
    if (keyCache === null) {
      keyCache = [];
      for (let i = 0; i < KEY_CACHE_SIZE; i++) keyCache[i] = '';
    }
    const known = keyCache[slot];
    if (known.length === length) {
      let i = 0;
      while (i < length && charCodeAt(known, i) === bytes[start + i]) i++;
      if (i === length) return known;
    }
    d.pos = start;
    // As a property's key it comes out as the string that the engine has for that name.
    const key = objectKeys({ [readLatin1(d, length)]: 0 })[0];
    keyCache[slot] = key;
    return key;
  }

  function readValue(d) {
    const tag = readByte(d);
    if (tag >= INT_SMALL) return tag - INT_SMALL;
    if (tag >= STRING) {
      if (tag < OBJECT_SMALL) return readLatin1(d, tag - STRING);
      if (tag >= ARRAY_SMALL) return readArray(d, tag);
      return readPlain(d, tag);
    }
    if (tag >= SHAPE) {
      return tag < SHAPE + SHAPE_SLOTS ? readPlain(d, tag) : tag - INT_NEGATIVE;
    }
    switch (tag) {
      case UNDEFINED:
        return undefined;
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case INT32:
        return readInt32(d);
      case DOUBLE:
        return readFloat64(d);
      case BIGINT64:
        return readBigInt64(d);
      case BIGINT:
        return readBigInt(d);
      case LATIN1:
        return readLatin1(d, readBoundedCount(d));
      case UTF16:
        return readUtf16(d, readBoundedCount(d));
      case REF:
        return readRef(d);
      case OBJECT:
        return readPlain(d, tag);
      case ARRAY:
      case ARRAY_NAMED:
        return readArray(d, tag);
      case MAP:
        return readCollection(d, tag, new MapCtor());
      case SET:
        return readCollection(d, tag, new SetCtor());
      default:
        return readOther(d, tag);
    }
  }

  function readOther(d, tag) {
    let object;
    switch (tag) {
      case DATE:
        object = new DateCtor(readFloat64(d));
        break;
      case REGEXP: {
        const source = readString(d);
        object = new RegExpCtor(source, readString(d));
        break;
      }
      case ERROR:
        return readError(d);
      case BOXED: {
        const value = readValue(d);
        if (value === undefined || !isPrimitive(value) || value === null) {
          throw damaged('a bad primitive');
        }
        object = ObjectCtor(value);
        break;
      }
      case BUFFER: {
        const length = readBoundedCount(d);
        object = copyBytes(d, new ArrayBufferCtor(length), length);
        break;
      }
      case RESIZABLE_BUFFER: {
        const length = readCount(d);
        const maxByteLength = readCount(d);
        if (length > d.end - d.pos || length > maxByteLength) throw damaged('a bad length');
        object = copyBytes(d, new ArrayBufferCtor(length, { maxByteLength }), length);
        break;
      }
      case ATTACHED_BUFFER:
        object = platform.take(readUint32(d));
        break;
      case VIEW:
        return readView(d);
      case HANDLE:
        if (platform.decodeHandle === undefined) throw damaged('an unexpected handle');
        object = platform.decodeHandle(readFloat64(d));
        break;
      case FUNCTION:
        return readFunction(d);
      case DEFERRED:
        return readDeferred(d);
      default:
        throw damaged('an unknown tag');
    }
    keep(d, object);
    return object;
  }

  function readRef(d) {
    const number = readCount(d);
    const object = d.objects !== null && number < d.count ? d.objects[number] : undefined;
    if (object === undefined) throw damaged('a bad reference');
    return object;
  }

  function enter(d) {
    if (++d.depth > MAX_DEPTH) throw damaged('it is nested too deeply');
  }

  function readArray(d, tag) {
    const length = tag >= ARRAY_SMALL ? tag - ARRAY_SMALL : readCount(d);
    const array = newArray(d.bytes[d.pos]);
    keep(d, array);
    enter(d);
    if (tag >= ARRAY_SMALL) readSmallArrayInto(d, length, array);
    else readArrayInto(d, tag, length, array);
    d.depth--;
    return array;
  }

  /**
   * The engine remembers per literal what its arrays came to hold. Were it the same one for all,
   * arrays of doubles would start as arrays of anything, with each number on the heap.
   */
  function newArray(firstTag) {
    if (firstTag === DOUBLE_RUN) return [];
    if (firstTag === INT_RUN) return [];
    return [];
  }

  function readCollection(d, tag, object) {
    keep(d, object);
    enter(d);
    if (tag === MAP) readMapInto(d, object);
    else readSetInto(d, object);
    d.depth--;
    return object;
  }

  function readDeferred(d) {
    const brand = readByte(d);
    let object;
    if (brand === BRAND.PLAIN) object = {};
    else if (brand === BRAND.ARRAY) object = [];
    else if (brand === BRAND.MAP) object = new MapCtor();
    else if (brand === BRAND.SET) object = new SetCtor();
    else throw damaged('an unknown kind');
    keep(d, object);
    defer(d, object, 0, brand);
    return object;
  }

  function readBodies(d) {
    const { deferred } = d;
    while (deferred !== null && d.bodies < deferred.length) {
      const { object, brand } = deferred[d.bodies];
      deferred[d.bodies++] = null;
      d.depth = 1;
      if (brand === BRAND.ERROR) {
        readErrorInto(d, object);
        continue;
      }
      if (brand === BRAND_FUNCTION) {
        readFunctionInto(d, object);
        continue;
      }
      const tag = readByte(d);
      const isPlain = tag === OBJECT || (tag & 0xf0) === OBJECT_SMALL || (tag & 0xf0) === SHAPE;
      if (brand === BRAND.PLAIN && isPlain) readPlainInto(d, tag, object);
      else if (brand === BRAND.ARRAY && tag >= ARRAY_SMALL && tag < INT_SMALL) {
        readSmallArrayInto(d, tag - ARRAY_SMALL, object);
      } else if (brand === BRAND.ARRAY && (tag === ARRAY || tag === ARRAY_NAMED)) {
        readArrayInto(d, tag, readCount(d), object);
      } else if (brand === BRAND.MAP && tag === MAP) readMapInto(d, object);
      else if (brand === BRAND.SET && tag === SET) readSetInto(d, object);
      else throw damaged('a body of another kind');
    }
  }
};
