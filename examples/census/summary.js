'use strict';

const { LEAST_SHINGLES } = require('./runs.js');

/** The bytes of each file, as views into the batches. */
function contentsOf({ batches }) {
  const views = [];
  for (const { data, sizes } of batches) {
    let at = 0;
    for (const size of sizes) {
      views.push(Buffer.from(data, at, size));
      at += size;
    }
  }
  return views;
}

/**
 * Keeps of the groups with equal content hashes what is equal byte by byte. The hash is quick, not
 * cryptographic: whoever wants two files to collide can make them.
 *
 * @param {Buffer[]} contents
 * @param {number[][]} groups
 * @returns {number[][]}
 */
function confirmCopies(contents, groups) {
  const confirmed = [];
  for (const group of groups) {
    let rest = group;
    while (rest.length > 1) {
      const [first] = rest;
      const same = rest.filter((file) => contents[file].equals(contents[first]));
      if (same.length > 1) confirmed.push(same);
      rest = rest.filter((file) => !same.includes(file));
    }
  }
  return confirmed;
}

function byLanguage({ table, sizes, languages }, counts) {
  const rows = table.map(({ name }) => {
    return { language: name, files: 0, lines: 0, code: 0, comment: 0, blank: 0, bytes: 0 };
  });
  for (let file = 0; file < sizes.length; file++) {
    const row = rows[languages[file]];
    row.files++;
    row.lines += counts[file * 4];
    row.code += counts[file * 4 + 1];
    row.comment += counts[file * 4 + 2];
    row.blank += counts[file * 4 + 3];
    row.bytes += sizes[file];
  }
  return rows.sort((a, b) => b.lines - a.lines || (a.language < b.language ? -1 : 1));
}

const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);

/**
 * What the census found, in the form that `--json` prints.
 *
 * @param {ReturnType<import('./args.js').readArgs>} args
 * @param {import('./files.js').Sources} sources
 * @param {object} result The result that all runs agree on
 */
function summarize(args, sources, result) {
  const { paths, sizes, skipped } = sources;
  const { counts, groups } = result;
  const languages = byLanguage(sources, counts);
  const copies = confirmCopies(contentsOf(sources), groups.copies).map((group) => ({
    bytes: sizes[group[0]],
    lines: counts[group[0] * 4],
    files: group.map((file) => paths[file]),
  }));
  // What could be saved comes first.
  copies.sort((a, b) => b.bytes * (b.files.length - 1) - a.bytes * (a.files.length - 1));
  const similar = groups.similar.map(({ files, likeness }) => ({
    lines: files.reduce((total, file) => total + counts[file * 4], 0),
    files: files.map((file, index) => ({ path: paths[file], likeness: likeness[index] })),
  }));
  similar.sort((a, b) => b.lines - a.lines);
  return {
    directory: args.directory,
    files: sizes.length,
    lines: sum(languages, 'lines'),
    code: sum(languages, 'code'),
    comment: sum(languages, 'comment'),
    blank: sum(languages, 'blank'),
    bytes: sources.bytes,
    languages,
    duplicates: {
      threshold: args.threshold,
      exact: {
        groups: copies.length,
        files: copies.reduce((total, { files }) => total + files.length - 1, 0),
        bytes: copies.reduce((total, { bytes, files }) => total + bytes * (files.length - 1), 0),
        list: copies,
      },
      near: {
        groups: similar.length,
        files: similar.reduce((total, { files }) => total + files.length - 1, 0),
        list: similar,
      },
      leastShingles: LEAST_SHINGLES,
      tooSmall: groups.tooSmall,
      comparisonsCut: groups.cut,
    },
    limits: { maxFile: args.maxFile, maxTotal: args.maxTotal },
    skipped,
  };
}

module.exports = { confirmCopies, summarize };
