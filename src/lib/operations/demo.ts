/** The verb `demo`: broken servers on loopback, one after another; what an ordinary client says, what the diagnosis says, and whether the fix heals it. */
import { join } from 'node:path';
import { EXIT } from '../cause.js';
import { TlsmedicError } from '../errors.js';
import { temporaryFolder } from '../io/temporary-folder.js';
import type { Demo, DemoRow, OpenWorld, Worlds } from '../lab/demo-document.js';
import { callPlainly } from '../lab/plain-client.js';
import { allWorlds, worldNamed } from '../lab/registry.js';
import { argvOf, type LabVersion, type RunningWorld, type World } from '../lab/world.js';
import { diagnose } from './diagnose.js';
import { judgeDiagnosis, optionsForWorld } from './diagnose-world.js';

export interface DemoOptions {
  /** All worlds on all their TLS versions, not only one a lesson. */
  all?: boolean;
  /** How many at a time; 4. */
  concurrency?: number;
  /** Called in the order of the list, as soon as a world and all before it are done. */
  onRow?: (row: DemoRow) => void;
  signal?: AbortSignal;
}

/** Every world, in the contract's order. */
export function listWorlds(): Worlds {
  return {
    schema: 'tlsmedic/worlds@1',
    worlds: allWorlds.map((world) => ({
      name: world.name,
      title: world.title,
      expected: expectedText(world),
      versions: world.versions,
      stack: world.stack,
      demo: world.demo === true,
    })),
  };
}

/** Runs the demonstration. Never throws because a diagnosis was wrong: that is its result. */
export async function demo(options: DemoOptions = {}): Promise<Demo> {
  const started = performance.now();
  const visits = visitsOf(options.all === true);
  const folder = temporaryFolder('demo');
  const rows: (DemoRow | undefined)[] = visits.map(() => undefined);
  let next = 0;
  let shown = 0;
  const stopped = (): boolean => options.signal?.aborted === true;
  const work = async (): Promise<void> => {
    for (let at = next++; at < visits.length && !stopped(); at = next++) {
      const { world, version } = visits[at] as (typeof visits)[number];
      const row = await visit(world, version, join(folder.path, String(at)), options.signal);
      // What was cut short says nothing.
      if (stopped()) return;
      rows[at] = row;
      for (let ready = rows[shown]; ready !== undefined; ready = rows[shown]) {
        options.onRow?.(ready);
        shown += 1;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: options.concurrency ?? 4 }, work));
  } finally {
    folder.remove();
  }
  return summary(
    rows.filter((row) => row !== undefined),
    visits.length,
    (performance.now() - started) / 1000,
  );
}

/** How many visits a demonstration makes. */
export function plannedVisits(all: boolean): number {
  return visitsOf(all).length;
}

function visitsOf(all: boolean): { world: World; version: LabVersion }[] {
  return allWorlds
    .filter((world) => all || world.demo === true)
    .flatMap((world) => (all ? world.versions : [usualVersion(world)]).map((version) => ({ world, version })));
}

/** 0 only when every diagnosis was right and every fix healed. */
export function demoExitStatus({ ok }: Demo): number {
  return ok ? EXIT.healthy : EXIT.several;
}

function summary(worlds: DemoRow[], planned: number, seconds: number): Demo {
  const right = worlds.filter((row) => row.right).length;
  const broken = worlds.filter((row) => row.healed !== null);
  const healed = broken.filter((row) => row.healed === true).length;
  return {
    schema: 'tlsmedic/demo@1',
    ok: worlds.length === planned && right === planned && healed === broken.length,
    worlds,
    planned,
    right,
    healed,
    unnoticedByPlainClient: broken.filter((row) => row.plainClientContent).length,
    seconds: Math.round(seconds * 10) / 10,
  };
}

async function visit(world: World, version: LabVersion, directory: string, signal: AbortSignal | undefined): Promise<DemoRow> {
  const running = await world.start({ directory, now: Date.now() }, version);
  try {
    const plain = await callPlainly(running);
    const started = performance.now();
    const { document } = await diagnose({ ...optionsForWorld(running), ...(signal === undefined ? {} : { signal }) });
    const diagnosisMs = Math.round(performance.now() - started);
    const verdict = judgeDiagnosis(world.expected, document);
    const broken = world.expected.outcome === 'broken';
    return {
      world: world.name,
      title: world.title,
      tlsVersion: version,
      stack: world.stack,
      plainClient: plain.text,
      plainClientContent: plain.content,
      said: verdict.said,
      expected: verdict.wanted,
      right: verdict.right,
      faults: verdict.faults,
      causes: document.causes.map(({ class: kind, code, party, confidence, summary: text }) => ({
        class: kind,
        code,
        party,
        confidence,
        // The folder is gone when somebody reads this.
        summary: text.replaceAll(`${directory}/`, ''),
      })),
      fix: running.fix,
      healed: broken ? await heals(running, signal) : null,
      diagnosisMs,
    };
  } finally {
    await running.close();
  }
}

async function heals(running: RunningWorld, signal: AbortSignal | undefined): Promise<boolean> {
  await running.heal();
  const { document } = await diagnose({ ...optionsForWorld(running), ...(signal === undefined ? {} : { signal }) });
  return document.ok;
}

/** TLS 1.3 where the world has it. */
function usualVersion({ versions }: World): LabVersion {
  return versions.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2';
}

function expectedText({ expected }: World): string {
  return expected.outcome === 'healthy' ? 'healthy' : `${expected.class}/${expected.code}`;
}

/**
 * Starts one world and leaves it running until `close`. `mended` applies its fix first.
 * @throws TlsmedicError `unknown-world`
 */
export async function openWorld(
  name: string,
  mended: boolean,
  tlsVersion?: LabVersion,
): Promise<{ document: OpenWorld; close(): Promise<void> }> {
  // A code stands for the world that shows it: the table names codes.
  const world =
    worldNamed(name) ??
    allWorlds.find(({ demo: shown, expected }) => shown === true && expected.outcome === 'broken' && expected.code === name);
  if (world === undefined)
    throw new TlsmedicError('unknown-world', `no world is called "${name}"`, {
      kind: 'usage',
      next: [...near(name), 'all of them: tlsmedic demo --list'],
    });
  const version = tlsVersion !== undefined && world.versions.includes(tlsVersion) ? tlsVersion : usualVersion(world);
  const folder = temporaryFolder(world.name);
  const running = await world.start({ directory: folder.path, now: Date.now() }, version);
  if (mended) await running.heal();
  const plain = await callPlainly(running);
  const { flags } = running;
  return {
    document: {
      schema: 'tlsmedic/world@1',
      world: world.name,
      title: mended ? `${world.title} (mended)` : world.title,
      expected: mended ? 'healthy' : expectedText(world),
      target: running.target,
      endpoint: running.endpoint,
      tlsVersion: version,
      diagnoseArguments: [running.target, ...argvOf(flags)],
      files: { ca: flags.ca?.[0] ?? null, cert: flags.cert ?? null, key: flags.key ?? null },
      servername: flags.servername ?? null,
      starttls: flags.starttls ?? null,
      plainClient: plain.text,
      fix: running.fix,
    },
    close: async () => {
      await running.close();
      folder.remove();
    },
  };
}

function near(name: string): string[] {
  const similar = allWorlds.filter((world) => world.name.includes(name) || name.includes(world.name)).map((world) => world.name);
  return similar.length === 0 ? [] : [`similar: ${similar.slice(0, 6).join(', ')}`];
}
