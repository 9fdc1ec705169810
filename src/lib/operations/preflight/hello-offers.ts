import type { HandshakeRequest } from '../../observe/handshake-request.js';
import { exchangeHello, type HelloAnswer } from '../../observe/scan/hello-exchange.js';
import { COMMON_GROUPS } from '../../observe/scan/scan.js';
import type { Expect } from '../../preflight/config-schema.js';
import type { EndpointFacts, OlderOffer } from '../../preflight/endpoint-facts.js';
import { suitesNamed } from '../../preflight/suite-patterns.js';
import { CIPHER_SUITES, cipherSuiteName } from '../../tls/cipher-suites.js';
import { SIGNATURE_SCHEMES } from '../../tls/signature-schemes.js';
import { SSL_30, TLS_10, TLS_11, TLS_12, TLS_13, versionName } from '../../tls/versions.js';

/** More suites than this in one hello break some servers. */
const SUITES_AT_ONCE = 80;

/** Suites that came with TLS 1.2 (AEAD, SHA-256 and SHA-384) are not for the versions before. */
const SUITES_12 = CIPHER_SUITES.filter(({ keyExchange, name }) => keyExchange !== 'any' && !name.endsWith('_SCSV')).map(({ id }) => id);
const SUITES_BEFORE_12 = CIPHER_SUITES.filter(({ name }) => /_(SHA|MD5)$/.test(name)).map(({ id }) => id);

/** Sends one hand-made ClientHello; each waits for the host's turn. */
export type Ask = (offer: { version: number; cipherSuites: readonly number[] }) => Promise<HelloAnswer>;

/** @param timeoutMs for each hello */
export function asking(target: HandshakeRequest, timeoutMs: number, turn: <T>(work: () => Promise<T>) => Promise<T>): Ask {
  return (offer) =>
    turn(() => exchangeHello(target, { ...offer, groups: COMMON_GROUPS, signatureSchemes: SIGNATURE_SCHEMES, keyShare: true }, timeoutMs));
}

function answered(answer: HelloAnswer): boolean {
  return answer.kind === 'hello' || answer.kind === 'alert' || answer.kind === 'closed';
}

function inWords(answer: HelloAnswer): string {
  return answer.kind === 'alert' ? `alert ${answer.number} ${answer.name}` : answer.kind;
}

/**
 * Offers nothing but the forbidden suites: what OpenSSL no longer speaks (RC4, export, 3DES) is what most lists forbid. Suites of TLS 1.3 have
 * names of their own; the older ones are offered in TLS 1.2 and, for servers that know nothing newer, in TLS 1.0.
 */
export async function offerForbidden(patterns: readonly string[], ask: Ask): Promise<EndpointFacts['forbidden']> {
  const suites = [...new Set(patterns.flatMap(suitesNamed))];
  const modern = suites.filter(({ keyExchange }) => keyExchange === 'any').map(({ id }) => id);
  const older = suites.filter(({ keyExchange }) => keyExchange !== 'any').map(({ id }) => id);
  const offers: EndpointFacts['forbidden']['offers'][number][] = [];
  for (const [version, ids] of [
    [TLS_13, modern],
    [TLS_12, older],
    [TLS_10, older],
  ] as const) {
    for (let at = 0; at < ids.length; at += SUITES_AT_ONCE) {
      const cipherSuites = ids.slice(at, at + SUITES_AT_ONCE);
      const answer = await ask({ version, cipherSuites });
      const picked =
        answer.kind === 'hello' && cipherSuites.includes(answer.hello.cipherSuite) ? cipherSuiteName(answer.hello.cipherSuite) : undefined;
      offers.push({
        version: versionName(version),
        suites: cipherSuites.length,
        answered: answered(answer),
        ...(picked === undefined ? { instead: inWords(answer) } : { taken: picked }),
      });
    }
  }
  return { suites: suites.map(({ name }) => name), offers };
}

const BELOW: Readonly<Record<NonNullable<Expect['minVersion']>, readonly number[]>> = {
  '1.0': [SSL_30],
  '1.1': [TLS_10, SSL_30],
  '1.2': [TLS_11, TLS_10, SSL_30],
  '1.3': [TLS_12, TLS_11, TLS_10, SSL_30],
};

/**
 * Offers every version below the wanted one, with all suites that ever were: a server that takes TLS 1.0 with RC4 alone refuses a modern library
 * for the suite, and would pass for one that refuses the version. An alert protocol_version speaks for everything older too (RFC 5246 Appendix E.1).
 */
export async function offerOlder(minVersion: NonNullable<Expect['minVersion']>, ask: Ask): Promise<OlderOffer[]> {
  const offers: OlderOffer[] = [];
  for (const version of BELOW[minVersion]) {
    const ids = version === TLS_12 ? SUITES_12 : SUITES_BEFORE_12;
    let offer: OlderOffer | undefined;
    for (let at = 0; at < ids.length && offer?.taken === undefined; at += SUITES_AT_ONCE) {
      const answer = await ask({ version, cipherSuites: ids.slice(at, at + SUITES_AT_ONCE) });
      if (answer.kind === 'hello' && answer.hello.version <= version)
        offer = { version: versionName(version), taken: versionName(answer.hello.version), answered: true };
      else if (offer === undefined || !answered(answer))
        offer = { version: versionName(version), answered: answered(answer), instead: inWords(answer) };
      if (answer.kind === 'alert' && answer.name === 'protocol_version') return [...offers, offer];
      if (!answered(answer)) break;
    }
    if (offer !== undefined) offers.push(offer);
    // One that is taken says enough: what is older need not be tried.
    if (offer?.taken !== undefined || offer?.answered === false) break;
  }
  return offers;
}
