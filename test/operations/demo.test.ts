import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { demo, demoExitStatus, listWorlds, openWorld } from '../../src/lib/operations/demo.js';
import { judgeDiagnosis } from '../../src/lib/operations/diagnose-world.js';
import { renderDemoHeading, renderDemoRow, renderDemoSummary, renderOpenWorld, renderWorlds } from '../../src/lib/report/demo-text.js';
import { displayWidth } from '../../src/lib/report/layout.js';
import { plainView } from '../../src/lib/report/view.js';

// A place of its own for temporary files: other programs may be at work in the common one.
process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'tlsmedic-demo-test-'));
afterAll(() => rmSync(process.env.TMPDIR ?? '', { recursive: true, force: true }));
const leftovers = (): string[] => readdirSync(tmpdir());

describe('the demonstration', () => {
  it('is right about every world, heals each, and leaves nothing behind', async () => {
    const order: string[] = [];
    // Whatever node warns of would stand in the middle of the newcomer's first screen.
    const warned: string[] = [];
    const warn = (warning: Error): number => warned.push(String(warning));
    process.on('warning', warn);
    const document = await demo({ onRow: (row) => order.push(row.world) });
    process.off('warning', warn);
    expect(warned).toEqual([]);
    expect(document.worlds.filter((row) => !row.right).map((row) => [row.world, row.said, row.faults])).toEqual([]);
    expect(document.worlds.filter((row) => row.healed === false).map((row) => row.world)).toEqual([]);
    expect(document.ok).toBe(true);
    expect(demoExitStatus(document)).toBe(0);
    // The order of the list, whatever finished first.
    expect(order).toEqual(document.worlds.map((row) => row.world));
    expect(new Set(document.worlds.map((row) => row.expected.split('/')[0])).size).toBe(13);
    // On two quiet cores it takes 7 s; tests run beside others.
    expect(document.seconds).toBeLessThan(25);
    // Another run on this machine may end meanwhile and take its own folder away.
    expect(leftovers()).toEqual([]);
    for (const width of [80, 140]) {
      const view = plainView({ width });
      const text = [
        renderDemoHeading(document.worlds.length, view),
        ...document.worlds.map((row, index) => renderDemoRow(row, view, document.worlds[index - 1])),
        renderDemoSummary(document, view),
      ].join('\n');
      expect(text.split('\n').filter((line) => displayWidth(line) > width)).toEqual([]);
      // Nothing that is to be read or pasted is cut, and no path of a folder that is gone is shown.
      expect(text).not.toContain('…');
      expect(text).not.toContain(tmpdir());
      const words = text.replace(/\s+/g, ' ');
      for (const row of document.worlds) {
        expect(words).toContain(row.said.split('/')[1] ?? row.said);
        expect(words).toContain(row.plainClient);
        if (row.healed !== null) expect(words).toContain(row.fix.split('   #')[0]);
        if (row.causes[0]) expect(words).toContain(row.causes[0].summary);
      }
    }
  });

  it('says when it was interrupted, and blames no diagnosis for it', async () => {
    const stop = new AbortController();
    const shown: string[] = [];
    const document = await demo({
      signal: stop.signal,
      onRow: (row) => {
        shown.push(row.world);
        if (shown.length === 3) stop.abort();
      },
    });
    expect(document.worlds.length).toBeLessThan(document.planned);
    expect(document.worlds.filter((row) => !row.right)).toEqual([]);
    expect(document.ok).toBe(false);
    expect(renderDemoSummary(document, plainView())).toContain(
      `! interrupted after ${document.worlds.length} of ${document.planned} servers`,
    );
    expect(leftovers()).toEqual([]);
  });

  it('exits 1 and says what is wrong when a diagnosis was not right', () => {
    const row = {
      world: 'expired',
      title: 't',
      tlsVersion: 'TLSv1.3',
      stack: 'node',
      plainClient: 'CERT_HAS_EXPIRED',
      plainClientContent: false,
      said: 'healthy',
      expected: 'expiry/expired',
      right: false,
      faults: ['called healthy'],
      causes: [],
      fix: 'issue again',
      healed: true,
      diagnosisMs: 5,
    } as const;
    const document = {
      schema: 'tlsmedic/demo@1',
      ok: false,
      worlds: [],
      planned: 43,
      right: 0,
      healed: 1,
      unnoticedByPlainClient: 0,
      seconds: 1,
    } as const;
    expect(demoExitStatus({ ...document, worlds: [] })).toBe(1);
    expect(renderDemoRow({ ...row, faults: [...row.faults], causes: [] }, plainView())).toContain(
      'WRONG  called healthy; it is expiry/expired',
    );
  });
});

