'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, it } = require('node:test');
const vm = require('node:vm');

const census = path.join(__dirname, '../examples/census');
const { UsageError, printable, readArgs } = require('../examples/census/args.js');
const { readSources } = require('../examples/census/files.js');
const {
  LANGUAGES,
  UNKNOWN,
  ASK_FIRST_LINE,
  languageOfName,
  languageOfFirstLine,
} = require('../examples/census/languages.js');
const { difference } = require('../examples/census/runs.js');
const { table } = require('../examples/census/report.js');
const { bandRows, findSimilar } = require('../examples/census/similar.js');
const { confirmCopies } = require('../examples/census/summary.js');
const { SETTINGS, censusBatch } = require('../examples/census/work.js');

const indexOf = (name) => {
  const index = LANGUAGES.findIndex((language) => language.name === name);
  assert.notEqual(index, -1, name);
  return index;
};

/** A batch of `[language, text]`. */
function batchOf(files) {
  const contents = files.map(([, text]) => Buffer.from(text));
  const data = new Uint8Array(Buffer.concat(contents)).buffer;
  return {
    data,
    sizes: Uint32Array.from(contents, (content) => content.length),
    languages: Uint8Array.from(files, ([language]) => indexOf(language)),
  };
}

/** Code, comment and blank lines of a text. */
function count(language, text) {
  const { counts } = censusBatch(batchOf([[language, text]]), LANGUAGES, SETTINGS);
  const [lines, code, comment, blank] = counts;
  assert.equal(lines, code + comment + blank);
  return [code, comment, blank];
}

/** Always the same words, and each seed has its own. */
function words(seed, length) {
  let state = seed;
  return Array.from({ length }, () => {
    state = (state * 48271) % 2147483647;
    return `w${state % 997}`;
  });
}

function similarOf(files, threshold = 0.8) {
  const batch = batchOf(files);
  const settings = {
    hashes: SETTINGS.hashes,
    rows: bandRows(SETTINGS.hashes, threshold),
    threshold,
    leastShingles: 24,
    longestBucket: 256,
  };
  return findSimilar({ ...batch, ...censusBatch(batch, LANGUAGES, SETTINGS) }, settings);
}

function run(args, options = {}) {
  return new Promise((resolve) => {
    execFile(process.execPath, [census, ...args], { timeout: 120_000, ...options }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

function temporary() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'census-'));
}

function write(root, files) {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), content);
  }
}

