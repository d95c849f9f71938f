#!/usr/bin/env node
'use strict';

// A census of source files: lines per language, copies and near-duplicates. It does the same work
// on the event loop, in tasks on one thread and in tasks on all, and shows what each way costs.

const { HELP, UsageError, printable, readArgs } = require('./args.js');
const { readSources } = require('./files.js');
const { Progress } = require('./progress.js');
const { report } = require('./report.js');
const { difference, idleDelay, runInTasks, runOnEventLoop } = require('./runs.js');
const { summarize } = require('./summary.js');

/** An error whose message says it all. */
class PlainError extends Error {}

function loadAddon() {
  try {
    return require('../../lib/index.js');
  } catch (error) {
    const reason = printable(String(error.message).split('\n', 1)[0]);
    throw new PlainError(`cannot load the addon: ${reason}`);
  }
}

async function read(args, progress) {
  let files = 0;
  let bytes = 0;
  progress.start(() => `reading  ${files} files  ${(bytes / 1e6).toFixed(1)} MB`);
  try {
    return await readSources(args.directory, args, (nowFiles, nowBytes) => {
      files = nowFiles;
      bytes = nowBytes;
    });
  } catch (error) {
    // Only the directory itself is not allowed to fail.
    if (error.syscall === undefined) throw error;
    throw new UsageError(`cannot read '${args.directory}' (${error.code})`);
  } finally {
    progress.stop();
  }
}

/** Runs the work in each of the three ways; one after the other, over the same bytes in memory. */
async function runAll(isolate, args, sources, progress) {
  const ways = [
    ['On the event loop', 0],
    ['Tasks, 1 thread', 1],
    [`Tasks, ${args.threads} thread${args.threads === 1 ? '' : 's'}`, args.threads],
  ];
  const runs = [];
  const results = [];
  for (const [name, threads] of ways) {
    const onStart = (status) => {
      progress.start(() => {
        const done = Math.floor((status.bytes / Math.max(1, sources.bytes)) * 100);
        const what = done === 100 ? 'comparing files' : `${done} %`;
        return `${name}:  ${what}  event loop late by ${status.probe.worst.toFixed(1)} ms at worst`;
      });
    };
    let run;
    try {
      run =
        threads === 0
          ? await runOnEventLoop(sources, args.threshold, onStart)
          : await runInTasks(isolate, threads, sources, args.threshold, onStart);
    } finally {
      progress.stop();
    }
    const { milliseconds, delay, result } = run;
    const bytesPerSecond = sources.bytes / (milliseconds / 1000);
    runs.push({ name, threads, milliseconds, bytesPerSecond, delay });
    results.push(result);
    const part = difference(results[0], result);
    if (part !== null) {
      throw new PlainError(`WRONG: '${runs[0].name}' and '${name}' differ in their ${part}`);
    }
  }
  return { runs, result: results[0] };
}

async function main() {
  // npm runs scripts in the package's folder; a relative DIR means where the user is.
  const { INIT_CWD, npm_lifecycle_event: script } = process.env;
  const args = readArgs(process.argv.slice(2), (script === 'start' && INIT_CWD) || process.cwd());
  if (args.help) {
    process.stdout.write(HELP);
    return;
  }
  const progress = new Progress();
  const sources = await read(args, progress);
  let census;
  if (sources.paths.length === 0) {
    const nothing = {
      counts: new Uint32Array(0),
      groups: { copies: [], similar: [], tooSmall: 0, cut: 0 },
    };
    census = { ...summarize(args, sources, nothing), runs: [], idle: null, speedUp: null };
  } else {
    const isolate = loadAddon();
    const idle = await idleDelay();
    const { runs, result } = await runAll(isolate, args, sources, progress);
    const speedUp = runs[1].milliseconds / runs[2].milliseconds;
    census = { ...summarize(args, sources, result), runs, idle, speedUp };
  }
  process.stdout.write(args.json ? `${JSON.stringify(census, null, 2)}\n` : report(census, args.top));
}

// `npm start | head` closes our output early, which is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

main().catch((error) => {
  if (error instanceof UsageError) {
    process.stderr.write(`census: ${printable(error.message)}\n`);
    process.exitCode = 2;
    return;
  }
  // What is not foreseen keeps its stack: it is a defect, and the stack tells where.
  const text = error instanceof PlainError ? error.message : error.stack;
  process.stderr.write(`census: ${text}\n`);
  process.exitCode = 1;
});
