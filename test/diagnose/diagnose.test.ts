import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { worldNamed } from '../../src/lib/lab/registry.js';
import type { RunningWorld } from '../../src/lib/lab/world.js';
import { diagnose } from '../../src/lib/operations/diagnose.js';
import { judgeDiagnosis, optionsForWorld } from '../../src/lib/operations/diagnose-world.js';
import { runWorld } from '../../src/lib/operations/lab-run.js';

/** The corridor end to end on a handful of worlds; the slow suite takes all of them. */
describe('a diagnosis', () => {
  it.each([
    'healthy',
    'expired',
    'untrusted-root',
    'missing-intermediate',
    'stale-trust-bundle',
    'san-mismatch',
    'version-mismatch',
    'client-cert-required-nginx',
    'client-cert-unknown-ca-go',
    'plaintext-http',
    'inconsistent-backends',
    'healthy-mtls-openssl',
  ])('of the world "%s" is right', async (name) => {
    const world = worldNamed(name);
    expect(world, name).toBeDefined();
    if (world === undefined) return;
    const { verdict, document } = await runWorld(world, world.versions.at(-1) ?? 'TLSv1.3');
    expect(verdict.faults).toEqual([]);
    expect(document.crashed).toEqual([]);
  });
});

describe('a mended world', () => {
  const directories: string[] = [];
  const worlds: RunningWorld[] = [];
  afterAll(async () => {
    for (const world of worlds) await world.close();
    for (const directory of directories) await rm(directory, { recursive: true, force: true });
  });
  it.each(['expired', 'client-cert-required', 'stale-served-certificate'])('"%s" is healthy after its fix', async (name) => {
    const world = worldNamed(name);
    if (world === undefined) throw new Error(name);
    const directory = await mkdtemp(join(tmpdir(), 'tlsmedic-test-'));
    directories.push(directory);
    const running = await world.start({ directory, now: Date.now() }, 'TLSv1.3');
    worlds.push(running);
    expect((await diagnose(optionsForWorld(running))).document.ok).toBe(false);
    await running.heal();
    expect(judgeDiagnosis({ outcome: 'healthy' }, (await diagnose(optionsForWorld(running))).document).faults).toEqual([]);
  });
});

describe('the local clock', () => {
  it('90 seconds slow on a certificate that was made 30 seconds ago is found, and what it would take to turn the verdict', async () => {
    const { startTlsServer } = await import('../../src/lib/lab/servers/tls-server.js');
    const { createAuthority } = await import('../../src/lib/ca/authority.js');
    const { issueCertificate } = await import('../../src/lib/ca/issue.js');
    const { writeFile } = await import('node:fs/promises');
    const now = Date.now();
    const authority = createAuthority({ name: 'Test', now: now - 86_400_000 });
    const issued = issueCertificate(authority, { names: ['localhost'], profile: 'server', now, notBefore: now - 30_000 });
    const server = await startTlsServer({
      credentials: { chain: issued.chainPem, key: issued.keyPem ?? '' },
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
    });
    const directory = await mkdtemp(join(tmpdir(), 'tlsmedic-test-'));
    process.env.TLSMEDIC_CLOCK_OFFSET = '-90';
    try {
      const ca = join(directory, 'ca.crt');
      await writeFile(ca, authority.root.pem);
      const { document, exitStatus } = await diagnose({ target: `localhost:${server.port}`, ca: [ca] });
      expect(document.causes.map(({ code }) => code)).toEqual(['local-clock-skew']);
      expect(exitStatus).toBe(11);
      expect(document.causes[0]?.summary).toMatch(/^the clock of this machine is 1 min (29|30|31) s .*behind/);
      expect(document.clock.peer?.offsetSeconds).toBeGreaterThan(88);
      expect(document.clock.peer?.offsetSeconds).toBeLessThan(92);
      const turns = document.causes[0]?.evidence.find(({ fact }) => fact.startsWith('verdict turns'))?.value;
      expect(turns).toBeGreaterThan(50);
      expect(turns).toBeLessThan(65);
    } finally {
      delete process.env.TLSMEDIC_CLOCK_OFFSET;
      await server.close();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
