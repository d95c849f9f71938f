'use strict';

// Names of variables that compiled code has itself.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { run, shutdown, spawn } = require('../lib/index.js');

describe('names that are those of compiled code', () => {
  after(() => shutdown());

  for (const form of ['coroutine', 'storm']) {
    it(`are refused (${form})`, async () => {
      for (const name of ['þp', 'þ1', 'þv', 'þ1_x', 'þlist']) {
        for (const source of [
          `\nlet ${name} = 1;`,
          `\nfunction f(${name}) {}`,
          `\n${name}()`,
          `\n(class ${name} {})`,
        ]) {
          await assert.rejects(
            run(source, { form, filename: 'thorn.js' }),
            (error) =>
              error.name === 'SyntaxError' &&
              error.message.includes(`\`${name}\` is a name of compiled code`) &&
              `${error.message}${error.stack}`.includes('thorn.js:2'),
            source,
          );
        }
      }
      await assert.rejects(
        spawn.with({ form })(() => {
          const þu = 1;
          return þu;
        }),
        /`þu` is a name of compiled code/,
      );
    });

    it(`may be those of properties and labels, and other names may begin alike (${form})`, async () => {
      const source = `
        const þing = { þp: 1, þlist() { return this.þp; } };
        const f = (þegar) => { for (let i = 0; i < 2; i++); return þegar; };
        þu: for (;;) break þu;
        [f(2), þing.þlist(), f(þing).þp].join();`;
      assert.equal(await run(source, { form }), '2,1,1');
    });
  }

  it('are as all others in plain form', async () => {
    assert.equal(await run('let þp = 1; þp + 1', { form: 'plain' }), 2);
  });
});
