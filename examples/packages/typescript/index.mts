// The sensors of a house, in TypeScript.
//
//   npm run build && node dist/index.mjs [coroutine | storm | plain | node]

import { runFile, shutdown, spawn } from '@hertzscript/isolate';
import { BigNumber } from 'bignumber.js';
import { Command } from 'commander';
import { EventEmitter } from 'eventemitter3';
import { from, lastValueFrom, map, mergeMap, reduce, toArray } from 'rxjs';
import { match, P } from 'ts-pattern';
import { hours, type Reading, readings, type summary } from './sensors.mjs';

type Form = 'coroutine' | 'storm' | 'plain';
const form = (process.argv[2] ?? 'coroutine') as Form | 'node';

/** Runs a job here, to compare. */
async function direct<A extends readonly unknown[], R>(job: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
  return await job(...args);
}

/** Runs a job in a task, unless there is to be none. */
const start: typeof direct = form === 'node' ? direct : (spawn.with({ form }) as typeof direct);

const limits: Record<string, number> = { hall: 20, attic: 25 };

function judge(reading: Reading): string {
  return match(reading)
    .with(
      { degrees: P.number.gt(limits[reading.room] ?? Number.POSITIVE_INFINITY) },
      ({ room }) => `${room} is too warm`,
    )
    .with({ note: P.string }, ({ note }) => note)
    .otherwise(() => 'fine');
}

class House extends EventEmitter<{ warm: [room: string, degrees: number] }> {
  readonly #log: string[] = [];
  constructor() {
    super();
    this.on('warm', (room, degrees) => this.#log.push(`${room}: ${degrees}`));
  }
  see({ room, degrees }: Reading): void {
    if (degrees > (limits[room] ?? 0)) this.emit('warm', room, degrees);
  }
  get log(): readonly string[] {
    return this.#log;
  }
}

const list = readings();
const results = await Promise.all([
  start((all: Reading[]) => all.map(judge), list),
  start(() => hours(readings())),
  start((all: Reading[]) => {
    const house = new House();
    for (const reading of all) house.see(reading);
    return house.log;
  }, list),
  start(
    (all: Reading[]) =>
      lastValueFrom(
        from(all).pipe(
          mergeMap(({ room, degrees }) => from([{ room, degrees }])),
          reduce((sum, { degrees }) => sum.plus(degrees), new BigNumber(0)),
          map((sum) => sum.div(all.length).toFixed(3)),
          toArray(),
        ),
      ),
    list,
  ),
  start(
    (args: string[]) => {
      const program = new Command('house').option('--max <degrees>', 'limit', Number, 30).argument('<rooms...>');
      program.parse(args, { from: 'user' });
      return { ...program.opts<{ max: number }>(), rooms: program.args };
    },
    ['--max', '25', 'hall', 'attic'],
  ),
]);

const file = new URL('../typescript/sensors.mts', import.meta.url);
const whole =
  form === 'node'
    ? (await import('./sensors.mjs')).summary
    : (await runFile<{ summary: typeof summary }>(file, { form })).summary;

console.log(JSON.stringify({ results, whole }, null, 1));
await shutdown();
