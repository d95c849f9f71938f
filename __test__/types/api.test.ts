// Checked by `tsc --strict`, never run: a line that should not compile is marked by @ts-expect-error.
import {
  after,
  type Blocking,
  CaptureError,
  type Chan,
  Context,
  chan,
  configure,
  DeadlockError,
  ErrGroup,
  Isolate,
  inTask,
  Mutex,
  run,
  runFile,
  type Stats,
  scope,
  select,
  shutdown,
  spawn,
  stats,
  Task,
  type TaskChan,
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
  // @ts-expect-error the argument has the wrong type
  await task((a: number) => a * 2)('x');
}
void kit;
