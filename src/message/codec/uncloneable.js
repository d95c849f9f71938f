'use strict';

// What cannot be cloned: its path, what it is, and what to do instead.

const { BRAND, isPrimitive } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createUncloneable(codec) {
  const {
    platform,
    charCodeAt,
    getOwnPropertyDescriptor,
    getPrototypeOf,
    hasOwn,
    IDENTIFIER,
    mapGet,
    NATIVE_NAMES,
    NATIVE_PROTOTYPES,
    regExpExec,
    StringCtor,
    stringify,
    toStringTag,
  } = codec;

  /** A step of a path that is neither a property's name nor an index. */
  class EntryStep {
    constructor(kind, index, key) {
      this.kind = kind;
      this.index = index;
      // Only a primitive is kept, and only it can be shown.
      this.key = isPrimitive(key) ? key : undefined;
    }
  }

  function formatStep(step) {
    if (typeof step === 'number') return `[${step}]`;
    if (typeof step === 'string') {
      return regExpExec(IDENTIFIER, step) !== null ? `.${step}` : `[${stringify(step)}]`;
    }
    const { kind, index, key } = step;
    if (kind === 'capture') return key;
    if (kind !== 'value' || key === undefined) return `<${kind} ${index}>`;
    return `<value of ${typeof key === 'string' ? stringify(key) : StringCtor(key)}>`;
  }

  /** The path of what is found at `step` in the object with the number `parent`. */
  function formatPath(e, parent, step) {
    if (parent < 0) return e.rootName;
    if (isCapture(step)) return step.key;
    let depth = 0;
    let rootName = e.rootName;
    for (let i = parent; i >= 0; i = e.parents[i]) {
      depth++;
      if (isCapture(e.steps[i])) {
        rootName = e.steps[i].key;
        break;
      }
    }
    let tail = formatStep(step);
    let number = parent;
    // Of a path thousands of steps long the two ends are enough.
    for (let left = depth; left > 1; left--, number = e.parents[number]) {
      if (depth - left < 20 || left <= 20) tail = formatStep(e.steps[number]) + tail;
      else if (left === 21) tail = `\u2026${tail}`;
    }
    return rootName + tail;
  }

  function isCapture(step) {
    return typeof step === 'object' && step !== null && step.kind === 'capture';
  }

  /** The function that captures what is found at `step` in the object with the number `parent`, and the variable. */
  function findCapture(e, parent, step) {
    if (e.functions === null) return null;
    let number = parent;
    let last = step;
    while (number >= 0 && !isCapture(last)) {
      last = e.steps[number];
      number = e.parents[number];
    }
    return isCapture(last) ? { fn: mapGet(e.functions, number), variable: last.key } : null;
  }

  function uncloneable(e, parent, step, what, fix) {
    const path = formatPath(e, parent, step);
    const capture = findCapture(e, parent, step);
    if (capture !== null) {
      const { fn, variable } = capture;
      return platform.captureError({ fn, variable, path, what, fix });
    }
    return platform.cloneError(`${path}: ${what} cannot be cloned (${fix})`, path);
  }

  /** The value of an own data property; a getter is not called. */
  function ownData(object, key) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    return descriptor !== undefined && hasOwn(descriptor, 'value') ? descriptor.value : undefined;
  }

  /** The name of the class that made the object, as far as it can be told without side effects. */
  function classNameOf(object) {
    for (let p = getPrototypeOf(object); p !== null; p = getPrototypeOf(p)) {
      if (platform.isProxy(p)) break;
      const ctor = ownData(p, 'constructor');
      const name = typeof ctor === 'function' ? ownData(ctor, 'name') : undefined;
      if (typeof name === 'string' && name !== '') return name;
    }
    return 'Object';
  }

  /** The name of the built-in type whose contents cannot be read, null for all others. */
  function nativeName(object) {
    if (!(toStringTag in object)) return null;
    for (let p = getPrototypeOf(object); p !== null; p = getPrototypeOf(p)) {
      if (platform.isProxy(p)) break;
      for (let i = 0; i < NATIVE_PROTOTYPES.length; i++) {
        if (NATIVE_PROTOTYPES[i] === p) return NATIVE_NAMES[i];
      }
      if (platform.isOpaque?.(p)) return `${p[toStringTag]}`;
    }
    return null;
  }

  function nativeBrand(name) {
    switch (name) {
      case null:
        return BRAND.PLAIN;
      case 'WeakRef':
        return BRAND.WEAK;
      case 'WebAssembly.Module':
        return BRAND.WASM_MODULE;
      default:
        return BRAND.OTHER_UNCLONEABLE;
    }
  }

  function withArticle(name) {
    const first = charCodeAt(name, 0) | 0x20;
    const vowel = first === 97 || first === 101 || first === 105 || first === 111;
    return `${vowel ? 'an' : 'a'} ${name}`;
  }

  function uncloneableFunction(e, value, parent, step) {
    const name = ownData(value, 'name');
    const what = typeof name === 'string' && name !== '' ? `function ${name}` : 'a function';
    const fix = 'pass the data it works on, or define the function where it is called';
    return uncloneable(e, parent, step, what, fix);
  }

  function uncloneableObject(e, object, brand, parent, step) {
    switch (brand) {
      case BRAND.PROXY:
        return uncloneable(e, parent, step, 'a Proxy', 'pass a plain copy: { ...proxy }');
      case BRAND.PROMISE:
        return uncloneable(e, parent, step, 'a Promise', 'await it first');
      case BRAND.WEAK:
        return uncloneable(
          e,
          parent,
          step,
          withArticle(classNameOf(object)),
          'pass a Map, a Set, or what the reference points to',
        );
      case BRAND.GENERATOR:
        return uncloneable(e, parent, step, 'a generator', 'pass its items: [...generator]');
      case BRAND.MODULE_NAMESPACE:
        return uncloneable(e, parent, step, 'a module namespace', 'import it where it is used');
      case BRAND.WASM_MODULE:
        return uncloneable(
          e,
          parent,
          step,
          'a WebAssembly.Module',
          'pass its bytes and compile them where they are used',
        );
      case BRAND.SYMBOL_OBJECT:
        return uncloneable(e, parent, step, 'a Symbol object', 'pass a string');
      case BRAND.EXTERNAL:
        return uncloneable(e, parent, step, 'a native pointer', 'pass the data it stands for');
      default: {
        const own = platform.describeUncloneable?.(object);
        if (own !== undefined) return uncloneable(e, parent, step, own[0], own[1]);
        return uncloneable(
          e,
          parent,
          step,
          withArticle(nativeName(object) || classNameOf(object)),
          'pass the plain data it stands for',
        );
      }
    }
  }

  function uncloneableDetached(e, parent, step) {
    return uncloneable(
      e,
      parent,
      step,
      'a detached ArrayBuffer',
      'its contents were transferred before; pass the buffer that has them now',
    );
  }

  Object.assign(codec, {
    EntryStep,
    isCapture,
    nativeBrand,
    nativeName,
    ownData,
    uncloneable,
    uncloneableDetached,
    uncloneableFunction,
    uncloneableObject,
    withArticle,
  });
};
