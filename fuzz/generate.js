'use strict';

// Makes random JavaScript programs for differential tests.
//
// A program records what it does by `log(x)` into `trace`, which is its completion value, or what a promise that is its
// completion value settles with. Calls of `log` stand everywhere in operands, so that the order of evaluation shows.
//
// Expressions are made by kind, because a program that dies of "x is not a function" in its first line tests little.
// The kinds are `val` (anything without symbols and bigints, good as operand), `obj`, `inst` (object of a generated
// class), `arr`, `iter`, `fn`, `cls`, `gen` (generator function), `prom`, `afn` (async function) and `agen`.
//
// Every production has a name. `without` turns productions off by these names, and `explain` counts them.

const { CORE, HELPERS } = require('./helpers.js');

/** A small generator of random numbers, the same on every machine. */
class Random {
  constructor(seed) {
    this.state = (seed ^ 0x9e3779b9) >>> 0;
  }

  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  int(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[Math.floor(this.next() * list.length)];
  }
}

const LITERALS = ['0', '1', '2', '3', '(-1)', '7', '0.5', 'NaN', "''", "'a'", "'xy'", 'true', 'false', 'null'];
const PROPERTIES = ['a', 'b', 'c', 'd'];
const ARITHMETIC = ['+', '+', '-', '*', '/', '%', '**', '|', '&', '^', '<<', '>>', '>>>'];
const COMPARISONS = ['<', '>', '<=', '>=', '==', '!=', '===', '!=='];
const ERRORS = ['Error', 'RangeError', 'TypeError', 'SyntaxError'];

/** Which kinds a wanted kind may be taken from. */
const KINDS = { val: ['val'], obj: ['obj', 'inst'], iter: ['iter', 'arr'] };

/** What a function may do in its body, by form. Arrow functions take `this` and the like from around them. */
const FORMS = {
  function: { prefix: 'function ', args: true, newTarget: true },
  generator: { prefix: 'function* ', args: true, newTarget: true, yields: true },
  async: { prefix: 'async function ', args: true, newTarget: true, awaits: true },
  asyncGenerator: { prefix: 'async function* ', args: true, newTarget: true, yields: true, awaits: true },
  arrow: { prefix: '', arrow: true },
  asyncArrow: { prefix: 'async ', arrow: true, awaits: true },
  method: { prefix: '', args: true, newTarget: true, method: true },
  generatorMethod: { prefix: '*', args: true, newTarget: true, method: true, yields: true },
  asyncMethod: { prefix: 'async ', args: true, newTarget: true, method: true, awaits: true },
  asyncGeneratorMethod: { prefix: 'async *', args: true, newTarget: true, method: true, yields: true, awaits: true },
};

/** Productions: name, weight, what makes the text, and, where it is not always possible, when it is. */

const VALUES = [
  ['log', 14, (g) => `log(${g.value()})`],
  ['arithmetic', 9, (g) => `(${g.operand()} ${g.pick(ARITHMETIC)} ${g.operand()})`],
  ['comparison', 3, (g) => `(${g.operand()} ${g.pick(COMPARISONS)} ${g.operand()})`],
  ['unary', 2, (g) => `(${g.pick(['-', '+', '!', '~', 'typeof ', 'void '])}${g.operand()})`],
  ['typeof unknown', 0.5, () => '(typeof nowhere)'],
  ['logical', 4, (g) => `(${g.value()} ${g.pick(['&&', '||', '??'])} ${g.value()})`],
  ['conditional', 4, (g) => `(${g.condition()} ? ${g.value()} : ${g.value()})`],
  ['comma', 3, (g) => `(${g.value()}, ${g.value()})`],
  ['assignment', 4, (g) => `(${g.target()} = ${g.value()})`],
  ['compound assignment', 6, (g) => `(${g.target()} ${g.pick(ARITHMETIC)}= ${g.operand()})`],
  ['logical assignment', 3, (g) => `(${g.target()} ${g.pick(['&&=', '||=', '??='])} ${g.value()})`],
  [
    'update',
    3,
    (g) => (g.chance(0.5) ? `(${g.target()}${g.pick(['++', '--'])})` : `(${g.pick(['++', '--'])}${g.target()})`),
  ],
  ['member', 4, (g) => `${g.object()}.${g.property()}`],
  ['computed member', 3, (g) => `${g.object()}[${g.key()}]`],
  ['element', 3, (g) => `${g.array()}[${g.chance(0.5) ? g.int(0, 3) : `log(${g.int(0, 3)})`}]`],
  ['length', 1, (g) => `${g.array()}.length`],
  ['optional chain', 3, (g) => optionalChain(g)],
  ['delete', 2, (g) => `(delete ${g.object()}${g.chance(0.5) ? `.${g.property()}` : `[${g.key()}]`})`],
  ['in', 2, (g) => `(${g.key()} in ${g.object()})`],
  ['instanceof', 2, (g) => `(${g.object()} instanceof ${g.constructible()})`],
  ['call', 8, (g) => g.call()],
  ['method call', 4, (g) => methodCall(g)],
  ['indirect call', 3, (g) => indirectCall(g)],
  ['callback', 4, (g) => callback(g)],
  ['iife', 4, (g) => iife(g)],
  ['template', 2, (g) => `\`<\${${g.operand()}}-\${${g.operand()}}>\``],
  ['tagged template', 2, (g) => `${g.use('tag')}\`x\${${g.value()}}\\n\${${g.value()}}y\``],
  ['yield', 14, (g) => `(yield ${g.value()})`, (g) => g.fn.yields],
  ['yield star', 4, (g) => `(yield* ${g.iterable()})`, (g) => g.fn.yields],
  ['await', 14, (g) => `(await ${g.chance(0.5) ? g.promise() : g.value()})`, (g) => g.fn.awaits],
  ['this', 3, (g) => `this${g.chance(0.3) ? '?.' : '.'}${g.property()}`, (g) => g.fn.self],
  ['new.target', 1, () => 'log(new.target)', (g) => g.fn.newTarget],
  [
    'arguments',
    4,
    (g) => g.pick(['arguments.length', 'arguments[0]', 'log(arguments[1])', '[...arguments].length']),
    (g) => g.fn.args,
  ],
  ['super property', 4, (g) => superProperty(g), (g) => g.fn.home],
  ['private name', 6, (g) => privateName(g), (g) => g.fn.privates && g.fn.self],
  [
    'function properties',
    1,
    (g) => `${g.pick(g.variables('fn')).name}.${g.pick(['name', 'length'])}`,
    (g) => g.variables('fn').length > 0,
  ],
  ['new', 3, (g) => `${g.instance()}.${g.property()}`],
  ['spread call', 2, (g) => `Math.max(...${g.array()}, ${g.value()})`],
  ['destructuring assignment', 2, (g) => destructuringAssignment(g)],
  ['eval', 0.7, (g) => evalCall(g)],
  ['settled promise', 2, (g) => `${g.use('settle')}('${g.name('t')}', ${g.promise()})`, (g) => g.async],
];

const OBJECTS = [
  ['object literal', 5, (g) => `(${objectLiteral(g)})`],
  ['logged object', 5, (g) => `log(${g.object()})`],
  ['comma object', 1, (g) => `(${g.value()}, ${g.object()})`],
  ['conditional object', 1, (g) => `(${g.condition()} ? ${g.object()} : ${g.object()})`],
  ['instance', 3, (g) => g.instance()],
  ['proxy', 1.5, (g) => `${g.use('watch')}('${g.name('w')}', ${g.object()})`],
  ['derived object', 1, (g) => `Object.create(${g.object()})`],
  ['this object', 2, () => 'this', (g) => g.fn.self],
];

