/** Apple: SecureTransport numbers (SecureTransport.h), SecTrust results, NSURLError and CFNetwork domains. */
import { alert, code, type Meant, type Pattern, patternsOf, peer, tableOf, type Weight } from '../pattern.js';

const OSSTATUS: ReadonlyArray<readonly [number: number, name: string, says: Meant]> = [
  [-9800, 'errSSLProtocol', code('handshake-failure', 'version-mismatch', 'not-tls')],
  [-9801, 'errSSLNegotiation', code('cipher-mismatch', 'version-mismatch', 'handshake-failure')],
  [
    -9802,
    'errSSLFatalAlert',
    code(
      'handshake-failure',
      'version-mismatch',
      'cipher-mismatch',
      'unknown-authority',
      'untrusted-root',
      'missing-intermediate',
      'self-signed',
      'stale-trust-bundle',
      'expired',
      'weak-signature',
      'weak-key',
    ),
  ],
  [-9805, 'errSSLClosedGraceful', code('reset', 'handshake-failure')],
  [-9806, 'errSSLClosedAbort', code('reset', 'handshake-failure')],
  [-9807, 'errSSLXCertChainInvalid', peer('distrusted-root')],
  [-9808, 'errSSLBadCert', peer('malformed')],
  [-9809, 'errSSLCrypto', code('handshake-failure', 'bad-signature')],
  [-9812, 'errSSLUnknownRootCert', peer('distrusted-root')],
  [-9813, 'errSSLNoRootCert', peer('unknown-issuer')],
  [-9814, 'errSSLCertExpired', peer('expired')],
  [-9815, 'errSSLCertNotYetValid', peer('not-yet-valid')],
  [-9816, 'errSSLClosedNoNotify', code('reset', 'handshake-failure')],
  [-9818, 'errSSLBadCipherSuite', code('cipher-mismatch')],
  [-9819, 'errSSLPeerUnexpectedMsg', alert(10)],
  [-9820, 'errSSLPeerBadRecordMac', alert(20)],
  [-9822, 'errSSLPeerRecordOverflow', alert(22)],
  [-9824, 'errSSLPeerHandshakeFail', alert(40)],
  [-9825, 'errSSLPeerBadCert', alert(42)],
  [-9826, 'errSSLPeerUnsupportedCert', alert(43)],
  [-9827, 'errSSLPeerCertRevoked', alert(44)],
  [-9828, 'errSSLPeerCertExpired', alert(45)],
  [-9829, 'errSSLPeerCertUnknown', alert(46)],
  [-9830, 'errSSLIllegalParam', alert(47)],
  [-9831, 'errSSLPeerUnknownCA', alert(48)],
  [-9832, 'errSSLPeerAccessDenied', alert(49)],
  [-9833, 'errSSLPeerDecodeError', alert(50)],
  [-9834, 'errSSLPeerDecryptError', alert(51)],
  [-9836, 'errSSLPeerProtocolVersion', alert(70)],
  [-9837, 'errSSLPeerInsufficientSecurity', alert(71)],
  [-9838, 'errSSLPeerInternalError', alert(80)],
  [-9841, 'errSSLPeerAuthCompleted', peer('verify-failed')],
  [-9842, 'errSSLClientCertRequested', code('client-cert-required')],
  [-9843, 'errSSLHostNameMismatch', peer('name')],
  [-9844, 'errSSLConnectionRefused', code('reset', 'refused')],
  [-9845, 'errSSLDecryptionFail', code('handshake-failure')],
  [-9847, 'errSSLBadRecordMac', code('handshake-failure')],
  [-9850, 'errSSLWeakPeerEphemeralDHKey', code('cipher-mismatch', 'weak-key')],
  [-9858, 'errSSLHandshakeFail', code('handshake-failure')],
  [-9860, 'errSSLConfigurationFailed', code('handshake-failure')],
  [-67843, 'errSecNotTrusted', peer('unknown-issuer')],
  [-67818, 'errSecCertificateExpired', peer('expired')],
  [-67819, 'errSecCertificateNotValidYet', peer('not-yet-valid')],
  [-67820, 'errSecCertificateRevoked', peer('revoked')],
  [-67602, 'errSecHostNameMismatch', peer('name')],
  [-67609, 'errSecInvalidExtendedKeyUsage', peer('purpose')],
  [-67654, 'errSecTrustSettingDeny', peer('distrusted-root')],
  [-25264, 'errSecPkcs12VerifyFailure', code('bad-passphrase')],
  [-25293, 'errSecAuthFailed', code('bad-passphrase')],
];

