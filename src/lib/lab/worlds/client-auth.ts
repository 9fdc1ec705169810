import { createCrl } from '../../ca/crl.js';
import type { IssueOverrides, IssueRequest } from '../../ca/issue.js';
import { generateKeyPair } from '../../ca/key-pair.js';
import type { Bench } from '../bench.js';
import { DAY, HOUR, runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import { mutualTls } from '../mutual-tls.js';
import { certificatesIn } from '../pem-list.js';
import type { RefusalStyleName } from '../servers/refusal.js';
import type { ClientAuthentication } from '../servers/tls-server.js';
import type { Expectation, RunningWorld, World } from '../world.js';

const ISSUE_CLIENT = 'tlsmedic issue gateway.payments.svc --client --out ./tls   # then --cert tls/gateway.crt --key tls/gateway.key';

/** A client certificate that a server may object to, and how. */
interface ClientCase {
  name: string;
  title: string;
  expected: Expectation;
  stacks: readonly RefusalStyleName[];
  given?: (bench: Bench) => { request?: IssueRequest; overrides?: IssueOverrides; foreign?: boolean };
  server?: (bench: Bench) => Partial<ClientAuthentication>;
  fix?: string;
}

const MAIN: readonly RefusalStyleName[] = ['openssl', 'go', 'nginx', 'gnutls', 'jsse'];

const CASES: readonly ClientCase[] = [
  {
    name: 'client-cert-required',
    title: 'the server wants a client certificate and none is given',
    expected: broken('client-cert-required', 'client'),
    stacks: [...MAIN, 'nss', 'mute'],
  },
  {
    name: 'client-cert-expired',
    title: 'our client certificate ran out yesterday',
    expected: broken('client-cert-expired', 'client'),
    stacks: [...MAIN, 'mute'],
    given: (bench) => ({ request: { notBefore: bench.now - 10 * DAY, notAfter: bench.now - DAY } }),
  },
  {
    name: 'client-cert-unknown-ca',
    title: 'our client certificate comes from an authority that the server does not know',
    expected: broken('client-cert-unknown-ca', 'client'),
    stacks: [...MAIN, 'nss', 'mute'],
    given: () => ({ foreign: true }),
  },
  {
    name: 'client-cert-unknown-ca-unnamed',
    title: 'the same, and the server names no authority it would accept',
    expected: broken('client-cert-unknown-ca', 'client'),
    stacks: ['openssl', 'go', 'nginx'],
    given: () => ({ foreign: true }),
    server: () => ({ named: [] }),
  },
  {
    name: 'client-cert-wrong-purpose',
    title: 'our certificate is for servers only: no clientAuth',
    expected: broken('client-cert-wrong-purpose', 'client'),
    // GnuTLS takes such a certificate, so it is not imitated here.
    stacks: ['openssl', 'go', 'nginx', 'jsse', 'nss'],
    given: () => ({ request: { profile: 'server' } }),
  },
  {
    name: 'client-cert-rejected',
    title: 'our client certificate is in order, but the server wants another one',
    expected: broken('client-cert-rejected', 'client'),
    stacks: ['openssl', 'go', 'mute'],
    server: () => ({ pinned: ['00'.repeat(32)] }),
    fix: 'add the identity of gateway.payments.svc to what the server allows',
  },
];

function clientWorld(one: ClientCase, stack: RefusalStyleName): World {
  return defineWorld({
    name: stack === 'openssl' ? one.name : `${one.name}-${stack}`,
    title: one.title,
    expected: one.expected,
    stack,
    ...(stack === 'openssl' && one.name !== 'client-cert-unknown-ca-unnamed' ? { demo: true } : {}),
    start: (bench) => startClientWorld(bench, one, stack),
  });
}

async function startClientWorld(bench: Bench, one: ClientCase, stack: RefusalStyleName): Promise<RunningWorld> {
  const given = one.given?.(bench);
  const authority = given?.foreign === true ? bench.newAuthority({ name: 'Partner' }) : bench.authority;
  const good = await bench.client();
  const bad =
    one.name === 'client-cert-required'
      ? undefined
      : bench.issue({ names: ['gateway.payments.svc'], profile: 'client', ...given?.request }, given?.overrides, authority);
  const clientAuth = mutualTls(bench, stack, one.server?.(bench) ?? {});
  const pair = bad === undefined ? {} : await bench.pair('given', bad.chainPem, bad.keyPem ?? '');
  return runTlsWorld({
    settings: bench.settings({ clientAuth }),
    flags: { ca: [await bench.rootFile()], ...pair },
    fix: one.fix ?? ISSUE_CLIENT,
    healed: { clientAuth: { ...clientAuth, pinned: undefined } as ClientAuthentication },
    healedFlags: { cert: good.cert, key: good.key },
  });
}

export const clientAuthWorlds: readonly World[] = [
  ...CASES.flatMap((one) => one.stacks.map((stack) => clientWorld(one, stack))),
  defineWorld({
    name: 'client-cert-required-slow',
    title: 'the server wants a client certificate and says so only after most of a second',
    expected: broken('client-cert-required', 'client'),
    stack: 'jsse',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'jsse', { slowMs: 700 }) }),
        flags: { ca: [await bench.rootFile()] },
        fix: ISSUE_CLIENT,
        healedFlags: { cert, key },
      });
    },
  }),
  ...(['openssl', 'go', 'nginx'] as const).map((stack) =>
    defineWorld({
      name: `client-chain-incomplete-${stack}`,
      title: 'our client certificate is sent without its intermediate',
      expected: broken('client-cert-unknown-ca', 'client', { accept: ['missing-intermediate'] }),
      stack,
      start: async (bench) => {
        const issued = bench.issue({ names: ['gateway.payments.svc'], profile: 'client' });
        const alone = await bench.pair('given', issued.certPem, issued.keyPem ?? '');
        const whole = await bench.pair('chain', issued.chainPem, issued.keyPem ?? '');
        return runTlsWorld({
          settings: bench.settings({ clientAuth: mutualTls(bench, stack) }),
          flags: { ca: [await bench.rootFile()], ...alone },
          fix: 'cat gateway.crt intermediate.crt > gateway-chain.crt   # then --cert gateway-chain.crt',
          healedFlags: whole,
        });
      },
    }),
  ),
  ...(['openssl', 'nginx'] as const).map((stack) =>
    defineWorld({
      name: `client-key-mismatch-${stack}`,
      title: 'the key given does not belong to the client certificate',
      expected: broken('client-key-mismatch', 'client', { accept: ['key-mismatch'] }),
      stack,
      start: async (bench) => {
        const good = await bench.client();
        const otherKey = await bench.file('other.key', generateKeyPair('p256').pem);
        return runTlsWorld({
          settings: bench.settings({ clientAuth: mutualTls(bench, stack) }),
          flags: { ca: [await bench.rootFile()], cert: good.cert, key: otherKey },
          fix: '--key client.key   # the one made together with the certificate',
          healedFlags: { key: good.key },
        });
      },
    }),
  ),
  defineWorld({
    name: 'client-key-mismatch-other-type',
    title: 'an RSA key is given with an ECDSA certificate: node sends none and says nothing',
    expected: broken('client-key-mismatch', 'client', { accept: ['key-mismatch'] }),
    stack: 'openssl',
    start: async (bench) => {
      const good = await bench.client();
      const otherKey = await bench.file('other.key', generateKeyPair('rsa-2048').pem);
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'openssl') }),
        flags: { ca: [await bench.rootFile()], cert: good.cert, key: otherKey },
        fix: '--key client.key   # the one made together with the certificate',
        healedFlags: { key: good.key },
      });
    },
  }),
  ...(['openssl', 'nginx', 'jsse'] as const).map((stack) =>
    defineWorld({
      name: `client-revoked-${stack}`,
      title: 'our client certificate was revoked',
      expected: broken('revoked', 'client'),
      stack,
      start: async (bench) => {
        const bad = bench.issue({ names: ['gateway.payments.svc'], profile: 'client' });
        const pair = await bench.pair('given', bad.chainPem, bad.keyPem ?? '');
        const good = await bench.client();
        const crl = createCrl({
          issuer: bench.authority.intermediate,
          thisUpdate: bench.now - HOUR,
          nextUpdate: bench.now + DAY,
          number: 7,
          revoked: [{ serial: bad.serial, at: bench.now - 2 * HOUR, reason: 'superseded' }],
        });
        return runTlsWorld({
          settings: bench.settings({ clientAuth: mutualTls(bench, stack, { revoked: [bad.serial] }) }),
          flags: { ca: [await bench.rootFile()], ...pair, crl: [await bench.file('ca.crl', crl.pem)] },
          fix: ISSUE_CLIENT,
          healedFlags: { cert: good.cert, key: good.key },
        });
      },
    }),
  ),
  defineWorld({
    name: 'healthy-forbidden-above-tls',
    title: 'nothing stands in the way of TLS: the 403 is authorization',
    expected: { outcome: 'healthy' },
    stack: 'forbidding',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'forbidding', { pinned: ['00'.repeat(32)] }) }),
        flags: { ca: [await bench.rootFile()], cert, key },
        fix: 'add the identity of gateway.payments.svc to what the server allows',
        healed: { clientAuth: mutualTls(bench, 'forbidding') },
      });
    },
  }),
  defineWorld({
    name: 'client-cert-optional-ignored',
    title: 'nothing stands in the way: the server asks, none is given, it goes on without',
    expected: { outcome: 'healthy' },
    stack: 'openssl',
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'openssl', { mode: 'optional' }) }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'nothing to mend',
      }),
  }),
  defineWorld({
    name: 'client-cert-many-authorities',
    title: 'nothing stands in the way: the server names forty authorities, one of them is ours',
    expected: { outcome: 'healthy' },
    stack: 'openssl',
    start: async (bench) => {
      const others = Array.from({ length: 39 }, (_, i) => bench.newAuthority({ name: `Partner ${i}` }).root.pem);
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({
          clientAuth: mutualTls(bench, 'openssl', { named: [...others, ...certificatesIn(bench.authority.root.pem)] }),
        }),
        flags: { ca: [await bench.rootFile()], cert, key },
        fix: 'nothing to mend',
      });
    },
  }),
];