const ARRAYS = [
  ['array literal', 6, (g) => arrayLiteral(g)],
  ['logged array', 3, (g) => `log(${g.array()})`],
  ['mapped array', 1, (g) => `${g.array()}.map(${g.callable(1)})`],
  ['array from', 1, (g) => `Array.from(${g.iterable()}, ${g.callable(1)})`],
  ['arguments array', 2, () => '[...arguments]', (g) => g.fn.args],
];

const ITERABLES = [
  ['array', 3, (g) => g.array()],
  ['user iterator', 5, (g) => userIterator(g)],
  ['generator object', 6, (g) => g.invoke(g.pick(g.variables('gen'))), (g) => g.variables('gen').length > 0],
  ['inline generator', 2, (g) => `({ ${g.callableText('generatorMethod', { name: '[Symbol.iterator]', most: 0 })} })`],
  ['set', 1, (g) => `new Set(${g.array()})`],
  ['string', 0.5, (g) => g.pick(["'pq'", "'xyz'"])],
];

const FUNCTIONS = [
  ['arrow', 5, (g, arity) => g.callableText('arrow', { arity })],
  [
    'function expression',
    3,
    (g, arity) => g.callableText('function', { name: g.chance(0.3) ? g.name('e') : '', arity }),
  ],
];

const PROMISES = [
  ['resolved promise', 2, (g) => `Promise.resolve(${g.value()})`],
  ['later', 4, (g) => `${g.use('later')}(${g.value()}, ${g.int(0, 3)})`],
  ['thenable', 1, (g) => `Promise.resolve(${g.use('thenable')}('${g.name('t')}', ${g.value()}))`],
  ['async call', 6, (g) => g.invoke(g.pick(g.variables('afn'))), (g) => g.variables('afn').length > 0],
  ['async iife', 2, (g) => `(${g.callableText('asyncArrow', { most: 0 })})()`],
  ['then', 4, (g) => `${g.promise()}.then(${g.callable(1)})`],
  ['then and catch', 2, (g) => `${g.promise()}.then(${g.callable(1)}, ${g.callable(1)})`],
  ['finally', 1, (g) => `${g.promise()}.finally(${g.callable(0)})`],
  ['rejected and caught', 2, (g) => `Promise.reject(${g.error()}).catch(${g.callable(1)})`],
  ['promise executor', 1, (g) => `new Promise((resolve) => resolve(${g.value({ sync: true })}))`],
  [
    'promise all',
    3,
    (g) => `Promise.${g.pick(['all', 'allSettled', 'race', 'any'])}([${g.promise()}, ${g.promise()}])`,
  ],
];

const STATEMENTS = [
  ['log statement', 12, (g) => g.emit(`log(${g.value()});`)],
  ['expression statement', 4, (g) => g.emit(`(${g.value()});`)],
  ['declaration', 8, declaration],
  ['object declaration', 4, (g) => declareOf(g, 'obj', () => g.object())],
  ['array declaration', 3, (g) => declareOf(g, 'arr', () => g.array())],
  ['iterable declaration', 2, (g) => declareOf(g, 'iter', () => g.iterable())],
  ['destructuring declaration', 4, destructuringDeclaration],
  ['function declaration', 5, functionDeclaration],
  ['function variable', 3, functionVariable],
  ['generator declaration', 4, generatorDeclaration],
  ['generator steps', 6, generatorSteps, (g) => g.variables('gen').length > 0],
  ['class declaration', 4, classDeclaration],
  ['constructor function', 1.5, constructorFunction],
  ['if', 6, ifStatement],
  ['for', 5, forStatement],
  ['while', 2, whileStatement],
  ['do while', 2, doWhileStatement],
  ['for in', 2, forInStatement],
  ['for of', 6, forOfStatement],
  ['for of pattern', 2, forOfPattern],
  ['loop closures', 3, loopClosures],
  ['labelled block', 2, labelledBlock],
  ['switch', 4, switchStatement],
  ['try', 8, tryStatement],
  ['throw', 3, throwStatement, (g) => g.fn.caught > 0 || g.chance(0.1)],
  ['jump', 8, jump, (g) => g.fn.jumps.length > 0],
  ['return', 3, (g) => g.emit(`if (${g.condition()}) return ${g.returned()};`), (g) => g.fn.returns],
  ['block function', 1.5, blockFunction],
  ['block function twice', 1, blockFunctionTwice, (g) => !g.fn.strict],
  ['temporal dead zone', 1, temporalDeadZone],
  ['dead head', 0.7, deadHead],
  ['guarded return', 1.5, guardedReturn],
  ['logged sort', 1, loggedSort],
  ['nature of functions', 1, natureOfFunctions, (g) => g.variables('afn').length + g.variables('agen').length > 0],
  ['recursion', 2, recursion],
  ['mutual recursion', 1, mutualRecursion],
  ['tail call', 1, tailCall],
  ['mapped arguments', 2, mappedArguments],
  ['accessors', 2, accessors],
  ['with', 1.5, withStatement, (g) => !g.fn.strict],
  ['var hoisting', 1, varHoisting],
  ['async function', 4, asyncFunction, (g) => g.async],
  ['async generator', 2, asyncGenerator, (g) => g.async],
  ['for await', 5, forAwait, (g) => g.fn.awaits],
  ['async generator steps', 8, asyncGeneratorSteps, (g) => g.fn.awaits && g.variables('agen').length > 0],
  ['concurrent awaits', 3, concurrentAwaits, (g) => g.fn.awaits],
  ['awaits in try', 4, awaitsInTry, (g) => g.fn.awaits],
];

class Generator {
  constructor(seed, options) {
    this.random = new Random(seed);
    this.without = new Set(options.without ?? []);
    this.used = new Set();
    this.features = new Map();
    this.names = 0;
    this.indent = 0;
    this.depth = 0;
    this.lines = [];
    this.scope = { variables: [], parent: undefined };
    this.budget = options.size ?? this.int(60, 300);
    this.strict = options.strict ?? this.chance(0.5);
    this.async = (options.async ?? this.chance(0.4)) && !this.without.has('async');
    this.fn = { strict: this.strict, jumps: [], caught: 0, self: false };
    this.seed = seed;
  }

  int(least, most) {
    return this.random.int(least, most);
  }

  chance(share) {
    return this.random.chance(share);
  }

  pick(list) {
    return this.random.pick(list);
  }

  /** A name that the program has not had. */
  name(letter) {
    return `${letter}${++this.names}`;
  }

  /** Takes a helper into the program. */
  use(helper) {
    this.used.add(helper);
    return helper;
  }

  count(feature) {
    this.features.set(feature, (this.features.get(feature) ?? 0) + 1);
  }

