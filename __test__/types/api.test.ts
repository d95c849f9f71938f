// Checked by `tsc --strict`, never run: a line that should not compile is marked by @ts-expect-error.
import {
  after,
  type Blocking,
  CaptureError,
  type Chan,
  Cond,
  Context,
  chan,
  configure,
  DeadlockError,
  ErrGroup,
  type InTask,
  Isolate,
  inTask,
  Mutex,
  Once,
  type OnHost,
  type RWMutex,
  run,
  runFile,
  type SelectCase,
  type Stats,
  scope,
  select,
  shutdown,
  spawn,
  stats,
  Task,
  type TaskChan,
  type TaskHandle,
  TimeoutError,
  task,
  transpile,
  WaitGroup,
} from '../../index.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<T>() {
  return <U>(_: U, _same: Equal<T, U>): void => {};
}

async function uses(): Promise<void> {
  const sum = spawn((a: number, b: number) => a + b, 1, 2);
  expectType<Task<number>>()(sum, true);
  expectType<number>()(await sum, true);
  expectType<string>()(await spawn(async (s: string) => s, 'x'), true);
  // @ts-expect-error the argument has the wrong type
  spawn((a: number) => a, 'x');
  // @ts-expect-error an argument is missing
  spawn((a: number, b: number) => a + b, 1);
  // @ts-expect-error not a function
  spawn(1);

  const moved = spawn.with({ transfer: [new ArrayBuffer(1)], name: 'n', memoryLimit: 1e8 });
  expectType<number>()(await moved((b: ArrayBuffer) => b.byteLength, new ArrayBuffer(1)), true);
  const values = { factor: 2 };
  expectType<number>()(await spawn((x: number) => x * values.factor, 1), true);
  expectType<number>()(
    await spawn(
      (f: (x: number) => number) => f(1),
      (x: number) => x * values.factor,
    ),
    true,
  );
  spawn.with({ capture: false })(() => 1);
  spawn.with({ capture: { values, factor: 1 } })(() => 1);
  // @ts-expect-error values by name, or false
  spawn.with({ capture: true });
  expectType<'ERR_CAPTURE'>()(new CaptureError().code, true);
  // @ts-expect-error there is no such option
  spawn.with({ nmae: 'x' });

  const { status, id, name } = sum;
  expectType<number>()(id, true);
  expectType<string>()(name, true);
  if (status === 'done' || status === 'killed') return;
  // @ts-expect-error no such state
  if (status === 'finished') return;
  // @ts-expect-error made by spawn only
  new Task();

  expectType<unknown>()(await run('1'), true);
  expectType<number>()(await run<number>('1', { type: 'script', filename: 'a.ts' }), true);
  await runFile(new URL('file:///a.js'));
  // @ts-expect-error no such type
  run('1', { type: 'json' });

  await using isolate = new Isolate({ memoryLimit: 1e8, name: 'i' });
  expectType<number>()(await isolate.spawn((a: number) => a, 1), true);
  expectType<number>()(isolate.stats().heapUsed, true);
  // @ts-expect-error an isolate's tasks have no isolate option
  isolate.spawn.with({ isolate: 'private' });

  configure({ threads: 2, heapLimit: 1e9 });
  expectType<Stats>()(stats(), true);
  expectType<string>()(transpile('1', { type: 'script' }).code, true);
  expectType<boolean>()(transpile('1').analysis[0]?.pure ?? false, true);
  const first = spawn.with({ form: 'coroutine' })(() => {
    const numbers = globalThis.chan<number>(2);
    numbers.send(1);
    // @ts-expect-error only numbers
    numbers.send('1');
    sleep(1);
    for (const n of numbers) expectType<number>()(n, true);
    return numbers.recv();
  });
  expectType<number | undefined>()(await first, true);
  // In programs of their own the names are globals.
  const inTask = globalThis.spawn;
  const handle = inTask(async (a: number) => `${a}`, 1);
  expectType<string>()(handle.join(), true);
  expectType<string>()(await handle, true);
  // @ts-expect-error the parameter is a number
  inTask((a: number) => a, '1');
  const stopped = spawn.with({ timeout: 100, signal: AbortSignal.timeout(50) })(() => 1);
  spawn.with({ cpuTime: 100 })(() => 1);
  run('1', { cpuTime: 100 });
  stopped.pause();
  stopped.resume();
  stopped.kill(new Error('enough'));
  expectType<string>()(await stopped.stack(), true);
  expectType<string>()(handle.stack(), true);
  // @ts-expect-error milliseconds are a number
  spawn.with({ timeout: '1s' });
  configure({ killGrace: 100, quantum: 5 });
  expectType<number>()(
    isolate.stats().childrenStayed.private + (stats().isolates[0]?.childrenStayed.deadlocks ?? 0),
    true,
  );
  expectType<number>()(stats().tasks.done + isolate.stats().sliceWait + (stats().isolates[0]?.preemptions ?? 0), true);
  expectType<'ERR_DEADLOCK'>()(new DeadlockError('stuck').code, true);
  expectType<'ERR_TIMEOUT'>()(new TimeoutError('late').code, true);
  await shutdown();
}

