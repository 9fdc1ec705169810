import { CIPHER_SUITES, cipherSuiteName, cipherSuiteOf } from '../../tls/cipher-suites.js';
import { GROUPS, groupName } from '../../tls/groups.js';
import { SIGNATURE_SCHEMES, signatureSchemeName } from '../../tls/signature-schemes.js';
import { SSL_30, TLS_10, TLS_11, TLS_12, TLS_13, versionName } from '../../tls/versions.js';
import { suiteWeakness, versionWeakness } from '../../tls/weakness.js';
import type { HandshakeRequest } from '../handshake-request.js';
import { exchangeHello, exchangeSsl2Hello, type HelloAnswer } from './hello-exchange.js';
import type { ScanFact } from './scan-fact.js';

export interface ScanOptions {
  /** ClientHellos a second at most. */
  rate?: number;
  /** ClientHellos in all. */
  most?: number;
  /** For each. */
  timeoutMs?: number;
  /** Curve of the server's ECDSA certificate (`P-256`), null when its key is of another type; found out by trial when left out. */
  certificateCurve?: string | null;
}

const DEFAULTS = { rate: 50, most: 600, timeoutMs: 3000 } as const;
const CURVES: Readonly<Record<string, number>> = { 'P-256': 23, 'P-384': 24, 'P-521': 25 };

/** More suites than this in one hello break some servers. */
const SUITES_AT_ONCE = 80;

const VERSIONS = [TLS_13, TLS_12, TLS_11, TLS_10, SSL_30] as const;
const SUITES_13 = CIPHER_SUITES.filter(({ id }) => id >> 8 === 0x13).map(({ id }) => id);
const SUITES_12 = CIPHER_SUITES.filter(({ id }) => id >> 8 !== 0x13).map(({ id }) => id);
/** Suites that came with TLS 1.2 (AEAD, SHA-256 and SHA-384) are not for the versions before. */
const SUITES_BEFORE_12 = CIPHER_SUITES.filter(({ id, name }) => id >> 8 !== 0x13 && /_(SHA|MD5)$/.test(name)).map(({ id }) => id);
/** The group that the made-up key share is for. */
const X25519 = 29;
/** Curves that ECDSA certificates are on. */
const CERTIFICATE_GROUPS = [23, 24, 25];
/** Groups that most servers know: enough for a ServerHello. */
export const COMMON_GROUPS = [29, 23, 24, 25, 30, 256, 257, 4588];

/** Finds out which versions, suites, groups and signature schemes a server takes, with its order of preference. Slow on purpose, and bounded. */
export async function scan(target: HandshakeRequest, options: ScanOptions = {}): Promise<ScanFact> {
  return new Scan(target, { ...DEFAULTS, ...options }).run();
}

type Offer = Parameters<typeof exchangeHello>[1];

class Scan {
  private readonly target: HandshakeRequest;
  private readonly options: ScanOptions & Required<Omit<ScanOptions, 'certificateCurve'>>;
  private readonly started = performance.now();
  private readonly notes = new Set<string>();
  private hellos = 0;
  private nextAt = 0;

  constructor(target: HandshakeRequest, options: Scan['options']) {
    this.target = target;
    this.options = options;
  }

  async run(): Promise<ScanFact> {
    const fact: ScanFact = { versions: [], suites: [], groups: [], signatureSchemes: [], hellos: 0, ms: 0, notes: [] };
    for (const version of VERSIONS) {
      const suites = suitesFor(version);
      const accepted = await this.suitesOf(version, suites, fact);
      if (accepted.length === 0) continue;
      const inOrder = await this.inOrder(version, accepted);
      fact.suites.push(inOrder);
      if (version >= TLS_12) {
        const groups = version === TLS_13 ? await this.groupsOf13(accepted) : await this.groupsOf12(version, accepted, inOrder.preference);
        fact.groups.push({ version: versionName(version), accepted: groups });
        fact.signatureSchemes.push({ version: versionName(version), accepted: await this.schemesOf(version, accepted, groups) });
      }
    }
    await this.ssl2(fact);
    if (this.hellos >= this.options.most) this.notes.add(`stopped after ${this.hellos} ClientHellos: what is missing was not tried`);
    return { ...fact, hellos: this.hellos, ms: performance.now() - this.started, notes: [...this.notes] };
  }

