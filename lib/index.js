'use strict';

// The public API. `index.d.ts` is its contract.

require('./native.js');
const { configurePool, shutdownPool } = require('./pool.js');
const { makeSpawn } = require('./spawn.js');

/** Settings of the pool; before the first task, or after `shutdown`. */
function configure(options) {
  const { check } = require('./options.js');
  configurePool(check('configure', options, ['threads', 'heapLimit', 'killGrace', 'codeCache', 'quantum']));
}

/** Ends all isolates and kills tasks that have not settled. The next task starts afresh. */
function shutdown() {
  return shutdownPool();
}

module.exports = { spawn: makeSpawn(undefined), configure, shutdown };

/** Exports what a module gives when somebody asks for it. Loading a file takes about as long as starting an isolate. */
function exportLazily(names, load) {
  for (const name of names) {
    Object.defineProperty(module.exports, name, {
      configurable: true,
      enumerable: true,
      get() {
        const value = load()[name];
        Object.defineProperty(module.exports, name, { value, enumerable: true });
        return value;
      },
    });
  }
}

exportLazily(['chan'], () => require('./channels/chan.js'));
exportLazily(['select'], () => require('./channels/select.js'));
exportLazily(['after', 'ticker'], () => require('./channels/clock.js'));
exportLazily(['fromIterable'], () => require('./channels/streams.js'));
exportLazily(
  ['Mutex', 'RWMutex', 'Semaphore', 'WaitGroup', 'Cond', 'Once', 'Context', 'ErrGroup', 'scope', 'task'],
  () => require('./channels/kit.js'),
);
exportLazily(['sleep', 'inTask'], () => require('./channels/small.js'));

let programs;
exportLazily(['run', 'runFile'], () => {
  programs ??= require('./run.js').makeRun(undefined);
  return programs;
});
exportLazily(['Isolate'], () => require('./isolate.js'));
exportLazily(['Task'], () => require('./task.js'));
exportLazily(['transpile'], () => require('./transpile.js'));
exportLazily(['stats'], () => require('./stats.js'));
exportLazily(
  [
    'CaptureError',
    'ChannelClosedError',
    'DataCloneError',
    'DeadlockError',
    'MemoryLimitError',
    'PoisonedError',
    'TaskKilledError',
    'TimeoutError',
  ],
  () => require('./errors.js'),
);
