/// <reference lib="esnext.disposable" />

/**
 * Go's concurrency for Node programs: functions run as tasks on private V8 isolates in a pool of threads.
 *
 * Values that cross are copied as by structured clone, moved (`transfer`) or shared (SharedArrayBuffer).
 */

/** What a task of `fn` gives: its result, awaited. */
export type Result<F extends (...args: never[]) => unknown> = Awaited<ReturnType<F>>;

/** A task's state. */
export type TaskStatus = 'queued' | 'running' | 'blocked' | 'paused' | 'done' | 'failed' | 'killed';

/**
 * A function or a program that runs in an isolate. Awaiting it gives its result, or throws what it threw: an instance of
 * the same error class, with a stack that points into the source and then to the place of the spawn.
 */
export class Task<T> implements Promise<T> {
  private constructor();
  /** A number that no other task of this program has. */
  readonly id: number;
  /** The option `name`, else the function's name. */
  readonly name: string;
  /** Where the task stands now. */
  readonly status: TaskStatus;
  /**
   * Ends the task where it stands, and the tasks that it has started, with those that these have left behind when they ended, wherever
   * they run: `finally` blocks run and may block, `catch` blocks do not. What has not ended after `killGrace` milliseconds is forgotten; what does not even look (a regular expression, a loop in
   * WebAssembly) is terminated. A single operation of V8's that cannot be interrupted (`new Array(1e9).fill(0)`) comes to its end first. Code in plain form just stops. The task rejects with a TaskKilledError, also where nobody has
   * asked. Nothing happens if it has settled.
   * @param reason becomes the error's `cause`
   */
  kill(reason?: unknown): void;
  /**
   * The task gets no turn until `resume()`. It keeps its places in queues, and time goes on for it.
   * @throws TypeError for a task in plain form
   */
  pause(): void;
  /** The task gets turns again. */
  resume(): void;
  /**
   * Where the task stands: a line that says how (`Task 3 "name": blocked in recv`), then, as in the stack of an error, its
   * frames in places of the source, the innermost first, and the place of its spawn. A task that runs is preempted for it. One that
   * is in a long operation of V8's own, or in plain form, is interrupted, and where that is not possible either, the first
   * line says so after 200 ms.
   */
  stack(): Promise<string>;
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B>;
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B>;
  finally(onFinally?: (() => void) | null): Promise<T>;
  readonly [Symbol.toStringTag]: string;
}

/**
 * How code is executed. `'coroutine'`, the default, compiles it so that it can be suspended at any call and any turn of a
 * loop: tasks of one isolate take turns, and `sleep(ms)`, `spawn(fn).join()` and channels (`chan()`) block a task and nothing
 * else. `'storm'` is the same, suspended wherever it can be, for tests. `'plain'` runs the code as it is written, in an isolate
 * of its own, since it cannot be preempted.
 */
export type Form = 'plain' | 'coroutine' | 'storm';

/** What is needed of an AbortSignal. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Options of tasks in a private isolate. */
export interface TaskOptions {
  /** Shown by `task.name` and in reports. */
  name?: string | undefined;
  /**
   * ArrayBuffers in the arguments whose memory is moved instead of copied; they are detached here. A resizable one has the
   * length in the task that it had here, and is resizable again once it is moved back.
   */
  transfer?: Iterable<ArrayBuffer> | undefined;
  form?: Form | undefined;
  /** Milliseconds after which the task is killed; it then rejects with a TimeoutError. */
  timeout?: number | undefined;
  /**
   * Milliseconds of processor time that the task may use, together with the tasks that it starts, wherever they run; then it is killed, with
   * these, and rejects with a TimeoutError. What it waits for costs nothing. In plain form all time of its isolate counts.
   */
  cpuTime?: number | undefined;
  /** Kills the task when it is aborted; the task then rejects with the signal's reason. */
  signal?: AbortSignalLike | undefined;
  /**
   * What the function's free variables are. By default their values are read at the time of the spawn. `false`: they are
   * globals of the task, and nothing is read. An object: its properties are the values, and other names are globals; the same
   * goes for functions among the values.
   */
  capture?: false | { readonly [name: string]: unknown } | undefined;
}

/** Options of `spawn.with`. */
export interface SpawnOptions extends TaskOptions {
  /** `'private'` gives the task an isolate of its own, which ends with it. */
  isolate?: 'shared' | 'private' | undefined;
  /**
   * Bytes of heap that the task may use, at least 16 MB, and of ArrayBuffers as many again: resizable ones and those of
   * `WebAssembly.Memory` included. Gives the task an isolate of its own. `resize` and `grow` beyond it throw a RangeError. What
   * WebAssembly takes itself (what a memory begins with, the instruction `memory.grow`) is looked at from time to time, and ends
   * the task if it is too much. Growable SharedArrayBuffers and shared memories are bounded each by itself, not together, and by
   * `grow` only. Memory of the host that was moved or shared into the task is not the task's.
   */
  memoryLimit?: number | undefined;
}

