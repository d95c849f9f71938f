'use strict';

const { monitorEventLoopDelay, performance } = require('node:perf_hooks');
const { setTimeout: sleep } = require('node:timers/promises');
const { isDeepStrictEqual } = require('node:util');
const { SETTINGS, censusBatch } = require('./work.js');
const { bandRows, findSimilar } = require('./similar.js');

/** Files with fewer shingles are not compared: `module.exports = require('./x')` is everywhere. */
const LEAST_SHINGLES = 24;
/** Bounds the work on thousands of files that are alike, such as generated ones. */
const LONGEST_BUCKET = 256;
/**
 * Batches in flight for each thread. More than one, so that a thread that is done with a batch has
 * the next one at hand; bounded, so that the copies of what is being worked on stay few.
 */
const IN_FLIGHT = 4;
/** The histogram's clock ticks every so many milliseconds, and a tick on time counts as that. */
const RESOLUTION = 1;

/** Measures how late the event loop is. */
class DelayProbe {
  constructor() {
    this.histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  }

  async start() {
    this.histogram.enable();
    // The first ticks belong to what happened before. A reset also forgets the last tick, and a
    // delay is counted from a tick on: without one before the work, the first delay would be lost.
    await sleep(10 * RESOLUTION);
    this.histogram.reset();
    await sleep(5 * RESOLUTION);
  }

  /** The worst delay so far, in milliseconds. */
  get worst() {
    return Math.max(0, this.histogram.max / 1e6 - RESOLUTION);
  }

  /** @returns {Promise<{worst: number, median: number}>} In milliseconds */
  async stop() {
    // A delay is known at the tick after it.
    await sleep(5 * RESOLUTION);
    this.histogram.disable();
    const median = Math.max(0, this.histogram.percentile(50) / 1e6 - RESOLUTION);
    return { worst: this.worst, median };
  }
}

/**
 * The delay of an event loop that has nothing to do: what the machine itself adds.
 *
 * @returns {Promise<{worst: number, median: number}>}
 */
async function idleDelay() {
  const probe = new DelayProbe();
  await probe.start();
  await sleep(200);
  return probe.stop();
}

/** @param {import('./files.js').Sources} sources */
function emptyResult({ sizes }) {
  return {
    counts: new Uint32Array(sizes.length * 4),
    contents: new Uint32Array(sizes.length * 2),
    shingles: new Uint32Array(sizes.length),
    signatures: new Int32Array(sizes.length * SETTINGS.hashes),
    groups: null,
  };
}

/** Puts a batch's part where it belongs, in whatever order the batches come back. */
function store(result, batch, part) {
  result.counts.set(part.counts, batch.first * 4);
  result.contents.set(part.contents, batch.first * 2);
  result.shingles.set(part.shingles, batch.first);
  result.signatures.set(part.signatures, batch.first * SETTINGS.hashes);
}

function similarSettings(threshold) {
  return {
    hashes: SETTINGS.hashes,
    rows: bandRows(SETTINGS.hashes, threshold),
    threshold,
    leastShingles: LEAST_SHINGLES,
    longestBucket: LONGEST_BUCKET,
  };
}

/** Measures a run: its time from the first batch to the last result, and the delay meanwhile. */
async function measure(sources, onStart, work) {
  const result = emptyResult(sources);
  const probe = new DelayProbe();
  await probe.start();
  const status = { probe, bytes: 0 };
  onStart(status);
  const start = performance.now();
  await work(result, status);
  const milliseconds = performance.now() - start;
  return { milliseconds, delay: await probe.stop(), result };
}

/**
 * The whole work on the event loop itself, as programs do it that have no other place for it: the
 * same functions on the same batches, and after each batch the loop gets its turn.
 *
 * @param {import('./files.js').Sources} sources
 * @param {number} threshold
 * @param {(status: {probe: DelayProbe, bytes: number}) => void} onStart
 */
function runOnEventLoop(sources, threshold, onStart) {
  return measure(sources, onStart, async (result, status) => {
    for (const batch of sources.batches) {
      store(result, batch, censusBatch(batch, sources.table, SETTINGS));
      status.bytes += batch.data.byteLength;
      await new Promise(setImmediate);
    }
    const files = { sizes: sources.sizes, languages: sources.languages, ...result };
    result.groups = findSimilar(files, similarSettings(threshold));
    await new Promise(setImmediate);
  });
}

/**
 * The same work in tasks, on a pool of its own. The pool's start counts as part of the run, as does
 * the time in which its isolates learn to run the functions fast: every run begins cold, also the
 * one on the event loop, which for this reason comes first and only once.
 *
 * @param {typeof import('../../lib/index.js')} isolate
 * @param {number} threads
 * @param {import('./files.js').Sources} sources
 * @param {number} threshold
 * @param {(status: {probe: DelayProbe, bytes: number}) => void} onStart
 */
async function runInTasks({ configure, shutdown, spawn }, threads, sources, threshold, onStart) {
  // A pool that something else has started must not help.
  await shutdown();
  configure({ threads });
  try {
    return await measure(sources, onStart, async (result, status) => {
      let next = 0;
      let failed = false;
      const feed = async () => {
        while (next < sources.batches.length && !failed) {
          const batch = sources.batches[next++];
          // Moved, not copied, into the task; the copy here is what the next run will read.
          const data = batch.data.slice(0);
          const { sizes, languages } = batch;
          try {
            const part = await spawn.with({ transfer: [data] })(
              censusBatch,
              { data, sizes, languages },
              sources.table,
              SETTINGS,
            );
            store(result, batch, part);
          } catch (error) {
            failed = true;
            throw error;
          }
          status.bytes += batch.data.byteLength;
        }
      };
      const feeders = Math.min(threads * IN_FLIGHT, sources.batches.length);
      const settled = await Promise.allSettled(Array.from({ length: feeders }, feed));
      const rejected = settled.find(({ status }) => status === 'rejected');
      if (rejected) throw rejected.reason;

      const { sizes, languages } = sources;
      const { contents, shingles } = result;
      const signatures = result.signatures.slice();
      result.groups = await spawn.with({ transfer: [signatures.buffer] })(
        findSimilar,
        { sizes, languages, contents, shingles, signatures },
        similarSettings(threshold),
      );
    });
  } finally {
    await shutdown();
  }
}

/**
 * Where two results differ, which they must not.
 *
 * @returns {string | null} The name of a part
 */
function difference(a, b) {
  for (const part of ['counts', 'contents', 'shingles', 'signatures']) {
    const [x, y] = [a[part], b[part]].map(({ buffer }) => Buffer.from(buffer));
    if (Buffer.compare(x, y) !== 0) return part;
  }
  return isDeepStrictEqual(a.groups, b.groups) ? null : 'groups';
}

module.exports = { LEAST_SHINGLES, difference, idleDelay, runInTasks, runOnEventLoop };
