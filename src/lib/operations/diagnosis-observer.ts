import { setMaxListeners } from 'node:events';
import { impostorTwin, untrustedTwin } from '../ca/client-twins.js';
import type { Experiment, PlanLimits } from '../diagnose/experiments/experiment.js';
import { plainLooks, planExperiments } from '../diagnose/experiments/plan.js';
import { derive, type Evidence } from '../evidence/evidence.js';
import { wantsTls } from '../evidence/first-bytes.js';
import { fetchBytes } from '../io/http-fetch.js';
import { clockOffsetMs, localNow } from '../io/local-clock.js';
import { readFileClock, readTimeService } from '../io/time-service.js';
import { offsetOfHttpDate, readTimeSource, type TimeSource } from '../io/time-source.js';
import { otherStores } from '../io/trust-store.js';
import { handshake } from '../observe/handshake.js';
import type { ClientCredential, HandshakeRequest } from '../observe/handshake-request.js';
import type { ClientIdentity, ClockReading, HandshakeRecord, Observation } from '../observe/observation.js';
import { lookInPlaintext } from '../observe/plaintext.js';
import { ocspRequestFor } from '../x509/ocsp-request.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { certificatesFromPem } from '../x509/pem.js';

/** How long a patient look listens after the handshake. */
const PATIENCE_MS = 2500;

/** What every handshake of a diagnosis has in common. */
export interface ObserverSettings {
  /** Host and port to connect to; the address comes with each experiment. */
  port: number;
  servername: string | undefined;
  hostname: string;
  /** For the Host header. */
  httpHost: string;
  httpPath: string;
  credential: ClientCredential | undefined;
  starttls?: string;
  proxy?: HandshakeRequest['proxy'];
  timeoutMs: number;
  /** Anchors for node's own verdict; undefined: node's default store. */
  ca: readonly Uint8Array[] | undefined;
  timeSources: readonly TimeSource[];
  plan: PlanLimits;
  repeat: number;
  signal: AbortSignal;
}

/** Longest wait for what a port says in plaintext; greetings of mail and SSH servers take a second at times. */
const PLAINTEXT_WAIT_MS = 1300;
const FETCH_WAIT_MS = 1500;
const TIME_WAIT_MS = 1500;
const MOST_ROUNDS = 4;
/** Handshakes and looks that may run at once, with many addresses and repetitions. */
const MOST_LISTENERS = 1000;
/** A server that has not answered a ClientHello for so long may be no TLS server. */
const SILENCE_MS = 1200;

/** Makes the handshakes and fills the observation, round by round: evidence so far, then the experiments that it calls for. */
export class DiagnosisObserver {
  readonly observation: Observation;
  private readonly settings: ObserverSettings;
  private readonly done = new Set<string>();
  private readonly twins = new Map<ClientIdentity, ClientCredential>();
  private nextId = 0;
  /** Ends the handshakes of the round that is running. */
  private current: AbortSignal;

  constructor(observation: Observation, settings: ObserverSettings) {
    this.observation = observation;
    this.settings = settings;
    this.current = settings.signal;
    // A dozen experiments at once listen to the same signal; node would call that a leak on the caller's terminal.
    setMaxListeners(MOST_LISTENERS, settings.signal);
  }

  /** `progress` gets the evidence after every round, so that a verdict can be shown early. */
  async run(addresses: readonly string[], progress?: (evidence: Evidence) => void): Promise<void> {
    const { settings } = this;
    const [first, ...others] = addresses;
    if (first === undefined) return;
    const base: Experiment[] = [
      { kind: 'handshake', key: `symptom ${first}`, why: 'as your program would', experiment: 'symptom', address: first, verify: true },
      { kind: 'handshake', key: `look ${first}`, why: 'without verification, to see everything', experiment: 'look', address: first },
      ...others.map(
        (address): Experiment => ({
          kind: 'handshake',
          key: `address ${address}`,
          why: `the other address ${address}`,
          experiment: 'address',
          address,
        }),
      ),
      ...addresses.flatMap((address) =>
        Array.from(
          { length: Math.max(0, settings.repeat - 1) },
          (_, index): Experiment => ({
            kind: 'handshake',
            key: `repeat ${address} ${index}`,
            why: `the same again (${index + 2} of ${settings.repeat})`,
            experiment: 'repeat',
            address,
          }),
        ),
      ),
    ];
    const times = settings.plan.fixedTime ? [] : settings.timeSources;
    const files = settings.plan.fixedTime ? undefined : readFileClock();
    if (files !== undefined) this.clock(files);
    if (settings.plan.fixedTime)
      this.clock({
        source: 'the time given (--at)',
        kind: 'given',
        of: 'reference',
        reading: { status: 'completed', value: { offsetSeconds: 0, uncertaintySeconds: 0 }, ms: 0 },
      });
    await Promise.all([
      this.firstRound(base, first),
      ...times.map(async (source) => this.clock(await readTimeSource(source, TIME_WAIT_MS))),
    ]);
    for (let round = 0; round < MOST_ROUNDS && !settings.signal.aborted; round += 1) {
      const evidence = derive(this.observation);
      progress?.(evidence);
      const plan = planExperiments(evidence, this.done, settings.plan);
      if (plan.length === 0) break;
      await this.perform(plan, evidence);
    }
    this.observation.handshakes.sort((a, b) => a.id - b.id);
  }

