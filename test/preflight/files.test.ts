import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCrl } from '../../src/lib/ca/crl.js';
import { Bench, DAY, HOUR } from '../../src/lib/lab/bench.js';
import { runPreflight } from '../../src/lib/operations/preflight/run-preflight.js';
import type { PreflightConfig, TargetEntry } from '../../src/lib/preflight/config-schema.js';
import type { PreflightReport } from '../../src/lib/preflight/expectation.js';

/** Certificate files: each expectation once met and once broken, and files that hold more than one would think. */

let folder = '';
let bench: Bench;
let ca = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tlsmedic-preflight-files-'));
  bench = new Bench({ directory: join(folder, 'bench'), now: Date.now() }, 'TLSv1.3');
  ca = await bench.rootFile();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const run = (targets: TargetEntry[], rest: Partial<PreflightConfig> = {}): Promise<PreflightReport> =>
  runPreflight({ config: { targets, ...rest } });

/** Exit status, and what failed or was not checked. */
async function verdict(...targets: TargetEntry[]): Promise<{ exit: number; open: string[] }> {
  const report = await run(targets);
  const open = report.results.flatMap(({ checks }) => checks).filter(({ status }) => status !== 'passed');
  return { exit: report.exitStatus, open: open.map(({ expectation, status, cause }) => `${expectation} ${cause?.code ?? status}`) };
}

const GREEN = { exit: 0, open: [] };
const late = () => bench.server({ notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY }).chain;

describe('a certificate file', () => {
  it('holds certificates in force, without any expectation said', async () => {
    expect(await verdict({ files: [file('good.crt', bench.server().chain)] })).toEqual(GREEN);
    expect(await verdict({ files: [file('late.crt', late())] })).toEqual({ exit: 10, open: ['trusted expired'] });
    const early = bench.server({ notBefore: bench.now + DAY, notAfter: bench.now + 3 * DAY }).chain;
    expect(await verdict({ files: [file('early.crt', early)] })).toEqual({ exit: 10, open: ['trusted not-yet-valid'] });
    expect(await verdict({ files: [file('late2.crt', late())], expect: { trusted: false } })).toEqual(GREEN);
  });

  it('is held to its path when a store is named', async () => {
    const path = file('chain.crt', bench.server().chain);
    expect(await verdict({ files: [path], ca: [ca] })).toEqual(GREEN);
    const foreign = file('foreign.crt', bench.server({}, {}, bench.newAuthority({ name: 'Foreign' })).chain);
    expect(await verdict({ files: [foreign], ca: [ca] })).toEqual({ exit: 12, open: ['trusted untrusted-root'] });
    expect((await verdict({ files: [foreign], trust: 'none', expect: { trusted: true } })).exit).toBe(12);
  });

  it('is held to names and SPIFFE ID', async () => {
    const id = 'spiffe://corp.example/ns/payments/sa/ledger';
    const issued = bench.issue({
      profile: 'server',
      sans: [
        { kind: 'uri', value: id },
        { kind: 'dns', value: 'ledger' },
      ],
    });
    const files = [file('svid.crt', issued.chainPem)];
    expect(await verdict({ files, expect: { spiffeId: id, trustDomain: 'corp.example', names: ['ledger'] } })).toEqual(GREEN);
    expect(await verdict({ files, expect: { spiffeId: `${id}-2` } })).toEqual({ exit: 13, open: ['spiffe-id san-mismatch'] });
    expect(await verdict({ files, expect: { trustDomain: 'other.example' } })).toEqual({ exit: 13, open: ['spiffe-id san-mismatch'] });
    expect(await verdict({ files, expect: { names: ['billing'] } })).toEqual({ exit: 13, open: ['names san-mismatch'] });
  });

  it('is held to revocation: by the list that is named, open or closed', async () => {
    const issued = bench.issue({ profile: 'server' });
    const files = [file('revocable.crt', issued.chainPem)];
    const list = (name: string, revoked: Parameters<typeof createCrl>[0]['revoked']) => {
      const times = { thisUpdate: bench.now - HOUR, nextUpdate: bench.now + DAY };
      const parts = [
        createCrl({ issuer: bench.authority.intermediate, ...times, number: 3, revoked }),
        createCrl({ issuer: bench.authority.root as never, ...times, number: 1, revoked: [] }),
      ];
      return file(name, parts.map(({ pem }) => pem).join(''));
    };
    const good = list('good.crl', []);
    const bad = list('bad.crl', [{ serial: issued.serial, at: bench.now - 2 * HOUR }]);
    expect(await verdict({ files, ca: [ca], crl: [good], expect: { revocation: 'fail-closed' } })).toEqual(GREEN);
    expect(await verdict({ files, ca: [ca], crl: [bad] })).toEqual({ exit: 16, open: ['revocation revoked'] });
    expect(await verdict({ files, ca: [ca], expect: { revocation: 'fail-closed' } })).toEqual({
      exit: 16,
      open: ['revocation revocation-unavailable'],
    });
    const open = await run([{ files, ca: [ca], expect: { revocation: 'fail-open' } }]);
    expect(open.exitStatus).toBe(0);
    expect(open.results[0]?.checks.find(({ expectation }) => expectation === 'revocation')?.caveat).toContain('fails open');
    expect((await verdict({ files, ca: [ca], crl: [join(folder, 'absent.crl')] })).exit).toBe(1);
  });

  it('may hold several: every end entity is held to everything', async () => {
    const all = file('bundle.pem', bench.server().chain + late() + bench.server({}, {}, bench.newAuthority({ name: 'Foreign' })).chain);
    const { exit, open } = await verdict({ files: [all], ca: [ca] });
    // One target, several causes: the status is that of the first.
    expect(exit).toBe(10);
    expect(open.sort()).toEqual(['trusted expired', 'trusted untrusted-root']);
    expect((await verdict({ files: [all] })).open).toEqual(['trusted expired']);
    const named = file('named.pem', bench.server({ names: ['a.internal'] }).chain + bench.server({ names: ['b.internal'] }).chain);
    expect(await verdict({ files: [named], expect: { names: ['a.internal'] } })).toEqual({ exit: 13, open: ['names san-mismatch'] });
  });

  it('may stand in two entries: neither verdict hides the other', async () => {
    const path = file('twice.crt', bench.server().chain);
    const strict = { files: [path], expect: { remaining: '9000d' } };
    const mild = { files: [join(folder, 'twic*.crt')], expect: { remaining: '1h' } };
    for (const targets of [
      [strict, mild],
      [mild, strict],
    ]) {
      const report = await run(targets);
      expect(report).toMatchObject({ exitStatus: 10, targets: 2, passed: 1, failed: 1 });
      expect(new Set(report.results.map(({ name }) => name)).size).toBe(2);
    }
  });

  it('that cannot be looked at is never green', async () => {
    const nothing = join(folder, 'nothing');
    mkdirSync(nothing, { recursive: true });
    for (const files of [
      [join(nothing, '*.pem')],
      [nothing],
      [join(folder, 'absent.crt')],
      [file('empty.pem', '')],
      [file('text.pem', 'no certificate')],
      [file('key.pem', bench.server().key)],
    ])
      expect((await verdict({ files })).exit, files.join()).toBe(1);
    const half = `${bench.server().chain}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`;
    expect((await verdict({ files: [file('half.pem', half)] })).exit).toBe(17);
  });
});
