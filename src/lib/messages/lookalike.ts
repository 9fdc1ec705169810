/**
 * Texts that speak of certificates, expiry or handshakes and mean something else: tokens, SSH, GPG, SAML, Kerberos, DNSSEC, IPsec; good news; metrics; requests
 * served; source code, tests and commits about such failures; connections that have nothing to do with TLS.
 */

/** Other protocols and formats with the same words. */
const OTHER =
  /\b(?:JWT|JWS|JWE|JSON web token|id_token|access[_ ]token|refresh[_ ]token|bearer token|OAuth2?|OIDC|SAML|NotOnOrAfter|ssh|sshd|ssh-\w{2,10}|OpenSSH|host ?key|known_hosts|kex_exchange|GPG|gpg|PGP|keyring|apt-key|KRB5|krb5|GSSAPI|Kerberos|DNSSEC|RRSIG|DNSKEY|IKE(?:v2)?|charon|ipsec|WireGuard|OpenVPN key|Signature(?:DoesNotMatch|Expired)|presigned|license|licence|session (?:has )?expired|password (?:has )?expired|domain (?:has )?expired|cookie|cache entry|code signing|codesign|checksum|go\.sum|pubkey|NO_PUBKEY|EXPKEYSIG|EAPOL|Bluetooth|WPA\d?|TS\d{4}|notary|cosign|(?:gift|birth|death|medical|training|course|achievement|stock|savings) certificate|certificates? of (?:completion|attendance|origin|achievement)|web ?socket)\b/i;
/** Words that only a TLS stack uses; with one of them beside it a look-alike is none. */
const TLS =
  /\bTLS|\btls: |\bSSL(?!_CERT)|x509|X509|PKIX|https:\/\/|wss:\/\/|SSLHandshake|certificate verify failed|schannel|gnutls|client sent invalid/;
/**
 * SSH is never TLS, whatever it says of handshakes; nor is the number with which a directory server refuses a password, a table or a library that is not there,
 * or what a shell's tools say of files.
 */
