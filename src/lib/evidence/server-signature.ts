import type { HandshakeRecord } from '../observe/observation.js';

/** decrypt_error: what a TLS library sends when a signature over the handshake does not verify (RFC 8446 §6.2). */
const DECRYPT_ERROR = 51;

/**
 * Whether our own TLS library broke the handshake off over the server's CertificateVerify (or ServerKeyExchange). OpenSSL 3.0 words it
 * "bad signature", 3.5 "provider signature failure".
 */
export function serverSignatureFails({ outcome, alertSent, error }: Pick<HandshakeRecord, 'outcome' | 'alertSent' | 'error'>): boolean {
  return (
    outcome === 'broken-off-here' &&
    (alertSent?.number === DECRYPT_ERROR || /BAD_SIGNATURE|SIGNATURE_CHECK|PROVIDER_SIGNATURE/.test(error?.code ?? ''))
  );
}