void uses;

async function channels(): Promise<void> {
  const numbers = chan<number>(3);
  expectType<Chan<number>>()(numbers, true);
  expectType<number | undefined>()(await numbers.recv(), true);
  await numbers.send(1, { signal: new AbortController().signal });
  // @ts-expect-error another type of value
  await numbers.send('x');
  const tried = numbers.tryRecv();
  if (tried.ok) expectType<number>()(tried.value, true);
  for await (const n of numbers) expectType<number>()(n, true);

  // Parameters get the types that tasks see.
  expectType<Task<number>>()(
    spawn((c: TaskChan<number>) => c.recv() ?? 0, numbers),
    true,
  );
  expectType<Task<number>>()(
    spawn(async (c: Chan<number>) => (await c.recv()) ?? 0, numbers),
    true,
  );
  expectType<Task<number | undefined>>()(
    spawn((c) => c.recv(), numbers),
    true,
  );
  spawn((c) => {
    for (const n of c) expectType<number>()(n, true);
  }, numbers);
  // @ts-expect-error another channel
  spawn((c: TaskChan<string>) => c.recv(), numbers);
  // Captured ones keep the host's type, which `await` makes right, or `inTask`.
  spawn(async () => expectType<number | undefined>()(await numbers.recv(), true));
  spawn(() => expectType<number | undefined>()(inTask(numbers).recv(), true));

  const texts = chan<string>();
  const result = await select([numbers, [texts, 'x'], after(5), null]);
  if (result.index === 0) expectType<number | undefined>()(result.value, true);
  if (result.index === 1) expectType<undefined>()(result.value, true);
  const other = await select([texts], { default: 5 });
  if (other.index === -1) expectType<number>()(other.value, true);
  // @ts-expect-error no case
  await select([1]);
}
void channels;

