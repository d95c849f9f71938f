'use strict';

// A shop's evening, in CommonJS: orders are checked, priced and put into reports, each in a task of its own.
//
//   node commonjs/index.cjs            in tasks
//   node commonjs/index.cjs storm      the same, suspended wherever that is possible
//   node commonjs/index.cjs node       without tasks, to compare

const { shutdown, spawn } = require('@hertzscript/isolate');
const acorn = require('acorn');
const Ajv = require('ajv');
const dayjs = require('dayjs');
const duration = require('dayjs/plugin/duration');
const Decimal = require('decimal.js');
const Handlebars = require('handlebars');
const { List, Map: ImmutableMap } = require('immutable');
const _ = require('lodash');
const Mustache = require('mustache');
const Papa = require('papaparse');
const qs = require('qs');
const semver = require('semver');
const validator = require('validator');
const orders = require('../orders.json');

const form = process.argv[2] ?? 'coroutine';
const start = form === 'node' ? async (job, ...args) => job(...args) : spawn.with({ form });

/** What an order must look like. */
const schema = {
  type: 'object',
  properties: {
    id: { type: 'integer', minimum: 1 },
    lines: { type: 'array', minItems: 1, items: { type: 'object', required: ['sku', 'count', 'price'] } },
  },
  required: ['id', 'customer', 'lines'],
};

function check(order) {
  const validate = new Ajv({ allErrors: true }).compile(schema);
  const problems = validate(order)
    ? []
    : validate.errors.map(({ instancePath, message }) => `${instancePath} ${message}`);
  if (!validator.isEmail(order.customer)) problems.push(`${order.customer} is no address`);
  return problems;
}

const total = (order) =>
  order.lines.reduce((sum, { count, price }) => sum.plus(new Decimal(price).times(count)), new Decimal(0)).toFixed(2);

const bill = '{{#each lines}}{{count}} x {{sku}}{{#unless @last}}, {{/unless}}{{/each}}: {{total}}';

const jobs = {
  problems: (list) => list.map((order) => [order.id, check(order)]),
  totals: (list) => Object.fromEntries(list.map((order) => [order.id, total(order)])),
  customers(list) {
    const grouped = _.groupBy(list, 'customer');
    return _(grouped).mapValues('length').toPairs().sortBy(1, 0).value();
  },
  bills(list) {
    const template = Handlebars.compile(bill);
    return list.map((order) => template({ ...order, total: total(order) }));
  },
  letters: (list) =>
    list.map((order) =>
      Mustache.render('Dear {{customer}},{{#lines}} {{sku}}{{/lines}}{{^lines}} nothing{{/lines}}', order),
    ),
  days(list) {
    dayjs.extend(duration);
    const times = list.map(({ at }) => dayjs(at));
    return [
      times.map((time) => time.add(1, 'month').toISOString()),
      dayjs.duration(times.at(-1).diff(times[0])).asHours(),
    ];
  },
  table(list) {
    const rows = list.flatMap(({ id, lines }) => lines.map((line) => ({ id, ...line })));
    const text = Papa.unparse(rows, { newline: '\n' });
    return [text, Papa.parse(text, { header: true, dynamicTyping: true }).data];
  },
  stock(list) {
    let stock = ImmutableMap({ tea: 20, cup: 5, pot: 1 });
    for (const { sku, count } of list.flatMap(({ lines }) => lines)) stock = stock.update(sku, (left) => left - count);
    return [stock.toJS(), List(stock.keys()).sort().join()];
  },
  links: (list) => list.map(({ id, lines }) => qs.stringify({ id, lines }, { encodeValuesOnly: true })),
  parsed: (list) => qs.parse(qs.stringify({ deep: list[0] })),
  releases: (versions) => [
    semver.sort([...versions]),
    semver.maxSatisfying(versions, '^2.1'),
    semver.inc(versions[0], 'minor'),
  ],
  formula(text) {
    const names = new Set();
    for (const token of acorn.tokenizer(text, { ecmaVersion: 'latest' }))
      if (token.type.label === 'name') names.add(token.value);
    return [[...names], acorn.parseExpressionAt(text, 0, { ecmaVersion: 'latest' }).type];
  },
};

const inputs = { releases: ['2.10.0', '2.9.1', '3.0.0-rc.1'], formula: '(count, price) => count * price - discount' };

async function main() {
  const names = Object.keys(jobs);
  const results = await Promise.all(names.map((name) => start(jobs[name], inputs[name] ?? orders)));
  console.log(JSON.stringify(Object.fromEntries(names.map((name, index) => [name, results[index]])), null, 1));
  await shutdown();
}

main();