  /** The first handshakes. While they wait for an answer that does not come, the port is looked at in plaintext; when it speaks, they are given up. */
  private async firstRound(base: readonly Experiment[], address: string): Promise<void> {
    const { settings, observation } = this;
    const giveUp = new AbortController();
    this.current = AbortSignal.any([settings.signal, giveUp.signal]);
    setMaxListeners(MOST_LISTENERS, this.current);
    let over = false;
    const handshakes = this.perform(base).then(() => {
      over = true;
    });
    const silence = async () => {
      await pause(SILENCE_MS, settings.signal);
      if (
        over ||
        settings.signal.aborted ||
        settings.starttls !== undefined ||
        settings.proxy !== undefined ||
        observation.handshakes.some(({ outcome }) => outcome !== 'unreachable')
      )
        return;
      await this.perform(plainLooks(address));
      const spoke = observation.plaintext.some(
        ({ result }) => result.status === 'completed' && result.value.first.length > 0 && !wantsTls(result.value.first),
      );
      if (spoke) giveUp.abort();
    };
    await Promise.all([handshakes, Promise.race([silence(), handshakes])]);
    this.current = settings.signal;
  }

  private async perform(plan: readonly Experiment[], evidence?: Evidence): Promise<void> {
    for (const { key } of plan) this.done.add(key);
    await Promise.all(plan.map((experiment) => this.one(experiment, evidence)));
  }

  private async one(experiment: Experiment, evidence: Evidence | undefined): Promise<void> {
    const { observation, settings } = this;
    switch (experiment.kind) {
      case 'handshake': {
        const record = await handshake(this.requestFor(experiment, evidence));
        this.keep(record);
        return;
      }
      case 'plaintext': {
        const askedAt = localNow();
        const record = await lookInPlaintext({
          probe: experiment.probe,
          address: experiment.address,
          port: settings.port,
          host: settings.httpHost,
          timeoutMs: Math.min(PLAINTEXT_WAIT_MS, settings.timeoutMs),
          signal: settings.signal,
        });
        observation.plaintext.push(record);
        if (record.result.status === 'completed' && experiment.probe === 'http') {
          const date = /^date:\s*([^\r\n]+)/im.exec(Buffer.from(record.result.value.first).toString('latin1'))?.[1];
          this.peerClock(date, askedAt, localNow(), 'Date of a plain answer of the server');
        }
        return;
      }
      case 'time-service':
        for (const reading of await readTimeService(TIME_WAIT_MS)) this.clock(reading);
        return;
      case 'fetch':
        await this.fetch(experiment, evidence);
        return;
      case 'other-stores': {
        const stores = await otherStores(observation.given.trust.kind, process.env);
        observation.given.otherTrust.push(...stores.map(({ name, files }) => ({ store: name, files })));
        this.keepRelevantStores();
        return;
      }
    }
  }

  private requestFor(experiment: Extract<Experiment, { kind: 'handshake' }>, evidence: Evidence | undefined): HandshakeRequest {
    const { settings, observation } = this;
    const servername = experiment.servername === undefined ? settings.servername : (experiment.servername ?? undefined);
    const identity: ClientIdentity = experiment.client ?? (settings.credential === undefined ? 'none' : 'given');
    const client = identity === 'given' ? settings.credential : identity === 'none' ? undefined : this.twin(identity, evidence);
    const left = settings.timeoutMs;
    return {
      why: experiment.why,
      experiment: experiment.experiment,
      id: this.nextId++,
      address: experiment.address,
      port: settings.port,
      hostname: settings.hostname,
      limits: experiment.limits ?? observation.given.limits,
      clientIdentity: client === undefined ? 'none' : identity,
      timeoutMs: left,
      connectTimeoutMs: left,
      httpTimeoutMs: Math.min(left, 1500),
      signal: this.current,
      ...(servername !== undefined && { servername }),
      ...(client && { client }),
      ...(settings.starttls !== undefined && { starttls: settings.starttls }),
      ...(settings.proxy && { proxy: settings.proxy }),
      ...(experiment.verify && { verify: true, ...(settings.ca && { ca: settings.ca }) }),
      ...(experiment.requestOcsp && { requestOcsp: true }),
      ...(experiment.patient && { quietWindowMs: Math.min(left, PATIENCE_MS) }),
      ...(experiment.login && { login: experiment.login }),
      ...(experiment.request && { http: { path: settings.httpPath, host: settings.httpHost } }),
    };
  }

