import type { CauseCode } from '../../cause.js';
import type { Bench } from '../bench.js';
import { runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import type { PlainBehaviour } from '../servers/plain-servers.js';
import { PLAIN_PROTOCOLS, startPlainServer } from '../servers/plain-servers.js';
import type { Preface } from '../servers/prefaces.js';
import { imapPreface, postgresPreface, proxyProtocolPreface, smtpPreface } from '../servers/prefaces.js';
import { startTlsServer } from '../servers/tls-server.js';
import type { RunningWorld, World, WorldFlags } from '../world.js';

/** A plain server first; mended, a TLS server on the same port. */
async function plainThenTls(
  bench: Bench,
  behaviour: PlainBehaviour,
  more: { fix: string; preface?: Preface; healedFlags?: WorldFlags },
): Promise<RunningWorld> {
  const plain = await startPlainServer(behaviour);
  let mended: { close(): Promise<void> } | undefined;
  const world: RunningWorld = {
    target: `localhost:${plain.port}`,
    endpoint: `127.0.0.1:${plain.port}`,
    flags: { ca: [await bench.rootFile()] },
    fix: more.fix,
    heal: async () => {
      await plain.close();
      mended = await startTlsServer(bench.settings(more.preface === undefined ? {} : { preface: more.preface }), { port: plain.port });
      world.flags = { ...world.flags, ...more.healedFlags };
    },
    close: async () => {
      await (mended ?? plain).close();
    },
  };
  return world;
}

function plainWorld(
  name: keyof typeof PLAIN_PROTOCOLS,
  code: CauseCode,
  title: string,
  more: { fix: string; accept?: CauseCode[]; preface?: Preface; starttls?: string; demo?: boolean },
): World {
  const healedFlags = more.starttls === undefined ? {} : { healedFlags: { starttls: more.starttls } };
  return defineWorld({
    name: `${code}-${name}`.replace('plaintext-http-http', 'plaintext-http'),
    title,
    expected: broken(code, code === 'starttls-needed' ? 'client' : 'server', { accept: more.accept ?? [], orParty: ['server', 'client'] }),
    versions: ['TLSv1.3'],
    stack: 'none',
    ...(more.demo === true ? { demo: true } : {}),
    start: (bench) =>
      plainThenTls(bench, PLAIN_PROTOCOLS[name], {
        fix: more.fix,
        ...healedFlags,
        ...(more.preface === undefined ? {} : { preface: more.preface }),
      }),
  });
}

export const notTlsWorlds: readonly World[] = [
  plainWorld('http', 'plaintext-http', 'the port speaks HTTP in clear', {
    fix: 'listen 8443 ssl;   # or call it with http://',
    demo: true,
  }),
  plainWorld('smtp', 'starttls-needed', 'an SMTP server greets in clear and offers STARTTLS', {
    fix: '--starttls smtp',
    preface: smtpPreface,
    starttls: 'smtp',
    demo: true,
  }),
  plainWorld('imap', 'starttls-needed', 'an IMAP server greets in clear and offers STARTTLS', {
    fix: '--starttls imap',
    preface: imapPreface,
    starttls: 'imap',
  }),
  plainWorld('postgres', 'starttls-needed', 'PostgreSQL waits for its SSLRequest', {
    fix: '--starttls postgres',
    preface: postgresPreface,
    starttls: 'postgres',
  }),
  plainWorld('mysql', 'starttls-needed', 'MySQL greets in clear', { fix: '--starttls mysql' }),
  plainWorld('pop3', 'starttls-needed', 'a POP3 server greets in clear', { fix: '--starttls pop3' }),
  plainWorld('ftp', 'starttls-needed', 'an FTP server greets in clear', { fix: '--starttls ftp' }),
  plainWorld('ssh', 'not-tls', 'an SSH server answers', { fix: 'the port of the TLS service: ss -ltnp', demo: true }),
  plainWorld('redis', 'not-tls', 'Redis waits for a line of text', { fix: 'tls-port 6379   # in redis.conf', accept: ['timeout'] }),
  plainWorld('echo', 'not-tls', 'the port sends back what it gets', { fix: 'the port of the TLS service: ss -ltnp' }),
  defineWorld({
    name: 'not-tls-proxy-protocol',
    title: 'the server insists on a PROXY protocol line before TLS',
    expected: broken('not-tls', 'client', { accept: ['reset'] }),
    stack: 'haproxy',
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({ preface: proxyProtocolPreface }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'bind :8443 ssl crt ...   # without accept-proxy; or connect through the load balancer',
        // Without the demand the same server is an ordinary one.
        healed: { preface: async () => true },
      }),
  }),
  ...(['smtp', 'postgres'] as const).map((protocol) =>
    defineWorld({
      name: `healthy-starttls-${protocol}`,
      title: `nothing stands in the way behind STARTTLS (${protocol})`,
      expected: { outcome: 'healthy' },
      stack: 'node',
      start: async (bench) =>
        runTlsWorld({
          settings: bench.settings({ preface: protocol === 'smtp' ? smtpPreface : postgresPreface }),
          flags: { ca: [await bench.rootFile()], starttls: protocol },
          fix: 'nothing to mend',
        }),
    }),
  ),
  defineWorld({
    name: 'expired-starttls-imap',
    title: 'behind STARTTLS (IMAP) the certificate ran out',
    expected: broken('expired', 'server'),
    stack: 'node',
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({
          preface: imapPreface,
          credentials: bench.server({ notBefore: bench.now - 3 * 86_400_000, notAfter: bench.now - 86_400_000 }),
        }),
        flags: { ca: [await bench.rootFile()], starttls: 'imap' },
        fix: 'tlsmedic issue localhost --server --out ./tls   # then reload the server',
        healed: { credentials: bench.server() },
      }),
  }),
];
