'use strict';

// `run` and `runFile`: whole programs, each in a realm of its own.

const { readFile, realpath } = require('node:fs');
const { basename, dirname, join, resolve } = require('node:path');
const { fileURLToPath } = require('node:url');
const { promisify } = require('node:util');
const { check, isPrivate, show } = require('./options.js');
const { nextProgram, nextTask, pool } = require('./pool.js');
const { captureSite, programMapper } = require('./stack.js');
const { Record, createTask, onSettled } = require('./task.js');

const POOL_OPTIONS = ['name', 'filename', 'type', 'memoryLimit', 'isolate', 'form', 'timeout', 'cpuTime', 'signal'];
const ISOLATE_OPTIONS = ['name', 'filename', 'type', 'form', 'timeout', 'cpuTime', 'signal'];

function createRecord(current, place, until, verb, options, filename) {
  const name = options.name ?? filename;
  const record = new Record(nextTask(), name, current, captureSite(until), verb, undefined, undefined, place, options);
  return { record, task: createTask(record, options) };
}

function submit(record, isolate, options, filename, source, file) {
  if (record.outcome !== undefined) return;
  const current = record.pool;
  const code = current.codes.addProgram(filename, source, options.type, options.form, file);
  // In the other forms the task has done that already.
  const isPlain = options.form === 'plain';
  record.mapper = () => programMapper(filename, isPlain ? current.native.sourceMap(code) : undefined);
  if (record.place === undefined && isPrivate(options)) {
    isolate = current.createIsolate(options.memoryLimit);
    onSettled(record, () => void current.disposeIsolate(isolate));
  }
  onSettled(record, () => {
    // The map goes with the code.
    const mapper = record.mapper();
    record.mapper = () => mapper;
    current.codes.remove(code);
  });
  current.submit(record, isolate, nextProgram(), code, [], undefined);
}

/** A file's text, where it really is, and which kind of program its package says that it is. */
async function readProgram(file) {
  const source = await promisify(readFile)(file, 'utf8');
  const real = await promisify(realpath)(file);
  return { source, real, type: await typeOf(real) };
}

const TYPES = { module: 'module', commonjs: 'script' };

/** What the nearest `package.json` says of files whose ending does not tell. */
async function typeOf(file) {
  if (!/\.[jt]sx?$/.test(file)) return undefined;
  for (let folder = dirname(file); basename(folder) !== 'node_modules'; folder = dirname(folder)) {
    const text = await promisify(readFile)(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) {
      try {
        return TYPES[JSON.parse(text).type];
      } catch {
        return undefined;
      }
    }
    if (folder === dirname(folder)) break;
  }
  return undefined;
}

/** Whether a path is given as a URL: as its text, or as an object like `FileUrl` of index.d.ts, of whichever realm or library. */
function isFileUrl(path) {
  if (typeof path === 'string') return path.startsWith('file://');
  return typeof path?.href === 'string' && typeof path.protocol === 'string';
}

let unnamed = 0;

/**
 * Makes `run` and `runFile`.
 * @param {{readonly id: number} | undefined} place a private isolate, or nothing for the pool
 */
function makeRun(place) {
  const allowed = place === undefined ? POOL_OPTIONS : ISOLATE_OPTIONS;

  function run(source, options) {
    if (typeof source !== 'string') throw new TypeError(`run: the source must be a string, not ${show(source)}`);
    const checked = check('run', options, allowed);
    const filename = checked.filename ?? `run-${++unnamed}.js`;
    const isolate = place?.id ?? 0;
    const { record, task } = createRecord(pool(), place, run, 'run', checked, filename);
    submit(record, isolate, checked, filename, source);
    return task;
  }

  function runFile(path, options) {
    const isUrl = isFileUrl(path);
    if (!isUrl && typeof path !== 'string') {
      throw new TypeError(`runFile: the path must be a string or a file URL, not ${show(path)}`);
    }
    const checked = check('runFile', options, allowed);
    const file = isUrl ? fileURLToPath(path.href ?? path) : resolve(path);
    const filename = checked.filename ?? file;
    const current = pool();
    const isolate = place?.id ?? 0;
    const { record, task } = createRecord(current, place, runFile, 'runFile', checked, filename);
    if (record.outcome !== undefined) return task;
    current.reading(record, isolate, readProgram(file), ({ source, real, type }) =>
      submit(record, isolate, { type, ...checked }, filename, source, real),
    );
    return task;
  }

  return { run, runFile };
}

module.exports = { makeRun };
