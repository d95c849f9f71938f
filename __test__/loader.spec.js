'use strict';

// The loader and the plugins of bundlers: the same results, and no inspector.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} = require('node:fs');
const Module = require('node:module');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, before, describe, it } = require('node:test');
const { Script } = require('node:vm');

const ROOT = join(__dirname, '..');
const FIXTURES = join(__dirname, 'fixtures', 'loader');
const REGISTER = '@hertzscript/isolate/register';

/** A project that has the library as a package. */
let project;

before(() => {
  project = mkdtempSync(join(tmpdir(), 'loader-'));
  mkdirSync(join(project, 'node_modules', '@hertzscript'), { recursive: true });
  symlinkSync(ROOT, join(project, 'node_modules', '@hertzscript', 'isolate'), 'dir');
  for (const name of readdirSync(FIXTURES)) copyFileSync(join(FIXTURES, name), join(project, name));
});
after(() => rmSync(project, { recursive: true, force: true }));

/** Runs Node in the project; what it prints as JSON. */
function node(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  assert.equal(status, 0, `${args.join(' ')}\n${stdout}${stderr}`);
  return JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')));
}

function write(name, source) {
  writeFileSync(join(project, name), source);
}

describe('the loader', () => {
  for (const file of ['main.mjs', 'main.cjs']) {
    for (const flag of ['--import', '-r']) {
      it(`spawns closures of ${file} without the inspector, by ${flag}`, () => {
        const plain = node(file);
        const loaded = node(flag, REGISTER, file);
        assert.deepEqual(loaded.results, plain.results);
        assert.ok(plain.asked > 0);
        assert.equal(loaded.asked, 0);
      });
    }
  }

  it('means the same in storm form', () => {
    assert.deepEqual(node('--import', REGISTER, 'main.mjs', 'storm').results, node('main.mjs').results);
  });

  it('takes TypeScript, where Node does', { skip: Module.stripTypeScriptTypes === undefined }, () => {
    const { results, asked } = node('--no-warnings', '--import', REGISTER, 'typed.ts');
    assert.deepEqual([results, asked], [[10, 16], 0]);
  });

  it('leaves it to the inspector to say what is wrong', () => {
    const loaded = node('--import', REGISTER, 'early.mjs');
    assert.deepEqual(loaded, node('early.mjs'));
    assert.equal(loaded.asked, true);
  });

  it('changes no meaning: closures do the same with it', () => {
    const spec = join(__dirname, 'closures.spec.js');
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status, stdout } = spawnSync(process.execPath, ['-r', join(ROOT, 'lib', 'register.js'), spec], {
      cwd: ROOT,
      encoding: 'utf8',
      env,
    });
    assert.equal(status, 0, stdout);
    assert.match(stdout, /(?:#|ℹ) pass \d\d/);
  });

  it('reaches Workers', () => {
    write(
      'worker.mjs',
      `import { Worker, isMainThread, parentPort } from 'node:worker_threads';
       import { fileURLToPath } from 'node:url';
       import counted from './sessions.cjs';
       import { spawn } from '@hertzscript/isolate';
       const k = 4;
       const results = [await spawn(() => k)];
       if (isMainThread) new Worker(fileURLToPath(import.meta.url)).on('message', ({ results: other, asked }) => {
         console.log(JSON.stringify({ results: [...results, ...other], asked: asked + counted.sessions }));
       });
       else parentPort.postMessage({ results, asked: counted.sessions });`,
    );
    assert.deepEqual(node('--import', REGISTER, 'worker.mjs'), { results: [4, 4], asked: 0 });
  });

  it('leaves packages alone, and files that do not parse to Node', () => {
    mkdirSync(join(project, 'node_modules', 'some'), { recursive: true });
    write('node_modules/some/index.js', 'const k = 1; exports.f = () => k; exports.g = () => exports.f();');
    write('wrong.cjs', 'const k = 1; exports.f = () => k; const = 1;');
    write(
      'packages.cjs',
      `const { f } = require('some');
       const own = () => f;
       function shown() { return spawn(() => own) }
       let message; try { require('./wrong.cjs'); } catch (error) { message = error.stack.split('\\n')[0]; }
       console.log(JSON.stringify([String(require('some').g), String(shown).length > 40, message])
         .replace(/.*/, (text) => '{"all":' + text + '}'));`,
    );
    const [text, isChanged, message] = node('-r', REGISTER, 'packages.cjs').all;
    assert.equal(text, '() => exports.f()');
    assert.equal(isChanged, true);
    assert.match(message, /wrong\.cjs:1$/);
  });

  it('writes nothing that does not parse, and nothing that cannot be taken out again', () => {
    const { prepare } = require('../lib/prepare.js');
    const { withoutMarks } = require('../lib/prepared.js');
    let changed = 0;
    for (const folder of ['ajv/dist', 'handlebars/dist/cjs', 'lodash', 'rxjs/dist/cjs', 'semver']) {
      const root = join(ROOT, 'node_modules', folder);
      for (const name of readdirSync(root, { recursive: true })) {
        if (!name.endsWith('.js')) continue;
        // As if all their callbacks were spawned.
        const source = readFileSync(join(root, name), 'utf8').replace(/\.(?:map|then|forEach|subscribe)\(/g, '.spawn(');
        const prepared = prepare(source, { filename: name, type: 'commonjs' });
        if (prepared === undefined) continue;
        changed++;
        assert.equal(withoutMarks(prepared.code), source, name);
        assert.equal(prepared.code.split('\n').length, source.split('\n').length, name);
        assert.doesNotThrow(() => new Script(Module.wrap(prepared.code.replace(/^#!.*/, ''))), name);
      }
    }
    assert.ok(changed > 300, `${changed} files`);
  });

  it('keeps lines, and columns where Node reads source maps', () => {
    write(
      'columns.cjs',
      `const { spawn } = require('@hertzscript/isolate');
const k = 1; const f = () => k; const g = (x) => { spawn(() => k + f()); throw new Error('here') };
try { g() } catch (error) {
  console.log(JSON.stringify({ at: error.stack.split('\\n')[1].match(/columns\\.cjs:(\\d+:\\d+)/)[1] }));
}
process.exit();`,
    );
    const { at } = node('columns.cjs');
    assert.equal(node('-r', REGISTER, 'columns.cjs').at.split(':')[0], at.split(':')[0]);
    assert.equal(node('--enable-source-maps', '-r', REGISTER, 'columns.cjs').at, at);
  });

  it('keeps the source maps of what was compiled', () => {
    const source = `const { spawn } = require('@hertzscript/isolate');
      const k: number = 1;

      const g = (x: string) => { spawn(() => k); throw new Error(x) };
      try { g('here') } catch (error) {
        console.log(JSON.stringify({ at: error.stack.split('\\n').find((line) => /mapped/.test(line)).match(/mapped\\.ts:(\\d+:\\d+)/)[1] }));
      }
      process.exit();`;
    const { transformSync } = require('esbuild');
    const options = { loader: 'ts', sourcefile: 'mapped.ts', format: 'cjs', minifyWhitespace: true };
    const inline = transformSync(source, { ...options, sourcemap: 'inline' }).code;
    write('inline.cjs', inline);
    const { code, map } = transformSync(source, { ...options, sourcemap: 'external' });
    write('external.cjs', `${code}//# sourceMappingURL=external.cjs.map\n`);
    write('external.cjs.map', map);
    const column = source.split('\n')[3].indexOf('new Error') + 1;
    // Other tools write comments of their own behind it.
    write('debugged.cjs', `${code}//# sourceMappingURL=external.cjs.map\n//# debugId=1234\n/* the end */\n`);
    for (const file of ['inline.cjs', 'external.cjs', 'debugged.cjs']) {
      assert.equal(node('--enable-source-maps', file).at, `4:${column}`);
      assert.equal(node('--enable-source-maps', '-r', REGISTER, file).at, `4:${column}`, file);
    }
  });

  it('keeps the sources of a map that lies in another folder', () => {
    mkdirSync(join(project, 'far', 'maps'), { recursive: true });
    const source = `const { spawn } = require('@hertzscript/isolate');
const k: number = 1; const g = (x: string) => { spawn(() => k); throw new Error(x) };
try { g('here') } catch (error) { console.log(JSON.stringify({ at: error.stack.match(/\\S*far\\.ts:\\d+/)[0] })) }
process.exit();`;
    const { transformSync } = require('esbuild');
    for (const sourceRoot of [undefined, '../sources/']) {
      const options = { loader: 'ts', sourcefile: '../from/far.ts', format: 'cjs', sourcemap: 'external', sourceRoot };
      const { code, map } = transformSync(source, options);
      write('far/far.cjs', `${code}//# sourceMappingURL=maps/far.cjs.map\n`);
      write('far/maps/far.cjs.map', map);
      const { at } = node('--enable-source-maps', 'far/far.cjs');
      assert.match(at, /[\\/]far[\\/]from[\\/]far\.ts:2$/);
      assert.deepEqual(node('--enable-source-maps', '-r', REGISTER, 'far/far.cjs'), { at });
    }
  });

  it('keeps the places of tasks, with source maps and without', () => {
    write(
      'task-places.mjs',
      `import { spawn } from '@hertzscript/isolate';
const k = 1; const f = () => k; const at = [];
const socket = { on: new WeakRef({}) }; const note = (e) => at.push(/task-places\\.mjs:(\\d+:\\d+)/.exec(e.stack)[1]);
try { await spawn(() => { throw new Error('x' + k); }); } catch (e) { note(e); }
try { await spawn(() => socket.on); } catch (e) { note(e); }
try { await spawn(async () => { await null; throw new Error('y' + f()); }); } catch (e) { note(e); }
try { spawn(() => k); await spawn((x = 1) => { const inner = () => {
  const g = () => k; spawn(() => k); throw new Error('z' + k + x) }; return spawn(inner); }); } catch (e) { note(e); }
console.log(JSON.stringify({ at }));
process.exit();`,
    );
    const { at } = node('task-places.mjs');
    assert.deepEqual(at, ['4:33', '3:7', '6:51', '8:44']);
    const maps = '--enable-source-maps';
    for (const flags of [[maps], ['--import', REGISTER], [maps, '--import', REGISTER]]) {
      assert.deepEqual(node(...flags, 'task-places.mjs').at, at, `${flags}`);
    }
  });

  it('goes on where a later tool has taken comments and names away', () => {
    const { prepare } = require('../lib/prepare.js');
    const source = readFileSync(join(FIXTURES, 'main.cjs'), 'utf8');
    const { code } = prepare(source, { filename: 'main.cjs', type: 'commonjs' });
    const { transformSync } = require('esbuild');
    write('minified.cjs', transformSync(code, { minify: true }).code);
    assert.deepEqual(node('minified.cjs').results, node('main.cjs').results);
  });
});

describe('bundles', () => {
  const bundler = () => require('../lib/bundler.js');

  const bundlers = {
    async esbuild(minify, file) {
      const { build } = require('esbuild');
      const options = { bundle: true, platform: 'node', format: 'esm', minify, sourcemap: true, logLevel: 'silent' };
      await build({
        ...options,
        entryPoints: [join(project, 'bundled.mjs')],
        outfile: file,
        plugins: [bundler().esbuild()],
      });
    },
    async rollup(minify, file) {
      const { rollup } = await import('rollup');
      const { transformSync } = require('esbuild');
      const shorten = {
        name: 'shorten',
        renderChunk: (code) => transformSync(code, { minify, format: 'esm', sourcemap: true }),
      };
      const commonjs = {
        name: 'commonjs',
        resolveId: (id) => (id.endsWith('.cjs') ? { id: join(project, id), external: true } : null),
      };
      const bundle = await rollup({
        input: join(project, 'bundled.mjs'),
        plugins: [commonjs, shorten, bundler().rollup()],
        external: [/^node:/],
      });
      await bundle.write({ file, format: 'es', sourcemap: 'inline' });
    },
    async vite(minify, file) {
      const { build } = await import('vite');
      await build({
        root: project,
        logLevel: 'silent',
        plugins: [bundler().vite()],
        build: {
          ssr: join(project, 'bundled.mjs'),
          minify,
          sourcemap: true,
          outDir: join(file, '..'),
          emptyOutDir: false,
          target: 'esnext',
          rollupOptions: { output: { entryFileNames: file.split(/[\\/]/).at(-1) } },
        },
        ssr: { external: ['@hertzscript/isolate'] },
      });
    },
    async webpack(minify, file) {
      const webpack = require('webpack');
      const compiler = webpack({
        mode: 'production',
        target: 'node20',
        entry: join(project, 'bundled.mjs'),
        devtool: 'source-map',
        optimization: { minimize: minify },
        experiments: { outputModule: true },
        output: { path: join(file, '..'), filename: file.split(/[\\/]/).at(-1), module: true },
        plugins: [bundler().webpack()],
      });
      const stats = await new Promise((resolve, reject) => {
        compiler.run((error, result) => (error ? reject(error) : resolve(result)));
      });
      assert.equal(stats.hasErrors(), false, stats.toString());
    },
  };

  for (const [name, bundle] of Object.entries(bundlers)) {
    for (const minify of [false, true]) {
      it(`of ${name}${minify ? ', minified,' : ''} spawn closures without the inspector`, async () => {
        const file = join(project, `${name}${minify ? '.min' : ''}.bundle.mjs`);
        await bundle(minify, file);
        const { results, asked } = node(file);
        assert.equal(asked, 0);
        assert.deepEqual(results, node('bundled.mjs').results);
      });
    }
  }

  it('in one line show tasks where their sources are', async () => {
    write(
      'lines.mjs',
      `import { spawn } from '@hertzscript/isolate';
const k = Date.now(); const f = () => k;
const task = () => {
  if (f() > 0) throw new Error('x' + k);
};
try { await spawn(task); } catch (e) { console.log(JSON.stringify({ at: /lines\\.mjs:(\\d+:\\d+)/.exec(e.stack)[1] })); }
process.exit();`,
    );
    const { build } = require('esbuild');
    const options = {
      bundle: true,
      platform: 'node',
      format: 'esm',
      minify: true,
      sourcemap: true,
      logLevel: 'silent',
    };
    const outfile = join(project, 'lines.bundle.mjs');
    await build({ ...options, entryPoints: [join(project, 'lines.mjs')], outfile, plugins: [bundler().esbuild()] });
    assert.deepEqual(node('--enable-source-maps', 'lines.bundle.mjs'), { at: '4:22' });
  });

  describe('that esbuild writes', () => {
    const source = "import { spawn } from '@hertzscript/isolate'; const k = 1; spawn(() => k);\n";

    it('can be run where their programs can', () => {
      write('command.mjs', `#!/usr/bin/env node\n${source}`);
      write('no-command.mjs', source);
      write(
        'command-build.cjs',
        `const { build } = require(${JSON.stringify(require.resolve('esbuild'))});
         const { statSync } = require('node:fs');
         const { esbuild } = require('@hertzscript/isolate/bundler');
         const options = { bundle: true, platform: 'node', format: 'esm' };
         (async () => {
           const modes = [];
           for (const plugins of [[], [esbuild()]]) for (const name of ['command', 'no-command']) {
             const outfile = \`commands/\${plugins.length}/\${name}.mjs\`;
             await build({ ...options, external: ['@hertzscript/*'], entryPoints: [\`\${name}.mjs\`], outfile, plugins });
             modes.push(statSync(outfile).mode);
           }
           console.log(JSON.stringify({ modes }));
         })();`,
      );
      const { modes } = node('command-build.cjs');
      assert.deepEqual(modes.slice(2), modes.slice(0, 2));
    });

    it('go to the standard output where they have no file', () => {
      write(
        'stdin-build.cjs',
        `const { build } = require(${JSON.stringify(require.resolve('esbuild'))});
         const { esbuild } = require('@hertzscript/isolate/bundler');
         const stdin = { contents: ${JSON.stringify(source)}, resolveDir: __dirname };
         build({ stdin, bundle: true, format: 'esm', plugins: [esbuild()] });`,
      );
      const { stdout } = spawnSync(process.execPath, ['stdin-build.cjs'], { cwd: project, encoding: 'utf8' });
      assert.match(stdout, /@hz/);
      assert.ok(!readdirSync(project).includes('<stdout>'));
    });
  });

  it('can be asked for by both kinds of modules', () => {
    write(
      'both.mjs',
      `import * as all from '@hertzscript/isolate/bundler';
       import { createRequire } from 'node:module';
       const required = createRequire(import.meta.url)('@hertzscript/isolate/bundler');
       console.log(JSON.stringify({ same: Object.keys(required).every((name) => all[name] === required[name]) }));`,
    );
    assert.deepEqual(node('both.mjs'), { same: true });
  });
});
