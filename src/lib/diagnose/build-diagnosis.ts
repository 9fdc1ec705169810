import { createHash } from 'node:crypto';
import type { Cause } from '../cause.js';
import type { ClockEstimate } from '../evidence/clock.js';
import { derive, type Evidence } from '../evidence/evidence.js';
import { halfWidth, middle } from '../evidence/interval.js';
import { trueTime } from '../evidence/server.js';
import type { HandshakeRecord, Observation } from '../observe/observation.js';
import { summarise, verificationDocument } from '../path/verification-document.js';
import { presentedText } from '../x509/server-identity.js';
import { checkedBy, notCheckedBy } from './coverage.js';
import type { ChainCertificate, ClockDocument, ContactDocument, Diagnosis, HandshakeDocument, OffsetDocument } from './diagnosis.js';
import { type Judgement, judge } from './engine.js';
import { fillTemplates } from './meta.js';
import { minded } from './path-findings.js';
import { rank } from './rank.js';
import { metaOf, RULES } from './registry.js';
import { commandsFor } from './target-commands.js';
import { unexplained } from './unexplained.js';
import { callerValues } from './wording.js';

/** The whole corridor behind an observation: derive, judge, rank, report. Pure, so a replayed observation gives the same document. */
export function diagnosisOf(observation: Observation): Diagnosis {
  return documentOf(derive(observation));
}

/** The document of evidence that was derived already. */
export function documentOf(evidence: Evidence): Diagnosis {
  const { observation, target, server } = evidence;
  const judgements = judge(evidence, RULES);
  const ranked = rank(evidence, judgements);
  const { warnings } = ranked;
  const unknown = ranked.causes.length === 0 ? unexplained(evidence) : undefined;
  const causes = unknown === undefined ? ranked.causes : [unknown];
  const { given } = observation;
  const resolved = target.resolution.status === 'completed' ? target.resolution.value.addresses : [];
  return {
    schema: 'tlsmedic/diagnosis@1',
    ok: causes.length === 0,
    at: observation.at,
    target: {
      input: target.input,
      host: target.host,
      port: target.port,
      servername: target.servername ?? null,
      hostname: target.hostname,
      addresses: resolved,
      ...(target.starttls !== undefined && { starttls: target.starttls }),
    },
    causes,
    warnings,
    notChecked: notCheckedBy(evidence, judgements),
    checked: checkedBy(evidence, causes),
    handshakes: observation.handshakes.map(handshakeDocument),
    chain: chainOf(evidence, judgements),
    paths:
      server === undefined
        ? []
        : verificationDocument(server.path, {
            question: {
              leaf: { certificate: server.leaf, source: 'certificate 0 as sent' },
              intermediates: [],
              anchors: [],
              at: trueTime(evidence.clock),
              profile: 'openssl',
            },
            trust: given.trust.store,
            chain: [],
            elsewhere: [],
          }).paths,
    clock: clockDocument(evidence),
    contacts: contactsOf(observation),
    given: {
      trust: given.trust.store,
      client: given.client === undefined ? null : { certificate: given.client.certificate.label, key: given.client.key.label },
      limits: given.limits,
      environment: observation.environment,
    },
    explanations: explanationsOf(evidence, [...causes, ...warnings]),
    crashed: judgements.flatMap(({ rule, outcome }) =>
      outcome.status === 'crashed' ? [{ code: rule.meta.code, message: outcome.message }] : [],
    ),
  };
}

function explanationsOf(evidence: Evidence, causes: readonly Cause[]): Diagnosis['explanations'] {
  const values = callerValues(evidence);
  return Object.fromEntries(
    causes.flatMap(({ code, party }) => {
      const meta = metaOf(code);
      if (meta === undefined) return [];
      const confirm = commandsFor(evidence, party, fillTemplates(meta.confirm, values));
      return [[code, { title: meta.title, why: meta.why, confirm, page: `docs/causes/${code}.md` }]];
    }),
  );
}

