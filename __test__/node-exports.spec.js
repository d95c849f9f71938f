'use strict';

// Node's own modules in tasks export what Node's do, so that packages that import it load; and it does what it does in Node.

const assert = require('node:assert/strict');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { describe, it, after } = require('node:test');
const { runFile, shutdown, spawn } = require('../lib/index.js');

const folder = mkdtempSync(join(tmpdir(), 'hertzscript-node-'));
after(() => {
  rmSync(folder, { recursive: true });
  return shutdown();
});

const MODULES = [
  ...[
    'assert',
    'assert/strict',
    'async_hooks',
    'buffer',
    'crypto',
    'diagnostics_channel',
    'events',
    'module',
    'os',
    'path',
    'path/posix',
  ],
  ...[
    'perf_hooks',
    'punycode',
    'querystring',
    'stream',
    'stream/consumers',
    'stream/promises',
    'stream/web',
    'string_decoder',
    'timers',
    'timers/promises',
    'tty',
  ],
  ...['url', 'util', 'util/types', 'process'],
];

/** What tasks leave out, so that packages that look for it do without, as they do on systems that have none of it. */
const LEFT_OUT = {
  process: [
    'getegid',
    'geteuid',
    'getgid',
    'getgroups',
    'getuid',
    'initgroups',
    'mainModule',
    'moduleLoadList',
    'report',
    'stdin',
  ].concat(['setegid', 'seteuid', 'setgid', 'setgroups', 'setuid']),
};

/** Names that came after the oldest Node that is supported. */
const isOld = process.version.startsWith('v20.');

/** The names that a module exports, with their types. */
function exportsOf(name) {
  const exports = require(name);
  const names = Object.keys(exports).filter((key) => !key.startsWith('_'));
  return Object.fromEntries(names.map((key) => [key, typeof exports[key]]));
}

describe('exports', { skip: !isOld && 'they are those of Node 20' }, () => {
  for (const name of MODULES) {
    it(`of ${name}`, async () => {
      const wanted = exportsOf(name);
      for (const key of LEFT_OUT[name] ?? []) delete wanted[key];
      const found = await spawn(exportsOf, name);
      assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((key) => [key, found[key]])), wanted);
    });
  }

  for (const form of ['coroutine', 'plain']) {
    it(`can be imported by name (${form})`, async () => {
      const file = join(folder, `${form}.mjs`);
      const names = MODULES.filter((name) => name !== 'process').map((name) => [name, Object.keys(exportsOf(name))]);
      const lines = names.map(
        ([name, keys], i) =>
          `import { ${keys.map((key) => `${key} as m${i}_${key}`).join(', ')} } from 'node:${name}';`,
      );
      writeFileSync(file, `${lines.join('\n')}\nexport const done = true;`);
      assert.deepEqual({ ...(await runFile(file, { form })) }, { done: true });
    });
  }
});

/** Runs in Node and in a task, and gives the same. */
function same(name, fn, ...args) {
  it(name, async () => {
    const wanted = await fn(...args);
    assert.deepEqual(await spawn(fn, ...args), wanted);
  });
}

describe('stream', () => {
  same('is the constructor of old streams', () => {
    const Stream = require('node:stream');
    function Old() {
      Stream.call(this);
    }
    require('node:util').inherits(Old, Stream);
    const old = new Old();
    const written = [];
    const { Writable, Readable } = Stream;
    old.pipe(
      new Writable({
        write(chunk, _, done) {
          written.push(String(chunk));
          done();
        },
      }),
    );
    old.emit('data', 'x');
    return [
      [Stream === Stream.Stream, Stream === Readable, Stream.name, '_readableState' in old, 'read' in Stream.prototype],
      [new Readable() instanceof Stream, new Writable() instanceof Stream, 'default' in Stream, written],
      [typeof Stream.promises.pipeline, Stream.promises === require('node:stream/promises')],
      [Readable.prototype instanceof require('events')],
    ];
  });

  same('can be inherited from by packages that bring streams along', () => {
    const Stream = require('node:stream');
    // What readable-stream 3 does.
    function Readable() {
      this._readableState = { pipesCount: 0 };
      Stream.call(this);
    }
    require('node:util').inherits(Readable, Stream);
    Readable.prototype.pipesCount = 1;
    const readable = new Readable();
    readable._readableState.pipesCount = 2;
    return readable._readableState.pipesCount;
  });

  same('has pairs of duplex streams', async () => {
    const { duplexPair } = require('node:stream');
    const { text } = { text: async (stream) => (await stream.toArray()).map(String).join('') };
    const [a, b] = duplexPair();
    a.write('to b');
    a.end('!');
    b.end('to a');
    return [await text(b), await text(a)];
  });

  same('composes, and aborts', async () => {
    const { Readable, PassThrough, addAbortSignal, compose, finished } = require('node:stream');
    const upper = async function* (source) {
      for await (const chunk of source) yield String(chunk).toUpperCase();
    };
    const composed = compose(new PassThrough(), upper);
    composed.end('text');
    const controller = new AbortController();
    const endless = addAbortSignal(controller.signal, new Readable({ read() {} }));
    const end = new Promise((resolve) => finished(endless, (error) => resolve([error.name, error.code])));
    controller.abort();
    return [(await composed.toArray()).map(String), await end];
  });
});