describe('census: lines', () => {
  const cases = [
    ['nothing', 'JavaScript', '', [0, 0, 0]],
    ['one newline', 'JavaScript', '\n', [0, 0, 1]],
    ['no newline at the end', 'JavaScript', 'a;\n// b', [1, 1, 0]],
    ['white space at the end', 'JavaScript', 'a;\n  ', [1, 0, 1]],
    ['CRLF', 'JavaScript', 'a;\r\n\r\n// b\r\n', [1, 1, 1]],
    ['a byte order mark', 'JavaScript', '\ufeff// a\n\ufeff', [1, 1, 0]],
    ['code and comment in one line', 'JavaScript', 'a; // b\n/* c */ d;\n/* e */\n', [2, 1, 0]],
    ['a block with a blank line', 'JavaScript', '/* a\n\n   b */\nc;\n', [1, 2, 1]],
    ['blocks do not nest', 'JavaScript', '/* /* */ a;\n*/\n', [2, 0, 0]],
    ['comment openings in strings', 'JavaScript', 'a("/*");\nb(\'//\');\n// c\n', [2, 1, 0]],
    ['an escaped quote', 'JavaScript', 'a("\\"/*");\n// b\n', [1, 1, 0]],
    ['an open string ends with its line', 'JavaScript', "don't\n// a\n", [1, 1, 0]],
    ['a continued string', 'JavaScript', 'a("b\\\n// c");\n// d\n', [2, 1, 0]],
    ['a template', 'JavaScript', 'a(`\n// b\n\n/* c`);\n// d\n', [3, 1, 1]],
    ['templates in templates', 'JavaScript', `a(\`\${b(\`//\${{ c: 1 }}\`)} /*\`);\n// d\n`, [1, 1, 0]],
    ['a comment in a template', 'JavaScript', `a(\`\${\n// b\nc}\n// d\n\`);\n`, [4, 1, 0]],
    ['regular expressions', 'JavaScript', 'a = /[/*"]/;\nreturn /`/\n(/\\//, /\'/);\n// b\n', [3, 1, 0]],
    ['divisions', 'JavaScript', 'a = b / c; // d / e\nf = (g) / 2 / h; /* i\n*/ j\n', [3, 0, 0]],
    ['tags of JSX', 'JavaScript', 'a = <b>c</b>; /* d\n*/\n', [1, 1, 0]],
    ['only block comments in CSS', 'CSS', 'a { b: url(//c) }\n/* d */\n// e\n', [2, 1, 0]],
    ['comments of Python', 'Python', '# a\nb = "# c"  # d\n\n', [1, 1, 1]],
    ['documentation of Python', 'Python', 'def a():\n  """b\n\n  c"""\n  return 1\n', [2, 2, 1]],
    ['a long string of Python', 'Python', 'a = """\n# b\n"""\nc(\n"""\nd""")\n', [6, 0, 0]],
    ['a continued line of Python', 'Python', 'a = \\\n"""b\nc"""\n# d\n', [3, 1, 0]],
    ['nested blocks of Rust', 'Rust', '/* /* */ a\n*/ b\n', [1, 1, 0]],
    ['lifetimes and characters of Rust', 'Rust', "fn a<'b>(c: &'b u8) {} // d\n('\"', b'\\'', 'é')\n// e\n", [2, 1, 0]],
    ['raw strings of Rust', 'Rust', 'a(r#"\\"// "b"#); // c\nr"\\";\n// d\n', [2, 1, 0]],
    ['shell', 'Shell', `#!/bin/sh\necho $# "# a" \${b#c} # d\n\n`, [1, 1, 1]],
    ['YAML', 'YAML', 'a: b#c\n# d\n', [1, 1, 0]],
    ['TOML', 'TOML', 'a = """\n# b\n"""\n# c\n', [3, 1, 0]],
    ['Ruby', 'Ruby', '=begin\na\n=end\nb = 1\n', [1, 3, 0]],
    ['Lua', 'Lua', '--[[ a\nb ]]\n-- c\nd = [[\n-- e ]]\n', [2, 3, 0]],
    ['SQL', 'SQL', "-- a\nselect '--'; /* b\n*/\n", [1, 2, 0]],
    ['HTML', 'HTML', "<p>don't</p>\n<!-- a\nb -->\n", [1, 2, 0]],
    ['Markdown', 'Markdown', '# a\n\n`<!--` b\n```\n<!--\n```\n<!-- c -->\n', [5, 1, 1]],
    ['JSON has no comments', 'JSON', '{ "a": "//" }\n', [1, 0, 0]],
    ['INI', 'INI', '; a\n# b\nc = d ; e\n', [1, 2, 0]],
    ['Batch', 'Batch', 'rem a\necho rem b\n', [1, 1, 0]],
  ];
  for (const [name, language, text, expected] of cases) {
    it(name, () => assert.deepEqual(count(language, text), expected));
  }

  it('never fails, whatever the bytes', () => {
    const bytes = words(7, 4000)
      .join('')
      .replace(/w/g, '')
      .match(/\d\d/g)
      .map((n) => n * 2.5);
    for (let language = 0; language < LANGUAGES.length; language++) {
      const data = Uint8Array.from(bytes).buffer;
      const batch = {
        data,
        sizes: Uint32Array.of(bytes.length),
        languages: Uint8Array.of(language),
      };
      const { counts } = censusBatch(batch, LANGUAGES, SETTINGS);
      assert.equal(counts[0], bytes.filter((byte) => Math.floor(byte) === 10).length + 1);
    }
  });
});

