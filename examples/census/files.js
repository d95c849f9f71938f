'use strict';

const fs = require('node:fs/promises');
const path = require('node:path');
const { LANGUAGES, UNKNOWN, ASK_FIRST_LINE, languageOfName, languageOfFirstLine } = require('./languages.js');

/** Folders that hold no source of their own: histories, and what Cargo builds. */
const SKIPPED_FOLDERS = new Set(['.git', '.hg', '.svn', 'target']);
/** How many file operations run at once: Node's pool has four threads, so this keeps it busy. */
const CONCURRENCY = 16;
/** A batch is what one task gets. Small enough to balance, large enough to be worth a task. */
const BATCH_BYTES = 256 * 1024;
/** A NUL in so many bytes at the start makes a file binary, as in git. */
const BINARY_PROBE = 8000;
/** Enough for any `#!` line. */
const FIRST_LINE = 128;

/**
 * What was left out, and why.
 *
 * @typedef {object} Skipped
 * @property {number} folders Skipped by their name
 * @property {number} links Symbolic links
 * @property {number} unknown Files in no known language, and what is not a regular file
 * @property {number} binary
 * @property {number} large Files over the size limit
 * @property {number} beyondTotal Files not read since the limit for all of them was reached
 * @property {number} unreadable Files and folders
 */

/**
 * @typedef {object} Batch
 * @property {number} first The number of its first file
 * @property {ArrayBuffer} data
 * @property {Uint32Array} sizes
 * @property {Uint8Array} languages
 */

/**
 * @typedef {object} Sources
 * @property {string[]} paths Relative to the root, with `/`, sorted
 * @property {Uint32Array} sizes
 * @property {Uint8Array} languages Indexes into `table`
 * @property {import('./languages.js').Language[]} table The languages that occur
 * @property {number} bytes
 * @property {Batch[]} batches
 * @property {Skipped} skipped
 */

/** Calls `work` for each item, for at most CONCURRENCY of them at a time. */
async function forEach(items, work) {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, worker));
}

/** Finds the files whose names promise source. Follows no symbolic links, so it ends. */
async function walk(root, skipped) {
  const found = [];
  let level = [''];
  while (level.length > 0) {
    const below = [];
    await forEach(level, async (folder) => {
      let entries;
      try {
        entries = await fs.readdir(path.join(root, folder), { withFileTypes: true });
      } catch (error) {
        if (folder === '') throw error;
        skipped.unreadable++;
        return;
      }
      for (const entry of entries) {
        const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isSymbolicLink()) {
          skipped.links++;
        } else if (entry.isDirectory()) {
          if (SKIPPED_FOLDERS.has(entry.name)) skipped.folders++;
          else below.push(name);
        } else {
          const language = entry.isFile() ? languageOfName(entry.name) : UNKNOWN;
          if (language === UNKNOWN) skipped.unknown++;
          else found.push({ path: name, language, content: null });
        }
      }
    });
    level = below;
  }
  // By code unit, not by locale: the same order everywhere.
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Fills as much of the buffer as the file has. */
async function fill(handle, buffer) {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** Reads one file into `file.content`, or counts why not. */
async function readOne(root, file, limits, state, skipped) {
  const handle = await fs.open(path.join(root, file.path), 'r');
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) {
      skipped.unknown++;
      return;
    }
    if (file.language === ASK_FIRST_LINE) {
      const start = await fill(handle, Buffer.alloc(Math.min(FIRST_LINE, stat.size)));
      file.language = languageOfFirstLine(start.toString('latin1').split('\n', 1)[0]);
      if (file.language === UNKNOWN) {
        skipped.unknown++;
        return;
      }
    }
    if (stat.size > limits.maxFile) {
      skipped.large++;
      return;
    }
    // Reserved before the read, so that the reads under way cannot pass the limit together.
    if (state.reserved + stat.size > limits.maxTotal) {
      skipped.beyondTotal++;
      return;
    }
    state.reserved += stat.size;
    const content = await fill(handle, Buffer.allocUnsafe(stat.size));
    if (content.subarray(0, BINARY_PROBE).includes(0)) {
      state.reserved -= stat.size;
      skipped.binary++;
      return;
    }
    file.content = content;
    state.files++;
    state.bytes += content.length;
  } finally {
    await handle.close();
  }
}

/** Packs neighbours into batches, each of them one ArrayBuffer that can be moved to a task. */
function pack(files, languages) {
  const batches = [];
  let first = 0;
  while (first < files.length) {
    let bytes = files[first].content.length;
    let end = first + 1;
    while (end < files.length && bytes + files[end].content.length <= BATCH_BYTES) {
      bytes += files[end].content.length;
      end++;
    }
    const data = new Uint8Array(bytes);
    const sizes = new Uint32Array(end - first);
    let at = 0;
    for (let file = first; file < end; file++) {
      const { content } = files[file];
      data.set(content, at);
      at += content.length;
      sizes[file - first] = content.length;
      // The batch has it now; two copies of everything would be one too many.
      files[file].content = null;
    }
    // Copies, not views: a view is sent with the whole buffer under it.
    const own = languages.slice(first, end);
    batches.push({ first, data: data.buffer, sizes, languages: own });
    first = end;
  }
  return batches;
}

/**
 * Reads the source files below a directory into memory.
 *
 * @param {string} root
 * @param {{maxFile: number, maxTotal: number}} limits In bytes
 * @param {(files: number, bytes: number) => void} [onProgress]
 * @returns {Promise<Sources>}
 */
async function readSources(root, limits, onProgress = () => {}) {
  const skipped = {
    folders: 0,
    links: 0,
    unknown: 0,
    binary: 0,
    large: 0,
    beyondTotal: 0,
    unreadable: 0,
  };
  const candidates = await walk(root, skipped);
  const state = { reserved: 0, files: 0, bytes: 0 };
  await forEach(candidates, async (file) => {
    try {
      await readOne(root, file, limits, state, skipped);
    } catch {
      // It vanished, or is not ours to read. The report says how many.
      skipped.unreadable++;
    }
    onProgress(state.files, state.bytes);
  });

  const files = candidates.filter((file) => file.content !== null);
  const occurring = [...new Set(files.map((file) => file.language))].sort((a, b) => a - b);
  const languages = Uint8Array.from(files, (file) => occurring.indexOf(file.language));
  const sizes = Uint32Array.from(files, (file) => file.content.length);
  return {
    paths: files.map((file) => file.path),
    sizes,
    languages,
    table: occurring.map((index) => LANGUAGES[index]),
    bytes: state.bytes,
    batches: pack(files, languages),
    skipped,
  };
}

module.exports = { readSources };
