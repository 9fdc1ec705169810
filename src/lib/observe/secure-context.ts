import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { ClientCredential, HandshakeRequest } from './handshake-request.js';

/** A secure context costs 0.3 to 40 ms of CPU (the latter with node's own roots): equal requests share one. */
const WITHOUT_CLIENT = {};
const CACHE = new WeakMap<object, Map<string, SecureContext>>();
const CA_IDS = new WeakMap<object, number>();
let caCount = 0;

/** Anything at or below TLS 1.1 needs OpenSSL's security level 0: its signatures are SHA-1. */
const LEGACY_CIPHERS = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';

/** The context for a request. Throws what node throws: a key that does not fit its certificate, an unknown cipher name... */
export function secureContextFor(request: HandshakeRequest): SecureContext {
  const owner = request.client ?? WITHOUT_CLIENT;
  const contexts = CACHE.get(owner) ?? new Map<string, SecureContext>();
  CACHE.set(owner, contexts);
  const { alpn: _alpn, ...limits } = request.limits ?? {};
  const key = JSON.stringify([limits, request.verify === true, caId(request.ca)]);
  const context = contexts.get(key) ?? createSecureContext(contextOptions(request));
  contexts.set(key, context);
  return context;
}

function caId(ca: HandshakeRequest['ca']): number {
  if (!ca) return 0;
  const id = CA_IDS.get(ca) ?? ++caCount;
  CA_IDS.set(ca, id);
  return id;
}

function contextOptions(request: HandshakeRequest): SecureContextOptions {
  const limits = request.limits ?? {};
  const options: SecureContextOptions = {};
  if (limits.minVersion) options.minVersion = limits.minVersion;
  if (limits.maxVersion) options.maxVersion = limits.maxVersion;
  const legacy = [limits.minVersion, limits.maxVersion].some((version) => version === 'TLSv1' || version === 'TLSv1.1');
  if (limits.maxVersion && !limits.minVersion && legacy) options.minVersion = 'TLSv1';
  if (limits.ciphers) options.ciphers = limits.ciphers;
  else if (legacy) options.ciphers = LEGACY_CIPHERS;
  if (limits.groups) options.ecdhCurve = limits.groups;
  if (limits.signatureAlgorithms) options.sigalgs = limits.signatureAlgorithms;
  // An empty list keeps node from loading its own roots, which a look has no use for.
  if (request.ca) options.ca = request.ca.map(pemOf);
  else if (!request.verify) options.ca = [];
  if (request.client) Object.assign(options, clientOptions(request.client));
  return options;
}

function clientOptions(client: ClientCredential): SecureContextOptions {
  const passphrase = client.passphrase === undefined ? {} : { passphrase: client.passphrase };
  if ('pfx' in client) return { pfx: Buffer.from(client.pfx), ...passphrase };
  const cert = typeof client.cert === 'string' ? client.cert : client.cert.map(pemOf).join('');
  return { cert, key: client.key, ...passphrase };
}

function pemOf(certificate: string | Uint8Array): string {
  if (typeof certificate === 'string') return certificate;
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