describe('census: languages', () => {
  it('tells languages by name and by first line', () => {
    const name = (file) => LANGUAGES[languageOfName(file)]?.name;
    assert.equal(name('a.js'), 'JavaScript');
    assert.equal(name('A.D.TS'), 'TypeScript');
    assert.equal(name('Makefile'), 'Makefile');
    assert.equal(name('Dockerfile.alpine'), 'Dockerfile');
    assert.equal(name('.npmrc'), 'INI');
    assert.equal(languageOfName('a.png'), UNKNOWN);
    assert.equal(languageOfName('.js'), UNKNOWN);
    assert.equal(languageOfName('LICENSE'), ASK_FIRST_LINE);
    const first = (line) => LANGUAGES[languageOfFirstLine(line)]?.name;
    assert.equal(first('#!/usr/bin/env node'), 'JavaScript');
    assert.equal(first('#!/usr/bin/env -S node --flag'), 'JavaScript');
    assert.equal(first('#! /bin/sh -e'), 'Shell');
    assert.equal(first('#!/usr/bin/python3.11'), 'Python');
    assert.equal(first('#!/usr/bin/env'), undefined);
    assert.equal(first('MIT License'), undefined);
  });

  it('has a table that can be an argument, and nothing in it twice', () => {
    assert.deepEqual(structuredClone(LANGUAGES), LANGUAGES);
    for (const key of ['name', 'extensions', 'files', 'interpreters']) {
      const all = LANGUAGES.flatMap((language) => language[key]);
      assert.equal(new Set(all).size, all.length, key);
    }
  });
});

describe('census: the functions for tasks', () => {
  const files = [
    ['JavaScript', `// a\n${words(1, 400).join(' ')}\n`],
    ['JavaScript', `/* b */ ${words(1, 400).join('\n')}\n`],
    ['Python', words(2, 400).join(' ')],
    ['Rust', 'fn main() {}\n'],
  ];

  it('need nothing but their text and their arguments', () => {
    const batch = batchOf(files);
    const here = censusBatch(batch, LANGUAGES, SETTINGS);
    const bare = (fn) => {
      const shipped = vm.runInNewContext(`(${fn})`);
      return (...args) => structuredClone(shipped(...args));
    };
    const there = bare(censusBatch)(structuredClone(batch), LANGUAGES, SETTINGS);
    assert.deepEqual(there, here);
    const settings = {
      hashes: 128,
      rows: 4,
      threshold: 0.8,
      leastShingles: 24,
      longestBucket: 256,
    };
    const input = { ...batch, ...here };
    assert.deepEqual(bare(findSimilar)(input, settings), findSimilar(input, settings));
  });

  it('do not depend on how files are batched', () => {
    const together = censusBatch(batchOf(files), LANGUAGES, SETTINGS);
    for (const [index, file] of files.entries()) {
      const alone = censusBatch(batchOf([file]), LANGUAGES, SETTINGS);
      for (const part of Object.keys(alone)) {
        const width = alone[part].length;
        const slice = together[part].slice(index * width, (index + 1) * width);
        assert.deepEqual(slice, alone[part], part);
      }
    }
  });

  it('leave their input as it was', () => {
    const batch = batchOf(files);
    const copy = structuredClone(batch);
    censusBatch(batch, LANGUAGES, SETTINGS);
    assert.deepEqual(batch, copy);
  });
});

