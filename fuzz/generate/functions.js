'use strict';

// Productions: what functions do with themselves.

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

module.exports = { accessors, mappedArguments, mutualRecursion, recursion, tailCall, varHoisting, withStatement };
