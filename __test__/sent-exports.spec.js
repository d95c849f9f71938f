'use strict';

// Functions that tasks send to other isolates, and what modules export: it goes along as code or as a value, or is imported where it is
// received.

const assert = require('node:assert/strict');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, before, describe, it } = require('node:test');
const { Isolate, chan, configure, shutdown, spawn, stats } = require('../lib/index.js');

configure({ threads: 1 });

const FILES = {
  'plain.js': `
    const BASE = 3;
    function helper(x) { return x + BASE; }
    class Counter { constructor() { this.count = BASE; } next() { return ++this.count; } }
    let calls = 0;
    Object.assign(exports, {
      helper, Counter, LIMIT: 10, data: { list: [1, { two: 2 }] }, table: { helper },
      call: () => ++calls, through: (x) => exports.helper(x) + exports.LIMIT, symbol: Symbol('s'),
    });`,
  'double.js': 'module.exports = (x) => x * 2;',
  'data.json': '{ "limit": 7, "list": [1, 2] }',
  'module.mjs': `
    export const LIMIT = 10, data = { list: [1, { two: 2 }] };
    export function helper(x) { return x + LIMIT; }
    export const arrow = (x) => helper(x) * 2;
    export class Counter { count = LIMIT; next() { return ++this.count; } }
    export let live = 1;
    export const change = () => ++live;
    export const table = { helper };
    export default (x) => x * 3;`,
  'function.mjs': 'export default function (x) { return x * 4; }',
  'class.mjs': 'export default class { five() { return 5; } }',
  'object.mjs': 'export default { one: 1, add(x) { return x + this.one; } };',
  'again.mjs': `export { helper as other, default as third } from './module.mjs'; export * from './module.mjs';`,
  'commonjs.cjs': `
    const { helper, Counter, LIMIT, data, table, through, call } = require('./plain.js');
    const plain = require('./plain.js');
    const double = require('./double.js');
    const json = require('./data.json');
    const path = require('path');
    const own = (x) => x + 1;
    const local = { n: 1 };
    exports.own = own;
    exports.kept = { n: 1 };
    exports.cases = {
      aFunction(c) { c.send(() => helper(1)); },
      aClass(c) { c.send(() => new Counter().next()); },
      aNumber(c) { c.send(() => LIMIT); },
      anObject(c) { c.send(() => data.list[1].two); },
      functionsInAnObject(c) { c.send(() => table.helper(1)); },
      all(c) { c.send(() => plain.helper(1) + plain.LIMIT); },
      theOnly(c) { c.send(() => double(4)); },
      json(c) { c.send(() => json.limit + json.list.length); },
      nodes(c) { c.send(() => path.join('a', 'b')); },
      ownFunction(c) { c.send(() => own(1)); },
      ownByExports(c) { c.send(() => exports.own(1)); },
      requireInside(c) { c.send(() => require('./plain.js').helper(1)); },
      itself(c) { c.send(helper); },
      itselfOfExports(c) { c.send(through); },
      itselfTheOnly(c) { c.send(double); },
      inAnObject(c) { c.send({ run: () => helper(2) }); },
      state(c) { c.send(() => [call(), call()].join()); },
      aSymbol(c) { const { symbol } = plain; c.send(() => symbol); },
      noExport(c) { c.send(() => local.n); },
      theModule(c) { c.send(() => module.exports.own(1)); },
    };`,
  'imports.mjs': `
    import { LIMIT, helper, arrow, data, Counter, live, table } from './module.mjs';
    import triple from './module.mjs';
    import quadruple from './function.mjs';
    import Five from './class.mjs';
    import object from './object.mjs';
    import * as all from './module.mjs';
    import plain, { helper as plainHelper, LIMIT as PLAIN_LIMIT, data as plainData } from './plain.js';
    import { other, third, arrow as starred } from './again.mjs';
    import path, { join } from 'node:path';
    export const cases = {
      aNumber(c) { c.send(() => LIMIT); },
      aFunction(c) { c.send(() => helper(1)); },
      anArrow(c) { c.send(() => arrow(1)); },
      anObject(c) { c.send(() => data.list[1].two); },
      aClass(c) { c.send(() => new Counter().next()); },
      functionsInAnObject(c) { c.send(() => table.helper(1)); },
      defaultArrow(c) { c.send(() => triple(1)); },
      defaultFunction(c) { c.send(() => quadruple(1)); },
      defaultClass(c) { c.send(() => new Five().five()); },
      defaultObject(c) { c.send(() => object.add(1)); },
      all(c) { c.send(() => all.helper(1) + all.LIMIT); },
      commonJs(c) { c.send(() => plain.helper(1) + plain.LIMIT); },
      namesOfCommonJs(c) { c.send(() => [plainHelper(1), PLAIN_LIMIT, plainData.list[0]].join()); },
      exportedAgain(c) { c.send(() => [other(1), third(1), starred(1)].join()); },
      nodes(c) { c.send(() => path.join('a', join('b', 'c'))); },
      itself(c) { c.send(helper); },
      itselfDefaultArrow(c) { c.send(triple); },
      itselfDefaultFunction(c) { c.send(quadruple); },
      assignedAgain(c) { c.send(() => live); },
    };`,
};