describe('census: similar files', () => {
  it('estimates the similarity without bias', () => {
    const shingles = (list) => new Set(list.slice(4).map((_, k) => list.slice(k, k + 5).join()));
    let bias = 0;
    let squares = 0;
    const rounds = 60;
    for (let round = 1; round <= rounds; round++) {
      const a = words(round * 7919, 600);
      const b = a.map((word, k) => ((k * 31 + round) % (7 + 3 * round) === 0 ? `x${k}` : word));
      const [x, y] = [a, b].map(shingles);
      const both = [...x].filter((shingle) => y.has(shingle)).length;
      const exact = both / (x.size + y.size - both);
      const batch = batchOf([a, b].map((list) => ['Markdown', list.join(' ')]));
      const { signatures } = censusBatch(batch, LANGUAGES, SETTINGS);
      const { hashes } = SETTINGS;
      let same = 0;
      for (let j = 0; j < hashes; j++) if (signatures[j] === signatures[hashes + j]) same++;
      bias += same / hashes - exact;
      squares += (same / hashes - exact) ** 2;
    }
    // The standard error of one estimate is at most 0.5 / sqrt(128) = 0.044.
    assert.ok(Math.abs(bias / rounds) < 0.02, `bias ${bias / rounds}`);
    assert.ok(Math.sqrt(squares / rounds) < 0.055, `error ${Math.sqrt(squares / rounds)}`);
  });

  it('finds copies, near-duplicates and nothing else', () => {
    const text = words(1, 1000);
    const changed = text.with(500, 'changed');
    const { copies, similar, tooSmall, cut } = similarOf([
      ['Markdown', text.join(' ')],
      ['Markdown', words(2, 1000).join(' ')],
      ['Markdown', changed.join(' ')],
      ['Markdown', text.join(' ')],
      ['Markdown', text.join('\n')],
      ['Markdown', ''],
      ['Markdown', ''],
      ['Markdown', 'short'],
      ['Markdown', 'short'],
      ['YAML', changed.join(' ')],
    ]);
    assert.deepEqual(copies, [
      [0, 3],
      [7, 8],
      [2, 9],
    ]);
    assert.deepEqual(
      similar.map(({ files }) => files),
      [[0, 2, 4]],
    );
    const [, near, layout] = similar[0].likeness;
    assert.ok(near > 0.9 && near < 1, String(near));
    assert.equal(layout, 1);
    assert.equal(tooSmall, 1);
    assert.equal(cut, 0);
  });

  it('keeps to the threshold', () => {
    const text = words(3, 2000);
    // A replaced word breaks five shingles: about 200 of 2,000 are lost, which makes 0.82.
    const other = text.map((word, k) => (k % 50 === 25 ? `x${k}` : word));
    const files = [text, other].map((list) => ['Markdown', list.join(' ')]);
    assert.equal(similarOf(files, 0.7).similar.length, 1);
    assert.equal(similarOf(files, 0.95).similar.length, 0);
  });

  it('chooses bands that miss next to nothing', () => {
    for (let threshold = 0.1; threshold <= 1; threshold += 0.05) {
      const rows = bandRows(128, threshold);
      assert.equal(128 % rows, 0);
      assert.ok((1 - threshold ** rows) ** (128 / rows) <= 0.001, String(threshold));
    }
    assert.equal(bandRows(128, 0.8), 4);
  });

  it('bounds its work and says so', () => {
    const text = words(5, 200).join(' ');
    const alike = Array.from({ length: 20 }, (_, k) => ['Markdown', `${text} end${k}`]);
    const batch = batchOf(alike);
    const { similar, cut } = findSimilar(
      { ...batch, ...censusBatch(batch, LANGUAGES, SETTINGS) },
      { hashes: 128, rows: 4, threshold: 0.8, leastShingles: 24, longestBucket: 3 },
    );
    assert.equal(similar[0].files.length, 20);
    assert.ok(cut > 0);
  });

  it('believes bytes, not hashes', () => {
    const contents = ['a', 'b', 'a', 'b', 'c'].map((text) => Buffer.from(text));
    assert.deepEqual(confirmCopies(contents, [[0, 1, 2, 3, 4]]), [
      [0, 2],
      [1, 3],
    ]);
  });

  it('tells where results differ', () => {
    const batch = batchOf([['Markdown', 'a b c d e f']]);
    const one = { ...censusBatch(batch, LANGUAGES, SETTINGS), groups: { copies: [] } };
    assert.equal(difference(one, structuredClone(one)), null);
    for (const part of ['counts', 'contents', 'shingles', 'signatures']) {
      const other = structuredClone(one);
      other[part][0] ^= 1;
      assert.equal(difference(one, other), part);
    }
    assert.equal(difference(one, { ...one, groups: { copies: [[1, 2]] } }), 'groups');
  });
});