  /** Takes one production of a table at random. `plain` makes what stands there when the program is large enough. */
  choose(table, plain, ...rest) {
    if (this.budget <= 0 || this.depth > 7) return plain();
    const possible = table.filter(([name, , , when]) => !this.without.has(name) && (when === undefined || when(this)));
    let at = this.random.next() * possible.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight, make] of possible) {
      at -= weight;
      if (at >= 0) continue;
      this.count(name);
      this.budget--;
      this.depth++;
      const made = make(this, ...rest);
      this.depth--;
      return made;
    }
    return plain();
  }

  // Names.

  declare(name, kind, more) {
    const variable = { name, kind, mutable: false, ...more };
    this.scope.variables.push(variable);
    return variable;
  }

  /** The variables of a kind that can be seen here. */
  variables(kind, mutable = false) {
    const kinds = KINDS[kind] ?? [kind];
    const found = [];
    for (let { scope } = this; scope !== undefined; scope = scope.parent) {
      for (const one of scope.variables) if (kinds.includes(one.kind) && (one.mutable || !mutable)) found.push(one);
    }
    return found;
  }

  // Text.

  emit(text) {
    this.lines.push(`${'  '.repeat(this.indent)}${text}`);
  }

  /** A block in braces, with a scope of its own. One statement a line, which is what the shrinker goes by. */
  block(fill) {
    const { lines, scope } = this;
    this.lines = [];
    this.scope = { variables: [], parent: scope };
    this.indent++;
    fill();
    this.indent--;
    const text = `{\n${this.lines.join('\n')}\n${'  '.repeat(this.indent)}}`;
    this.lines = lines;
    this.scope = scope;
    return text;
  }

  /** Runs `make` as if in another function. */
  inside(fn, make) {
    const outer = this.fn;
    this.fn = { ...outer, ...fn };
    const made = make();
    this.fn = outer;
    return made;
  }

  /** Code that can neither yield nor await: parameters, initialisers, code of `eval`. */
  unsuspended(make) {
    return this.inside({ yields: false, awaits: false }, make);
  }

  /** Leaves a part of the budget to what comes later; else the first large expression would use it up. */
  share(part, make) {
    const total = this.budget;
    const own = Math.ceil(total * part);
    this.budget = own;
    const made = make();
    this.budget += total - own;
    return made;
  }

  statements(least, most) {
    if (this.budget <= 0 && least === 0) return;
    for (let left = this.budget <= 0 ? 1 : this.int(least, most); left > 0; left--) {
      this.share(Math.min(1, 1.5 / left), () => this.choose(STATEMENTS, () => this.emit(`log(${this.leaf()});`)));
    }
  }

  /** The body of a loop. Fuel comes first, so that no `continue` gets around it. */
  loopBody(labels, fill) {
    const jumps = [...this.fn.jumps, ...labels.map((label) => ({ label, loop: true }))];
    return this.block(() => {
      this.emit('if (fuel-- <= 0) break;');
      this.inside({ jumps }, () => {
        fill?.();
        this.statements(1, 3);
      });
    });
  }

  /** A label for about half of the loops: its text, and what `break` and `continue` may name. */
  label() {
    if (this.chance(0.5)) return { text: '', labels: [''] };
    const label = this.name('L');
    return { text: `${label}: `, labels: ['', label] };
  }

  // Expressions.

  leaf() {
    const variables = this.variables('val');
    return variables.length > 0 && this.chance(0.7) ? this.pick(variables).name : this.pick(LITERALS);
  }

  value({ sync = false } = {}) {
    if (sync) return this.unsuspended(() => this.value());
    if (this.chance(0.15)) return this.leaf();
    return this.choose(VALUES, () => (this.chance(0.5) ? `log(${this.leaf()})` : this.leaf()));
  }

  /** A value of which it shows when it is converted. */
  operand() {
    if (this.chance(0.45)) return `log(${this.value()})`;
    if (this.chance(0.2)) return `${this.use('box')}('${this.name('x')}', ${this.int(0, 5)})`;
    if (this.chance(0.1)) return `${this.use('prim')}('${this.name('x')}', ${this.pick(['1', '4', "'s'"])})`;
    return this.value();
  }

  condition() {
    const way = this.int(0, 5);
    if (way <= 2) return `${this.use('flip')}()`;
    if (way === 3) return `log(${this.value()})`;
    if (way === 4) return `(${this.operand()} ${this.pick(COMPARISONS)} ${this.operand()})`;
    return this.value();
  }

  property() {
    return this.pick(PROPERTIES);
  }

  key() {
    const name = `'${this.property()}'`;
    if (this.chance(0.4)) return `log(${name})`;
    return this.chance(0.3) ? `${this.use('key')}(${name})` : name;
  }

  /** What can be assigned to. */
  target() {
    const variables = this.variables('val', true);
    const way = this.int(0, 9);
    if (way <= 3 && variables.length > 0) return this.pick(variables).name;
    if (way <= 5) return `${this.object()}.${this.property()}`;
    if (way <= 7) return `${this.object()}[${this.key()}]`;
    if (way === 8 && this.fn.self) return `this.${this.property()}`;
    return `${this.array()}[${this.chance(0.5) ? this.int(0, 4) : `log(${this.int(0, 4)})`}]`;
  }

  object() {
    const variables = this.variables('obj');
    const plain = () => (variables.length > 0 ? this.pick(variables).name : `({ ${this.property()}: ${this.leaf()} })`);
    return variables.length > 0 && this.chance(0.5) ? plain() : this.choose(OBJECTS, plain);
  }

  array() {
    const variables = this.variables('arr');
    const plain = () => (variables.length > 0 ? this.pick(variables).name : `[${this.leaf()}, ${this.leaf()}]`);
    return variables.length > 0 && this.chance(0.4) ? plain() : this.choose(ARRAYS, plain);
  }

  iterable() {
    const variables = this.variables('iter');
    if (variables.length > 0 && this.chance(0.3)) return this.pick(variables).name;
    return this.choose(ITERABLES, () => `[${this.leaf()}, ${this.leaf()}]`);
  }

  promise() {
    return this.choose(PROMISES, () => `Promise.resolve(${this.leaf()})`);
  }

  error() {
    const made = `new ${this.pick(ERRORS)}('u:${this.name('')}')`;
    return this.chance(0.2) ? `'u:${this.name('')}'` : made;
  }

  /** A new object of a class. */
  instance() {
    const classes = this.variables('cls');
    if (classes.length === 0) return `new (class ${classBody(this)})()`;
    return `new ${this.pick(classes).name}(${this.args(2)})`;
  }

  /** Something for the right side of `instanceof`. */
  constructible() {
    const classes = this.variables('cls');
    return classes.length > 0 && this.chance(0.7) ? this.pick(classes).name : this.pick(['Object', 'Array', 'Error']);
  }

  args(most) {
    const list = Array.from({ length: this.int(0, most) }, () => this.value());
    if (this.chance(0.12)) list.push(`...${this.iterable()}`);
    return list.join(', ');
  }

  /** A call of a function that is known, with arguments for its parameters. */
  invoke(variable) {
    const list = [];
    for (const kind of variable.params ?? []) {
      if (this.chance(0.15)) break;
      list.push(kind === 'arr' ? this.iterable() : kind === 'obj' ? this.object() : this.value());
    }
    if (list.length === (variable.params ?? []).length && this.chance(0.2)) list.push(this.value());
    return `${variable.name}(${list.join(', ')})`;
  }

  call() {
    const functions = this.variables('fn');
    return functions.length > 0 ? this.invoke(this.pick(functions)) : `log(${this.value()})`;
  }

  /** A function that takes any values. */
  callable(arity) {
    const functions = this.variables('fn').filter(({ params }) => !params?.some((kind) => kind !== 'val'));
    if (functions.length > 0 && this.chance(0.4)) return this.pick(functions).name;
    return this.choose(FUNCTIONS, () => this.pick(['log', '(x) => log(x)']), arity);
  }

  /** What `return` gives here. */
  returned() {
    return this.value();
  }

  // Functions.

  /**
   * The text of a function.
   * @param {keyof typeof FORMS} kind
   * @param {{name?: string, arity?: number, most?: number, more?: object, first?: () => void}} options
   *   `arity`: only simple parameters, this many; `most`: at most so many parameters; `first`: makes the first statements
   */
  callableText(kind, { name = '', arity, most = 3, more = {}, first, signature } = {}) {
    const { prefix, arrow = false, yields = false, awaits = false, args = false, newTarget = false } = FORMS[kind];
    const outer = this.fn;
    const own = { yields, awaits, returns: true, jumps: [], caught: 0, ...more };
    if (!arrow) {
      Object.assign(own, { args, newTarget, self: more.self ?? false, home: more.home, superCall: false });
      own.privates = more.self ? outer.privates : undefined;
    }
    const strictly = !arrow && arity !== undefined && !outer.strict && this.chance(0.1);
    if (strictly) own.strict = true;
    const { scope } = this;
    this.scope = { variables: [], parent: scope };
    const params = this.inside(own, () => this.unsuspended(() => this.parameters(arity, most, signature)));
    const expression = arrow && first === undefined && this.chance(0.5);
    const body = this.inside(own, () =>
      this.share(0.6, () => {
        if (expression) return `(${this.value()})`;
        return this.block(() => {
          if (strictly) this.emit("'use strict';");
          this.emit("if (fuel-- <= 0) return log('dry');");
          first?.();
          this.statements(0, 3);
          if (this.chance(0.85)) this.emit(`return ${this.returned()};`);
        });
      }),
    );
    this.scope = scope;
    return `${prefix}${name}(${params})${arrow ? ' =>' : ''} ${body}`;
  }

  /** Parameters. What a caller has to pass goes into `signature`. */
  parameters(arity, most, signature = []) {
    const list = [];
    const count = arity ?? this.int(0, most);
    for (let i = 0; i < count; i++) {
      const name = this.name('p');
      if (arity === undefined && this.chance(0.15)) {
        const array = this.chance(0.5);
        const ready = array ? this.array() : this.object();
        list.push(`${array ? arrayPattern(this, 'val') : objectPattern(this, 'val')} = ${ready}`);
        signature.push(array ? 'arr' : 'obj');
        continue;
      }
      const ready = arity === undefined && this.chance(0.25) ? ` = ${this.value()}` : '';
      this.declare(name, 'val', { mutable: true });
      list.push(`${name}${ready}`);
      signature.push('val');
    }
    if (arity === undefined && this.chance(0.12)) {
      const rest = this.name('r');
      this.declare(rest, 'arr');
      list.push(`...${rest}`);
    }
    return list.join(', ');
  }

  // The program.

  program() {
    const units = this.int(3, 7);
    const total = this.budget;
    const started = [];
    for (let unit = 1; unit <= units; unit++) {
      // What one unit leaves goes to the next ones, and none can use up everything.
      this.budget = Math.ceil(total / units) + Math.max(0, Math.min(this.budget, 10));
      if (this.async && this.chance(0.6)) started.push(this.asyncUnit(unit));
      else if (this.chance(0.3)) this.functionUnit(unit);
      else this.unit(unit);
    }
    if (this.async) {
      this.emit(`Promise.all([${started.map((name) => `${name}()`).join(', ')}])`);
      // What floats free still gets its turns.
      this.emit('  .then(async () => {');
      this.emit('    for (let i = 0; i < 25; i++) await null;');
      this.emit('    return trace;');
      this.emit('  });');
    } else {
      this.emit('trace;');
    }
    const helpers = Object.keys(HELPERS).filter((name) => this.used.has(name));
    const start = CORE.trim().replace('SEED', String((this.seed * 7919 + 13) & 0x7fffffff));
    return [
      ...(this.strict ? ["'use strict';"] : []),
      start,
      ...helpers.map((name) => HELPERS[name].trim()),
      ...this.lines,
      '',
    ].join('\n');
  }

  /** Declarations, which later units see, and then statements that cannot end the program. */
  unit(number) {
    const declarations = this.int(0, 2);
    for (let i = 0; i < declarations; i++) {
      this.choose(
        [
          ['function declaration', 4, functionDeclaration],
          ['generator declaration', 3, generatorDeclaration],
          ['class declaration', 2, classDeclaration],
          ['declaration', 2, (g) => g.safely(() => declaration(g))],
          ['async function', 3, asyncFunction, (g) => g.async],
          ['async generator', 2, asyncGenerator, (g) => g.async],
        ],
        () => {},
      );
    }
    this.inside({ caught: 0 }, () => {
      const body = this.block(() => {
        this.statements(2, 6);
        this.emit(`log('end ${number}');`);
      });
      this.emit(`try ${body} catch (error) {\n  log('died ${number}');\n  log(error);\n}`);
    });
  }

  /** Top-level declarations run outside of every `try`, so what initialises them is simple. */
  safely(make) {
    const { budget } = this;
    this.budget = 0;
    make();
    this.budget = budget;
  }

  functionUnit(number) {
    const body = this.inside({ args: true, newTarget: true, returns: true, self: false, caught: 0 }, () =>
      this.block(() => {
        this.declare('u', 'val', { mutable: true });
        this.statements(2, 6);
        this.emit(`log('end ${number}');`);
      }),
    );
    this.emit(`try {\n  (function unit${number}(u) ${body.replaceAll('\n', '\n  ')})(${this.int(0, 9)});`);
    this.emit(`} catch (error) {\n  log('died ${number}');\n  log(error);\n}`);
  }

  asyncUnit(number) {
    const name = `unit${number}`;
    const own = { args: true, newTarget: true, returns: true, awaits: true, self: false, caught: 0 };
    const text = this.inside(own, () =>
      this.block(() => {
        const body = this.block(() => {
          this.statements(2, 6);
          this.emit(`log('end ${number}');`);
        });
        this.emit(`try ${body} catch (error) {`);
        this.emit(`  log('died ${number}');`);
        this.emit('  log(error);');
        this.emit('}');
      }),
    );
    this.emit(`async function ${name}() ${text}`);
    return name;
  }
}

