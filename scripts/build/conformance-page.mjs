/** docs/conformance.md from the ratchet. */

const ABOUT = {
  pkits: 'NIST PKITS 1.0.1: RFC 5280 §6 in full, policies, CRLs, indirect and delta CRLs',
  limbo: 'C2SP x509-limbo: RFC 5280 and CA/Browser rules, name constraints, CVEs, denial of service',
  'bettertls-pathbuilding': 'Netflix BetterTLS: path building over graphs with bad edges',
  'bettertls-nameconstraints': 'Netflix BetterTLS: DNS and IP constraints against SAN and common name',
  'chromium-verify': 'BoringSSL pki: usages, anchors, key rollover',
  'chromium-crl': 'BoringSSL pki: one CRL against one certificate',
  'go-nameconstraints': 'Go crypto/x509: name constraints of every type',
  'go-verify': 'Go crypto/x509: real chains, path building',
  'webpki-hostname': 'rustls webpki: DNS-ID matching',
  'webpki-dnsnc': 'rustls webpki: dNSName constraints',
};

export function conformancePage({ reached, unmet, others }) {
  const rows = Object.entries(reached).map(
    ([suite, { total, passed, falseAccepts, falseRejects }]) =>
      `| ${suite} | ${passed}/${total} | ${falseAccepts} | ${falseRejects} | ${ABOUT[suite] ?? ''} |`,
  );
  const sum = Object.values(reached).reduce(
    (a, r) => ({ total: a.total + r.total, passed: a.passed + r.passed, fa: a.fa + r.falseAccepts, fr: a.fr + r.falseRejects }),
    { total: 0, passed: 0, fa: 0, fr: 0 },
  );
  const names = Object.keys(others.columns);
  const compared = Object.entries(others.rows).map(([suite, cells]) => {
    const own = reached[suite];
    const mine = own === undefined ? '' : `**${own.passed}/${own.total} · ${own.falseAccepts} · ${own.falseRejects}**`;
    return `| ${suite} | ${mine} | ${names.map((name) => cells[name] ?? '').join(' | ')} |`;
  });
  const reasons = Object.entries(unmet).map(([id, { outcome, reason }]) => `| \`${id}\` | ${outcome} | ${reason} |`);
  return `# Conformance of path validation

Made by \`npm run conformance -- --update\`; \`npm run conformance\` fails when a case is lost, when something is newly accepted that must not be,
or when a case takes more than a second of processor time. The cases are those of other projects; half of each suite is used here, the other half is kept aside for an
independent check. Each case is judged under the profile that it was written for: \`rfc5280\`, or \`webpki\` for the CA/Browser Forum's rules.

| suite | met | false accepts | false rejects | about |
|---|---|---|---|---|
${rows.join('\n')}
| **all** | **${sum.passed}/${sum.total}** | **${sum.fa}** | **${sum.fr}** | |

## Not met, and why

| case | outcome | reason |
|---|---|---|
${reasons.join('\n')}

## Other validators on the same cases

Met/run · false accepts · false rejects. ${others.note}

| suite | tlsmedic | ${names.map((name) => others.columns[name]).join(' | ')} |
|---|---|${names.map(() => '---|').join('')}
${compared.join('\n')}

## What the default profile asks beyond RFC 5280 §6

Profile \`rfc5280\` with purpose \`server\` or \`client\` also holds certificates to the duties that RFC 5280 §4 lays on CAs (criticality, key identifiers, serial
numbers, empty names, basicConstraints of intermediates, UTCTime up to 2049), as TLS stacks do. Three things are read more widely than the letter, since certificates in use need it: a name constraint that starts with a
dot means "subdomains only"; nameConstraints that are not critical bind all the same; a SAN entry of an undefined form is left alone. A caller who allows
SHA-1 deals with certificates from before these duties were kept, and is not held to them; so are trust anchors signed with SHA-1.

## Against the runtimes themselves

Profiles \`openssl\` and \`go\` say what those would say. Measured in November 2026 against OpenSSL 3.0.19 (\`verify\`, security level 2) and Go 1.26 on chains made up
for it: one deviation at a time in every field that RFC 5280 §4 speaks of, names of every form against constraints of every form, graphs of issuers, and signed
certificates with a byte changed.

| chains | differs from OpenSSL | differs from Go |
|---|---|---|
| 990, one deviation each | 16 | 42 |
| 920, names against constraints | 6 | 64 |
| 46, graphs of issuers | 1 | 1 |
| 3000, a byte changed and signed again | 84 | 110 |

What is left: neither reads what it does not need, such as policies and addresses of issuers, while a defect there is one here; node's own comparison of host names takes
a trailing dot and a wildcard in the middle of a label, which OpenSSL does not; Go passes over constraints that it cannot parse; chains of more than 32 issuers are given up.
Of what RFC 5280 forbids in the same chains and OpenSSL (\`-x509_strict\`), Go, OpenJDK 17 or pyca cryptography 50 refuse, profile \`rfc5280\` accepts two things: a CA
without keyUsage, which the suites above want accepted, and attributes of a name in another order than DER's. What those refuse beyond the standard (key
identifiers that do not match, directory-name constraints, leading dots, curves, self-issued certificates in path lengths) is accepted.

Profile \`webpki\` knows the best-known public suffixes, not the whole list: that a wildcard right under one is refused is a duty of CAs with an exception
(CA/Browser Forum TLS BR §3.2.2.6), and a list that is months old by the time it is used would refuse by hearsay.
`;
}
