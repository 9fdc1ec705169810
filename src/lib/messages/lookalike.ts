/** Texts that speak of certificates, expiry or handshakes and mean something else: tokens, SSH, GPG, SAML, Kerberos, DNSSEC, IPsec, and good news. */

/** Other protocols and formats with the same words. */
const OTHER =
  /\b(?:JWT|JWS|JWE|JSON web token|id_token|access[_ ]token|refresh[_ ]token|bearer token|OAuth2?|OIDC|SAML|NotOnOrAfter|ssh|sshd|ssh-\w{2,10}|OpenSSH|host ?key|known_hosts|kex_exchange|GPG|gpg|PGP|keyring|apt-key|KRB5|krb5|GSSAPI|Kerberos|DNSSEC|RRSIG|DNSKEY|IKE(?:v2)?|charon|ipsec|WireGuard|OpenVPN key|Signature(?:DoesNotMatch|Expired)|presigned|license|licence|session (?:has )?expired|password (?:has )?expired|domain (?:has )?expired|cookie|cache entry|code signing|codesign|checksum|go\.sum|pubkey|NO_PUBKEY|EXPKEYSIG|EAPOL|Bluetooth|WPA\d?|TS\d{4}|notary|cosign)\b/i;
/** Words that only a TLS stack uses; with one of them beside it a look-alike is none. */
const TLS = /\bTLS|\bSSL(?!_CERT)|x509|X509|PKIX|https:\/\/|SSLHandshake|certificate verify failed|schannel|gnutls|client sent invalid/;
/** SSH is never TLS, whatever it says of handshakes. */
const NEVER =
  /ssh: handshake failed|kex_exchange_identification|ssh_exchange_identification|ssh_dispatch_run_fatal|REMOTE HOST IDENTIFICATION|Permission denied \(publickey|\bsshd\[\d/;
/** What went well, or is only due some day. */
const GOOD_NEWS =
  /\b(?:renewed|will expire|expires? (?:in|on|at)|next expiry|successfully (?:renewed|loaded|reloaded|verified|rotated|issued)|verify return code: 0|verification: ok|valid until|days (?:left|remaining)|before expiry|expiry[_ ]seconds|no errors?)\b/i;

/** A served request as access logs write it: its path may hold any word. */
const REQUEST_SERVED = /"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT|PRI) [^"]{0,2000} HTTP\/[0-9.]{1,3}" [1-5]\d\d\b/;

/** For the check that none of them can run away. */
export const LOOKALIKE_EXPRESSIONS: readonly RegExp[] = [OTHER, TLS, NEVER, GOOD_NEWS, REQUEST_SERVED];

/** Whether a line only looks like a TLS failure. */
export function isLookalike(line: string): boolean {
  if (NEVER.test(line)) return true;
  if (REQUEST_SERVED.test(line) && !/TLS[_ ]error|SSL[_ ]routines|CERTIFICATE_VERIFY/i.test(line)) return true;
  if (OTHER.test(line) && !TLS.test(line)) return true;
  return (
    GOOD_NEWS.test(line) && !/\b(?:error|fail(?:ed|ure)?|fatal|cannot|unable|could not|refused|rejected|expired|not yet)\b/i.test(line)
  );
}