describe('events', () => {
  same('are iterated', async () => {
    const { EventEmitter, on } = require('events');
    const emitter = new EventEmitter();
    const seen = [];
    setTimeout(() => {
      emitter.emit('x', 1, 'a');
      emitter.emit('x', 2);
      emitter.emit('end');
    }, 1);
    for await (const args of on(emitter, 'x', { close: ['end'] })) seen.push(args);
    const controller = new AbortController();
    const iterator = on(emitter, 'x', { signal: controller.signal });
    emitter.emit('x', 3);
    controller.abort(new Error('enough'));
    seen.push(await iterator.next());
    const failure = await iterator
      .next()
      .catch((error) => [error.name, error.code, error.message, error.cause?.message]);
    seen.push(failure, await iterator.next(), emitter.listenerCount('x'));
    const failing = on(emitter, 'x');
    emitter.emit('error', new Error('wrong'));
    seen.push(await failing.next().catch((error) => error.message), await failing.next());
    const left = on(emitter, 'x');
    const next = left.next();
    seen.push(await left.return(), await next, emitter.eventNames());
    return seen;
  });

  same('are awaited, until a signal says no', async () => {
    const { EventEmitter, once } = require('events');
    const emitter = new EventEmitter();
    const controller = new AbortController();
    const both = [once(emitter, 'x'), once(emitter, 'y', { signal: controller.signal }), once(emitter, 'z')];
    emitter.emit('x', 1, 2);
    controller.abort();
    emitter.emit('error', new Error('wrong'));
    const results = await Promise.allSettled(both);
    const early = await once(emitter, 'x', { signal: AbortSignal.abort() }).catch((error) => error.code);
    const target = new EventTarget();
    const event = once(target, 'e');
    target.dispatchEvent(new Event('e'));
    return [
      results.map(({ value, reason }) => value ?? [reason.name, reason.code, reason.message]),
      [early, emitter.eventNames(), (await event)[0].type],
    ];
  });

  same('of errors are watched', () => {
    const { EventEmitter, errorMonitor } = require('events');
    const emitter = new EventEmitter();
    const seen = [];
    emitter.on(errorMonitor, (error) => seen.push(['monitor', error.message]));
    try {
      emitter.emit('error', new Error('a'));
    } catch (error) {
      seen.push(['thrown', error.message]);
    }
    emitter.on('error', (error) => seen.push(['listener', error.message]));
    emitter.emit('error', new Error('b'));
    seen.push(emitter.emit('other'), emitter.emit('error', new Error('c')));
    return seen;
  });

  same('have limits and lists of listeners', () => {
    const { EventEmitter, getEventListeners, getMaxListeners, listenerCount, setMaxListeners } = require('events');
    const a = new EventEmitter();
    const target = new EventTarget();
    setMaxListeners(5, a, target);
    a.on('x', () => {});
    const wrong = [];
    for (const call of [() => setMaxListeners(-1), () => setMaxListeners(1, {}), () => getMaxListeners({})]) {
      try {
        call();
      } catch (error) {
        wrong.push([error.name, error.code]);
      }
    }
    return [
      getMaxListeners(a),
      getMaxListeners(target),
      getMaxListeners(new EventTarget()),
      getEventListeners(a, 'x').length,
    ].concat([listenerCount(a, 'x'), wrong]);
  });

  same('of signals are listened to until disposed of', async () => {
    const { addAbortListener } = require('events');
    const seen = [];
    const first = new AbortController();
    addAbortListener(first.signal, (event) => seen.push(event.type));
    const disposable = addAbortListener(first.signal, () => seen.push('disposed of'));
    disposable[Symbol.dispose ?? Object.getOwnPropertySymbols(disposable)[0]]();
    first.abort();
    addAbortListener(first.signal, () => seen.push('late'));
    await null;
    return seen;
  });

  same('keep what was stored when their emitter was made', () => {
    const { EventEmitterAsyncResource } = require('events');
    const { AsyncLocalStorage } = require('node:async_hooks');
    const storage = new AsyncLocalStorage();
    const emitter = storage.run('inside', () => new EventEmitterAsyncResource({ name: 'Q' }));
    const seen = [];
    emitter.on('x', (value) => seen.push(value, storage.getStore()));
    emitter.emit('x', 1);
    return [seen, typeof emitter.asyncId, emitter.asyncResource.eventEmitter === emitter];
  });
});

describe('timers', () => {
  same('are promises', async () => {
    const { promisify } = require('node:util');
    const timers = require('node:timers/promises');
    const { signal } = AbortSignal.abort ? { signal: AbortSignal.abort() } : {};
    const seen = [];
    for await (const value of timers.setInterval(1, 'tick')) if (seen.push(value) === 3) break;
    const failure = await timers.setTimeout(1000, 1, { signal }).catch((error) => [error.name, error.code]);
    return [
      [await promisify(setTimeout)(1, 'value'), await promisify(setImmediate)('soon')],
      [await timers.setTimeout(1, 'a'), await timers.setImmediate('b'), await timers.scheduler.wait(1)],
      [await timers.scheduler.yield(), seen, failure, timers === require('node:timers').promises],
    ];
  });
});

