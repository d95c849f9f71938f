'use strict';

const native = require('./native.js');
const { currentPool } = require('./pool.js');

/** Figures of the pool and its isolates, as of now. */
function stats() {
  const pool = currentPool();
  const isolates = pool === null ? [] : pool.native.figures();
  return {
    v8: native.v8Version(),
    threads: pool?.settings.threads ?? 0,
    tasks: { pending: pool?.pending ?? 0, queued: pool?.native.queued() ?? 0 },
    isolates: isolates.map((figures) => ({
      id: figures.id,
      kind: figures.shared ? 'shared' : 'private',
      running: figures.running,
      tasksStarted: figures.started,
      tasksBlocked: figures.blocked,
      tasksQueued: figures.queued,
      replaced: figures.replaced,
      heapUsed: figures.heapUsed,
      heapTotal: figures.heapTotal,
      external: figures.external,
    })),
  };
}

module.exports = { stats };
