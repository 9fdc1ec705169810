import { defineMeta } from '../../meta.js';
import { pathProblems, problemFinding } from '../../path-findings.js';
import { defineRule, found } from '../../rule.js';
import { fact, handshakeSource } from '../../wording.js';

export const meta = defineMeta({
  code: 'malformed',
  severity: 'error',
  party: 'server',
  title: 'a certificate cannot be read, or breaks the rules of its encoding',
  why: 'What the server sent is no certificate, or one whose encoding breaks DER or RFC 5280 so that programs disagree about it: an unknown critical extension, an extension twice, a broken date. What one library reads with good will another refuses.',
  wordings: [
    { runtime: 'OpenSSL', text: 'asn1 encoding routines::…; verify error:num=34:unhandled critical extension' },
    { runtime: 'Node.js', text: 'ERR_OSSL_ASN1_…, UNSPECIFIED: unhandled critical extension' },
    {
      runtime: 'Go',
      text: 'tls: failed to parse certificate from server: x509: malformed certificate; x509: unhandled critical extension',
    },
    { runtime: 'Java', text: 'java.security.cert.CertificateParsingException' },
    { runtime: 'GnuTLS', text: 'ASN1 parser: Error in DER parsing.' },
    { runtime: 'rustls', text: 'invalid peer certificate: BadEncoding' },
  ],
  confirm: [
    { title: 'byte by byte', command: 'tlsmedic inspect server.crt' },
    { title: 'as openssl reads it', command: 'openssl asn1parse -in server.crt -i' },
  ],
  fixes: [
    { title: 'issue the certificate again with a current tool', command: 'tlsmedic issue {names} --{profile} --out ./tls' },
    { title: 'report it to the authority with the byte offset from the evidence' },
  ],
  references: [
    { rfc: 5280, section: '4.1', title: 'Basic certificate fields' },
    { rfc: 5280, section: '4.2', title: 'Certificate extensions' },
  ],
  alerts: ['bad_certificate', 'decode_error', 'unsupported_certificate'],
  supersedes: ['bad-signature', 'untrusted-root', 'missing-intermediate', 'self-signed'],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: (evidence) => {
    const inChain = pathProblems(evidence, 'malformed').map((problem) => problemFinding(evidence, problem));
    const { look } = evidence;
    const refusedHere =
      look !== undefined && look.outcome === 'broken-off-here' && /ASN1|DECODE|PARSE|X509_LIB|BAD_X509/.test(look.error?.code ?? '');
    if (inChain.length === 0 && look !== undefined && refusedHere)
      return found({
        confidence: look.chain.length > 0 ? 'certain' : 'likely',
        summary: 'what the server sent as its certificate cannot be read',
        evidence: [fact('error', look.error?.message ?? null, handshakeSource(look))],
      });
    return found(...inChain);
  },
});
