import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Bench, DAY } from '../../src/lib/lab/bench.js';
import { startTlsServer, type TlsServer } from '../../src/lib/lab/servers/tls-server.js';
import { runProgram, startProgram } from './run-program.js';

/** The built program on real servers of this process: streams, shards, kills, resumption, reports, and files that cannot be used. */

interface Line {
  schema: string;
  name: string;
  status: string;
  exitStatus: number;
  targets: number;
  failed: number;
  passed: number;
}

let folder = '';
let good: TlsServer;
let late: TlsServer;
let slow: TlsServer;
let ca = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tlsmedic-preflight-cli-'));
  const bench = new Bench({ directory: join(folder, 'bench'), now: Date.now() }, 'TLSv1.3');
  ca = await bench.rootFile();
  good = await startTlsServer(bench.settings());
  late = await startTlsServer(bench.settings({ credentials: bench.server({ notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY }) }));
  slow = await startTlsServer(bench.settings());
});
afterAll(async () => {
  await Promise.all([good, late, slow].map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** A file of `n` differently named targets on one server. */
function fileOf(name: string, server: TlsServer, n: number, extra = ''): string {
  const path = join(folder, name);
  const targets = Array.from({ length: n }, (_, i) => `  - { name: t${i}, endpoint: "127.0.0.1:${server.port}" }`);
  writeFileSync(path, `defaults: { ca: ${ca}, retries: 0 }\n${extra}targets:\n${targets.join('\n')}\n`);
  return path;
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
const run = (...args: string[]) => startProgram(['preflight', ...args], { cwd: folder, input: '' }).done;

describe('tlsmedic preflight', () => {
  it('without a file: the class of what failed is the exit status', async () => {
    expect((await run('--target', `127.0.0.1:${good.port}`, '--ca', ca)).status).toBe(0);
    const failed = await run('--target', `127.0.0.1:${late.port}`, '--ca', ca);
    expect(failed.status).toBe(10);
    expect(failed.stdout).toMatch(/^✗ 1 of 1 target failed: 1 expiry/);
  });

  it('--json is one line a target and the sums at the end', async () => {
    const { stdout, status } = await run(fileOf('three.yaml', good, 3), '--json');
    expect(status).toBe(0);
    const lines = linesOf(stdout);
    expect(lines.slice(0, 3).map(({ schema, status: s }) => `${schema} ${s}`)).toEqual(Array(3).fill('tlsmedic/preflight-result@1 passed'));
    expect(lines[3]).toMatchObject({ schema: 'tlsmedic/preflight@1', targets: 3, passed: 3, exitStatus: 0 });
  });

  it('shards cover everything once, and merge makes one report of them', async () => {
    const file = fileOf('shards.yaml', good, 20);
    const parts: string[] = [];
    const names: string[] = [];
    for (const shard of ['1/3', '2/3', '3/3']) {
      const { stdout } = await run(file, '--json', '--shard', shard);
      const part = join(folder, `part-${shard[0]}.ndjson`);
      writeFileSync(part, stdout);
      parts.push(part);
      names.push(
        ...linesOf(stdout)
          .filter(({ name }) => name !== undefined)
          .map(({ name }) => name),
      );
    }
    expect(names.sort()).toEqual(Array.from({ length: 20 }, (_, i) => `t${i}`).sort());
    const merged = runProgram(['preflight', 'merge', ...parts, '--json'], { cwd: folder });
    expect(merged.status).toBe(0);
    expect(JSON.parse(merged.stdout)).toMatchObject({ targets: 20, passed: 20 });
    // An Indexed Job counts from 0 and names its part by the environment.
    const indexed = await startProgram(['preflight', file, '--json', '--shard', '/3'], {
      cwd: folder,
      input: '',
      env: { JOB_COMPLETION_INDEX: '0' },
    }).done;
    expect(
      linesOf(indexed.stdout)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(
      linesOf(readFileSync(parts[0] ?? '', 'utf8'))
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('killed at any time leaves lines that are whole, and --resume goes on behind them', async () => {
    const file = fileOf('many.yaml', slow, 90);
    const first = startProgram(['preflight', file, '--json', '--concurrency', '2'], { cwd: folder, input: '' });
    while (first.soFar().stdout.split('\n').length < 6) await new Promise((resolve) => setTimeout(resolve, 20));
    first.child.kill('SIGKILL');
    const { stdout } = await first.done;
    const whole = stdout.split('\n').slice(0, -1);
    expect(whole.length).toBeGreaterThanOrEqual(5);
    expect(whole.length).toBeLessThan(90);
    for (const line of whole) expect(JSON.parse(line)).toMatchObject({ schema: 'tlsmedic/preflight-result@1', status: 'passed' });
    // The last line may be cut off anywhere: it does not count, and its target is checked again.
    const part = join(folder, 'killed.ndjson');
    writeFileSync(part, `${whole.join('\n')}\n{"schema":"tlsmedic/preflight-res`);
    const before = slow.connections;
    const rest = await run(file, '--json', '--resume', part);
    expect(rest.status).toBe(0);
    expect(rest.stderr).not.toContain('Warning');
    const lines = linesOf(rest.stdout);
    expect(lines.length - 1).toBe(90 - whole.length);
    expect(slow.connections - before).toBe(90 - whole.length);
    expect(lines.at(-1)).toMatchObject({ targets: 90, passed: 90 });
  });

  it('Ctrl-C tells what is known so far, and is not green', async () => {
    const started = startProgram(['preflight', fileOf('stopped.yaml', slow, 90), '--json', '--concurrency', '1'], {
      cwd: folder,
      input: '',
    });
    while (started.soFar().stdout.split('\n').length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
    started.child.kill('SIGINT');
    const { stdout, status } = await started.done;
    expect(status).toBe(130);
    expect(linesOf(stdout).at(-1)?.targets).toBeLessThan(90);
  });

  it('appended to its own results a resumed run makes one file, and a merge knows what is missing', async () => {
    const file = fileOf('torn.yaml', good, 12);
    const whole = await run(file, '--json');
    const lines = whole.stdout.split('\n');
    const torn = join(folder, 'torn.ndjson');
    writeFileSync(torn, `${lines.slice(0, 5).join('\n')}\n${lines[5]?.slice(0, 40)}`);
    const incomplete = runProgram(['preflight', 'merge', torn], { cwd: folder });
    expect(incomplete.status).toBe(1);
    expect(incomplete.stdout).toContain('no run came to its end');
    const rest = await run(file, '--json', '--resume', torn);
    expect(rest.status).toBe(0);
    writeFileSync(torn, readFileSync(torn, 'utf8') + rest.stdout);
    const merged = runProgram(['preflight', 'merge', torn, '--json'], { cwd: folder });
    expect(merged.status).toBe(0);
    expect(JSON.parse(merged.stdout)).toMatchObject({ targets: 12, passed: 12, missing: [] });
    // Of twelve targets in three parts, two parts are not green.
    const parts = await Promise.all(['1/3', '3/3'].map((shard) => run(file, '--json', '--shard', shard)));
    const two = join(folder, 'two.ndjson');
    writeFileSync(two, parts.map(({ stdout }) => stdout).join(''));
    const lacking = runProgram(['preflight', 'merge', two, '--junit', 'lacking.xml'], { cwd: folder });
    expect(lacking.status).toBe(1);
    expect(lacking.stdout).toContain('part 2 of 3 is missing');
    expect(readFileSync(join(folder, 'lacking.xml'), 'utf8')).toMatch(/<testsuites [^>]*errors="1"/);
  });

  it('--resume checks again what is asked otherwise than then', async () => {
    const file = fileOf('changed.yaml', good, 3);
    const before = join(folder, 'before.ndjson');
    writeFileSync(before, (await run(file, '--json')).stdout);
    writeFileSync(file, readFileSync(file, 'utf8').replace('name: t1,', 'name: t1, expect: { remaining: 90000d },'));
    const { status, stdout } = await run(file, '--json', '--resume', before);
    expect(status).toBe(10);
    expect(linesOf(stdout).map(({ name }) => name)).toEqual(['t1', undefined]);
  });

  it('a merge keeps the policy of the runs', async () => {
    const other = await startTlsServer(good.settings);
    const file = join(folder, 'shared.yaml');
    const targets = [good, other].map(({ port }) => `  - endpoint: "127.0.0.1:${port}"\n`).join('');
    writeFileSync(file, `defaults: { ca: ${ca} }\npolicy: { sharedCertificates: forbid }\ntargets:\n${targets}`);
    const out = await Promise.all(['1/2', '2/2'].map((shard) => run(file, '--json', '--shard', shard)));
    await other.close();
    const parts = join(folder, 'shared.ndjson');
    writeFileSync(parts, out.map(({ stdout }) => stdout).join(''));
    expect(runProgram(['preflight', 'merge', parts], { cwd: folder }).status).toBe(20);
    expect(runProgram(['preflight', 'merge', parts, '--shared-certificates', 'allow'], { cwd: folder }).status).toBe(0);
  });

  it('what was broken off by Ctrl-C is no verdict', async () => {
    const tarpit = createServer((socket) => socket.on('error', () => socket.destroy()));
    const open = new Set<Socket>();
    tarpit.on('connection', (socket) => open.add(socket));
    await new Promise<void>((resolve) => tarpit.listen(0, '127.0.0.1', resolve));
    const { port } = tarpit.address() as { port: number };
    const started = startProgram(['preflight', '--json', '--timeout', '60', '--target', `127.0.0.1:${port}`], { cwd: folder, input: '' });
    while (open.size === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    started.child.kill('SIGINT');
    const { status, stdout } = await started.done;
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => tarpit.close(resolve));
    expect(status).toBe(130);
    const lines = linesOf(stdout);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ targets: 0, exitStatus: 1 });
  });

  it('flags that describe a target are refused beside a file, and named when they come from the environment', async () => {
    const file = fileOf('flags.yaml', good, 1);
    for (const flag of [['--expect-mtls'], ['--remaining', '25%'], ['--ca', ca], ['--spiffe-id=spiffe://a/b']]) {
      const { status, stderr } = await run(file, ...flag);
      expect(status, flag.join(' ')).toBe(2);
      expect(stderr).toContain('goes with --target');
    }
    const { status, stderr } = await startProgram(['preflight', file], { cwd: folder, input: '', env: { TLSMEDIC_EXPECT_MTLS: '1' } }).done;
    expect(status).toBe(0);
    expect(stderr).toContain('TLSMEDIC_EXPECT_MTLS');
  });

  it.each([
    ['--remaining', 'soon'],
    ['--spiffe-id', 'corp/a'],
    ['--target', 'a:99999'],
    ['--proxy', 'ftp://x'],
  ])('%s %s is a mistake of usage', async (flag, value) => {
    const { status, stderr } = await run('--target', `127.0.0.1:${good.port}`, '--ca', ca, flag, value);
    expect(status).toBe(2);
    expect(stderr).toContain(flag);
  });

  it('a report that cannot be written costs the green, not the results', async () => {
    const file = fileOf('full.yaml', good, 2);
    const { status, stdout, stderr } = await run(file, '--junit', 'no/such/folder/x.xml');
    expect(status).toBe(2);
    expect(stdout).toContain('2 targets passed');
    expect(stderr).toContain('cannot write no/such/folder/x.xml');
  });

  it('writes metrics for the textfile collector', async () => {
    await run(fileOf('metrics.yaml', good, 2), '--prometheus', 'tls.prom');
    const text = readFileSync(join(folder, 'tls.prom'), 'utf8');
    expect(text).toMatch(/^ssl_cert_not_after\{service="t0",target="t0",kind="endpoint"\} \d{10}$/m);
    expect(text).toMatch(/^tlsmedic_preflight_ok 1$/m);
  });

  it('init writes what holds today, with what editors need, and the file is green', async () => {
    const { status, stdout } = await startProgram(
      ['preflight', 'init', `127.0.0.1:${good.port}`, '--ca', ca, '--schema', '--out', 'fresh.yaml', '--json'],
      { cwd: folder, input: '' },
    ).done;
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'tlsmedic/preflight-draft@1', path: 'fresh.yaml' });
    expect(readFileSync(join(folder, 'fresh.yaml'), 'utf8')).toMatch(/^# yaml-language-server: \$schema=tlsmedic\.schema\.json\n/);
    const schema = JSON.parse(readFileSync(join(folder, 'tlsmedic.schema.json'), 'utf8')) as object;
    const validate = new Ajv2020({ strict: false }).compile(schema);
    expect(validate(parse(readFileSync(join(folder, 'fresh.yaml'), 'utf8'))), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ targets: [{ endpoint: 'a:1', expect: { mtsl: 'required' } }] })).toBe(false);
    expect((await run('fresh.yaml')).status).toBe(0);
  });

  it('reports for machines say the same', async () => {
    const [junit, sarif, gitlab] = ['out.xml', 'out.sarif', 'out.json'].map((name) => join(folder, name)) as [string, string, string];
    const summary = join(folder, 'summary.md');
    writeFileSync(summary, '');
    const file = fileOf('late.yaml', late, 2);
    const { status, stderr } = await startProgram(['preflight', file, '--junit', junit, '--sarif', sarif, '--gitlab', gitlab], {
      cwd: folder,
      input: '',
      env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary },
    }).done;
    expect(status).toBe(10);
    expect(readFileSync(junit, 'utf8')).toMatch(/<testsuites [^>]*failures="2"/);
    const log = JSON.parse(readFileSync(sarif, 'utf8')) as { runs: { results: { ruleId: string }[] }[] };
    expect(log.runs[0]?.results.map(({ ruleId }) => ruleId)).toEqual(['expiry/expired', 'expiry/expired']);
    expect(JSON.parse(readFileSync(gitlab, 'utf8'))).toHaveLength(2);
    expect(stderr).toContain('::error ');
    expect(readFileSync(summary, 'utf8')).toContain('expired');
  });

  describe('a file that cannot be used is an error before anything is checked', () => {
    it.each([
      ['empty list', 'targets: []\n', 'empty'],
      ['a misspelt key', 'targets:\n  - endpont: a:1\n', 'endpoint'],
      ['a misspelt expectation', 'targets:\n  - endpoint: a:1\n    expect: { mtsl: required }\n', 'mtls'],
      ['the same target twice', 'targets:\n  - endpoint: a:1\n  - endpoint: a:1\n', 'a:1'],
      ['no YAML', 'targets: [\n', ''],
      ['a value of the wrong kind', 'targets:\n  - endpoint: a:1\n    expect: { remaining: soon }\n', 'soon'],
    ])('%s', async (_what, text, word) => {
      const path = join(folder, 'broken.yaml');
      writeFileSync(path, text);
      const before = good.connections;
      const { status, stderr, stdout } = await run(path);
      expect(status).toBe(2);
      expect(stderr).toContain(word);
      expect(stdout).toBe('');
      expect(good.connections).toBe(before);
    });

    it('no file at all', async () => {
      expect((await run('absent.yaml')).status).toBe(2);
      const none = await run();
      expect(none.status).toBe(2);
      expect(none.stderr).toContain('preflight init');
    });
  });
});