  /** One ClientHello, not sooner than the rate allows. Undefined once the limit is reached or the user interrupts. */
  private async ask(
    offer: Partial<Offer> & { version: number; cipherSuites: readonly number[] },
    awaitKeyExchange = false,
  ): Promise<HelloAnswer | undefined> {
    if (!(await this.turn())) return undefined;
    const answer = await exchangeHello(
      this.target,
      { groups: COMMON_GROUPS, signatureSchemes: SIGNATURE_SCHEMES, keyShare: true, ...offer },
      this.options.timeoutMs,
      awaitKeyExchange,
    );
    if (answer.kind === 'silent' || answer.kind === 'unreachable') this.notes.add('some ClientHellos got no answer; they count as refused');
    return answer;
  }

  /** Waits for the next ClientHello's turn; false once the limit is reached or the user interrupts. */
  private async turn(): Promise<boolean> {
    if (this.hellos >= this.options.most || this.target.signal?.aborted) return false;
    this.hellos++;
    const now = performance.now();
    const wait = this.nextAt - now;
    this.nextAt = Math.max(now, this.nextAt) + 1000 / this.options.rate;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    return true;
  }

  private async ssl2(fact: ScanFact): Promise<void> {
    if (!(await this.turn())) return;
    const answer = await exchangeSsl2Hello(this.target, this.options.timeoutMs);
    fact.versions.push(
      answer.kind === 'ssl2'
        ? { version: 'SSL 2.0', accepted: true, weak: 'broken, and it breaks other servers with the same key (RFC 6176, DROWN)' }
        : { version: 'SSL 2.0', accepted: false, instead: answer.kind },
    );
  }

  /** Elimination: the server picks one, which is taken out of the next offer, until it refuses. Also says whether the version is taken. */
  private async suitesOf(version: number, candidates: readonly number[], fact: ScanFact): Promise<number[]> {
    const accepted: number[] = [];
    let instead: string | undefined;
    for (let at = 0; at < candidates.length; at += SUITES_AT_ONCE) {
      let offered = candidates.slice(at, at + SUITES_AT_ONCE);
      while (offered.length > 0) {
        const answer = await this.ask({ version, cipherSuites: offered });
        if (answer?.kind !== 'hello') {
          instead ??= describe(answer);
          break;
        }
        const { version: got, cipherSuite } = answer.hello;
        if (got !== version) {
          instead ??= `answers with ${versionName(got)}`;
          break;
        }
        if (!offered.includes(cipherSuite)) {
          this.notes.add(`the server picked a suite that was not offered: ${cipherSuiteName(cipherSuite)}`);
          break;
        }
        accepted.push(cipherSuite);
        offered = offered.filter((id) => id !== cipherSuite);
      }
      // A server that does not speak the version says so to the first offer.
      if (accepted.length === 0 && instead?.includes('protocol_version')) break;
    }
    const weak = accepted.length > 0 ? versionWeakness(version) : undefined;
    fact.versions.push({
      version: versionName(version),
      accepted: accepted.length > 0,
      ...(accepted.length === 0 && instead !== undefined ? { instead } : {}),
      ...(weak === undefined ? {} : { weak }),
    });
    return accepted;
  }

  /** Whose order decides, and the server's order if it is that. */
  private async inOrder(version: number, accepted: readonly number[]): Promise<ScanFact['suites'][number]> {
    const result = (ids: readonly number[], preference: 'server' | 'client' | 'only-one') => ({
      version: versionName(version),
      preference,
      accepted: ids.map((id) => {
        const weak = suiteWeakness(cipherSuiteName(id));
        return { id, name: cipherSuiteName(id), openssl: cipherSuiteOf(id)?.openssl ?? '', ...(weak === undefined ? {} : { weak }) };
      }),
    });
    if (accepted.length < 2) return result(accepted, 'only-one');
    const pick = async (ids: readonly number[]) => {
      const answer = await this.ask({ version, cipherSuites: ids });
      return answer?.kind === 'hello' ? answer.hello.cipherSuite : undefined;
    };
    const orderIsServers = async (ids: readonly number[]) => {
      const forward = await pick(ids);
      return forward !== undefined && forward === (await pick([...ids].reverse()));
    };
    // Many servers keep their own order but give way to a client that puts ChaCha20 first, since it has no AES in hardware (Go, OpenSSL when told to).
    const others = accepted.filter((id) => !isChaCha(id));
    const givesWay = others.length > 1 && others.length < accepted.length;
    const strict = await orderIsServers(accepted);
    if (!strict && !(givesWay && (await orderIsServers(others)))) return result(accepted, 'client');
    if (!strict) this.notes.add(`${versionName(version)}: the server's own order, but ChaCha20 comes first where the client puts it first`);
    const order: number[] = [];
    let rest: readonly number[] = strict ? accepted : [...others, ...accepted.filter(isChaCha)];
    while (rest.length > 1) {
      const next = await pick(rest);
      if (next === undefined || !rest.includes(next)) break;
      order.push(next);
      rest = rest.filter((id) => id !== next);
    }
    return result([...order, ...rest], 'server');
  }

