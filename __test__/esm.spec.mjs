import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Chalk } from 'chalk';
import { addDays, format as formatted } from 'date-fns';
import { nothing, produce } from 'immer';
import _ from 'lodash';
import { marked } from 'marked';
import * as R from 'ramda';
import { from, map, toArray } from 'rxjs';
import { z } from 'zod';
import api, * as named from '../lib/index.mjs';
import common from './fixtures/own-modules/meter.cjs';
import meter, { round, settings, show } from './fixtures/own-modules/meter.mjs';

const { spawn, shutdown } = named;
const { show: showCommon } = common;
after(() => shutdown());

describe('the ES module', () => {
  it('exports what the CommonJS module does, the same objects', () => {
    const required = createRequire(import.meta.url)('../lib/index.js');
    assert.deepEqual(Object.keys(named).sort(), [...Object.keys(required), 'default'].sort());
    for (const [name, value] of Object.entries(required)) assert.equal(named[name], value);
    assert.equal(api, required);
  });

  it('runs functions of ES modules, whose errors point into them', async () => {
    const error = await spawn(() => {
      throw new Error('from a module');
    }).then(assert.fail, (reason) => reason);
    assert.match(error.stack, new RegExp(`${fileURLToPath(import.meta.url)}:\\d+:\\d+`));
    assert.equal(error.stack.includes('hertzscript'), error.stack.includes('/hertzscript'));
  });

  for (const form of ['coroutine', 'storm', 'plain']) {
    const start = spawn.with({ form });

    it(`imports in a task of form ${form} what the module of a function imports from packages`, async () => {
      const day = (n) => formatted(addDays(new Date(2024, 1, 27, 12), n), 'yyyy-MM-dd');
      const list = await start(async () => [
        day(2),
        z.object({ name: z.string() }).safeParse({ name: 1 }).success,
        produce({ a: 1 }, (draft) => {
          draft.a = 2;
        }),
        produce({ a: 1 }, () => nothing),
        _.chunk([1, 2, 3], 2),
        marked.parse('*a*'),
        R.map(R.add(1), [1, 2]),
        new Chalk({ level: 1 }).red('x'),
        await new Promise((resolve) =>
          from([1, 2])
            .pipe(
              map((n) => n * 2),
              toArray(),
            )
            .subscribe(resolve),
        ),
      ]);
      assert.deepEqual(list, [
        '2024-02-29',
        false,
        { a: 2 },
        undefined,
        [[1, 2], [3]],
        '<p><em>a</em></p>\n',
        [2, 3],
        '\u001b[31mx\u001b[39m',
        [2, 4],
      ]);
    });
  }

  for (const form of ['coroutine', 'storm', 'plain']) {
    const start = spawn.with({ form });

    it(`imports modules of the program in a task of form ${form} where what they export cannot be sent`, async () => {
      settings.digits = 2;
      const own = (length) => show(length);
      assert.deepEqual(await start(() => [own(1), meter.show(2), round(3)]), ['1 m', '2 m', '3.00']);
      assert.deepEqual(await start((f) => f(3), own), '3 m');
      assert.deepEqual(await start(() => [showCommon(4), common.meter.show(5)]), ['4 m', '5 m']);
    });
  }

  it('says what is wrong where the program itself exports what cannot be sent', () => {
    const kept = {
      arrow() {
        return () => this;
      },
    }.arrow();
    assert.throws(() => spawn(() => kept()), { name: 'CaptureError', message: /captures 'this'/ });
  });

  it('copies values that are no objects, and its own functions and their data', async () => {
    const { length } = R.range(0, 3);
    const own = (x) => R.identity(x) + length;
    assert.equal(await spawn(() => own(1)), 4);
  });
});
