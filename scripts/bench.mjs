// `npm run bench [-- NAME...]`: sets everything up and prints the figures.
import { run, setUp } from './setup.mjs';

setUp();
run(process.execPath, ['benches/index.js', ...process.argv.slice(2)]);
