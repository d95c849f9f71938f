'use strict';

// Productions: classes.

const { privateName, superProperty } = require('./expressions.js');

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

module.exports = { classBody, classDeclaration, constructorFunction };
