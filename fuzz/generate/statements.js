'use strict';

// Productions: statements.

const { arrayPattern, objectPattern } = require('./patterns.js');
const { ERRORS } = require('./words.js');

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

/** A `try` without calls, which the compiler leaves as it is, and jumps that override each other. */
function quietTry(g) {
  const leave = () => {
    const ways = ['null.x;'];
    if (g.fn.returns) ways.push(`return ${g.leaf()};`, `return [${g.leaf()}];`);
    for (const { label, loop } of g.fn.jumps)
      ways.push(`${loop && g.chance(0.5) ? 'continue' : 'break'}${label ? ` ${label}` : ''};`);
    const way = g.pick(ways);
    return g.chance(0.4) ? way : `if (typeof ${g.leaf()} ${g.pick(['===', '!=='])} 'number') ${way}`;
  };
  const part = () => g.block(() => g.emit(leave()));
  const handler = () => (g.chance(0.4) ? ` catch ${part()}` : '');
  const inner = `try ${part()}${handler()} finally ${part()}`;
  g.emit(g.chance(0.6) ? inner : `try {\n${inner}\n} ${g.pick(['catch', 'finally'])} ${part()}`);
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

module.exports = {
  blockFunction,
  blockFunctionTwice,
  deadHead,
  doWhileStatement,
  forInStatement,
  forOfPattern,
  forOfStatement,
  forStatement,
  guardedReturn,
  ifStatement,
  jump,
  labelledBlock,
  loggedSort,
  loopClosures,
  natureOfFunctions,
  scoped,
  switchStatement,
  temporalDeadZone,
  throwStatement,
  tryStatement,
  quietTry,
  whileStatement,
};
