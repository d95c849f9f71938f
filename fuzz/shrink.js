'use strict';

// Makes a failing program smaller. It goes by the layout that the generator writes: one statement a line, and what
// belongs to a statement stands deeper than its first line, so no parser is needed. Candidates that are no programs, or
// that do not fail, are thrown away.

const vm = require('node:vm');

const depthOf = (line) => line.length - line.trimStart().length;

/** A line that goes on with the statement above it: `}`, `} else {`, `)`. */
const continues = (line) => /^\s*[})\]]/.test(line) || /^\s*\.then/.test(line);

/** The first line after the statement that starts at `from`. */
function endOf(lines, from) {
  const depth = depthOf(lines[from]);
  let to = from + 1;
  while (
    to < lines.length &&
    (lines[to] === '' || depthOf(lines[to]) > depth || (depthOf(lines[to]) === depth && continues(lines[to])))
  )
    to++;
  return to;
}

/** Fuel is what makes programs end; only whole loops and functions may go. */
const isFuel = (line) => line.includes('fuel--');

/** How many lines at the start stay, because without them there is no trace: up to the end of `log`. */
const startOf = (lines) => lines.indexOf('  return x;') + 2;

function isProgram(source) {
  try {
    new vm.Script(source);
    return true;
  } catch {
    return false;
  }
}

/** The places after `from` of the brackets that match the opening ones of a line, with what is in between. */
function bracketed(source) {
  const open = [];
  const found = [];
  for (let i = 0; i < source.length; i++) {
    const c = source[i];
    if (c === "'" || c === '"') {
      for (i++; i < source.length && source[i] !== c && source[i] !== '\n'; i++) if (source[i] === '\\') i++;
    } else if (c === '(' || c === '[' || c === '{') open.push(i);
    else if ((c === ')' || c === ']' || c === '}') && open.length > 0) found.push([open.pop(), i + 1]);
  }
  // The largest first.
  return found.sort(([a, b], [c, d]) => d - c - (b - a));
}

/**
 * @param {string} source
 * @param {(candidate: string) => Promise<boolean>} fails whether a candidate still fails
 * @param {{tries?: number}} options `tries`: how many candidates to run at most
 * @returns {Promise<string>} the smallest program found
 */
async function shrink(source, fails, { tries = 4000 } = {}) {
  let best = source;
  let left = tries;
  const seen = new Set();

  async function accept(candidate) {
    if (candidate.length >= best.length || seen.has(candidate) || left <= 0) return false;
    seen.add(candidate);
    if (!isProgram(candidate)) return false;
    left--;
    if (!(await fails(candidate))) return false;
    best = candidate;
    return true;
  }

  /** Runs of lines, the long ones first: whole parts of the program go at once. */
  async function dropRuns() {
    for (let size = Math.floor(best.split('\n').length / 2); size >= 2; size = Math.floor(size / 2)) {
      for (let from = best.split('\n').length - size; from >= 0; from -= size) {
        const lines = best.split('\n');
        const run = lines.slice(from, from + size);
        if (from < startOf(lines) || run.some((line) => /^trace;/.test(line))) continue;
        await accept([...lines.slice(0, from), ...lines.slice(from + size)].join('\n'));
      }
    }
  }

  /** Single statements with all that belongs to them; then only their first and last line; then what an `else` has. */
  async function dropStatements() {
    let changed = false;
    for (let from = best.split('\n').length - 1; from >= 0; from--) {
      const lines = best.split('\n');
      if (from >= lines.length || from < startOf(lines) || isFuel(lines[from]) || lines[from] === 'trace;') continue;
      const to = endOf(lines, from);
      if (await accept([...lines.slice(0, from), ...lines.slice(to)].join('\n'))) {
        changed = true;
        continue;
      }
      if (to - from < 3) continue;
      const inner = lines.slice(from + 1, to - 1).filter((line) => !isFuel(line));
      if (await accept([...lines.slice(0, from), ...inner, ...lines.slice(to)].join('\n'))) {
        changed = true;
        continue;
      }
      // `try { A } catch { B }` becomes `{ A }`, and so on, by what stands between two lines of the same depth.
      const depth = depthOf(lines[from]);
      const cuts = [];
      for (let i = from; i < to; i++) if (depthOf(lines[i]) === depth) cuts.push(i);
      for (let i = 0; i + 1 < cuts.length; i++) {
        const part = lines.slice(cuts[i] + 1, cuts[i + 1]).filter((line) => !isFuel(line));
        const pad = ' '.repeat(depth);
        if (await accept([...lines.slice(0, from), `${pad}{`, ...part, `${pad}}`, ...lines.slice(to)].join('\n'))) {
          changed = true;
          break;
        }
        const without = [...lines.slice(0, cuts[i] + 1), ...lines.slice(cuts[i + 1])];
        if (i > 0 && (await accept([...lines.slice(0, cuts[i]), ...lines.slice(cuts[i + 1])].join('\n')))) {
          changed = true;
          break;
        }
        if (!lines.slice(cuts[i] + 1, cuts[i + 1]).some(isFuel) && (await accept(without.join('\n')))) {
          changed = true;
          break;
        }
      }
    }
    return changed;
  }

  /** Parts of expressions in brackets: gone, replaced by a number, or by one of the parts they consist of. */
  async function dropExpressions() {
    let changed = false;
    const start = () => Math.max(0, best.indexOf('return x;\n}'));
    for (let at = 0; left > 0; at++) {
      const places = bracketed(best).filter(([from]) => from > start());
      if (at >= places.length) break;
      const [from, to] = places[at];
      const head = best.slice(0, from);
      const tail = best.slice(to);
      const text = best.slice(from, to);
      if (isFuel(text)) continue;
      const inner = text.slice(1, -1);
      const name = /[\w$.]*$/.exec(head)[0];
      const candidates = [
        `${head.slice(0, head.length - name.length)}0${tail}`,
        `${head}${text[0]}${text.at(-1)}${tail}`,
      ];
      if (text[0] === '(') {
        candidates.push(`${head.slice(0, head.length - name.length)}${inner}${tail}`, `${head}0${tail}`);
        const operator = / (?:[-+*/%|&^<>=!?:,]+|instanceof|in) /g;
        for (const match of inner.matchAll(operator)) {
          candidates.push(`${head}(${inner.slice(0, match.index)})${tail}`);
          candidates.push(`${head}(${inner.slice(match.index + match[0].length)})${tail}`);
        }
      }
      for (const match of inner.matchAll(/, /g)) {
        candidates.push(`${head}${text[0]}${inner.slice(0, match.index)}${text.at(-1)}${tail}`);
        candidates.push(`${head}${text[0]}${inner.slice(match.index + 2)}${text.at(-1)}${tail}`);
      }
      for (const candidate of candidates) {
        if (!(await accept(candidate))) continue;
        changed = true;
        at--;
        break;
      }
    }
    return changed;
  }

  await dropRuns();
  for (let again = true; again && left > 0; ) {
    again = await dropStatements();
    again = (await dropExpressions()) || again;
  }
  return best;
}

module.exports = { shrink };