// Expressions with parts.

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

// Patterns. `bind` is 'val' to declare names, or undefined to assign to what there is.

function patternTarget(g, bind) {
  if (bind === undefined) return g.target();
  const name = g.name('d');
  // Only seen by what follows, so that defaults of earlier names do not use it.
  g.declare(name, bind, { mutable: true });
  return name;
}

function arrayPattern(g, bind) {
  const parts = [];
  for (let i = g.int(1, 3); i > 0; i--) {
    const way = g.int(0, 9);
    if (way === 0) parts.push('');
    else if (way === 1 && bind === undefined) parts.push(`${g.target()} = ${g.value()}`);
    else {
      const ready = g.chance(0.35) ? ` = ${g.value()}` : '';
      parts.push(`${patternTarget(g, bind)}${ready}`);
    }
  }
  if (g.chance(0.2)) parts.push(`...${bind === undefined ? g.target() : restTarget(g)}`);
  return `[${parts.join(', ')}${parts.at(-1) === '' ? ',' : ''}]`;
}

function restTarget(g) {
  const name = g.name('r');
  g.declare(name, 'obj');
  return name;
}

function objectPattern(g, bind) {
  const parts = [];
  for (let i = g.int(1, 3); i > 0; i--) {
    const name = g.chance(0.3) ? `[${g.key()}]` : g.property();
    if (g.chance(0.1)) {
      const ready = g.array();
      // A property that is there may hold anything, so the name is one that no object has.
      parts.push(`none: ${arrayPattern(g, bind)} = ${ready}`);
    } else {
      const ready = g.chance(0.35) ? ` = ${g.value()}` : '';
      parts.push(`${name}: ${patternTarget(g, bind)}${ready}`);
    }
  }
  if (g.chance(0.2)) parts.push(`...${bind === undefined ? g.target() : restTarget(g)}`);
  return `{ ${parts.join(', ')} }`;
}

function destructuringAssignment(g) {
  return g.chance(0.5)
    ? `(${arrayPattern(g, undefined)} = ${g.iterable()}).length`
    : `(${objectPattern(g, undefined)} = ${g.object()}).${g.property()}`;
}

// Statements.

