import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { handshake } from '../../src/lib/observe/handshake.js';
import type { HandshakeRecord } from '../../src/lib/observe/observation.js';
import type { EndpointFacts } from '../../src/lib/preflight/endpoint-facts.js';
import { sameOnAllAddresses } from '../../src/lib/preflight/expectations/same-on-all-addresses.js';

const authority = createAuthority({});
const one = issueCertificate(authority, { names: ['ledger.internal'] });
const other = issueCertificate(authority, { names: ['ledger.internal'] });
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** Two machines behind one name: two loopback addresses with the same port. */
async function listen(address: string, port: number, { chainPem, keyPem }: typeof one): Promise<number> {
  const server = createServer({ cert: chainPem, key: keyPem ?? '' });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  servers.push(server);
  await new Promise<void>((done, failed) => server.once('error', failed).listen(port, address, done));
  return (server.address() as AddressInfo).port;
}

const look = (address: string, port: number) =>
  handshake({ why: `a look at ${address}`, experiment: 'address', address, port, servername: 'ledger.internal' });

function judge(main: HandshakeRecord, addresses: HandshakeRecord[]) {
  const facts: EndpointFacts = {
    now: Date.now(),
    target: { endpoint: 'ledger.internal:8443' },
    expect: { sameOnAllAddresses: true },
    main,
    certificates: [],
    store: 'none',
    addresses,
    negatives: [],
    foreign: [],
    older: [],
    forbidden: { suites: [], offers: [] },
  };
  const check = sameOnAllAddresses.check(facts);
  return Array.isArray(check) ? check[0] : check;
}

// Only Linux answers on every address of 127.0.0.0/8 unasked.
describe.runIf(process.platform === 'linux')('the same certificate on all addresses', () => {
  it('holds for two machines with one certificate, not for two with different ones, nor for one that is down', async () => {
    const port = await listen('127.0.0.1', 0, one);
    await listen('127.0.0.2', port, one);
    await listen('127.0.0.3', port, other);
    const [first, same, different, down] = await Promise.all(
      ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'].map((address) => look(address, port)),
    );
    if (first === undefined || same === undefined || different === undefined || down === undefined) throw new Error('no looks');
    expect(judge(first, [first, same])).toMatchObject({ status: 'passed' });
    expect(judge(first, [first, same, different])).toMatchObject({ status: 'failed', cause: { code: 'inconsistent-backends' } });
    expect(judge(first, [first, different])?.summary).toContain('127.0.0.3');
    expect(judge(first, [first, down])).toMatchObject({ status: 'failed', cause: { code: 'inconsistent-backends' } });
    expect(judge(down, [down])).toMatchObject({ status: 'unchecked' });
  });
});
