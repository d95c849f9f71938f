'use strict';

// Channels that tell the time: `after(ms)` once, `ticker(ms)` again and again, until it is closed. What is received is the time at which it was sent, in
// milliseconds since 1970. As in Go, a ticker drops ticks that nobody has received.

const { EVERY, ONCE } = require('channels/alarms');
const { checked } = require('channels/delay');
const { DateNow, WeakRef, WeakRefPrototypeDeref } = require('primordials');

/**
 * @param {{add: Function, clear: Function}} timers
 * @param {{chan: Function, coreOf: Function}} channels
 * @param {new (core: object, sound: number, delay: number, isShared: boolean) => object} Alarm
 */
module.exports = function createClock(timers, { chan, coreOf }, Alarm) {
  /** Sends the time unless the last one was not received; returns whether the channel is open. */
  function tell(channel) {
    try {
      channel.trySend(DateNow());
      return true;
    } catch {
      return false;
    }
  }

  function after(ms) {
    const delay = checked('after', ms);
    const channel = chan(1);
    const alarm = new Alarm(coreOf(channel), ONCE, delay, false);
    const ring = () => {
      if (alarm.isShared) alarm.tick(DateNow());
      else {
        alarm.end();
        tell(channel);
      }
    };
    timers.add(ring, delay, [], false, undefined);
    return channel;
  }

  function ticker(ms) {
    const delay = checked('ticker', ms);
    const channel = chan(1);
    // A ticker that nobody has any more stops. So it is not held here, nor by the shared core once it has left its isolate.
    const reference = new WeakRef(channel);
    const alarm = new Alarm(coreOf(channel), EVERY, delay, false);
    const tick = () => {
      if (alarm.isShared) return alarm.tick(DateNow());
      const target = WeakRefPrototypeDeref(reference);
      return target !== undefined && tell(target);
    };
    const timer = timers.add(
      () => {
        if (!tick()) timers.clear(timer);
      },
      delay,
      [],
      true,
      undefined,
    );
    return channel;
  }

  return { after, ticker };
};