describe('census: reading', () => {
  let root;
  before(() => {
    root = temporary();
    write(root, {
      'b.js': 'b;\n',
      'a/z.css': 'a {}\n',
      'a/script': '#!/usr/bin/env python3\n',
      'a/LICENSE': 'MIT\n',
      'a/empty.js': '',
      'picture.png': 'not looked at',
      'binary.js': Buffer.from([97, 0, 98]),
      'large.js': 'x'.repeat(5000),
      '.git/config.js': 'no',
      'target/built.js': 'no',
    });
    fs.symlinkSync(path.join(root, 'a'), path.join(root, 'link'));
  });
  after(() => fs.rmSync(root, { recursive: true, force: true }));

  it('finds the sources and says what it left out', async () => {
    const limits = { maxFile: 4000, maxTotal: 1e6 };
    const { paths, sizes, languages, table: used, bytes, batches, skipped } = await readSources(root, limits);
    assert.deepEqual(paths, ['a/empty.js', 'a/script', 'a/z.css', 'b.js']);
    assert.deepEqual([...sizes], [0, 23, 5, 3]);
    assert.deepEqual(
      Array.from(languages, (index) => used[index].name),
      ['JavaScript', 'Python', 'CSS', 'JavaScript'],
    );
    assert.equal(bytes, 31);
    assert.equal(batches.length, 1);
    assert.equal(Buffer.from(batches[0].data).toString(), '#!/usr/bin/env python3\na {}\nb;\n');
    assert.deepEqual(skipped, {
      folders: 2,
      links: 1,
      unknown: 2,
      binary: 1,
      large: 1,
      beyondTotal: 0,
      unreadable: 0,
    });
  });

  it('keeps to the limit in all', async () => {
    const { bytes, skipped } = await readSources(root, { maxFile: 4000, maxTotal: 10 });
    assert.ok(bytes <= 10);
    assert.ok(skipped.beyondTotal >= 1);
  });

  it('packs batches that are neither large nor many', async () => {
    const many = temporary();
    try {
      const files = {};
      for (let k = 0; k < 50; k++) files[`${k}.js`] = String(k % 10).repeat(k * 1000);
      files['huge.js'] = 'h'.repeat(600_000);
      write(many, files);
      const { batches, paths, sizes } = await readSources(many, { maxFile: 1e6, maxTotal: 1e9 });
      let next = 0;
      for (const batch of batches) {
        assert.equal(batch.first, next);
        next += batch.sizes.length;
        const total = batch.sizes.reduce((a, b) => a + b, 0);
        assert.equal(batch.data.byteLength, total);
        assert.ok(total <= 256 * 1024 || batch.sizes.length === 1);
        // Views of something larger would take it along to the task.
        assert.equal(batch.sizes.buffer.byteLength, batch.sizes.byteLength);
        assert.equal(batch.languages.buffer.byteLength, batch.languages.byteLength);
      }
      assert.equal(next, paths.length);
      assert.equal(
        sizes.reduce((a, b) => a + b, 0),
        ((50 * 49) / 2) * 1000 + 600_000,
      );
      assert.ok(batches.length <= 12, String(batches.length));
    } finally {
      fs.rmSync(many, { recursive: true, force: true });
    }
  });
});

describe('census: arguments', () => {
  it('has defaults', () => {
    const args = readArgs([]);
    assert.equal(args.directory, path.resolve(__dirname, '..'));
    assert.equal(args.threads, os.availableParallelism());
    assert.equal(args.threshold, 0.8);
    assert.equal(args.maxFile, 2 * 1024 * 1024);
    assert.equal(args.json, false);
  });

  it('takes options before and after the directory', () => {
    const args = readArgs(['--threads', '3', '.', '--threshold=.5', '--json'], __dirname);
    assert.equal(args.directory, __dirname);
    assert.deepEqual([args.threads, args.threshold, args.json], [3, 0.5, true]);
  });

  it('rejects what it does not understand', () => {
    for (const bad of [
      ['--threads', '1.5'],
      ['--threads', '-1'],
      ['--threads', '1e1'],
      ['--threads', ''],
      ['--threads'],
      ['--threads', '257'],
      ['--threshold', '0'],
      ['--top', 'many'],
      ['--json=yes'],
      ['-x'],
      ['--no-json'],
      ['--__proto__'],
      ['.', '.'],
      [''],
      ['a\0b'],
      ['--max-file', '0'],
    ]) {
      assert.throws(() => readArgs(bad), UsageError, bad.join(' '));
    }
  });

  it('prints nothing that a terminal would obey', () => {
    assert.equal(printable('a\x1b[2J\nb\u202e é'), 'a\\u001b[2J\\u000ab\\u202e é');
  });

  const bad = [
    ['a directory that is missing', ['/nowhere/at all']],
    ['a missing one with a line break', ['/nowhere/at\nall']],
    ['a file', [__filename]],
    ['an unknown option', ['--fast']],
    ['no threads', ['--threads', '0']],
    ['a threshold over 1', ['--threshold', '2']],
    ['an option without value', ['--threads']],
    ['two directories', ['.', '..']],
  ];
  for (const [name, args] of bad) {
    it(`${name}: one line, exit code 2`, async () => {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^census: [^\n]+\n$/);
      assert.doesNotMatch(stderr, /Error|at .*:\d+/);
    });
  }

  it('--help', async () => {
    const { code, stdout, stderr } = await run(['--help', '/nowhere']);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: npm start/);
    assert.equal(stderr, '');
  });

  it('npm start resolves a relative directory where the user is', async () => {
    const env = { ...process.env, npm_lifecycle_event: 'start', INIT_CWD: os.tmpdir() };
    const { code, stderr } = await run(['no-such-folder'], { env });
    assert.equal(code, 2);
    assert.ok(stderr.includes(path.join(os.tmpdir(), 'no-such-folder')), stderr);
  });
});

