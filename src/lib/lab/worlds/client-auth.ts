import type { Bench } from '../bench.js';
import { runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import type { RefusalStyleName } from '../servers/refusal.js';
import { REFUSAL_STYLES } from '../servers/refusal.js';
import type { ClientAuthentication } from '../servers/tls-server.js';

/** Mutual TLS in the manner of a stack: clients of the world's authority are let in. */
function mutual(bench: Bench, stack: RefusalStyleName, more: Partial<ClientAuthentication> = {}): { clientAuth: ClientAuthentication } {
  return { clientAuth: { mode: 'required', anchors: [bench.authority.root.pem], clock: Date.now, style: REFUSAL_STYLES[stack], ...more } };
}

const STACKS: RefusalStyleName[] = ['openssl', 'go', 'nginx', 'gnutls', 'jsse', 'nss', 'mute'];

export const clientAuthWorlds = STACKS.map((stack) =>
  defineWorld({
    name: stack === 'openssl' ? 'client-cert-required' : `client-cert-required-${stack}`,
    title: 'the server wants a client certificate and none is given',
    expected: broken('client-cert-required', 'client'),
    stack,
    ...(stack === 'openssl' ? { demo: true } : {}),
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings(mutual(bench, stack)),
        flags: { ca: [await bench.rootFile()] },
        fix: 'tlsmedic issue gateway.payments.svc --client --out ./tls   # then --cert tls/gateway.crt --key tls/gateway.key',
        healedFlags: { cert, key },
      });
    },
  }),
);
