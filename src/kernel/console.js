'use strict';

// `console` of a realm. A call is formatted here, where the values live, as Node formats it; what crosses to the host is
// text and the name of the method, and the host's own console writes it. Lines made of strings and numbers need no
// formatter; for anything else Node's `util.inspect`, as the npm package node-inspect-extracted carries it, is loaded
// into the realm at its first use.

const {
  apply,
  ArrayIsArray,
  ArrayPrototypeJoin,
  Error,
  globalThis,
  Map,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  MathMax,
  NumberPrototypeToFixed,
  ObjectHasOwn,
  ObjectKeys,
  RegExpPrototypeExec,
  Set,
  SetPrototypeAdd,
  SetPrototypeHas,
  String,
  StringPrototypeIndexOf,
  StringPrototypePadEnd,
  StringPrototypeRepeat,
  StringPrototypeReplace,
  StringPrototypeSlice,
} = require('primordials');

/** Methods of the host's console; `lib/console.js` has the same order. */
const LOG = 0;
const INFO = 1;
const DEBUG = 2;
const WARN = 3;
const ERROR = 4;

/** Indentation of one `group` level, as in Node. */
const GROUP_INDENT = '  ';

module.exports = function createConsole(natives, settings) {
  let indent = '';
  const counters = new Map();
  const timers = new Map();
  let inspector;

  function inspectLibrary() {
    if (inspector === undefined) {
      inspector = natives.loadInspect({
        promiseDetails: settings.promiseDetails ?? natives.promiseDetails,
        previewEntries: natives.previewEntries,
        proxyDetails: natives.proxyDetails,
      });
    }
    return inspector;
  }

  const inspectOptions = () => ({ colors: settings.colors });

  /** Formats as `util.format` does; a line of plain strings and numbers without `%` needs no formatter. */
  function format(args) {
    const count = args.length;
    if (count === 1 && typeof args[0] === 'string') return args[0];
    let simple = !(count > 1 && typeof args[0] === 'string' && StringPrototypeIndexOf(args[0], '%') >= 0);
    for (let i = 0; simple && i < count; i++) {
      const type = typeof args[i];
      simple = type === 'string' || (!settings.colors && (type === 'number' || type === 'boolean'));
    }
    if (!simple) return inspectLibrary().formatWithOptions(inspectOptions(), ...args);
    let text = '';
    for (let i = 0; i < count; i++) {
      const arg = args[i];
      if (i > 0) text += ' ';
      text += arg === 0 && 1 / arg < 0 ? '-0' : String(arg);
    }
    return text;
  }

  function write(method, text) {
    if (indent !== '') text = indent + StringPrototypeReplace(text, /\n/g, `\n${indent}`);
    natives.consoleWrite(method, text);
  }

  const label = (name) => (name === undefined ? 'default' : `${name}`);

  function duration(ms) {
    if (ms >= 60000) {
      const minutes = ms / 60000;
      const whole = minutes - (minutes % 1);
      const seconds = NumberPrototypeToFixed((ms - whole * 60000) / 1000, 3);
      return `${whole}:${seconds < 10 ? '0' : ''}${seconds} (m:ss.mmm)`;
    }
    if (ms >= 1000) return `${NumberPrototypeToFixed(ms / 1000, 3)}s`;
    return `${+NumberPrototypeToFixed(ms, 3)}ms`;
  }

  function timeLog(name, extra, end) {
    name = label(name);
    const started = MapPrototypeGet(timers, name);
    if (started === undefined) {
      write(WARN, `Warning: No such label '${name}' for console.time${end ? 'End' : 'Log'}()`);
      return;
    }
    if (end) MapPrototypeDelete(timers, name);
    const text = `${name}: ${duration(natives.now() - started)}`;
    write(LOG, extra.length === 0 ? text : `${text} ${format(extra)}`);
  }

  const console = {
    log(...args) {
      write(LOG, format(args));
    },
    info(...args) {
      write(INFO, format(args));
    },
    debug(...args) {
      write(DEBUG, format(args));
    },
    warn(...args) {
      write(WARN, format(args));
    },
    error(...args) {
      write(ERROR, format(args));
    },
    dir(value, options) {
      write(LOG, inspectLibrary().inspect(value, { customInspect: false, ...inspectOptions(), ...options }));
    },
    dirxml(...args) {
      write(LOG, format(args));
    },
    trace(...args) {
      const error = { name: 'Trace', message: format(args) };
      Error.captureStackTrace(error, console.trace);
      const stack = String(error.stack);
      const frames = RegExpPrototypeExec(/\n\s+at [\s\S]*$/, stack);
      const head = error.message === '' ? 'Trace' : `Trace: ${error.message}`;
      write(ERROR, head + (frames === null ? '' : frames[0]));
    },
    assert(condition, ...args) {
      if (condition) return;
      if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
      else args = ['Assertion failed', ...args];
      apply(console.warn, console, args);
    },
    count(name) {
      name = label(name);
      const next = (MapPrototypeGet(counters, name) ?? 0) + 1;
      MapPrototypeSet(counters, name, next);
      write(LOG, `${name}: ${next}`);
    },
    countReset(name) {
      name = label(name);
      if (!MapPrototypeDelete(counters, name)) write(WARN, `Warning: Count for '${name}' does not exist`);
    },
    time(name) {
      name = label(name);
      if (MapPrototypeGet(timers, name) !== undefined) {
        write(WARN, `Warning: Label '${name}' already exists for console.time()`);
        return;
      }
      MapPrototypeSet(timers, name, natives.now());
    },
    timeLog(name, ...extra) {
      timeLog(name, extra, false);
    },
    timeEnd(name) {
      timeLog(name, [], true);
    },
    group(...args) {
      if (args.length > 0) write(LOG, format(args));
      indent += GROUP_INDENT;
    },
    groupEnd() {
      indent = StringPrototypeSlice(indent, 0, MathMax(0, indent.length - GROUP_INDENT.length));
    },
    table(data, columns) {
      if (data === null || typeof data !== 'object') {
        write(LOG, format([data]));
        return;
      }
      write(LOG, renderTable(data, columns));
    },
    // A terminal belongs to the host; what one task prints must not erase what others did.
    clear() {},
  };
  console.groupCollapsed = console.group;

  function cell(value) {
    const options = {
      ...inspectOptions(),
      maxArrayLength: 3,
      breakLength: Infinity,
      depth:
        value !== null && typeof value === 'object' && !ArrayIsArray(value) && ObjectKeys(value).length > 2 ? -1 : 0,
    };
    return inspectLibrary().inspect(value, options);
  }

  /** The table that Node prints: an index column, one column for each key seen, `Values` for primitive rows. */
  function renderTable(data, columns) {
    const isMap = data instanceof globalThis.Map;
    const isSet = data instanceof globalThis.Set;
    const rows = [];
    if (isMap || isSet) {
      let index = 0;
      for (const entry of data) rows[rows.length] = [`${index++}`, entry];
    } else {
      for (const key of ObjectKeys(data)) rows[rows.length] = [key, data[key]];
    }
    const heads = [isMap || isSet ? '(iteration index)' : '(index)'];
    const lines = [];
    if (isMap) {
      heads[1] = 'Key';
      heads[2] = 'Values';
      for (const [index, [key, value]] of rows) lines[lines.length] = [index, cell(key), cell(value)];
    } else {
      const keys = columns === undefined ? [] : [...columns];
      const seen = new Set();
      let hasValues = false;
      for (const [, row] of rows) {
        if (row === null || (typeof row !== 'object' && typeof row !== 'function') || isSet) {
          hasValues = true;
        } else if (columns === undefined) {
          const names = ObjectKeys(row);
          for (let i = 0; i < names.length; i++) {
            if (SetPrototypeHas(seen, names[i])) continue;
            SetPrototypeAdd(seen, names[i]);
            keys[keys.length] = names[i];
          }
        }
      }
      for (const key of keys) heads[heads.length] = key;
      if (hasValues) heads[heads.length] = 'Values';
      for (const [index, row] of rows) {
        const primitive = row === null || (typeof row !== 'object' && typeof row !== 'function') || isSet;
        const line = [index];
        for (const key of keys) {
          const own = !primitive && ObjectHasOwn(row, key);
          line[line.length] = own ? cell(row[key]) : '';
        }
        if (hasValues) line[line.length] = primitive ? cell(row) : '';
        lines[lines.length] = line;
      }
    }
    const { getStringWidth } = inspectLibrary();
    const width = (text) => (getStringWidth === undefined ? text.length : getStringWidth(text));
    const widths = [];
    const rules = [];
    for (let i = 0; i < heads.length; i++) {
      widths[i] = width(heads[i]);
      for (let j = 0; j < lines.length; j++) widths[i] = MathMax(widths[i], width(lines[j][i]));
      widths[i] += 2;
      rules[i] = StringPrototypeRepeat('\u2500', widths[i]);
    }
    const rule = (left, middle, right) => left + ArrayPrototypeJoin(rules, middle) + right;
    const row = (cells) => {
      const padded = [];
      for (let i = 0; i < cells.length; i++) {
        padded[i] = StringPrototypePadEnd(` ${cells[i]}`, widths[i] - (width(cells[i]) - cells[i].length));
      }
      return `\u2502${ArrayPrototypeJoin(padded, '\u2502')}\u2502`;
    };
    const out = [rule('\u250c', '\u252c', '\u2510'), row(heads), rule('\u251c', '\u253c', '\u2524')];
    for (const line of lines) out[out.length] = row(line);
    out[out.length] = rule('\u2514', '\u2534', '\u2518');
    return ArrayPrototypeJoin(out, '\n');
  }

  return console;
};
