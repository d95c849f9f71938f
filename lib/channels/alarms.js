'use strict';

// Timers of contexts. By themselves they do not keep Node alive, as those of `AbortSignal.timeout` do not; but where tasks wait and nothing
// else can wake them, what such a timer does may be what they wait for.

const { Alarm } = require('../alarm.js');
const { useAlarms } = require('../pool.js');

/** Those that have not rung, by what they belong to. */
const alarms = new Map();

/** Whether tasks wait for nothing else. */
let isNeeded = false;

/** Calls `action` after so many milliseconds. An owner has one alarm. */
function set(ms, action, owner) {
  const ring = () => {
    alarms.delete(owner);
    action();
  };
  alarms.set(owner, new Alarm(ms, ring, isNeeded));
}

function clear(owner) {
  alarms.get(owner)?.clear();
  alarms.delete(owner);
}

/** Says whether tasks wait for nothing else. */
function setNeeded(needed) {
  isNeeded = needed;
  for (const alarm of alarms.values()) alarm.keepAlive(needed);
}

useAlarms({ setNeeded });

module.exports = { clear, set };
