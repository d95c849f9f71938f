'use strict';

// Encoder: functions, with what they capture.

const {
  ADDED,
  BRAND,
  BRAND_FUNCTION,
  defer,
  FUNCTION,
  FUNCTION_DEFERRED,
  FUNCTION_POSTPONED,
  FUNCTION_SHIPPED,
  HANDLE,
  KNOWN,
  MAX_DEPTH,
  UNDEFINED,
} = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createWriteFunctions(codec) {
  const {
    platform,
    addObject,
    addProperty,
    EntryStep,
    isArray,
    isCapture,
    MapCtor,
    mapSet,
    uncloneable,
    uncloneableFunction,
    uncloneableObject,
    writeCount,
    writeDouble,
    writeEarlier,
    writeKey,
    writeKeyedProperties,
    writeProperties,
    writeString,
    writeTag,
    writeValue,
  } = codec;

  /**
   * FUNCTION, KNOWN and the name; or FUNCTION, FUNCTION_SHIPPED, the code, its name, how many variables it needs to come into
   * being, and these, and how many of them are functions whose bodies come next, and these; then its body, unless it is deferred
   * or postponed.
   */
  function writeFunction(e, fn, parent, step) {
    const handle = platform.shareFunction === undefined ? -1 : platform.shareFunction(fn);
    if (isArray(handle)) throw uncloneable(e, parent, step, handle[0], handle[1]);
    if (handle >= 0) {
      if (writeEarlier(e, fn, parent, step)) return;
      addObject(e, fn, parent, step);
      writeDouble(e, HANDLE, handle);
      return;
    }
    if (platform.shipFunction === undefined) throw uncloneableFunction(e, fn, parent, step);
    if (writeEarlier(e, fn, parent, step)) return;
    if (platform.isProxy(fn)) throw uncloneableObject(e, fn, BRAND.PROXY, parent, step);
    const known = platform.nameKnown?.(fn);
    if (known !== undefined) {
      if (e.within !== null && !isCapture(step)) e.within.foundNested(known);
      addObject(e, fn, parent, step);
      writeKnown(e, known);
      return;
    }
    const shipped = platform.shipFunction(fn);
    if (isArray(shipped)) throw uncloneable(e, parent, step, shipped[0], shipped[1]);
    const number = addObject(e, fn, parent, step);
    if (e.functions === null) e.functions = new MapCtor();
    mapSet(e.functions, number, fn);
    const deferred = e.depth === MAX_DEPTH;
    if (deferred && shipped.early > 0) {
      throw uncloneable(e, parent, step, 'a class within so many other values', 'nest it less deeply');
    }
    writeTag(e, FUNCTION);
    const { postponed } = e;
    if (deferred) writeTag(e, FUNCTION_DEFERRED);
    else writeTag(e, postponed === null ? FUNCTION_SHIPPED : FUNCTION_POSTPONED);
    writeCount(e, shipped.code);
    writeString(e, shipped.name);
    writeCount(e, shipped.early);
    if (shipped.early > 0) writeEarly(e, fn, number, shipped);
    if (deferred) defer(e, { fn, shipped }, number, BRAND_FUNCTION);
    else if (postponed !== null) postponed[postponed.length] = { object: { fn, shipped }, number };
    else writeBodyOf(e, { fn, shipped }, number);
  }

  /**
   * The variables that a class needs to come into being. What is in functions among them may refer to the class (a base class to one that
   * extends it), so it comes after that: unless the class calls them before.
   */
  function writeEarly(e, fn, number, shipped) {
    const outer = e.postponed;
    const own = shipped.runs === false ? [] : null;
    e.postponed = own;
    if (e.pending === null) e.pending = new MapCtor();
    mapSet(e.pending, number, true);
    e.depth++;
    writeVariables(e, fn, number, shipped, 0, shipped.early);
    e.depth--;
    mapSet(e.pending, number, false);
    e.postponed = outer;
    const count = own === null ? 0 : own.length;
    if (outer !== null) {
      // A class further outside may be what they refer to.
      for (let i = 0; i < count; i++) outer[outer.length] = own[i];
      writeCount(e, 0);
      return;
    }
    writeCount(e, count);
    for (let i = 0; i < count; i++) writeBodyOf(e, own[i].object, own[i].number);
  }

  function writeBodyOf(e, object, number) {
    e.depth++;
    writeFunctionBody(e, object, number);
    e.depth--;
  }

  function writeKnown(e, name) {
    writeTag(e, FUNCTION);
    writeTag(e, KNOWN);
    writeString(e, name);
  }

  /** Names an object within a captured value, where the receiver has it itself; whether it has. */
  function writeNested(e, object, parent, step) {
    const known = e.within.nestedName(object);
    if (known === undefined) return false;
    if (isArray(known)) throw uncloneable(e, parent, step, known[0], known[1]);
    addObject(e, object, parent, step);
    writeKnown(e, known);
    return true;
  }

  /** A symbol crosses where it is captured, if it is one that all realms have. */
  function writeSymbol(e, symbol, parent, step) {
    const known = e.within?.symbolName(symbol);
    if (known === undefined) throw uncloneable(e, parent, step, 'a symbol', 'pass a string');
    if (writeEarlier(e, symbol, parent, step)) return;
    addObject(e, symbol, parent, step);
    writeKnown(e, known);
  }

  /** The values of the late variables, and the properties of the function and of its `prototype`. */
  function writeFunctionBody(e, { fn, shipped }, number) {
    const { names, early, keys, prototypeKeys, members } = shipped;
    const { within } = e;
    writeCount(e, names.length - early);
    writeVariables(e, fn, number, shipped, early, names.length);
    e.within = shipped.within ?? null;
    if (members === undefined) writeKeyedProperties(e, fn, number, keys);
    else writeOwn(e, fn, number, keys, members);
    writeCount(e, prototypeKeys.length);
    if (prototypeKeys.length > 0) {
      for (let i = 0; i < prototypeKeys.length; i++) writeKey(e, prototypeKeys[i]);
      writeProperties(e, fn.prototype, number, prototypeKeys);
    }
    for (let i = 0; members !== undefined && i < members.length; i++) {
      const { isOfPrototype, key, descriptor, brings } = members[i];
      addProperty(e, isOfPrototype ? ADDED.OF_PROTOTYPE : ADDED.OWN, number, key, descriptor, brings);
    }
    e.within = within;
  }

  /** The same for a function with members of which some have their place among those that are named. */
  function writeOwn(e, fn, number, keys, members) {
    writeCount(e, keys.length);
    for (let i = 0; i < keys.length; i++) writeKey(e, keys[i]);
    for (let i = 0; i < keys.length; i++) {
      if (isPlaced(members, keys[i])) writeTag(e, UNDEFINED);
      else writeProperties(e, fn, number, [keys[i]]);
    }
  }

  function isPlaced(members, key) {
    for (let i = 0; i < members.length; i++) if (members[i].brings && members[i].key === key) return true;
    return false;
  }

  function writeVariables(e, fn, number, { names, values, within }, from, to) {
    const outer = e.within;
    e.within = within ?? null;
    for (let i = from; i < to; i++) {
      const value = values[i];
      const isObject = typeof value === 'object' && value !== null;
      const known = isObject ? platform.nameKnown?.(value) : undefined;
      const step = new EntryStep('capture', i, names[i]);
      try {
        const foreign = isObject ? platform.describeCaptured?.(value) : undefined;
        if (foreign !== undefined) throw uncloneable(e, number, step, foreign[0], foreign[1]);
        if (known === undefined) writeValue(e, value, number, step);
        else if (!writeEarlier(e, value, number, step)) {
          addObject(e, value, number, step);
          writeKnown(e, known);
        }
      } catch (error) {
        within?.failed(error);
        if (platform.captureFailed === undefined) throw error;
        const told = platform.captureFailed(fn, names[i], error, value);
        if (told !== error) within?.failed(told);
        throw told;
      }
    }
    e.within = outer;
  }

  Object.assign(codec, { writeFunction, writeFunctionBody, writeKnown, writeNested, writeSymbol });
};
