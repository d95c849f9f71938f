/**
 * Channels: within one isolate against Go, across isolates and to the host against MessagePorts of worker_threads.
 *
 * All is measured warm: six rounds go before, and each sample is long enough that its start is no part of what it says. Within an isolate
 * the task times itself, as Go's program does. Across threads the host times the whole, from the start of
 * both sides to the end of both, on either side: for ours that includes two spawns, for workers a message to each.
 *
 * Targets, a quotient each: unbuffered round trip at most 0.35 of Go's, buffered (100) and select over 4 ready channels at most
 * Go's; across isolates 10 times the small integers and 3 times the objects of 1 KB of a MessagePort, and at most a fifth of its
 * round trip; task to host at most 0.6 of its round trip. In absolute figures: a round trip in 100 ns, 3 million small
 * integers a second across isolates, 1 million messages a second to the host.
 */

const { MessageChannel, Worker } = require('node:worker_threads');
const { bench, compare, timed } = require('./harness.js');
const { goContenders, measurable } = require('./go/go.js');

const LOCAL = 1_000_000;
const STREAM = 300_000;
const OBJECTS = 30_000;
const TRIPS = 2_000;

/** In one isolate; each gives nanoseconds per operation. */
const inOneIsolate = {
  'round trip': (n) => {
    const a = chan();
    const b = chan();
    spawn(() => {
      for (const value of a) b.send(value);
    });
    const begin = performance.now();
    for (let i = 0; i < n; i++) {
      a.send(i);
      b.recv();
    }
    const end = performance.now();
    a.close();
    return ((end - begin) * 1e6) / n;
  },
  buffered: (n) => {
    const c = chan(100);
    const begin = performance.now();
    spawn(() => {
      for (let i = 0; i < n; i++) c.send(i);
      c.close();
    });
    for (let i = 0; i < n; i++) c.recv();
    return ((performance.now() - begin) * 1e6) / n;
  },
  select: (n) => {
    const list = [chan(1), chan(1), chan(1), chan(1)];
    for (const c of list) c.send(1);
    const begin = performance.now();
    for (let i = 0; i < n; i++) {
      const { channel, value } = select(list);
      channel.send(value);
    }
    return ((performance.now() - begin) * 1e6) / n;
  },
};

/** An object of about 1 KB. */
const object = () => ({
  id: 12_345,
  name: 'a customer of ours',
  tags: ['alpha', 'beta', 'gamma'],
  nested: { when: 1_700_000_000_000, ok: true, list: [1, 2, 3, 4, 5, 6, 7, 8] },
  text: 'lorem ipsum '.repeat(65),
});

function sendInts(c, n) {
  for (let i = 0; i < n; i++) c.send(i);
}
function sendObjects(c, n, value) {
  for (let i = 0; i < n; i++) c.send(value);
}
function receive(c, n) {
  for (let i = 0; i < n; i++) c.recv();
}
function ask(a, b, n) {
  for (let i = 0; i < n; i++) {
    a.send(i);
    b.recv();
  }
}
function answer(a, b, n) {
  for (let i = 0; i < n; i++) b.send(a.recv());
}

/** A worker that does what a message says on the port that it was given first. */
const WORKER = `
  const { parentPort } = require('node:worker_threads');
  let port, got = 0, goal = 0, mode;
  const done = () => { got = 0; goal = 0; parentPort.postMessage('done'); };
  const hear = (value) => {
    if (mode === 'answer') { port.postMessage(value); if (++got === goal) done(); return; }
    if (++got === goal) return done();
    if (mode === 'ask') port.postMessage(got);
  };
  parentPort.on('message', (message) => {
    if (message.port) { port = message.port === true ? parentPort : message.port; if (port !== parentPort) port.on('message', hear); return; }
    ({ mode, goal } = message);
    if (mode === 'send') { for (let i = 0; i < goal; i++) port.postMessage(message.value ?? i); done(); }
    else if (mode === 'ask') port.postMessage(0);
  });`;

