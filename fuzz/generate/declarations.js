'use strict';

// Productions: declarations of variables and functions.

const { arrayPattern, objectPattern } = require('./patterns.js');

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

module.exports = {
  declaration,
  declareOf,
  destructuringDeclaration,
  functionDeclaration,
  functionVariable,
  generatorDeclaration,
  generatorSteps,
  steps,
  tryOut,
};
