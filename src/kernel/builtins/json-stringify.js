'use strict';

// JSON.stringify. A value can hold a `toJSON` anywhere, and no JavaScript can tell that beforehand without reading
// properties, which an accessor or a proxy would notice when the native method then read them once more. To look for
// those too costs more than the serializing itself. So the native method is tried first, with all calls of JavaScript
// forbidden (src/isolate/json.rs). Where it would make one, nobody has noticed anything yet, and objects are serialized
// here, in one pass that does every read once and in the specification's order; what is certain to run no user code goes
// to the native method then, too: primitive values and the quoting of strings.

const {
  ArrayIsArray,
  BigIntPrototypeValueOf,
  BooleanPrototypeValueOf,
  call,
  JSONIsRawJSON,
  JSONStringify,
  MathMin,
  NumberPrototypeValueOf,
  ObjectKeys,
  RangeError,
  Set,
  SetPrototypeAdd,
  SetPrototypeDelete,
  SetPrototypeHas,
  StringPrototypeCharCodeAt,
  StringPrototypeRepeat,
  StringPrototypeSlice,
  StringPrototypeValueOf,
  TypeError,
} = require('primordials');
const { BRAND } = require('codec');
const { isObject, lengthOfArrayLike, put, toIntegerOrInfinity } = require('builtins/operations');

/** Longest string that is looked through here; for longer ones the native quoting pays. */
const SHORT = 40;

function quote(string) {
  const { length } = string;
  if (length > SHORT) return JSONStringify(string);
  for (let i = 0; i < length; i++) {
    const code = StringPrototypeCharCodeAt(string, i);
    if (code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff)) {
      return JSONStringify(string);
    }
  }
  return `"${string}"`;
}

/** What tells a boxed primitive without an effect that shows; `connect` fills it. */
let platform;

function takes(valueOf, value) {
  try {
    valueOf(value);
    return true;
  } catch {
    return false;
  }
}

/** One of BRAND for a boxed primitive. Without the native function each "no" costs an exception. */
function brandOf(value) {
  if (platform.brandOf !== undefined) return platform.brandOf(value);
  if (takes(NumberPrototypeValueOf, value)) return BRAND.BOXED_NUMBER;
  if (takes(StringPrototypeValueOf, value)) return BRAND.BOXED_STRING;
  if (takes(BooleanPrototypeValueOf, value)) return BRAND.BOXED_BOOLEAN;
  return takes(BigIntPrototypeValueOf, value) ? BRAND.BOXED_BIGINT : BRAND.PLAIN;
}

/** SerializeJSONProperty, of a value that has been read. `stack` is the chain of objects around it. */
function serialize(state, holder, key, value, stack, indent) {
  if (typeof value === 'string' && state.replacer === undefined) return quote(value);
  if ((typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'bigint') {
    const { toJSON } = value;
    if (typeof toJSON === 'function') value = call(toJSON, value, `${key}`);
  }
  if (state.replacer !== undefined) value = call(state.replacer, holder, `${key}`, value);
  if (typeof value !== 'object' || value === null) return serializePrimitive(value);
  if (ArrayIsArray(value)) return serializeArray(state, value, stack, indent);
  switch (brandOf(value)) {
    case BRAND.BOXED_NUMBER:
      return serializePrimitive(+value);
    case BRAND.BOXED_STRING:
      return quote(`${value}`);
    case BRAND.BOXED_BOOLEAN:
      return serializePrimitive(BooleanPrototypeValueOf(value));
    case BRAND.BOXED_BIGINT:
      return serializePrimitive(BigIntPrototypeValueOf(value));
    default:
      return serializeObject(state, value, stack, indent);
  }
}

function serializePrimitive(value) {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return value - value === 0 ? `${value}` : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return 'null';
    case 'bigint':
      throw new TypeError('Do not know how to serialize a BigInt');
    default:
      return undefined;
  }
}

/** Objects around one up to which they are looked through; with more of them a set knows them all. */
const DEEP = 16;

function enter(state, value, stack) {
  const depth = stack === undefined ? 0 : stack.depth + 1;
  if (depth === DEEP) {
    state.around = new Set();
    for (let frame = stack; frame !== undefined; frame = frame.around) SetPrototypeAdd(state.around, frame.value);
  }
  if (depth < DEEP) {
    for (let frame = stack; frame !== undefined; frame = frame.around) if (frame.value === value) throwCircular();
  } else {
    if (SetPrototypeHas(state.around, value)) throwCircular();
    SetPrototypeAdd(state.around, value);
  }
  return { value, around: stack, depth };
}