async function selections<T>(given: Chan<T>, value: T): Promise<void> {
  const numbers = chan<number>();
  const texts = chan<string>(1);
  const maybe = numbers as Chan<number> | null;
  // What is sent is what the channel takes.
  await select([[texts, 'x'], [numbers, 1], [maybe, 1], [null, 1], numbers]);
  // @ts-expect-error another type of value
  await select([[texts, 5]]);
  // @ts-expect-error another type of value
  await select([numbers, [texts, 'x'], [maybe, 'x'], null]);
  // @ts-expect-error another type of value
  await select([[texts, 5]], { default: 5 });
  // @ts-expect-error another type of value, for one of the two
  await select([[Math.random() > 0.5 ? texts : numbers, 5]]);
  // @ts-expect-error nothing is sent there
  await select([[new Context().done, 5]]);
  await select([
    [chan<number[]>(), [1, 2]],
    [chan<{ list: string[] }>(), { list: ['x'] }],
    [chan<'a' | 'b'>(), 'a'],
  ]);
  await select([[chan<(n: number) => number>(), (n: number) => n + 1]]);
  await select([[given, value], given]);
  // @ts-expect-error another type of value
  await select([[given, 5]]);
  type Message = { type: 'add'; n: number } | { type: 'get'; reply: Chan<number> };
  const messages = chan<Message>();
  await select([[messages, { type: 'get', reply: numbers }], after(1)]);
  // @ts-expect-error another type of value
  await select([[messages, { type: 'get', n: 1 }]]);
  const sends = [numbers, numbers].map((c) => [c, 1] as const);
  expectType<number>()((await select(sends)).index, true);
  // @ts-expect-error another type of value
  await select([numbers, numbers].map((c) => [c, 'x'] as const));
  const known: SelectCase[] = [numbers, [texts, 'x']];
  expectType<unknown>()((await select(known)).value, true);
  await spawn(
    (requests, c) => {
      globalThis.select([[requests, { reply: c }], [requests, { reply: numbers }], requests]);
      // @ts-expect-error another channel
      globalThis.select([[requests, { reply: texts }]]);
      // @ts-expect-error another channel
      select([[requests, { reply: texts }]]);
      const { value, ok } = globalThis.select([c]);
      if (ok) expectType<number>()(value, true);
    },
    chan<{ reply: Chan<number> }>(),
    numbers,
  );

  // `ok` tells what `value` is.
  const result = await select([numbers, [texts, 'x'], texts, null, maybe]);
  expectType<0 | 1 | 2 | 3 | 4>()(result.index, true);
  if (result.index === 0 && result.ok) expectType<number>()(result.value, true);
  if (result.index === 0 && !result.ok) expectType<undefined>()(result.value, true);
  if (result.index === 0) expectType<number | undefined>()(result.value, true);
  if (result.index === 1) expectType<true>()(result.ok, true);
  if (result.index === 1) expectType<undefined>()(result.value, true);
  if (result.index === 2 && result.ok) expectType<string>()(result.value, true);
  if (result.index === 4 && result.ok) expectType<number>()(result.value, true);
  // @ts-expect-error it may be closed
  if (result.index === 0) result.value.toFixed();
  const { value: either, ok } = await select([numbers, texts]);
  if (ok) expectType<number | string>()(either, true);
  else expectType<undefined>()(either, true);
  const any = await select([numbers, numbers] as Chan<number>[]);
  if (any.ok) expectType<number>()(any.value, true);
  const ended = await select([new Context().done]);
  expectType<undefined>()(ended.value, true);
  const kept = await select([chan<string | undefined>()]);
  if (kept.ok) expectType<string | undefined>()(kept.value, true);

  // A default may stand beside a signal.
  const { signal } = new AbortController();
  const other = await select([numbers], { default: 'none', signal });
  expectType<0 | -1>()(other.index, true);
  if (other.ok) expectType<number>()(other.value, true);
  if (other.index === -1) expectType<string>()(other.value, true);
  expectType<undefined>()((await select([], { default: undefined, signal })).value, true);
  // @ts-expect-error no signal
  await select([numbers], { default: 'none', signal: 5 });
  await spawn((c) => {
    const found = globalThis.select([c], { default: 'none', signal: new AbortController().signal });
    if (found.index === -1) expectType<string>()(found.value, true);
  }, numbers);
}
void selections;

async function kit(): Promise<void> {
  const mutex = new Mutex();
  {
    using guard = await mutex.lock();
    guard.release();
  }
  spawn((m: Blocking<Mutex>) => m.lock().release(), mutex);
  spawn((m) => m.lock().release(), mutex);
  // @ts-expect-error a mutex is no wait group
  spawn((m: Blocking<WaitGroup>) => m.wait(), mutex);
  const wg = new WaitGroup();
  expectType<Task<number>>()(
    wg.go((n: number) => n + 1, 1),
    true,
  );
  await wg.wait({ signal: AbortSignal.timeout(1) });
  const context = new Context({ timeout: 10, values: { user: 1 } });
  await select([context.done]);
  const group = new ErrGroup({ limit: 2 });
  await group.go((n) => n + 1, 1);
  await group.wait();
  expectType<number>()(await scope((s) => s.spawn((n: number) => n, 1)), true);
  expectType<number>()(await task((a: number) => a * 2)(1), true);
  expectType<number>()(await task((a) => a * 2)(1), true);
  // @ts-expect-error the argument has the wrong type
  await task((a: number) => a * 2)('x');
}
void kit;