function handshakeDocument(record: HandshakeRecord): HandshakeDocument {
  return {
    id: record.id,
    why: record.why,
    experiment: record.experiment,
    at: record.at,
    sent: record.sent,
    outcome: record.outcome,
    acceptance: record.acceptance ?? null,
    error: record.error === undefined ? null : { code: record.error.code, message: record.error.message },
    alertReceived: record.alertReceived ?? null,
    alertSent: record.alertSent ?? null,
    authorizationError: record.authorizationError ?? null,
    secureConnect: record.secureConnect,
    negotiated: record.negotiated ?? null,
    chain: record.chain.map((der) => createHash('sha256').update(der).digest('hex')),
    certificateRequest:
      record.certificateRequest === undefined
        ? null
        : {
            certificateAuthorities: record.certificateRequest.certificateAuthorities.map(({ text }) => text),
            signatureSchemes: record.certificateRequest.signatureSchemes,
          },
    clientCertificatesSent: record.clientCertificatesSent ?? null,
    http:
      record.http === undefined
        ? null
        : {
            status: record.http.status,
            statusText: record.http.statusText,
            server: record.http.server ?? null,
            date: record.http.date ?? null,
          },
    greeting: record.greeting ?? null,
    login: record.login ?? null,
    timings: record.timings,
    transcript: record.transcript ?? null,
  };
}

/** Which causes stand at which certificate of the chain as sent. */
function chainOf(evidence: Evidence, _judgements: readonly Judgement[]): ChainCertificate[] {
  const { server, clock } = evidence;
  if (server === undefined) return [];
  const now = trueTime(clock);
  const steps = server.path.best.steps;
  return server.chain.map(({ certificate, source }, index) => {
    const at = steps.findIndex((step) => step.certificate.fingerprint === certificate.fingerprint);
    const problems = new Set<string>();
    const dated = server.dates.find((one) => one.certificate.fingerprint === certificate.fingerprint);
    if (dated !== undefined && dated.validity.conclusion !== 'valid') problems.add(dated.validity.conclusion);
    for (const problem of [...server.path.problems, ...server.stricter.filter((one) => minded(server, one))])
      if (problem.index === at && problem.code !== 'expired' && problem.code !== 'not-yet-valid') problems.add(problem.code);
    if (index === 0) for (const identity of server.identities) if (!identity.ok) problems.add(identity.code ?? 'san-mismatch');
    const life = (now - certificate.notBefore) / (certificate.notAfter - certificate.notBefore);
    return {
      ...summarise({ certificate, source }),
      index,
      names: (certificate.subjectAltName ?? []).map(presentedText),
      key: [certificate.publicKey.type, certificate.publicKey.curve ?? certificate.publicKey.bits].join(' '),
      signature: certificate.signatureAlgorithm.name,
      lifetimeUsed: Number.isFinite(life) ? Math.round(life * 1000) / 1000 : null,
      problems: [...problems],
      used: at >= 0,
    };
  });
}

function offsetOf(estimate: ClockEstimate | undefined): OffsetDocument | null {
  if (estimate === undefined) return null;
  const round = (value: number) => Math.round(value * 1000) / 1000;
  return {
    offsetSeconds: round(middle(estimate.offset)),
    uncertaintySeconds: round(halfWidth(estimate.offset)),
    sources: estimate.sources,
    outvoted: estimate.outvoted,
  };
}

function clockDocument({ clock, observation }: Evidence): ClockDocument {
  return {
    local: observation.at,
    reference: offsetOf(clock.reference),
    peer: offsetOf(clock.peer),
    readings: observation.clocks.map(({ source, kind, of, reading }) => ({
      source,
      kind,
      of,
      offsetSeconds: reading.status === 'completed' ? Math.round(reading.value.offsetSeconds * 1000) / 1000 : null,
      uncertaintySeconds: reading.status === 'completed' ? Math.round(reading.value.uncertaintySeconds * 1000) / 1000 : null,
      error: reading.status === 'failed' ? reading.failure.message : reading.status === 'not-run' ? reading.why : null,
    })),
  };
}

function contactsOf(observation: Observation): ContactDocument[] {
  const clocks = observation.clocks
    .filter(({ kind, of }) => of === 'reference' && (kind === 'http-date' || kind === 'sntp'))
    .map(({ source, reading }) => ({ what: 'time', to: source, ok: reading.status === 'completed' }));
  const fetched = observation.fetched
    .filter(({ kind }) => kind !== 'local-store')
    .map(({ kind, from, result }) => ({ what: kind, to: from, ok: result.status === 'completed' }));
  return [...clocks, ...fetched];
}