function throwCircular() {
  throw new TypeError('Converting circular structure to JSON');
}

function leave(state, { value, depth }) {
  if (depth >= DEEP) SetPrototypeDelete(state.around, value);
}

function serializeArray(state, array, stack, indent) {
  const inside = enter(state, array, stack);
  const length = lengthOfArrayLike(array);
  if (length === 0) {
    leave(state, inside);
    return '[]';
  }
  const inner = indent + state.gap;
  const separator = state.gap === '' ? ',' : `,\n${inner}`;
  let text = state.gap === '' ? '[' : `[\n${inner}`;
  for (let i = 0; i < length; i++) {
    const item = serialize(state, array, i, array[i], inside, inner);
    if (i > 0) text += separator;
    text += item === undefined ? 'null' : item;
  }
  leave(state, inside);
  return state.gap === '' ? `${text}]` : `${text}\n${indent}]`;
}

function serializeObject(state, object, stack, indent) {
  const inside = enter(state, object, stack);
  const keys = state.keys === undefined ? ObjectKeys(object) : state.keys;
  // What JSON.rawJSON made has this one key and cannot have another.
  if ((keys[0] === 'rawJSON' || state.keys !== undefined) && JSONIsRawJSON(object)) {
    leave(state, inside);
    return object.rawJSON;
  }
  const inner = indent + state.gap;
  const separator = state.gap === '' ? ',' : `,\n${inner}`;
  const colon = state.gap === '' ? ':' : ': ';
  let text = '';
  const count = keys.length;
  for (let i = 0; i < count; i++) {
    const name = keys[i];
    const item = serialize(state, object, name, object[name], inside, inner);
    if (item !== undefined) {
      if (text !== '') text += separator;
      text += quote(name) + colon + item;
    }
  }
  leave(state, inside);
  if (text === '') return '{}';
  return state.gap === '' ? `{${text}}` : `{\n${inner}${text}\n${indent}}`;
}

function isNumberOrStringObject(value) {
  if (!isObject(value)) return false;
  const brand = brandOf(value);
  return brand === BRAND.BOXED_NUMBER || brand === BRAND.BOXED_STRING;
}

/** The keys that an array as the replacer lets through. */
function propertyList(replacer) {
  const list = [];
  const seen = new Set();
  const length = lengthOfArrayLike(replacer);
  for (let i = 0; i < length; i++) {
    let item = replacer[i];
    if (typeof item === 'number' || isNumberOrStringObject(item)) item = `${item}`;
    if (typeof item === 'string' && !SetPrototypeHas(seen, item)) {
      SetPrototypeAdd(seen, item);
      put(list, list.length, item);
    }
  }
  return list;
}

function toGap(space) {
  if (isNumberOrStringObject(space)) space = brandOf(space) === BRAND.BOXED_NUMBER ? +space : `${space}`;
  if (typeof space === 'string') return StringPrototypeSlice(space, 0, 10);
  if (typeof space !== 'number') return '';
  const count = MathMin(10, toIntegerOrInfinity(space));
  return count < 1 ? '' : StringPrototypeRepeat(' ', count);
}

const PLAIN = { replacer: undefined, keys: undefined, gap: '' };

/** The text of an object of which no part runs JavaScript; undefined for others, and for those that are too deep for the native method. */
function serializeData(object) {
  if (platform.stringifyData === undefined) return undefined;
  try {
    return platform.stringifyData(object);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const methods = {
  stringify(value, replacer, space) {
    const isEasy = !isObject(replacer) && !isObject(space);
    if (isEasy && !isObject(value) && typeof value !== 'bigint') return JSONStringify(value, replacer, space);
    let state = PLAIN;
    if (!isEasy || space !== undefined) {
      state = { replacer: undefined, keys: undefined, gap: '' };
      if (typeof replacer === 'function') state.replacer = replacer;
      else if (ArrayIsArray(replacer)) state.keys = propertyList(replacer);
      state.gap = toGap(space);
    }
    if (state.replacer === undefined && state.keys === undefined && state.gap === '' && typeof value === 'object') {
      const text = serializeData(value);
      if (text !== undefined) return text;
    }
    return serialize(state, { '': value }, '', value, undefined, '');
  },
};

/**
 * @param {{ brandOf?: (object: object) => number, stringifyData?: (object: object) => string | undefined }} natives may be
 *   filled later
 */
module.exports = function createStringify(natives) {
  platform = natives;
  return methods.stringify;
};