describe('what is said against what is', () => {
  const cause = {
    class: 'expiry',
    code: 'expired',
    party: 'server',
    confidence: 'certain',
    summary: '',
    evidence: [],
    fixes: [],
    alternatives: [],
  } as const;
  const expired = { outcome: 'broken', class: 'expiry', code: 'expired', party: 'server' } as const;
  const said = (...causes: { code: string; class: string; party: string; confidence: string }[]) => ({
    causes: causes as never,
    warnings: [],
  });

  it('the right cause is right', () => expect(judgeDiagnosis(expired, said({ ...cause })).right).toBe(true));
  it('another code is wrong', () => expect(judgeDiagnosis(expired, said({ ...cause, code: 'not-yet-valid' })).right).toBe(false));
  it('another party is wrong', () => expect(judgeDiagnosis(expired, said({ ...cause, party: 'client' })).right).toBe(false));
  it('healthy is wrong', () => expect(judgeDiagnosis(expired, said()).faults).toEqual(['called healthy']));
  it('a cause in a healthy world is a false alarm', () =>
    expect(judgeDiagnosis({ outcome: 'healthy' }, said({ ...cause })).right).toBe(false));
  it('a wrong certainty besides the right cause is wrong', () =>
    expect(judgeDiagnosis(expired, said({ ...cause }, { ...cause, code: 'no-san', class: 'san-mismatch' })).right).toBe(false));
  it('a wrong guess besides it is not', () =>
    expect(
      judgeDiagnosis(expired, said({ ...cause }, { ...cause, code: 'no-san', class: 'san-mismatch', confidence: 'possible' })).right,
    ).toBe(true));
  it('what has to be found besides has to be found', () =>
    expect(judgeDiagnosis({ ...expired, also: ['san-mismatch'] }, said({ ...cause })).right).toBe(false));
});

describe('one world', () => {
  it('is listed, opened, looked at, and gone afterwards', async () => {
    const { worlds } = listWorlds();
    const list = renderWorlds(worlds, plainView({ width: 100 }));
    for (const { name } of worlds) expect(list).toContain(name);
    const open = await openWorld('missing-intermediate', false);
    const text = renderOpenWorld(open.document, plainView({ width: 100 }));
    expect(text).toContain(`openssl s_client -connect ${open.document.endpoint}`);
    expect(text).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    await open.close();
    const mended = await openWorld('missing-intermediate', true);
    expect(mended.document.plainClient).toBe('connected, HTTP 200');
    await mended.close();
  });

  it('is met by curl and openssl with the same limits', async () => {
    const open = await openWorld('cipher-mismatch', false);
    const lines = renderOpenWorld(open.document, plainView({ width: 100 })).split('\n');
    const suites = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384';
    expect(lines.find((line) => line.startsWith(' curl'))).toContain(`--ciphers ${suites} --tls-max 1.2 https://localhost`);
    expect(lines.find((line) => line.startsWith(' openssl'))).toContain(`-cipher ${suites} -max_protocol TLSv1.2`);
    await open.close();
  });

  it('is known by its code too', async () => {
    const open = await openWorld('local-clock-skew', false);
    expect(open.document.world).toBe('local-clock-ahead');
    await open.close();
  });

  it('that does not exist is answered with names that do', async () => {
    await expect(openWorld('intermediate', false)).rejects.toMatchObject({
      code: 'unknown-world',
      next: [expect.stringContaining('missing-intermediate'), expect.any(String)],
    });
  });
});