/** What each case gives where it is received; errors as what their messages match. */
const EXPECTED = {
  'commonjs.cjs': {
    aFunction: 4,
    aClass: 4,
    aNumber: 10,
    anObject: 2,
    functionsInAnObject: 4,
    all: 14,
    theOnly: 8,
    json: 9,
    nodes: 'a/b',
    ownFunction: 2,
    ownByExports: 2,
    requireInside: 4,
    itself: 4,
    itselfOfExports: 14,
    itselfTheOnly: 2,
    inAnObject: 5,
    state: /^\d+,\d+$/,
    aSymbol:
      /it captures `symbol`, a symbol: pass data instead, or a function that captures only constants and what modules export/,
    noExport: /it captures `local`, an object, which it shares with the code around it: pass data instead, or/,
    theModule: /it captures `module`, an object/,
  },
  'imports.mjs': {
    aNumber: 10,
    aFunction: 11,
    anArrow: 22,
    anObject: 2,
    aClass: 11,
    functionsInAnObject: 11,
    defaultArrow: 3,
    defaultFunction: 4,
    defaultClass: 5,
    defaultObject: 2,
    all: 21,
    commonJs: 14,
    namesOfCommonJs: '4,10,1',
    exportedAgain: '11,3,22',
    nodes: 'a/b/c',
    itself: 11,
    itselfDefaultArrow: 3,
    itselfDefaultFunction: 4,
    assignedAgain: /it captures `live`, which the module that exports it assigns again: copy it into a constant/,
  },
};

describe('functions that are sent, and what modules export', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sent-exports-'));
  let isolate;
  before(() => {
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
    isolate = new Isolate();
  });
  after(async () => {
    await shutdown();
    rmSync(folder, { recursive: true });
  });

  /** What a function of a module sends, called in another isolate; or in the same. */
  async function give(file, name, where, form) {
    const [jobs, reply] = [chan(1), chan(1)];
    const receiver = where.with({ form })(
      async (jobs, reply) => {
        const { value: job, done } = jobs.next();
        if (done) return;
        const run = typeof job === 'function' ? job : job.run;
        reply.send(run.length === 0 ? run() : run(1));
      },
      jobs,
      reply,
    );
    const error = await spawn.with({ form })(
      async (file, name, jobs) => {
        const { cases } = await import(file);
        try {
          cases[name](jobs);
          return undefined;
        } catch (error) {
          jobs.close();
          return `${error.name}: ${error.message}`;
        }
      },
      file,
      name,
      jobs,
    );
    await receiver;
    return error ?? (await reply.recv());
  }

  for (const form of ['coroutine', 'storm']) {
    for (const [file, cases] of Object.entries(EXPECTED)) {
      for (const [name, expected] of Object.entries(cases)) {
        it(`${file}: ${name} (${form})`, { timeout: 20_000 }, async () => {
          for (const where of [isolate.spawn, spawn]) {
            const got = await give(join(folder, file), name, where, form);
            if (expected instanceof RegExp) assert.match(String(got), expected);
            else assert.equal(got, expected);
          }
        });
      }
    }
  }

  it('in tasks that tasks start they stay where the state of their module is', async () => {
    const before = stats().isolates.reduce((sum, { children }) => sum + children, 0);
    const calls = await spawn(
      async (file) => {
        const { call } = (await import(file)).default;
        const tasks = [];
        for (let i = 0; i < 4; i++) tasks.push(spawn(() => call()));
        return tasks.map((task) => task.join());
      },
      join(folder, 'plain.js'),
    );
    const first = Math.min(...calls);
    assert.deepEqual(
      calls.sort((a, b) => a - b),
      [0, 1, 2, 3].map((i) => first + i),
    );
    assert.equal(
      stats().isolates.reduce((sum, { children }) => sum + children, 0),
      before + 4,
    );
  });
});
