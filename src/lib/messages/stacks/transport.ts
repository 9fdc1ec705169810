/** What is left when a connection breaks before, or instead of, a handshake. The weakest evidence there is, and often a health check. */
import { code, type Pattern, patternsOf } from '../pattern.js';

export const transport: readonly Pattern[] = patternsOf('transport', [
  [
    [
      'connectionrefusederror',
      'connect call failed',
      'errno 111',
      'errno=111',
      'errno 61]',
      'winerror 10061',
      'wsaeconnrefused',
      'os error 111',
      'code 10061',
    ],
    code('refused'),
    { weight: 'transport' },
  ],
  [
    [
      'errno 104',
      'errno=104',
      'winerror 10054',
      'wsaeconnreset',
      'os error 104',
      'connectionreseterror',
      'errno 54]',
      'errno=54',
      'errno 32]',
      'os error 32',
      'brokenpipeerror',
      'connectionabortederror',
      'errno=32',
      'os error 54',
    ],
    code('reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected'),
    { weight: 'transport' },
  ],
  [['errno 110', 'errno=110', 'winerror 10060', 'os error 110', 'errno 60]', 'errno=60'], code('timeout'), { weight: 'transport' }],
  [['errno 113', 'errno=113', 'errno 101', 'os error 113', 'errno=101'], code('refused', 'timeout'), { weight: 'transport' }],
  [
    ['no suitable address found', 'errno -2]', 'errno -3]', 'errno -5]', 'errno 11001', 'gaierror', 'servname not supported'],
    code('dns'),
    { weight: 'transport' },
  ],
  [
    [
      'remotedisconnected',
      'unexpected end of file from server',
      'server disconnected without sending',
      'connection closed before message completed',
    ],
    code('reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected', 'client-cert-unknown-ca', 'client-cert-expired'),
    { weight: 'transport' },
  ],
  // MQTT brokers refuse a login in the same words, and mail servers a sender.
  [
    ['connection refused'],
    code('refused'),
    { weight: 'transport', text: /connection refused(?! by policy|[:,] (?:not |bad |identifier|unacceptable|broker|server unavail))/i },
  ],
  // Mosquitto, lynx, nagios, ab and the like, in their own few words.
  [
    ['the connection was lost', 'no data received from host', 'unexpected network read error', 'ssl write error (', 'ssl read error ('],
    code('reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected'),
    {
      weight: 'transport',
      text: /Error: The connection was lost|No data received from host|network read error|SSL (?:read|write) error \(/,
    },
  ],
  [
    ['closed connection unexpectedly'],
    code('reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected'),
    { weight: 'transport' },
  ],
  [['unable to connect to remote host'], code('refused', 'timeout'), { weight: 'transport' }],
  [
    ['unable to locate remote host', '(lookup error', 'bad hostname', 'pr_gethostbyname'],
    code('dns'),
    { weight: 'transport', text: /Unable to locate remote host|\(Lookup error|Bad hostname|PR_GetHostByName/ },
  ],
  [['server selection timed out after', "code: 'connect_timeout'"], code('timeout', 'refused'), { weight: 'transport' }],
  [['name resolution failed for target'], code('dns'), { weight: 'transport' }],
  [
    ['timeout expired', 'socket timeout after', 'ssl wants a read first', 'specified has expired', 'ncat: timeout'],
    code('timeout'),
    {
      weight: 'transport',
      text: /failed: timeout expired|Socket timeout after|SSL wants a read first|timeout specified has expired|Ncat: TIMEOUT/,
    },
  ],
  [
    ['unable to make secure connection to remote host', 'cannot make ssl connection', ': ssl error'],
    code(
      'handshake-failure',
      'reset',
      'version-mismatch',
      'cipher-mismatch',
      'not-tls',
      'plaintext-http',
      'client-cert-required',
      'timeout',
    ),
    { side: 'client', weight: 'wrapper', text: /secure connection to remote host|Cannot make SSL connection|: SSL error\.?$/ },
  ],
  [['certificate verification error. quitting'], code('unknown-authority', 'san-mismatch', 'expired'), { side: 'client', weight: 'vague' }],
  [
    ['no route to host', 'network is unreachable', 'host is unreachable', 'host unreachable'],
    code('refused', 'timeout'),
    { weight: 'transport' },
  ],
  [
    // PostgreSQL says it of any session, long after its handshake.
    ['connection reset by peer', 'connection was reset', 'connection reset', 'econnreset'],
    code('reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected', 'client-cert-unknown-ca', 'client-cert-expired'),
    { weight: 'transport', text: /^(?![^\n]{0,200}could not (?:receive data from|send data to) client: Connection reset)/ },
  ],
  [
    [
      'broken pipe',
      'connection aborted',
      'software caused connection abort',
      'connection was aborted',
      'connection lost',
      'connection closed by peer',
      'closed by remote host',
      'remote end closed connection',
    ],
    code('reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected'),
    { weight: 'transport', text: /(?:SSL|TLS|ssl|tls|https|HTTP|Exception|Error|errno|Errno|handshake)/ },
  ],
  [
    ['connection timed out', 'operation timed out', 'connect timed out', 'i/o timeout'],
    code('timeout'),
    { weight: 'transport', text: /(?:connection|operation|connect) timed out(?!\) while reading)|i\/o timeout/i },
  ],
  [
    ['request timed out'],
    code('timeout'),
    { weight: 'transport', text: /The request timed out\.|Request timed out \(\d|https|TLS|SSL|NSURL/ },
  ],
  [['timeouterror', 'etimedout'], code('timeout'), { weight: 'transport', text: /(?<!ServerSelection)TimeoutError|ETIMEDOUT/ }],
  [
    ['tls handshake error from', 'rejected connection from', 'https://', '/v2/": eof', '": eof'],
    code('reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected'),
    {
      weight: 'transport',
      text: /(?:https:\/\/|TLS handshake error|rejected connection|handshake)[^\n]{0,600}(?:: |")(?:unexpected )?EOF(?:"|$|\\| |,)/,
    },
  ],
  [
    [
      'unexpected eof',
      'unexpected end of file',
      'end of file reached',
      'connection unexpectedly closed',
      'premature eof',
      'eof detected',
      'closed the connection without',
    ],
    code('reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected', 'client-cert-unknown-ca', 'client-cert-expired'),
    {
      weight: 'transport',
      text: /^(?![^\n]{0,200}on client connection)[^\n]{0,2000}(?:SSL|TLS|ssl|tls|https|handshake|SSL_connect|connection)/,
    },
  ],
]);
