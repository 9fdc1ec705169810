import type { EvidenceItem, Fix } from '../cause.js';
import { byExperiment, type Evidence } from '../evidence/evidence.js';
import { referencesOf } from '../evidence/server.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { matchIdentity, presentedText } from '../x509/server-identity.js';
import { type Finding, found, notApplicable, type Outcome, PASS } from './rule.js';
import { callName, fact, fixFor, handshakeSource, listText } from './wording.js';

/** The name checks of RFC 9525 and X.509-SVID, and what would mend a mismatch. */
export function nameFindings(evidence: Evidence, code: 'san-mismatch' | 'no-san'): Outcome {
  const { server } = evidence;
  if (server === undefined) return PASS;
  // What could not be read has no names to compare.
  if (server.leaf.problems.some(({ severity }) => severity === 'fatal') && server.leaf.subjectAltName === undefined)
    return notApplicable('the certificate cannot be read');
  return found(
    ...server.identities
      .filter((identity) => !identity.ok && (identity.code ?? 'san-mismatch') === code)
      .map((identity): Finding => {
        const wanted = identity.reference.value;
        const names = (server.leaf.subjectAltName ?? []).map(presentedText);
        const facts: EvidenceItem[] = [
          fact(
            'wanted',
            wanted,
            identity.reference.kind === 'spiffe-id'
              ? '--spiffe-id'
              : identity.reference.kind === 'trust-domain'
                ? '--trust-domain'
                : 'target',
          ),
          fact('subject alternative names', names.length === 0 ? 'none' : listText(names, 12), 'certificate 0 as sent'),
          fact('common name', server.leaf.subject.commonName ?? null, 'certificate 0 as sent'),
          ...(identity.why === undefined ? [] : [fact('because', identity.why, 'RFC 9525')]),
          ...(code === 'no-san'
            ? [fact('node and OpenSSL', server.lenientIdentity ? 'accept it by its common name' : 'refuse it too', 'their rules')]
            : []),
        ];
        const fixes: Fix[] = [];
        const withoutSni = servedUnder(evidence, 'no-sni');
        if (withoutSni !== undefined) {
          facts.push(
            fact('without SNI', withoutSni.ok ? 'a certificate that fits is served' : `${withoutSni.name} is served`, withoutSni.source),
          );
          if (withoutSni.ok)
            fixes.push({ title: 'the server picks the wrong certificate for this SNI: correct its mapping of names to certificates' });
        }
        if (evidence.look?.sent.servername === undefined && identity.reference.kind === 'ip')
          facts.push(fact('SNI', 'none was sent: the target is an address', 'our ClientHello'));
        const near = nearName(wanted, names);
        if (near !== undefined)
          fixes.push(
            fixFor(evidence, `or call it by a name that it has: ${near}`, `tlsmedic diagnose ${near}:{port} --connect {host}:{port}`),
          );
        const has =
          names.length === 0
            ? `no subject alternative name${server.leaf.subject.commonName === undefined ? '' : ` (common name ${server.leaf.subject.commonName})`}`
            : listText(names.map(shortName));
        return {
          confidence: 'certain',
          summary:
            code === 'no-san'
              ? `the certificate of ${callName(server.leaf)} has ${has}, so it is for no name at all${server.lenientIdentity ? '; only programs that still read the common name accept it' : ''}`
              : `the certificate is for ${has}, not for ${wanted}`,
          evidence: facts,
          fixes,
        };
      }),
  );
}

function shortName(presented: string): string {
  return presented.replace(/^dns:/, '');
}

/** What was served to an experiment, and whether it would have matched. */
function servedUnder(evidence: Evidence, experiment: string): { ok: boolean; name: string; source: string } | undefined {
  const record = byExperiment(evidence, experiment);
  const der = record?.chain[0];
  if (record === undefined || der === undefined) return undefined;
  const leaf = parseCertificate(der);
  return {
    ok: referencesOf(evidence.observation).every((reference) => matchIdentity(leaf, reference).ok),
    name: callName(leaf),
    source: handshakeSource(record),
  };
}

/** A name of the certificate that is probably meant for the same service: same first label, or one contains the other. */
function nearName(wanted: string, names: readonly string[]): string | undefined {
  const first = wanted.split('.')[0]?.toLowerCase();
  return names
    .filter((name) => name.startsWith('dns:') && !name.includes('*'))
    .map(shortName)
    .find(
      (name) => name.split('.')[0]?.toLowerCase() === first && name.toLowerCase() !== wanted.toLowerCase() && /^[a-z0-9.-]+$/i.test(name),
    );
}
