'use strict';

// The state of a program that is being made: what it has declared, and how much may come.

const { CORE, HELPERS } = require('../helpers.js');
const { asyncFunction, asyncGenerator } = require('./asynchronous.js');
const { classBody, classDeclaration } = require('./classes.js');
const { declaration, functionDeclaration, generatorDeclaration } = require('./declarations.js');
const { arrayPattern, objectPattern } = require('./patterns.js');
const { ARRAYS, FUNCTIONS, ITERABLES, OBJECTS, PROMISES, STATEMENTS, VALUES } = require('./productions.js');
const { Random } = require('./random.js');
const { COMPARISONS, ERRORS, LITERALS, PROPERTIES } = require('./words.js');

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

module.exports = { Generator };
