'use strict';

// Fields and static blocks that can be suspended: src/compiler/coroutine/class_fields.rs says what becomes of them.

const { call, ObjectDefineProperty, ReflectConstruct, Symbol } = require('primordials');

/** The key of a method that stands in a class for the evaluation of a field's key. */
const PLACE = Symbol('place');

/** The class that has just been made, and for each of its elements a key (none for a block) and a function. */
let made;

/** The last thing that V8 does for a class. */
function tell(theClass, list) {
  made = { theClass, list };
}

/** The first thing that is done with the class: as long as it is here, no other one may be made. */
function take() {
  const taken = made;
  made = undefined;
  return taken;
}

function initialise({ theClass, list }) {
  for (let i = 0; i < list.length; i += 2) {
    const key = list[i];
    const value = valueOf(list[i + 1], theClass, key);
    if (key !== undefined) {
      ObjectDefineProperty(theClass, key, {
        __proto__: null,
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  }
}

/** What a class extends that is to give a field to an object which is there already. */
function Present(object) {
  return object;
}

/**
 * Adds the fields of a class's instances.
 * @param {object} object
 * @param {{ fields: unknown[], value: unknown, isUnseen: boolean }} cell for each field its key, a function, and what gives it to
 *   the object. That is a function which assigns it, where the object `isUnseen` by anybody and has the field already; else a
 *   class that adds a field with `value` to the object that it is constructed with: V8 does that ten times faster than
 *   `defineProperty`
 */
function constructed(object, cell) {
  const { fields } = cell;
  for (let i = 0; i < fields.length; i += 3) {
    const value = valueOf(fields[i + 1], object, fields[i]);
    if (cell.isUnseen) {
      const Assign = fields[i + 2];
      Assign(object, value);
      continue;
    }
    cell.value = value;
    ReflectConstruct(fields[i + 2], [object]);
    cell.value = undefined;
  }
  return object;
}

function valueOf(initialiser, receiver, key) {
  return initialiser === undefined ? undefined : call(initialiser, receiver, key);
}

module.exports = { PLACE, Present, tell, take, initialise, constructed };
