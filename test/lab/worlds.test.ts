import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ALL_CODES, classOf } from '../../src/lib/cause.js';
import { callPlainly, type PlainVerdict } from '../../src/lib/lab/plain-client.js';
import { allWorlds } from '../../src/lib/lab/registry.js';
import type { LabVersion, RunningWorld, World } from '../../src/lib/lab/world.js';

const directory = mkdtempSync(join(tmpdir(), 'tlsmedic-worlds-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function inWorld<T>(world: World, version: LabVersion, look: (running: RunningWorld) => Promise<T>): Promise<T> {
  const running = await world.start({ directory: join(directory, `${world.name}-${version}`), now: Date.now() }, version);
  try {
    return await look(running);
  } finally {
    await running.close();
  }
}

const broken = allWorlds.filter((world) => world.expected.outcome === 'broken');
const runs = (worlds: readonly World[]): [string, World, LabVersion][] =>
  worlds.flatMap((world) => world.versions.map((version): [string, World, LabVersion] => [`${world.name} ${version}`, world, version]));

describe('the registry of worlds', () => {
  it('has a name once', () => {
    const names = allWorlds.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
  });

  it('has a world for every code of the contract', () => {
    const covered = new Set(broken.map(({ expected }) => (expected.outcome === 'broken' ? expected.code : '')));
    // A responder that does not answer is a warning, so the code has its worlds among the healthy ones as well.
    expect(ALL_CODES.filter((code) => !covered.has(code))).toEqual([]);
  });

  it('says the class that the code has', () => {
    for (const { expected } of broken) if (expected.outcome === 'broken') expect(expected.class).toBe(classOf(expected.code));
  });

  it('has at least twenty healthy worlds, so that a false alarm shows', () => {
    expect(allWorlds.length - broken.length).toBeGreaterThanOrEqual(20);
  });

  it('has each refusal of a client in at least three manners and both versions', () => {
    for (const code of ['client-cert-required', 'client-cert-expired', 'client-cert-unknown-ca', 'client-cert-wrong-purpose'] as const) {
      const worlds = broken.filter(({ expected }) => expected.outcome === 'broken' && expected.code === code);
      expect(new Set(worlds.map(({ stack }) => stack)).size, code).toBeGreaterThanOrEqual(3);
      // What one server does in one version only comes on top.
      const complete = worlds.filter(({ versions }) => versions.length === 2);
      expect(new Set(complete.map(({ stack }) => stack)).size, code).toBeGreaterThanOrEqual(3);
    }
  });

  it('has a lesson of every class for the demonstration', () => {
    const shown = new Set(
      broken.filter(({ demo }) => demo === true).map(({ expected }) => (expected.outcome === 'broken' ? expected.class : '')),
    );
    expect(shown).toEqual(new Set(broken.map(({ expected }) => (expected.outcome === 'broken' ? expected.class : ''))));
  });
});

/** Alerts of the originals, as measured on them: [TLS 1.2, TLS 1.3]. */
const MEASURED: Record<string, Record<string, [number, number]>> = {
  'client-cert-required': {
    openssl: [40, 116],
    go: [42, 42],
    gnutls: [50, 116],
    jsse: [40, 116],
    nss: [42, 116],
    nginx: [0, 0],
    mute: [0, 0],
  },
  'client-cert-expired': { openssl: [45, 45], go: [42, 42], gnutls: [49, 49], jsse: [46, 46], nginx: [0, 0], mute: [0, 0] },
  'client-cert-unknown-ca': {
    openssl: [48, 48],
    go: [42, 42],
    gnutls: [49, 49],
    jsse: [46, 46],
    nss: [48, 48],
    nginx: [0, 0],
    mute: [0, 0],
  },
  'client-cert-wrong-purpose': { openssl: [43, 43], go: [42, 42], jsse: [46, 46], nss: [46, 46], nginx: [0, 0] },
};

describe('imitated stacks', () => {
  for (const [code, stacks] of Object.entries(MEASURED)) {
    for (const [stack, alerts] of Object.entries(stacks)) {
      it.each(['TLSv1.2', 'TLSv1.3'] as const)(`${stack} says ${code} as the original does, %s`, async (version) => {
        const world = allWorlds.find((one) => one.stack === stack && (one.name === code || one.name === `${code}-${stack}`)) as World;
        const verdict = await inWorld(world, version, (running) => callPlainly(running));
        expect(verdict.alert).toBe(alerts[version === 'TLSv1.2' ? 0 : 1]);
        if (stack === 'nginx') expect(verdict.text).toBe('connected, HTTP 400');
        else expect(verdict.content).toBe(false);
      });
    }
  }
});

/**
 * Worlds that a plain node client cannot call at all (another protocol first), judges by other names than the world does, or leaves too early
 * (refused at login only, or hung up on at the HTTP request).
 */
const NOT_FOR_PLAIN = /der-bundle|starttls|spiffe|trust-domain|not-tls-proxy|dovecot|hangs-up-on-http|client-auth-optional-redis/;
/** Healthy TLS below an application that answers with an error. */
const HTTP_ERROR = /^healthy-(not-found|bad-request|bad-gateway)$/;
/** Nothing ever comes: the patience decides how long the test takes. */
const WAITS_FOR_EVER = /^timeout|redis/;
const SAYS_NOTHING = /mute-application|h2-only/;
const patienceOf = (name: string): number => (WAITS_FOR_EVER.test(name) ? 400 : SAYS_NOTHING.test(name) ? 2500 : 8000);
/** Broken, and yet a plain client is content: the reason why a diagnosis has to look further. */
const SILENT: ReadonlySet<string> = new Set([
  'revoked-by-distribution-point',
  'no-san',
  'weak-key',
  'revoked',
  'revoked-by-staple',
  'revoked-by-responder',
  'revoked-intermediate',
  'revocation-unavailable-stale-crl',
  'revocation-unavailable-must-staple',
  'stale-served-certificate',
  'inconsistent-backends',
  'inconsistent-backends-untrusted',
  'client-auth-not-enforced',
  'client-auth-optional-openssl',
  'client-auth-optional-nginx',
  'client-auth-any-certificate',
]);

describe('every world', () => {
  it.concurrent.each(runs(allWorlds.filter(({ name }) => !NOT_FOR_PLAIN.test(name))))(
    '%s is as broken as it says, and heals',
    async (_name, world, version) => {
      const [before, after] = await inWorld(world, version, async (running): Promise<[PlainVerdict, PlainVerdict]> => {
        const first = await callPlainly(running, patienceOf(world.name));
        await running.heal();
        return [first, await callPlainly(running, SAYS_NOTHING.test(world.name) ? 2500 : 8000)];
      });
      // From OpenSSL 3.2 on (Node 22 and later) level 2 is the default: a plain client refuses short keys there.
      if (world.name.startsWith('weak-key') && !before.content) expect(before.text).toContain('key too weak');
      const fine =
        (world.expected.outcome === 'healthy' && world.stack !== 'forbidding' && !HTTP_ERROR.test(world.name)) || SILENT.has(world.name);
      if (world.name !== 'healthy-intermediate-given' && !HTTP_ERROR.test(world.name)) {
        if (!world.name.startsWith('weak-key')) expect(before.content, before.text).toBe(fine);
        expect(after.content, after.text).toBe(true);
      }
    },
  );
});
