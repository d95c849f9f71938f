'use strict';

// DOMException in tasks, and on its way to them and back: the same name, code and message as on the host.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { chan, shutdown, spawn } = require('../lib/index.js');

const FORMS = ['coroutine', 'storm', 'plain'];
after(() => shutdown());

const failure = (task) => task.then(assert.fail, (error) => error);

/** A DOMException of the host's, with these properties. */
function check(error, name, code, message) {
  assert.ok(error instanceof DOMException, `${error}`);
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.code], [name, code]);
  if (message !== undefined) assert.equal(error.message, message);
  assert.match(error.stack, new RegExp(`^${name}: `));
}

for (const form of FORMS) {
  describe(`DOMException in form ${form}`, () => {
    const run = (fn, ...args) => spawn.with({ form })(fn, ...args);

    it('is the same class as on the host', async () => {
      const about = () => {
        const error = new DOMException('stopped', 'AbortError');
        const caused = new DOMException('stopped', { name: 'TimeoutError', cause: 1 });
        return [
          [error.name, error.message, error.code, `${error}`, error instanceof Error, Object.keys(error)],
          [caused.name, caused.code, caused.cause, Object.hasOwn(caused, 'cause')],
          [new DOMException().name, new DOMException().message, new DOMException('m', 'unknown').code],
          [DOMException.ABORT_ERR, error.DATA_CLONE_ERR, DOMException.name, DOMException.length],
          [Object.prototype.toString.call(error), Object.getPrototypeOf(DOMException.prototype) === Error.prototype],
          Object.keys(DOMException.prototype).sort(),
        ];
      };
      assert.deepEqual(await run(about), about());
    });

    it('is thrown to the host', async () => {
      const error = await failure(
        run(() => {
          throw new DOMException('stopped', { name: 'AbortError', cause: new RangeError('why') });
        }),
      );
      check(error, 'AbortError', 20, 'stopped');
      assert.ok(error.cause instanceof RangeError);
    });

    it('is what structuredClone throws', async () => {
      check(await failure(run(() => structuredClone(() => 1))), 'DataCloneError', 25);
      const caught = await run(() => {
        try {
          structuredClone({ inner: Symbol('s') });
        } catch (error) {
          return [error instanceof DOMException, error.name, error.code];
        }
        return undefined;
      });
      assert.deepEqual(caught, [true, 'DataCloneError', 25]);
    });

    it('is the reason of aborted signals', async () => {
      check(await run(() => AbortSignal.abort().reason), 'AbortError', 20, AbortSignal.abort().reason.message);
      const thrown = run(() => {
        const controller = new AbortController();
        controller.abort();
        controller.signal.throwIfAborted();
      });
      check(await failure(thrown), 'AbortError', 20);
      const late = run(
        () =>
          new Promise((resolve) => {
            const signal = AbortSignal.timeout(1);
            signal.onabort = () => resolve(signal.reason);
          }),
      );
      check(await late, 'TimeoutError', 23);
    });

    it('comes from the host as what it is', async () => {
      const look = (error) => [error instanceof DOMException, error.name, error.code, error.message, error.cause];
      const sent = new DOMException('stopped', { name: 'AbortError', cause: 'why' });
      assert.deepEqual(await run(look, sent), [true, 'AbortError', 20, 'stopped', 'why']);
      assert.deepEqual(await run(look, AbortSignal.abort().reason), look(AbortSignal.abort().reason));
      check(await run((error) => structuredClone(error), sent), 'AbortError', 20, 'stopped');
      check((await run((error) => ({ list: [error] }), sent)).list[0], 'AbortError', 20, 'stopped');
    });
  });
}

describe('DOMException', () => {
  it('goes over channels and between tasks', async () => {
    const channel = chan(1);
    await channel.send(new DOMException('stopped', 'AbortError'));
    const task = spawn(async (from) => {
      const error = from.recv();
      const child = spawn((inner) => {
        throw inner;
      }, error);
      try {
        await child;
      } catch (again) {
        return [error instanceof DOMException, again instanceof DOMException, again.code];
      }
      return undefined;
    }, channel);
    assert.deepEqual(await task, [true, true, 20]);
  });

  it('survives what cannot be copied with it', async () => {
    const error = await failure(
      spawn(() => {
        throw Object.assign(new DOMException('stopped', 'AbortError'), { what: () => 1, kept: 2 });
      }),
    );
    check(error, 'AbortError', 20, 'stopped');
    assert.equal(error.kept, 2);
  });
});