// What a task calls by an imported name has the host's types: `await`, parameters and `inTask` make it right.
async function inTasks(): Promise<void> {
  const work = (n: number) => n * 2;
  expectType<number[]>()(
    await spawn(() => {
      const parts = [];
      for (let i = 0; i < 8; i++) parts.push(spawn(() => work(i)));
      return Promise.all(parts);
    }),
    true,
  );
  expectType<number[]>()(await spawn(() => [1, 2].map((n) => inTask(spawn(work, n)).join())), true);
  await spawn(() => {
    const jobs = chan<() => number>(16);
    const results = chan<number>(16);
    spawn(
      (jobs, results) => {
        for (const job of jobs) results.send(job());
      },
      jobs,
      results,
    );
    for (let i = 0; i < 100; i++) jobs.send(() => work(i));
    for (const result of inTask(results)) expectType<number>()(result, true);
  });
}
void inTasks;

// Parameters may have default values, and functions may be annotated with either side's types, wherever they are started.
async function functions(): Promise<void> {
  const wg = new WaitGroup();
  const group = new ErrGroup();
  const added = (x: number, y = 3) => x + y;
  expectType<Task<number>>()(spawn(added, 1), true);
  expectType<Task<number>>()(
    spawn((x: number, y = 3) => x + y, 1),
    true,
  );
  expectType<Task<readonly [number, string, boolean]>>()(
    spawn((x, y = 's', z = true) => [x, y, z] as const, 1),
    true,
  );
  expectType<Task<number>>()(
    spawn((x = 1) => x),
    true,
  );
  expectType<Task<number>>()(
    spawn((x: number, y = 3) => x + y, 1, 2),
    true,
  );
  // @ts-expect-error the default value is a number
  spawn((x: number, y = 3) => x + y, 1, 's');
  // @ts-expect-error an argument is missing
  spawn((x: number, y = 3) => x + y);
  // @ts-expect-error an argument is missing
  spawn((x, y) => [x, y], 1);
  expectType<Task<number>>()(
    wg.go((x: number, y = 3) => x + y, 1),
    true,
  );
  // @ts-expect-error an argument is missing
  wg.go((x: number, y: number) => x + y, 1);
  group.go((x: number, y = 3) => x + y, 1);
  // @ts-expect-error an argument is missing
  group.go((x: number, y: number) => x + y, 1);
  expectType<boolean>()(
    group.tryGo((x: number, y = 3) => x + y, 1),
    true,
  );
  // @ts-expect-error an argument is missing
  group.tryGo((x: number, y: number) => x + y, 1);
  await scope((s) => s.spawn((x, y = 3) => x + y, 1));
  expectType<number>()(await task((x: number, y = 3) => x + (y as number))(1), true);

  const c = chan<number>();
  const sum = async (c: Chan<number>, y = 0) => {
    for await (const n of c) y += n;
    return y;
  };
  expectType<Task<number>>()(spawn(sum, c), true);
  expectType<Task<number>>()(wg.go(sum, c), true);
  expectType<Promise<void>>()(group.go(sum, c, 5), true);
  expectType<boolean>()(group.tryGo(sum, c), true);
  // @ts-expect-error another channel
  wg.go(sum, chan<string>());
  // @ts-expect-error another channel
  group.go(sum, chan<string>());
  // @ts-expect-error another channel
  group.tryGo(sum, chan<string>());
  wg.go(async (c: Chan<number>, y = 3) => [await c.recv(), y], c);
  group.go(async (c: Chan<number>, y = 3) => [await c.recv(), y], c);
  await spawn(
    (wg, c) => {
      expectType<TaskHandle<number>>()(
        wg.go((x: number, y = 3) => x + y, 1),
        true,
      );
      wg.go((c) => expectType<number | undefined>()(c.recv(), true), c);
      expectType<number>()(wg.go(async (c: Chan<number>) => (await c.recv()) ?? 0, c).join(), true);
      // @ts-expect-error an argument is missing
      wg.go((x: number, y: number) => x + y, 1);
    },
    wg,
    c,
  );
  // In programs of their own, the same goes for the global.
  const start = globalThis.spawn;
  expectType<TaskHandle<number>>()(
    start((x: number, y = 3) => x + y, 1),
    true,
  );
  // @ts-expect-error an argument is missing
  start((x: number, y: number) => x + y, 1);
}
void functions;

