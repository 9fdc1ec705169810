import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../src/lib/diagnose/diagnosis.js';
import { runTlsWorld } from '../../src/lib/lab/bench.js';
import { defineWorld } from '../../src/lib/lab/define-world.js';
import { worldNamed } from '../../src/lib/lab/registry.js';
import { runWorld } from '../../src/lib/operations/lab-run.js';

/** What a report tells to type has to work at the server that it is about. */
async function reportOf(name: string): Promise<Diagnosis> {
  const world = worldNamed(name);
  if (world === undefined) throw new Error(`no world ${name}`);
  return (await runWorld(world, 'TLSv1.3')).document;
}

function commandsIn({ causes, explanations }: Diagnosis): string[] {
  const confirm = Object.values(explanations).flatMap((one) => one.confirm);
  return [...causes.flatMap(({ fixes }) => fixes), ...confirm].flatMap(({ command }) => command ?? []);
}

describe('commands of a report', () => {
  it('ask for STARTTLS where the server wants it, and send no curl to a mail server', async () => {
    const commands = commandsIn(await reportOf('client-cert-required-dovecot-starttls'));
    expect(commands.filter((command) => command.startsWith('tlsmedic diagnose'))).toSatisfy((lines: string[]) =>
      lines.every((line) => line.endsWith('--starttls imap')),
    );
    expect(commands.filter((command) => command.includes('s_client'))).toSatisfy((lines: string[]) =>
      lines.every((line) => line.includes('s_client -starttls imap')),
    );
    expect(commands.filter((command) => command.includes('curl'))).toEqual([]);
  });

  it('renew the client certificate when that was revoked, not the one of the server', async () => {
    const report = await reportOf('client-revoked-unsaid-nginx');
    const commands = commandsIn(report);
    expect(commands.filter((command) => command.startsWith('tlsmedic issue'))).toEqual([
      'tlsmedic issue gateway.payments.svc --client --out ./tls',
    ]);
    expect(report.causes[0]?.confidence).not.toBe('certain');
    expect(commands.join('\n')).not.toContain('server.crt');
  });
});

describe('the chain of a report', () => {
  it('bears no mark for rules that nobody minds', async () => {
    const plain = defineWorld({
      name: 'plain',
      title: 'no key identifiers',
      expected: { outcome: 'healthy' },
      stack: 'node',
      start: async (bench) =>
        runTlsWorld({
          settings: bench.settings({ credentials: bench.server({}, { without: ['2.5.29.14', '2.5.29.35'] }) }),
          flags: { ca: [await bench.rootFile()] },
          fix: 'nothing to mend',
        }),
    });
    const { document } = await runWorld(plain, 'TLSv1.3');
    expect(document.chain.map(({ problems }) => problems)).toEqual([[], []]);
  });
});
