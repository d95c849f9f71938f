'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { describe, it } = require('node:test');

const ROOT = join(__dirname, '..');

/** What the examples of the README take for granted. */
const GIVEN = `
  import type * as library from '@hertzscript/isolate';
  declare global {
    const jobs: library.Chan<number>, results: library.Chan<string>;
    function work(n: number): number;
    function step(n: number): void;
    function build(options: object): Promise<void>;
  }
`;

function compile(project) {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '--project', project], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
}

describe('the typings', () => {
  it('need neither a new target nor the types of Node', () => {
    compile(join(__dirname, 'types', 'es2022.json'));
  });

  it('are those of the examples in the README', () => {
    const folder = mkdtempSync(join(tmpdir(), 'isolate-types-'));
    try {
      const examples = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/```js\n(.*?)```/gs)];
      assert.ok(examples.length > 5);
      const names = Object.keys(require('../lib/index.js')).join(', ');
      for (const [index, [, code]] of examples.entries()) {
        // Most leave out where the library's functions come from.
        const imported = code.includes("from '@hertz") ? '' : `import { ${names} } from '@hertzscript/isolate';\n`;
        writeFileSync(join(folder, `example-${index}.mjs`), `${imported}${code}export {};\n`);
      }
      writeFileSync(join(folder, 'given.d.mts'), GIVEN);
      const compilerOptions = {
        strict: true,
        noImplicitAny: false,
        allowJs: true,
        checkJs: true,
        noEmit: true,
        target: 'esnext',
        module: 'nodenext',
        types: ['node'],
        typeRoots: [join(ROOT, 'node_modules', '@types')],
        paths: {
          '@hertzscript/isolate': [join(ROOT, 'index.d.ts')],
          '@hertzscript/isolate/bundler': [join(ROOT, 'bundler.d.ts')],
        },
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.mjs', '*.mts'] }));
      compile(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
