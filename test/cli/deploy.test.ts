import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Bench, DAY } from '../../src/lib/lab/bench.js';
import { startTlsServer, type TlsServer } from '../../src/lib/lab/servers/tls-server.js';
import { startProgram } from './run-program.js';

/** The GitHub Action, the GitLab template, the pre-commit hooks and the Kubernetes manifests, each run as far as it can be run without its service. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

let folder = '';
let good: TlsServer;
let late: TlsServer;
let program = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tlsmedic-deploy-'));
  const bench = new Bench({ directory: join(folder, 'bench'), now: Date.now() }, 'TLSv1.3');
  const ca = await bench.rootFile();
  good = await startTlsServer(bench.settings());
  late = await startTlsServer(bench.settings({ credentials: bench.server({ notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY }) }));
  const targets = (servers: TlsServer[]) =>
    `defaults: { ca: ${ca}, retries: 0 }\ntargets:\n${servers.map(({ port }) => `  - endpoint: "127.0.0.1:${port}"`).join('\n')}\n`;
  writeFileSync(join(folder, 'tlsmedic.yaml'), targets([good]));
  writeFileSync(join(folder, 'late.yaml'), targets([good, late]));
  writeFileSync(join(folder, 'good.pem'), bench.server().chain);
  writeFileSync(join(folder, 'broken.pem'), '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
  // Stands for the installed program, and for npx: `npx --yes tlsmedic@VERSION ...`.
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  program = join(bin, 'tlsmedic');
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, 'bin/run.js')} "$@"\n`);
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\n[ "$1" = --yes ] && case "$2" in tlsmedic@*) ;; *) exit 97 ;; esac\nshift 2\nexec ${program} "$@"\n`,
  );
  for (const name of ['tlsmedic', 'npx']) chmodSync(join(bin, name), 0o755);
});
afterAll(async () => {
  await Promise.all([good, late].map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

function shell(script: string, env: Record<string, string> = {}): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-eo', 'pipefail', '-c', script], {
      cwd: folder,
      env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, HOME: folder, LANG: 'C.UTF-8', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
    child.once('close', (status) => resolve({ status, output }));
  });
}

describe('action.yml', () => {
  interface Action {
    inputs: Record<string, { default: string }>;
    runs: { using: string; steps: { run: string; env: Record<string, string> }[] };
  }
  const action = parse(read('action.yml')) as Action;
  const run = async (inputs: Record<string, string>, more: Record<string, string> = {}) => {
    const [step] = action.runs.steps;
    const values = { ...Object.fromEntries(Object.entries(action.inputs).map(([name, input]) => [name, input.default])), ...inputs };
    const env = Object.fromEntries(
      Object.entries(step?.env ?? {}).map(([name, expression]) => [name, values[/inputs\.([a-z]+)/.exec(expression)?.[1] ?? ''] ?? '']),
    );
    const output = join(folder, 'github-output');
    const summary = join(folder, 'github-summary');
    for (const file of [output, summary]) writeFileSync(file, '');
    const ran = await shell(step?.run ?? '', {
      ...env,
      GITHUB_ACTIONS: 'true',
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      ...more,
    });
    return { ...ran, said: readFileSync(output, 'utf8'), summary: readFileSync(summary, 'utf8') };
  };

  it('is green when all is well, by npx and by a command of one’s own', async () => {
    for (const more of [{}, { TLSMEDIC_COMMAND: program }] as Record<string, string>[]) {
      const { status, said } = await run({}, more);
      expect(status).toBe(0);
      expect(said).toBe('exit-status=0\n');
    }
  });
  it('fails with the status of the class, annotates, summarises and writes its reports', async () => {
    const { status, said, output, summary } = await run({ config: 'late.yaml', sarif: 'tls.sarif', junit: 'tls.xml' });
    expect(status).toBe(10);
    expect(said).toBe('exit-status=10\n');
    expect(output).toMatch(/::error .*late\.yaml/);
    expect(summary).toContain('expired');
    expect((JSON.parse(readFileSync(join(folder, 'tls.sarif'), 'utf8')) as { version: string }).version).toBe('2.1.0');
    expect(readFileSync(join(folder, 'tls.xml'), 'utf8')).toContain('<testsuites');
  });
  it('keeps inputs out of the script: a file name with a command in it runs nothing', async () => {
    const { status } = await run({ config: '$(touch injected); `touch injected`' });
    expect(status).toBe(2);
    await expect(shell('test ! -e injected')).resolves.toMatchObject({ status: 0 });
  });
});

describe('the GitLab template', () => {
  const template = parse(read('deploy/gitlab/tlsmedic.gitlab-ci.yml')) as Record<
    string,
    { script?: string[]; variables?: Record<string, string>; artifacts?: { reports: Record<string, string> } }
  >;
  const job = template['.tlsmedic-preflight'];

  it('runs, and its reports are where it says', async () => {
    const { status } = await shell((job?.script ?? []).join('\n'), { ...job?.variables, PREFLIGHT_FILE: 'late.yaml' });
    expect(status).toBe(10);
    const quality = JSON.parse(readFileSync(join(folder, job?.artifacts?.reports.codequality ?? ''), 'utf8')) as {
      fingerprint: string;
      severity: string;
      location: { path: string };
    }[];
    expect(quality[0]).toMatchObject({ location: { path: 'late.yaml' } });
    expect(['info', 'minor', 'major', 'critical', 'blocker']).toContain(quality[0]?.severity);
    expect(readFileSync(join(folder, job?.artifacts?.reports.junit ?? ''), 'utf8')).toContain('<testsuite ');
  });
});

describe('.pre-commit-hooks.yaml', () => {
  const hooks = parse(read('.pre-commit-hooks.yaml')) as { id: string; entry: string; files: string; pass_filenames?: boolean }[];

  it('each hook runs as pre-commit would run it', async () => {
    for (const { entry, files, pass_filenames } of hooks) {
      const staged = ['good.pem'].filter((name) => new RegExp(files).test(name));
      expect(staged).toEqual(['good.pem']);
      const { status, output } = await shell(`${entry} ${pass_filenames === false ? '' : staged.join(' ')}`);
      expect(status, output).toBe(0);
    }
    const { status } = await shell('tlsmedic inspect broken.pem');
    expect(status).toBe(17);
  });
});

describe('Kubernetes manifests', () => {
  interface Pod {
    spec: {
      restartPolicy: string;
      automountServiceAccountToken: boolean;
      securityContext: { runAsNonRoot: boolean };
      containers: { args: string[]; volumeMounts: { name: string }[]; resources: { limits: Record<string, string> } }[];
      volumes: { name: string }[];
    };
  }
  interface Job {
    completionMode?: string;
    completions?: number;
    template: Pod;
  }
  const manifests = ['cronjob.yaml', 'indexed-job.yaml'].map((name) => {
    const document = parse(read(`deploy/kubernetes/${name}`));
    const { apiVersion, kind, spec } = document as {
      apiVersion: string;
      kind: string;
      spec: Job & { jobTemplate?: { spec: Job } };
    };
    return { name, apiVersion, kind, job: spec.jobTemplate?.spec ?? spec };
  });

  it.each(manifests)('$name: a job without rights, whose mounts exist', ({ apiVersion, kind, job }) => {
    expect(apiVersion).toBe('batch/v1');
    expect(['Job', 'CronJob']).toContain(kind);
    const { spec } = job.template;
    expect(spec).toMatchObject({ restartPolicy: 'Never', automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
    const volumes = spec.volumes.map(({ name }) => name);
    for (const { volumeMounts, resources } of spec.containers) {
      for (const { name } of volumeMounts) expect(volumes).toContain(name);
      expect(resources.limits.memory).toBeDefined();
    }
  });

  it.each(manifests)('$name: its arguments are the program’s', async ({ job }) => {
    const [container] = job.template.spec.containers;
    const args = (container?.args ?? []).map((arg) => (arg === '/etc/tlsmedic/tlsmedic.yaml' ? join(folder, 'late.yaml') : arg));
    const shards = job.completionMode === 'Indexed' ? Array.from({ length: job.completions ?? 0 }, (_, i) => String(i)) : [undefined];
    const names: string[] = [];
    const statuses = new Set<number | string>();
    for (const index of shards) {
      const { stdout, status } = await startProgram(args, { input: '', env: index === undefined ? {} : { JOB_COMPLETION_INDEX: index } })
        .done;
      statuses.add(status);
      if (index !== undefined)
        names.push(
          ...stdout
            .trim()
            .split('\n')
            .map((line) => (JSON.parse(line) as { name?: string }).name ?? '')
            .filter(Boolean),
        );
    }
    expect(statuses.has(10)).toBe(true);
    if (shards.length > 1) expect(names.sort()).toEqual([`127.0.0.1:${good.port}`, `127.0.0.1:${late.port}`].sort());
  });
});
