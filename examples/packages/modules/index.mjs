// A team's notes, in ECMAScript modules: what is imported at the top is used in tasks as everywhere else.
//
//   node modules/index.mjs [coroutine | storm | plain | node]

import { shutdown, spawn } from '@hertzscript/isolate';
import { Chalk } from 'chalk';
import { camelCase, constantCase, kebabCase } from 'change-case';
import { extent, group, mean, quantile, rollups } from 'd3-array';
import { addDays, differenceInCalendarDays, formatISO, parseISO } from 'date-fns';
import Fuse from 'fuse.js';
import { enablePatches, produce, produceWithPatches } from 'immer';
import { dump, load } from 'js-yaml';
import { LRUCache } from 'lru-cache';
import { marked } from 'marked';
import pLimit from 'p-limit';
import * as R from 'ramda';
import { z } from 'zod';
import { measure, words } from './words.mjs';

const form = process.argv[2] ?? 'coroutine';
const start = form === 'node' ? async (job, ...args) => job(...args) : spawn.with({ form });

const text = `# Notes

- buy *tea*, 3 boxes
- call **Grace** about the compiler
- [read](https://example.com) \`the paper\`
`;
const settings = 'due: 2024-02-28\ntags: [home, work]\npeople:\n  - {name: Ada, age: 36}\n  - {name: Grace, age: 85}\n';
const ages = [36, 85, 41, 52, 36];

const Person = () => z.object({ name: z.string().min(2), age: z.number().int().max(80).optional() });

const jobs = {
  html: () => marked.parse(text),
  async settings() {
    const { due, ...rest } = load(settings);
    const people = rest.people.map((person) => Person().safeParse(person));
    return [
      String(due).length > 0,
      dump(rest),
      people.map(({ success, error }) => [success, error?.issues.map(({ path, code }) => [path.join('.'), code])]),
    ];
  },
  dates() {
    const day = parseISO('2024-02-28');
    return [1, 2, 30].map((days) => {
      const later = addDays(day, days);
      return [formatISO(later, { representation: 'date' }), differenceInCalendarDays(later, day)];
    });
  },
  statistics: () => [
    extent(ages),
    mean(ages),
    quantile(ages, 0.9),
    rollups(
      ages,
      (list) => list.length,
      (age) => age > 40,
    ),
    [...group(ages, (age) => age % 2).keys()],
  ],
  search() {
    const fuse = new Fuse(words(text), { includeScore: true, threshold: 0.4 });
    return fuse.search('complier').map(({ item, score }) => [item, score.toFixed(3)]);
  },
  edits() {
    enablePatches();
    const before = { done: [], open: [{ what: 'tea' }, { what: 'call' }] };
    const after = produce(before, (draft) => {
      draft.done.push(draft.open.shift());
    });
    const [, patches] = produceWithPatches(before, (draft) => {
      draft.open[1].what = 'mail';
    });
    return [after, before.open.length, patches];
  },
  names: () =>
    ['user name', 'HTTPServer', 'is-open'].map((name) => [camelCase(name), constantCase(name), kebabCase(name)]),
  colours() {
    const chalk = new Chalk({ level: 1 });
    return [chalk.green('done'), chalk.bold.red(`open ${chalk.blue('tea')}`)];
  },
  pipeline: () => R.pipe(R.map(R.toUpper), R.reject(R.startsWith('T')), R.countBy(R.length))(words(text)),
  cache() {
    const cache = new LRUCache({ max: 2 });
    for (const word of words(text)) cache.set(word, measure(word));
    return [[...cache.entries()], cache.get('missing') ?? null];
  },
  async limited() {
    const limit = pLimit(2);
    let running = 0;
    let most = 0;
    const job = (n) =>
      limit(async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running--;
        return n * n;
      });
    return [await Promise.all([1, 2, 3, 4].map(job)), most];
  },
};

const entries = Object.entries(jobs);
const results = await Promise.all(entries.map(async ([name, job]) => [name, await start(job)]));
console.log(JSON.stringify(Object.fromEntries(results), null, 1));
await shutdown();
