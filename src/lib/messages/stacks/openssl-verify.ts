/** What OpenSSL's certificate verification says: X509_V_ERR texts of 1.0 to 3.x, LibreSSL and BoringSSL included (their texts agree but for the hyphen). */
import { type Fault, type Pattern, peer } from '../pattern.js';

/** Numbers of x509_vfy.h; the texts with their variants over the versions. */
const REASONS: ReadonlyArray<readonly [numbers: readonly number[], fault: Fault, texts: readonly string[]]> = [
  [[2], 'unknown-issuer', ['unable to get issuer certificate', 'unable_to_get_issuer_cert']],
  [[3], 'revocation-unknown', ['unable to get certificate crl', 'unable_to_get_crl']],
  [[4], 'bad-signature', ["unable to decrypt certificate's signature", 'unable_to_decrypt_cert_signature']],
  [[5], 'revocation-unknown', ["unable to decrypt crl's signature", 'unable_to_decrypt_crl_signature']],
  [[6], 'malformed', ['unable to decode issuer public key', 'unable_to_decode_issuer_public_key']],
  [[7], 'bad-signature', ['certificate signature failure', 'cert_signature_failure']],
  [[8], 'revocation-unknown', ['crl signature failure', 'crl_signature_failure']],
  [[9], 'not-yet-valid', ['certificate is not yet valid', 'cert_not_yet_valid', 'certificate not yet valid']],
  [[10], 'expired', ['certificate has expired', 'cert_has_expired']],
  [[11], 'revocation-unknown', ['crl is not yet valid', 'crl_not_yet_valid']],
  [[12], 'revocation-unknown', ['crl has expired', 'crl_has_expired']],
  [[13, 14], 'malformed', ["format error in certificate's not", 'error_in_cert_not_before_field', 'error_in_cert_not_after_field']],
  [[15, 16], 'revocation-unknown', ["format error in crl's", 'error_in_crl_last_update_field', 'error_in_crl_next_update_field']],
  [[18], 'self-signed', ['self-signed certificate', 'depth_zero_self_signed_cert']],
  [
    [19],
    'self-signed-in-chain',
    ['self-signed certificate in certificate chain', 'self_signed_cert_in_chain', 'self-signed certificate in chain'],
  ],
  [[20], 'unknown-issuer', ['unable to get local issuer certificate', 'unable_to_get_issuer_cert_locally']],
  [[21], 'leaf-only', ['unable to verify the first certificate', 'unable_to_verify_leaf_signature']],
  [[22], 'path-length', ['certificate chain too long', 'cert_chain_too_long']],
  [[23], 'revoked', ['certificate revoked', 'cert_revoked', 'certificate has been revoked', 'certificate is revoked']],
  [[24, 79], 'not-a-ca', ['invalid ca certificate', 'invalid_ca', "issuer certificate doesn't have a public key"]],
  [[25, 38], 'path-length', ['path length constraint exceeded', 'path_length_exceeded']],
  [[26], 'purpose', ['unsuitable certificate purpose', 'unsupported certificate purpose', 'invalid_purpose']],
  [[27], 'distrusted-root', ['certificate not trusted', 'cert_untrusted']],
  [[28], 'refused', ['certificate rejected', 'cert_rejected']],
  [
    [29, 30, 31],
    'unknown-issuer',
    [
      'subject issuer mismatch',
      'authority and subject key identifier mismatch',
      'authority and issuer serial number mismatch',
      'akid_skid_mismatch',
    ],
  ],
  [[32], 'not-a-ca', ['key usage does not include certificate signing', 'keyusage_no_certsign']],
  [[33], 'revocation-unknown', ['unable to get crl issuer certificate', 'unable_to_get_crl_issuer']],
  [[34], 'malformed', ['unhandled critical extension', 'unhandled_critical_extension']],
  [[35, 36], 'revocation-unknown', ['key usage does not include crl signing', 'unhandled critical crl extension']],
  [
    [37, 80, 81, 82],
    'not-a-ca',
    [
      'invalid non-ca certificate',
      'path length invalid for non-ca cert',
      'keycertsign invalid for non-ca cert',
      'path length given without key usage keycertsign',
    ],
  ],
  [[39], 'purpose', ['key usage does not include digital signature', 'keyusage_no_digital_signature']],
  [
    [41, 42, 45],
    'malformed',
    [
      'invalid or inconsistent certificate extension',
      'invalid or inconsistent certificate policy extension',
      'unsupported extension feature',
    ],
  ],
  [[43], 'name-constraint', ['no explicit policy']],
  [[44, 54], 'revocation-unknown', ['different crl scope', 'crl path validation error']],
  [[47, 48], 'name-constraint', ['permitted subtree violation', 'excluded subtree violation', 'permitted_violation', 'excluded_violation']],
  [
    [49, 51, 52, 53],
    'name-constraint',
    [
      'name constraints minimum and maximum',
      'unsupported name constraint type',
      'name constraint syntax',
      'unsupported or invalid name syntax',
    ],
  ],
  [[50], 'refused', ['application verification failure', 'application_verification']],
  [[55], 'malformed', ['x509_v_err_path_loop']],
  [
    [56, 57, 58, 59, 60, 61],
    'weak-signature',
    ['suite b: certificate version', 'suite b: invalid', 'suite b: curve not allowed', 'suite b: cannot sign'],
  ],
  [
    [62, 63, 64],
    'name',
    ['hostname mismatch', 'hostname_mismatch', 'ip address mismatch', 'ip_address_mismatch', 'email address mismatch'],
  ],
  [[65], 'unknown-issuer', ['no matching dane tlsa records']],
  [
    [66, 67],
    'weak-key',
    [
      'ee certificate key too weak',
      'ca certificate key too weak',
      'ee_key_too_small',
      'ca_key_too_small',
      'ee key too small',
      'ca key too small',
      'x509_v_err_ee_key',
    ],
  ],
  [[68], 'weak-signature', ['signature digest algorithm too weak', 'ca_md_too_weak', 'ca md too weak', 'ee md too weak']],
  [[71], 'refused', ['certificate transparency required']],
  [[73, 74, 75], 'revocation-unknown', ['ocsp verification needed', 'ocsp verification failed', 'ocsp unknown cert']],
  [
    [76, 77, 78],
    'weak-signature',
    [
      'cannot find certificate signature algorithm',
      'subject signature algorithm and issuer public key algorithm mismatch',
      'signature and signature algorithm mismatch',
    ],
  ],
  [
    [83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94],
    'malformed',
    [
      'x509_v_err_missing',
      'missing authority key identifier',
      'missing subject key identifier',
      'empty subject alternative name extension',
      'ca cert does not include key usage',
      'basic constraints of ca cert not marked critical',
      'requires at least x509v3',
      'explicit ecc parameters',
      'issuer name empty',
      'subject name empty',
    ],
  ],
];

