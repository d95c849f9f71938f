/** Go beside ours, where it is installed: builds `channels.go` once and runs it for each sample. */

const { execFileSync } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');

let program;

/** Whether Go is here. */
function hasGo() {
  if (program === undefined) {
    try {
      program = path.join(mkdtempSync(path.join(os.tmpdir(), 'channels-go-')), 'channels');
      execFileSync('go', ['build', '-o', program, path.join(__dirname, 'channels.go')], { stdio: 'ignore' });
    } catch {
      program = null;
    }
  }
  return program !== null;
}

/** Contenders of Go's, none where it is not installed: `[name, case, operations]`. */
function goContenders(list) {
  if (!hasGo()) return [];
  return list.map(([name, what, count]) => ({
    name,
    sample: () => Number(execFileSync(program, [what, String(count)], { encoding: 'utf8' })),
  }));
}

/** Only the ratios of which both rows are there. */
function measurable(ratios, contenders) {
  const names = new Set(contenders.map(({ name }) => name));
  return ratios.filter(({ over, under }) => names.has(over) && names.has(under));
}

module.exports = { goContenders, measurable };
