/** OpenSSL's own s_client and s_server, and programs that word its verdict themselves: nginx, stunnel, mosquitto, PHP, Perl, Ruby, Redis. */
import { code, type Pattern, patternsOf, peer } from '../pattern.js';

export const opensslPrograms: readonly Pattern[] = patternsOf('openssl', [
  // s_client, s_server.
  [['could not find client certificate', 'could not read client certificate', 'unable to load client certificate', 'unable to load certificate', 'could not read private key', 'unable to load client certificate private key', 'could not find private key', 'could not find certificate', 'could not read certificate', 'could not find server certificate', 'could not read server certificate', 'could not read ca', 'could not find trusted certificate', 'unable to load private key', 'unable to load server certificate'], code('bad-pem', 'file-missing', 'bad-passphrase', 'malformed'), { side: 'startup', weight: 'vague' }],
  [['could not open file or uri'], code('file-missing', 'bad-pem'), { side: 'startup', weight: 'told' }],
  [["can't open \"", "can't open certificate", "can't open private key"], code('file-missing'), { side: 'startup', text: /can't open .{0,200}\.(?:crt|pem|cer|key|p12|pfx)/i }],
  // nginx.
  [['cannot load certificate "', 'cannot load certificate key "'], code('bad-pem', 'file-missing', 'key-mismatch', 'bad-passphrase', 'malformed'), { side: 'startup', weight: 'vague', text: /cannot load certificate(?: key)? "(?<file>[^"]{1,300})"/ }],
  [['no such file or directory'], code('file-missing'), { side: 'startup', text: /(?:\.(?:crt|pem|cer|key|p12|pfx|jks|p8|csr)\b|certificate|private key|SSL|TLS|BIO_new_file|key ?store|trust ?store)[^\n]{0,240}no such file or directory|no such file or directory[^\n]{0,160}(?:\.(?:crt|pem|cer|key|p12|pfx|jks)\b|certificate|private key)/i }],
  [['permission denied'], code('file-missing'), { side: 'startup', text: /(?:\.(?:crt|pem|cer|key|p12|pfx|jks|p8)\b|certificate|private key)[^\n]{0,160}permission denied|permission denied[^\n]{0,160}(?:\.(?:crt|pem|cer|key|p12|pfx|jks)\b|certificate|private key)/i }],
  [['no "ssl_certificate" is defined', 'no "ssl_certificate_key" is defined'], code('file-missing'), { side: 'startup' }],
  [['client sent no required ssl certificate', 'no required ssl certificate was sent'], peer('no-certificate'), { side: 'server' }],
  [['client ssl certificate verify error'], peer('verify-failed'), { side: 'server', weight: 'vague' }],
  [['the ssl certificate error'], peer('verify-failed'), { side: 'server', weight: 'vague' }],
  [['upstream ssl certificate verify error'], peer('verify-failed'), { side: 'client', weight: 'vague' }],
  [['upstream ssl certificate does not match'], peer('name'), { side: 'client', text: /upstream SSL certificate does not match "(?<wanted>[^"]{1,253})"/ }],
  [['client sent plain http request to https port', 'the plain http request was sent to https port'], code('plaintext-http'), { side: 'server' }],
  [['peer closed connection in ssl handshake'], code('reset', 'handshake-failure'), { weight: 'transport' }],
  [['ssl do handshake() failed', 'ssl_do_handshake() failed'], code('handshake-failure', 'reset', 'not-tls'), { weight: 'wrapper' }],
  [['client closed connection while ssl handshaking', 'client prematurely closed connection while ssl handshaking'], code('reset', 'handshake-failure'), { side: 'server', weight: 'transport' }],
  [['client sent invalid method while reading client request line', 'client sent invalid request while'], code('not-tls', 'plaintext-http', 'starttls-needed'), { side: 'server', text: /request: "(?:SSH-|\\x16\\x03|[^A-Z ])/ }],
  [['"\\x16\\x03', '\\x16\\x03\\x01'], code('plaintext-http', 'not-tls', 'starttls-needed'), { side: 'server', weight: 'told' }],
  [['client timed out'], code('timeout'), { text: /client timed out[^\n]{0,80}while SSL handshaking/, side: 'server', weight: 'transport' }],
  // stunnel.
  [['rejected by cert at depth', 'rejected by ocsp', 'cert: pre-verification error', 'cert: verification error'], peer('verify-failed'), { weight: 'vague' }],
  [['cert: no matching hostname', 'cert: no matching ip address', 'no matching host name found', 'cert: subject checks failed', 'cert: no matching host name found'], peer('name')],
  [['cert: certificate not found in local repository'], peer('unknown-issuer')],
  // mosquitto, Redis, PHP, Perl, Ruby, PostgreSQL's sibling words are with the databases.
  [['a tls error occurred'], code('unknown-authority', 'handshake-failure', 'not-yet-valid', 'expired', 'san-mismatch', 'no-san', 'untrusted-root', 'missing-intermediate', 'self-signed', 'plaintext-http', 'starttls-needed', 'not-tls', 'reset', 'version-mismatch', 'cipher-mismatch', 'client-cert-required', 'client-cert-rejected'), { weight: 'wrapper' }],
  [['unable to load ca certificates', 'unable to load server certificate "', 'unable to load server key file', 'unable to load client certificate', 'unable to load client key file', 'error: unable to load'], code('bad-pem', 'file-missing', 'malformed', 'bad-passphrase'), { side: 'startup', weight: 'vague', text: /unable to load (?:ca|server|client|certificate|key|private)/i }],
  [['server certificate/key are inconsistent', 'client certificate/key are inconsistent', 'certificate/key are inconsistent'], code('key-mismatch', 'client-key-mismatch'), { side: 'startup' }],
  [['ssl connect failed: certificate verify failed'], peer('verify-failed'), { side: 'client', weight: 'vague' }],
  [['could not negotiate a tls connection: invalid private key'], code('key-mismatch', 'client-key-mismatch', 'bad-passphrase', 'bad-pem', 'file-missing'), { side: 'startup' }],
  [['could not negotiate a tls connection: invalid c', 'could not negotiate a tls connection: failed to'], code('bad-pem', 'file-missing', 'malformed'), { side: 'startup' }],
  [['failed to load certificate', 'failed to load private key', 'failed to load ca certificate'], code('bad-pem', 'file-missing', 'key-mismatch', 'bad-passphrase', 'malformed'), { side: 'startup', weight: 'vague' }],
  [['failed to configure tls', 'failed to configure ssl'], code('bad-pem', 'file-missing', 'key-mismatch', 'bad-passphrase'), { side: 'startup', weight: 'wrapper' }],
  [['unable to set private key file'], code('key-mismatch', 'client-key-mismatch', 'bad-passphrase', 'bad-pem', 'file-missing'), { side: 'startup', weight: 'told', text: /unable to set private key file:? [`'"]?(?<file>[^'"`\s]{1,300})/i }],
  [['unable to set local cert chain file'], code('bad-pem', 'file-missing', 'malformed'), { side: 'startup', weight: 'told', text: /local cert chain file [`'"](?<file>[^'"`\s]{1,300})/i }],
  [['enter pem pass phrase'], code('bad-passphrase', 'bad-pem'), { side: 'startup', weight: 'told' }],
  [['failed to enable crypto'], code('reset', 'handshake-failure', 'unknown-authority'), { side: 'client', weight: 'wrapper' }],
  [['did not match expected name', 'did not match expected cn', 'does not match expected cn', 'unable to locate peer certificate cn'], peer('name'), { side: 'client', text: /(?:expected (?:name|CN)=?|peer certificate CN) ?[`'"]?(?<wanted>[A-Za-z0-9.*:_-]{1,253})/i }],
  [['peer fingerprint'], code('unknown-authority'), { text: /peer fingerprint (?:doesn't|does not) match/i, side: 'client' }],
  [['ssl: handshake timed out', 'the handshake operation timed out', 'ssl handshake timed out', 'tls handshake timed out', 'handshake timed out', 'tls handshake timeout', 'ssl handshake timeout', 'handshake timeout', 'timeout during ssl handshake'], code('timeout'), { weight: 'transport' }],
  [['ssl connection error: error:'], code('handshake-failure', 'reset'), { weight: 'wrapper' }],
  [['ssl ca file ', 'ssl cert file ', 'ssl key file '], code('file-missing', 'bad-pem'), { side: 'startup', text: /SSL_(?:ca|cert|key)_file (?<file>\S{1,300}) (?:does not exist|can't be used)/ }],
  [["private key doesn't match certificate", 'private key does not match certificate', 'private key does not match the certificate', 'private key and certificate do not match', "certificate and private key don't match", 'certificate and private key do not match', 'key does not match certificate', "key doesn't match", 'does not match its certificate'], code('key-mismatch', 'client-key-mismatch'), { side: 'startup', text: /cert/i }],
]);
