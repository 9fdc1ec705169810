/** Erlang/OTP ssl, and RabbitMQ, EMQX, CouchDB, Elixir's Mint and hackney on it. `received` is the other end's alert, `generated` one's own with the reason below it. */
import { alert, code, type Meant, type Pattern, patternsOf, peer, sent, tableOf } from '../pattern.js';

/** ssl_alert.erl's texts. */
const ALERTS: ReadonlyArray<readonly [number, string, string]> = [
  [10, 'Unexpected Message', 'unexpected_message'],
  [20, 'Bad Record MAC', 'bad_record_mac'],
  [22, 'Record Overflow', 'record_overflow'],
  [40, 'Handshake Failure', 'handshake_failure'],
  [42, 'Bad Certificate', 'bad_certificate'],
  [43, 'Unsupported Certificate', 'unsupported_certificate'],
  [44, 'Certificate Revoked', 'certificate_revoked'],
  [45, 'Certificate Expired', 'certificate_expired'],
  [46, 'Certificate Unknown', 'certificate_unknown'],
  [47, 'Illegal Parameter', 'illegal_parameter'],
  [48, 'Unknown CA', 'unknown_ca'],
  [49, 'Access Denied', 'access_denied'],
  [50, 'Decode Error', 'decode_error'],
  [51, 'Decrypt Error', 'decrypt_error'],
  [70, 'Protocol Version', 'protocol_version'],
  [71, 'Insufficient Security', 'insufficient_security'],
  [80, 'Internal Error', 'internal_error'],
  [86, 'Inappropriate Fallback', 'inappropriate_fallback'],
  [90, 'User Canceled', 'user_canceled'],
  [100, 'No Renegotiation', 'no_renegotiation'],
  [109, 'Missing extension', 'missing_extension'],
  [110, 'Unsupported Extension', 'unsupported_extension'],
  [112, 'Unrecognised Name', 'unrecognised_name'],
  [113, 'Bad Certificate Status Response', 'bad_certificate_status_response'],
  [115, 'Unknown Psk Identity', 'unknown_psk_identity'],
  [116, 'Certificate required', 'certificate_required'],
  [120, 'No application protocol', 'no_application_protocol'],
];

/** A wording of ours ("TLS client: … generated") and one of the peer's (a client that received a SERVER ALERT); the alert's owner tells the side. */
const PHRASES = ['client alert: fatal', 'client alert: warning', 'server alert: fatal', 'server alert: warning'];
const TEXTS = ALERTS.map(([number, text]) => [text, alert(number)] as const);

/** The alert's owner is its sender: with the verb it tells which end speaks. */
const owned = (before: string, rows: ReadonlyArray<readonly [string, Meant]>, more: Partial<Pattern>) =>
  tableOf('erlang', PHRASES, [`${before} ALERT: (?:Fatal|Warning) - `, ''], rows, more);
/** OTP sends "certificate expired" for one that is not valid yet as well. */
const SENT = ALERTS.map(([number, text]) => [text, number === 45 ? peer('expired-or-not-yet-valid') : sent(number)] as const);

const alerts: Pattern[] = [
  owned('received SERVER', TEXTS, { side: 'client' }),
  owned('received CLIENT', TEXTS, { side: 'server' }),
  owned('generated SERVER', SENT, { side: 'server', weight: 'told' }),
  owned('generated CLIENT', SENT, { side: 'client', weight: 'told' }),
  // Cut out of its line, the reader is most likely the other end.
  owned('^\\W{0,3}CLIENT', TEXTS, { side: 'server' }),
  owned('^\\W{0,3}SERVER', TEXTS, { side: 'client' }),
  // `{tls_alert,{unknown_ca,"…"}}`, `{:tls_alert, {:unknown_ca, '…'}}`, `{tls_alert,"unknown ca"}`.
  tableOf(
    'erlang',
    ['tls_alert,', ':tls_alert'],
    ['tls_alert,\\s?(?:\\{:?|"|\')', ''],
    ALERTS.map(([number, , atom]) => [atom, alert(number)]),
    { weight: 'vague' },
  ),
];

