import * as fs from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { CaTrustDocument } from '../ca/documents.js';
import { readCertificate, readDocument } from '../ca/store.js';
import { type RootToTrust, type TrustStorePlan, trustStorePlans } from '../ca/trust-stores.js';
import { readFileIfThere } from '../io/files.js';
import { hasProgram, runProgram } from '../io/program.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { certificatesFromPem } from '../x509/pem.js';

export interface CaTrustRequest {
  folder: string;
  action: CaTrustDocument['action'];
  dryRun: boolean;
  /** For the tests; the machine's own otherwise. */
  plans?: readonly TrustStorePlan[];
}

type StoreReport = CaTrustDocument['stores'][number];
const PATIENCE_MS = 120_000;

/** Puts the authority's roots into the stores of this machine, takes them out, or looks whether they are there. Needs no network. */
export async function trustAuthority(request: CaTrustRequest): Promise<CaTrustDocument> {
  const { folder, action, dryRun } = request;
  const document = readDocument(folder);
  const roots: RootToTrust[] = [...document.generations].reverse().map((generation) => {
    readCertificate(folder, generation.root);
    return {
      file: join(folder, generation.root.certificate),
      fingerprint: generation.root.fingerprint,
      commonName: generation.root.commonName,
    };
  });
  const plans =
    request.plans ??
    trustStorePlans({
      home: homedir(),
      hasProgram,
      exists: fs.existsSync,
      list: (path) => (fs.existsSync(path) ? fs.readdirSync(path) : []),
    });
  const stores: StoreReport[] = [];
  // One after another: they may ask for a password.
  for (const plan of plans) stores.push(await report(plan, roots, action, dryRun));
  const [newest] = roots as [RootToTrust];
  return {
    schema: 'tlsmedic/ca-trust@1',
    action,
    dryRun,
    root: { commonName: newest.commonName, fingerprint: newest.fingerprint },
    stores,
  };
}

async function report(
  plan: TrustStorePlan,
  roots: readonly RootToTrust[],
  action: CaTrustDocument['action'],
  dryRun: boolean,
): Promise<StoreReport> {
  const base = { id: plan.id, title: plan.title, commands: [] as string[] };
  if (plan.absent !== undefined) return { ...base, status: 'absent', detail: plan.absent };
  const known: boolean[] = [];
  for (const root of roots) known.push(await knows(plan, root));
  if (action === 'check') {
    return known.every(Boolean)
      ? { ...base, status: 'trusted', detail: 'trusts it' }
      : {
          ...base,
          status: 'not-trusted',
          detail: known.some(Boolean) ? 'trusts an older root of this authority only' : 'does not know it',
        };
  }
  const wanted = roots.filter((_, i) => known[i] === (action === 'uninstall'));
  if (wanted.length === 0) return { ...base, status: 'unchanged', detail: action === 'install' ? 'trusts it already' : 'does not know it' };
  const commands = (action === 'install' ? plan.install(wanted) : plan.uninstall(wanted)).map((command) => asRoot(command, plan.needsRoot));
  const lines = commands.map((command) => command.map(shellWord).join(' '));
  if (dryRun) return { ...base, status: 'would-run', detail: `would run ${commands.length === 1 ? 'this' : 'these'}:`, commands: lines };
  for (const [i, command] of commands.entries()) {
    const [file = '', ...args] = command;
    const run = await runProgram(file, args, PATIENCE_MS);
    if (run.status === 'completed' && run.value.exitCode === 0) continue;
    const why = run.status === 'not-run' ? run.why : run.status === 'failed' ? run.failure.message : run.value.stderr.trim();
    return { ...base, status: 'failed', detail: `${why.split('\n')[0]}; run by hand:`, commands: lines.slice(i) };
  }
  return {
    ...base,
    status: action === 'install' ? 'installed' : 'removed',
    detail: action === 'install' ? 'trusts it now' : 'forgot it',
    commands: lines,
  };
}

async function knows(plan: TrustStorePlan, root: RootToTrust): Promise<boolean> {
  if ('bundle' in plan.check) {
    const bundle = readFileIfThere(plan.check.bundle);
    return (
      bundle !== undefined &&
      certificatesFromPem(Buffer.from(bundle).toString('latin1')).some((der) => parseCertificate(der).fingerprint === root.fingerprint)
    );
  }
  const [file = '', ...args] = plan.check.command(root);
  const run = await runProgram(file, args, PATIENCE_MS);
  return run.status === 'completed' && run.value.exitCode === 0;
}

function asRoot(command: string[], needsRoot: boolean): string[] {
  return needsRoot && userInfo().uid !== 0 && hasProgram('sudo') ? ['sudo', ...command] : command;
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