/** What each verification number refuses the certificate for. */
export const VERIFY_FAULTS: ReadonlyMap<number, Fault> = new Map(
  REASONS.flatMap(([numbers, fault]) => numbers.map((n) => [n, fault] as const)),
);

/** Texts that a program may load before any handshake say so by themselves ("ee key too small" while loading its own file). */
export const opensslVerify: readonly Pattern[] = REASONS.flatMap(([, fault, texts]) =>
  texts.map(
    (text): Pattern => ({
      stack: 'openssl',
      phrases: [text],
      says: peer(fault),
      ...(fault === 'refused' ? { weight: 'vague' } : {}),
      // SSL_R reasons, not verdicts of the verifier: OpenSSL gives them for one's own certificate.
      ...(/^(?:ee|ca)[ _](?:key|md)[ _]too/.test(text) ? { side: 'startup' as const } : {}),
      // `invalid_ca` is a verdict; "invalid CA file" is about a file.
      ...(text === 'cert_untrusted' ? { text: /CERT_UNTRUSTED\b/ } : {}),
      ...(text === 'invalid_ca' ? { text: /INVALID_CA\b|invalid_ca\b/ } : {}),
      // Names mismatch in many a program; here that of a certificate is meant.
      ...(text.includes('mismatch') ? { text: /cert|SSL|TLS|verify|num=|\(?6[234]:|x509|subject/i } : {}),
    }),
  ),
);