bench(module, {
  title: 'channels in one isolate, across isolates and to the host',
  async run({ quick }) {
    const { Isolate, chan, shutdown } = require('../lib/index.js');
    const isolates = [new Isolate(), new Isolate()];
    const value = object();
    const both = async (first, second) => {
      await Promise.all([isolates[0].spawn(...first), isolates[1].spawn(...second)]);
    };
    const workers = [0, 1].map(() => new Worker(WORKER, { eval: true }));
    const { port1, port2 } = new MessageChannel();
    workers[0].postMessage({ port: port1 }, [port1]);
    workers[1].postMessage({ port: port2 }, [port2]);
    const tell = (index, message) =>
      new Promise((resolve) => {
        workers[index].once('message', resolve);
        workers[index].postMessage(message);
      });
    const workersDo = (first, second) => Promise.all([tell(1, second), tell(0, first)]);
    const host = new MessageChannel();
    const partner = new Worker(WORKER, { eval: true });
    partner.postMessage({ port: host.port1 }, [host.port1]);

    const contenders = [
      ...Object.entries(inOneIsolate).map(([name, fn]) => ({ name, sample: () => isolates[0].spawn(fn, LOCAL) })),
      ...goContenders([
        ['round trip, Go', 'roundTrip', LOCAL],
        ['buffered, Go', 'buffered', LOCAL],
        ['select, Go', 'selectReady', LOCAL],
      ]),
      {
        name: 'across: integers',
        sample: () =>
          timed(STREAM, () => {
            const c = chan(1000);
            return both([sendInts, c, STREAM], [receive, c, STREAM]);
          }),
      },
      {
        name: 'across: integers, MessagePort',
        sample: () => timed(STREAM, () => workersDo({ mode: 'send', goal: STREAM }, { mode: 'hear', goal: STREAM })),
      },
      {
        name: 'across: round trip',
        sample: () =>
          timed(TRIPS, () => {
            const a = chan();
            const b = chan();
            return both([ask, a, b, TRIPS], [answer, a, b, TRIPS]);
          }),
      },
      {
        name: 'across: round trip, MessagePort',
        sample: () => timed(TRIPS, () => workersDo({ mode: 'ask', goal: TRIPS }, { mode: 'answer', goal: TRIPS })),
      },
      {
        name: 'across: objects of 1 KB',
        sample: () =>
          timed(OBJECTS, () => {
            const c = chan(1000);
            return both([sendObjects, c, OBJECTS, value], [receive, c, OBJECTS]);
          }),
      },
      {
        name: 'across: objects of 1 KB, MessagePort',
        sample: () =>
          timed(OBJECTS, () => workersDo({ mode: 'send', goal: OBJECTS, value }, { mode: 'hear', goal: OBJECTS })),
      },
      {
        name: 'to the host: integers',
        sample: () =>
          timed(STREAM, async () => {
            const c = chan(1000);
            const task = isolates[0].spawn(sendInts, c, STREAM);
            for (let i = 0; i < STREAM; i++) await c.recv();
            await task;
          }),
      },
      {
        name: 'to the host: integers, MessagePort',
        sample: () =>
          timed(
            STREAM,
            () =>
              new Promise((resolve) => {
                let got = 0;
                host.port2.removeAllListeners('message');
                host.port2.on('message', () => {
                  if (++got === STREAM) resolve();
                });
                partner.postMessage({ mode: 'send', goal: STREAM });
              }),
          ),
      },
      {
        name: 'to the host: round trip',
        sample: () =>
          timed(TRIPS, async () => {
            const a = chan();
            const b = chan();
            const task = isolates[0].spawn(answer, a, b, TRIPS);
            for (let i = 0; i < TRIPS; i++) {
              await a.send(i);
              await b.recv();
            }
            await task;
          }),
      },
      {
        name: 'to the host: round trip, MessagePort',
        sample: () =>
          timed(
            TRIPS,
            () =>
              new Promise((resolve) => {
                let got = 0;
                host.port2.removeAllListeners('message');
                host.port2.on('message', () => {
                  if (++got === TRIPS) resolve();
                  else host.port2.postMessage(got);
                });
                partner.once('message', () => {});
                partner.postMessage({ mode: 'answer', goal: TRIPS });
                host.port2.postMessage(0);
              }),
          ),
      },
    ];
    const against = (name, other, target) => ({ over: `${name}, ${other}`, under: name, ...target });
    try {
      return await compare({
        rounds: quick ? 5 : 15,
        warmup: 6,
        maxTime: quick ? 15e3 : 60e3,
        perSecond: true,
        contenders,
        ratios: measurable(
          [
            { over: 'round trip', under: 'round trip, Go', atMost: 0.35 },
            { over: 'buffered', under: 'buffered, Go', atMost: 1 },
            { over: 'select', under: 'select, Go', atMost: 1 },
            against('across: integers', 'MessagePort', { atLeast: 10 }),
            { over: 'across: round trip', under: 'across: round trip, MessagePort', atMost: 0.2 },
            against('across: objects of 1 KB', 'MessagePort', { atLeast: 3 }),
            against('to the host: integers', 'MessagePort', {}),
            { over: 'to the host: round trip', under: 'to the host: round trip, MessagePort', atMost: 0.6 },
          ],
          contenders,
        ),
      });
    } finally {
      await Promise.all([...workers, partner].map((worker) => worker.terminate()));
      host.port2.close();
      await Promise.all(isolates.map((isolate) => isolate.dispose()));
      await shutdown();
    }
  },
});