describe('census: the whole', () => {
  let root;
  const text = words(11, 600);
  const program = text.map((word) => `call_${word}(1);\n`).join('');
  const nearly = program.replace(/;\n/, ';\nextra(2);\n');
  before(() => {
    root = temporary();
    write(root, {
      'one.js': `// first\n\n${program}`,
      'sub/copy.js': `// first\n\n${program}`,
      'sub/near.js': `/* another\n   comment */\n${nearly}`,
      'style.css': '/* a */\nb {\n}\n\n',
      'tool.py': '#!/usr/bin/env python\n"""Doc\n\nmore"""\nx = 1  # y\n',
      'README.md': '# Title\n\nText\n<!-- note -->\n',
      'node_modules/dep/index.js': 'module.exports = 1;\n',
      'data.bin': 'skipped',
    });
  });
  after(() => fs.rmSync(root, { recursive: true, force: true }));

  it('counts, compares, and agrees with itself in all three runs', async () => {
    const { code, stdout, stderr } = await run([root, '--json', '--threads', '2']);
    assert.equal(code, 0, stderr);
    const result = JSON.parse(stdout);
    assert.equal(result.directory, root);
    assert.equal(result.files, 7);
    const byName = {};
    for (const { language, bytes, ...row } of result.languages) {
      assert.ok(bytes > 0);
      byName[language] = row;
    }
    assert.deepEqual(byName, {
      JavaScript: { files: 4, lines: 1808, code: 1802, comment: 4, blank: 2 },
      Python: { files: 1, lines: 5, code: 1, comment: 3, blank: 1 },
      CSS: { files: 1, lines: 4, code: 2, comment: 1, blank: 1 },
      Markdown: { files: 1, lines: 4, code: 2, comment: 1, blank: 1 },
    });
    assert.equal(result.lines, 1821);
    assert.equal(result.code + result.comment + result.blank, result.lines);

    const { exact, near } = result.duplicates;
    assert.deepEqual([exact.groups, exact.files], [1, 1]);
    assert.deepEqual(exact.list[0].files, ['one.js', 'sub/copy.js']);
    assert.deepEqual([near.groups, near.files], [1, 1]);
    assert.deepEqual(
      near.list[0].files.map((file) => file.path),
      ['one.js', 'sub/near.js'],
    );
    assert.ok(near.list[0].files[1].likeness >= 0.8);
    assert.equal(result.skipped.unknown, 1);

    assert.deepEqual(
      result.runs.map(({ threads }) => threads),
      [0, 1, 2],
    );
    for (const { milliseconds, delay } of result.runs) {
      assert.ok(milliseconds > 0);
      assert.ok(delay.worst >= delay.median && delay.median >= 0);
    }
    assert.ok(result.speedUp > 0);
  });

  it('prints a report with the table at its end', async () => {
    const { code, stdout, stderr } = await run([root]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^JavaScript +4 +1,808 +1,802 +4 +2 /m);
    assert.match(stdout, /Near-duplicates, at least 80 % alike: the largest 1 of 1 group /);
    assert.match(stdout, /^On the event loop +\d/m);
    assert.match(stdout, /^Tasks, 1 thread +\d/m);
    assert.match(stdout, /The 3 results are identical/);
    assert.match(stdout, /Left out: 1 in no known language\./);
  });

  it('is content with an empty directory', async () => {
    const empty = temporary();
    try {
      const text = await run([empty]);
      assert.equal(text.code, 0);
      assert.match(text.stdout, /^No source files in /);
      const { code, stdout } = await run([empty, '--json']);
      assert.equal(code, 0);
      const result = JSON.parse(stdout);
      assert.deepEqual([result.files, result.lines, result.runs], [0, 0, []]);
    } finally {
      fs.rmSync(empty, { recursive: true, force: true });
    }
  });

  it('aligns its tables', () => {
    assert.equal(
      table([
        ['a', 'bb'],
        ['ccc', '1'],
      ]),
      'a    bb\n---  --\nccc   1\n',
    );
  });
});
