// The public API. `index.d.ts` is its contract.

const { DataCloneError, MemoryLimitError, TaskKilledError } = require('./errors.js');
const { Isolate } = require('./isolate.js');
const { check } = require('./options.js');
const { configurePool, shutdownPool } = require('./pool.js');
const { makeRun } = require('./run.js');
const { makeSpawn } = require('./spawn.js');
const { stats } = require('./stats.js');
const { Task } = require('./task.js');

const spawn = makeSpawn(undefined);
const { run, runFile } = makeRun(undefined);

/** Settings of the pool; before the first task, or after `shutdown`. */
function configure(options) {
  configurePool(check('configure', options, ['threads', 'heapLimit']));
}

/** Ends all isolates and kills tasks that have not settled. The next task starts afresh. */
function shutdown() {
  return shutdownPool();
}

module.exports = {
  spawn,
  run,
  runFile,
  Isolate,
  Task,
  configure,
  stats,
  shutdown,
  DataCloneError,
  MemoryLimitError,
  TaskKilledError,
};
