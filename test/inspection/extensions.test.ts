import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { extensionFacts } from '../../src/lib/inspection/extension-facts.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';
import { openssl, scratchFolder } from '../ca/openssl.js';
import { HAS_OPENSSL } from '../x509/container/programs.js';

const scratch = scratchFolder();
afterAll(scratch.remove);

/** Every extension that openssl knows how to write, and one that nobody knows. */
const CONFIG = `[req]
distinguished_name=dn
x509_extensions=e
prompt=no
[dn]
C=DE
O=Acme
CN=x.internal
emailAddress=a@b.c
[e]
subjectAltName=DNS:x.internal,IP:10.0.0.1,IP:2001:db8::1,URI:spiffe://a.b/c,email:a@b.c,RID:1.2.3.4,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@corp,dirName:dirsect
issuerAltName=DNS:i.internal
basicConstraints=critical,CA:TRUE,pathlen:2
keyUsage=critical,digitalSignature,nonRepudiation,keyCertSign,cRLSign
extendedKeyUsage=serverAuth,clientAuth,codeSigning,OCSPSigning,1.2.3.4.5
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid:always,issuer:always
certificatePolicies=1.2.3.4,@pol
crlDistributionPoints=cdp
freshestCRL=URI:http://d/delta.crl
authorityInfoAccess=OCSP;URI:http://o/,caIssuers;URI:http://i/ca.crt
nameConstraints=critical,permitted;DNS:internal,permitted;IP:10.0.0.0/255.0.0.0,excluded;email:.evil
policyConstraints=requireExplicitPolicy:3,inhibitPolicyMapping:1
inhibitAnyPolicy=2
tlsfeature=status_request,17
nsComment="hello"
nsCertType=server
1.2.3.4.5.6=ASN1:SEQUENCE:custom
subjectInfoAccess=caRepository;URI:http://repo/
[custom]
a=UTF8:custom
b=INTEGER:7
c=BOOLEAN:TRUE
d=OID:serverAuth
[dirsect]
C=UK
CN=My Name
[pol]
policyIdentifier=1.3.5.8
CPS.1=http://cps/
userNotice.1=@n
[n]
explicitText="Explicit Text Here"
organization="Org"
noticeNumbers=1,2
[cdp]
fullname=URI:http://c/ca.crl
reasons=keyCompromise,CACompromise
CRLissuer=dirName:dirsect
`;

it.skipIf(!HAS_OPENSSL)('every extension of a certificate comes out decoded', () => {
  writeFileSync(join(scratch.path, 'all.cnf'), CONFIG);
  const made = openssl(
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'k.pem',
      '-outform',
      'DER',
      '-out',
      'all.der',
      '-config',
      'all.cnf',
    ],
    { cwd: scratch.path },
  );
  expect(made.ok, made.text).toBe(true);
  const facts = extensionFacts(parseCertificate(readFileSync(join(scratch.path, 'all.der'))));
  expect(facts.filter(({ value }) => value === null)).toEqual([]);
  const byName = Object.fromEntries(facts.map(({ name, value }) => [name, value]));
  expect(byName).toMatchObject({
    issuerAltName: [{ kind: 'dns', value: 'i.internal' }],
    freshestCRL: [{ names: [{ kind: 'uri', value: 'http://d/delta.crl' }] }],
    tlsFeature: { mustStaple: true, features: [5, 17] },
    netscapeCertType: ['sslServer'],
    netscapeComment: 'hello',
    subjectInfoAccess: [{ name: 'caRepository', location: { '[6]': 'http://repo/' } }],
    '1.2.3.4.5.6': ['custom', 7, true, 'serverAuth (1.3.6.1.5.5.7.3.1)'],
    cRLDistributionPoints: [{ reasons: ['keyCompromise', 'cACompromise'], crlIssuer: [{ kind: 'dirName' }] }],
  });
  expect(byName.subjectAltName).toContainEqual({
    kind: 'otherName',
    value: 'user@corp',
    oid: '1.3.6.1.4.1.311.20.2.3',
    type: 'userPrincipalName',
  });
});