// Channels and the kit block wherever a task finds them.
async function within(): Promise<void> {
  const c = chan<number>();
  type Seen = TaskChan<number>;
  spawn(({ c }) => expectType<number | undefined>()(c.recv(), true), { c });
  spawn(({ deep: { mutex } }) => mutex.lock().release(), { deep: { mutex: new Mutex() } });
  new WaitGroup().go(({ c }) => expectType<number | undefined>()(c.recv(), true), { c });
  new ErrGroup().go(({ c }) => expectType<number | undefined>()(c.recv(), true), { c });
  spawn(
    (task) => expectType<number>()(task.join(), true),
    spawn(() => 1),
  );
  spawn((o: { c: Seen }) => o.c.recv(), { c });
  // @ts-expect-error another channel
  spawn((o: { c: Seen }) => o.c.recv(), { c: chan<string>() });
  expectType<number | undefined>()(await task((o: { c: Seen }) => o.c.recv())({ c }), true);
  expectType<Seen[]>()(inTask([c]), true);
  expectType<readonly Seen[]>()(inTask([c] as readonly Chan<number>[]), true);
  type Tuple<C> = readonly [a: C, b?: { c: C }, ...rest: string[]];
  expectType<Tuple<Seen>>()(inTask([c] as Tuple<Chan<number>>), true);
  expectType<Map<string, Seen>>()(inTask(new Map([['c', c]])), true);
  expectType<Set<Seen> | null>()(inTask(new Set([c]) as Set<Chan<number>> | null), true);
  type Optional<C> = { readonly a?: C; b: C | undefined; c: number };
  expectType<Optional<Seen>>()(inTask({ b: c, c: 1 } as Optional<Chan<number>>), true);

  // Through a channel, too, which takes what a task has of either kind.
  type Request = { n: number; reply: Chan<number> };
  spawn((requests) => {
    expectType<number | undefined>()(requests.recv()?.reply.recv(), true);
    for (const { n, reply } of requests) reply.send(n);
    requests.send({ n: 1, reply: c });
    requests.send({ n: 1, reply: globalThis.chan<number>() });
    // @ts-expect-error another channel
    requests.send({ n: 1, reply: globalThis.chan<string>() });
  }, chan<Request>());

  // What comes back has the host's types.
  expectType<Task<{ c: Chan<number> }>>()(
    spawn(({ c }) => ({ c }), { c }),
    true,
  );
  expectType<Task<Mutex>>()(
    spawn((m) => m, new Mutex()),
    true,
  );

  // Also of what tasks have made, whatever they were given.
  expectType<Task<Chan<number>>>()(
    spawn(() => inTask(chan<number>())),
    true,
  );
  expectType<Task<Chan<number> | undefined>>()(
    spawn((n: number) => (n > 0 ? inTask(chan<number>(n)) : undefined), 1),
    true,
  );
  expectType<Task<{ h: Task<number> }>>()(
    spawn(() => ({ h: globalThis.spawn(() => 5) })),
    true,
  );
  // @ts-expect-error it is a promise on the host
  (await spawn(() => inTask(chan<number>()))).recv()?.toFixed();
  // Where a parameter is annotated, too, be it with the types of the one side or the other.
  expectType<Task<{ c: Chan<number> }>>()(
    spawn((c: Seen) => ({ c }), c),
    true,
  );
  expectType<Task<{ c: Chan<number>; d: Chan<string> }>>()(
    spawn((c: Chan<number>) => ({ c, d: inTask(chan<string>()) }), c),
    true,
  );
  expectType<Task<Mutex>>()(
    new WaitGroup().go(() => inTask(new Mutex())),
    true,
  );
  expectType<Task<Mutex>>()(
    new WaitGroup().go((_c: Chan<number>) => inTask(new Mutex()), c),
    true,
  );
  expectType<Chan<string>>()(await task(() => inTask(chan<string>()))(), true);
  expectType<Chan<number>[]>()(await task((...c: Seen[]) => c)(c, c), true);
  expectType<Task<number>[]>()(await scope((s) => s.spawn(() => [globalThis.spawn(() => 1)])), true);
  type Mixed = { n: 1; c: TaskChan<number> } | { n: number };
  expectType<Task<{ n: 1; c: Chan<number> } | { n: number }>>()(
    spawn(() => ({ n: 2 }) as Mixed),
    true,
  );

  const context = new Context();
  spawn((context) => {
    expectType<undefined>()(context.done.recv(), true);
    expectType<undefined>()(context.child({ timeout: 1 }).done.recv(), true);
    new Context({ parent: context });
  }, context);
  spawn((cond) => cond.mutex.lock().release(), new Cond(new Mutex()));
  const guard = await new Cond(new Mutex()).mutex.lock();
  guard.release();
  spawn((once) => {
    expectType<number>()(
      once.do(() => 4),
      true,
    );
    expectType<string>()(
      once.do(async () => 'x'),
      true,
    );
  }, new Once());
  expectType<Promise<number>>()(
    new Once().do(() => 4),
    true,
  );
  spawn((wg) => expectType<number>()(wg.go((n: number) => n, 1).join(), true), new WaitGroup());
}
void within;