function declaration(g) {
  const value = g.value();
  const name = g.name('v');
  const word = g.pick(['let', 'let', 'var', 'const']);
  g.emit(`${word} ${name} = ${value};`);
  g.declare(name, 'val', { mutable: word !== 'const' });
}

function declareOf(g, kind, make) {
  const value = make();
  const name = g.name(kind[0]);
  g.emit(`const ${name} = ${value};`);
  g.declare(name, kind);
}

function destructuringDeclaration(g) {
  const array = g.chance(0.5);
  const value = array ? g.iterable() : g.object();
  const { variables } = g.scope;
  const before = variables.length;
  const pattern = array ? arrayPattern(g, 'val') : objectPattern(g, 'val');
  const word = g.pick(['let', 'const', 'var']);
  for (const one of variables.slice(before)) one.mutable &&= word !== 'const';
  g.emit(`${word} ${pattern} = ${value};`);
}

function functionDeclaration(g) {
  const name = g.name('f');
  const params = [];
  const text = g.callableText('function', { name, signature: params });
  g.emit(text);
  tryOut(g, g.declare(name, 'fn', { params }));
}

/** Mostly uses at once what was declared: what never runs tests nothing. */
function tryOut(g, variable) {
  if (g.indent === 0 || g.chance(0.3)) return;
  const made = g.invoke(variable);
  if (variable.kind === 'gen') {
    const ways = [`${g.use('drive')}('${g.name('s')}', ${made}, ${steps(g)});`, `log([...${made}]);`];
    if (g.fn.yields) ways.push(`log(yield* ${made});`);
    g.emit(g.pick(ways));
  } else if (variable.kind === 'agen') {
    const call = `${g.use('driveAsync')}('${g.name('s')}', ${made}, ${steps(g)})`;
    g.emit(g.fn.awaits ? `await ${call};` : `${g.use('settle')}('${g.name('t')}', ${call});`);
  } else if (variable.kind === 'afn') {
    g.emit(g.fn.awaits && g.chance(0.7) ? `log(await ${made});` : `${g.use('settle')}('${g.name('t')}', ${made});`);
  } else {
    g.emit(`log(${made});`);
  }
}

function functionVariable(g) {
  const params = [];
  const name = g.name('f');
  const text = g.callableText(g.pick(['arrow', 'function']), { signature: params });
  g.emit(`const ${name} = ${text};`);
  tryOut(g, g.declare(name, 'fn', { params }));
}

function generatorDeclaration(g) {
  const name = g.name('g');
  const params = [];
  const first = () => {
    if (g.chance(0.5)) {
      const body = g.block(() => {
        g.inside({ caught: g.fn.caught + 1 }, () => {
          g.emit(`log(yield ${g.value()});`);
          g.statements(0, 2);
        });
      });
      const handler = g.chance(0.5) ? ` catch (error) ${g.block(() => g.emit(`log(error), yield ${g.value()};`))}` : '';
      g.emit(
        `try ${body}${handler} finally ${g.block(() => g.emit(g.pick([() => `log('finally ${name}');`, () => `yield log(${g.value()});`, () => `if (${g.condition()}) return ${g.value()};`])()))}`,
      );
    } else {
      g.emit(`yield ${g.value()};`);
    }
  };
  g.emit(g.callableText('generator', { name, signature: params, first }));
  tryOut(g, g.declare(name, 'gen', { params }));
}

function steps(g) {
  return `[${Array.from({ length: g.int(2, 5) }, (_, i) => {
    const method = i === 0 || g.chance(0.7) ? 'next' : g.pick(['return', 'throw']);
    return `['${method}', ${method === 'throw' ? g.error() : g.value()}]`;
  }).join(', ')}]`;
}

function generatorSteps(g) {
  const made = g.invoke(g.pick(g.variables('gen')));
  g.emit(`${g.use('drive')}('${g.name('s')}', ${made}, ${steps(g)});`);
}

function ifStatement(g) {
  const then = g.block(() => g.statements(1, 3));
  const otherwise = g.chance(0.5) ? ` else ${g.block(() => g.statements(1, 2))}` : '';
  g.emit(`if (${g.condition()}) ${then}${otherwise}`);
}

/** A statement of which a loop's variable is only seen inside. */
function scoped(g, make) {
  const { scope } = g;
  g.scope = { variables: [], parent: scope };
  make();
  g.scope = scope;
}

function forStatement(g) {
  scoped(g, () => {
    const { text, labels } = g.label();
    const i = g.name('k');
    const init = g.value();
    const extra = g.chance(0.3) ? g.name('v') : '';
    g.declare(i, 'val');
    if (extra) g.declare(extra, 'val', { mutable: true });
    const test = g.chance(0.4) ? `log(${i}) < ${g.int(1, 3)}` : `${i} < ${g.int(1, 3)}`;
    const update = g.chance(0.3) ? `log(${i}++), ${g.value()}` : `${i}++`;
    const head = `${g.pick(['let', 'let', 'var'])} ${i} = 0${extra ? `, ${extra} = ${init}` : ''}`;
    g.emit(`${text}for (${head}; ${test}; ${update}) ${g.loopBody(labels)}`);
  });
}

function whileStatement(g) {
  const { text, labels } = g.label();
  const i = g.name('k');
  g.emit(`let ${i} = 0;`);
  g.declare(i, 'val');
  g.emit(`${text}while (${i}++ < ${g.int(1, 3)} && (${g.value()}, true)) ${g.loopBody(labels)}`);
}

function doWhileStatement(g) {
  const { text, labels } = g.label();
  const i = g.name('k');
  g.emit(`let ${i} = 0;`);
  g.declare(i, 'val');
  g.emit(
    `${text}do ${g.loopBody(labels)} while (${i}++ < ${g.int(0, 2)} && log(${g.chance(0.7) ? 'true' : g.value()}));`,
  );
}

function forInStatement(g) {
  scoped(g, () => {
    const { text, labels } = g.label();
    const name = g.name('v');
    const from = `{ a: ${g.value()}, b: ${g.value()}, 1: ${g.value()} }`;
    const object = g.name('o');
    g.emit(`const ${object} = ${from};`);
    g.declare(name, 'val');
    const body = g.loopBody(labels, () => {
      if (g.chance(0.3)) g.emit(`delete ${object}.${g.pick(['a', 'b'])};`);
    });
    g.emit(`${text}for (${g.pick(['const', 'let', 'var'])} ${name} in log(${object})) ${body}`);
  });
}

function forOfStatement(g) {
  scoped(g, () => {
    const { text, labels } = g.label();
    const from = g.iterable();
    const target = g.chance(0.15) ? g.target() : '';
    const name = g.name('v');
    g.declare(name, 'val', { mutable: false });
    if (target) g.emit(`let ${name};`);
    const head = target || `${g.pick(['const', 'let', 'var'])} ${name}`;
    g.emit(`${text}for (${head} of ${from}) ${g.loopBody(labels)}`);
  });
}

function forOfPattern(g) {
  scoped(g, () => {
    const { text, labels } = g.label();
    const array = g.chance(0.5);
    const items = Array.from({ length: g.int(1, 3) }, () => (array ? g.iterable() : g.object()));
    const pattern = array ? arrayPattern(g, 'val') : objectPattern(g, 'val');
    g.emit(`${text}for (${g.pick(['let', 'var'])} ${pattern} of [${items.join(', ')}]) ${g.loopBody(labels)}`);
  });
}

