'use strict';

// What programs mean with the loader, and as bundles: the same as without it.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, before, describe, it } = require('node:test');

const ROOT = join(__dirname, '..');
const REGISTER = '@hertzscript/isolate/register';

/** A project that has the library and another package. */
let project;

before(() => {
  project = mkdtempSync(join(tmpdir(), 'loader-meanings-'));
  mkdirSync(join(project, 'node_modules', '@hertzscript'), { recursive: true });
  symlinkSync(ROOT, join(project, 'node_modules', '@hertzscript', 'isolate'), 'dir');
  mkdirSync(join(project, 'node_modules', 'words'));
  write('node_modules/words/package.json', '{ "type": "module", "exports": "./index.js" }');
  write(
    'node_modules/words/index.js',
    `const seen = new WeakSet();
     export const say = (x) => seen.add({}) && 'package ' + x;
     export class Word { text = 'package'; }
     export default { text: 'package' };`,
  );
});
after(() => rmSync(project, { recursive: true, force: true }));

function write(name, source) {
  writeFileSync(join(project, name), source);
}

/** Runs Node in the project; what it prints. */
function node(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  assert.equal(status, 0, `${args.join(' ')}\n${stdout}${stderr}`);
  return stdout.trim();
}

/** A program prints the same without the loader and with it. */
function assertPrints(file, source, expected) {
  write(file, source);
  assert.equal(node(file), expected, 'without the loader');
  assert.equal(node('--import', REGISTER, file), expected, 'with the loader');
}

describe('variables that are called like imports', () => {
  const SPAWN = "import { spawn } from '@hertzscript/isolate';";

  it('are their own, whatever they are', () => {
    assertPrints(
      'shadowed.mjs',
      `${SPAWN}
       import { say, Word } from 'words';
       import * as all from 'words';
       import words from 'words';
       console.log(await spawn(() => [say('x'), new Word().text, all.say('y'), words.text].join()));
       const run = (say) => spawn((x) => say(x), 'x');
       console.log(await run((x) => 'mine ' + x));
       {
         class Word { text = 'mine'; }
         console.log(await spawn(() => new Word().text));
       }
       for (const all of [{ say: (x) => 'mine ' + x }]) console.log(await spawn(() => all.say('y')));
       try { throw { text: 'mine' } } catch (words) { console.log(await spawn(() => words.text)); }`,
      'package x,package,package y,package\nmine x\nmine\nmine y\nmine',
    );
  });

  it('are their own in a function of the same text as one that captures the import', () => {
    assertPrints(
      'twice.mjs',
      `${SPAWN}
       import { say } from 'words';
       const run = (say) => spawn((x) => say(x), 'x');
       console.log(await spawn((x) => say(x), 'x'));
       console.log(await run((x) => 'mine ' + x));
       console.log(await spawn((x) => say(x), 'x'));`,
      'package x\nmine x\npackage x',
    );
  });
});