  /** Keeps a record, on the tool's clock, and reads the server's clock off its HTTP answer. */
  private keep(record: HandshakeRecord): void {
    const shift = clockOffsetMs();
    if (shift !== 0) record.at = new Date(Date.parse(record.at) + shift).toISOString();
    const { http } = record;
    if (http !== undefined) {
      const askedAt = Date.parse(http.at) + shift;
      http.at = new Date(askedAt).toISOString();
      this.peerClock(http.date, askedAt, askedAt + http.roundTripMs, `Date of the server (handshake ${record.id})`);
    }
    this.observation.handshakes.push(record);
  }

  private peerClock(date: string | undefined, askedAt: number, answeredAt: number, source: string): void {
    const value = date === undefined || this.settings.plan.fixedTime ? undefined : offsetOfHttpDate(date, askedAt, answeredAt);
    if (value !== undefined)
      this.clock({ source, kind: 'http-date', of: 'peer', reading: { status: 'completed', value, ms: answeredAt - askedAt } });
  }

  private clock(reading: ClockReading): void {
    this.observation.clocks.push(reading);
  }

  /** A credential made on the spot; it lives in memory only. */
  private twin(identity: ClientIdentity, evidence: Evidence | undefined): ClientCredential | undefined {
    const known = this.twins.get(identity);
    if (known !== undefined) return known;
    const now = localNow();
    const leaf = evidence?.client?.leaf;
    const made =
      identity === 'impostor' && leaf !== undefined
        ? impostorTwin({
            now,
            authorityName: leaf.issuer.commonName ?? 'Unknown',
            authoritySubject: leaf.issuer.der,
            authorityKeyIdentifier: leaf.authorityKeyIdentifier?.keyIdentifier ?? null,
          })
        : identity === 'untrusted'
          ? untrustedTwin({ now })
          : undefined;
    if (made === undefined) return undefined;
    // The impostor comes with the genuine intermediates, so that it differs from the certificate given in the signature alone.
    const above = identity === 'impostor' ? (this.observation.given.client?.certificate.certificates.slice(1) ?? []) : [];
    const credential: ClientCredential = {
      label: `${identity} twin`,
      cert: [...certificatesFromPem(made.certPem), ...above],
      key: made.keyPem,
    };
    this.twins.set(identity, credential);
    return credential;
  }

  private async fetch(experiment: Extract<Experiment, { kind: 'fetch' }>, evidence: Evidence | undefined): Promise<void> {
    const { what, url, certificate } = experiment;
    const server = evidence?.server;
    if (what === 'ocsp') {
      const issuer = server?.path.best.steps[1]?.certificate;
      if (server === undefined || issuer === undefined) return;
      const result = await fetchBytes(url, {
        timeoutMs: FETCH_WAIT_MS,
        body: ocspRequestFor(server.leaf, issuer),
        contentType: 'application/ocsp-request',
      });
      this.observation.fetched.push({
        kind: 'ocsp',
        from: url,
        for: certificate,
        result: result.status === 'completed' ? { ...result, value: [result.value] } : result,
      });
      return;
    }
    const result = await fetchBytes(url, { timeoutMs: FETCH_WAIT_MS });
    if (result.status !== 'completed') {
      this.observation.fetched.push({ kind: what, from: url, for: certificate, result });
      return;
    }
    const text = Buffer.from(result.value).toString('latin1');
    const ders = text.includes('-----BEGIN') ? certificatesFromPem(text) : [result.value];
    this.observation.fetched.push({
      kind: what,
      from: url,
      for: certificate,
      result: { ...result, value: what === 'aia' && ders.length > 0 ? ders : [result.value] },
    });
  }

  /** Hundreds of roots do not belong into an observation: only those that share a name with an issuer of the chain are kept. */
  private keepRelevantStores(): void {
    const { server } = derive({ ...this.observation, given: { ...this.observation.given, otherTrust: [] } });
    const names = new Set([
      ...(server?.chain ?? []).flatMap(({ certificate }) => [certificate.issuer.key]),
      ...(server?.path.best.steps ?? []).map(({ certificate }) => certificate.issuer.key),
    ]);
    this.observation.given.otherTrust = this.observation.given.otherTrust
      .map(({ store, files }) => ({
        store,
        files: files
          .map((file) => ({ ...file, certificates: file.certificates.filter((der) => names.has(parseCertificate(der).subject.key)) }))
          .filter(({ certificates }) => certificates.length > 0),
      }))
      .filter(({ files }) => files.length > 0);
  }
}

/** Waits, or ends early when the signal comes. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    timer.unref();
    signal.addEventListener('abort', end, { once: true });
  });
}
