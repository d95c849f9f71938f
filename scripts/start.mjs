// `npm start [-- DIR]`: sets everything up and runs the main job.
import { run, setUp } from './setup.mjs';

setUp();
run(process.execPath, ['examples/census/index.js', ...process.argv.slice(2)], { cwd: process.env.INIT_CWD });