const NEVER =
  /ssh: handshake failed|kex_exchange_identification|ssh_exchange_identification|ssh_dispatch_run_fatal|REMOTE HOST IDENTIFICATION|Permission denied \(publickey|\bsshd\[\d|LdapErr: DSID|AcceptSecurityContext error, data|\b(?:relation|table|column|schema|function|view|index|sequence|database|role|device) (?:"[^"\n]{1,120}"|\S{1,120}) does not exist|permission denied for (?:table|relation|schema|database|sequence|view)|cannot open shared object|shared librar|cannot find -l|fatal error: \S{1,120}\.h:|^(?:tar|cp|mv|mount|umount|chown|chmod|find|rsync|ls|rm|ln|mkdir|ld|make|cc|gcc|collect2|scp|install|nc|telnet|traceroute|ping|dig|nslookup)(?:\[\d{1,8}\])?: |\btelnet: Unable|ClientAbortException| kernel: (?!\[?[^\n]{0,40}\btls)/;
/** What went well, or is only due some day. */
const GOOD_NEWS =
  /\b(?:renewed|renewing|re-?issued|issuing certificate|will expire|expires? (?:in|on|at|soon)|next expiry|successfully (?:renewed|loaded|reloaded|verified|rotated|issued|connected|established)|handshake (?:with [^\n]{1,80} )?(?:was )?(?:completed|succeeded|finished|done|successful)|connection (?:established|accepted)|verify return code: 0|verification: ok|verify ok|is trusted|valid until|days (?:left|remaining)|before expiry|expiry[_ ]seconds|no errors?)\b/i;
/** Told as over and done with, whatever it was. */
const SETTLED =
  /^\[?(?:RESOLVED|OK)\b|\b(?:[Ii]ncident|[Aa]lert|[Tt]icket|[Ii]ssue)s? \S{0,40} ?(?:resolved|closed)\b|\[RESOLVED\]|expired (?:certificates?|certs?) (?:were |was )?(?:removed|deleted|pruned|cleaned|replaced|purged)/;
const BAD_NEWS =
  /\b(?:error|fail(?:ed|ure)?|fatal|cannot|unable|could not|refused|rejected|expired|not yet|invalid|mismatch|unknown|alert)\b/i;

/** A served request as access logs write it: its path may hold any word. So may the request that a client traces. */
const REQUEST_SERVED =
  /"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT|PRI) [^"]{0,2000} HTTP\/[0-9.]{1,3}" [1-5]\d\d\b|^[<>] (?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S{1,2000} HTTP\/[0-9.]{1,3}$/;

/** Metrics as Prometheus reads them: `# HELP`, `# TYPE`, `name{labels} value`. They count failures, and zero of them too. */
const METRIC =
  /^# (?:HELP|TYPE) \w|^[a-z][a-z0-9:]{0,40}_[a-z0-9_:]{2,120}(?:\{[^\n]{0,2000}\})? [-+]?(?:\d[\d.eE+-]{0,30}|NaN|[+-]Inf)(?: \d{10,13})?$/;

/** Source code, which names failures in order to handle them; what version control and test runners say about it. */
const CODE = new RegExp(
  [
    String.raw`^\s{0,80}(?:[\w/.-]{1,120}:\d{1,6}:\s{0,8})?(?:\/\/|\/\*|#\s|<!--)`,
    String.raw`^(?: | {3}| {5})\* [A-Z@{]`,
    String.raw`^\s{0,80}(?:const|let|var|static|final|public|private|def|func|fn|import|assert|elif|switch|except|rescue|case) [^\n]{0,400}[;{(:,)]\s{0,8}$`,
    String.raw`^\s{0,80}(?:const|let|var|assert|case) [^\n]{0,300}["'\x60]`,
    String.raw`^\s{0,80}(?:(?:\} ?)?(?:else )?if ?\(|(?:\} ?)?catch ?\(|(?:raise|throw)(?: new)? [\w.:]{1,80}\(|expect\(|(?:it|test|describe)\(["'\x60])`,
    String.raw`^(?:commit [0-9a-f]{7,40}\b|diff --git |[0-9a-f]{7,40} (?:fix|feat|test|docs|chore|refactor)|(?:fix|feat|docs|chore|refactor)(?:\([^)]{1,60}\))?!?: )`,
    String.raw`^\s{0,40}(?:--- (?:PASS|SKIP): |=== RUN |PASS(?:ED)?\b|ok \d{1,6}\b|[✓✔√] |test \S{1,200} \.\.\. (?:ok|ignored))`,
    String.raw`^\s{0,40}(?:#{1,6} [A-Z]|[-*] \[[ xX]\] |(?:> ?)?[Ii]f you (?:see|get|encounter|receive)\b)`,
  ].join('|'),
);
/** A line that a program printed after all, though it begins like a comment. */
const NOT_CODE = /^\s{0,80}# ?(?:Fatal|ERROR|Error)|\b(?:ERROR|FATAL|Exception:|Error:)/;

/** A peer that is spoken to in the clear, by the text's own word. */
const IN_THE_CLEAR =
  /(?:"|'|\b(?:upstream|url|uri|to|from|at|Get|Post|GET|POST|dial|request|endpoint|address)[:=]? {0,2}["']?)(?:http|ws|redis|amqp|mqtt|nats):\/\/(?!(?:curl|www)\.)/;

/** For the check that none of them can run away. */
export const LOOKALIKE_EXPRESSIONS: readonly RegExp[] = [
  OTHER,
  TLS,
  NEVER,
  GOOD_NEWS,
  BAD_NEWS,
  SETTLED,
  REQUEST_SERVED,
  METRIC,
  CODE,
  NOT_CODE,
  IN_THE_CLEAR,
];

/** Whether a line only looks like a TLS failure. */
export function isLookalike(line: string): boolean {
  if (NEVER.test(line) || METRIC.test(line) || SETTLED.test(line)) return true;
  if (REQUEST_SERVED.test(line) && !/TLS[_ ]error|SSL[_ ]routines|CERTIFICATE_VERIFY/i.test(line)) return true;
  if (CODE.test(line) && !NOT_CODE.test(line)) return true;
  if (OTHER.test(line) && !TLS.test(line)) return true;
  return GOOD_NEWS.test(line) && !BAD_NEWS.test(line);
}

/** Whether a line's connection is one in the clear: that it broke, or was refused, is nobody's TLS failure. */
export function isInTheClear(line: string): boolean {
  return IN_THE_CLEAR.test(line) && !TLS.test(line);
}
