import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, DAY } from '../../src/lib/lab/bench.js';
import { startTlsServer, type TlsServer } from '../../src/lib/lab/servers/tls-server.js';
import { startProgram } from '../cli/run-program.js';

/**
 * What other people's programs say of our files: SARIF by the schema of the standard (as @microsoft/jest-sarif ships it), the Action and the GitLab
 * template by the schemas of SchemaStore and GitLab (check-jsonschema), the manifests by those of Kubernetes (kubernetes-validate), the hooks by
 * pre-commit itself. The tools come from their registries into a folder of this run; without a registry the suites skip visibly.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-formats-'));
const python = join(folder, 'python');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function works(command: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(command, args, { cwd: folder, timeout: 240_000 });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

const hasPython = await works('python3', [
  '-m',
  'pip',
  'install',
  '--quiet',
  '--target',
  python,
  'check-jsonschema==0.39.0',
  'kubernetes-validate==1.37.0',
  'pre-commit==4.7.0',
]);
const hasSarif =
  (await works('npm', ['pack', '--silent', '@microsoft/jest-sarif@1.0.0-beta.0'])) &&
  (await works('tar', ['-xzf', 'microsoft-jest-sarif-1.0.0-beta.0.tgz']));

/** A program of the Python folder; what it says when it refuses is the message of the failure. */
async function tool(name: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await run('python3', [join(python, 'bin', name), ...args], {
    cwd: ROOT,
    env: { ...process.env, PYTHONPATH: python },
  });
  return stdout + stderr;
}

describe.skipIf(!hasSarif)('SARIF by the schema of the standard', () => {
  let servers: TlsServer[] = [];
  beforeAll(async () => {
    const bench = new Bench({ directory: join(folder, 'bench'), now: Date.now() }, 'TLSv1.3');
    const late = bench.server({ notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY });
    servers = await Promise.all([startTlsServer(bench.settings()), startTlsServer(bench.settings({ credentials: late }))]);
    const [good, bad] = servers.map(({ port }) => `127.0.0.1:${port}`);
    writeFileSync(
      join(folder, 'all kinds.yaml'),
      [
        `defaults: { ca: ${await bench.rootFile()}, retries: 0 }`,
        'policy: { sharedCertificates: forbid }',
        'allow: [{ target: allowed, code: expired, until: 2999-01-01, reason: "known & <ordered>" }]',
        'targets:',
        `  - { name: good, endpoint: "${good}" }`,
        `  - { name: "again", endpoint: "localhost:${good?.split(':')[1]}", connect: "${good}" }`,
        `  - { name: late, endpoint: "${bad}" }`,
        `  - { name: allowed, endpoint: "${bad}" }`,
        `  - { name: unchecked, endpoint: "${good}", ca: absent.crt }`,
        '  - files: ["absent/*.pem"]',
        '',
      ].join('\n'),
    );
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
  });

  it('of a run with every kind of finding, and of a merge that lacks parts', async () => {
    // Of draft 4, whose `id` and `$schema` are all that later drafts read otherwise here.
    const {
      id: _,
      $schema: __,
      ...schema
    } = JSON.parse(readFileSync(join(folder, 'package/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8')) as Record<string, unknown>;
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false });
    const validate = ajv.compile(schema);
    const part = await startProgram(['preflight', 'all kinds.yaml', '--json', '--shard', '1/2', '--sarif', 'part.sarif'], {
      cwd: folder,
      input: '',
    }).done;
    writeFileSync(join(folder, 'part.ndjson'), part.stdout);
    await startProgram(['preflight', 'all kinds.yaml', '--sarif', 'all.sarif'], { cwd: folder, input: '' }).done;
    await startProgram(['preflight', 'merge', 'part.ndjson', '--sarif', 'merged.sarif'], { cwd: folder, input: '' }).done;
    for (const name of ['part.sarif', 'all.sarif', 'merged.sarif']) {
      const log = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { runs: { results: { level: string }[] }[] };
      validate(log);
      expect(validate.errors ?? [], name).toEqual([]);
    }
    const all = JSON.parse(readFileSync(join(folder, 'all.sarif'), 'utf8')) as { runs: { results: { level: string }[] }[] };
    expect([...new Set(all.runs[0]?.results.map(({ level }) => level))].sort()).toEqual(['error', 'note', 'warning']);
  });
});

describe.skipIf(!hasPython)('files for pipelines by the schemas of their services', () => {
  it('action.yml', async () => {
    expect(await tool('check-jsonschema', '--builtin-schema', 'vendor.github-actions', 'action.yml')).toContain('ok');
  });
  it('the GitLab template', async () => {
    expect(await tool('check-jsonschema', '--builtin-schema', 'vendor.gitlab-ci', 'deploy/gitlab/tlsmedic.gitlab-ci.yml')).toContain('ok');
  });
  it('.pre-commit-hooks.yaml', async () => {
    await expect(tool('pre-commit', 'validate-manifest', '.pre-commit-hooks.yaml')).resolves.toBe('');
  });
  it('the hook, installed from this repository by pre-commit and run on a commit', { timeout: 300_000 }, async () => {
    const repository = join(folder, 'repository');
    mkdirSync(join(repository, 'tls'), { recursive: true });
    const bench = new Bench({ directory: join(folder, 'hook'), now: Date.now() }, 'TLSv1.3');
    writeFileSync(join(repository, 'tls/good.crt'), bench.server().chain);
    writeFileSync(join(repository, 'tlsmedic.yaml'), 'targets:\n  - files: tls/*.crt\n');
    const git = (...args: string[]) => run('git', args, { cwd: repository });
    await git('init', '--quiet');
    await git('add', '--all');
    const hook = () =>
      run('python3', [join(python, 'bin/pre-commit'), 'try-repo', ROOT, 'tlsmedic-preflight', '--all-files', '--verbose'], {
        cwd: repository,
        env: { ...process.env, PYTHONPATH: python, PRE_COMMIT_HOME: join(folder, 'pre-commit') },
      });
    expect((await hook()).stdout).toMatch(/tlsmedic preflight\.+Passed/);
  });
  it.each(['cronjob.yaml', 'indexed-job.yaml'])('%s, with nothing in it that Kubernetes does not know', async (name) => {
    const path = `deploy/kubernetes/${name}`;
    expect(await tool('kubernetes-validate', '--strict', path)).toContain('passed');
    const wrong = join(folder, name);
    writeFileSync(wrong, readFileSync(join(ROOT, path), 'utf8').replace('restartPolicy', 'restartPolice'));
    await expect(tool('kubernetes-validate', '--strict', wrong)).rejects.toThrow();
  });
});
