import { type Reception, readReception } from '../../evidence/reception.js';
import type { EndpointFacts, NegativeHandshake } from '../endpoint-facts.js';
import type { Check } from '../expectation.js';
import { failed, passed, unchecked } from '../judgement.js';
import { MTLS_CLIENTS, type MtlsClient } from '../mtls-clients.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/**
 * Mutual TLS is enforced when every client that should be refused is refused: without a certificate, with one of a stranger, an expired one,
 * one for servers only, and one that merely bears the right names. A CertificateRequest alone proves nothing: servers ask and then let everybody in.
 */
export const mtls: ExpectationRule = {
  expectation: 'mtls',
  asked: (expect) => expect.mtls !== undefined,
  check: (facts) => {
    switch (facts.expect.mtls) {
      case 'none':
        return noneExpected(facts);
      case 'optional':
        return optionalExpected(facts);
      default:
        return requiredExpected(facts);
    }
  },
};

/** Clients of the file that must be refused: another service's certificate, say. */
export const refuses: ExpectationRule = {
  expectation: 'refuses',
  asked: (expect) => expect.refuses !== undefined,
  check: (facts) => {
    const given = facts.negatives.filter(({ named }) => named);
    return given.length === 0
      ? unchecked('refuses', 'no handshake could be made with these certificates')
      : judgeRefusals('refuses', facts, given);
  },
};

function wasAsked({ main, negatives }: EndpointFacts): boolean {
  return main.certificateRequest !== undefined || negatives.some(({ record }) => record.certificateRequest !== undefined);
}

function noneExpected(facts: EndpointFacts): Check {
  if (wasAsked(facts))
    return failed('mtls', 'client-cert-required', {
      summary: 'the server asks for a client certificate, none is expected',
      evidence: [{ fact: 'certificateRequest', value: true, source: `handshake ${facts.main.id}` }],
      values: placeholdersOf(facts),
    });
  if (!facts.main.secureConnect) return unchecked('mtls', `the handshake did not get that far (${facts.main.outcome})`);
  return passed('mtls', 'no client certificate is asked for');
}

function optionalExpected(facts: EndpointFacts): Check {
  if (!wasAsked(facts))
    return failed('mtls', 'client-auth-not-enforced', {
      summary: 'the server does not ask for a client certificate',
      evidence: [{ fact: 'certificateRequest', value: false, source: `handshake ${facts.main.id}` }],
      values: placeholdersOf(facts),
    });
  const none = facts.negatives.find(({ client }) => client === 'none');
  const record = none?.record ?? facts.main;
  const reception = received(facts, record);
  if (reception.verdict === 'refused')
    return failed('mtls', 'client-cert-required', {
      summary: `without a client certificate the server refuses (${reception.how})`,
      evidence: [{ fact: 'refusal', value: reception.how, source: `handshake ${reception.handshake}` }],
      values: placeholdersOf(facts),
    });
  // Whether somebody above TLS refuses later is not what is asked here; the handshake came through.
  const through = record.secureConnect && (record.acceptance === 'ticket' || record.negotiated?.version === 'TLSv1.2');
  if (reception.verdict === 'accepted' || (reception.verdict === 'unknown' && reception.status === undefined && through))
    return passed('mtls', 'a client certificate is asked for and may be left out');
  return unchecked('mtls', `whether a client certificate may be left out cannot be told: ${reception.how}`);
}

function requiredExpected(facts: EndpointFacts): Check | Check[] {
  const wanted = facts.expect.mtlsClients ?? MTLS_CLIENTS;
  const own = readReception(facts.main);
  const tried = facts.negatives.filter(({ client }) => client !== undefined && wanted.includes(client));
  const open = judgeRefusals('mtls', facts, tried).filter(({ status }) => status !== 'passed');
  if (facts.target.client !== undefined && own.verdict === 'refused')
    open.unshift(
      failed('mtls', 'client-cert-rejected', {
        summary: `the server refuses the given client certificate (${own.how})`,
        evidence: [{ fact: 'refusal', value: own.how, source: `handshake ${own.handshake}` }],
        values: placeholdersOf(facts),
      }),
    );
  const untried = wanted.filter((client) => !tried.some((negative) => negative.client === client));
  if (untried.length > 0) open.push(unchecked('mtls', untriedText(untried, facts.foreign)));
  if (open.length > 0) return open;
  const left = MTLS_CLIENTS.filter((client) => !wanted.includes(client));
  return passed(
    'mtls',
    `enforced: ${labelsOf(tried)} all refused`,
    left.length === 0 ? undefined : `clients with ${left.map(clientText).join(' or ')} were not tried`,
  );
}