const NSURL: ReadonlyArray<readonly [number: number, name: string, says: Meant]> = [
  [-1001, 'NSURLErrorTimedOut', code('timeout')],
  [-1003, 'NSURLErrorCannotFindHost', code('dns')],
  [-1004, 'NSURLErrorCannotConnectToHost', code('refused')],
  [-1005, 'NSURLErrorNetworkConnectionLost', code('reset')],
  [
    -1200,
    'NSURLErrorSecureConnectionFailed',
    code(
      'handshake-failure',
      'version-mismatch',
      'cipher-mismatch',
      'unknown-authority',
      'untrusted-root',
      'weak-key',
      'weak-signature',
      'expired',
      'not-tls',
    ),
  ],
  [-1201, 'NSURLErrorServerCertificateHasBadDate', peer('expired-or-not-yet-valid')],
  [
    -1202,
    'NSURLErrorServerCertificateUntrusted',
    code('unknown-authority', 'self-signed', 'untrusted-root', 'missing-intermediate', 'stale-trust-bundle', 'san-mismatch', 'expired'),
  ],
  [-1203, 'NSURLErrorServerCertificateHasUnknownRoot', peer('distrusted-root')],
  [-1204, 'NSURLErrorServerCertificateNotYetValid', peer('not-yet-valid')],
  [-1205, 'NSURLErrorClientCertificateRejected', code('client-cert-rejected', 'client-cert-unknown-ca', 'client-cert-expired')],
  [-1206, 'NSURLErrorClientCertificateRequired', code('client-cert-required', 'client-cert-rejected')],
];

const TRANSPORT = new Set(['reset', 'refused', 'dns', 'timeout']);
const weightOf = (says: Meant): Weight | undefined =>
  says.kind !== 'code' ? undefined : TRANSPORT.has(says.code) ? 'transport' : says.also.length > 3 ? 'vague' : undefined;
const weighted = (says: Meant): Partial<Pattern> => {
  const weight = weightOf(says);
  return weight === undefined ? {} : { weight };
};
const WEIGHTS = [undefined, 'vague', 'transport'] as const;

/** Descriptions that Network.framework's BoringSSL prints (SSL_alert_desc_string_long). */
const READ_ALERTS: ReadonlyArray<readonly [string, number]> = [
  ['handshake failure', 40],
  ['bad certificate', 42],
  ['unsupported certificate', 43],
  ['certificate revoked', 44],
  ['certificate expired', 45],
  ['certificate unknown', 46],
  ['illegal parameter', 47],
  ['unknown CA', 48],
  ['access denied', 49],
  ['decode error', 50],
  ['decrypt error', 51],
  ['protocol version', 70],
  ['insufficient security', 71],
  ['internal error', 80],
  ['unrecognized name', 112],
  ['certificate required', 116],
  ['no application protocol', 120],
];

