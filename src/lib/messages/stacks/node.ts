/** Node: codes of tls, https, undici and the clients on top (axios, ioredis, amqplib, grpc-js, kafkajs, pg, mysql2). OpenSSL's own words are in openssl.ts. */
import { code, type Pattern, patternsOf, peer } from '../pattern.js';

export const node: readonly Pattern[] = patternsOf('node', [
  [['err_tls_cert_altname_invalid', "does not match certificate's altnames"], peer('name'), { text: /Host: (?<wanted>[A-Za-z0-9.:_-]{1,253})\. is not (?:in the )?cert's altnames: (?<names>[^\n"'}]{1,2000})|IP: (?<ip>[0-9a-fA-F.:]{2,45}) is not in the cert's list: (?<list>[^\n"'}]{0,2000})|ERR_TLS_CERT_ALTNAME_INVALID|altnames/ }],
  [["is not cert's cn", "is not in the cert's altnames", "is not in the cert's list", "cert does not contain a dns name", 'cert is empty'], peer('name'), { text: /Host: (?<wanted>[A-Za-z0-9.:_-]{1,253})\. |IP: (?<ip>[0-9a-fA-F.:]{2,45}) |[Cc]ert/ }],
  [['err_tls_cert_altname_format'], peer('malformed')],
  [['err_tls_dh_param_size'], code('cipher-mismatch', 'weak-key')],
  [['err_tls_handshake_timeout'], code('timeout'), { weight: 'transport' }],
  [['err_tls_invalid_protocol_version', 'err_tls_protocol_version_conflict', 'err_tls_invalid_protocol_method'], code('version-mismatch'), { side: 'startup' }],
  [['err_tls_alpn_callback', 'err_http2_error: protocol error'], code('alpn-mismatch')],
  [['err_tls_required_server_name', 'err_tls_sni_from_server'], code('sni-rejected')],
  [['err_ssl_tlsv1_alert', 'err_ssl_sslv3_alert'], code('handshake-failure'), { weight: 'wrapper' }],
  [['err_ssl_wrong_version_number', 'err_ssl_packet_length_too_long'], code('not-tls', 'plaintext-http', 'starttls-needed', 'version-mismatch')],
  [['err_crypto_invalid_key', 'err_osslevp', 'err_ossl_pem', 'err_ossl_asn1', 'err_ossl_wrong_tag', 'err_ossl_nested', 'invalid_pem', 'err_invalid_arg_value: unable to load pfx', 'not enough data', 'unable to load pfx certificate', 'failed to parse pkcs12', 'unable to load bio'], code('bad-pem', 'malformed', 'bad-passphrase'), { side: 'startup', text: /ERR_|PFX|pfx|PKCS12|BIO|INVALID_PEM|not enough data[^\n]{0,40}(?:asn1|PFX)/ }],
  [['client network socket disconnected before secure tls connection'], code('reset', 'handshake-failure', 'client-cert-required', 'version-mismatch'), { weight: 'transport' }],
  [['socket hang up', 'econnreset', 'econnaborted', 'other side closed', 'und_err_socket', 'err_stream_premature_close', 'connection closed unexpectedly', 'connection terminated unexpectedly', 'socket closed unexpectedly', 'read econnreset', 'write epipe', 'err_socket_closed'], code('reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected', 'client-cert-expired', 'client-cert-unknown-ca', 'client-cert-wrong-purpose', 'revoked'), { weight: 'transport' }],
  [['econnrefused'], code('refused'), { weight: 'transport' }],
  [['enotfound', 'eai_again', 'eai_noname', 'nxdomain', 'eai_fail'], code('dns'), { text: /ENOTFOUND|EAI_|nxdomain/, weight: 'transport' }],
  [['etimedout', 'esockettimedout', 'und_err_connect_timeout', 'und_err_headers_timeout', 'connect timeout error'], code('timeout'), { weight: 'transport' }],
  [['ehostunreach', 'enetunreach'], code('refused', 'timeout'), { weight: 'transport' }],
  [['write eproto', 'code: \'eproto\''], code('handshake-failure', 'not-tls', 'plaintext-http'), { weight: 'wrapper' }],
  [['enoent: no such file'], code('file-missing'), { side: 'startup', text: /ENOENT: no such file[^\n]{0,60}['"`](?<file>[^'"`\n]{0,300}\.(?:crt|pem|cer|key|p12|pfx|jks))/ }],
  [['eacces: permission denied'], code('file-missing'), { side: 'startup', text: /EACCES: permission denied[^\n]{0,60}['"`](?<file>[^'"`\n]{0,300}\.(?:crt|pem|cer|key|p12|pfx|jks))/ }],
  [['no ssl client certificate', 'unauthorized: client certificate'], peer('no-certificate')],
]);
