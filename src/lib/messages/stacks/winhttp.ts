/** Windows above SChannel: the numbers and names of WinHTTP and WinINet, and CERT_TRUST_STATUS. */
import { code, type Meant, type Pattern, peer, tableOf } from '../pattern.js';

/** WinHTTP and WinINet numbers, names without their prefix. */
const WINHTTP: ReadonlyArray<readonly [number: string, name: string, says: Meant]> = [
  ['12002', 'TIMEOUT', code('timeout')],
  ['12007', 'NAME_NOT_RESOLVED', code('dns')],
  ['12029', 'CANNOT_CONNECT', code('refused', 'timeout')],
  ['12030', 'CONNECTION_ABORTED', code('reset', 'handshake-failure')],
  ['12031', 'CONNECTION_RESET', code('reset', 'handshake-failure')],
  ['12037', 'SEC_CERT_DATE_INVALID', peer('expired-or-not-yet-valid')],
  ['12038', 'SEC_CERT_CN_INVALID', peer('name')],
  ['12044', 'CLIENT_AUTH_CERT_NEEDED', code('client-cert-required')],
  ['12045', 'INVALID_CA', peer('distrusted-root')],
  ['12055', 'SEC_CERT_ERRORS', peer('verify-failed')],
  ['12057', 'SEC_CERT_REV_FAILED', peer('revocation-unknown')],
  ['12157', 'SECURE_CHANNEL_ERROR', code('handshake-failure', 'version-mismatch', 'cipher-mismatch')],
  ['12169', 'SECURE_INVALID_CERT', peer('verify-failed')],
  ['12170', 'SECURE_CERT_REVOKED', peer('revoked')],
  [
    '12175',
    'SECURE_FAILURE',
    code('handshake-failure', 'unknown-authority', 'version-mismatch', 'expired', 'san-mismatch', 'revocation-unavailable'),
  ],
  ['12179', 'SECURE_CERT_WRONG_USAGE', peer('purpose')],
  ['12185', 'CLIENT_CERT_NO_PRIVATE_KEY', code('client-key-mismatch', 'file-missing')],
  ['12186', 'CLIENT_CERT_NO_ACCESS_PRIVATE_KEY', code('file-missing', 'client-key-mismatch')],
];
const WINHTTP_NETWORK = new Set(['12002', '12007', '12029', '12030', '12031']);

export const winhttp: readonly Pattern[] = [
  ...[true, false].flatMap((network): Pattern[] => {
    const rows = WINHTTP.filter(([number]) => WINHTTP_NETWORK.has(number) === network);
    const more: Partial<Pattern> = { side: 'client', ...(network ? { weight: 'transport' } : {}) };
    return [
      tableOf(
        'schannel',
        [
          'winhttp ',
          'winhttp:',
          'winhttp error',
          'wininet error',
          'wininet:',
          'winhttpsendrequest',
          'winhttpreceiveresponse',
          'winhttpexception',
          'winhttp.winhttprequest',
        ],
        ['(?:WinHttp|WinHTTP|WINHTTP|WinINet|WinInet)[^\\n]{0,60}?(?<![0-9])', '(?![0-9])'],
        rows.map(([number, , says]) => [number, says]),
        more,
      ),
      tableOf(
        'schannel',
        ['error_winhttp_', 'error_internet_'],
        ['ERROR_(?:WINHTTP|INTERNET)_(?:SECURE_)?', '(?![A-Z_])'],
        rows.map(([, name, says]) => [name.replace(/^SECURE_/, ''), says]),
        more,
      ),
    ];
  }),
  tableOf(
    'schannel',
    ['cert_trust_', 'winhttp_callback_status_flag_'],
    ['(?:CERT_TRUST_|CALLBACK_STATUS_FLAG_)', '(?![A-Z_])'],
    [
      ['IS_UNTRUSTED_ROOT', peer('distrusted-root')],
      ['IS_PARTIAL_CHAIN', peer('unknown-issuer')],
      ['IS_NOT_TIME_VALID', peer('expired-or-not-yet-valid')],
      ['IS_REVOKED', peer('revoked')],
      ['IS_NOT_SIGNATURE_VALID', peer('bad-signature')],
      ['IS_NOT_VALID_FOR_USAGE', peer('purpose')],
      ['REVOCATION_STATUS_UNKNOWN', peer('revocation-unknown')],
      ['IS_OFFLINE_REVOCATION', peer('revocation-unknown')],
      ['INVALID_BASIC_CONSTRAINTS', peer('not-a-ca')],
      ['INVALID_NAME_CONSTRAINTS', peer('name-constraint')],
      ['HAS_WEAK_SIGNATURE', peer('weak-signature')],
      ['IS_EXPLICIT_DISTRUST', peer('distrusted-root')],
      ['CERT_DATE_INVALID', peer('expired-or-not-yet-valid')],
      ['CERT_CN_INVALID', peer('name')],
      ['CERT_REVOKED', peer('revoked')],
      ['CERT_REV_FAILED', peer('revocation-unknown')],
      ['INVALID_CA', peer('distrusted-root')],
      ['INVALID_CERT', peer('verify-failed')],
    ],
  ),
];
