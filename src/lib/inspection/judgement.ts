/** What is wrong with the inputs: causes of the contract, which set the exit status, and warnings, which do not. */
import type { Cause, EvidenceItem } from '../cause.js';
import { causeOf } from '../diagnose/cause-of.js';
import { fillTemplate, quoteForShell } from '../diagnose/meta.js';
import type { metaOf } from '../diagnose/registry.js';
import { checkSignature } from '../path/signature.js';
import { durationInWords, isoTime, relativeTime } from '../time-text.js';
import { toHex } from '../x509/der-values.js';
import { type FoundCertificate, type Inventory, typedAs } from './inventory.js';
import { keyIdentity } from './key-identity.js';
import type { Pair } from './pairs.js';
import type { OrderCheck, Relations } from './relations.js';

export interface Judgement {
  causes: Cause[];
  warnings: Cause[];
}

/** How a certificate is called in a sentence: its common name, a name of it, or its serial number. */
export function nameOfCertificate({ certificate }: FoundCertificate): string {
  const { subject, subjectAltName, serial } = certificate;
  return (
    subject.commonName ??
    subjectAltName?.find(({ value }) => value !== '')?.value ??
    (subject.text || (serial === '' ? 'an unreadable certificate' : `serial ${serial}`))
  );
}

type Code = Parameters<typeof metaOf>[0];

function causeHere(code: Code, summary: string, evidence: EvidenceItem[], fixes?: Cause['fixes']): Cause {
  return causeOf(code, { summary, evidence, party: 'local', ...(fixes === undefined ? {} : { fixes, ownFixesOnly: true }) });
}

function keyHash(found: { spki: Uint8Array }): string {
  return toHex(found.spki).slice(-32);
}

/** Where the key belongs, when that is known; else a new pair for the same names. */
function mismatchFixes({ key, fits }: Pair, leaf: FoundCertificate): Cause['fixes'] {
  const issue = { title: 'issue a new pair for the same names', command: `tlsmedic issue ${namesToIssue(leaf)} --out ./tls` };
  const [home] = fits;
  if (home !== undefined) return [{ title: `use it with the certificate that it belongs to, in ${home.where.text}` }, issue];
  return [{ title: `find the key that was made with this certificate: ${key.where.text} belongs to another one` }, issue];
}

function namesToIssue(found: FoundCertificate): string {
  const names = (found.certificate.subjectAltName ?? []).filter(({ kind }) => kind === 'dns' || kind === 'ip').map(({ value }) => value);
  return (names.length === 0 ? [nameOfCertificate(found)] : names.slice(0, 8)).map(quoteForShell).join(' ');
}

function mismatch(pair: Pair): Cause {
  const { key, beside, fits, because } = pair;
  const leaf = beside.find(({ role }) => role === 'leaf') ?? (beside[0] as FoundCertificate);
  const elsewhere = fits[0] === undefined ? 'nor any other here' : `but ${nameOfCertificate(fits[0])} in ${fits[0].where.text}`;
  const evidence: EvidenceItem[] = [
    {
      fact: 'end of the public key of the private key',
      value: key.publicKey === undefined ? null : keyHash(key.publicKey),
      source: key.where.text,
    },
    { fact: 'end of the public key in the certificate', value: keyHash(leaf.certificate.publicKey), source: leaf.where.text },
    { fact: 'why they are compared', value: because, source: 'the inputs' },
  ];
  return causeHere(
    'key-mismatch',
    `the key in ${key.where.text} does not fit the certificate of ${nameOfCertificate(leaf)} in ${leaf.where.text}, ${elsewhere}`,
    evidence,
    mismatchFixes(pair, leaf),
  );
}

