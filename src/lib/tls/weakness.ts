import { SSL_30, TLS_10, TLS_11 } from './versions.js';

/** Why nobody should still offer a cipher suite; undefined when nothing stands against it. By IANA name. */
export function suiteWeakness(name: string): string | undefined {
  if (name.includes('_NULL_')) return 'no encryption';
  if (name.includes('_anon_')) return 'no authentication';
  if (name.includes('_EXPORT_')) return 'export strength, broken (FREAK, Logjam)';
  if (name.includes('_RC4_')) return 'RC4 is forbidden (RFC 7465)';
  if (name.includes('_RC2_') || name.includes('_DES_') || name.includes('_DES40_')) return 'DES or RC2: keys too short';
  if (name.includes('_3DES_') || name.includes('_IDEA_')) return '64-bit blocks (Sweet32)';
  if (/_WITH_.*_MD5$/.test(name)) return 'MD5';
  if (/^TLS_(RSA|DH_RSA|DH_DSS|ECDH_RSA|ECDH_ECDSA|PSK|RSA_PSK)_WITH/.test(name)) return 'no forward secrecy';
  return undefined;
}

/** Why a version is retired; undefined when it is not. */
export function versionWeakness(version: number): string | undefined {
  if (version === SSL_30) return 'SSL 3.0 is broken (POODLE, RFC 7568)';
  if (version === TLS_10 || version === TLS_11) return 'retired (RFC 8996)';
  return undefined;
}
