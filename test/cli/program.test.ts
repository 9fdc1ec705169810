import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGolden } from './golden.js';
import { runProgram } from './run-program.js';

const cache = fs.mkdtempSync(join(tmpdir(), 'tlsmedic-cache-'));
afterAll(() => fs.rmSync(cache, { recursive: true, force: true }));

describe('help', () => {
  it('is there for the program, on standard output, with exit status 0', () => {
    const bare = runProgram([]);
    expect(bare.status).toBe(0);
    expect(bare.stderr).toBe('');
    for (const way of [['--help'], ['-h'], ['help']]) expect(runProgram(way)).toEqual(bare);
  });
  it('shows examples before flags', () => {
    const { stdout, status } = runProgram(['completion', '--help']);
    expect(status).toBe(0);
    expect(stdout.indexOf('EXAMPLES')).toBeLessThan(stdout.indexOf('GLOBAL'));
    expect(runProgram(['help', 'completion']).stdout).toBe(stdout);
  });
  it('keeps to 80 columns', () => {
    const ids = Object.keys(JSON.parse(fs.readFileSync(new URL('../../oclif.manifest.json', import.meta.url), 'utf8')).commands);
    for (const id of ['', ...ids]) {
      const { stdout, status } = runProgram([...id.split(':').filter(Boolean), '--help']);
      expect(status, id).toBe(0);
      // A command line to copy may be longer; nothing else.
      for (const line of stdout.split('\n'))
        if (!/^\s*(\$ |tlsmedic |eval |.*\| ?tlsmedic |.*\btlsmedic )/.test(line))
          expect(line.length, `${id}: ${line}`).toBeLessThanOrEqual(80);
    }
  });
});

describe('what was typed wrong', () => {
  it.each([
    ['unknown-command', ['completoin', 'bash']],
    ['unknown-flag', ['completion', 'bash', '--jsn']],
    ['unknown-flag-json', ['completion', 'bash', '--jsn', '--json']],
    ['missing-argument', ['completion']],
    ['bad-choice', ['completion', 'tcsh']],
    ['unknown-subcommand', ['ca', 'foo']],
    ['misspelt-subcommand', ['ca', 'shw']],
    ['host-without-command', ['db.internal:5432']],
    ['file-without-command', ['server.pem']],
  ])('%s', (name, args) => {
    const result = runProgram(args);
    expect(result.status).toBe(2);
    expectGolden(name, `tlsmedic ${args.join(' ')}`, result);
  });
});

describe('streams and statuses', () => {
  it('--json prints one document and nothing else, also for an error', () => {
    const { stdout, status } = runProgram(['completion', 'tcsh', '--json']);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ schema: 'tlsmedic/error@1', exitStatus: 2, error: { kind: 'usage' } });
    expect(status).toBe(2);
  });
  it('a switch may come from the environment', () => {
    expect(JSON.parse(runProgram(['completion', 'bash'], { env: { TLSMEDIC_JSON: '1' } }).stdout).schema).toBe('tlsmedic/completion@1');
  });
  it('colours when told to, not into a pipe', () => {
    expect(runProgram(['--help']).stdout).not.toContain('\x1b');
    expect(runProgram(['--help'], { env: { FORCE_COLOR: '1' } }).stdout).toContain('\x1b[1mCOMMANDS');
    expect(runProgram(['--help', '--no-color'], { env: { FORCE_COLOR: '1' } }).stdout).not.toContain('\x1b');
  });
  it('a reader that goes away is no error', () => {
    const program = JSON.stringify(new URL('../../bin/run.js', import.meta.url).pathname);
    const { stderr } = runProgram(['completion', 'zsh']);
    expect(stderr).toBe('');
    const shell = `set -o pipefail; ${process.execPath} ${program} completion zsh | true; echo "status \${PIPESTATUS[0]}" >&2`;
    const done = spawnBash(shell);
    expect(done).not.toMatch(/EPIPE|Error/);
  });
  it('says its versions', () => {
    const { version } = JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(runProgram(['--version']).stdout).toMatch(new RegExp(`^tlsmedic ${version.replaceAll('.', '\\.')} \\(node \\d`));
  });
});

function spawnBash(script: string): string {
  const done = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  return done.stdout + done.stderr;
}

describe('the code cache', () => {
  const args = ['completion', 'bash'];
  const folder = join(cache, 'tlsmedic/code-cache');
  const run = (env: Record<string, string> = {}) => runProgram(args, { env: { XDG_CACHE_HOME: cache, ...env } });
  let expected: string;
  beforeAll(() => {
    expected = run({ TLSMEDIC_NO_CODE_CACHE: '1' }).stdout;
  });

  it('stays away when it is switched off', () => expect(fs.existsSync(folder)).toBe(false));
  it('is private, and gives the same answer', () => {
    expect(run().stdout).toBe(expected);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
    const [file = ''] = fs.readdirSync(folder);
    expect(fs.statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(run().stdout).toBe(expected);
  });
  it('is not believed when it is damaged, and is made anew', () => {
    const file = join(folder, fs.readdirSync(folder)[0] ?? '');
    const good = fs.readFileSync(file);
    fs.writeFileSync(file, Buffer.from('nonsense'));
    expect(run()).toMatchObject({ stdout: expected, stderr: '', status: 0 });
    expect(fs.statSync(file).size).toBeGreaterThan(good.length / 2);
  });
  it('is not read when somebody else could have written it', () => {
    const file = join(folder, fs.readdirSync(folder)[0] ?? '');
    fs.chmodSync(folder, 0o777);
    const before = fs.statSync(file).mtimeMs;
    fs.writeFileSync(file, 'nonsense');
    expect(run()).toMatchObject({ stdout: expected, status: 0 });
    expect(fs.readFileSync(file, 'utf8')).toBe('nonsense');
    fs.chmodSync(folder, 0o700);
    expect(before).toBeGreaterThan(0);
  });
  it('is done without where nothing can be written', () => {
    expect(runProgram(args, { env: { XDG_CACHE_HOME: '/proc/none' } })).toMatchObject({ stdout: expected, stderr: '', status: 0 });
    expect(runProgram(args, { env: { XDG_CACHE_HOME: '', HOME: '' } })).toMatchObject({ stdout: expected, stderr: '', status: 0 });
  });
});

describe('completion scripts', () => {
  it.each(['bash', 'zsh', 'fish'])('%s accepts its script, where it is installed', (shell) => {
    const script = runProgram(['completion', shell]).stdout;
    expect(script).toContain('completion');
    const check = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    if (check.error === undefined) expect(check.stderr).toBe('');
  });
  it('bash completes commands, flags and choices', () => {
    const complete = (words: string) => {
      const list = words.split(' ');
      const program = `eval "$(cat)"; COMP_WORDS=(${list.map((word) => JSON.stringify(word)).join(' ')}); COMP_CWORD=${list.length - 1}; _tlsmedic; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', program], { input: runProgram(['completion', 'bash']).stdout, encoding: 'utf8' })
        .stdout.trim()
        .split('\n');
    };
    expect(complete('tlsmedic compl')).toEqual(['completion']);
    expect(complete('tlsmedic completion --js')).toEqual(['--json']);
  });
});
