'use strict';

// Encoder: what was noted (see `additions.js`) is written.

const { ADDED, ATTRIBUTES, BRAND } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createWriteAdditions(codec) {
  const {
    platform,
    addFields,
    EntryStep,
    hasOwn,
    isCapture,
    mapForEach,
    mapGet,
    numberOf,
    StringCtor,
    weakMapGet,
    weakMapHas,
    weakSetHas,
    writeBodies,
    writeCount,
    writeString,
    writeSymbol,
    writeTag,
    writeValue,
  } = codec;

  function writeAdditions(e) {
    let next = 0;
    do {
      for (; e.additions !== null && next < e.additions.length; next++) writeAddition(e, e.additions[next]);
    } while (writeWeakEntries(e) || writeInstances(e) || (e.additions !== null && next < e.additions.length));
    writeTag(e, ADDED.END);
  }

  function writeAddition(e, addition) {
    if (!addition.brings) {
      writeProperty(e, addition);
      return;
    }
    const { number, key, within } = addition;
    const { value } = addition.descriptor;
    try {
      writeProperty(e, addition);
      const made = within.classOf(value);
      if (numberOf(e, made) !== -1) return;
      writeTag(e, ADDED.VALUE);
      writeCount(e, number);
      writeWithin(e, number, within, () => writeValue(e, made, number, key));
    } catch (error) {
      within.leaveBehind(value, error);
      throw error;
    }
  }

  function writeProperty(e, { kind, number, key, descriptor, within }) {
    writeTag(e, kind);
    writeCount(e, number);
    const isAccessor = !hasOwn(descriptor, 'value');
    let attributes = isAccessor ? ATTRIBUTES.ACCESSOR : 0;
    if (descriptor.enumerable) attributes |= ATTRIBUTES.ENUMERABLE;
    if (descriptor.configurable) attributes |= ATTRIBUTES.CONFIGURABLE;
    if (descriptor.writable) attributes |= ATTRIBUTES.WRITABLE;
    writeTag(e, attributes);
    const step = typeof key === 'symbol' ? StringCtor(key) : key;
    writeWithin(e, number, within, () => {
      if (typeof key === 'symbol') writeSymbol(e, key, number, step);
      else writeString(e, key);
      if (!isAccessor) {
        writeValue(e, descriptor.value, number, step);
        return;
      }
      writeValue(e, descriptor.get, number, step);
      writeValue(e, descriptor.set, number, step);
    });
  }

  /** Writes something of an object that was met before, with all that this leads to. */
  function writeWithin(e, number, within, write) {
    e.within = within;
    e.depth = 1;
    try {
      write();
      writeBodies(e);
    } catch (error) {
      throw failed(e, number, error);
    }
    e.within = null;
  }

  /** Tells the variables that an object was found in that it cannot be sent, as where they are written. */
  function failed(e, number, error) {
    if (platform.captureFailed === undefined) return error;
    let told = error;
    for (let at = number; at >= 0; at = e.parents[at]) {
      const step = e.steps[at];
      if (!isCapture(step)) continue;
      e.within?.failed(told);
      told = platform.captureFailed(mapGet(e.functions, e.parents[at]), step.key, told, objectAt(e, at));
    }
    e.within?.failed(told);
    return told;
  }

  function objectAt(e, number) {
    listAll(e);
    return e.all[number];
  }

  /** Makes a list of all objects by their number, which grows with them. */
  function listAll(e) {
    if (e.all !== null) return;
    e.all = [];
    if (e.numbers === null) for (let i = 0; i < e.count; i++) e.all[i] = e.objects[i];
    else
      mapForEach(e.numbers, (number, object) => {
        e.all[number] = object;
      });
  }

  /** Entries whose keys are in the message: nobody there could ask for others. Their values may hold more keys. */
  function writeWeakEntries(e) {
    if (e.weak === null) return false;
    listAll(e);
    let found = false;
    for (let i = 0; i < e.weak.length; i++) {
      const weak = e.weak[i];
      for (; weak.seen < e.count; weak.seen++) {
        const key = e.all[weak.seen];
        if (!(weak.isMap ? weakMapHas(weak.object, key) : weakSetHas(weak.object, key))) continue;
        found = true;
        writeTag(e, weak.isMap ? ADDED.MAP_ENTRY : ADDED.SET_ENTRY);
        writeCount(e, weak.number);
        writeCount(e, weak.seen);
        if (weak.isMap) writeEntry(e, weak, key);
      }
    }
    return found;
  }

  function writeEntry(e, { object, number, within }, key) {
    writeWithin(e, number, within, () => writeValue(e, weakMapGet(object, key), number, new EntryStep('value', 0)));
  }

  /** The classes of instances that are in the message. What instances have themselves may bring more of both. */
  function writeInstances(e) {
    if (e.instances === null) return false;
    const { instances } = e;
    let found = false;
    let waiting = 0;
    for (let i = 0; i < instances.length; i++) {
      const instance = instances[i];
      const owner = numberOf(e, instance.made);
      if (owner === -1) {
        instances[waiting++] = instance;
        continue;
      }
      found = true;
      writeInstance(e, instance, owner);
    }
    instances.length = waiting;
    return found;
  }

  function writeInstance(e, { object, number, brand, within }, owner) {
    writeTag(e, brand === BRAND.ERROR ? ADDED.CLASS_OF_ERROR : ADDED.CLASS);
    writeCount(e, number);
    writeCount(e, owner);
    // What the receiver has itself adds nothing to what these are without it.
    if (e.functions !== null && mapGet(e.functions, owner) !== undefined)
      writeWithin(e, number, within, () => addFields(e, object, number, brand));
  }

  Object.assign(codec, { writeAdditions });
};
