'use strict';

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { Context, Isolate, shutdown, spawn } = require('../lib/index.js');

/** What of an error others can tell. */
const parts = ({ name, message, code, detail, stack, cause }) => ({ name, message, code, detail, stack, cause });

describe('the reason of a context', () => {
  after(() => shutdown());

  function reason() {
    const error = new RangeError('too much', { cause: { of: ['all'] } });
    error.code = 'ERR_MINE';
    error.detail = { left: 3n };
    return error;
  }

  /** What all see that have a context. */
  async function seen(context, look) {
    const isolate = new Isolate();
    const child = await spawn((context) => context.child(), context);
    const all = [look(context), look(child), await spawn(look, context), await isolate.spawn(look, context)];
    await isolate.dispose();
    return all;
  }

  it('is the cause of its error, as it was, wherever that is seen', async () => {
    const context = new Context();
    const error = reason();
    context.cancel(error);
    for (const { name, message, cause } of await seen(context, (context) => context.error)) {
      assert.deepEqual([name, message], ['TaskKilledError', 'the context was cancelled: too much']);
      assert.ok(cause instanceof RangeError);
      assert.deepEqual(parts(cause), parts(error));
    }
    const same = await spawn((context) => context.error.cause instanceof RangeError, context);
    assert.equal(same, true);
  });

  it('of a task is the same', async () => {
    const context = new Context();
    const thrown = await spawn((context) => {
      const error = new TypeError('of a task', { cause: new Error('below') });
      error.code = 'ERR_TASK';
      context.cancel(error);
      return error;
    }, context);
    for (const { cause } of await seen(context, (context) => context.error)) {
      assert.deepEqual([cause.name, cause.message, cause.code], ['TypeError', 'of a task', 'ERR_TASK']);
      assert.equal(cause.stack, thrown.stack);
      assert.equal(cause.cause.message, 'below');
    }
  });

  it('may be any value', async () => {
    for (const value of ['enough', 7, null, { a: [1] }]) {
      const context = new Context();
      context.cancel(value);
      for (const { cause } of await seen(context, (context) => context.error)) assert.deepEqual(cause, value);
    }
    const none = new Context();
    none.cancel();
    for (const error of await seen(none, (context) => context.error)) assert.ok(!('cause' in error));
  });

  it('is kept without what cannot be copied', async () => {
    const make = () => {
      const error = new Error('partly', { cause: new Error('below') });
      error.code = 'ERR_PARTLY';
      error.retry = () => 1;
      error.cause.stop = () => 2;
      return error;
    };
    const host = new Context();
    host.cancel(make());
    const inTask = new Context();
    await spawn((context, make) => context.cancel(make()), inTask, make);
    for (const context of [host, inTask]) {
      for (const { message, cause } of await seen(context, (context) => context.error)) {
        assert.equal(message, 'the context was cancelled: partly');
        assert.deepEqual([cause.message, cause.code, cause.retry], ['partly', 'ERR_PARTLY', undefined]);
        assert.deepEqual([cause.cause.message, cause.cause.stop], ['below', undefined]);
      }
    }
    for (const value of [() => 1, Symbol('s'), Object.create(null), new Proxy({}, { get: () => assert.fail() })]) {
      const context = new Context();
      context.cancel(value);
      assert.equal(context.error.name, 'TaskKilledError');
    }
  });
});
