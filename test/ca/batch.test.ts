import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBatch } from '../../src/lib/ca/batch-file.js';
import { initAuthority } from '../../src/lib/operations/ca-init.js';
import { type IssueBatchOptions, issueBatch } from '../../src/lib/operations/issue-batch.js';
import { scratchFolder } from './openssl.js';

describe('rows of a batch', () => {
  const rows = async (text: string, file = 'batch') => (await readBatch(text, file)).rows;

  it('come from CSV with a heading', async () => {
    expect(await rows('Names,profile,key_type\n"a.internal 10.0.0.1",server,p384\r\nb.internal,,\n')).toEqual([
      { line: 2, names: ['a.internal', '10.0.0.1'], k8s: [], profile: 'server', keyType: 'p384' },
      { line: 3, names: ['b.internal'], k8s: [] },
    ]);
  });

  it('come from a plain list', async () => {
    expect(await rows('# services\na.internal\n\nb.internal 10.0.0.1\nc.internal,d.internal\n')).toEqual([
      { line: 2, names: ['a.internal'], k8s: [] },
      { line: 4, names: ['b.internal', '10.0.0.1'], k8s: [] },
      { line: 5, names: ['c.internal', 'd.internal'], k8s: [] },
    ]);
  });

  it('keep their line over quoted line feeds', async () => {
    expect((await rows('names\n"a.internal\n10.0.0.1"\nb.internal\n')).map((row) => row.line)).toEqual([2, 4]);
  });

  it('come from YAML, with anchors', async () => {
    expect(
      await rows('certificates:\n  - a.internal\n  - names: [b.internal, 10.0.0.1]\n    lifetime: 7d\n  - k8s: payments.prod\n', 'x.yaml'),
    ).toEqual([
      { line: 2, names: ['a.internal'], k8s: [] },
      { line: 3, names: ['b.internal', '10.0.0.1'], k8s: [], lifetimeSeconds: 604_800 },
      { line: 5, names: [], k8s: ['payments.prod'] },
    ]);
  });

  it('come from JSON, with the line of each', async () => {
    expect(await rows('[\n  "a.internal",\n  {"name": "b.internal"}\n]', 'x.json')).toMatchObject([
      { line: 2 },
      { line: 3, names: ['b.internal'] },
    ]);
  });

  it.each([
    ['names\n"a.internal\n', 2, /quotation/],
    ['names,profile\na.internal,sever\n', 2, /profile "sever"/],
    ['names,lifetime\n\na.internal,soon\n', 3, /no duration/],
    ['names,key-type\na.internal,rsa-512\n', 2, /key type/],
    ['names\na.internal,b.internal\n', 2, /2 cells/],
    ['- a.internal\n- 7\n', 2, /neither a name nor a row/],
    ['- a.internal\n- nam: b\n', 2, /"nam" is not known/],
  ])('%j has a bad one in line %i', async (text, line, message) => {
    expect((await readBatch(text, 'batch')).bad).toEqual([expect.objectContaining({ line, message: expect.stringMatching(message) })]);
  });

  it.each([
    ['', /no row/],
    ['{"a": 1}', /no list/],
    ['- a\n- [\n', /line \d/],
    ['names,nonsense\na,b\n', /"nonsense" is not known/],
  ])('%j is no batch', async (text, why) => {
    await expect(readBatch(text, 'batch.x')).rejects.toThrowError(
      expect.objectContaining({ code: 'bad-batch', why: expect.stringMatching(why) }),
    );
  });
});

describe('a batch', () => {
  let scratch: ReturnType<typeof scratchFolder>;
  beforeEach(() => {
    scratch = scratchFolder();
    initAuthority({ folder: join(scratch.path, 'ca'), name: 'Test', keyType: 'p256', rootKey: { protection: 'none' }, now: Date.now() });
  });
  afterEach(() => scratch.remove());
  const out = () => join(scratch.path, 'tls');
  const run = (text: string, more: Partial<IssueBatchOptions> = {}) =>
    issueBatch({
      folder: join(scratch.path, 'ca'),
      file: scratch.write('batch', text),
      out: out(),
      force: false,
      profile: 'peer',
      keyType: 'p256',
      now: Date.now,
      ...more,
    });
  const recorded = () => fs.readdirSync(join(scratch.path, 'ca', 'issued')).length;

  it('does the rest when rows are bad', async () => {
    const document = await run('a.internal\nb..internal\nc.internal\na.internal\n');
    expect(document).toMatchObject({ rows: 4, issued: 2, skipped: 0 });
    expect(document.failed).toMatchObject([
      { line: 2, code: 'bad-name' },
      { line: 4, code: 'name-taken' },
    ]);
    expect(fs.readdirSync(out()).sort()).toEqual(['a.internal.crt', 'a.internal.key', 'c.internal.crt', 'c.internal.key', 'ca.crt']);
    expect(recorded()).toBe(2);
  });

  it('goes on where it stopped, and issues nothing twice', async () => {
    const names = Array.from({ length: 450 }, (_, i) => `s${i}.internal`).join('\n');
    const stop = new AbortController();
    const first = await run(names, { signal: stop.signal, progress: (done) => done >= 200 && stop.abort() });
    expect(first.issued).toBe(200);
    const before = fs.readFileSync(join(out(), 's7.internal.crt'), 'utf8');
    const second = await run(names);
    expect(second).toMatchObject({ issued: 250, skipped: 200, failed: [] });
    expect(fs.readFileSync(join(out(), 's7.internal.crt'), 'utf8')).toBe(before);
    expect(recorded()).toBe(450);
  });

  it('leaves files of something else alone', async () => {
    fs.mkdirSync(out());
    fs.writeFileSync(join(out(), 'a.internal.key'), 'mine');
    const document = await run('a.internal\nb.internal\n');
    expect(document.failed).toMatchObject([{ line: 1, code: 'file-exists' }]);
    expect(document.issued).toBe(1);
    expect(fs.readFileSync(join(out(), 'a.internal.key'), 'utf8')).toBe('mine');
  });

  it('issues anew what ran out, with --force alone', async () => {
    const later = () => Date.now() + 2 * 86_400_000;
    await run('a.internal\n');
    expect((await run('a.internal\n', { now: later })).failed).toMatchObject([{ code: 'file-exists' }]);
    expect(await run('a.internal\n', { now: later, force: true })).toMatchObject({ issued: 1, failed: [] });
  });
});