  /** Without a key share the server names the group it wants. */
  private async groupsOf13(accepted: readonly number[]): Promise<string[]> {
    const found: string[] = [];
    let offered = [...GROUPS];
    while (offered.length > 0) {
      const answer = await this.ask({ version: TLS_13, cipherSuites: accepted, groups: offered, keyShare: false });
      const group = answer?.kind === 'hello' && answer.hello.helloRetryRequest ? answer.hello.group : undefined;
      if (group === undefined || !offered.includes(group)) break;
      found.push(groupName(group));
      offered = offered.filter((id) => id !== group);
    }
    return found;
  }

  /** Elimination, as for the suites. The curve of an ECDSA certificate has to stand among the groups too (RFC 8422 §2.2): it stays, at the end. */
  private async groupsOf12(version: number, accepted: readonly number[], preference: 'server' | 'client' | 'only-one'): Promise<string[]> {
    const ephemeral = accepted.filter((id) => cipherSuiteOf(id)?.keyExchange.startsWith('ECDHE'));
    if (ephemeral.length === 0) return [];
    const { certificateCurve } = this.options;
    const ofCertificate =
      certificateCurve === undefined ? CERTIFICATE_GROUPS : certificateCurve === null ? [] : [CURVES[certificateCurve] ?? 23];
    const found: number[] = [];
    let offered = [...GROUPS.filter((id) => id < 256 && !ofCertificate.includes(id)), ...ofCertificate];
    while (offered.length > 0) {
      const answer = await this.ask({ version, cipherSuites: ephemeral, groups: offered }, true);
      const group = answer?.kind === 'hello' ? answer.keyExchangeGroup : undefined;
      if (group === undefined || !offered.includes(group)) break;
      found.push(group);
      offered = offered.filter((id) => id !== group);
    }
    // The certificate's own curve was taken though it stood last, and without it there is no answer: what a server prefers less stays unseen.
    const last = found.at(-1);
    const [first] = found;
    const serverDecides = async () => {
      if (preference === 'client' || last === undefined || first === undefined) return false;
      if (first === last) return true;
      const answer = await this.ask({ version, cipherSuites: ephemeral, groups: [last, first] }, true);
      return answer?.kind === 'hello' && answer.keyExchangeGroup === first;
    };
    if (last !== undefined && ofCertificate.includes(last) && offered.length > 0 && (await serverDecides()))
      this.notes.add(
        `${versionName(version)}: groups that the server likes less than ${groupName(last)}, the curve of its certificate, cannot be seen`,
      );
    return found.map(groupName);
  }

  /** One scheme an offer, with suites whose handshake has to be signed. */
  private async schemesOf(version: number, accepted: readonly number[], groupsTaken: readonly string[]): Promise<string[]> {
    const signed =
      version === TLS_13 ? accepted : accepted.filter((id) => /^(EC)?DHE_(RSA|ECDSA|DSS)$/.test(cipherSuiteOf(id)?.keyExchange ?? ''));
    if (signed.length === 0) return [];
    const found: string[] = [];
    // A server that would rather have another group asks for it first (HelloRetryRequest) and looks at the schemes later: it gets no choice.
    const onlyShared = version === TLS_13 && groupsTaken.includes(groupName(X25519));
    for (const scheme of SIGNATURE_SCHEMES) {
      // In TLS 1.2 some servers notice only after their ServerHello: what counts is a signature that was made.
      const answer = await this.ask(
        { version, cipherSuites: signed, signatureSchemes: [scheme], ...(onlyShared && { groups: [X25519] }) },
        version !== TLS_13,
      );
      if (answer?.kind !== 'hello') continue;
      const taken = version === TLS_13 ? !(onlyShared && answer.hello.helloRetryRequest) : answer.keyExchangeScheme === scheme;
      if (taken) found.push(signatureSchemeName(scheme));
    }
    if (found.length === SIGNATURE_SCHEMES.length) {
      this.notes.add(`${versionName(version)}: the server answers whatever signature schemes are offered, so its own cannot be told`);
      return [];
    }
    return found;
  }
}

function isChaCha(id: number): boolean {
  return cipherSuiteName(id).includes('CHACHA20');
}

function suitesFor(version: number): readonly number[] {
  if (version === TLS_13) return SUITES_13;
  return version === TLS_12 ? SUITES_12 : SUITES_BEFORE_12;
}

function describe(answer: HelloAnswer | undefined): string {
  if (answer === undefined) return 'not tried';
  return answer.kind === 'alert' ? `alert ${answer.number} ${answer.name}` : answer.kind === 'hello' ? 'answered' : answer.kind;
}
