import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IssueDocument } from '../../src/lib/ca/documents.js';
import { initAuthority } from '../../src/lib/operations/ca-init.js';
import { type IssueOptions, issue } from '../../src/lib/operations/issue.js';
import { programPath } from '../interop/peers.js';
import { installed, scratchFolder } from './openssl.js';

/*
 * What --print-config prints, pasted: every program is started with it as it stands (but for the port), answers a client with a certificate and
 * refuses one without. The folder has a name that breaks what is not quoted.
 */

const scratch = scratchFolder();
const folder = join(scratch.path, 'ca');
const odd = join(scratch.path, "it's an odd \\ folder");
beforeAll(() => {
  initAuthority({ folder, name: 'Test', keyType: 'p256', rootKey: { protection: 'none' }, now: Date.now() });
  fs.chmodSync(scratch.path, 0o755);
});
afterAll(scratch.remove);

function printed(target: IssueOptions['printConfig'], more: Partial<IssueOptions> = {}): { document: IssueDocument; text: string } {
  const document = issue({
    folder,
    names: ['localhost', '127.0.0.1'],
    profile: 'peer',
    keyType: 'p256',
    out: join(odd, String(target)),
    format: target === 'java' ? 'p12' : 'pem',
    force: true,
    now: Date.now(),
    printConfig: target,
    ...more,
  });
  return { document, text: document.config?.text as string };
}

