'use strict';

const { MEGABYTE, printable } = require('./args.js');

/** How many paths of a group are printed. */
const PATHS = 6;

const whole = (number) => number.toLocaleString('en-US');
const size = (bytes) => {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < MEGABYTE) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 2 : 1)} MB`;
};
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(2)} s`;
const delay = (milliseconds) => `${milliseconds.toFixed(1)} ms`;
const times = (factor) => `${factor.toFixed(2)}x`;
const percent = (share) => `${Math.round(share * 100)} %`;
const plural = (count, one, many = `${one}s`) => `${whole(count)} ${count === 1 ? one : many}`;

/**
 * Lays out rows in columns: the first to the left, the others, numbers, to the right.
 *
 * @param {string[][]} rows The first one is the head
 * @returns {string}
 */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        return column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]);
      })
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return `${lines.join('\n')}\n`;
}

function languageTable(census) {
  const cells = (name, row) => [
    name,
    whole(row.files),
    whole(row.lines),
    whole(row.code),
    whole(row.comment),
    whole(row.blank),
    size(row.bytes),
  ];
  return table([
    ['Language', 'Files', 'Lines', 'Code', 'Comment', 'Blank', 'Size'],
    ...census.languages.map((row) => cells(row.language, row)),
    cells('Total', census),
  ]);
}

function paths(list) {
  const shown = list.slice(0, PATHS).map((text) => `      ${text}\n`);
  if (list.length > PATHS) shown.push(`      and ${whole(list.length - PATHS)} more\n`);
  return shown.join('');
}

function duplicateLists({ duplicates: { exact, near, threshold } }, top) {
  let text = '';
  if (near.groups > 0 && top > 0) {
    const shown = Math.min(top, near.groups);
    text +=
      `\nNear-duplicates, at least ${percent(threshold)} alike: the largest ${shown} of ` +
      `${plural(near.groups, 'group')} (and how alike each file is to the first)\n`;
    for (const group of near.list.slice(0, top)) {
      text += `  ${plural(group.files.length, 'file')}, ${plural(group.lines, 'line')}\n`;
      text += paths(
        group.files.map(({ path, likeness }, index) => {
          return `${(index === 0 ? '' : percent(likeness)).padStart(5)}  ${printable(path)}`;
        }),
      );
    }
  }
  if (exact.groups > 0 && top > 0) {
    const shown = Math.min(top, exact.groups);
    text += `\nExact copies: the largest ${shown} of ${plural(exact.groups, 'group')}\n`;
    for (const group of exact.list.slice(0, top)) {
      text += `  ${plural(group.files.length, 'file')} of ${size(group.bytes)}\n`;
      text += paths(group.files.map(printable));
    }
  }
  return text;
}

function notes({ skipped, limits, duplicates }) {
  const left = [
    [skipped.unknown, 'in no known language'],
    [skipped.binary, 'binary'],
    [skipped.large, `over ${size(limits.maxFile)} (--max-file)`],
    [skipped.beyondTotal, `beyond ${size(limits.maxTotal)} in all (--max-total)`],
    [skipped.links, 'symbolic links'],
    [skipped.folders, 'folders by name (.git, .hg, .svn, target)'],
    [skipped.unreadable, 'unreadable'],
  ]
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${whole(count)} ${what}`);
  let text = left.length > 0 ? `Left out: ${left.join('; ')}.\n` : '';
  if (duplicates.tooSmall > 0) {
    text +=
      `Not compared for near-duplicates: ${plural(duplicates.tooSmall, 'file')} with fewer ` +
      `than ${duplicates.leastShingles} shingles.\n`;
  }
  if (duplicates.comparisonsCut > 0) {
    text +=
      `So many files are alike that ${plural(duplicates.comparisonsCut, 'search', 'searches')}` +
      ' for more like one of them ended early.\n';
  }
  return text;
}

function runTable({ runs, idle }) {
  const [host, one] = runs;
  return table([
    ['The same work, three times', 'Time', 'Throughput', 'vs event loop', 'vs 1 thread', 'Loop delay: worst', 'median'],
    ...runs.map((run) => [
      run.name,
      seconds(run.milliseconds),
      `${size(run.bytesPerSecond)}/s`,
      times(host.milliseconds / run.milliseconds),
      run === host ? '' : times(one.milliseconds / run.milliseconds),
      delay(run.delay.worst),
      delay(run.delay.median),
    ]),
    ['(an idle event loop here)', '', '', '', '', delay(idle.worst), delay(idle.median)],
  ]);
}

/**
 * The report for people.
 *
 * @param {object} census What `summarize` gives, with `runs` and `idle` unless there was no file
 * @param {number} top How many groups of duplicates to list
 * @returns {string}
 */
function report(census, top) {
  const where = printable(census.directory);
  if (census.files === 0) return `No source files in ${where}\n${notes(census)}`;
  const { exact, near } = census.duplicates;
  return (
    `${where}\n\n` +
    languageTable(census) +
    duplicateLists(census, top) +
    '\n' +
    table([
      ['Found', 'Number', ''],
      ['Files', whole(census.files), size(census.bytes)],
      ['Lines', whole(census.lines), `${whole(census.code)} of code`],
      ['Exact copies', whole(exact.files), size(exact.bytes)],
      ['Near-duplicates', whole(near.files), `in ${plural(near.groups, 'group')}`],
    ]) +
    notes(census) +
    '\n' +
    runTable(census) +
    `The ${census.runs.length} results are identical. Event-loop delay: what a timer had to wait.\n`
  );
}

module.exports = { report, table };
