'use strict';

// Decoder: errors, functions, buffers and views.

const {
  ABSENT,
  ATTACHED_BUFFER,
  BRAND,
  BRAND_FUNCTION,
  BUFFER,
  defer,
  ERROR_DEFERRED,
  ERROR_MESSAGE,
  ERROR_NAME,
  ERROR_NAMES,
  ERROR_STACK,
  FUNCTION_DEFERRED,
  FUNCTION_POSTPONED,
  KNOWN,
  LENGTH_TRACKING,
  REF,
  RESIZABLE_BUFFER,
  VIEW_NAMES,
} = require('./format.js');

/** What the names of registered symbols begin with. */
const SYMBOL = 'symbol:';

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createReadObjects(codec) {
  const {
    platform,
    apply,
    canGrow,
    construct,
    damaged,
    define,
    defineProperty,
    deleteProperty,
    enter,
    ERROR_CTORS,
    ErrorCtor,
    getOwnPropertyDescriptor,
    hasOwn,
    isShared,
    keep,
    KIND_OF_NAME,
    ownData,
    parse,
    readBoundedCount,
    readByte,
    readCount,
    readKey,
    readKeyedProperties,
    readString,
    readValue,
    regExpExec,
    skip,
    stringSlice,
    symbolFor,
    TypeErrorCtor,
    typedArrayBuffer,
    typedArrayByteOffset,
    typedArraySet,
    Uint8ArrayCtor,
    VIEW_CTORS,
    WeakMapCtor,
    WeakSetCtor,
  } = codec;

  /** An instance that no code of the class has seen, and no stack was captured for. */
  function newError(errorClass, message) {
    const args = message === undefined ? [] : [message];
    return withoutStack(() => construct(ErrorCtor, args, errorClass));
  }

  function withoutStack(make) {
    const limit = getOwnPropertyDescriptor(ErrorCtor, 'stackTraceLimit');
    if (limit === undefined || !hasOwn(limit, 'writable') || !limit.writable) return make();
    ErrorCtor.stackTraceLimit = 0;
    try {
      return make();
    } finally {
      ErrorCtor.stackTraceLimit = limit.value;
    }
  }

  function readError(d) {
    const code = readByte(d);
    if (code >= ERROR_NAMES.length) throw damaged('an unknown class of error');
    const flags = readByte(d);
    const className = readString(d);
    const name = flags & ERROR_NAME ? readString(d) : undefined;
    const message = flags & ERROR_MESSAGE ? readString(d) : undefined;
    const stack = flags & ERROR_STACK ? readString(d) : undefined;

    const isDom = className === 'DOMException' && platform.domException !== undefined;
    const known = isDom || platform.errorClass(className);
    const errorClass = known || platform.errorClass(ERROR_NAMES[code]) || ERROR_CTORS[code];
    // Its name and message are not its own properties, and only its constructor can set them.
    const error = isDom
      ? withoutStack(() => platform.domException(message ?? '', name ?? 'Error'))
      : newError(errorClass, message);
    keep(d, error);
    if (name !== undefined) {
      if (error.name !== name) define(error, 'name', name, false);
    } else if (!known && error.name !== className) {
      // Also a built-in class that only newer releases have.
      define(error, 'name', className, false);
    }
    if (stack !== undefined) define(error, 'stack', stack, false);
    else deleteProperty(error, 'stack');
    if (platform.foundError !== undefined) platform.foundError(error);

    if (flags & ERROR_DEFERRED) {
      defer(d, error, 0, BRAND.ERROR);
    } else {
      enter(d);
      readErrorInto(d, error);
      d.depth--;
    }
    return error;
  }

  function readErrorInto(d, error) {
    readKeyedProperties(d, error, false);
    readKeyedProperties(d, error, true);
  }

  function copyBytes(d, buffer, length) {
    const start = skip(d, length);
    const target = new Uint8ArrayCtor(buffer);
    const source = d.bytes;
    if (length <= 64) {
      for (let i = 0; i < length; i++) target[i] = source[start + i];
    } else {
      const offset = typedArrayByteOffset(source) + start;
      typedArraySet(target, new Uint8ArrayCtor(typedArrayBuffer(source), offset, length), 0);
    }
    return buffer;
  }

  function readView(d) {
    const number = d.count;
    keep(d, undefined);
    const kindByte = readByte(d);
    const kind = kindByte & ~LENGTH_TRACKING;
    if (kind >= VIEW_NAMES.length) throw damaged('an unknown kind of view');
    const offset = readCount(d);
    const length = readCount(d);
    const Ctor = VIEW_CTORS[kind];
    if (Ctor === null) {
      const problem = `${VIEW_NAMES[kind]} is not available on the receiving side`;
      throw platform.cloneError(`${problem} (pass a Float32Array)`, '');
    }
    const tag = d.bytes[d.pos];
    if (tag !== BUFFER && tag !== RESIZABLE_BUFFER && tag !== ATTACHED_BUFFER && tag !== REF) {
      throw damaged('a buffer is missing');
    }
    const buffer = readValue(d);
    // The same operation with a number, or an array, would allocate.
    if (tag === REF && !isBuffer(buffer)) throw damaged('a buffer is missing');
    // A buffer that came as an attachment may have lost its ability to grow on the way.
    const tracking = (kindByte & LENGTH_TRACKING) !== 0 && canGrow(buffer, isShared(buffer));
    const view = tracking ? new Ctor(buffer, offset) : new Ctor(buffer, offset, length);
    if (d.objects !== null) d.objects[number] = view;
    return view;
  }

  function isBuffer(object) {
    const brand = platform.brandOf(object);
    return brand === BRAND.ARRAY_BUFFER || brand === BRAND.SHARED_ARRAY_BUFFER;
  }

  /** The registered symbol of a name. */
  function readSymbol(known) {
    return stringSlice(known, 0, SYMBOL.length) === SYMBOL ? symbolFor(stringSlice(known, SYMBOL.length)) : undefined;
  }

  /** A weak collection, whose entries come later. */
  function readWeak(known) {
    if (known === 'weak:WeakMap') return new WeakMapCtor();
    return known === 'weak:WeakSet' ? new WeakSetCtor() : undefined;
  }

  /**
   * What stands for something that the sender has named, and that is not there: another version of a module or of the language has
   * it. Whoever captures it may never call it, so that it is an error only then.
   */
  function missing(known) {
    const kind = regExpExec(KIND_OF_NAME, known);
    let name = known;
    let from = '';
    if (kind !== null && (kind[1] === 'module' || kind[1] === 'global')) {
      const about = parse(stringSlice(known, kind[0].length));
      const path = kind[1] === 'global' ? about : (about.path ?? [about.name]);
      name = `${path[path.length - 1]}`;
      if (kind[1] === 'module')
        from = about.node === undefined ? (about.file ?? about.specifier) : `node:${about.node}`;
      else if (path.length > 1) from = `${path[0]}`;
    }
    const stand = () => {
      throw new TypeErrorCtor(`${name}${from === '' ? '' : ` of ${from}`} is not there in tasks`);
    };
    return defineProperty(stand, 'name', { __proto__: null, value: name, configurable: true });
  }

  function readFunction(d) {
    const kind = readByte(d);
    if (platform.makeFunction === undefined || kind > FUNCTION_POSTPONED) throw damaged('an unexpected function');
    if (kind === KNOWN) {
      const known = readString(d);
      const value = readSymbol(known) ?? readWeak(known) ?? platform.known(known) ?? missing(known);
      keep(d, value);
      return value;
    }
    const number = d.count;
    keep(d, undefined);
    const code = readCount(d);
    const name = readString(d);
    const early = [];
    const count = readBoundedCount(d);
    enter(d);
    for (let i = 0; i < count; i++) early[i] = readValue(d);
    d.depth--;
    const made = platform.makeFunction(code, early);
    const fn = made[0];
    if (d.objects !== null) d.objects[number] = fn;
    if (name !== '' && ownData(fn, 'name') !== name) {
      defineProperty(fn, 'name', { __proto__: null, value: name, configurable: true });
    }
    if (count > 0) readPostponed(d);
    if (kind === FUNCTION_DEFERRED) defer(d, made, 0, BRAND_FUNCTION);
    else if (kind === FUNCTION_POSTPONED) {
      if (d.postponed === null) d.postponed = [];
      d.postponed[d.postponed.length] = made;
    } else readBodyOf(d, made);
    return fn;
  }

  function readBodyOf(d, made) {
    enter(d);
    readFunctionInto(d, made);
    d.depth--;
  }

  /** What is in the functions that the class needed which has come into being: the last ones that were postponed. */
  function readPostponed(d) {
    const count = readCount(d);
    if (count === 0) return;
    const { postponed } = d;
    if (postponed === null || count > postponed.length) throw damaged('a bad count');
    const first = postponed.length - count;
    const next = [];
    for (let i = 0; i < count; i++) next[i] = postponed[first + i];
    postponed.length = first;
    for (let i = 0; i < count; i++) readBodyOf(d, next[i]);
  }

  function readFunctionInto(d, made) {
    const fn = made[0];
    const values = [];
    const count = readBoundedCount(d);
    for (let i = 0; i < count; i++) values[i] = readValue(d);
    if (count > 0) apply(made[1], undefined, values);
    readKeyedProperties(d, fn, true);
    const keys = [];
    const length = readBoundedCount(d);
    for (let i = 0; i < length; i++) keys[i] = readKey(d, true);
    for (let i = 0; i < length; i++) {
      if (d.bytes[d.pos] === ABSENT) skip(d, 1);
      else define(fn.prototype, keys[i], readValue(d), true);
    }
  }

  Object.assign(codec, { copyBytes, readError, readErrorInto, readFunction, readFunctionInto, readView });
};
