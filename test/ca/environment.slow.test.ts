import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../cli/run-program.js';
import { scratchFolder } from './openssl.js';

/* `eval "$(tlsmedic ca env)"` in a shell with nothing else set: each program refuses the server before it and takes it after it. */

const scratch = scratchFolder();
const at = (...names: string[]): string => join(scratch.path, ...names);
let lines = '';
let port = 0;
const server = createServer((request, response) => response.writeHead(request.url?.includes('.git') ? 404 : 200).end('hello'));
beforeAll(async () => {
  const options = { cwd: scratch.path };
  expect(runProgram(['ca', 'init', '--yes', '--unencrypted-root-key', '--ca-dir', "it's a ca"], options).status).toBe(0);
  expect(runProgram(['issue', 'localhost', '--server', '--ca-dir', "it's a ca", '--out', 'tls'], options).status).toBe(0);
  lines = runProgram(['ca', 'env', '--ca-dir', "it's a ca"], options).stdout;
  server.setSecureContext({ cert: fs.readFileSync(at('tls/localhost.crt')), key: fs.readFileSync(at('tls/localhost.key')) });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  ({ port } = server.address() as AddressInfo);
  scratch.write(
    'Get.java',
    'import java.net.*; public class Get { public static void main(String[] a) throws Exception { System.out.print(new String(new URL(a[0]).openConnection(Proxy.NO_PROXY).getInputStream().readAllBytes())); } }',
  );
  scratch.write(
    'get.go',
    'package main\nimport ("fmt"; "io"; "net/http"; "os")\nfunc main() { r, err := http.Get(os.Args[1]); if err != nil { fmt.Println(err); return }; b, _ := io.ReadAll(r.Body); fmt.Print(string(b)) }\n',
  );
  // With the usual cache: a clean home folder would have all of Go's library compiled anew.
  spawnSync('go', ['build', '-o', at('get'), at('get.go')], { stdio: 'ignore' });
}, 120_000);
afterAll(() => {
  server.close();
  scratch.remove();
});

/** Whether a line can be run at all here: the program, or the library that it loads, may not be installed. */
const runs = (line: string): boolean => spawnSync('sh', ['-c', line], { stdio: 'ignore' }).status === 0;

async function inCleanShell(line: string): Promise<string> {
  const { spawn } = await import('node:child_process');
  const { PATH = '' } = process.env;
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', line], { cwd: scratch.path, env: { PATH, HOME: scratch.path, no_proxy: '*' } });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()));
    child.on('close', () => resolve(text));
  });
}

describe('ca env', { timeout: 120_000 }, () => {
  it.each([
    ['Node', 'node -v', `node -e 'fetch("URL").then((r) => r.text()).then(console.log, (e) => console.log(String(e.cause)))'`, /hello/],
    ['curl', 'curl --version', 'curl -sS URL', /hello/],
    ['Python requests', 'python3 -c "import requests"', `python3 -c 'import requests; print(requests.get("URL").text)'`, /hello/],
    ['Python httpx', 'python3 -c "import httpx"', `python3 -c 'import httpx; print(httpx.get("URL").text)'`, /hello/],
    ['Python urllib', 'python3 -V', `python3 -c 'from urllib.request import urlopen; print(urlopen("URL").read())'`, /hello/],
    ['Go', 'test -x GO', 'GO URL', /hello/],
    ['git', 'git --version', 'git ls-remote URL/x.git', /not valid: is this a git repository|not found/],
    ['Java', 'java -version && javac -version', 'java Get.java URL', /hello/],
    [
      'openssl',
      'openssl version',
      'openssl s_client -connect localhost:PORT -verify_return_error </dev/null',
      /Verif\w+(?: return code: 0|: OK)/,
    ],
  ])('%s', async (_, probe, command, answer) => {
    if (!runs(probe.replace('GO', at('get')))) return void process.stderr.write(`skipped: ${probe}\n`);
    const line = command.replaceAll('URL', `https://localhost:${port}`).replace('PORT', String(port)).replace('GO', at('get'));
    expect(await inCleanShell(line)).not.toMatch(answer);
    expect(await inCleanShell(`eval "$LINES_OF_CA_ENV"; ${line}`.replace('"$LINES_OF_CA_ENV"', `"$(cat <<'END'\n${lines}END\n)"`))).toMatch(
      answer,
    );
  });
});