// Options that are there and undefined are as if they were not.
async function passedOn(given: {
  name?: string;
  ms?: number;
  size?: number;
  signal?: AbortSignal;
  transfer?: ArrayBuffer[];
  form?: 'plain';
  parent?: Context;
  values?: { [key: string]: unknown };
}): Promise<void> {
  const { name, ms, size, signal, transfer, form, parent, values } = given;
  const limits = { timeout: ms, cpuTime: ms, signal, form };
  spawn.with({ ...limits, name, transfer, isolate: undefined, memoryLimit: size, capture: undefined })(() => 1);
  await run('1', { ...limits, name, filename: name, type: undefined, isolate: undefined, memoryLimit: size });
  const isolate = new Isolate({ name, memoryLimit: size });
  isolate.spawn.with({ ...limits, name, transfer, capture: undefined });
  isolate.runFile('x.js', { ...limits, name, filename: name, type: undefined });
  configure({ threads: size, heapLimit: size, killGrace: ms, codeCache: name, quantum: ms });
  transpile('1', { filename: name, type: undefined });
  const c = chan<ArrayBuffer>(size);
  await c.send(new ArrayBuffer(1), { signal, transfer });
  c.trySend(new ArrayBuffer(1), { transfer });
  await c.recv({ signal });
  await c.next({ signal });
  await select([c], { signal });
  await select([c], { signal, default: 1 });
  spawn((c) => c.trySend(c.recv({ signal: undefined }) ?? new ArrayBuffer(1), { transfer: undefined }), c);
  await new Mutex().lock({ signal });
  await new WaitGroup().wait({ signal });
  await new Once().do(() => 1, { signal });
  new Context({ parent, timeout: ms, deadline: ms, values }).child({ timeout: ms, deadline: ms, values });
  await new ErrGroup({ limit: size }).wait({ signal });
  await scope(() => 1, { signal });
  await task(() => 1, { limit: size })();
  // @ts-expect-error null is no signal
  await c.recv({ signal: null });
  // @ts-expect-error null is no name
  spawn.with({ name: null });
}
void passedOn;

class Private {
  private readonly n = 1;
  readonly c = chan<number>();
  more(): number {
    return this.n;
  }
}
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type List = null | readonly [number, List];
interface Tree {
  up?: Tree;
  trees: Tree[];
  byName: Map<string, Tree>;
  set: ReadonlySet<Tree>;
}
interface Message {
  reply?: Chan<Message>;
  parts: Message[];
}
type Nested = Chan<number> | Nested[];

// biome-ignore lint/suspicious/noExplicitAny: one of the types that stay
type Anything = any;