const shell = (text: string, env: Record<string, string> = {}) =>
  spawnSync('sh', ['-c', text], { encoding: 'utf8', cwd: scratch.path, env: { ...process.env, ...env } });

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Runs a server until the work is done; it is there when its port takes connections. */
async function withServer(child: ChildProcess, port: number, work: () => void): Promise<void> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => (text += part.toString()));
  const listens = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
  try {
    const deadline = Date.now() + 90_000;
    while (!(await listens())) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`it does not listen: ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    work();
  } finally {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await gone;
  }
}

/** The printed curl command, with the certificate and without. */
function curl(port: number): { known: string; stranger: string } {
  const { text } = printed('curl');
  const command = `${text.trim().replace('8443', String(port))} -sS --noproxy '*' --max-time 20 2>&1`;
  expect(command).toMatch(/--cert \S.* --key \S.* https/);
  return { known: shell(command).stdout, stranger: shell(command.replace(/ --cert .* --key .* https/, ' https')).stdout };
}

function expectMutual(port: number): void {
  const { known, stranger } = curl(port);
  expect(known).toMatch(/hello .*localhost/);
  expect(stranger).not.toContain('hello');
}

const start = (file: string, args: string[], more: { cwd?: string; uid?: number } = {}): ChildProcess =>
  spawn(file, args, { cwd: scratch.path, stdio: ['ignore', 'pipe', 'pipe'], ...more });

const JAVA_SERVER = `import java.io.*;
import javax.net.ssl.*;

public class Server {
  public static void main(String[] args) throws Exception {
    SSLServerSocket server = (SSLServerSocket) SSLServerSocketFactory.getDefault().createServerSocket(Integer.parseInt(args[0]));
    server.setNeedClientAuth(true);
    while (true) {
      try (SSLSocket socket = (SSLSocket) server.accept()) {
        socket.startHandshake();
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) { }
        String text = "HTTP/1.0 200 OK\\r\\n\\r\\nhello " + socket.getSession().getPeerPrincipal() + "\\n";
        socket.getOutputStream().write(text.getBytes());
      } catch (IOException refused) { }
    }
  }
}
`;

describe.skipIf(!installed('curl', ['--version']))('printed configurations, as they stand', { timeout: 180_000 }, () => {
  it.skipIf(!installed('nginx', ['-v']))('nginx', async () => {
    const port = await freePort();
    const text = printed('nginx').text.replace('8443', String(port));
    const file = scratch.write(
      'nginx.conf',
      `pid ${scratch.path}/nginx.pid;\nerror_log stderr;\ndaemon off;\nevents {}\nhttp {\naccess_log off;\n${text}}\n`,
    );
    await withServer(start('nginx', ['-c', file]), port, () => expectMutual(port));
  });

  it.skipIf(!installed('haproxy', ['-v']))('haproxy', async () => {
    const port = await freePort();
    const text = printed('haproxy').text.replace('8443', String(port));
    const prepare = /^# (\(umask.*)$/m.exec(text)?.[1] as string;
    expect(shell(prepare)).toMatchObject({ status: 0 });
    await withServer(start('haproxy', ['-f', scratch.write('haproxy.cfg', text)]), port, () => expectMutual(port));
  });

  it.skipIf(!installed('go'))('Go', async () => {
    const port = await freePort();
    const source = scratch.write('server.go', printed('go').text.replace('8443', String(port)));
    const program = join(scratch.path, 'go-server');
    expect(spawnSync('go', ['build', '-o', program, source], { encoding: 'utf8', cwd: scratch.path })).toMatchObject({ status: 0 });
    expect(spawnSync('go', ['vet', source], { encoding: 'utf8', cwd: scratch.path }).stderr).toBe('');
    await withServer(start(program, []), port, () => expectMutual(port));
  });

  it('Node', async () => {
    const port = await freePort();
    const { text } = printed('node');
    const file = scratch.write('server.mjs', text.replace('.listen(8443)', `.listen(${port})`));
    await withServer(start(process.execPath, [file]), port, () => {
      expectMutual(port);
      const client = /^\/\/ client: (.*)$/m.exec(text)?.[1]?.replace('8443', String(port));
      const body = text.slice(0, text.indexOf('https\n'));
      expect(spawnSync(process.execPath, [scratch.write('client.mjs', `${body}${client}`)], { encoding: 'utf8' }).stdout).toBe(
        'hello localhost\n',
      );
    });
  });

  it.skipIf(!installed('python3', ['--version']))('Python, also while somebody holds a connection open without a handshake', async () => {
    const port = await freePort();
    const file = scratch.write('server.py', printed('python').text.replace('8443', String(port)));
    await withServer(start('python3', [file]), port, () => {
      const idle = connect(port, '127.0.0.1');
      expectMutual(port);
      idle.destroy();
    });
  });

  it.skipIf(!installed('java', ['-version']))('Java', async () => {
    const port = await freePort();
    fs.writeFileSync(join(scratch.path, 'Server.java'), JAVA_SERVER);
    const { text } = printed('java');
    expect(text, 'no passphrase on a command line').not.toMatch(/^java .*assphrase/m);
    const command = text.replace('java -jar app.jar', `exec java Server.java ${port}`);
    await withServer(start('sh', ['-c', command]), port, () => expectMutual(port));
  });

  it.skipIf(programPath('postgres') === undefined || programPath('initdb') === undefined)('PostgreSQL, with the printed psql', async () => {
    const port = await freePort();
    const { text, document } = printed('postgres');
    const owner = process.getuid?.() === 0 ? Number(execFileSync('id', ['-u', 'postgres']).toString()) : undefined;
    const as = owner === undefined ? {} : { uid: owner };
    const data = join(scratch.path, 'pg');
    fs.mkdirSync(data, { mode: 0o700 });
    if (owner !== undefined) fs.chownSync(data, owner, -1);
    execFileSync(programPath('initdb') as string, ['-D', data, '-A', 'trust', '--no-sync', '-U', 'postgres'], {
      ...as,
      stdio: 'pipe',
      cwd: '/',
    });
    const [settings, hba] = text.split(/^# pg_hba.*\n/m) as [string, string];
    const local = `port = ${port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '${data}'\nfsync = off\n`;
    fs.appendFileSync(join(data, 'postgresql.conf'), `${settings}\n${local}`);
    // Over the socket the user of the certificate is made.
    fs.writeFileSync(join(data, 'pg_hba.conf'), `local all all trust\n${hba}`);
    if (owner !== undefined) fs.chownSync(document.files.key as string, owner, -1);
    await withServer(start(programPath('postgres') as string, ['-D', data], { ...as, cwd: '/' }), port, () => {
      expect(shell(`psql -h '${data}' -p ${port} -U postgres -c 'create user localhost'`)).toMatchObject({ status: 0 });
      if (owner !== undefined) fs.chownSync(document.files.key as string, 0, -1);
      const psql = `${/^# (psql .*)$/m.exec(text)?.[1]} -Atc 'select current_user'`;
      expect(shell(psql, { PGPORT: String(port) })).toMatchObject({ stdout: 'localhost\n', stderr: '' });
      const stranger = shell(psql.replace(/ sslcert=.*$/, ` sslcert=none'`), { PGPORT: String(port) });
      expect(stranger.stderr).toMatch(/requires a valid client certificate|certificate/);
    });
  });
});

it('a certificate without a host is dialled with, not dialled', () => {
  for (const target of ['curl', 'python', 'node', 'postgres'] as const) {
    const { text } = printed(target, { names: ['alice@example.com'], profile: 'client' });
    expect(text).toContain('SERVER');
    expect(text).not.toMatch(/https:\/\/alice|host=alice|host: "alice/);
  }
  expect(printed('curl', { names: ['2001:db8::7'] }).text).toContain("'https://[2001:db8::7]:8443/'");
  expect(printed('curl', { names: ['*.example.com'] }).text).toContain('https://any.example.com:8443/');
});
