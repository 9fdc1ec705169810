import { readFile } from 'node:fs/promises';
import { allWorlds } from '../src/lib/lab/registry.js';
import { type LabResult, runWorld } from '../src/lib/operations/lab-run.js';

const only = process.argv[2];
const results: LabResult[] = [];
for (const world of allWorlds) {
  if (only !== undefined && !new RegExp(only).test(world.name)) continue;
  for (const version of world.versions) {
    try {
      const result = await runWorld(world, version, (file) => readFile(file, 'utf8'));
      results.push(result);
      const ok = result.codeRight && result.wronglyCertain.length === 0 && result.missing.length === 0;
      if (!ok || !result.partyRight || only)
        console.log(
          `${ok ? (result.partyRight ? 'ok  ' : 'party') : 'FAIL'} ${world.name} ${version} ${world.stack}: expected ${result.expected} found ${result.found} party=${result.document.causes[0]?.party} conf=${result.document.causes[0]?.confidence} all=[${result.document.causes.map((c) => `${c.code}:${c.confidence}`)}] warn=[${result.document.warnings.map((c) => c.code)}] wrongly=[${result.wronglyCertain}] missing=[${result.missing}] ${Math.round(result.milliseconds)}ms :: ${result.document.causes[0]?.summary ?? ''} crashed=${JSON.stringify(result.document.crashed)}`,
        );
    } catch (error) {
      console.log(`CRASH ${world.name} ${version}`, error);
    }
  }
}
const right = results.filter((r) => r.codeRight).length;
console.log(
  `${right}/${results.length} codes, ${results.filter((r) => r.classRight).length} classes, ${results.filter((r) => r.wronglyCertain.length > 0).length} wrongly certain; slowest ${Math.round(Math.max(...results.map((r) => r.milliseconds)))} ms`,
);