/** A leaf that is not first makes OpenSSL compare the key with another certificate. */
function wrongOrder(order: OrderCheck, pairs: readonly Pair[], file: string): { cause: Cause; fatal: boolean } | undefined {
  const listed = order.shouldBe.map(nameOfCertificate).join(', ');
  const fix = [{ title: 'write it in the right order', command: `tlsmedic inspect ${fillTemplate('{file}', { file })} --pem > NEW.pem` }];
  const evidence: EvidenceItem[] = [
    { fact: 'order it has', value: order.has.map(nameOfCertificate).join(', '), source: order.where },
    { fact: 'order it should have', value: listed, source: order.where },
  ];
  if (!order.leafFirst) {
    const leaf = order.shouldBe[0] as FoundCertificate;
    const keyed = pairs.some((pair) => pair.fits.includes(leaf) && pair.beside.some((found) => order.has.includes(found)));
    evidence.push({
      fact: 'what follows',
      value: 'programs take the first certificate for the end entity and say that key and certificate do not match',
      source: 'OpenSSL, nginx, Node',
    });
    const summary = `${order.where} does not begin with its end entity certificate ${nameOfCertificate(leaf)}`;
    return { cause: causeHere('key-mismatch', summary, evidence, fix), fatal: keyed };
  }
  if (!order.inOrder)
    return {
      cause: causeHere('bad-pem', `${order.where} is out of order: each certificate should be followed by its issuer`, evidence, fix),
      fatal: false,
    };
  if (order.strangers.length > 0) {
    const names = order.strangers.map(nameOfCertificate).join(', ');
    return {
      cause: causeHere('bad-pem', `${order.where} holds certificates that do not belong to its chain: ${names}`, evidence, fix),
      fatal: false,
    };
  }
  return undefined;
}

function validityWarning(found: FoundCertificate, at: number): Cause | undefined {
  const { notBefore, notAfter } = found.certificate;
  const window = Math.max(0, (notAfter - notBefore) / 1000);
  const evidence = (fact: string, ms: number): EvidenceItem[] => [
    { fact, value: isoTime(ms), source: found.where.text },
    { fact: 'now', value: isoTime(at), source: 'the clock of this machine, which was not checked' },
  ];
  if (notAfter < at) {
    const summary = `${nameOfCertificate(found)} (${found.where.text}) expired ${relativeTime(notAfter, at)}, after ${durationInWords(window)}`;
    return { ...causeHere('expired', summary, evidence('notAfter', notAfter)), confidence: 'likely' };
  }
  if (notBefore > at) {
    const summary = `${nameOfCertificate(found)} (${found.where.text}) is not valid yet: it begins ${relativeTime(notBefore, at)}`;
    return { ...causeHere('not-yet-valid', summary, evidence('notBefore', notBefore)), confidence: 'likely' };
  }
  return undefined;
}

/** A step as a command to paste, when it is one. */
function fixOf(step: string): Cause['fixes'][number] {
  return /^(?:tlsmedic|openssl|keytool|kubectl) /.test(step) ? { title: 'put it into its proper form', command: step } : { title: step };
}

/** So many damaged blocks are causes of their own; all of them are listed as damaged. */
const MAX_CAUSES = 100;

function materialCauses(inventory: Inventory, passphraseGiven: boolean): Judgement {
  const causes: Cause[] = [];
  const warnings: Cause[] = [];
  for (const damage of inventory.damaged.slice(0, MAX_CAUSES)) {
    const fixes = damage.next === undefined ? undefined : [{ title: damage.next }];
    causes.push(
      causeHere(
        'bad-pem',
        `the ${damage.what} in ${damage.where.text} cannot be read: ${damage.problem}`,
        [{ fact: 'problem', value: damage.problem, source: damage.where.text }],
        fixes,
      ),
    );
  }
  for (const key of inventory.keys) {
    if (key.facts.lock === 'damaged') {
      causes.push(
        causeHere('bad-pem', `the private key in ${key.where.text} cannot be read: ${key.facts.problem ?? 'damaged'}`, [
          { fact: 'problem', value: key.facts.problem ?? null, source: key.where.text },
        ]),
      );
    }
  }
  const locked = inventory.inputs.filter(({ reading }) => reading?.locked === 'wrong-passphrase');
  if (passphraseGiven)
    for (const input of locked)
      causes.push(
        causeHere(
          'bad-passphrase',
          `the passphrase does not open ${input.label}`,
          [{ fact: 'passphrase', value: 'does not fit', source: input.label }],
          [
            {
              title: 'give the right one: the first line of the file counts, without its line break',
              command: `tlsmedic inspect ${quoteForShell(typedAs(input))} --passphrase-file FILE`,
            },
          ],
        ),
      );
  for (const input of inventory.inputs) {
    for (const remark of input.reading?.remarks ?? []) {
      if (remark.level !== 'refused') continue;
      const source = remark.place.path.length === 0 ? input.label : `${input.label}: ${remark.place.path.join(' ')}`;
      const fixes = remark.next === undefined ? [] : [fixOf(remark.next.replace('FILE', quoteForShell(typedAs(input))))];
      warnings.push(
        causeHere(
          'bad-pem',
          `${source}: ${remark.text}`,
          [
            { fact: 'form', value: remark.text, source },
            {
              fact: 'what follows',
              value: 'the program that is to load it does not read it in this form',
              source: 'OpenSSL, Node and what is built on them',
            },
          ],
          fixes,
        ),
      );
    }
  }
  return { causes, warnings };
}

