import { expect, it } from 'vitest';
import { handshake } from '../../src/lib/observe/handshake.js';
import type { Observation } from '../../src/lib/observe/observation.js';
import { readObservation, writeObservation } from '../../src/lib/observe/observation-file.js';
import { authority, clientLeaf, credential, tlsServer } from './node-server.js';

it('keeps an observation through a file, and keeps secrets out of it', async () => {
  const server = await tlsServer({ requestCert: true, rejectUnauthorized: false, ca: [authority.root.pem] });
  const record = await handshake({
    why: 'look',
    experiment: 'look',
    address: '127.0.0.1',
    port: server.port,
    servername: 'localhost',
    client: { ...credential(clientLeaf), passphrase: 'sesame' },
  });
  await server.close();
  const observation: Observation = {
    schema: 'tlsmedic/observation@1',
    by: { tlsmedic: '0', node: process.version, openssl: process.versions.openssl },
    at: record.at,
    target: { input: 'x', host: 'localhost', port: server.port, hostname: 'localhost', resolution: { status: 'not-run', why: 'test' } },
    given: {
      trust: { store: 'none', kind: 'none', files: [] },
      otherTrust: [],
      intermediates: [],
      crls: [],
      expectMtls: false,
      limits: {},
    },
    environment: {},
    handshakes: [record],
    clocks: [],
    plaintext: [],
    fetched: [],
  };
  const text = writeObservation(observation);
  const again = readObservation(text, 'file');
  expect(writeObservation(again)).toBe(text);
  expect(again.handshakes[0]?.chain.map((der) => Buffer.from(der).toString('hex'))).toEqual(
    record.chain.map((der) => Buffer.from(der).toString('hex')),
  );
  expect(again.handshakes[0]?.chain).toHaveLength(2);
  expect(text).not.toMatch(/PRIVATE KEY|sesame|TRAFFIC_SECRET|CLIENT_RANDOM/);
  const der = clientLeaf.key?.export({ type: 'pkcs8', format: 'der' }) as Buffer;
  expect(text).not.toContain(der.toString('base64').slice(40, 100));
});

it.each([
  ['nonsense', /no JSON/],
  ['[]', /no JSON object/],
  ['{"schema":"tlsmedic/observation@2"}', /schema/],
  ['{"schema":"tlsmedic/observation@1"}', /"by"/],
])('refuses %s', (text, why) => {
  expect(() => readObservation(text, 'file')).toThrowError(
    expect.objectContaining({ code: 'bad-observation', why: expect.stringMatching(why) }) as Error,
  );
});
