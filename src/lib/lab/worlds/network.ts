import type { Bench } from '../bench.js';
import { runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import type { PlainBehaviour } from '../servers/plain-servers.js';
import { closedPort, PLAIN_PROTOCOLS, startPlainServer } from '../servers/plain-servers.js';
import { startTlsServer } from '../servers/tls-server.js';
import type { RunningWorld } from '../world.js';

/** What stands on the port first; mended, a TLS server. `undefined` is a closed port. */
async function portWorld(bench: Bench, behaviour: PlainBehaviour | undefined, fix: string): Promise<RunningWorld> {
  const plain = behaviour === undefined ? undefined : await startPlainServer(behaviour);
  const port = plain?.port ?? (await closedPort());
  let mended: { close(): Promise<void> } | undefined;
  return {
    target: `localhost:${port}`,
    endpoint: `127.0.0.1:${port}`,
    flags: { ca: [await bench.rootFile()], timeout: 1 },
    fix,
    heal: async () => {
      await plain?.close();
      mended = await startTlsServer(bench.settings(), { port });
    },
    close: async () => {
      await (mended ?? plain)?.close();
    },
  };
}

export const networkWorlds = [
  defineWorld({
    name: 'dns',
    title: 'the name does not resolve',
    expected: broken('dns', 'network'),
    versions: ['TLSv1.3'],
    stack: 'none',
    demo: true,
    start: async (bench) => {
      const server = await startTlsServer(bench.settings());
      const world: RunningWorld = {
        target: `ledger.payments.svc.invalid:${server.port}`,
        endpoint: `127.0.0.1:${server.port}`,
        flags: { ca: [await bench.rootFile()] },
        fix: 'getent hosts ledger.payments.svc   # then call it by a name that resolves',
        heal: async () => {
          world.target = `localhost:${server.port}`;
        },
        close: () => server.close(),
      };
      return world;
    },
  }),
  defineWorld({
    name: 'refused',
    title: 'nobody listens on the port',
    expected: broken('refused', 'network', { orParty: ['server'] }),
    versions: ['TLSv1.3'],
    stack: 'none',
    demo: true,
    start: (bench) => portWorld(bench, undefined, 'systemctl start ledger   # or the right port: ss -ltnp'),
  }),
  defineWorld({
    name: 'timeout',
    title: 'the port takes the connection and never says a word',
    expected: broken('timeout', 'network', { orParty: ['server'] }),
    versions: ['TLSv1.3'],
    stack: 'none',
    demo: true,
    start: (bench) => portWorld(bench, PLAIN_PROTOCOLS.silent, 'systemctl restart ledger   # it hangs, or a firewall swallows the answer'),
  }),
  defineWorld({
    name: 'reset',
    title: 'the connection is reset as soon as a byte comes: a load balancer without a backend',
    expected: broken('reset', 'network', { orParty: ['server'] }),
    versions: ['TLSv1.3'],
    stack: 'none',
    demo: true,
    start: (bench) => portWorld(bench, PLAIN_PROTOCOLS.resetting, 'give the load balancer a healthy backend'),
  }),
  defineWorld({
    name: 'reset-at-accept',
    title: 'the connection is reset at once',
    expected: broken('reset', 'network', { orParty: ['server'] }),
    versions: ['TLSv1.3'],
    stack: 'none',
    start: (bench) => portWorld(bench, PLAIN_PROTOCOLS.resettingAtOnce, 'give the load balancer a healthy backend'),
  }),
  defineWorld({
    name: 'reset-by-close',
    title: 'the connection is closed without a word when the ClientHello comes',
    expected: broken('reset', 'network', { accept: ['not-tls'], orParty: ['server'] }),
    versions: ['TLSv1.3'],
    stack: 'none',
    start: (bench) => portWorld(bench, PLAIN_PROTOCOLS.closing, 'give the load balancer a healthy backend'),
  }),
  defineWorld({
    name: 'timeout-after-hello',
    title: 'a TLS server takes the ClientHello and never answers it',
    expected: broken('timeout', 'network', { orParty: ['server'] }),
    stack: 'node',
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({ onClientHello: () => ({ do: 'stall' }) }),
        flags: { ca: [await bench.rootFile()], timeout: 1 },
        fix: 'systemctl restart ledger',
        healed: { onClientHello: () => undefined },
      }),
  }),
];
