'use strict';

// What every generated program starts with. It is part of the program and goes through the compiler as well.
//
// A few things keep programs comparable:
// - `show` reads descriptors only, so that looking at a value runs no code of the program.
// - Messages of errors that the engine makes name expressions of the source, which the compiler replaces by temporaries.
//   Only messages that start with `u:`, which programs write themselves, are shown.
// - The last bits of `**` differ between versions of V8 and are not shown.
// - Fuel ends loops and functions, never by an exception, so that a program that runs dry still comes to its end.

/** The start of every program. */
const CORE = `
var trace = [], fuel = 400, coin = SEED, ids = new WeakMap(), proxies = new WeakSet(), count = 0;
function show(x, depth) {
  if (typeof x === 'string') return '"' + x + '"';
  if (typeof x === 'bigint') return x + 'n';
  if (Object.is(x, -0)) return '-0';
  if (typeof x === 'number' && x % 1 !== 0) return String(+x.toPrecision(12));
  if (x === null || (typeof x !== 'object' && typeof x !== 'function')) return String(x);
  if (proxies.has(x)) return 'proxy';
  if (typeof x === 'function') {
    var name = Object.getOwnPropertyDescriptor(x, 'name');
    return 'function ' + (name && typeof name.value === 'string' ? name.value : '?');
  }
  if (x instanceof Error) {
    var message = Object.getOwnPropertyDescriptor(x, 'message');
    message = message && typeof message.value === 'string' && message.value.startsWith('u:') ? ' ' + message.value : '';
    return Object.getPrototypeOf(x).constructor.name + message;
  }
  if (!ids.has(x)) ids.set(x, ++count);
  if (depth > 1) return '#' + ids.get(x);
  var keys = Reflect.ownKeys(x), text = '';
  for (var i = 0; i < keys.length && i < 9; i++) {
    var property = Object.getOwnPropertyDescriptor(x, keys[i]);
    text += (i ? ', ' : '') + String(keys[i]) + ': ' + ('value' in property ? show(property.value, depth + 1) : 'accessor');
  }
  return '#' + ids.get(x) + (Array.isArray(x) ? '[' + text + ']' : '{' + text + '}');
}
function log(x) {
  if (trace.length >= 1500) {
    // Nothing more is compared, so the program is to come to its end, however much of it is left.
    fuel = 0;
    throw Object.assign(new Error('u:the trace is full'), { trace });
  }
  trace.push(show(x, 0));
  return x;
}
`;

/** Functions that a program has only where it uses them, by name. */
const HELPERS = {
  flip: `
function flip() {
  coin = (coin * 1103515245 + 12345) & 0x7fffffff;
  return ((coin >> 16) & 1) === 1;
}`,
  box: `
function box(tag, value) {
  return {
    valueOf() { log(tag + '.valueOf'); return value; },
    toString() { log(tag + '.toString'); return String(value); },
  };
}`,
  prim: `
function prim(tag, value) {
  return {
    [Symbol.toPrimitive](hint) { log(tag + '.' + hint); return value; },
  };
}`,
  key: `
function key(name) {
  return { toString() { log('key ' + name); return name; } };
}`,
  tag: `
function tag(strings, ...values) {
  log(strings.raw.join('|'));
  return log(values).length;
}`,
  iterate: `
function iterate(tag, values, extra) {
  return {
    [Symbol.iterator]() {
      log(tag + '.iterator');
      let at = 0;
      const iterator = {
        next(sent) {
          log(tag + '.next');
          if (sent !== undefined) log(sent);
          if (extra === 'throws' && at === values.length) throw new Error('u:' + tag + '.next');
          return at < values.length ? { value: values[at++], done: false } : { value: 'end', done: true };
        },
      };
      if (extra !== 'bare') {
        iterator.return = function (value) {
          log(tag + '.return');
          if (extra === 'bad return') throw new Error('u:' + tag + '.return');
          return { value, done: true };
        };
      }
      if (extra === 'throw') {
        iterator.throw = function (error) { log(tag + '.throw'); log(error); return { value: 'caught', done: at++ > 4 }; };
      }
      return iterator;
    },
  };
}`,
  watch: `
function watch(tag, target) {
  const handler = {
    get(target, name, receiver) { log(tag + '.get ' + String(name)); return Reflect.get(target, name, receiver); },
    set(target, name, value, receiver) { log(tag + '.set ' + String(name)); return Reflect.set(target, name, value, receiver); },
    has(target, name) { log(tag + '.has ' + String(name)); return Reflect.has(target, name); },
    deleteProperty(target, name) { log(tag + '.delete ' + String(name)); return Reflect.deleteProperty(target, name); },
    ownKeys(target) { log(tag + '.ownKeys'); return Reflect.ownKeys(target); },
    getOwnPropertyDescriptor(target, name) { log(tag + '.own ' + String(name)); return Reflect.getOwnPropertyDescriptor(target, name); },
    defineProperty(target, name, property) { log(tag + '.define ' + String(name)); return Reflect.defineProperty(target, name, property); },
    getPrototypeOf(target) { log(tag + '.prototype'); return Reflect.getPrototypeOf(target); },
    apply(target, self, args) { log(tag + '.apply'); return Reflect.apply(target, self, args); },
    construct(target, args, newTarget) { log(tag + '.construct'); return Reflect.construct(target, args, newTarget); },
  };
  const proxy = new Proxy(target, handler);
  proxies.add(proxy);
  return proxy;
}`,
  drive: `
function drive(tag, iterator, steps) {
  for (const [method, value] of steps) {
    try {
      const result = iterator[method](value);
      log(tag + '.' + method + ' ' + result.done);
      log(result.value);
    } catch (error) {
      log(tag + '.' + method + ' threw');
      log(error);
    }
  }
}`,
  driveAsync: `
async function driveAsync(tag, iterator, steps) {
  const pending = [];
  for (const [method, value] of steps) {
    const step = iterator[method](value).then(
      (result) => { log(tag + '.' + method + ' ' + result.done); log(result.value); },
      (error) => { log(tag + '.' + method + ' threw'); log(error); },
    );
    if (method === 'next') await step;
    else pending.push(step);
  }
  await Promise.all(pending);
}`,
  later: `
function later(value, ticks) {
  return ticks > 0 ? Promise.resolve().then(() => later(value, ticks - 1)) : Promise.resolve(value);
}`,
  thenable: `
function thenable(tag, value) {
  return {
    get then() {
      log(tag + ' get then');
      return (resolve) => { log(tag + '.then'); resolve(value); };
    },
  };
}`,
  settle: `
function settle(tag, promise) {
  promise.then(
    (value) => { log(tag + ' fulfilled'); log(value); },
    (error) => { log(tag + ' rejected'); log(error); },
  );
  return tag;
}`,
};

module.exports = { CORE, HELPERS };