/** All else stays as it is, types that refer to themselves included. */
type Stays<T> = Equal<[InTask<T>, OnHost<T>], [T, T]>;
function staysAsItIs(): void {
  const all = <_ extends true[]>() => {};
  all<
    [
      Stays<Anything>,
      Stays<{ a: Anything }>,
      Stays<unknown>,
      Stays<unknown[]>,
      Stays<never>,
      Stays<undefined>,
      Stays<boolean>,
    ]
  >();
  all<[Stays<Json>, Stays<List>, Stays<Tree>, Stays<Private>, Stays<typeof Private>, Stays<typeof globalThis>]>();
  all<[Stays<Date>, Stays<RegExp>, Stays<Uint8Array>, Stays<Buffer>, Stays<ArrayBuffer>, Stays<URL>]>();
  all<[Stays<Error>, Stays<TimeoutError>, Stays<Promise<number>>, Stays<(c: Chan<number>) => TaskChan<number>>]>();
  all<[Stays<{ readonly a?: number; b: string | undefined }>, Stays<readonly [a: 1, b?: string]>]>();
  all<[Stays<string & { readonly brand: 1 }>, Stays<Record<string, Date>>]>();
  all<[Equal<InTask<TaskHandle<number>>, TaskHandle<number>>, Equal<InTask<TaskChan<Json>>, TaskChan<Json>>]>();
  all<[Equal<OnHost<Chan<Json>>, Chan<Json>>, Equal<OnHost<Mutex>, Mutex>, Equal<OnHost<Context>, Context>]>();
  type Kit = { list: [Mutex, Cond, Once, Context, WaitGroup]; c: Chan<{ c: Chan<1> }>; task: Task<number> };
  all<[Equal<OnHost<InTask<Kit>>, Kit>]>();
  spawn((json) => json, null as Json);
  spawn((message) => message.parts[0]?.reply?.recv()?.reply?.send(message), { parts: [] } as Message);
  spawn((nested) => (Array.isArray(nested) ? nested.length : nested.recv()), [] as Nested);
}
void staysAsItIs;

// Functions with type parameters can spawn what they are given.
function generic<T, R>(list: T[], fn: (value: T) => R, c: Chan<T>) {
  const calls: Promise<Awaited<R>[]> = Promise.all(list.map((value) => spawn(fn, value)));
  const first: Task<Awaited<T | undefined>> = spawn((c: TaskChan<T>) => c.recv(), c);
  const none: Task<Awaited<R>> = spawn((f: () => R) => f(), (() => fn(list[0] as T)) as () => R);
  const whole: Promise<T[]> = spawn(() => list);
  const parts: Promise<{ list: T[] }> = spawn((list) => ({ list }), list);
  const group: Task<Awaited<R>> = new WaitGroup().go(fn, list[0] as T);
  const called: Promise<Awaited<R>> = task(fn)(list[0] as T);
  // @ts-expect-error it is what the function gives
  const wrong: Task<string> = spawn(fn, list[0] as T);
  return { calls, first, none, whole, parts, group, called, wrong };
}
void generic;
async function mapped<T, R>(values: Iterable<T>, fn: (value: T) => R): Promise<R[]> {
  const jobs = chan<T>();
  const results = chan<R>();
  spawn(
    (jobs, results, fn) => {
      for (const job of jobs) results.send(fn(job));
      // @ts-expect-error another type of value
      results.send('x');
    },
    jobs,
    results,
    fn,
  );
  for (const value of values) await jobs.send(value);
  const all: R[] = [];
  for await (const result of results) all.push(result);
  return all;
}
void mapped;
class Server<I extends object, O> {
  private readonly requests = chan<{ input: I; list: I[]; reply: Chan<O> }>();
  constructor(fn: (input: I) => O) {
    spawn(
      (requests, fn) => {
        for (const { input, list, reply } of requests) for (const one of [input, ...list]) reply.send(fn(one));
      },
      this.requests,
      fn,
    );
  }
  async call(input: I): Promise<O | undefined> {
    const reply = chan<O>();
    await this.requests.send({ input, list: [], reply });
    return reply.recv();
  }
}
void Server;
/** What is known by a constraint is known. */
function constrained<C extends Chan<number>, L extends Mutex | RWMutex, M extends { reply: Chan<number> }>(
  c: C,
  lock: L,
  messages: Chan<M>,
): Task<number | undefined> {
  spawn((lock) => lock.lock().release(), lock);
  spawn((messages) => {
    for (const { reply } of messages) expectType<number | undefined>()(reply.recv(), true);
  }, messages);
  return spawn((c) => {
    for (const n of c) n.toFixed();
    return c.recv();
  }, c);
}
void constrained;
/** Who passes on what it was given. */
function passing<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
  return Math.random() > 0.5 ? spawn(fn, ...args) : new WaitGroup().go(fn, ...args);
}
void passing;
function inTaskGeneric<T>(c: TaskChan<T>, value: T): T[] {
  c.send(value);
  return [...c];
}
void inTaskGeneric;