function clientText(client: MtlsClient): string {
  switch (client) {
    case 'none':
      return 'no certificate';
    case 'untrusted':
      return 'an untrusted certificate';
    case 'impostor':
      return 'a certificate from an impostor of the authority';
    case 'expired':
      return 'an expired certificate';
    default:
      return 'a certificate for servers only';
  }
}

function untriedText(untried: readonly MtlsClient[], foreign: readonly string[]): string {
  const what = `not tried: ${untried.map(clientText).join(', ')}`;
  if (untried.some((client) => client !== 'expired' && client !== 'wrong-purpose')) return what;
  const rest = MTLS_CLIENTS.filter((client) => !untried.includes(client));
  const why = foreign.length > 0 ? `${foreign.join('; ')}. ` : 'only the authority of the clients can make them. ';
  return `${what}: ${why}Name its folder under authority, or such certificates with their keys under refuses, or hold the server to less: mtlsClients: [${rest.join(', ')}]`;
}

/** As `readReception`, a status that may mean anything being compared with what the given client gets. */
function received(facts: EndpointFacts, record: NegativeHandshake['record']): Reception {
  const reception = readReception(record);
  const given = facts.admitted ?? facts.main;
  if (reception.verdict !== 'unknown' || reception.status === undefined || facts.target.client === undefined || given.http === undefined)
    return reception;
  if (given.http.status >= 400 && given.http.status !== 404) return reception;
  return { ...reception, verdict: 'refused', how: `${reception.how}, where the given client gets HTTP ${given.http.status}` };
}

/** One check for each way in which the server received these clients: a server that lets everybody in is one finding, not ten. */
function judgeRefusals(expectation: 'mtls' | 'refuses', facts: EndpointFacts, negatives: readonly NegativeHandshake[]): Check[] {
  const groups = new Map<string, { reception: Reception; members: NegativeHandshake[] }>();
  for (const negative of negatives) {
    const reception = received(facts, negative.record);
    // How each was refused differs and does not matter; what could not be told does not become surer by being told twice.
    const key =
      reception.verdict === 'refused' || reception.verdict === 'accepted' ? reception.verdict : `${reception.verdict} ${reception.how}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { reception, members: [negative] });
    else group.members.push(negative);
  }
  const order = ['accepted', 'unknown', 'not-reached', 'refused'];
  return [...groups.values()]
    .sort((a, b) => order.indexOf(a.reception.verdict) - order.indexOf(b.reception.verdict))
    .map(({ reception, members }) => refusal(expectation, facts, reception, members));
}

function refusal(
  expectation: 'mtls' | 'refuses',
  facts: EndpointFacts,
  reception: Reception,
  members: readonly NegativeHandshake[],
): Check {
  const labels = labelsOf(members);
  switch (reception.verdict) {
    case 'refused':
      return passed(expectation, `${labels} refused: ${reception.how}`);
    case 'accepted':
      return failed(expectation, 'client-auth-not-enforced', {
        summary: `the server lets in ${members.length === 1 ? 'a client' : 'clients'} with ${labels} (${reception.how})`,
        evidence: members.map(({ record }) => ({
          fact: 'accepted',
          value: readReception(record).how,
          source: `handshake ${record.id}: ${record.why}`,
        })),
        values: placeholdersOf(facts),
      });
    case 'unknown':
      return unchecked(
        expectation,
        `whether ${labels} ${members.length === 1 ? 'is' : 'are'} refused cannot be told: ${reception.how}; ${wayOut(facts, reception)}`,
      );
    default:
      return unchecked(expectation, `the handshake with ${labels} did not get that far: ${reception.how}`);
  }
}

const IN_OLDER = ' in TLS 1.2';

/** The clients in one phrase: those of which the same is true in both versions are named once. */
function labelsOf(members: readonly NegativeHandshake[]): string {
  const labels = members.map(({ label }) => label);
  const newer = labels.filter((label) => !label.endsWith(IN_OLDER));
  const older = labels.filter((label) => label.endsWith(IN_OLDER)).map((label) => label.slice(0, -IN_OLDER.length));
  if (older.length === 0) return newer.join(', ');
  if (newer.length === 0) return `${older.join(', ')}${IN_OLDER}`;
  const same = older.length === newer.length && older.every((label) => newer.includes(label));
  return same ? `${newer.join(', ')}, in TLS 1.3 and in 1.2` : `${newer.join(', ')}, and in TLS 1.2 ${older.join(', ')}`;
}

/** What would let it be told. */
function wayOut(facts: EndpointFacts, { status }: Reception): string {
  if (status === undefined) return 'give an https:// address, so that a request can decide';
  const given = (facts.admitted ?? facts.main).http?.status;
  if (facts.target.client === undefined)
    return 'it may be about something else: name the client certificate that is let in, so that the two answers can be compared';
  return `the given client gets ${given === undefined ? 'no HTTP answer' : `HTTP ${given}`} too: name a path at which it is let in`;
}
