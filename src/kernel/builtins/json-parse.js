'use strict';

// JSON.parse with a reviver. The text of each primitive, which a reviver finds in its third argument, is known to the
// native parser only, so a first pass has that note it; the second pass then calls the user's reviver.

const { ArrayIsArray, call, deleteProperty, JSONParse, ObjectIs, ObjectKeys } = require('primordials');
const { createDataProperty, isObject, lengthOfArrayLike } = require('builtins/operations');

/**
 * Parses, and returns a record of the value: itself, its text, and the list of its members' records in order.
 *
 * The native method comes to an object right after the last of its members, so the records that wait for their holder
 * are a stack.
 */
function parseWithSources(text) {
  let top;
  JSONParse(text, function note(key, value, context) {
    let members;
    if (isObject(value)) {
      while (top !== undefined && top.holder === value) {
        const member = top;
        top = member.next;
        member.next = members;
        members = member;
      }
    }
    top = { holder: this, key, value, source: context.source, members, next: top };
    return value;
  });
  return top;
}

/** InternalizeJSONProperty. `record` is that of what the text had here, unless a reviver moved things. */
function internalize(holder, key, reviver, record) {
  const value = holder[key];
  const isParsed = record !== undefined && ObjectIs(record.value, value);
  if (!isObject(value)) return call(reviver, holder, key, value, isParsed ? { source: record.source } : {});
  const members = isParsed ? record.members : undefined;
  let next = members;
  if (ArrayIsArray(value)) {
    const length = lengthOfArrayLike(value);
    for (let i = 0; i < length; i++) next = revive(value, `${i}`, reviver, members, next);
  } else {
    const keys = ObjectKeys(value);
    const count = keys.length;
    for (let i = 0; i < count; i++) next = revive(value, keys[i], reviver, members, next);
  }
  return call(reviver, holder, key, value, {});
}

/** Revives one member. Its record is likely the `next` one; returns the one after it. */
function revive(object, key, reviver, members, next) {
  let record = next;
  if (record === undefined || record.key !== key) {
    record = members;
    while (record !== undefined && record.key !== key) record = record.next;
  }
  const value = internalize(object, key, reviver, record);
  if (value === undefined) deleteProperty(object, key);
  else createDataProperty(object, key, value);
  return record === undefined ? next : record.next;
}

module.exports = {
  parse(text, reviver) {
    if (typeof reviver !== 'function') return JSONParse(text, reviver);
    const record = parseWithSources(text);
    return internalize({ '': record.value }, '', reviver, record);
  },
};
