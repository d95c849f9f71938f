'use strict';

// Tasks that nobody but the host can wake. They do not keep Node alive; and where the host has nothing left to do, either, nothing ever
// will: that is a deadlock, and it is reported once for each task (Go: "all goroutines are asleep").

const { DeadlockError } = require('./errors.js');

/** Tasks that a report lists at most. */
const MOST_TASKS = 50;

/** Node's own exit code where an `await` at the top of a module is never settled. */
const UNSETTLED = 13;

/**
 * Reports the tasks that are blocked for ever.
 * @param {import('./task.js').Record[]} records those that have not settled
 * @param {(record: import('./task.js').Record) => Promise<string>} stackOf
 */
async function report(records, stackOf) {
  for (const record of records) record.isReported = true;
  const stacks = await Promise.all(records.slice(0, MOST_TASKS).map(stackOf));
  const { length } = records;
  const message =
    length === 1
      ? 'a task is blocked, and nothing can wake it'
      : `${length} tasks are blocked, and nothing can wake them`;
  const error = new DeadlockError(message);
  const more = length > MOST_TASKS ? `\n${length - MOST_TASKS} more` : '';
  // Node prints it below the message.
  error.detail = stacks.join('\n') + more;
  process.emitWarning(error);
  // Whoever awaits one of them waits in vain.
  if (records.some((record) => record.isAwaited)) process.exitCode ??= UNSETTLED;
}

module.exports = { report };
