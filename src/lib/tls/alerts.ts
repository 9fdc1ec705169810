/** TLS alerts (RFC 8446 §6, RFC 5246 §7.2; the later ones from RFC 6066, 6520, 7301, 7507, 8996 and the IANA registry). */

export interface AlertDescription {
  number: number;
  /** As the RFCs spell it, `unknown_ca`. */
  name: string;
  /** What the sender says with it, one clause. */
  meaning: string;
  /** Who sends it in practice, and what makes them. Servers differ: an alert alone seldom proves a cause. */
  sentWhen: string;
}

const TABLE: readonly AlertDescription[] = [
  { number: 0, name: 'close_notify', meaning: 'the sender will write no more', sentWhen: 'either side, at an orderly end; not an error' },
  {
    number: 10,
    name: 'unexpected_message',
    meaning: 'a message came that does not belong there',
    sentWhen:
      'either side; a peer that is no TLS server (an echo), a broken middlebox, or a client certificate demanded but missing (some servers)',
  },
  {
    number: 20,
    name: 'bad_record_mac',
    meaning: 'a record failed its integrity check',
    sentWhen: 'either side; bytes changed on the way, or keys that do not fit (a broken implementation or middlebox)',
  },
  { number: 21, name: 'decryption_failed', meaning: 'a record could not be decrypted (retired)', sentWhen: 'old TLS 1.0 stacks only' },
  {
    number: 22,
    name: 'record_overflow',
    meaning: 'a record was longer than allowed',
    sentWhen: 'either side; often bytes that are no TLS, read as a length',
  },
  { number: 30, name: 'decompression_failure', meaning: 'decompression failed (retired)', sentWhen: 'old stacks with TLS compression' },
  {
    number: 40,
    name: 'handshake_failure',
    meaning: 'no acceptable set of parameters',
    sentWhen:
      'a server without a common cipher suite, group or signature scheme; OpenSSL servers in TLS 1.2 also when a required client certificate is missing; GnuTLS also for a version it does not speak',
  },
  { number: 41, name: 'no_certificate', meaning: 'the client has no certificate (SSL 3.0)', sentWhen: 'SSL 3.0 clients' },
  {
    number: 42,
    name: 'bad_certificate',
    meaning: 'a certificate was corrupt or not acceptable',
    sentWhen:
      'a verifier; Go servers send it for every refused client certificate (none, expired, unknown CA, wrong purpose); OpenSSL for one that is not yet valid',
  },
  {
    number: 43,
    name: 'unsupported_certificate',
    meaning: 'a certificate is of a type or purpose that does not serve',
    sentWhen: 'OpenSSL verifiers for a certificate whose extendedKeyUsage lacks the purpose',
  },
  {
    number: 44,
    name: 'certificate_revoked',
    meaning: 'a certificate was revoked by its signer',
    sentWhen: 'a verifier that has a CRL or OCSP response',
  },
  {
    number: 45,
    name: 'certificate_expired',
    meaning: 'a certificate is outside its validity',
    sentWhen: 'a verifier whose clock says that notAfter has passed; its clock may be the wrong one',
  },
  {
    number: 46,
    name: 'certificate_unknown',
    meaning: 'another problem made the certificate unacceptable',
    sentWhen: 'Java (JSSE) servers for nearly every refused client certificate; verifiers for a wrong purpose (NSS)',
  },
  {
    number: 47,
    name: 'illegal_parameter',
    meaning: 'a field was out of range or contradicts another',
    sentWhen: 'either side; a group or extension not offered, a broken implementation',
  },
  {
    number: 48,
    name: 'unknown_ca',
    meaning: 'no trusted authority for the certificate chain',
    sentWhen: 'a verifier without the issuing authority, or that was not sent the intermediate certificates',
  },
  {
    number: 49,
    name: 'access_denied',
    meaning: 'the certificate is valid but access control refuses it',
    sentWhen: 'GnuTLS servers for every refused client certificate; authorisation layers',
  },
  {
    number: 50,
    name: 'decode_error',
    meaning: 'a message could not be decoded',
    sentWhen: 'either side; GnuTLS servers in TLS 1.2 when a required client certificate is missing',
  },
  {
    number: 51,
    name: 'decrypt_error',
    meaning: 'a signature or Finished did not verify',
    sentWhen: 'either side; a key that does not belong to the certificate, or messages changed on the way',
  },
  {
    number: 60,
    name: 'export_restriction',
    meaning: 'export restrictions forbid it (retired)',
    sentWhen: 'TLS 1.0 stacks of the nineties',
  },
  { number: 70, name: 'protocol_version', meaning: 'the version offered is not supported', sentWhen: 'a server without a common version' },
  {
    number: 71,
    name: 'insufficient_security',
    meaning: 'the server wants stronger parameters than the client offers',
    sentWhen: 'servers with a policy on suites or key sizes',
  },
  {
    number: 80,
    name: 'internal_error',
    meaning: 'an error that has nothing to do with the peer',
    sentWhen: 'servers; Go and caddy send it for a server name they have no certificate for',
  },
  {
    number: 86,
    name: 'inappropriate_fallback',
    meaning: 'the client fell back to a lower version than the server speaks',
    sentWhen: 'servers that see TLS_FALLBACK_SCSV',
  },
  {
    number: 90,
    name: 'user_canceled',
    meaning: 'the sender gives up for its own reasons',
    sentWhen: 'either side, followed by close_notify',
  },
  { number: 100, name: 'no_renegotiation', meaning: 'the sender will not renegotiate', sentWhen: 'TLS 1.2 peers, as a warning' },
  {
    number: 109,
    name: 'missing_extension',
    meaning: 'a mandatory extension is missing',
    sentWhen: 'TLS 1.3 peers; a ClientHello without key_share, supported_groups or signature_algorithms',
  },
  { number: 110, name: 'unsupported_extension', meaning: 'an extension came that was not offered', sentWhen: 'clients' },
  {
    number: 111,
    name: 'certificate_unobtainable',
    meaning: 'a certificate could not be fetched from its URL',
    sentWhen: 'servers with client_certificate_url (hardly ever)',
  },
  {
    number: 112,
    name: 'unrecognized_name',
    meaning: 'no server of that name here',
    sentWhen: 'servers that do not know the server name (SNI) sent, or that want one',
  },
  { number: 113, name: 'bad_certificate_status_response', meaning: 'the stapled OCSP response is invalid', sentWhen: 'clients' },
  {
    number: 114,
    name: 'bad_certificate_hash_value',
    meaning: 'a fetched certificate has another hash',
    sentWhen: 'servers with client_certificate_url (hardly ever)',
  },
  { number: 115, name: 'unknown_psk_identity', meaning: 'the pre-shared key is not known', sentWhen: 'servers with pre-shared keys' },
  {
    number: 116,
    name: 'certificate_required',
    meaning: 'a client certificate is required and none was sent',
    sentWhen: 'TLS 1.3 servers, after the client already believes that the handshake is done',
  },
  {
    number: 120,
    name: 'no_application_protocol',
    meaning: 'none of the offered application protocols (ALPN) is served',
    sentWhen: 'servers',
  },
  { number: 121, name: 'ech_required', meaning: 'Encrypted ClientHello is required', sentWhen: 'clients that insist on ECH (RFC 9849)' },
];

const BY_NUMBER = new Map(TABLE.map((alert) => [alert.number, alert]));

/** Every alert of the registry, by ascending number. */
export const ALERTS = TABLE;

/** The registered alert of that number, if any. */
export function alertOf(number: number): AlertDescription | undefined {
  return BY_NUMBER.get(number);
}

/** `unknown_ca`, or `alert_99` for a number that nobody registered. */
export function alertName(number: number): string {
  return BY_NUMBER.get(number)?.name ?? `alert_${number}`;
}
