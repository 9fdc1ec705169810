/** PostgreSQL and libpq, MySQL and MariaDB, MongoDB, Redis, Kafka clients (librdkafka), LDAP, SMTP: what they print around a handshake. */
import { code, type Pattern, patternsOf, peer } from '../pattern.js';

export const databases: readonly Pattern[] = patternsOf('wrapper', [
  // PostgreSQL.
  [
    ['could not accept ssl connection'],
    code('handshake-failure', 'reset', 'client-cert-rejected', 'unknown-authority'),
    { side: 'server', weight: 'wrapper' },
  ],
  [
    [
      'connection requires a valid client certificate',
      'client certificate authentication failed',
      'connections require a valid client certificate',
    ],
    peer('no-certificate'),
    { side: 'server' },
  ],
  [['certificate authentication failed for user'], code('client-cert-rejected'), { side: 'server' }],
  [['client certificate verification failed'], peer('verify-failed'), { side: 'server', weight: 'vague' }],
  [
    ['does not match host name', 'server certificate for "'],
    peer('name'),
    {
      side: 'client',
      text: /server certificate for "(?<names>[^"]{1,253})"[^\n]{0,80} does not match host name "(?<wanted>[^"]{1,253})"|does not match host name "(?<host2>[^"]{1,253})"/,
    },
  ],
  [
    ['host name must be specified for a verified ssl connection', "could not get server's host name from server certificate"],
    peer('name'),
    { side: 'client' },
  ],
  [
    ['root certificate file "'],
    code('file-missing'),
    { side: 'startup', text: /root certificate file "(?<file>[^"]{1,300})" does not exist/ },
  ],
  [
    [
      'could not read root certificate file',
      'could not load root certificate file',
      'could not load server certificate file',
      'could not load private key file',
      'could not read certificate file',
      'could not load ssl certificate',
      'could not load certificate revocation list file',
    ],
    code('bad-pem', 'file-missing', 'weak-signature', 'weak-key', 'malformed', 'bad-passphrase', 'key-mismatch'),
    { side: 'startup', weight: 'vague', text: /file "(?<file>[^"]{1,300})"|could not (?:load|read)/ },
  ],
  [
    ['private key file "'],
    code('file-missing', 'bad-pem'),
    { side: 'startup', text: /private key file "(?<file>[^"]{1,300})" (?:has group or world access|must be owned|is not a regular file)/ },
  ],
  [['could not open certificate file', 'could not open ssl'], code('file-missing'), { side: 'startup', weight: 'told' }],
  [['certificate present, but not private key file'], code('file-missing'), { side: 'startup' }],
  [
    ['certificate does not match private key file', 'certificate does not match private key'],
    code('key-mismatch', 'client-key-mismatch'),
    { side: 'startup' },
  ],
  [
    [
      'server does not support ssl, but ssl was required',
      'server does not support ssl connections',
      'the server does not support ssl',
      'server does not support secure connection',
      'server does not support tls',
      'ssl is not enabled on the server',
      'server refused tls connection',
      'server does not support starttls',
      'tls required but not supported',
      'must issue a starttls command first',
      'starttls is required',
      'confidentiality required',
      '5.7.0 must issue a starttls',
      'ssl required, but server does not',
    ],
    code('plaintext-http', 'not-tls', 'starttls-needed'),
    { weight: 'told' },
  ],
  [
    ['no pg_hba.conf entry'],
    code('plaintext-http', 'client-cert-required', 'not-tls', 'starttls-needed'),
    { text: /no pg_hba\.conf entry[^\n]{0,240}(?:SSL off|no encryption)/, side: 'server', weight: 'transport' },
  ],
  [
    [
      'received direct ssl connection request without alpn',
      'received unencrypted data after ssl request',
      'invalid length of startup packet',
      'received invalid response to ssl negotiation',
    ],
    code('starttls-needed', 'plaintext-http', 'not-tls', 'handshake-failure'),
    { weight: 'told' },
  ],
  [
    [
      'ssl syscall error: eof detected',
      'ssl syscall error',
      'ssl connection has been closed unexpectedly',
      'server closed the connection unexpectedly',
    ],
    code('reset', 'handshake-failure', 'client-cert-rejected', 'client-cert-required', 'plaintext-http'),
    { weight: 'transport' },
  ],
  [
    ['does not support any ssl protocol version between', 'client does not support any ssl protocol'],
    code('version-mismatch'),
    { side: 'server', text: /the client does not support any SSL protocol version/ },
  ],
  [['server does not support any ssl protocol version between'], code('version-mismatch'), { side: 'client' }],
  // MySQL, MariaDB.
  [
    ['error 2026 (hy000)', 'ssl connection error', 'tls/ssl error', '(2026, '],
    code('handshake-failure', 'unknown-authority', 'reset', 'not-tls', 'version-mismatch', 'client-cert-rejected', 'plaintext-http'),
    { side: 'client', weight: 'wrapper', text: /SSL connection error|TLS\/SSL error|ERROR 2026/ },
  ],
  [
    [
      'ssl is required, but the server does not support it',
      'ssl connection error: ssl is required',
      'requires ssl',
      'connections using insecure transport are prohibited',
    ],
    code('plaintext-http', 'not-tls', 'starttls-needed'),
    { text: /SSL is required|insecure transport|require_secure_transport/ },
  ],
  [
    [
      'got packets out of order',
      'packets out of order',
      'bad handshake',
      'lost connection to mysql server at',
      'reading initial communication packet',
      'reading authorization packet',
    ],
    code('not-tls', 'starttls-needed', 'plaintext-http', 'reset', 'handshake-failure'),
    { weight: 'transport', text: /^(?![^\n]{0,60}websocket)/i },
  ],
  [
    ['ssl_ctx_set_default_verify_paths failed', 'unable to get certificate from', 'ssl error: unable to get', 'unable to get private key'],
    code('bad-pem', 'file-missing', 'key-mismatch', 'bad-passphrase', 'malformed', 'client-key-mismatch'),
    { side: 'startup', weight: 'vague', text: /SSL|Unable to get (?:certificate|private key)/ },
  ],
  [
    ['failed to set up ssl because of the following ssl library error', 'ssl context is not usable'],
    code('bad-pem', 'file-missing', 'key-mismatch', 'bad-passphrase', 'weak-key', 'weak-signature'),
    { side: 'startup', weight: 'wrapper' },
  ],
  [['validation of ssl server certificate failed'], peer('verify-failed'), { side: 'client', weight: 'vague' }],
  [['ssl certificate validation failure'], peer('verify-failed'), { side: 'client', weight: 'vague' }],
  // MongoDB.
  [
    ['the server is configured to only allow ssl connections', 'server is configured to only allow ssl'],
    code('plaintext-http', 'not-tls'),
    { side: 'server' },
  ],
  [['no ssl certificate provided by peer', 'no tls certificate provided by peer'], peer('no-certificate'), { side: 'server' }],
  [
    ['ssl peer certificate validation failed', 'ssl peer certificate validation', 'peer certificate validation failed'],
    peer('verify-failed'),
    { weight: 'vague' },
  ],
  [
    [
      'the server certificate does not match the host name',
      'server certificate does not match the remote host name',
      'certificate does not match the host name',
    ],
    peer('name'),
    { side: 'client' },
  ],
  [
    ['cannot read certificate file', 'cannot read pem file', 'cannot read certificate', 'cannot read private key'],
    code('bad-pem', 'file-missing', 'bad-passphrase', 'malformed'),
    { side: 'startup', weight: 'vague' },
  ],
  [
    ['the provided ssl certificate is expired or not yet valid', 'ssl certificate is expired'],
    code('expired', 'not-yet-valid', 'expired-or-not-yet-valid', 'local-clock-skew'),
    { side: 'startup' },
  ],
  [['sslhandshakefailed'], code('handshake-failure', 'reset', 'client-cert-rejected', 'unknown-authority'), { weight: 'wrapper' }],
  // Kafka: librdkafka and brokers.
  [
    ['ssl handshake failed: error:', 'ssl handshake failed'],
    code('handshake-failure', 'unknown-authority', 'reset', 'client-cert-rejected', 'plaintext-http'),
    { weight: 'wrapper' },
  ],
  [
    [
      'disconnected: verify that',
      'connecting to a plaintext listener',
      'plaintext listener with an ssl',
      'connecting to a ssl listener with a plaintext',
    ],
    code('plaintext-http', 'not-tls', 'starttls-needed', 'client-cert-required', 'reset'),
    { text: /plaintext|PLAINTEXT|SSL/, weight: 'told' },
  ],
  // librdkafka says so for whatever the verifier found.
  [['broker certificate could not be verified'], peer('verify-failed'), { side: 'client', weight: 'vague' }],
  [
    ['client ssl authentication might be required', 'client authentication might be required'],
    code('client-cert-required', 'client-cert-rejected', 'client-cert-unknown-ca'),
    { side: 'client' },
  ],
  [
    ['may indicate that the client is connecting to a plaintext', 'invalid receive (size', 'invalidreceiveexception'],
    code('not-tls', 'plaintext-http', 'starttls-needed'),
    { text: /Invalid receive \(size = (?:3691378\d\d|-?\d{9,10}|352518\d\d\d|1195725856|1347375956)|plaintext/, weight: 'told' },
  ],
  [
    ['failed authentication with /'],
    code('handshake-failure', 'client-cert-rejected', 'unknown-authority'),
    { side: 'server', weight: 'wrapper' },
  ],
  [
    [
      'ssl.ca.location failed',
      'ssl.certificate.location failed',
      'ssl.key.location failed',
      'ssl.keystore.location failed',
      'private key check failed',
    ],
    code('bad-pem', 'file-missing', 'bad-passphrase', 'key-mismatch'),
    { side: 'startup', weight: 'vague' },
  ],
  // SMTP, IMAP.
  [
    ['tls is required, but was not offered', 'tls required but', 'tls not available due to', 'starttls offered but', 'wrong ssl protocol'],
    code('starttls-needed', 'plaintext-http'),
    { weight: 'told' },
  ],
  [
    ['server certificate not trusted', 'untrusted tls connection', 'certificate verification failed for'],
    peer('verify-failed'),
    { weight: 'vague', text: /not trusted|verification failed|Untrusted TLS connection (?:refused|required)/ },
  ],
  // Dovecot.
  [["client didn't send a cert"], peer('no-certificate'), { side: 'server' }],
  [['client sent an invalid cert'], peer('verify-failed'), { side: 'server', weight: 'vague' }],
  [
    ['tls handshaking: connection closed', 'tls handshaking: disconnected'],
    code('reset', 'handshake-failure'),
    { side: 'server', weight: 'transport' },
  ],
  [['server certificate not verified', 'tls certificate not verified'], peer('verify-failed'), { weight: 'vague' }],
]);
