'use strict';

const stream = require('node:stream');
const { chan, slotOf } = require('./chan.js');
const { channels, happened, onClose } = require('./endpoint.js');

/** What streams end with that are left before they have ended. */
const LEFT_EARLY = ['ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'];

/**
 * A channel that gives what an iterable gives: an array, a generator, a Node or a web stream. It takes the next value once the one before
 * was received, or fits into the buffer, and closes after the last one. Once the channel was closed by others, the iteration is left.
 * What the iterable throws ends the channel, too, and is reported as a rejection that nobody handles.
 * @param {Iterable<unknown> | AsyncIterable<unknown>} iterable
 * @param {number} [capacity]
 */
function fromIterable(iterable, capacity = 0) {
  const isAsync = typeof iterable?.[Symbol.asyncIterator] === 'function';
  if (!isAsync && typeof iterable?.[Symbol.iterator] !== 'function') {
    throw new TypeError('fromIterable takes an iterable: an array, a generator, a stream');
  }
  const channel = chan(capacity);
  if (isAsync) feedUntilClosed(new Source(iterable), channel);
  else feed(iterable, channel);
  return channel;
}

/** Sends what an iterable gives, and closes the channel in the end. */
async function feed(iterable, channel, unwatch) {
  try {
    for await (const value of iterable) {
      if (!(await isSent(channel, value))) return;
    }
  } finally {
    unwatch?.();
    // Others may have done that.
    if (channels.close(slotOf(channel))) happened();
  }
}

/** Sends a value; false where the channel was closed. */
function isSent(channel, value) {
  return channel.send(value).then(
    () => true,
    (error) => {
      if (error.code === 'ERR_CHANNEL_CLOSED') return false;
      throw error;
    },
  );
}

/** The same for what may have nothing to give for a long time: it is left as soon as others close the channel. */
async function feedUntilClosed(source, channel) {
  try {
    // What that throws is a rejection that nobody handles.
    const unwatch = onClose(slotOf(channel), () => source.return());
    await feed(source, channel, unwatch);
  } catch (error) {
    if (!source.isLeft || !LEFT_EARLY.includes(error?.code)) throw error;
  }
}

/** An async iterable that can be left while it has nothing to give, where there is a way to do so. */
class Source {
  #iterable;
  #iterator;
  isLeft = false;

  constructor(iterable) {
    this.#iterable = iterable;
  }

  [Symbol.asyncIterator]() {
    const isWeb = typeof this.#iterable.getReader === 'function';
    this.#iterator = isWeb ? readerOf(this.#iterable) : this.#iterable[Symbol.asyncIterator]();
    return this;
  }

  next() {
    return this.#iterator.next();
  }

  async return() {
    if (!this.isLeft) {
      this.isLeft = true;
      // The iterators of Node's streams are generators, whose `return` comes after the `next` that waits.
      if (isNodeStream(this.#iterable)) stream.destroy(this.#iterable, null);
      await this.#iterator?.return?.();
    }
    return { value: undefined, done: true };
  }
}

const isNodeStream = ({ pipe, destroy }) => typeof pipe === 'function' && typeof destroy === 'function';

/** Iterates over a web stream. With the stream's own iterator, too, `return` comes after the `next` that waits. */
function readerOf(web) {
  const reader = web.getReader();
  let isOver = false;
  const release = () => {
    isOver = true;
    reader.releaseLock();
  };
  return {
    async next() {
      let hasMore = false;
      try {
        const result = await reader.read();
        hasMore = !result.done;
        return result;
      } finally {
        if (!hasMore) release();
      }
    },
    async return() {
      if (isOver) return;
      const cancelled = reader.cancel();
      release();
      await cancelled;
    },
  };
}

module.exports = { fromIterable };
