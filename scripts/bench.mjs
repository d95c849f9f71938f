// `npm run bench [-- NAME...]`: sets everything up and prints the figures.
import { run, setUp } from './setup.mjs';

const names = process.argv.slice(2);
setUp();
// Benches have two minutes each, in which a slow machine might not link it.
if (names.every((name) => name.startsWith('-')) || names.includes('compile')) {
  run('cargo', ['build', '--release', '--quiet', '--example', 'compile-side-by-side']);
}
run(process.execPath, ['benches/index.js', ...names]);
