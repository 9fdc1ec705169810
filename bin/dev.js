#!/usr/bin/env node
// Runs the sources as they are: builds when something changed (half a second), then starts as bin/run.js does.
require('node:child_process').execFileSync(
  process.execPath,
  [require('node:path').join(__dirname, '../scripts/build.mjs'), '--if-needed'],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
require('../dist/cli/launch.cjs');