/** Closures that keep the variable of one turn, change it, and are called later. */
function loopClosures(g) {
  const list = g.name('c');
  const i = g.name('k');
  g.emit(`const ${list} = [];`);
  scoped(g, () => {
    const push = `${list}.push(() => log(${i}${g.pick(['', '++', ' += 10'])}))`;
    const head = g.pick([
      () => `let ${i} = 0; ${i} < 3; ${i}++`,
      () => `let ${i} = 0, early = (${list}.push(() => log(${i})), 1); ${i} < 2; ${i} += early`,
      () => `let ${i} = 0; ${list}.push(() => log(${i})), ${i} < 3; ${list}.push(() => log(${i} + 'u')), ${i}++`,
      () => `const ${i} of ${g.iterable()}`,
      () => `var ${i} = 0; ${i} < 3; ${i}++`,
    ])();
    // Only now: a head that names its own variable would end in the temporal dead zone.
    g.declare(i, 'val');
    const body = g.loopBody([''], () => {
      g.emit(head.startsWith('const') ? `${list}.push(() => log(${i}));` : `${push};`);
      if (g.chance(0.5)) g.emit(`if (${g.condition()}) continue;`);
      if (g.chance(0.4)) {
        const inner = g.name('v');
        g.emit(`let ${inner} = ${g.value()};`);
        g.declare(inner, 'val', { mutable: true });
        g.emit(`${list}.push(() => log(${inner} += log(1)));`);
      }
    });
    g.emit(`for (${head}) ${body}`);
  });
  g.emit(`for (const each of ${list}.slice(0, 12)) each();`);
  if (g.chance(0.4)) g.emit(`${list}.slice(0, 5).forEach((each) => each());`);
}

function labelledBlock(g) {
  const label = g.name('L');
  const jumps = [...g.fn.jumps, { label, loop: false }];
  g.emit(`${label}: ${g.block(() => g.inside({ jumps }, () => g.statements(2, 4)))}`);
}

function switchStatement(g) {
  const on = g.chance(0.6) ? `log(${g.int(0, 3)})` : g.value();
  const jumps = [...g.fn.jumps, { label: '', loop: false }];
  const text = g.block(() => {
    const cases = g.int(2, 4);
    const middle = g.chance(0.7) ? g.int(0, cases - 1) : -1;
    for (let i = 0; i < cases; i++) {
      g.emit(i === middle ? 'default: {' : `case ${g.chance(0.6) ? `log(${i})` : g.value()}: {`);
      const { scope } = g;
      g.scope = { variables: [], parent: scope };
      g.indent++;
      g.inside({ jumps }, () => {
        g.statements(1, 2);
        if (g.chance(0.5)) g.emit('break;');
      });
      g.indent--;
      g.scope = scope;
      g.emit('}');
    }
  });
  g.emit(`switch (${on}) ${text}`);
}

function tryStatement(g) {
  const catches = g.chance(0.75);
  const finallyToo = !catches || g.chance(0.5);
  const body = g.block(() =>
    g.inside({ caught: g.fn.caught + (catches ? 1 : 0) }, () => {
      g.statements(1, 3);
      if (catches && g.chance(0.4)) throwStatement(g);
    }),
  );
  let text = `try ${body}`;
  if (catches) {
    const handled = g.block(() => {
      g.emit('log(error);');
      g.statements(0, 2);
    });
    text += g.chance(0.15) ? ` catch ${g.block(() => g.statements(1, 2))}` : ` catch (error) ${handled}`;
  }
  if (finallyToo) text += ` finally ${g.block(() => g.statements(1, 2))}`;
  g.emit(text);
}

function throwStatement(g) {
  g.emit(`if (${g.condition()}) throw ${g.chance(0.8) ? g.error() : g.value()};`);
}

/** `break` or `continue`, to any label that can be reached. */
function jump(g) {
  const { label, loop } = g.pick(g.fn.jumps);
  // A bare `continue` inside a switch belongs to the loop around it, if there is one.
  const word = loop && g.chance(0.5) ? 'continue' : 'break';
  const text = `${word}${label ? ` ${label}` : ''};`;
  g.emit(g.chance(0.9) ? `if (${g.condition()}) ${text}` : text);
}

function blockFunction(g) {
  const name = g.name('f');
  const params = [];
  const text = g.block(() => {
    g.emit(`log(typeof ${name});`);
    g.emit(g.callableText('function', { name, signature: params, most: 1 }));
    g.declare(name, 'fn', { params });
    g.statements(1, 2);
  });
  if (!g.fn.strict && g.chance(0.5)) g.emit(`log(typeof ${name});`);
  g.emit(text);
  g.emit(`log(typeof ${name});`);
}

function temporalDeadZone(g) {
  const name = g.name('v');
  const body = g.block(() => {
    g.emit(`const early = () => ${name};`);
    g.emit(g.pick([`log(${name});`, 'log(early());', `log(typeof ${name});`, `${name} = log(1);`]));
    g.emit(`let ${name} = ${g.value()};`);
  });
  g.emit(`try ${body} catch (error) {`);
  g.emit('  log(error);');
  g.emit('}');
}

/** A sloppy function of a block is a variable of the block and one of the function around. */
function blockFunctionTwice(g) {
  const name = g.name('f');
  const number = g.name('i');
  const body = g.block(() => {
    g.emit(`log(typeof ${name});`);
    const inner = g.block(() => {
      if (g.chance(0.5)) g.emit(`log(${name}());`);
      if (g.chance(0.3)) g.emit(`const see = () => ${name};`);
      g.emit(`function ${name}() { return log(${number}) + ${g.leaf()}; }`);
      g.statements(0, 1);
      if (g.chance(0.4)) g.emit(`${name} = ${g.value()};`);
      g.emit(`log(typeof ${name});`);
    });
    g.emit(inner);
    g.emit(`log(${name}());`);
  });
  g.emit(`for (let ${number} = 0; ${number} < 2; ${number}++) ${body}`);
  if (g.chance(0.5)) g.emit(`log((() => typeof ${name})());`);
}

/** What the head of a loop declares does not exist for what it walks through. */
function deadHead(g) {
  const name = g.name('v');
  const of = g.pick(['of', 'in']);
  const right = g.pick([`[log(1), ${name}]`, `[() => ${name}, log(2)]`, `[${g.value()}, (() => { ${name} = 1; })()]`]);
  const body = g.block(() => {
    g.emit(`log(typeof ${name} === 'function' ? ${name}() : ${name});`);
    g.statements(0, 1);
  });
  g.emit(`try { for (${g.pick(['let', 'const'])} ${name} ${of} ${right}) ${body} } catch (error) {`);
  g.emit('  log(error);');
  g.emit('}');
}

/** What is returned from a `try` block is called in it. */
function guardedReturn(g) {
  const name = g.name('f');
  const handled = g.block(() => {
    g.emit('log(error);');
    g.emit(`return ${g.leaf()};`);
  });
  const thrower = `(() => { log(0); ${g.chance(0.6) ? `throw new ${g.pick(ERRORS)}('thrown');` : `return ${g.leaf()};`} })`;
  g.emit(`function ${name}() { try { return ${thrower}(); } catch (error) ${handled} }`);
  g.emit(`log(${name}());`);
}

/** Once it has optimised the call, V8 compares short lists in another order. */
function loggedSort(g) {
  const length = g.pick([17, 24, 40]);
  const list = Array.from({ length }, () => g.int(0, 30)).join(', ');
  const compare = g.pick(['log(a) - log(b)', 'log(b - a)', '(log(a) & 3) - (b & 3)', '(log(a) ^ b) - 7']);
  g.emit(`log([${list}].${g.pick(['sort', 'toSorted'])}((a, b) => ${compare}));`);
}

function natureOfFunctions(g) {
  const { name } = g.pick([...g.variables('afn'), ...g.variables('agen')]);
  g.emit(`log([typeof ${name}.prototype, ${name}.constructor.name, Object.prototype.toString.call(${name})]);`);
  g.emit(`try { new ${name}(); } catch (error) {`);
  g.emit('  log(error.name);');
  g.emit('}');
}

