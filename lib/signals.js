'use strict';

// AbortSignals of the host. A signal may end any number of tasks and waits, but Node warns of a leak from the eleventh listener on, and looks
// through all of them for each that is added: so a signal has one listener, for all that it ends.

/** By signal: its listener, and what is to be done when it is aborted. */
const watched = new WeakMap();

/** Whether a value is an AbortSignal, of whichever realm or library: what `AbortSignalLike` of index.d.ts says. */
function isSignal(value) {
  return (
    typeof value?.aborted === 'boolean' &&
    typeof value.addEventListener === 'function' &&
    typeof value.removeEventListener === 'function'
  );
}

/**
 * Has something done when a signal is aborted.
 * @param {AbortSignal} signal one that is not aborted yet
 * @param {() => void} action
 * @returns {() => void} takes it back
 */
function onAbort(signal, action) {
  let watch = watched.get(signal);
  if (watch === undefined) {
    const actions = new Set();
    const abort = () => {
      watched.delete(signal);
      // Those that are taken back meanwhile are left out.
      for (const each of actions) each();
    };
    watch = { actions, abort };
    watched.set(signal, watch);
    signal.addEventListener('abort', abort, { once: true });
  }
  const { actions, abort } = watch;
  actions.add(action);
  return () => {
    if (!actions.delete(action) || actions.size > 0 || watched.get(signal) !== watch) return;
    watched.delete(signal);
    signal.removeEventListener('abort', abort);
  };
}

module.exports = { isSignal, onAbort };
