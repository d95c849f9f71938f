'use strict';

const { chan } = require('./chan.js');

/**
 * A channel that gives what an iterable gives: an array, a generator, a Node or a web stream. It takes the next value once the one before
 * was received, or fits into the buffer, and closes after the last one. Once the channel was closed by others, the iteration is left.
 * What the iterable throws ends the channel, too, and is reported as a rejection that nobody handles.
 * @param {Iterable<unknown> | AsyncIterable<unknown>} iterable
 * @param {number} [capacity]
 */
function fromIterable(iterable, capacity = 0) {
  if (typeof iterable?.[Symbol.asyncIterator] !== 'function' && typeof iterable?.[Symbol.iterator] !== 'function') {
    throw new TypeError('fromIterable takes an iterable: an array, a generator, a stream');
  }
  const channel = chan(capacity);
  feed(iterable, channel);
  return channel;
}

async function feed(iterable, channel) {
  let isOpen = true;
  try {
    for await (const value of iterable) {
      isOpen = await channel.send(value).then(
        () => true,
        (error) => {
          if (error.code === 'ERR_CHANNEL_CLOSED') return false;
          throw error;
        },
      );
      if (!isOpen) return;
    }
  } finally {
    if (isOpen) channel.close();
  }
}

module.exports = { fromIterable };
