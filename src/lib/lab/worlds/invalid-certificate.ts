import { signAuthority } from '../../ca/authority.js';
import { extendedKeyUsage } from '../../ca/extensions.js';
import type { IssueOverrides, IssueRequest } from '../../ca/issue.js';
import { generateKeyPair } from '../../ca/key-pair.js';
import type { Bench } from '../bench.js';
import { credentialsOf, DAY, runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import { deeper, notAnAuthority, sha1Intermediate } from '../odd-certificates.js';
import type { ServerCredentials } from '../servers/tls-server.js';
import { replaceCertificates } from '../wire/flight-rewriter.js';
import type { RunningWorld } from '../world.js';

const REISSUE = 'tlsmedic issue localhost ledger.payments.svc --server --out ./tls   # then reload the server';

/** A server with that certificate; mended, it has a good one. */
async function presenting(bench: Bench, credentials: ServerCredentials, fix = REISSUE): Promise<RunningWorld> {
  return runTlsWorld({
    settings: bench.settings({ credentials }),
    flags: { ca: [await bench.rootFile()] },
    fix,
    healed: { credentials: bench.server() },
  });
}

const odd = (bench: Bench, request: IssueRequest, overrides: IssueOverrides = {}): ServerCredentials => bench.server(request, overrides);

export const invalidCertificateWorlds = [
  defineWorld({
    name: 'wrong-purpose',
    title: 'the server presents a certificate for clients only',
    expected: broken('wrong-purpose', 'server'),
    stack: 'node',
    demo: true,
    start: (bench) => presenting(bench, odd(bench, { profile: 'client' })),
  }),
  defineWorld({
    name: 'wrong-purpose-intermediate',
    title: 'the intermediate may issue for mail only',
    expected: broken('wrong-purpose', 'server'),
    stack: 'node',
    start: (bench) => {
      const { authority } = bench;
      const mail = signAuthority(
        {
          commonName: 'Lab Mail Intermediate',
          keyType: 'p256',
          notBefore: bench.now - DAY,
          notAfter: bench.now + 90 * DAY,
          pathLength: 0,
          extensions: [extendedKeyUsage(['emailProtection'])],
        },
        authority.root,
      );
      return presenting(
        bench,
        bench.server({}, {}, { ...authority, intermediate: mail }),
        'tlsmedic ca rotate   # an intermediate for TLS',
      );
    },
  }),
  defineWorld({
    name: 'not-a-ca',
    title: 'an ordinary certificate was used to issue another one',
    expected: broken('not-a-ca', 'server'),
    stack: 'node',
    demo: true,
    start: (bench) =>
      presenting(
        bench,
        credentialsOf(
          bench.issue({ profile: 'server' }, {}, notAnAuthority(bench.now, bench.adopt(bench.newAuthority({ pathLength: 1 })))),
        ),
      ),
  }),
  defineWorld({
    name: 'path-length',
    title: 'one intermediate too many for the path length the root allows',
    expected: broken('path-length', 'server'),
    stack: 'node',
    start: (bench) => {
      const { authority, between } = deeper(bench.authority);
      const leaf = bench.server({}, {}, authority);
      return presenting(
        bench,
        { ...leaf, chain: leaf.chain + between.pem },
        'tlsmedic issue ... # from the intermediate itself, not from one below it',
      );
    },
  }),
  defineWorld({
    name: 'name-constraint',
    title: 'the authority may certify names under internal only',
    expected: broken('name-constraint', 'server'),
    stack: 'node',
    start: async (bench) => {
      const limited = bench.newAuthority({ nameConstraints: { permitted: [{ kind: 'dns', value: 'internal' }], excluded: [] } });
      return runTlsWorld({
        settings: bench.settings({ credentials: bench.server({ names: ['localhost'] }, {}, limited) }),
        flags: { ca: [await bench.file('ca.crt', limited.root.pem + bench.authority.root.pem)] },
        fix: 'tlsmedic issue ledger.internal --server --out ./tls   # a name the authority may certify',
        healed: { credentials: bench.server() },
      });
    },
  }),
  defineWorld({
    name: 'weak-signature',
    title: 'the certificate is signed with SHA-1',
    expected: broken('weak-signature', 'server'),
    stack: 'node',
    demo: true,
    start: (bench) => presenting(bench, odd(bench, {}, { signatureAlgorithm: 'ecdsa-sha1' })),
  }),
  defineWorld({
    name: 'weak-signature-intermediate',
    title: 'the intermediate is signed with SHA-1 by an RSA root',
    expected: broken('weak-signature', 'server'),
    stack: 'node',
    start: async (bench) => {
      const old = sha1Intermediate(bench.now);
      return runTlsWorld({
        settings: bench.settings({ credentials: bench.server({}, {}, old) }),
        flags: { ca: [await bench.file('ca.crt', old.root.pem + bench.authority.root.pem)] },
        fix: 'tlsmedic ca rotate',
        healed: { credentials: bench.server() },
      });
    },
  }),
  defineWorld({
    name: 'weak-key',
    title: 'the certificate holds an RSA key of 1024 bits',
    expected: broken('weak-key', 'server'),
    stack: 'node',
    demo: true,
    start: (bench) => presenting(bench, odd(bench, { keyPair: generateKeyPair('rsa-1024') })),
  }),
  defineWorld({
    name: 'bad-signature',
    title: "the certificate was altered: its issuer's signature does not verify",
    expected: broken('bad-signature', 'server'),
    stack: 'node',
    demo: true,
    start: (bench) => presenting(bench, odd(bench, {}, { breakSignature: true })),
  }),
  defineWorld({
    name: 'malformed',
    title: 'the certificate is no certificate: text in an outer shell',
    expected: broken('malformed', 'server'),
    stack: 'node',
    demo: true,
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({
          rewrite: replaceCertificates([Buffer.concat([Buffer.from([0x30, 0x82, 0x01, 0x2c]), Buffer.alloc(300, 'not a certificate ')])]),
        }),
        flags: { ca: [await bench.rootFile()] },
        fix: REISSUE,
        healed: { rewrite: () => undefined },
      }),
  }),
  defineWorld({
    name: 'malformed-truncated',
    title: 'the certificate ends in the middle',
    expected: broken('malformed', 'server'),
    stack: 'node',
    start: async (bench) => {
      const whole = bench.issue({ profile: 'server' });
      return runTlsWorld({
        settings: bench.settings({
          credentials: credentialsOf(whole),
          rewrite: replaceCertificates([whole.der.subarray(0, 200), bench.authority.intermediate.der]),
        }),
        flags: { ca: [await bench.rootFile()] },
        fix: REISSUE,
        healed: { rewrite: () => undefined },
      });
    },
  }),
];
