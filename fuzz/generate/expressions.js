'use strict';

// Productions: expressions.

const { PROPERTIES } = require('./words.js');

function optionalChain(g) {
  const start = g.chance(0.3) ? g.pick(['null', 'undefined', `(${g.value()})`]) : g.object();
  return g.pick([
    () => `${start}?.${g.property()}`,
    () => `${start}?.[${g.key()}]`,
    () => `${start}?.m?.(${g.args(2)})`,
    () => `${start}?.${g.property()}?.[${g.key()}]?.${g.property()}`,
    () => `(delete ${start}?.[${g.key()}])`,
    () => `${start}?.missing?.(${g.args(2)}).b[${g.key()}]`,
  ])();
}

function methodCall(g) {
  const instances = g.variables('inst');
  if (instances.length > 0 && g.chance(0.6)) return `${g.pick(instances).name}.m(${g.args(2)})`;
  return `${g.object()}${g.pick(['.m', "['m']", "[log('m')]"])}?.(${g.args(2)})`;
}

function indirectCall(g) {
  const fn = g.callable(1);
  const called = /^\w+$/.test(fn) ? fn : `(${fn})`;
  return g.pick([
    () => `${called}.call(${g.object()}, ${g.value()})`,
    () => `${called}.apply(${g.object()}, ${g.array()})`,
    () => `${called}.bind(${g.object()}, ${g.value()})(${g.args(1)})`,
    () => `Reflect.apply(${fn}, ${g.object()}, ${g.array()})`,
    () => `(${g.value()}, ${called})(${g.args(2)})`,
    () => `(${g.condition()} ? ${called} : log)(${g.args(2)})`,
    () => `${g.use('watch')}('${g.name('w')}', ${fn})(${g.args(2)})`,
  ])();
}

/** Calls that go through functions of the engine. */
function callback(g) {
  return g.pick([
    () => `${g.array()}.map(${g.callable(2)}).length`,
    () => `${g.array()}.reduce(${g.callable(2)}, ${g.value()})`,
    () => `${g.array()}.forEach(${g.callable(1)})`,
    () => `${g.array()}.${g.pick(['some', 'every', 'find', 'findIndex'])}(${g.callable(1)})`,
    () => `${g.array()}.filter(${g.callable(1)}).length`,
    // Which elements a comparator is given, and when, is up to the engine, so it logs nothing.
    () => `[3, 1, ${g.int(4, 9)}].sort((x, y) => y - x)[0]`,
    () => `'abc'.replace(/[ab]/g, ${g.callable(1)})`,
    () => `Array.from(${g.iterable()}, ${g.callable(1)}).length`,
    () => `JSON.stringify({ toJSON: ${g.callable(1)} })`,
    () => `Object.fromEntries(new Map([[${g.key()}, ${g.value()}]])).${g.property()}`,
    () => `Reflect.construct(${g.constructible()}, [], Object) instanceof Object`,
  ])();
}

function iife(g) {
  const kind = g.pick(['function', 'arrow', 'function']);
  const signature = [];
  const self = kind === 'function' && g.chance(0.3);
  const text = g.callableText(kind, { signature, more: self ? { self: true, privates: undefined } : {} });
  if (self)
    return `(${text}).call(${g.object()}${signature.includes('arr') || signature.includes('obj') ? '' : `, ${g.value()}`})`;
  return g.invoke({ name: `(${text})`, params: signature });
}

/** `super.x`, in methods of objects and classes. */
function superProperty(g) {
  const ways = [() => `super.${g.property()}`, () => `super[${g.key()}]`, () => `super.m?.(${g.args(2)})`];
  if (g.fn.self) {
    ways.push(
      () => `(super.${g.property()} = ${g.value()})`,
      () => `(super[${g.key()}] ${g.pick(['+=', '??=', '&&='])} ${g.value()})`,
    );
  }
  return g.pick(ways)();
}

function privateName(g) {
  const { field, method, accessor } = g.fn.privates;
  const ways = [
    () => `this.${field}`,
    () => `(this.${field} ${g.pick(['=', '+=', '??='])} ${g.value()})`,
    () => `this.${field}++`,
    () => `(${field} in ${g.object()})`,
  ];
  if (method !== undefined)
    ways.push(
      () => `this.${method}(${g.args(2)})`,
      () => `this?.${method}?.(${g.args(1)})`,
    );
  if (accessor !== undefined)
    ways.push(
      () => `(this.${accessor} = ${g.value()})`,
      () => `(this.${accessor} += ${g.operand()})`,
    );
  return g.pick(ways)();
}

function evalCall(g) {
  const code = g.inside({ yields: false, awaits: false, newTarget: false }, () => g.value());
  if (g.chance(0.3)) return `(0, eval)(${JSON.stringify("typeof log + (() => log('indirect'))()")})`;
  if (g.chance(0.2)) return `Function('x', ${JSON.stringify("'use strict'; return log(x);")})(${g.value()})`;
  return `eval(${JSON.stringify(code)})`;
}

function arrayLiteral(g) {
  const parts = Array.from({ length: g.int(1, 4) }, () => {
    if (g.chance(0.15)) return `...${g.iterable()}`;
    return g.chance(0.05) ? '' : g.value();
  });
  // A hole in the last place would be the comma that may follow the last element.
  return `[${parts.join(', ')}${parts.at(-1) === '' ? ',' : ''}]`;
}

function objectLiteral(g) {
  // Versions of V8 disagree on the order of keys where an accessor comes twice.
  const free = [...PROPERTIES];
  const accessorName = () => (free.length > 0 ? free.splice(g.int(0, free.length - 1), 1)[0] : g.name('a'));
  const parts = Array.from({ length: g.int(1, 4) }, () => {
    const way = g.int(0, 11);
    const name = g.chance(0.25) ? `[${g.key()}]` : g.property();
    if (way <= 5) return `${name}: ${g.value()}`;
    if (way === 6) return `...${g.object()}`;
    if (way === 7) return `${name}: ${g.callable(1)}`;
    const more = { self: true, home: true, privates: undefined };
    if (way === 8) return `get ${g.callableText('method', { name: accessorName(), arity: 0, more })}`;
    if (way === 9) {
      const pair = accessorName();
      return `get ${g.callableText('method', { name: pair, arity: 0, more })}, set ${g.callableText('method', { name: pair, arity: 1, more })}`;
    }
    if (way === 10) return `__proto__: ${g.object()}`;
    return g.callableText(g.chance(0.8) ? 'method' : 'generatorMethod', {
      name: 'm',
      more,
      most: 2,
      arity: g.int(0, 2),
    });
  });
  const seen = parts.filter((part) => part.startsWith('__proto__')).length;
  if (seen > 1) return `{ ${parts.filter((part) => !part.startsWith('__proto__')).join(', ')} }`;
  return `{ ${parts.join(', ')} }`;
}

function userIterator(g) {
  const extra = g.pick([
    '',
    '',
    ", 'bare'",
    ", 'throw'",
    g.fn.caught > 0 ? ", 'throws'" : '',
    g.fn.caught > 0 ? ", 'bad return'" : '',
  ]);
  return `${g.use('iterate')}('${g.name('i')}', [${Array.from({ length: g.int(0, 3) }, () => g.value()).join(', ')}]${extra})`;
}

module.exports = {
  arrayLiteral,
  callback,
  evalCall,
  iife,
  indirectCall,
  methodCall,
  objectLiteral,
  optionalChain,
  privateName,
  superProperty,
  userIterator,
};
