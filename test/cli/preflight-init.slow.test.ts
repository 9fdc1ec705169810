import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Bench } from '../../src/lib/lab/bench.js';
import { startTlsServer } from '../../src/lib/lab/servers/tls-server.js';

/** `preflight init` at a terminal: the questions in their order, by Python's pty. */

const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-init-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Types each answer once its question is on the screen. */
const TYPIST = `
import json, os, pty, re, select, sys, time
program, answers = sys.argv[1:-1], json.loads(sys.argv[-1])
pid, fd = pty.fork()
if pid == 0:
    os.execvp(program[0], program)
seen, end = b"", time.time() + 90
def read():
    global seen
    ready, _, _ = select.select([fd], [], [], 0.2)
    if not ready:
        return True
    try:
        data = os.read(fd, 65536)
    except OSError:
        return False
    seen += data
    return data != b""
for question, answer in answers:
    while question.encode() not in seen and time.time() < end and read():
        pass
    seen = b""
    time.sleep(0.2)
    os.write(fd, answer.encode() + b"\\r")
while time.time() < end and read():
    pass
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(status))
`;

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe.skipIf(!hasPython || process.platform === 'win32')('preflight init at a terminal', () => {
  it('asks for endpoints, anchors, the client certificate and the lifetime, and writes them down', async () => {
    const bench = new Bench({ directory: join(folder, 'bench'), now: Date.now() }, 'TLSv1.3');
    const server = await startTlsServer(bench.settings());
    const ca = await bench.rootFile();
    writeFileSync(join(folder, 'typist.py'), TYPIST);
    const answers = [
      ['endpoints', `127.0.0.1:${server.port}`],
      ['trust anchors', ca],
      ['client certificate', ''],
      ['lifetime', ''],
    ];
    const { spawn } = await import('node:child_process');
    // In CI nothing is asked, at a terminal neither.
    const { CI, ...env } = process.env;
    const child = spawn(
      'python3',
      ['typist.py', process.execPath, PROGRAM, 'preflight', 'init', '--out', 'asked.yaml', JSON.stringify(answers)],
      {
        cwd: folder,
        env,
      },
    );
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
    const status = await new Promise((resolve) => child.once('close', resolve));
    await server.close();
    expect(status, said).toBe(0);
    expect(said).toContain('wrote asked.yaml');
    expect(parse(readFileSync(join(folder, 'asked.yaml'), 'utf8'))).toMatchObject({
      defaults: { ca: [ca], expect: { remaining: '25%' } },
      targets: [{ endpoint: `127.0.0.1:${server.port}`, expect: { mtls: 'none', completeChain: true } }],
    });
  });
});