/** Options of `run` and `runFile` in a private isolate. */
export interface ProgramOptions {
  name?: string | undefined;
  /**
   * The name that stack traces show, and where it is absolute also what `run` resolves imports from; otherwise that is the
   * working directory, and for `runFile` always the file. Its ending (`.ts`, `.mjs`, ...) says which language it is. JSX becomes calls of
   * `React.createElement`, or of what `@jsx` in a comment names; the program has to define it. In TypeScript, decorators
   * are those of `experimentalDecorators`; `accessor` fields are a SyntaxError.
   */
  filename?: string | undefined;
  /** By default the ending decides, then for a file the `type` in its `package.json`, then the syntax. */
  type?: 'script' | 'module' | undefined;
  form?: Form | undefined;
  /** Milliseconds after which the task is killed; it then rejects with a TimeoutError. */
  timeout?: number | undefined;
  /**
   * Milliseconds of processor time that the task may use, together with the tasks that it starts, wherever they run; then it is killed, with
   * these, and rejects with a TimeoutError. What it waits for costs nothing. In plain form all time of its isolate counts.
   */
  cpuTime?: number | undefined;
  /** Kills the task when it is aborted; the task then rejects with the signal's reason. */
  signal?: AbortSignalLike | undefined;
}

/** Options of `run` and `runFile`. */
export interface RunOptions extends ProgramOptions {
  isolate?: 'shared' | 'private' | undefined;
  memoryLimit?: number | undefined;
}

/** Starts `fn(...args)` as a task. `require` and `import()` in it look from the file in which it is written. */
export interface SpawnFunction {
  /**
   * Parameters whose types `fn` does not say have those that a task sees, and the result has those of the host. A type parameter `T` of the
   * code around it is taken for the same on both sides: if it may be a channel or an object of the kit, `await` what its methods give.
   */
  <A extends readonly unknown[], R, F = unknown>(
    fn: F & Taking<AllInTask<A>, R>,
    ...args: Enough<F, A>
  ): Task<OnHost<Awaited<R>>>;
  <F extends (...args: never[]) => unknown>(fn: F, ...args: AllFromHost<Parameters<F>>): Task<OnHost<Result<F>>>;
}

/** Starts `fn(...args)` as a task. */
export interface Spawn<Options> extends SpawnFunction {
  /** A `spawn` with options. */
  with(options: Options): SpawnFunction;
}

/**
 * Runs a function on the pool. What it captures is copied at the time of the spawn: data as by structured clone, functions and
 * classes as their source with what they capture themselves. Functions can be passed as arguments, too. Names of a task's
 * globals (`Math`, `console`, `sleep`, ...) mean those; functions of this library are those of the task, though TypeScript takes them for
 * the host's: see `inTask`.
 *
 * @throws TypeError for what is no function, is native, bound or a class; DataCloneError for arguments that cannot cross;
 *   CaptureError for captured variables that cannot, and for `this`, `super`, `arguments`, `new.target` and private names of the
 *   code around the function
 */
export const spawn: Spawn<SpawnOptions>;

/**
 * Runs a whole program in a fresh realm. A script settles with its completion value, awaited if it is thenable; a module, or
 * a CommonJS file that exports something, with a plain object of its exports, less those that cannot be copied.
 *
 * `import`, `import()` and `require` find modules as Node does. Errors of theirs have Node's codes (`ERR_MODULE_NOT_FOUND`).
 */
export function run<T = unknown>(source: string, options?: RunOptions): Task<T>;

/** A `file:` URL, as `new URL('./program.js', import.meta.url)` makes it. */
export interface FileUrl {
  readonly href: string;
  readonly protocol: string;
  readonly pathname: string;
}

/** Reads a file and runs it, as `run` does. */
export function runFile<T = unknown>(path: string | FileUrl, options?: RunOptions): Task<T>;

/** Figures of an isolate. Times are in milliseconds. */
export interface IsolateFigures {
  /** Whether a task runs. */
  running: boolean;
  tasksStarted: number;
  /** Tasks that wait for a promise or in an operation that blocks. */
  tasksBlocked: number;
  /** Tasks that could run and wait for their turn, those that tasks have started included. */
  tasksReady: number;
  /** Tasks that wait for this isolate alone and have not begun. */
  tasksQueued: number;
  /** Tasks that tasks have started, and those of them that have not ended. */
  children: number;
  childrenLiving: number;
  /**
   * Tasks that tasks have started here and that no other isolate can run, by why. Most of the others stay, too, since they begin before an
   * isolate without work asks for them; `steals` counts those that were sent.
   */
  childrenStayed: {
    /** The isolate is private. */
    private: number;
    /** Their function shares what it captures with the code around it, or is not written where it is spawned. */
    function: number;
    /** They were to be sent, and captured an object, or what cannot be copied. */
    values: number;
    /** They belong to a program (`run`), whose deadlocks are noticed within an isolate, and may wait. */
    deadlocks: number;
  };
  /** Turns that tasks were given, and those of them that were ended because others waited. */
  slices: number;
  preemptions: number;
  /** How long tasks have waited before they were started: on average, and at most. */
  startWait: number;
  longestStartWait: number;
  /** How long tasks that could run have waited for their turn, on average; sampled every few milliseconds. */
  sliceWait: number;
  /** Bytes, as of the last time the isolate was idle, or of the last second. */
  heapUsed: number;
  heapTotal: number;
  external: number;
}

/** Figures of a private isolate. */
export interface IsolateStats extends IsolateFigures {
  name: string;
  disposed: boolean;
}