describe('buffer', () => {
  same('knows text, and changes its encoding', () => {
    const { Buffer, isAscii, isUtf8, kStringMaxLength, transcode } = require('buffer');
    return [
      [isAscii(Buffer.from('abc')), isAscii(Buffer.from('é')), isUtf8(Buffer.from('é')), isUtf8(Uint8Array.of(255))],
      [
        transcode(Buffer.from('€'), 'utf8', 'ascii').toString(),
        transcode(Buffer.from('é€'), 'utf8', 'latin1').toString('hex'),
      ],
      [
        transcode(Buffer.from('é'), 'latin1', 'utf8').toString('hex'),
        typeof kStringMaxLength,
        'TYPED_ARRAY_SUPPORT' in Buffer,
      ],
      [Buffer.from('hé').utf8Slice(1, 3), Buffer.from('hé').hexSlice(), Buffer.alloc(4).ucs2Write('hé')],
    ];
  });

  same('has blobs', async () => {
    const { Blob, File, Buffer } = require('buffer');
    const blob = new Blob(['ab', Buffer.from('cd'), new Blob(['é'])], { type: 'Text/Plain' });
    const part = blob.slice(1, -2, 'x/y');
    const file = new File([blob], 'name', { lastModified: 5 });
    return [
      [
        blob.size,
        blob.type,
        await blob.text(),
        [...new Uint8Array(await part.arrayBuffer())],
        part.type,
        await part.text(),
      ],
      [
        file instanceof Blob,
        file.name,
        file.lastModified,
        file.size,
        Object.prototype.toString.call(file),
        String(blob),
      ],
    ];
  });
});

describe('util', () => {
  same('has what is small', async () => {
    const { aborted, getSystemErrorMap, getSystemErrorName, styleText } = require('node:util');
    const controller = new AbortController();
    const end = aborted(controller.signal, {});
    controller.abort();
    await end;
    await aborted(controller.signal, {});
    const always = { validateStream: false };
    return [
      [styleText('red', 'text', always), styleText(['bold', 'blue'], 'x', always)],
      [getSystemErrorName(-2), getSystemErrorMap().get(-13)],
    ];
  });
});

describe('other modules', () => {
  same('give what a task knows', () => {
    const os = require('node:os');
    const url = require('url');
    const path = require('node:path');
    const { unescapeBuffer } = require('node:querystring');
    return [
      [os.devNull, os.EOL, os.arch(), os.platform(), os.type(), os.machine(), os.homedir()],
      [url.domainToUnicode('xn--mnchen-3ya.de'), url.domainToASCII('münchen.de')],
      [{ ...url.urlToHttpOptions(new URL('http://us%20er:pw@[::1]:8080/a/b?c=d#e')) }],
      [path.toNamespacedPath('/a/b'), unescapeBuffer('a%20b').toString()],
      [
        process.getBuiltinModule('path') === path,
        process.getBuiltinModule('node:os') === os,
        process.getBuiltinModule('nothing'),
      ],
      [typeof process.memoryUsage.rss(), typeof process.argv0, typeof process.hrtime.bigint()],
      require('node:module').Module === require('node:module'),
    ];
  });

  it('have constants', { skip: !isOld && 'they are those of Node 20' }, async () => {
    // Those of Node have no prototypes.
    const constants = () =>
      JSON.parse(
        JSON.stringify([
          require('node:os').constants,
          require('node:constants'),
          { ...require('node:perf_hooks').constants },
        ]),
      );
    const wanted = constants();
    // Node adds it when somebody loads `crypto`.
    delete wanted[1].defaultCipherList;
    assert.deepEqual(await spawn(constants), wanted);
  });

  it('say what tasks do not have when it is used', async () => {
    const results = await spawn(async () => {
      const { MIMEType, parseArgs } = require('node:util');
      const { monitorEventLoopDelay, PerformanceObserver } = require('node:perf_hooks');
      const os = require('node:os');
      const calls = [
        () => os.cpus(),
        () => os.totalmem(),
        () => new MIMEType('a/b'),
        () => parseArgs(),
        () => monitorEventLoopDelay(),
        () => new (class extends PerformanceObserver {})(() => {}),
        () => process.exit(),
        () => require('node:path').matchesGlob('a', '*'),
      ];
      return calls.map((call) => {
        try {
          return call();
        } catch (error) {
          return [error.name, error.code, error.message];
        }
      });
    });
    for (const [name, code] of results) assert.deepEqual([name, code], ['Error', 'ERR_MODULE_UNAVAILABLE']);
    assert.match(results[0][2], /^os\.cpus\(\) is not available in tasks: use it on the host/);
    assert.match(results[6][2], /^process\.exit\(\) is not available in tasks: use it on the host/);
  });
});
