'use strict';

const native = require('./native.js');
const { currentPool } = require('./pool.js');

const mean = (sum, count) => (count === 0 ? 0 : sum / count);

/** Why tasks of tasks stay on an isolate, in the order in which the kernel counts them (`STAYS` in `src/kernel/flags.js`). */
const REASONS = ['private', 'function', 'values', 'deadlocks'];

/** What is shown of one isolate; zeros of one that is gone. */
function showIsolate(figures) {
  return {
    running: figures?.running ?? false,
    tasksStarted: figures?.started ?? 0,
    tasksBlocked: figures?.blocked ?? 0,
    tasksReady: figures?.ready ?? 0,
    tasksQueued: figures?.queued ?? 0,
    children: figures?.children ?? 0,
    childrenLiving: figures === undefined ? 0 : figures.children - figures.endedChildren,
    childrenStayed: Object.fromEntries(REASONS.map((reason, index) => [reason, figures?.stays[index] ?? 0])),
    slices: figures?.turns ?? 0,
    preemptions: figures?.preemptions ?? 0,
    startWait: figures === undefined ? 0 : mean(figures.startWaits, figures.started),
    longestStartWait: figures?.longestStartWait ?? 0,
    sliceWait: figures === undefined ? 0 : mean(figures.turnWaits, figures.turns),
    heapUsed: figures?.heapUsed ?? 0,
    heapTotal: figures?.heapTotal ?? 0,
    external: figures?.external ?? 0,
  };
}

/** Figures of the pool and its isolates, as of now. */
function stats() {
  const pool = currentPool();
  const isolates = pool === null ? [] : pool.native.figures();
  return {
    v8: native.v8Version(),
    threads: pool?.settings.threads ?? 0,
    steals: pool?.native.steals() ?? 0,
    tasks: showTasks(pool, isolates),
    isolates: isolates.map((figures) => ({
      id: figures.id,
      kind: figures.shared ? 'shared' : 'private',
      replaced: figures.replaced,
      ...showIsolate(figures),
    })),
  };
}

function showTasks(pool, isolates) {
  const pending = pool?.pending ?? 0;
  let queued = pool?.native.queued() ?? 0;
  let blocked = 0;
  for (const figures of isolates) {
    queued += figures.queued;
    blocked += figures.blocked;
  }
  return {
    pending,
    queued,
    // These are counted at different moments.
    running: Math.max(0, pending - queued - blocked),
    blocked,
    paused: pool?.paused ?? 0,
    ...(pool?.settled ?? { done: 0, failed: 0, killed: 0 }),
  };
}

module.exports = { showIsolate, stats };