/** An isolate with a thread of its own. Its tasks share globals. */
export class Isolate implements AsyncDisposable {
  constructor(options?: { name?: string | undefined; memoryLimit?: number | undefined });
  readonly name: string;
  readonly spawn: Spawn<TaskOptions>;
  run<T = unknown>(source: string, options?: ProgramOptions): Task<T>;
  runFile<T = unknown>(path: string | FileUrl, options?: ProgramOptions): Task<T>;
  stats(): IsolateStats;
  /** Ends the isolate; its tasks that have not settled are killed. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Settings of the pool. */
export interface Configuration {
  /** Threads with a shared isolate; by default the number of available processors. */
  threads?: number | undefined;
  /** Bytes of each isolate's heap; 2 GB by default. */
  heapLimit?: number | undefined;
  /** Milliseconds that a task which is killed may still run, for its `finally` blocks; 1000 by default. */
  killGrace?: number | undefined;
  /**
   * A folder in which compiled modules are kept for later processes; none by default. It is made if it is not there, may be
   * shared by processes and deleted at any time. Who can write there decides what tasks run.
   */
  codeCache?: string | undefined;
  /**
   * Milliseconds for which a task that computes runs before others of its isolate get their turn; 10 by default. Tasks that wake up,
   * and new ones, go before those.
   */
  quantum?: number | undefined;
}

/** Changes settings; before the first task, or after `shutdown`. */
export function configure(options: Configuration): void;

/** Figures of the pool. */
export interface Stats {
  /** Version of the V8 that tasks run on. */
  v8: string;
  /** Threads of the pool; 0 before the first task. */
  threads: number;
  /** Tasks that tasks have started and that were sent to an isolate which had nothing to do. */
  steals: number;
  /** The host's tasks. */
  tasks: {
    /** Tasks that have not settled: those that are queued, running or blocked. */
    pending: number;
    /** Those that wait for a thread. */
    queued: number;
    /** Those that run or could run. */
    running: number;
    /** Those that wait for a promise or in an operation that blocks. */
    blocked: number;
    /** Those of all these that are paused. */
    paused: number;
    /** Tasks that have settled since the pool was started. */
    done: number;
    failed: number;
    killed: number;
  };
  isolates: (IsolateFigures & {
    id: number;
    kind: 'shared' | 'private';
    /** Times that it ran out of memory and was replaced. */
    replaced: number;
  })[];
}

/** Figures of the pool as of now. */
export function stats(): Stats;

/**
 * Ends all isolates; tasks that have not settled are killed, which is no failure: a task that nobody awaits ends silently. The
 * next task starts afresh.
 */
export function shutdown(): Promise<void>;

/** What a function does with a name. */
export interface NameUsage {
  name: string;
  /** It uses the value otherwise than by a call. */
  read: boolean;
  /** It calls it: `f()`, `new F()`, a tag. */
  called: boolean;
  /** It assigns it. */
  assigned: boolean;
}

/** What is known of a function before it runs. */
export interface FunctionAnalysis {
  /** Its name, as far as the source says where it stands. */
  name: string;
  /** Where it begins and ends in the program as JavaScript: offsets in UTF-8. */
  start: number;
  end: number;
  /** Whether a task can be suspended inside of it. */
  suspends: boolean;
  /** Whether a call of it may call it again. */
  recursive: boolean;
  /** Whether it is known to change nothing but its own variables. */
  pure: boolean;
  /** Whether, as far as its text says, it could run elsewhere: nothing that it captures is ever reassigned. */
  portable: boolean;
  /** Whether names are looked up in it at run time (direct `eval`, `with`), so that it may use others than those below. */
  dynamic: boolean;
  /** What else it takes from the code around it: `this`, `arguments`, `super`, `new.target`, private names (`#x`). */
  lexical: string[];
  /** Variables of the code around it; `reassigned` says whether anything may assign them after their declaration. */
  captures: (NameUsage & { reassigned: boolean })[];
  /** Names that are declared nowhere in the source: globals, or variables of the code that a function's text was in. */
  globals: NameUsage[];
}

/**
 * Shows what the coroutine compiler makes of a program: the code, a source map (version 3), and what is known of its
 * functions. The code needs the kernel of an isolate to run. With `type: 'function'` the source is the text of a function as
 * `Function.prototype.toString` gives it, of a method, too; then what it takes from the code around it is in `globals` and
 * `lexical` of the first function.
 *
 * @throws SyntaxError with file, line, column and the line itself
 */
export function transpile(
  source: string,
  options?: { filename?: string | undefined; type?: 'script' | 'module' | 'function' | undefined },
): {
  code: string;
  map: {
    version: number;
    sources: string[];
    sourcesContent?: (string | null)[];
    names: string[];
    mappings: string;
  };
  analysis: FunctionAnalysis[];
};

/** A task was ended before it was through. */
export class TaskKilledError extends Error {
  readonly code: 'ERR_TASK_KILLED';
}

/** A task took longer than its option `timeout` or `cpuTime` allows. */
export class TimeoutError extends Error {
  readonly code: 'ERR_TIMEOUT';
}

/**
 * All tasks of a program are blocked, or of all tasks of this process only blocked ones are left, and nothing can wake them. The
 * message lists them with what they wait for; the stack says where they stand.
 */
export class DeadlockError extends Error {
  readonly code: 'ERR_DEADLOCK';
}

/** A task's isolate ran out of memory, or V8 gave it up. */
export class MemoryLimitError extends Error {
  readonly code: 'ERR_MEMORY_LIMIT';
}

/**
 * What a function captures cannot be shipped. The message names the variable, the place of its declaration where that can be
 * told, and the ways out.
 */
export class CaptureError extends Error {
  readonly code: 'ERR_CAPTURE';
}

/** Something was sent on a closed channel, or the channel was closed during a send. */
export class ChannelClosedError extends Error {
  readonly code: 'ERR_CHANNEL_CLOSED';
}

/** A value cannot be copied or moved; the message starts with its path. */
export class DataCloneError extends Error {
  readonly code: 'ERR_DATA_CLONE';
}

/** Options of an operation that may wait. */
export interface WaitOptions {
  /** Ends the wait when it is aborted: the operation then throws the signal's reason. */
  signal?: AbortSignalLike | undefined;
}

/** Options of a send. */
export interface SendOptions extends WaitOptions {
  /**
   * ArrayBuffers in the value whose memory is moved instead of copied; they are detached here, also while the send waits. On the host they
   * stay as they are where nothing is sent, since the channel is full or closed.
   */
  transfer?: ArrayBuffer[] | undefined;
}

/** What `tryRecv` gives. */
export type Tried<T> = { ok: true; value: T; closed: false } | { ok: false; value: undefined; closed: boolean };

/**
 * A queue between tasks, and between tasks and the host, with Go's meaning: with capacity 0 sender and receiver meet, who waits
 * is served in order, and what is buffered can still be received once it is closed. Values are copied as the arguments of `spawn` are;
 * channels are shared, and may be sent through channels, passed, captured and returned. Functions arrive as functions in tasks; one that a
 * task sends may capture constants only, such as primitives, channels and other functions of the sort. The host receives none.
 *
 * On the host, operations return promises. A promise that waits does not keep the process alive by itself.
 */
export interface Chan<T> {
  /**
   * Waits until somebody receives the value, or it fits into the buffer.
   * @throws ChannelClosedError
   * @throws DataCloneError with the path of what cannot be copied; the channel stays as it was
   */
  send(value: T, options?: SendOptions): Promise<void>;
  /** Waits for a value; `undefined` once the channel is closed and drained. */
  recv(options?: WaitOptions): Promise<T | undefined>;
  /** Waits for a value, as an iterator does: `done` once the channel is closed and drained. */
  next(options?: WaitOptions): Promise<IteratorResult<T, undefined>>;
  /**
   * Sends without waiting; whether that was possible.
   * @throws ChannelClosedError
   */
  trySend(value: T, options?: { transfer?: ArrayBuffer[] | undefined }): boolean;
  /** Receives without waiting. */
  tryRecv(): Tried<T>;
  /**
   * Lets receivers drain what is there, and wakes all that wait.
   * @throws ChannelClosedError if it is closed already
   */
  close(): void;
  /** Values in the buffer. */
  readonly length: number;
  /** Values that the buffer has room for. */
  readonly capacity: number;
  /** The values until the channel is closed. Leaving the iteration early does not close it. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined>;
}

/**
 * The same channel as tasks have it: operations block the task that calls them, and nothing else. `await ch.recv()` and `for await`
 * are equally right there.
 */
export interface TaskChan<T> {
  /**
   * What it sends may hold channels with the types of either side: those that a task captures have the host's.
   * @see Chan.send
   */
  send(value: FromHost<T>, options?: SendOptions): void;
  /** @see Chan.recv */
  recv(options?: WaitOptions): T | undefined;
  /** @see Chan.next */
  next(options?: WaitOptions): IteratorResult<T, undefined>;
  /** @see Chan.trySend */
  trySend(value: FromHost<T>, options?: { transfer?: ArrayBuffer[] | undefined }): boolean;
  /** Receives without waiting. */
  tryRecv(): Tried<T>;
  /** @see Chan.close */
  close(): void;
  /** Values in the buffer. */
  readonly length: number;
  /** Values that the buffer has room for. */
  readonly capacity: number;
  /** The values until the channel is closed. Leaving the iteration early does not close it. */
  [Symbol.iterator](): Iterator<T, undefined>;
  /** The same. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined>;
}

/** What has other types in tasks than on the host, where its operations return promises. */
type KitOfHost = Mutex | RWMutex | Semaphore | WaitGroup | Cond | Once | Context;
type OfHost = Chan<unknown> | Task<unknown> | KitOfHost;
type KitOfTask =
  | Blocking<Mutex>
  | Blocking<RWMutex>
  | Blocking<Semaphore>
  | Blocking<WaitGroup>
  | Blocking<Cond>
  | Blocking<Once>
  | Blocking<Context>;
type OfTask = TaskChan<unknown> | TaskHandle<unknown> | KitOfTask;

/** What holds nothing of that, or is not looked into: functions keep the types of their parameters. */
// biome-ignore lint/complexity/noBannedTypes: it takes classes, too
type Leaf = Function | Date | RegExp | Error | ArrayBuffer | SharedArrayBuffer | ArrayBufferView;

/**
 * Stands for what is looked for. Not `never`: where a type parameter has a constraint, TypeScript takes into account that its properties may be `never`.
 */
interface Found {
  readonly found: unique symbol;
}

/**
 * `T` with `Found` where it holds something of `Of`, at whatever depth. So a type that holds none is assignable to it, and can stay
 * as it is, by its name and with its private members. Types that refer to themselves end, since mapped types are evaluated only as
 * far as they are compared, with `as` also those of arrays and tuples. An object with private members is not looked into: mapped,
 * it would be of another class.
 */
type Without<T, Of> = T extends Of
  ? Found
  : T extends Leaf
    ? T
    : T extends ReadonlyMap<infer K, infer V>
      ? ReadonlyMap<Without<K, Of>, Without<V, Of>>
      : T extends ReadonlySet<infer V>
        ? ReadonlySet<Without<V, Of>>
        : T extends object
          ? { [K in keyof T]: T[K] } extends T
            ? { [K in keyof T as K]: Without<T[K], Of> }
            : T
          : T;

/**
 * `Converted` where `T` holds something of `Of`, else `T` itself. In functions with type parameters, where TypeScript may not know this yet,
 * what is `T` can be given for it, and it for `T`: it is an element whose name, as far as is known, is some `string`. Only a constraint of
 * the type parameter's may say more. Of a union, it is enough that one of its types holds something.
 */
type Known<T, Of, Converted> = ({ [plain: string]: KnownAsWhole<T, Of, Converted> } & {
  converted: Converted;
})[T extends Without<T, Of> ? string : 'converted'];
type KnownAsWhole<T, Of, Converted> = ({ [plain: string]: T } & { converted: Converted })[true extends Holds<T, Of>
  ? 'converted'
  : string];
type Holds<T, Of> = T extends Without<T, Of> ? false : true;

/**
 * What a task sees of a value that the host passes to it: channels, tasks and objects of the kit have operations that block, also
 * those within objects, lists, Maps, Sets and channels. All else stays as it is.
 */
export type InTask<T> = Known<T, OfHost, ConvertedInTask<T>>;

// Of a context nothing but `done` blocks, so it still goes to functions that take a Context. The elements of `X[]` are looked at when
// they are asked for, those of a mapped array at once, without end where a list may hold lists of its own kind.
type ConvertedInTask<T> =
  T extends Without<T, OfHost>
    ? T
    : T extends Chan<infer V>
      ? TaskChan<InTask<V>>
      : T extends Task<infer V>
        ? TaskHandle<InTask<V>>
        : T extends Context
          ? Blocking<Context> & Context
          : T extends KitOfHost
            ? Blocking<T>
            : T extends Map<infer K, infer V>
              ? Map<InTask<K>, InTask<V>>
              : T extends ReadonlyMap<infer K, infer V>
                ? ReadonlyMap<InTask<K>, InTask<V>>
                : T extends Set<infer V>
                  ? Set<InTask<V>>
                  : T extends ReadonlySet<infer V>
                    ? ReadonlySet<InTask<V>>
                    : T extends (infer V)[]
                      ? V[] extends T
                        ? InTask<V>[]
                        : { [K in keyof T]: InTask<T[K]> }
                      : { [K in keyof T]: InTask<T[K]> };

/** The other way round: what the host sees of a value that a task gives to it. */
export type OnHost<T> = Known<T, OfTask, ConvertedOnHost<T>>;

type ConvertedOnHost<T> =
  T extends Without<T, OfTask>
    ? T
    : T extends TaskChan<infer V>
      ? Chan<OnHost<V>>
      : T extends TaskHandle<infer V>
        ? Task<OnHost<V>>
        : T extends Blocking<Mutex>
          ? Mutex
          : T extends Blocking<RWMutex>
            ? RWMutex
            : T extends Blocking<Semaphore>
              ? Semaphore
              : T extends Blocking<WaitGroup>
                ? WaitGroup
                : T extends Blocking<Cond>
                  ? Cond
                  : T extends Blocking<Once>
                    ? Once
                    : T extends Blocking<Context>
                      ? Context
                      : T extends Map<infer K, infer V>
                        ? Map<OnHost<K>, OnHost<V>>
                        : T extends ReadonlyMap<infer K, infer V>
                          ? ReadonlyMap<OnHost<K>, OnHost<V>>
                          : T extends Set<infer V>
                            ? Set<OnHost<V>>
                            : T extends ReadonlySet<infer V>
                              ? ReadonlySet<OnHost<V>>
                              : T extends (infer V)[]
                                ? V[] extends T
                                  ? OnHost<V>[]
                                  : { [K in keyof T]: OnHost<T[K]> }
                                : { [K in keyof T]: OnHost<T[K]> };

/** What the host may pass for a parameter of a task's function. */
export type FromHost<T> = T | OnHost<T> | (T extends TaskChan<infer V> ? Chan<V> : never);

type AllInTask<A extends readonly unknown[]> = { [K in keyof A]: InTask<A[K]> };
type AllFromHost<A extends readonly unknown[]> = { [K in keyof A]: FromHost<A[K]> };
type AllFromEither<A extends readonly unknown[]> = { [K in keyof A]: FromHost<A[K]> | InTask<A[K]> };

/**
 * A function that takes `A`, and nothing else that it has to be given. A parameter without a type has that of its argument, or else, where
 * there is `never` for it, that of its default value. That also lets functions pass which need more: see `Enough`.
 */
type Taking<A extends readonly unknown[], R> = (...args: [...A, ...never[]]) => R;
/** The arguments `A`, if `F` needs no more, or is not known yet. */
type Enough<F, A extends readonly unknown[]> = unknown extends F
  ? A
  : F extends (...args: AllAny<A>) => unknown
    ? A
    : F extends (...args: infer P) => unknown
      ? P
      : A;
// biome-ignore lint/suspicious/noExplicitAny: it is asked only how many there are
type AllAny<A extends readonly unknown[]> = { [K in keyof A]: any };

/** Either side's channel. */
type AnyChan = Pick<Chan<unknown>, 'capacity' | 'close' | 'length'> & { send(value: never): unknown };

/** A case of `select`: a channel to receive from, or a channel and what to send. A case with `null` is never ready. */
export type SelectCase = AnyChan | null | readonly [AnyChan | null, unknown];

/** What `H` takes. For a channel of which no more is known than that it is one, that is not checked. */
type Sendable<H> = [AnyChan] extends [H]
  ? unknown
  : NonNullable<H> extends { send: (value: infer V, ...options: never[]) => unknown }
    ? V
    : never;
/** A case whose value is one that its channel takes. */
type Checked<C> = C extends readonly [infer H, unknown] ? readonly [H, Sendable<H>] : C;
type AllChecked<C extends readonly SelectCase[]> = { [K in keyof C]: Checked<C[K]> };
type CaseIndex<K> = K extends `${infer N extends number}` ? N : number;

/**
 * Which case of a `select` was done: `index`, its `channel`, the `value` that was received, and `ok`, which is false where the channel was
 * closed and drained.
 */
export type Selected<C extends readonly SelectCase[]> = {
  [K in keyof C]: SelectedCase<C[K], CaseIndex<K>>;
}[number];

type SelectedCase<C, I> = C extends readonly [infer H, unknown]
  ? { index: I; channel: H; value: undefined; ok: true }
  : C extends null
    ? { index: I; channel: null; value: undefined; ok: false }
    : C extends { tryRecv(): Tried<infer V> }
      ? { index: I; channel: C; value: V; ok: true } | { index: I; channel: C; value: undefined; ok: false }
      : { index: I; channel: C; value: unknown; ok: boolean };

/** What `select` gives where nothing was ready and there is a default. */
export interface SelectedDefault<D> {
  index: -1;
  channel: undefined;
  value: D;
  ok: false;
}

/**
 * Makes a channel. With capacity 0, the default, sender and receiver meet.
 * @param capacity a whole number from 0, or Infinity
 * @throws RangeError for another number
 */
// `T` has no default: without one it is `unknown` in TypeScript, but `any` in JavaScript, where it cannot be said.
export function chan<T>(capacity?: number): Chan<T>;

/**
 * Does exactly one of the cases: one that is ready, drawn by lot, or the first that becomes so. No case, or only ones with `null`: waits
 * for ever.
 * @throws TypeError for what is no case
 * @throws ChannelClosedError where it would send on a closed channel
 */
export function select<const C extends readonly SelectCase[]>(
  cases: AllChecked<C>,
  options?: WaitOptions,
): Promise<Selected<C>>;
/** The same; with nothing ready it gives `options.default` at once, and `index` is -1. */
export function select<const C extends readonly SelectCase[], D>(
  cases: AllChecked<C>,
  options: WaitOptions & { default: D },
): Promise<Selected<C> | SelectedDefault<D>>;

/**
 * A channel that gives the time (milliseconds since 1970) once, after `ms` milliseconds, also where the isolate ends that has made it.
 * @param ms from 0 to 2147483647
 */
export function after(ms: number): Chan<number>;
/** A channel that gives the time every `ms` milliseconds, until it is closed. Ticks that nobody has received by the next one are dropped. */
export function ticker(ms: number): Chan<number>;
/**
 * A channel that gives what an iterable gives: an array, a generator, a Node or a web stream. It takes the next value once the one before
 * was received, or fits into the buffer, and closes after the last one. Once the channel was closed by others, the iteration is
 * left. What the iterable throws ends the channel, too, and is reported as a rejection that nobody handles.
 */
export function fromIterable<T>(iterable: Iterable<T> | AsyncIterable<T>, capacity?: number): Chan<T>;
/**
 * Waits some milliseconds.
 * @param ms from 0 to 2147483647
 */
export function sleep(ms: number): Promise<void>;
/**
 * The value itself, with the type that a task sees: for a channel that a task's function captures, and for what this library's
 * functions give when a task calls them. Imported ones have the host's types wherever they are called, since TypeScript does not know
 * where a function runs. `await` needs no `inTask`: it is right on the host and in tasks.
 * @example spawn(() => inTask(ch).recv())
 * @example spawn(() => inTask(spawn(fn)).join())
 */
export function inTask<T>(value: T): InTask<T>;

/** Whoever held a lock has failed, was killed, or died with its isolate, and had not released it: what it guards may be half done. */
export class PoisonedError extends Error {
  readonly code: 'ERR_POISONED';
}

/** What was locked or acquired. Releasing it again, or what somebody else has released, does nothing: `using` is always right. */
export interface Guard extends Disposable {
  release(): void;
}

/**
 * The same object as tasks have it: what returns a promise on the host blocks the task there. Objects of the kit can be passed, captured, sent
 * and returned, and mean the same everywhere.
 */
export type Blocking<T> = {
  [K in keyof T]: [T, K] extends [Once | WaitGroup | Context, keyof MethodsInTask]
    ? MethodsInTask[K & keyof MethodsInTask]
    : T[K] extends (...args: infer A) => Promise<infer R>
      ? (...args: A) => R
      : InTask<T[K]>;
};

/** Methods whose types cannot be told from those that they have on the host, since their type parameters would be lost. */
interface MethodsInTask {
  /** @see Once.do */
  do<T>(fn: () => T, options?: WaitOptions): Awaited<T>;
  /** @see WaitGroup.go */
  go<A extends readonly unknown[], R, F = unknown>(
    fn: F & Taking<AllInTask<A>, R>,
    ...args: Enough<F, A>
  ): TaskHandle<R>;
  go<F extends (...args: never[]) => unknown>(fn: F, ...args: AllFromEither<Parameters<F>>): TaskHandle<ReturnType<F>>;
  /** @see Context.child */
  child(options?: Omit<ContextOptions, 'parent'>): InTask<Context>;
}

/** A lock. Who waits is served in order. If a task that holds it fails or is killed without releasing it, the lock is poisoned. */
export class Mutex {
  private readonly brand: 'Mutex';
  /**
   * Waits for the lock.
   * @example using guard = await mutex.lock() // in a task: mutex.lock()
   * @throws PoisonedError
   */
  lock(options?: WaitOptions): Promise<Guard>;
  /** The lock, unless somebody has it. */
  tryLock(): Guard | undefined;
  /** Releases the lock, whoever has its guard. */
  unlock(): void;
  readonly isLocked: boolean;
}

/** A lock that many can hold for reading, or one for writing. Who waits is served in order, so writers are not starved. */
export class RWMutex {
  private readonly brand: 'RWMutex';
  /** Waits for the lock for writing. */
  lock(options?: WaitOptions): Promise<Guard>;
  /** Waits for the lock for reading. */
  rlock(options?: WaitOptions): Promise<Guard>;
  tryLock(): Guard | undefined;
  tryRLock(): Guard | undefined;
  unlock(): void;
  runlock(): void;
}

/** Permits, given in the order in which they were asked for. Those of a task that fails or is killed come back. */
export class Semaphore {
  private readonly brand: 'Semaphore';
  /** @param size how many permits there are */
  constructor(size: number);
  /** Waits for so many permits, one by default. */
  acquire(count?: number, options?: WaitOptions): Promise<Guard>;
  tryAcquire(count?: number): Guard | undefined;
  /**
   * Gives permits back, whoever took them.
   * @throws RangeError if not so many are taken
   */
  release(count?: number): void;
  readonly available: number;
  readonly size: number;
}

/** Counts what is yet to be done. */
export class WaitGroup {
  private readonly brand: 'WaitGroup';
  /**
   * So many more are to be done, by whomever. If the isolate ends of whoever was to say `done()`, nobody says it: `go` is for that.
   * @throws RangeError if more would be done than were added
   */
  add(count?: number): void;
  done(): void;
  /** Starts a task that counts until it has settled, however it does, also where its isolate ends. */
  go<A extends readonly unknown[], R, F = unknown>(
    fn: F & Taking<AllInTask<A>, R>,
    ...args: Enough<F, A>
  ): Task<OnHost<Awaited<R>>>;
  go<F extends (...args: never[]) => unknown>(fn: F, ...args: AllFromHost<Parameters<F>>): Task<OnHost<Result<F>>>;
  /** Waits until nothing is left to do. */
  wait(options?: WaitOptions): Promise<void>;
  readonly count: number;
}

/** A place to wait until something has changed that a lock guards. */
export class Cond {
  private readonly brand: 'Cond';
  constructor(mutex: Mutex | RWMutex | Blocking<Mutex> | Blocking<RWMutex>);
  readonly mutex: Mutex | RWMutex;
  /**
   * Unlocks, waits for `signal` or `broadcast`, and locks again; the guard is valid again afterwards.
   * @throws TypeError for a guard that was released, or of another lock
   */
  wait(guard: Guard, options?: WaitOptions): Promise<void>;
  /** Lets the one go on that waits longest. */
  signal(): void;
  broadcast(): void;
}

/** Something that is done once. */
export class Once {
  private readonly brand: 'Once';
  /**
   * Calls the function unless that was done before, here or elsewhere; while somebody is at it, waits. If it throws, the next one
   * calls its function.
   * @returns what the one call has returned, elsewhere a copy of it
   * @throws DataCloneError if what the function has returned cannot be copied, unless only this isolate knows the object; then the
   *   function counts as having thrown
   */
  do<T>(fn: () => T, options?: WaitOptions): Promise<Awaited<T>>;
  readonly isDone: boolean;
}

/** Options of a context. */
export interface ContextOptions {
  /** It is cancelled with its parent, and has its parent's values and deadline. */
  parent?: Context | undefined;
  /** Milliseconds after which it is cancelled with a TimeoutError. */
  timeout?: number | undefined;
  /** The same as a time: a Date, or milliseconds since 1970. */
  deadline?: number | Date | undefined;
  /** Values that are copied. Functions among them can be had in tasks only, so those of the host refuse them. */
  values?: { readonly [key: string]: unknown } | undefined;
}

/** Tells those who work for one purpose, wherever they are, that it is over: by `cancel()`, or by a deadline. */
export class Context {
  private readonly brand: 'Context';
  constructor(options?: ContextOptions);
  /** Is closed when the context is cancelled: a case for `select`. */
  readonly done: Chan<never>;
  /** Why it was cancelled: a TaskKilledError, whose `cause` is the reason, or a TimeoutError; undefined while it was not. */
  readonly error: TaskKilledError | TimeoutError | undefined;
  /** Milliseconds since 1970. */
  readonly deadline: number | undefined;
  /** A value of this context's, or else of its parents'. */
  get(key: string): unknown;
  /** Ends it, and its children. Of a reason that cannot be copied, an error is kept without what stands in the way. */
  cancel(reason?: unknown): void;
  child(options?: Omit<ContextOptions, 'parent'>): Context;
  /** Throws why it was cancelled, if it was. */
  check(): void;
}

/** Tasks of which the first that fails ends the others. It stays where it was made. */
export class ErrGroup {
  /** @param options `limit`: how many tasks may run at once; `Infinity` is no limit */
  constructor(options?: { limit?: number | undefined });
  /** Starts a task, once fewer than `limit` run. After a failure, or `cancel`, none is started any more. */
  go<A extends readonly unknown[], R, F = unknown>(
    fn: F & Taking<AllInTask<A>, R>,
    ...args: Enough<F, A>
  ): Promise<void>;
  go<F extends (...args: never[]) => unknown>(fn: F, ...args: AllFromHost<Parameters<F>>): Promise<void>;
  /** Starts a task unless `limit` tasks run, one has failed, or all were cancelled; whether it did. */
  tryGo<A extends readonly unknown[], R, F = unknown>(fn: F & Taking<AllInTask<A>, R>, ...args: Enough<F, A>): boolean;
  tryGo<F extends (...args: never[]) => unknown>(fn: F, ...args: AllFromHost<Parameters<F>>): boolean;
  /** Ends all its tasks; what waits for its turn is not started. */
  cancel(reason?: unknown): void;
  /**
   * Waits until all tasks have settled, those included that wait for their turn.
   * @throws the first failure
   */
  wait(options?: WaitOptions): Promise<void>;
}

/** What `scope` gives to its function. */
export interface Scope {
  /** @throws the failure of a task of the scope; an Error once the scope has ended */
  spawn: SpawnFunction;
  /** Ends all tasks of the scope. */
  cancel(reason?: unknown): void;
}

/**
 * Calls a function that may start tasks; when `scope` is over, all of them have settled. If the function or one of the tasks fails,
 * the others are killed, and that failure is thrown, the first one if there are several; so it is where the signal is aborted. On the host
 * this does not wait for the function; in a task, where the function runs in the task itself, it does: what that waits for ends by its own
 * signal, or because it is one of the tasks.
 */
export function scope<T>(fn: (scope: Scope) => T, options?: WaitOptions): Promise<Awaited<T>>;

/**
 * A function that runs as a task each time it is called.
 * @param options `limit`: how many calls may run at once, the others wait; `Infinity` is no limit
 */
// biome-ignore lint/suspicious/noExplicitAny: what parameters without a type are, with `never` nothing could be passed for them
export function task<F extends (...args: any[]) => unknown>(
  fn: F,
  options?: { limit?: number | undefined },
): (...args: AllFromHost<Parameters<F>>) => Promise<OnHost<Result<F>>>;

/** A task as the task that started it sees it. */
export interface TaskHandle<T> extends PromiseLike<Awaited<T>> {
  /** A number of its own in its program. */
  readonly id: number;
  readonly name: string;
  readonly status: 'running' | 'paused' | 'done' | 'failed' | 'killed';
  /** As on the host; who joins the task gets a TaskKilledError. */
  kill(reason?: unknown): void;
  pause(): void;
  resume(): void;
  /**
   * As on the host, at once, and with the chain of spawns that led to the task within its isolate. Positions in functions that
   * were spawned on the host are named as in `error.stack`: where the file is not known, as `<function work 12>:2:16`, in the text of
   * the function.
   */
  stack(): string;
  /**
   * Blocks the task that calls it until this one has settled.
   * @returns its result
   * @throws what it threw
   */
  join(): Awaited<T>;
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Awaited<T> | B>;
  finally(onFinally?: (() => void) | null): Promise<Awaited<T>>;
}

declare global {
  /**
   * Inside a task in coroutine form: starts a task beside it, on the same isolate. The function keeps what it captures; what is
   * passed and returned is copied.
   */
  // biome-ignore lint/suspicious/noRedeclare: the global of tasks, which is another function than the host's
  function spawn<A extends readonly unknown[], R, F = unknown>(
    fn: F & Taking<A, R>,
    ...args: Enough<F, A>
  ): TaskHandle<R>;
  /** Inside a task in coroutine form: blocks the task for some milliseconds. */
  function sleep(ms: number): void;
  /**
   * Inside a task in coroutine form: makes a channel. With capacity 0, the default, sender and receiver meet.
   * @throws RangeError for a capacity that is no whole number from 0
   */
  function chan<T>(capacity?: number): TaskChan<T>;
  /** Inside a task in coroutine form: does exactly one of the cases, and blocks the task until it has. */
  function select<const C extends readonly SelectCase[]>(cases: AllChecked<C>, options?: WaitOptions): Selected<C>;
  function select<const C extends readonly SelectCase[], D>(
    cases: AllChecked<C>,
    options: WaitOptions & { default: D },
  ): Selected<C> | SelectedDefault<D>;
  /** Inside a task in coroutine form: a channel that gives the time once, after `ms` milliseconds. */
  function after(ms: number): TaskChan<number>;
  /** Inside a task in coroutine form: a channel that gives the time every `ms` milliseconds, until it is closed. */
  function ticker(ms: number): TaskChan<number>;
  /**
   * Inside a task: `return transfer(value, [buffer, ...])` moves ArrayBuffers to the receiver instead of copying them.
   * Buffers that were moved into the task are moved back by themselves.
   */
  function transfer<T extends object>(value: T, buffers: ArrayBuffer[]): T;
}
