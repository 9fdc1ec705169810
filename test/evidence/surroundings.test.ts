import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import type { CauseCode } from '../../src/lib/cause.js';
import { causeOf } from '../../src/lib/diagnose/cause-of.js';
import { METAS } from '../../src/lib/diagnose/registry.js';
import { readSurroundings, type Surroundings } from '../../src/lib/evidence/surroundings.js';
import type { Observation } from '../../src/lib/observe/observation.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';
import { certificatesFromPem } from '../../src/lib/x509/pem.js';

const authority = createAuthority({ name: 'Surroundings' });
const other = createAuthority({ name: 'Surroundings' });

function observationOf(changes: Partial<Observation> = {}, host = 'ledger.internal'): Observation {
  return {
    schema: 'tlsmedic/observation@1',
    by: { tlsmedic: '0', node: '0', openssl: '0' },
    at: '2026-11-22T00:00:00Z',
    target: {
      input: `${host}:443`,
      host,
      port: 443,
      hostname: host,
      servername: host,
      resolution: { status: 'not-run', why: 'a test' },
    },
    given: { trust: { store: 'x', kind: 'file', files: [] }, otherTrust: [], intermediates: [], crls: [], expectMtls: false, limits: {} },
    environment: {},
    handshakes: [],
    clocks: [],
    plaintext: [],
    fetched: [],
    ...changes,
  };
}

function leafOf(names: string[], profile: 'server' | 'peer' | 'client', from = authority) {
  const [der] = certificatesFromPem(issueCertificate(from, { names, profile }).certPem);
  return parseCertificate(der as Uint8Array);
}

const own = { label: 'own authority', certificates: [authority.root.der, authority.intermediate.der] };

describe('surroundings', () => {
  it('tell the own authority from one that only has its name', () => {
    const mine = leafOf(['ledger.internal'], 'server');
    const theirs = leafOf(['ledger.internal'], 'server', other);
    const at = (leaf: typeof mine) => readSurroundings(observationOf({ ownAuthority: own }), { leaf, chain: [] }, undefined).serverOrigin;
    expect(at(mine)).toBe('own-authority');
    expect(at(theirs)).toBe('unknown');
    expect(readSurroundings(observationOf(), { leaf: mine, chain: [] }, undefined).serverOrigin).toBe('unknown');
  });
  it('keep every name of a certificate that is to be replaced, and what it is for', () => {
    const leaf = leafOf(['api', 'ledger.internal', '10.0.0.1', '::1', '*.ledger.internal'], 'peer');
    const { serverNames, serverProfile } = readSurroundings(observationOf(), { leaf, chain: [] }, undefined);
    expect(serverNames).toEqual(['api', 'ledger.internal', '10.0.0.1', '::1', '*.ledger.internal']);
    expect(serverProfile).toBe('peer');
    const missing = readSurroundings(observationOf({}, 'new.internal'), { leaf, chain: [] }, undefined);
    expect(missing.serverNames[0]).toBe('new.internal');
  });
  it('take no word from a certificate that could be a flag or a command', () => {
    const leaf = { ...leafOf(['ok.internal'], 'server') };
    Object.defineProperty(leaf, 'subjectAltName', {
      value: ['--force', '$(reboot)', '`id`', 'a b', 'fine.internal', "x';id"].map((value) => ({
        kind: 'dns',
        value,
        raw: new Uint8Array(),
      })),
    });
    expect(readSurroundings(observationOf(), { leaf, chain: [] }, undefined).serverNames).toEqual(['ledger.internal', 'fine.internal']);
  });
  it.each([
    ['ledger.payments.svc', {}, 'yes'],
    ['ledger.payments.svc.cluster.local', {}, 'yes'],
    ['localhost', {}, 'no'],
    ['127.0.0.1', {}, 'no'],
    ['ledger.internal', {}, 'unknown'],
    ['ledger.internal', { insideKubernetes: true }, 'yes'],
  ] as const)('%s %j: Kubernetes %s', (host, seen, expected) => {
    expect(readSurroundings(observationOf(seen, host), undefined, undefined).kubernetes).toBe(expected);
  });
});

describe('fixes that fit', () => {
  const nowhere: Surroundings = {
    serverOrigin: 'unknown',
    clientOrigin: 'unknown',
    software: 'unknown',
    kubernetes: 'unknown',
    serverNames: ['ledger.internal'],
    serverProfile: 'server',
    clientNames: [],
  };
  const commandsOf = (code: CauseCode, surroundings: Surroundings) =>
    causeOf(code, { summary: 'x', surroundings }).fixes.flatMap(({ command }) => command ?? []);

  it('are those of the authority that issued, of the server that answers, and of the place it runs in', () => {
    const ours = commandsOf('expired', { ...nowhere, serverOrigin: 'own-authority', software: 'apache', kubernetes: 'no' });
    expect(ours.some((command) => command.startsWith('tlsmedic issue'))).toBe(true);
    expect(ours.some((command) => command.startsWith('apachectl'))).toBe(true);
    expect(ours.filter((command) => /^(step|cmctl|kubectl|nginx|certbot)/.test(command))).toEqual([]);
    const theirs = commandsOf('expired', { ...nowhere, serverOrigin: 'step-ca', kubernetes: 'yes' });
    expect(theirs.some((command) => command.startsWith('step ca renew'))).toBe(true);
    expect(theirs.some((command) => command.startsWith('cmctl'))).toBe(true);
    expect(theirs.filter((command) => /^(tlsmedic issue|certbot)/.test(command))).toEqual([]);
  });
  const everywhere = (['own-authority', 'step-ca', 'public-authority', 'unknown'] as const).flatMap((origin) =>
    (['nginx', 'apache', 'haproxy', 'other', 'unknown'] as const).flatMap((software) =>
      (['yes', 'no'] as const).map((kubernetes) => ({ ...nowhere, serverOrigin: origin, clientOrigin: origin, software, kubernetes })),
    ),
  );
  it.each(METAS.map(({ code }) => code))('%s: something is left to do everywhere', (code) => {
    for (const surroundings of everywhere)
      expect(causeOf(code, { summary: 'x', surroundings }).fixes.length, JSON.stringify(surroundings)).toBeGreaterThan(0);
  });
});