function inputPath({ inputs }: Inventory, index: number): string {
  const input = inputs[index];
  return input === undefined ? 'FILE' : typedAs(input);
}

/** Judges an inventory at a time (milliseconds since 1970 UTC). */
export function judge(inventory: Inventory, relations: Relations, pairs: readonly Pair[], at: number, passphraseGiven: boolean): Judgement {
  const { causes, warnings } = materialCauses(inventory, passphraseGiven);
  for (const pair of pairs) if (pair.verdict === 'mismatch') causes.unshift(mismatch(pair));
  for (const order of relations.orders) {
    const wrong = wrongOrder(order, pairs, inputPath(inventory, order.input));
    if (wrong !== undefined) (wrong.fatal ? causes : warnings).push(wrong.cause);
  }
  for (const found of inventory.certificates) {
    if (found.duplicateOf !== undefined) continue;
    const fatal = found.certificate.problems.find(({ severity }) => severity === 'fatal');
    if (fatal !== undefined && found.missingBytes === undefined) {
      const evidence = [{ fact: 'first wrong byte', value: fatal.offset, source: found.where.text }];
      causes.push(
        causeHere(
          'malformed',
          `the certificate in ${found.where.text} is malformed from byte ${fatal.offset} on: ${fatal.message}`,
          evidence,
        ),
      );
    }
    if (found.falseIssuer !== undefined && found.missingBytes === undefined) {
      const summary = `the signature of ${nameOfCertificate(found)} (${found.where.text}) does not verify with the key of ${nameOfCertificate(found.falseIssuer)} (${found.falseIssuer.where.text}), which it names as its issuer`;
      causes.push(
        causeHere('bad-signature', summary, [{ fact: 'issuer', value: found.certificate.issuer.text, source: found.where.text }]),
      );
    }
    const expiry = validityWarning(found, at);
    if (expiry !== undefined) warnings.push(expiry);
    if (found.impostor !== undefined) {
      const summary = `${found.impostor.where.text} has the name of the issuer of ${nameOfCertificate(found)}, but another key: it was made before or after a rotation of the CA`;
      warnings.push(
        causeHere('stale-trust-bundle', summary, [{ fact: 'issuer', value: found.certificate.issuer.text, source: found.where.text }]),
      );
    }
  }
  const [key, ...otherKeys] = inventory.keys;
  const [wanted, ...otherRequests] = inventory.requests;
  if (
    key?.publicKey !== undefined &&
    wanted !== undefined &&
    otherKeys.length + otherRequests.length + inventory.certificates.length === 0
  ) {
    if (keyIdentity(key.publicKey) !== keyIdentity(wanted.request.publicKey)) {
      const summary = `the key in ${key.where.text} does not fit the request in ${wanted.where.text}: a certificate issued for it would not work with this key`;
      causes.push(
        causeHere(
          'key-mismatch',
          summary,
          [],
          [{ title: 'make the request again with this key', command: 'openssl req -new -key KEY -out NEW.csr' }],
        ),
      );
    }
  }
  for (const { request, where } of inventory.requests) {
    const check = checkSignature(request.signed, request.signature, request.signatureAlgorithm, request.publicKey);
    if (check.ok || check.kind === 'unsupported') continue;
    const summary = `the request in ${where.text} is not signed with its own key: nobody proved to have the key that it asks a certificate for`;
    causes.push(causeHere('bad-signature', summary, [{ fact: 'signature', value: check.why, source: where.text }]));
  }
  return { causes, warnings };
}
