'use strict';

// Channels that tell the time: `after(ms)` once, `ticker(ms)` again and again, until it is closed. What is received is the time at which
// it was sent, in milliseconds since 1970. As in Go, a ticker drops ticks that nobody has received.
//
// They keep the process alive as Node's timers do; a ticker that nobody has any more stops.

const { checked } = require('./delay.js');
const { chan, slotOf } = require('./chan.js');
const { STATUS, channels, happened, send } = require('./endpoint.js');

/** Sends the time unless the last one was not received; returns whether the channel is open. */
function tell(channel) {
  try {
    channel.trySend(Date.now());
    return true;
  } catch {
    return false;
  }
}

function after(ms) {
  const delay = checked('after', ms);
  const channel = chan(1);
  setTimeout(() => tell(channel), delay);
  return channel;
}

function ticker(ms) {
  const delay = checked('ticker', ms);
  const channel = chan(1);
  // Not the object itself, so that it can be seen when nobody has the channel any more.
  const slot = channels.keep(slotOf(channel));
  const { setInterval, clearInterval } = globalThis;
  const timer = setInterval(() => {
    if (!channels.isAlone(slot) && send(slot, Date.now(), false) !== STATUS.CLOSED) happened();
    else {
      clearInterval(timer);
      channels.release(slot);
    }
  }, delay);
  return channel;
}

module.exports = { after, ticker };
