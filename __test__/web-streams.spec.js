'use strict';

// Web streams in tasks do what Node's do: each function here runs in both.

const assert = require('node:assert/strict');
const { describe, it, after } = require('node:test');
const { shutdown, spawn } = require('../lib/index.js');
const { same } = require('./same-in-tasks.js');

after(() => shutdown());

const FORMS = ['coroutine', 'storm', 'plain'];

describe('web streams', () => {
  same('are globals, and those of the module', () => {
    const web = require('node:stream/web');
    const names = Object.keys(web).filter((name) => !/ompressionStream$|Tee$/.test(name));
    return [
      names.filter((name) => globalThis[name] !== web[name]),
      names.map((name) => [name, typeof web[name], web[name].name]).sort(),
      process.getBuiltinModule('stream/web') === web,
      [typeof new ReadableStream(), String(new TransformStream()), ReadableStream.length, typeof ReadableStream.from],
    ];
  });

  same('are read, and iterated', async () => {
    let pulled = 0;
    const source = {
      pull(controller) {
        if (pulled === 3) controller.close();
        else controller.enqueue(pulled++);
      },
    };
    const seen = [];
    for await (const value of new ReadableStream(source)) seen.push(value);
    const reader = ReadableStream.from(['a', 'b']).getReader();
    seen.push(await reader.read(), await reader.read(), await reader.read());
    const [left, right] = ReadableStream.from([1, 2]).tee();
    const collect = async (stream) => {
      const list = [];
      for await (const value of stream) list.push(value);
      return list;
    };
    return [seen, await Promise.all([collect(left), collect(right)])];
  });

  same('are piped through transforms into sinks', async () => {
    const written = [];
    const sink = new WritableStream({
      async write(chunk) {
        await null;
        written.push(chunk);
      },
      close() {
        written.push('closed');
      },
    });
    const double = new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(chunk * 2);
      },
      flush(controller) {
        controller.enqueue('end');
      },
    });
    await ReadableStream.from([1, 2, 3]).pipeThrough(double).pipeTo(sink);
    return written;
  });

  same('fail, and are cancelled', async () => {
    const seen = [];
    const failing = new ReadableStream({
      start(controller) {
        controller.error(new Error('wrong'));
      },
    });
    await failing
      .getReader()
      .read()
      .catch((error) => seen.push(error.message));
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(0),
      cancel: (reason) => seen.push(`cancelled ${reason}`),
    });
    for await (const value of endless) if (value === 0) break;
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    const sink = new WritableStream({ abort: (reason) => seen.push(reason.message) });
    await ReadableStream.from([1])
      .pipeTo(sink, { signal: controller.signal })
      .catch((error) => seen.push(error.message));
    return seen;
  });

  same('have bytes', async () => {
    const stream = new ReadableStream({
      type: 'bytes',
      start(controller) {
        controller.enqueue(Uint8Array.of(1, 2, 3, 4));
        controller.close();
      },
    });
    const reader = stream.getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(3));
    const second = await reader.read(new Uint8Array(first.value.buffer));
    return [[...second.value], second.done, (await reader.read(new Uint8Array(1))).done];
  });

  same('make bytes of text, and text of bytes', async () => {
    const bytes = [];
    // The halves of a pair arrive apart, and one alone.
    const texts = ReadableStream.from(['h\u00e9', '', '\ud83d', '\ude00', '\ud83d', 'x', '\udc00', '\ud83d']);
    for await (const chunk of texts.pipeThrough(new TextEncoderStream())) bytes.push(...chunk);
    const split = new ReadableStream({
      start(controller) {
        for (const byte of [0xf0, 0x9f, 0x98, 0x80, 0xe2, 0x82]) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const chunks = [];
    for await (const chunk of split.pipeThrough(new TextDecoderStream())) chunks.push(chunk);
    const decoder = new TextDecoderStream('utf-16le', { fatal: true });
    const encoder = new TextEncoderStream();
    const fails = ReadableStream.from([Uint8Array.of(0xff)]).pipeThrough(
      new TextDecoderStream('utf-8', { fatal: true }),
    );
    return [
      bytes,
      chunks.join('|'),
      [decoder.encoding, decoder.fatal, decoder.ignoreBOM, encoder.encoding],
      await fails
        .getReader()
        .read()
        .catch((error) => error.name),
    ];
  });

  same('are read whole', async () => {
    const consumers = require('node:stream/consumers');
    const { Readable } = require('node:stream');
    const bytes = () => ReadableStream.from([Buffer.from('{"a":'), Buffer.from('"\u00e9"}')]);
    return [
      await consumers.text(bytes()),
      await consumers.json(Readable.from(['[1,', '2]'])),
      (await consumers.buffer(bytes())).toString('hex'),
      new Uint8Array(await consumers.arrayBuffer(bytes())).length,
      await (await consumers.blob(bytes())).text(),
    ];
  });

  same('come out of blobs', async () => {
    const blob = new Blob(['abc', new Uint8Array(3)], { type: 'text/plain' });
    let size = 0;
    for await (const chunk of blob.stream()) size += chunk.length;
    const file = new File(['x'], 'name.txt');
    return [size, await new Response_(blob.stream()).text(), file.name, file instanceof Blob];

    function Response_(stream) {
      this.text = () => require('node:stream/consumers').text(stream);
    }
  });

  same("are made of Node's, and the other way round", async () => {
    const { Duplex, PassThrough, Readable, Writable } = require('node:stream');
    const { text } = require('node:stream/consumers');
    const seen = [await text(Readable.toWeb(Readable.from([Buffer.from('a'), Buffer.from('b')])))];
    const objects = [];
    for await (const value of Readable.toWeb(Readable.from([{ a: 1 }, { b: 2 }]))) objects.push(value);
    seen.push(objects, await text(Readable.fromWeb(ReadableStream.from(['x', 'y']))));

    const written = [];
    const sink = new WritableStream({
      write: (chunk) => void written.push(String(chunk)),
      close: () => void written.push('end'),
    });
    const writable = Writable.fromWeb(sink, { decodeStrings: false });
    writable.write('1');
    writable.end('2');
    await new Promise((resolve, reject) => writable.on('finish', resolve).on('error', reject));
    seen.push(written);

    const chunks = [];
    const node = new Writable({
      write(chunk, _, done) {
        chunks.push(String(chunk));
        setTimeout(done, 1);
      },
    });
    await ReadableStream.from(['p', 'q']).pipeTo(Writable.toWeb(node));
    seen.push(chunks, node.writableFinished);

    const pair = Duplex.toWeb(new PassThrough());
    const writer = pair.writable.getWriter();
    writer.write(Buffer.from('through'));
    writer.close();
    seen.push(await text(pair.readable));
    const duplex = Duplex.fromWeb(new TransformStream());
    duplex.end('both');
    seen.push(await text(duplex));
    return seen;
  });

  same('tell each other of errors', async () => {
    const { Readable, Writable } = require('node:stream');
    const seen = [];
    const failing = new Readable({
      read() {
        this.destroy(new Error('of node'));
      },
    });
    await Readable.toWeb(failing)
      .getReader()
      .read()
      .catch((error) => seen.push(error.message));
    const web = new ReadableStream({
      pull() {
        throw new Error('of the web');
      },
    });
    await Readable.fromWeb(web)
      .toArray()
      .catch((error) => seen.push(error.message));
    const cancelled = new ReadableStream({ cancel: (reason) => void seen.push(`cancel ${reason?.message}`) });
    const readable = Readable.fromWeb(cancelled);
    readable.on('error', () => {}).destroy(new Error('no more'));
    await new Promise((resolve) => readable.on('close', resolve));
    const sink = new WritableStream({
      write() {
        throw new Error('full');
      },
    });
    const writable = Writable.fromWeb(sink);
    writable.write('x');
    await new Promise((resolve) => writable.on('error', (error) => resolve(seen.push(error.message))));
    const refusing = new Writable({ write: (_chunk, _encoding, done) => done(new Error('refused')) });
    const writer = Writable.toWeb(refusing).getWriter();
    writer.write('x').catch(() => {});
    await writer.closed.catch((error) => seen.push(error.message));
    return seen;
  });

  same('refuse what is no stream', () => {
    const { Readable, Writable, Duplex } = require('node:stream');
    const calls = [
      () => Readable.fromWeb({}),
      () => Writable.fromWeb(1),
      () => Duplex.fromWeb({}),
      () => Readable.toWeb({}),
      () => Writable.toWeb(null),
      () => new ReadableStream({ type: 'other' }),
    ];
    return calls.map((call) => {
      try {
        return call();
      } catch (error) {
        return error.name;
      }
    });
  });
});

describe('in tasks, web streams', () => {
  for (const form of FORMS.slice(0, 2)) {
    it(`have sources and sinks that block (${form})`, async () => {
      const result = await spawn.with({ form })(() => {
        const values = chan();
        spawn((values) => {
          for (let i = 0; i < 5; i++) values.send(i);
          values.close();
        }, values);
        const out = chan(10);
        const source = new ReadableStream({
          pull(controller) {
            const { value, done } = values.next();
            if (done) controller.close();
            else controller.enqueue(value);
          },
        });
        const sink = new WritableStream({
          write(chunk) {
            sleep(1);
            out.send(chunk);
          },
          close: () => out.close(),
        });
        return source.pipeTo(sink).then(() => [...out]);
      });
      assert.deepEqual(result, [0, 1, 2, 3, 4]);
    });
  }

  it('cannot be sent', async () => {
    for (const make of [
      () => ({ a: new ReadableStream() }),
      () => ({ a: new Blob(['x']) }),
      () => ({ a: new TextDecoderStream() }),
    ]) {
      await assert.rejects(spawn(make), { name: 'DataCloneError' });
    }
  });

  it('say what of them is missing', async () => {
    await assert.rejects(
      spawn(() => new (require('node:stream/web').CompressionStream)('gzip')),
      { code: 'ERR_MODULE_UNAVAILABLE', message: /CompressionStream/ },
    );
    assert.equal(await spawn(() => typeof CompressionStream), 'undefined');
  });
});

describe('classes of the Web', () => {
  same('are there for events', () => {
    const seen = [];
    const target = new EventTarget();
    target.addEventListener('x', (event) => seen.push([event.type, event.detail, event instanceof Event]));
    target.dispatchEvent(new CustomEvent('x', { detail: { a: 1 } }));
    return [seen, new CustomEvent('y').detail, CustomEvent.name, String(new CustomEvent('z'))];
  });

  same('measure what a program notes', () => {
    const { PerformanceEntry, PerformanceMark } = require('node:perf_hooks');
    const detail = { a: 1 };
    const mark = performance.mark('start', { startTime: 5, detail });
    performance.mark('end', { startTime: 25 });
    const measure = performance.measure('both', 'start', 'end');
    const other = performance.measure('part', { end: 'end', duration: 5, detail: 'x' });
    const names = performance
      .getEntriesByType('measure')
      .map(({ name, startTime, duration }) => [name, startTime, duration]);
    const seen = [
      [mark.name, mark.entryType, mark.startTime, mark.duration, mark.detail, mark.detail === detail],
      [mark instanceof PerformanceEntry, mark instanceof PerformanceMark, other.detail, measure.duration],
      [names, performance.getEntriesByName('end').length, performance.getEntriesByName('end', 'measure').length],
      performance.timerify(() => 3)(),
    ];
    performance.clearMarks('end');
    performance.clearMeasures();
    seen.push(
      performance.getEntriesByType('mark').map(({ name }) => name),
      performance.getEntriesByType('measure'),
    );
    try {
      performance.measure('none', 'end');
    } catch (error) {
      seen.push([error.name, error.message]);
    }
    performance.clearMarks();
    return seen;
  });

  it('may be names of the program', async () => {
    class Blob {}
    const File = 3;
    assert.deepEqual(await spawn(() => [new Blob() instanceof Object, Blob.length]), [true, 0]);
    assert.equal(await spawn(() => File), 3);
  });
});