export const erlang: readonly Pattern[] = [
  ...alerts,
  ...patternsOf('erlang', [
    [
      ['{bad_cert,cert_expired}', 'bad_cert, cert_expired', 'bad_cert,cert_expired', ':cert_expired'],
      peer('expired-or-not-yet-valid'),
      { weight: 'exact' },
    ],
    [['{bad_cert,unknown_ca}', 'bad_cert, unknown_ca', 'bad_cert,unknown_ca', 'bad_cert, :unknown_ca'], peer('unknown-issuer')],
    [['{bad_cert,selfsigned_peer}', 'selfsigned_peer'], peer('self-signed')],
    [['hostname_check_failed'], peer('name'), { text: /hostname_check_failed(?:,\s?\{requested,\s?"(?<wanted>[^"]{1,253})"\})?/ }],
    [['{bad_cert,invalid_ext_key_usage}', 'invalid_ext_key_usage', 'invalid_key_usage', 'key_usage_mismatch'], peer('purpose')],
    [['{bad_cert,missing_basic_constraint}', 'missing_basic_constraint'], peer('not-a-ca')],
    [['max_path_length_reached'], peer('path-length')],
    [['{bad_cert,name_not_permitted}', 'name_not_permitted'], peer('name-constraint')],
    [['{bad_cert,invalid_signature}', 'bad_cert,invalid_signature', 'bad_cert, invalid_signature'], peer('bad-signature')],
    [['{bad_cert,invalid_issuer}', 'bad_cert,invalid_issuer', 'bad_cert, invalid_issuer'], peer('unknown-issuer')],
    [['{bad_cert,{revoked', 'bad_cert, {revoked', '{bad_cert,revoked', '{revoked,'], peer('revoked'), { text: /bad_cert/ }],
    [
      ['revocation_status_undetermined', 'no_relevant_crls', 'crl_retrieval'],
      peer('revocation-unknown'),
      { text: /bad_cert|crl|undetermined/ },
    ],
    [
      ['{bad_cert,unsupported_signature', 'unsupported_signature', '{unsupported_certificate', 'unsupported_cert'],
      peer('weak-signature'),
      { text: /bad_cert|ssl|TLS/ },
    ],
    [
      ['no_client_certificate_provided', 'certificate_required'],
      peer('no-certificate'),
      { side: 'server', text: /no_client_certificate_provided|(?:^|> {1,4})[- ]{0,3}certificate_required$/ },
    ],
    [
      [
        'no_suitable_ciphers',
        'insufficient_security',
        'no_suitable_signature_algorithm',
        'no_suitable_public_key',
        'no_suitable_groups',
        'no_suitable_key_share',
        'no_suitable_hashsign',
      ],
      code('cipher-mismatch', 'handshake-failure'),
      { text: /TLS|ssl|tls|no_suitable/ },
    ],
    [['{unsupported_record_type,', 'unsupported_record_type'], code('not-tls', 'plaintext-http', 'starttls-needed')],
    // The first byte of the record: letters and angle brackets are a protocol in the clear, 21 is an alert without encryption.
    [
      ['unsupported_record_type,'],
      code('plaintext-http', 'not-tls', 'starttls-needed'),
      { text: /unsupported_record_type,\s?(?:71|80|72|68|79|67)\}/ },
    ],
    [
      ['record_type_mismatch'],
      code(
        'handshake-failure',
        'unknown-authority',
        'missing-intermediate',
        'untrusted-root',
        'self-signed',
        'stale-trust-bundle',
        'malformed',
        'bad-signature',
        'not-tls',
      ),
    ],
    [['no_application_protocol'], code('alpn-mismatch')],
    [
      [
        '{options,{certfile',
        '{options,{cacertfile',
        '{options,{keyfile',
        '{options, {certfile',
        '{options, {keyfile',
        '{options, {cacertfile',
        'invalid_certs_keys',
      ],
      code('file-missing', 'bad-pem', 'malformed', 'key-mismatch', 'bad-passphrase'),
      { side: 'startup' },
    ],
    [
      ['{error,enoent}', '{certfile,{badmatch', '{keyfile,{badmatch', '{badmatch,{error,enoent', '{cacertfile,{error,enoent'],
      code('file-missing', 'bad-pem'),
      { side: 'startup', text: /file|badmatch|ssl|enoent/ },
    ],
    [
      ['{badmatch,[]}', 'not_encrypted', '{badmatch,{error,{asn1', '{asn1,', 'pem_entry_decode', 'decode_pem', 'ssl_config'],
      code('bad-pem', 'malformed', 'bad-passphrase', 'file-missing', 'key-mismatch'),
      { side: 'startup', text: /ssl_config|asn1|pem|badmatch|PrivateKey/, weight: 'told' },
    ],
    [['{error,nxdomain}', '{error, nxdomain}', 'reason: :nxdomain', '{:error, :nxdomain}'], code('dns'), { weight: 'transport' }],
    [
      ['{error,econnrefused}', 'reason: :econnrefused', '{:error, :econnrefused}', '{error, econnrefused}'],
      code('refused'),
      { weight: 'transport' },
    ],
    [
      ['{error,timeout}', '{error, timeout}', '{:error, :timeout}', 'reason: :timeout', '{tls_error,timeout'],
      code('timeout'),
      { weight: 'transport' },
    ],
    [
      ['{error,closed}', '{error, closed}', '{:error, :closed}', 'reason: :closed', '{error,econnreset}'],
      code('reset', 'handshake-failure', 'client-cert-required'),
      { weight: 'transport' },
    ],
    [
      ['{error,{tls_alert', '{ssl_error,', '{:tls_alert', 'ssl_error'],
      code('handshake-failure'),
      { text: /\{(?:error,\s?)?\{?:?(?:tls_alert|ssl_error)/, weight: 'wrapper' },
    ],
  ]),
];