function recursion(g) {
  const name = g.name('f');
  const text = g.callableText('function', {
    name,
    arity: 2,
    first() {
      const [n] = g.scope.parent.variables;
      // Whatever comes as the first argument, it is a small number from here on.
      g.emit(`${n.name} = ${n.name} > 3 ? 3 : ${n.name} | 0;`);
      n.mutable = false;
      g.emit(`if (log(${n.name}) <= 0) return ${g.leaf()};`);
      g.emit(`const deep = log(${name}(${n.name} - 1, ${g.value()})) + ${name}(${n.name} - 2);`);
      g.declare('deep', 'val');
    },
  });
  g.emit(text);
  g.declare(name, 'fn', { params: ['val', 'val'] });
  g.emit(`log(${name}(${g.int(1, 3)}, ${g.value()}));`);
}

function mutualRecursion(g) {
  const [even, odd] = [g.name('f'), g.name('f')];
  for (const [one, other] of [
    [even, odd],
    [odd, even],
  ]) {
    const body = g.block(() => {
      g.emit('if (fuel-- <= 0) return false;');
      g.emit(`if (n <= 0) return log('${one}');`);
      g.emit(g.pick([`return ${other}(log(n) - 1);`, `const got = ${other}(n - 1);`]));
      if (g.lines.at(-1).includes('const got'))
        g.emit(
          `return log(got) + ${g.inside({ args: true, awaits: false, yields: false, self: false, home: undefined, privates: undefined }, () => g.leaf())};`,
        );
    });
    g.emit(`function ${one}(n) ${body}`);
  }
  g.emit(`log(${even}(${g.int(1, 6)}));`);
}

function tailCall(g) {
  const name = g.name('f');
  const body = g.block(() => {
    g.emit("'use strict';");
    g.emit('if (fuel-- <= 0) return sum;');
    g.emit(
      g.pick([
        `return n <= 0 ? sum : ${name}(n - 1, log(sum + n));`,
        `return n <= 0 && log(sum) || (log(n), ${name}(n - 1, sum + n));`,
      ]),
    );
  });
  g.emit(`function ${name}(n, sum) ${body}`);
  g.emit(`log(${name}(${g.int(1, 8)}, ${g.int(0, 3)}));`);
}

/** In sloppy functions with simple parameters, `arguments` and the parameters are the same variables. */
function mappedArguments(g) {
  const name = g.name('f');
  g.emit(
    g.callableText('function', {
      name,
      arity: 2,
      first() {
        const [a, b] = g.scope.parent.variables.map((one) => one.name);
        const ways = [
          `arguments[0] = log(${g.value()});`,
          `${a} = ${g.value()};`,
          `(() => { ${b} = log('b'); arguments[0] += 'x'; })();`,
          'delete arguments[0];',
          'arguments.length = 1;',
          `[${a}, arguments[1]] = [arguments[1], ${a}];`,
          `Object.defineProperty(arguments, 0, { value: ${g.value()} });`,
          `const keep = arguments;`,
        ];
        for (let i = g.int(1, 3); i > 0; i--) g.emit(ways.splice(g.int(0, ways.length - 1), 1)[0]);
        g.emit(`log([${a}, ${b}, arguments[0], arguments[1], arguments.length]);`);
      },
    }),
  );
  g.declare(name, 'fn', { params: ['val', 'val'] });
  g.emit(`log(${name}(${g.args(3)}));`);
}

/** An object whose getters, setters and conversions are seen at work. */
function accessors(g) {
  const name = g.name('o');
  const more = { self: true, home: true, privates: undefined };
  const part = (method, prefix, arity) =>
    g.emit(`${prefix}${g.callableText('method', { name: method, arity, more })},`);
  const body = g.block(() => {
    g.emit(`b: ${g.value()},`);
    part('a', 'get ', 0);
    part('a', 'set ', 1);
    part(g.pick(['valueOf', 'toString', '[Symbol.toPrimitive]']), '', 1);
    part('m', '', 1);
  });
  g.emit(`const ${name} = ${body};`);
  g.declare(name, 'obj');
  g.emit(
    `log(${g.pick([`${name}.a += ${g.operand()}`, `${name}.a++`, `${name}.m(${name}.a = ${g.value()})`, `${name}.a ??= ${g.value()}`])});`,
  );
}

function withStatement(g) {
  const scope = g.chance(0.4)
    ? `${g.use('watch')}('${g.name('w')}', { a: ${g.value()}, b: ${g.value()} })`
    : `{ a: ${g.value()}, b: ${g.value()}, m: ${g.callable(1)} }`;
  const body = g.block(() => {
    g.emit(`log(a ${g.pick(['+', '+=', '='])} ${g.value()});`);
    g.emit(g.pick([`log(typeof b);`, `b++;`, `log(typeof m === 'function' && m(a));`, `(() => log(b = a))();`]));
    g.statements(0, 2);
  });
  g.emit(`with (${scope}) ${body}`);
}

function varHoisting(g) {
  const name = g.name('v');
  g.emit(`log(typeof ${name});`);
  g.emit(`if (${g.condition()}) {`);
  g.emit(`  var ${name} = ${g.value()};`);
  g.emit('}');
  g.emit(`log(${name});`);
  g.declare(name, 'val', { mutable: true });
}

// Classes.

/**
 * The body of a class and what comes before it.
 * Every class has a method `m`, fields and accessors among a to d, and three private names.
 */
function classBody(g, parent) {
  const field = `#${g.name('p')}`;
  const privates = { field };
  if (g.chance(0.4)) privates.method = `#${g.name('p')}`;
  if (g.chance(0.3)) privates.accessor = `#${g.name('p')}`;
  const { method, accessor } = privates;
  const base = {
    strict: true,
    yields: false,
    awaits: false,
    returns: false,
    args: false,
    newTarget: true,
    jumps: [],
    caught: 0,
    self: true,
    home: true,
    privates: undefined,
  };
  const inMethod = { ...base, returns: true };
  const member = (kind, name, prefix = '', arity = undefined, first = undefined) => {
    g.fn.privates = privates;
    const more = { strict: true, self: true, home: true };
    g.emit(`${prefix}${g.callableText(kind, { name, arity, most: 2, more, first })}`);
  };
  const text = g.inside({ ...base }, () =>
    g.share(0.7, () =>
      g.block(() => {
        // Before the field itself is there, its initialiser must not use the private names.
        const initialiser = () => g.inside({ ...base, privates: undefined }, () => g.value());
        g.emit(`${field} = ${initialiser()};`);
        for (let i = g.int(0, 2); i > 0; i--) {
          const key = g.key();
          g.emit(`${g.chance(0.2) ? 'static ' : ''}${g.chance(0.3) ? `[${key}]` : g.property()} = ${initialiser()};`);
        }
        if (g.chance(0.8)) constructorOf(g, parent, inMethod, privates);
        member('method', 'm', '', 1, () => {
          if (g.chance(0.6)) g.emit(`log(${g.chance(0.5) ? privateName(g) : superProperty(g)});`);
        });
        if (method !== undefined) member('method', method, '', 1);
        if (accessor !== undefined) {
          member('method', accessor, 'get ', 0);
          member('method', accessor, 'set ', 1);
        }
        if (g.chance(0.4)) {
          const name = g.property();
          member('method', name, 'get ', 0);
          member('method', name, 'set ', 1);
        }
        if (g.chance(0.3)) member('generatorMethod', '[Symbol.iterator]', '', 0);
        g.fn.privates = undefined;
        if (g.chance(0.3))
          g.emit(
            `static ${g.callableText('method', { name: 's', arity: 1, more: { strict: true, self: true, home: true } })}`,
          );
        if (g.chance(0.3)) {
          g.count('static block');
          const block = g.block(() => g.inside({ ...base, newTarget: false, caught: 0 }, () => g.statements(1, 2)));
          g.emit(`static ${block}`);
        }
      }),
    ),
  );
  return text;
}

