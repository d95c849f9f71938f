/**
 * `npm run bench`: runs all benches, or those that are named.
 *
 *     node benches/index.js [--quick] [--json] [--list] [name...]
 */

const path = require('node:path');
const { main } = require('./harness.js');

const BENCHES = [
  'cold-start',
  'sequential',
  'throughput',
  'fresh-isolate',
  'import',
  'move',
  'matmul',
  'compile',
  'compile-parallel',
  'closures',
  'tasks',
  'channels',
  'channel-programs',
];

main(
  BENCHES.map((name) => path.join(__dirname, `${name}.js`)),
  process.argv.slice(2),
);
