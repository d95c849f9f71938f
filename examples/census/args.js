'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

const MEGABYTE = 1024 * 1024;

/** The project's own tree: what `npm start` without arguments looks at. */
const DEFAULT_DIRECTORY = path.resolve(__dirname, '../..');

const HELP = `Usage: npm start [-- DIR] [-- OPTIONS]
       node examples/census [DIR] [OPTIONS]

Reads every source file below DIR (by default this project with its installed packages), counts
lines per language and finds exact copies and near-duplicates: once on the event loop, once in
tasks on one thread, once in tasks on all. Prints what it found and what each way cost.

  --threads N       threads of the last run (default: the processors there are, here ${processors()})
  --threshold T     how alike near-duplicates are, from 0.1 to 1 (default 0.8)
  --top N           how many groups of duplicates to print (default 5)
  --max-file MB     leave out files that are larger (default 2)
  --max-total MB    stop reading after so much (default 1024)
  --json            print the result as JSON
  -h, --help        print this

Left out: folders named .git, .hg, .svn and target, symbolic links, binary files, and files in no
known language. The result says how many.
`;

/** An error in how the program was called: one line for the user, no stack. */
class UsageError extends Error {}

function processors() {
  return os.availableParallelism();
}

/** Makes a text from outside safe to print: no control character reaches the terminal. */
function printable(text) {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    return `\\u${character.codePointAt(0).toString(16).padStart(4, '0')}`;
  });
}

const OPTIONS = {
  threads: { type: 'string', number: [1, 256], whole: true },
  threshold: { type: 'string', number: [0.1, 1] },
  top: { type: 'string', number: [0, 1e6], whole: true },
  'max-file': { type: 'string', number: [0.001, 1024] },
  'max-total': { type: 'string', number: [0.001, 64 * 1024] },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

function toNumber(name, text) {
  const {
    number: [least, most],
    whole,
  } = OPTIONS[name];
  const value = /^\d+(\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
    const kind = whole ? 'a whole number' : 'a number';
    throw new UsageError(`--${name} takes ${kind} from ${least} to ${most}, not '${text}'`);
  }
  return value;
}

function checkDirectory(directory) {
  let stat;
  try {
    stat = fs.statSync(directory);
  } catch (error) {
    if (error.code === 'ENOENT') throw new UsageError(`there is no directory '${directory}'`);
    throw new UsageError(`cannot read '${directory}' (${error.code})`);
  }
  if (!stat.isDirectory()) throw new UsageError(`'${directory}' is not a directory`);
}

/**
 * Reads the command line.
 *
 * @param {string[]} argv Without the names of node and of the program
 * @param {string} [from] The folder that a relative DIR is relative to
 * @returns {{help: boolean, json: boolean, directory: string, threads: number, threshold: number,
 *   top: number, maxFile: number, maxTotal: number}} Sizes in bytes
 * @throws {UsageError}
 */
function readArgs(argv, from = process.cwd()) {
  const given = {};
  const { tokens } = parseArgs({
    args: argv,
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (given.directory !== undefined) {
        throw new UsageError(`one directory at a time, please: '${token.value}' is one too many`);
      }
      given.directory = token.value;
    } else if (token.kind === 'option') {
      const { name, rawName, value } = token;
      if (!Object.hasOwn(OPTIONS, name)) {
        throw new UsageError(`unknown option '${rawName}' (--help lists them)`);
      }
      if (OPTIONS[name].type === 'boolean') {
        if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
        given[name] = true;
      } else {
        if (value === undefined) throw new UsageError(`${rawName} needs a value`);
        given[name] = toNumber(name, value);
      }
    }
  }
  if (given.directory === '') throw new UsageError('the name of the directory is empty');
  if (given.directory?.includes('\0')) throw new UsageError('a directory has no NUL in its name');
  const directory = given.directory === undefined ? DEFAULT_DIRECTORY : path.resolve(from, given.directory);
  if (!given.help) checkDirectory(directory);
  return {
    help: given.help === true,
    json: given.json === true,
    directory,
    threads: given.threads ?? processors(),
    threshold: given.threshold ?? 0.8,
    top: given.top ?? 5,
    maxFile: Math.floor((given['max-file'] ?? 2) * MEGABYTE),
    maxTotal: Math.floor((given['max-total'] ?? 1024) * MEGABYTE),
  };
}

module.exports = { HELP, MEGABYTE, UsageError, printable, readArgs };
