import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IssueDocument } from '../../src/lib/ca/documents.js';
import { type TrustStorePlan, trustStorePlans } from '../../src/lib/ca/trust-stores.js';
import { hasProgram } from '../../src/lib/io/program.js';
import { trustEnvironment } from '../../src/lib/operations/ca-env.js';
import { initAuthority } from '../../src/lib/operations/ca-init.js';
import { trustAuthority } from '../../src/lib/operations/ca-trust.js';
import { type IssueOptions, issue } from '../../src/lib/operations/issue.js';
import { installed, scratchFolder } from './openssl.js';

const scratch = scratchFolder();
const folder = join(scratch.path, 'ca');
beforeAll(() => {
  initAuthority({ folder, name: 'Test', keyType: 'p256', rootKey: { protection: 'none' }, now: Date.now() });
});
afterAll(scratch.remove);

let count = 0;
function issueOne(more: Partial<IssueOptions>): IssueDocument {
  count++;
  return issue({
    folder,
    names: ['localhost', '127.0.0.1'],
    profile: 'peer',
    keyType: 'p256',
    out: join(scratch.path, `out-${count}`),
    format: 'pem',
    force: false,
    now: Date.now(),
    ...more,
  });
}
const run = (file: string, args: string[]) => {
  const done = spawnSync(file, args, { encoding: 'utf8', cwd: scratch.path });
  return { status: done.status, text: `${done.stdout}${done.stderr}` };
};

describe('no-san', () => {
  const files = () => issueOne({ names: ['api.internal'], profile: 'server', fault: 'no-san' }).files;
  it.skipIf(!installed('go'))('is refused by Go for relying on the common name', () => {
    const { certificate, bundle } = files();
    const program = scratch.write('verify.go', GO_VERIFY);
    expect(run('go', ['run', program, certificate as string, bundle]).text).toMatch(/relies on legacy Common Name/);
  });
});

const GO_VERIFY = `package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
)

func main() {
	chain, _ := os.ReadFile(os.Args[1])
	roots, _ := os.ReadFile(os.Args[2])
	pool, above := x509.NewCertPool(), x509.NewCertPool()
	pool.AppendCertsFromPEM(roots)
	above.AppendCertsFromPEM(chain)
	block, _ := pem.Decode(chain)
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err == nil {
		_, err = leaf.Verify(x509.VerifyOptions{DNSName: "api.internal", Roots: pool, Intermediates: above})
	}
	fmt.Println(err)
}
`;

describe('ca env', () => {
  it.skipIf(!installed('javac', ['-version']))('gives Java a trust store that it reads', () => {
    const { variables } = trustEnvironment({ folder, only: true, env: {} });
    const store = /trustStore=(\S+\.p12)/.exec(variables.find(({ name }) => name === 'JAVA_TOOL_OPTIONS')?.value ?? '')?.[1] as string;
    expect(run('keytool', ['-list', '-keystore', store, '-storepass', 'changeit']).text).toMatch(/1 entry/);
  });
});

/** Plans of this machine, turned to stores of the test's own: nothing of the machine is changed. */
function plansHere(): TrustStorePlan[] {
  const [local, bundles, store] = ['local', 'bundles', 'cacerts'].map((name) => join(scratch.path, name)) as [string, string, string];
  for (const path of [local, bundles]) fs.mkdirSync(path, { recursive: true });
  const turned = (command: string[]) =>
    command.flatMap((word) => {
      if (word === '-cacerts') return ['-keystore', store];
      if (word === 'update-ca-certificates') return [word, '--localcertsdir', local, '--etccertsdir', bundles];
      return [word.replace('/usr/local/share/ca-certificates', local)];
    });
  return trustStorePlans({ home: scratch.path, hasProgram, exists: fs.existsSync, list: () => [] })
    .filter((plan) => plan.absent === undefined && (plan.id === 'debian' || plan.id === 'java'))
    .map((plan) => ({
      ...plan,
      needsRoot: false,
      install: (roots) => plan.install(roots).map(turned),
      uninstall: (roots) => plan.uninstall(roots).map(turned),
      check:
        'bundle' in plan.check
          ? { bundle: join(bundles, 'ca-certificates.crt') }
          : { command: (root) => turned((plan.check as { command(r: typeof root): string[] }).command(root)) },
    }));
}

it('ca trust installs, checks and uninstalls with the real programs, on stores of its own', async () => {
  const plans = plansHere();
  const statuses = async (action: 'install' | 'uninstall' | 'check', dryRun = false) =>
    (await trustAuthority({ folder, action, dryRun, plans })).stores.map(
      (store) => `${store.status}${store.status === 'failed' ? `: ${store.detail}` : ''}`,
    );
  const all = (status: string) => plans.map(() => status);
  expect(await statuses('check')).toEqual(all('not-trusted'));
  expect(await statuses('install', true)).toEqual(all('would-run'));
  expect(await statuses('check')).toEqual(all('not-trusted'));
  expect(await statuses('install')).toEqual(all('installed'));
  expect(await statuses('check')).toEqual(all('trusted'));
  expect(await statuses('install')).toEqual(all('unchanged'));
  expect(await statuses('uninstall')).toEqual(all('removed'));
  expect(await statuses('check')).toEqual(all('not-trusted'));
});
