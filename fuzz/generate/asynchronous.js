'use strict';

// Productions: async functions and generators.

const { steps, tryOut } = require('./declarations.js');
const { scoped } = require('./statements.js');

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

module.exports = { asyncFunction, asyncGenerator, asyncGeneratorSteps, awaitsInTry, concurrentAwaits, forAwait };