function constructorOf(g, parent, inMethod, privates) {
  const { scope } = g;
  g.scope = { variables: [], parent: scope };
  const params = g.inside({ ...inMethod, self: false, home: undefined, args: false, newTarget: false }, () =>
    g.parameters(g.int(0, 2), 2),
  );
  // A constructor has no fuel to return by: what it returned would replace the object.
  const made = g.block(() => {
    if (parent !== undefined) {
      const before = { ...inMethod, self: false, home: undefined, privates: undefined, returns: false, args: true };
      g.inside(before, () => {
        if (g.chance(0.3)) g.emit(`log(${g.value()});`);
        const list = g.args(2);
        const call = `super(${list})`;
        g.emit(
          g.pick([
            `${call};`,
            `${call};`,
            `log(typeof ${call});`,
            `(() => ${call})();`,
            `try {\n${'  '.repeat(g.indent + 1)}${call};\n${'  '.repeat(g.indent)}} finally {\n${'  '.repeat(g.indent + 1)}log('constructed');\n${'  '.repeat(g.indent)}}`,
            `if (flip()) ${call}; else super();`,
          ]),
        );
        g.use('flip');
      });
    }
    g.inside({ ...inMethod, returns: false, args: true, privates }, () => {
      g.emit(`this.${g.property()} = ${g.value()};`);
      g.statements(0, 2);
    });
  });
  g.scope = scope;
  g.emit(`constructor(${params}) ${made}`);
}

function classDeclaration(g) {
  const classes = g.variables('cls');
  const parent = classes.length > 0 && g.chance(0.6) ? g.pick(classes).name : undefined;
  const name = g.name('C');
  const text = classBody(g, parent);
  const heritage = parent === undefined ? '' : ` extends ${g.chance(0.2) ? `(log('heritage'), ${parent})` : parent}`;
  // What a class runs while it is defined may throw, and at the top level nothing would catch that.
  if (g.indent === 0) {
    g.emit(`var ${name} = class { m() {} };`);
    g.emit(`try {`);
    g.emit(`  ${name} = class ${name}${heritage} ${text.replaceAll('\n', '\n  ')};`);
    g.emit(`} catch (error) {`);
    g.emit(`  log(error);`);
    g.emit(`}`);
  } else {
    g.emit(g.chance(0.7) ? `class ${name}${heritage} ${text}` : `const ${name} = class${heritage} ${text};`);
  }
  g.declare(name, 'cls');
  if (g.indent > 0) {
    const object = g.name('o');
    g.emit(`const ${object} = new ${name}(${g.args(2)});`);
    g.declare(object, 'inst');
    g.emit(`log(${object}.m(${g.args(1)}));`);
  }
}

/** A class as it was written before there were classes. */
function constructorFunction(g) {
  const name = g.name('C');
  const body = g.block(() => {
    g.emit(`if (!new.target) return new ${name}(x);`);
    g.inside(
      {
        self: true,
        args: true,
        newTarget: true,
        yields: false,
        awaits: false,
        returns: false,
        jumps: [],
        caught: 0,
        home: undefined,
        privates: undefined,
      },
      () => {
        g.declare('x', 'val', { mutable: true });
        g.emit(`this.${g.property()} = ${g.value()};`);
        g.statements(0, 2);
      },
    );
    if (g.chance(0.2)) g.emit(`if (${g.use('flip')}()) return ${g.pick(['{ a: log(9), m() {} }', '1'])};`);
  });
  g.emit(`function ${name}(x) ${body}`);
  g.emit(
    `${name}.prototype.m = ${g.callableText('function', { arity: 1, more: { self: true, privates: undefined } })};`,
  );
  g.declare(name, 'cls');
  const object = g.name('o');
  g.emit(`const ${object} = ${g.pick(['new ', ''])}${name}(${g.args(1)});`);
  g.declare(object, 'inst');
}

// Async code.

function asyncFunction(g) {
  const name = g.name('f');
  const params = [];
  const kind = g.pick(['async', 'asyncArrow']);
  if (kind === 'async') g.emit(g.callableText(kind, { name, signature: params }));
  else g.emit(`const ${name} = ${g.callableText(kind, { signature: params })};`);
  tryOut(g, g.declare(name, 'afn', { params }));
}

function asyncGenerator(g) {
  const name = g.name('g');
  const params = [];
  const first = () => {
    const body = g.block(() => {
      g.emit(`log(yield ${g.value()});`);
      g.emit(`log(await ${g.promise()});`);
    });
    g.emit(
      `try ${body} finally ${g.block(() => g.emit(g.pick([() => `log('finally ${name}');`, () => `await ${g.promise()};`, () => `yield ${g.value()};`])()))}`,
    );
  };
  g.emit(g.callableText('asyncGenerator', { name, signature: params, first }));
  tryOut(g, g.declare(name, 'agen', { params }));
}

function asyncGeneratorSteps(g) {
  const made = g.invoke(g.pick(g.variables('agen')));
  g.emit(`await ${g.use('driveAsync')}('${g.name('s')}', ${made}, ${steps(g)});`);
}

function forAwait(g) {
  scoped(g, () => {
    const { text, labels } = g.label();
    const generators = g.variables('agen');
    const from =
      generators.length > 0 && g.chance(0.6)
        ? g.invoke(g.pick(generators))
        : g.chance(0.5)
          ? `[${g.promise()}, ${g.value()}]`
          : g.iterable();
    const name = g.name('v');
    g.declare(name, 'val');
    g.emit(`${text}for await (const ${name} of ${from}) ${g.loopBody(labels)}`);
  });
}

function concurrentAwaits(g) {
  const list = Array.from({ length: g.int(1, 3) }, () => g.promise());
  g.emit(`log(await Promise.${g.pick(['all', 'allSettled'])}([${list.join(', ')}]));`);
}

function awaitsInTry(g) {
  const body = g.block(() =>
    g.inside({ caught: g.fn.caught + 1 }, () => {
      g.emit(`log(await ${g.chance(0.4) ? `Promise.reject(${g.error()})` : g.promise()});`);
      g.statements(0, 2);
    }),
  );
  const handled = g.block(() => {
    g.emit('log(error);');
    g.emit(`log(await ${g.promise()});`);
  });
  const last = g.block(() => {
    g.emit(`log(await ${g.value()});`);
    g.statements(0, 1);
  });
  g.emit(`try ${body} catch (error) ${handled}${g.chance(0.6) ? ` finally ${last}` : ''}`);
}

/**
 * Makes a program and tells what is in it.
 * @param {number} seed
 * @param {{size?: number, strict?: boolean, async?: boolean, without?: string[]}} options
 *   `size`: about how many expressions and statements; `without`: names of productions that must not occur
 */
function explain(seed, options = {}) {
  const generator = new Generator(seed, options);
  const source = generator.program();
  return { source, strict: generator.strict, async: generator.async, features: generator.features };
}

/** Makes a program: the same for the same seed and options. */
function generate(seed, options) {
  return explain(seed, options).source;
}

const features = [VALUES, OBJECTS, ARRAYS, ITERABLES, FUNCTIONS, PROMISES, STATEMENTS].flatMap((table) =>
  table.map(([name]) => name),
);

module.exports = { generate, explain, features };
