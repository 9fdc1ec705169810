// npm run lab [-- PATTERN] [--write]: every world of the lab through a diagnosis. Prints a confusion matrix, fails when a diagnosis is wrong;
// --write keeps it in docs/lab.md.
import { writeFileSync } from 'node:fs';
import { allWorlds } from '../src/lib/lab/registry.js';
import { confusionOf, type LabResult, runWorld } from '../src/lib/operations/lab-run.js';

const args = process.argv.slice(2);
const write = args.includes('--write');
const pattern = args.find((arg) => !arg.startsWith('--'));
const verbose = args.includes('--verbose');
const results: LabResult[] = [];
let crashed = 0;
for (const world of allWorlds) {
  if (pattern !== undefined && !new RegExp(pattern).test(world.name)) continue;
  for (const version of world.versions) {
    try {
      const result = await runWorld(world, version);
      results.push(result);
      const { verdict, document } = result;
      if (!verdict.right || verbose)
        console.log(
          `${verdict.right ? 'right' : 'WRONG'} ${world.name} on ${version} (${world.stack}), ${Math.round(result.milliseconds)} ms: ${verdict.faults.join('; ')}\n      ${document.causes.map(({ code, confidence, summary }) => `${code} (${confidence}): ${summary}`).join('\n      ')}${document.warnings.map(({ code, summary }) => `\n      warning ${code}: ${summary}`).join('')}`,
        );
    } catch (error) {
      crashed += 1;
      console.log(`CRASH ${world.name} on ${version}`, error);
    }
  }
}

const { wanted, said, counts } = confusionOf(results);
const short = (name: string) => name.slice(0, 12);
console.log(`\n${'is \\ said'.padEnd(20)}${said.map((name) => short(name).padStart(13)).join('')}`);
for (const row of wanted)
  console.log(`${row.padEnd(20)}${said.map((column) => String(counts.get(row)?.get(column) ?? '.').padStart(13)).join('')}`);
const right = results.filter(({ verdict }) => verdict.right).length;
const slowest = results.reduce((most, one) => (one.milliseconds > most.milliseconds ? one : most));
console.log(
  `\n${right} of ${results.length} right (${new Set(results.map(({ world }) => world.name)).size} worlds); slowest ${slowest.world.name}: ${Math.round(slowest.milliseconds)} ms`,
);

if (write) {
  const table = [
    `| is \\ said | ${said.join(' | ')} |`,
    `|---|${said.map(() => '---:').join('|')}|`,
    ...wanted.map((row) => `| **${row}** | ${said.map((column) => counts.get(row)?.get(column) ?? '').join(' | ')} |`),
  ];
  const perWorld = [...new Map(results.map((one) => [one.world.name, one.world])).values()].map((world) => {
    const runs = results.filter((one) => one.world === world);
    const wrong = runs.filter(({ verdict }) => !verdict.right);
    return `| ${world.name} | ${world.title} | ${world.stack} | ${runs.map(({ version }) => version.replace('TLSv', '')).join(', ')} | ${runs[0]?.verdict.wanted ?? ''} | ${wrong.length === 0 ? 'right' : wrong.map(({ version, verdict }) => `${version.replace('TLSv', '')}: ${verdict.faults.join('; ')}`).join('<br>')} |`;
  });
  writeFileSync(
    'docs/lab.md',
    `# The lab\n\nEvery world is a real server on loopback with one thing wrong (or nothing, or several), made at run time. \`npm run lab\` diagnoses each and compares. This page is written by \`npm run lab -- --write\`.\n\n${right} of ${results.length} runs of ${new Set(results.map(({ world }) => world.name)).size} worlds are right: the first cause has the code, nothing false is certain, healthy worlds have no cause.\n\n${table.join('\n')}\n\n| world | what is wrong | behaves like | TLS | has to come out | came out |\n|---|---|---|---|---|---|\n${perWorld.join('\n')}\n`,
  );
}
process.exitCode = right === results.length && crashed === 0 ? 0 : 1;
