/** Android: Conscrypt, its provider of TLS, and OkHttp. Everything else they say as Java does. */
import { code, type Pattern, patternsOf, peer } from '../pattern.js';

export const android: readonly Pattern[] = patternsOf('jsse', [
  [
    ['chain validation failed', 'unacceptable certificate: '],
    peer('verify-failed'),
    { weight: 'vague', text: /(?:Exception|SSL)[^\n]{0,200}(?:Chain validation failed|Unacceptable certificate: )/ },
  ],
  [['certificate pinning failure'], peer('unknown-issuer'), { side: 'client' }],
  [['unable to parse tls packet header'], code('not-tls', 'plaintext-http', 'starttls-needed')],
  [
    ['cleartext communication to', 'cleartext http traffic'],
    code('plaintext-http'),
    { side: 'client', text: /C(?:LEARTEXT|leartext) (?:communication|HTTP traffic) to (?<wanted>\S{1,253}) not permitted/ },
  ],
  [
    ['sslhandshakeexception: connection closed', 'sslexception: connection closed'],
    code('reset', 'handshake-failure'),
    { weight: 'transport', text: /Exception: [Cc]onnection closed/ },
  ],
  [['handshake alert: '], code('sni-rejected'), { side: 'client', text: /handshake alert: {1,2}unrecognized_name/ }],
]);
