/** Bouncy Castle: alerts received (`TlsFatalAlertReceived`) and sent (`TlsFatalAlert`), and its path validator. */
import { alert, code, type Pattern, patternsOf, peer, sent, tableOf } from '../pattern.js';
import { JAVA_ALERTS } from './java.js';

const after = String.raw`\(\d`;

export const bouncycastle: readonly Pattern[] = [
  tableOf(
    'bouncycastle',
    ['tlsfatalalertreceived: '],
    ['TlsFatalAlertReceived: ', after],
    JAVA_ALERTS.map(([number, name]) => [name, alert(number)]),
  ),
  tableOf(
    'bouncycastle',
    ['tlsfatalalert: '],
    ['TlsFatalAlert: ', after],
    JAVA_ALERTS.map(([number, name]) => [name, sent(number)]),
  ),
  ...patternsOf('bouncycastle', [
    [
      [
        'no trusted certificate found for',
        'no issuer certificate for certificate in certification path',
        'trust anchor found but certificate validation failed',
        'unable to construct a valid chain',
        'certpathbuilderexception',
      ],
      peer('unknown-issuer'),
    ],
    [
      ['could not validate certificate: certificate expired', 'certificate expired on', 'could not validate certificate signature'],
      peer('expired'),
      { text: /certificate expired on (?<notAfter>\d{14}GMT[+0-9:-]{0,6})|certificate expired/ },
    ],
    [['certificate not valid till'], peer('not-yet-valid'), { text: /certificate not valid till (?<notBefore>\d{14}GMT[+0-9:-]{0,6})/ }],
    [['trustanchor for certification path not found'], peer('unknown-issuer')],
    [['no selected cipher suites', 'no common cipher suite'], code('cipher-mismatch')],
  ]),
];