export const apple: readonly Pattern[] = [
  tableOf(
    'securetransport',
    ['read alert, level: fatal', 'level: fatal, description: '],
    ['read alert, level: fatal, description: ', ''],
    READ_ALERTS.map(([text, number]) => [text, alert(number)]),
  ),
  ...OSSTATUS.map(
    ([, name, says]): Pattern => ({
      stack: 'securetransport',
      phrases: [name],
      text: new RegExp(`${name}(?![A-Za-z])`),
      says,
      ...weighted(says),
    }),
  ),
  ...NSURL.map(
    ([, name, says]): Pattern => ({
      stack: 'securetransport',
      phrases: [name],
      text: new RegExp(`${name}(?![A-Za-z])`),
      says,
      side: 'client',
      ...weighted(says),
    }),
  ),
  ...WEIGHTS.flatMap((weight): Pattern[] => {
    const more = weight === undefined ? {} : { weight };
    return [
      // `Code: -9807`, `kCFStreamErrorDomainSSL -9802`, `_kCFStreamErrorCodeKey=-9813`, `(-9843)`, `SSL handshake failed (-9806)`.
      tableOf(
        'securetransport',
        [
          'code: -',
          'code=-',
          'codekey=-',
          'codekey = -',
          'code -',
          'ssl -98',
          'error -',
          'error: -',
          'error = -',
          'error (-',
          'failed (-',
          'status -',
          'status: -',
          'osstatus',
          'errorcode = -',
          'failure: -',
          '(-9800',
          '(-9806',
          '(-9807',
          '(-9813',
          '(-9814',
          '(-9843',
          '(-9802',
        ],
        ['(?:[:=( ]|OSStatus,? ?(?:error )?)', '(?![0-9])'],
        OSSTATUS.filter(([, , says]) => weightOf(says) === weight).map(([number, , says]) => [number, says]),
        more,
      ),
      tableOf(
        'securetransport',
        ['nsurlerrordomain', 'kcferrordomaincfnetwork', 'cfnetwork'],
        ['(?:NSURLErrorDomain|CFNetwork)[^\\n]{0,60}?(?:[ =(:])', '(?![0-9])'],
        NSURL.filter(([, , says]) => weightOf(says) === weight).map(([number, , says]) => [number, says]),
        { side: 'client', ...more },
      ),
    ];
  }),
  ...patternsOf('securetransport', [
    [
      ['certificate for this server is invalid. you might be connecting'],
      code('unknown-authority', 'self-signed', 'untrusted-root', 'missing-intermediate', 'san-mismatch', 'stale-trust-bundle', 'expired'),
      { side: 'client', weight: 'vague' },
    ],
    [['a server with the specified hostname could not be found'], code('dns'), { weight: 'transport' }],
    [
      ['an ssl error has occurred and a secure connection', 'a tls error caused the secure connection to fail'],
      code(
        'handshake-failure',
        'version-mismatch',
        'cipher-mismatch',
        'untrusted-root',
        'unknown-authority',
        'weak-key',
        'weak-signature',
        'expired',
      ),
      { side: 'client', weight: 'vague' },
    ],
    [
      ['ssl: certificate problem: invalid certificate chain', 'invalid certificate chain'],
      peer('unknown-issuer'),
      { text: /SSL|certificate problem/ },
    ],
    [
      ['certificate is not trusted', '“', 'certificate is not standards compliant'],
      peer('unknown-issuer'),
      { text: /“[^”\n]{1,200}” certificate is not trusted/ },
    ],
    [['trust evaluate failure'], peer('verify-failed'), { text: /Trust evaluate failure/, weight: 'vague' }],
    [['trust evaluate failure'], peer('expired'), { text: /Trust evaluate failure:[^\n]{0,200}(?:Temporal|TemporalValidity)/ }],
    [
      ['trust evaluate failure'],
      peer('unknown-issuer'),
      { text: /Trust evaluate failure:[^\n]{0,200}(?:MissingIntermediate|AnchorTrusted|root)/ },
    ],
    [
      ['app transport security policy requires', 'app transport security has blocked'],
      code('plaintext-http', 'version-mismatch', 'cipher-mismatch'),
      { side: 'client' },
    ],
  ]).map((pattern) => ({ ...pattern, phrases: pattern.phrases.filter((phrase) => phrase.length >= 6) })),
];
