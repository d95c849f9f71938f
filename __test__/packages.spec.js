'use strict';

// Well-known packages do in tasks what they do in Node: each function here runs in both.

const assert = require('node:assert/strict');
const { chdir, cwd } = require('node:process');
const { join } = require('node:path');
const { describe, it, after, before } = require('node:test');
const { shutdown, spawn } = require('../lib/index.js');

// `require` and `import()` of tasks look from here.
const here = cwd();
before(() => chdir(join(__dirname, '..')));
after(() => {
  chdir(here);
  return shutdown();
});

const programs = {
  lodash() {
    const _ = require('lodash');
    const people = [
      { n: 'a', age: 3 },
      { n: 'b', age: 1 },
      { n: 'c', age: 3 },
    ];
    return [
      _.groupBy(people, 'age'),
      _.sortBy(people, ['age', 'n']),
      _.chain(people).map('n').reverse().value(),
      _.merge({ a: { b: 1 } }, { a: { c: [1, 2] } }),
      _.template('hello <%= name %>')({ name: 'you' }),
      _.isEqual({ a: [1, new Date(0)] }, { a: [1, new Date(0)] }),
      _.debounce(() => 1).name,
      _.words('fooBar baz_qux'),
    ];
  },
  semver() {
    const semver = require('semver');
    const versions = ['1.2.3', '1.10.0', '2.0.0-rc.1', '2.0.0'];
    return [
      semver.sort([...versions]),
      semver.maxSatisfying(versions, '^1.2'),
      semver.inc('1.2.3', 'minor'),
      semver.satisfies('1.2.3', '1.x || >=2.5.0'),
      semver.coerce('v3.4').version,
      semver.validRange('nonsense'),
    ];
  },
  async 'date-fns'() {
    const { addDays, differenceInDays, format, parseISO, startOfMonth } = await import('date-fns');
    const date = parseISO('2024-02-28T12:00:00');
    return [
      format(addDays(date, 2), 'yyyy-MM-dd EEEE'),
      differenceInDays(date, startOfMonth(date)),
      format(date, 'PPPP'),
    ];
  },
  dayjs() {
    const dayjs = require('dayjs');
    dayjs.extend(require('dayjs/plugin/duration'));
    return [
      dayjs('2024-01-31').add(1, 'month').format('YYYY-MM-DD'),
      dayjs('2024-05-05').isAfter('2024-05-04'),
      dayjs.duration(90, 'minutes').asHours(),
    ];
  },
  async zod() {
    const { z } = await import('zod');
    const schema = z.object({
      name: z.string().min(2),
      age: z.number().int().optional(),
      tags: z.array(z.enum(['a', 'b'])),
    });
    const wrong = schema.safeParse({ name: 'x', age: 1.5, tags: ['c'] });
    return [
      schema.parse({ name: 'ok', tags: ['a'] }),
      wrong.success,
      wrong.error.issues.map(({ path, code }) => [path, code]),
    ];
  },
  async immer() {
    const { produce, produceWithPatches, enablePatches } = await import('immer');
    enablePatches();
    const base = { list: [1, 2], deep: { x: 1 } };
    const next = produce(base, (draft) => {
      draft.list.push(3);
    });
    const [, patches] = produceWithPatches(base, (draft) => {
      draft.deep.x = 2;
      delete draft.list[0];
    });
    return [next, base.list.length, next.deep === base.deep, Object.isFrozen(next), patches];
  },
  ajv() {
    const Ajv = require('ajv');
    const ajv = new Ajv({ allErrors: true });
    const validate = ajv.compile({
      type: 'object',
      properties: { id: { type: 'integer', minimum: 1 }, name: { type: 'string', pattern: '^[a-z]+$' } },
      required: ['id', 'name'],
      additionalProperties: false,
    });
    return [
      validate({ id: 1, name: 'abc' }),
      validate({ id: 0, name: 'A', x: 1 }),
      validate.errors.map((e) => e.message),
    ];
  },
  async marked() {
    const { marked } = await import('marked');
    return marked.parse('# Title\n\n- one\n- **two** `code`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[link](http://x.y)');
  },
  async 'js-yaml'() {
    const { dump, load } = await import('js-yaml');
    const text = 'a: [1, 2, {b: c}]\nd: |\n  lines\n  here\ne: &x 5\nf: *x\n';
    let failed;
    try {
      load('a: [1');
    } catch (error) {
      failed = error.name;
    }
    return [load(text), dump({ z: [1, { y: null }], s: 'a: b' }), failed];
  },
  commander() {
    const { Command } = require('commander');
    const program = new Command('tool').exitOverride().configureOutput({ writeErr() {} });
    program.option('-p, --port <number>', 'port', Number, 80).option('--no-color').argument('<files...>');
    program.parse(['-p', '8080', '--no-color', 'a', 'b'], { from: 'user' });
    let code;
    try {
      program.parse(['--nope'], { from: 'user' });
    } catch (error) {
      code = error.code;
    }
    return [program.opts(), program.args, code, program.helpInformation()];
  },
  acorn() {
    const acorn = require('acorn');
    const tree = acorn.parse('const f = async (a, ...b) => { for await (const x of a) yield_(x ?? b); };', {
      ecmaVersion: 'latest',
    });
    let message;
    try {
      acorn.parse('let = =', { ecmaVersion: 2020 });
    } catch (error) {
      message = error.message;
    }
    return [
      JSON.stringify(tree),
      message,
      [...acorn.tokenizer('1 + /x/g', { ecmaVersion: 6 })].map((t) => t.type.label),
    ];
  },
  handlebars() {
    const Handlebars = require('handlebars');
    Handlebars.registerHelper('loud', (text) => String(text).toUpperCase());
    const template = Handlebars.compile(
      '{{#each list}}{{@index}}:{{loud name}}{{#unless @last}}, {{/unless}}{{/each}} {{{raw}}} {{esc}}',
    );
    return template({ list: [{ name: 'a' }, { name: 'b' }], raw: '<b>', esc: '<i>' });
  },
  'bignumber.js'() {
    const module = require('bignumber.js');
    const BigNumber = module.BigNumber ?? module;
    return [
      new BigNumber('0.1').plus('0.2').toString(),
      new BigNumber(2).pow(200).toFixed(),
      new BigNumber(1).div(3).toFixed(30),
      new BigNumber('123456789.987654321').toFormat(2),
    ];
  },
  immutable() {
    const { Map: IMap, List, fromJS, is } = require('immutable');
    const map = IMap({ a: 1 }).set('b', List([1, 2, 3]));
    return [
      map.updateIn(['b', 1], (x) => x * 10).toJS(),
      is(fromJS({ x: [1] }), fromJS({ x: [1] })),
      List([3, 1, 2]).sort().toArray(),
      map.toString(),
    ];
  },
  async ramda() {
    const R = await import('ramda');
    return [
      R.pipe(R.map(R.multiply(2)), R.filter(R.lt(3)), R.sum)([1, 2, 3]),
      R.groupBy((n) => (n % 2 ? 'odd' : 'even'), [1, 2, 3]),
      R.over(R.lensPath(['a', 'b']), R.inc, { a: { b: 1 } }),
      R.curry((a, b, c) => a + b + c)(1)(2, 3),
    ];
  },
  async rxjs() {
    const { from, interval, lastValueFrom } = require('rxjs');
    const { map, mergeMap, reduce, take, toArray } = require('rxjs/operators');
    const first = from([1, 2, 3]).pipe(
      mergeMap((n) => from([n, n * 10])),
      reduce((a, b) => a + b, 0),
    );
    const second = interval(1).pipe(
      map((n) => n * n),
      take(4),
      toArray(),
    );
    return [await lastValueFrom(first), await lastValueFrom(second)];
  },
  async 'p-limit'() {
    const { default: pLimit } = await import('p-limit');
    const limit = pLimit(2);
    let active = 0;
    let most = 0;
    const job = (n) =>
      limit(async () => {
        most = Math.max(most, ++active);
        await new Promise((resolve) => setTimeout(resolve, 2));
        active--;
        return n * 2;
      });
    return [await Promise.all([1, 2, 3, 4, 5].map(job)), most];
  },
  validator() {
    const validator = require('validator');
    return [
      validator.isEmail('me@example.com'),
      validator.isURL('https://x.y/z?q=1'),
      validator.isUUID('not'),
      validator.escape('<a>'),
      validator.isCreditCard('4111111111111111'),
      validator.isISO8601('2024-02-30', { strict: true }),
    ];
  },
  async chalk() {
    const { Chalk } = await import('chalk');
    const chalk = new Chalk({ level: 1 });
    return [chalk.red.bold('x'), chalk.bgBlue(`a ${chalk.green('b')} c`), new Chalk({ level: 0 }).red('plain')];
  },
};

for (const [name, program] of Object.entries(programs)) {
  describe(name, () => {
    for (const form of ['coroutine', 'storm', 'plain']) {
      it(form, async () => {
        const expected = await program();
        assert.deepEqual(await spawn.with({ form, isolate: 'private' })(program), structuredClone(expected));
      });
    }
  });
}
