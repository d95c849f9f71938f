// Runs each variant without tasks, and in tasks of each form: what they print must be the same.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAMS = ['commonjs/index.cjs', 'modules/index.mjs', 'dist/index.mjs'];
const WAYS = [['coroutine'], ['storm'], ['plain'], ['coroutine', '--import', '@hertzscript/isolate/register']];

function run(program, form, ...flags) {
  const options = { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8', maxBuffer: 1 << 26 };
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, program, form], options);
  return status === 0 ? stdout : `exit code ${status}\n${stdout}${stderr}`;
}

let differences = 0;
for (const program of PROGRAMS) {
  const expected = run(program, 'node');
  if (!expected.startsWith('{')) throw new Error(`${program} without tasks: ${expected}`);
  for (const [form, ...flags] of WAYS) {
    const found = run(program, form, ...flags);
    const isSame = found === expected;
    console.log(`${isSame ? 'same' : 'DIFFERENT'}  ${program} ${[form, ...flags].join(' ')}`);
    if (!isSame) {
      differences++;
      console.log(`without tasks: ${expected}\nin tasks: ${found}`);
    }
  }
}
process.exitCode = differences === 0 ? 0 : 1;
