import { describe, expect, it } from 'vitest';
import { explainText } from '../../src/lib/messages/explain.js';

const NOW = new Date('2026-11-22T11:00:00Z');

/** How products, operating systems and languages word it that are not among the stacks of stacks.test.ts. */
const CASES: ReadonlyArray<readonly [text: string, code: string]> = [
  [
    'HandshakeException: Handshake error in client (OS Error: \n\tCERTIFICATE_VERIFY_FAILED: certificate has expired(handshake.cc:393))',
    'expired',
  ],
  [
    'HandshakeException: Handshake error in client (OS Error: \n\tCERTIFICATE_VERIFY_FAILED: unable to get local issuer certificate(handshake.cc:393))',
    'unknown-authority',
  ],
  [
    'HandshakeException: Handshake error in client (OS Error: \n\tCERTIFICATE_VERIFY_FAILED: Hostname mismatch(handshake.cc:359))',
    'san-mismatch',
  ],
  ['HandshakeException: Connection terminated during handshake', 'reset'],
  ['ORA-29024: Certificate validation failure', 'unknown-authority'],
  ['ORA-28860: Fatal SSL error', 'handshake-failure'],
  ['ORA-28759: failure to open file', 'file-missing'],
  ['ORA-28791: certificate verification failure', 'unknown-authority'],
  ['ORA-28865: SSL connection closed', 'reset'],
  ['ORA-29003: SSL transport detected mismatched server certificate.', 'san-mismatch'],
  ['ORA-28862: SSL connection failed', 'handshake-failure'],
  ['ORA-28868: certificate chain check failed', 'unknown-authority'],
  ["AMQ9633E: Bad SSL certificate for channel 'APP.SVRCONN'.", 'unknown-authority'],
  [
    "AMQ9631E: The CipherSpec negotiated during the TLS handshake does not match the required CipherSpec for channel 'APP.SVRCONN'.",
    'cipher-mismatch',
  ],
  ['AMQ9616E: The CipherSpec proposed is not enabled on the server.', 'cipher-mismatch'],
  ['AMQ9637E: Channel is lacking a certificate.', 'client-cert-required'],
  ["AMQ9642E: No SSL or TLS certificate for channel 'APP.SVRCONN'.", 'client-cert-required'],
  ["AMQ9636E: SSL distinguished name does not match peer name, channel 'APP.SVRCONN'.", 'san-mismatch'],
  ["AMQ9635E: Channel 'APP.SVRCONN' did not specify a valid CipherSpec.", 'cipher-mismatch'],
  ["AMQ9657E: The key repository could not be opened (channel 'APP.SVRCONN').", 'file-missing'],
  ['AMQ9675E: The requested certificate could not be used: certificate revoked by CRL', 'revoked'],
  [
    "com.ibm.mq.MQException: JMSCMQ0001: IBM MQ call failed with compcode '2' ('MQCC_FAILED') reason '2393' ('MQRC_SSL_INITIALIZATION_ERROR').",
    'handshake-failure',
  ],
  ["reason '2397' ('MQRC_JSSE_ERROR')", 'handshake-failure'],
  [
    'CWPKI0022E: SSL HANDSHAKE FAILURE:  A signer with SubjectDN CN=api.test was sent from the target host.  The signer might need to be added to local trust store',
    'unknown-authority',
  ],
  [
    'CWPKI0823E: SSL HANDSHAKE FAILURE:  A signer with SubjectDN [CN=api.test] was sent from the host [10.0.0.4:443]. The signer might need to be added to local truststore',
    'unknown-authority',
  ],
  [
    'A connection was successfully established with the server, but then an error occurred during the login process. (provider: SSL Provider, error: 0 - The certificate chain was issued by an authority that is not trusted.)',
    'untrusted-root',
  ],
  [
    'com.microsoft.sqlserver.jdbc.SQLServerException: The driver could not establish a secure connection to SQL Server by using Secure Sockets Layer (SSL) encryption. Error: "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target".',
    'unknown-authority',
  ],
  [
    'com.microsoft.sqlserver.jdbc.SQLServerException: The driver could not establish a secure connection to SQL Server by using Secure Sockets Layer (SSL) encryption. Error: "The server selected protocol version TLS10 is not accepted by client preferences [TLS12]".',
    'version-mismatch',
  ],
  [
    '[Microsoft][ODBC Driver 18 for SQL Server]SSL Provider: [error:0A000086:SSL routines::certificate verify failed:self-signed certificate]',
    'self-signed',
  ],
  ['[Microsoft][ODBC Driver 18 for SQL Server]SSL Provider: The target principal name is incorrect.', 'san-mismatch'],
  ['[Microsoft][ODBC Driver 17 for SQL Server]TCP Provider: Error code 0x2746', 'reset'],
  [
    'An TLS 1.2 connection request was received from a remote client application, but none of the cipher suites supported by the client application are supported by the server. The TLS connection request has failed.',
    'cipher-mismatch',
  ],
  [
    'The certificate received from the remote server has not validated correctly. The error code is 0x80092013. The TLS connection request has failed.',
    'revocation-unavailable',
  ],
  [
    'No suitable default server credential exists on this system. This will prevent server applications that expect to make use of the system default credentials from accepting SSL connections.',
    'file-missing',
  ],
  ['A fatal error occurred while creating a TLS client credential. The internal error state is 10013.', 'handshake-failure'],
  [
    'The remote server has requested TLS client authentication, but no suitable client certificate could be found. An anonymous connection will be attempted.',
    'client-cert-required',
  ],
  [
    'The certificate received from the remote server was issued by an untrusted certificate authority. Because of this, none of the data contained in the certificate can be validated.',
    'untrusted-root',
  ],
  [
    'The certificate received from the remote server does not contain the expected name. It is therefore not possible to determine whether we are connecting to the correct server.',
    'san-mismatch',
  ],
  ['The certificate received from the remote server has expired.', 'expired-or-not-yet-valid'],
  [
    'An SSL 3.0 connection request was received from a remote client application, but the protocol version is not supported by the server.',
    'version-mismatch',
  ],
  ['javax.net.ssl.SSLException: SSL handshake aborted: ssl=0x7f8a: I/O error during system call, Connection reset by peer', 'reset'],
  [
    'javax.net.ssl.SSLProtocolException: SSL handshake aborted: ssl=0x7a: Failure in SSL library, usually a protocol error\nerror:100000f0:SSL routines:OPENSSL_internal:UNSUPPORTED_PROTOCOL (external/boringssl/src/ssl/handshake_client.cc:576 0x7)',
    'version-mismatch',
  ],
  ['javax.net.ssl.SSLException: Unable to parse TLS packet header', 'not-tls'],
  ['javax.net.ssl.SSLHandshakeException: Chain validation failed', 'unknown-authority'],
  ['javax.net.ssl.SSLHandshakeException: Unacceptable certificate: CN=Corp Root', 'unknown-authority'],
  ['javax.net.ssl.SSLHandshakeException: connection closed', 'reset'],
  ['java.net.UnknownServiceException: CLEARTEXT communication to api.test not permitted by network security policy', 'plaintext-http'],
  [
    'javax.net.ssl.SSLPeerUnverifiedException: Hostname api.test not verified:\n    certificate: sha256/abc=\n    DN: CN=b.test\n    subjectAltNames: [b.test]',
    'san-mismatch',
  ],
  ['javax.net.ssl.SSLPeerUnverifiedException: Certificate pinning failure!', 'unknown-authority'],
  [
    'boringssl_context_handle_fatal_alert(1874) [C1.1:2][0x1058] read alert, level: fatal, description: certificate unknown',
    'client-cert-rejected',
  ],
  [
    'boringssl_context_handle_fatal_alert(2072) [C2.1:2][0x10] read alert, level: fatal, description: handshake failure',
    'handshake-failure',
  ],
  [
    'handshakeFailed(NIOSSL.BoringSSLError.sslError([Error: 268435581 error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at ssl_x509.cc:1]))',
    'unknown-authority',
  ],
  ["NIOSSLExtraError.failedToValidateHostname: Couldn't find api.test in certificate from peer", 'san-mismatch'],
  ['Curl error 60: Cert verify failed: UNITYTLS_X509VERIFY_FLAG_NOT_TRUSTED', 'unknown-authority'],
  ['Curl error 60: Cert verify failed. Certificate has expired. UnityTls error code: 7: UNITYTLS_X509VERIFY_FLAG_EXPIRED', 'expired'],
  ['Curl error 60: Cert verify failed: UNITYTLS_X509VERIFY_FLAG_CN_MISMATCH', 'san-mismatch'],
  [
    '[E][ssl_client.cpp:37] _handle_error(): [start_ssl_client():273]: (-9984) X509 - Certificate verification failed, e.g. CRL, CA or signature check failed',
    'unknown-authority',
  ],
  ['[E][ssl_client.cpp:37] _handle_error(): [start_ssl_client():273]: (-29312) SSL - The connection indicated an EOF', 'reset'],
  [
    '[E][ssl_client.cpp:37] _handle_error(): [start_ssl_client():273]: (-30592) SSL - A fatal alert message was received from our peer',
    'handshake-failure',
  ],
  ['lua ssl certificate verify error: (20: unable to get local issuer certificate), client: 10.0.0.9', 'unknown-authority'],
  ['18: self signed certificate, context: ngx.timer', 'self-signed'],
  [
    'The following error was encountered while trying to retrieve the URL: (71) Protocol error (TLS code: X509_V_ERR_CERT_HAS_EXPIRED)',
    'expired',
  ],
  ['(71) Protocol error (TLS code: SQUID_X509_V_ERR_DOMAIN_MISMATCH)', 'san-mismatch'],
  ['01260013:4: SSL Handshake failed for TCP 10.0.0.9:51122 -> 10.0.0.4:443', 'handshake-failure'],
  ['01260009:4: 10.0.0.9:51122 -> 10.0.0.4:443: Connection error: ssl_hs_rxhello:7699: unsupported version (40)', 'version-mismatch'],
  ['01260006:4: Peer cert verify error: certificate has expired (depth 0; cert /CN=client)', 'expired'],
  ['01260026:4: No shared ciphers between SSL peers 10.0.0.9.51122:10.0.0.4.443.', 'cipher-mismatch'],
  [
    '%ASA-3-717009: Certificate validation failed. No suitable trustpoints found to validate certificate serial number: 4A',
    'unknown-authority',
  ],
  ['%ASA-7-725014: SSL lib error. Function: ssl3_get_client_hello Reason: no shared cipher', 'cipher-mismatch'],
  ['openvpn[12]: VERIFY ERROR: depth=0, error=certificate has expired: CN=server, serial=4', 'expired'],
  ['openvpn[12]: VERIFY X509NAME ERROR: CN=server, must be vpn.example.org', 'san-mismatch'],
  ['openvpn[12]: VERIFY EKU ERROR', 'wrong-purpose'],
  ['openvpn[12]: TLS Error: TLS key negotiation failed to occur within 60 seconds (check your network connectivity)', 'timeout'],
  ['openvpn[12]: TLS Error: TLS handshake failed', 'handshake-failure'],
  ['openvpn[12]: Cannot load certificate file client.crt', 'bad-pem'],
  ['(5) eap_tls: ERROR: TLS Alert read:fatal:unknown CA', 'unknown-authority'],
  ['(5) eap_tls: ERROR: (TLS) OpenSSL says error 10 : certificate has expired', 'client-cert-expired'],
  ['(5) eap_tls: TLS Alert write:fatal:certificate expired', 'client-cert-expired'],
  [
    "wpa_supplicant[612]: TLS: Certificate verification failed, error 19 (self signed certificate in certificate chain) depth 1 for '/CN=Corp CA'",
    'untrusted-root',
  ],
  [
    "wlan0: CTRL-EVENT-EAP-TLS-CERT-ERROR reason=1 depth=1 subject='/CN=Corp CA' err='self signed certificate in certificate chain'",
    'untrusted-root',
  ],
  ['SSL: SSL3 alert: write (local SSL3 detected an error):fatal:unknown CA', 'unknown-authority'],
  ['pgbouncer: TLS handshake failed: certificate verification failed: certificate has expired', 'expired'],
  ['CHECK_NRPE: Error - Could not complete SSL handshake with 10.0.0.9: 1', 'handshake-failure'],
  [
    'cannot connect to [[10.0.0.4]:10051]: TLS handshake set result code to 1: file ../ssl/statem/statem_clnt.c line 1921: error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed: TLS write fatal alert "unknown CA"',
    'unknown-authority',
  ],
  ['postfix/smtpd[123]: SSL_accept error from unknown[203.0.113.9]: lost connection', 'reset'],
  ['postfix/smtpd[123]: SSL_accept error from unknown[203.0.113.9]: -1', 'handshake-failure'],
  [
    'postfix/smtp[123]: certificate verification failed for mx.example.org[192.0.2.1]:25: untrusted issuer /C=US/O=Corp',
    'unknown-authority',
  ],
  [
    'postfix/smtp[123]: certificate peer name verification failed for mx.example.org: 2 subjectAltNames: CommonName mx2.example.org',
    'san-mismatch',
  ],
  [
    'postfix/smtp[123]: 4Xyz: to=<b@example.org>, relay=mx.example.org[192.0.2.1]:25, dsn=4.7.5, status=deferred (Server certificate not trusted)',
    'unknown-authority',
  ],
  ['postfix/smtp[123]: 4Xyz: to=<b@example.org>, status=deferred (Server certificate not verified)', 'unknown-authority'],
  ['postfix/smtp[123]: 4Xyz: to=<b@example.org>, status=deferred (Cannot start TLS: handshake failure)', 'handshake-failure'],
  [
    'sendmail[12]: STARTTLS=server, error: accept failed=-1, reason=sslv3 alert certificate unknown, SSL_error=1, errno=0, retry=-1',
    'unknown-authority',
  ],
  [
    'PHP Warning:  stream_socket_enable_crypto(): SSL operation failed with code 1. OpenSSL Error messages: error:14090086:SSL routines:ssl3_get_server_certificate:certificate verify failed',
    'unknown-authority',
  ],
  ["PHP Warning: Peer certificate CN=`b.test' did not match expected CN=`a.test'", 'san-mismatch'],
  [
    'SSL validation failed for https://s3.amazonaws.com/ [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)',
    'unknown-authority',
  ],
  [
    'Certificate verification failed. This typically happens when using Azure CLI behind a proxy that intercepts traffic with a self-signed certificate.',
    'self-signed',
  ],
  [
    '[60] SSL peer certificate or SSH remote key was not OK (SSL certificate problem: unable to get local issuer certificate)',
    'unknown-authority',
  ],
  [
    '[35] SSL connect error (schannel: next InitializeSecurityContext failed: CRYPT_E_NO_REVOCATION_CHECK (0x80092012) - The revocation function was unable to check revocation for the certificate.)',
    'revocation-unavailable',
  ],
  [
    "Could not fetch URL https://pypi.org/simple/pip/: There was a problem confirming the ssl certificate: HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded",
    'unknown-authority',
  ],
  [
    "ERROR:  Could not find a valid gem 'rails' (>= 0), here is why: Unable to download data from https://rubygems.org/ - SSL_connect returned=1 errno=0 peeraddr=151.101.1.227:443 state=error: certificate verify failed (unable to get local issuer certificate)",
    'unknown-authority',
  ],
  [
    'Err:5 https://repo.test stable InRelease\n  Certificate verification failed: The certificate is NOT trusted. The certificate chain uses expired certificate.  Could not handshake: Error in the certificate verification. [IP: 10.0.0.4 443]',
    'expired',
  ],
  [
    'https://repo.test/x86_64/repodata/repomd.xml: [Errno 14] curl#60 - "Peer\'s Certificate issuer is not recognized."',
    'unknown-authority',
  ],
  ['https://repo.test/repomd.xml: [Errno 14] curl#35 - "TCP connection reset by peer"', 'reset'],
  [
    'Curl error (60): SSL peer certificate or SSH remote key was not OK for https://repo.test/repomd.xml [SSL certificate problem: unable to get local issuer certificate]',
    'unknown-authority',
  ],
  [
    'error: error sending request for url (https://a.test/): client error (Connect): invalid peer certificate: UnknownIssuer',
    'unknown-authority',
  ],
  [
    '** (Mint.TransportError) TLS client: In state wait_cert_cr at ssl_handshake.erl:2113 generated CLIENT ALERT: Fatal - Unknown CA',
    'unknown-authority',
  ],
  [
    '{:error, {:tls_alert, {:handshake_failure, ~c"TLS client: In state hello received SERVER ALERT: Fatal - Handshake Failure\n"}}}',
    'handshake-failure',
  ],
  ['** (Postgrex.Error) ssl not available', 'plaintext-http'],
  ['schannel: CertGetCertificateChain trust error CERT_TRUST_IS_UNTRUSTED_ROOT', 'untrusted-root'],
  ['schannel: CertGetCertificateChain trust error CERT_TRUST_IS_PARTIAL_CHAIN', 'unknown-authority'],
  ['schannel: CertGetCertificateChain trust error CERT_TRUST_REVOCATION_STATUS_UNKNOWN', 'revocation-unavailable'],
  ['schannel: CertGetCertificateChain trust error CERT_TRUST_IS_NOT_TIME_VALID', 'expired-or-not-yet-valid'],
  ['HandshakeFailed (Error_Protocol ("certificate rejected: [NameMismatch \\"a.test\\"]",True,CertificateUnknown))', 'san-mismatch'],
  ['HandshakeFailed (Error_Protocol ("certificate has unknown CA",True,UnknownCa))', 'unknown-authority'],
  ['HandshakeFailed (Error_Protocol ("certificate rejected: [SelfSigned]",True,CertificateUnknown))', 'self-signed'],
  ['qt.network.ssl: The certificate is self-signed, and untrusted', 'self-signed'],
  ['The host name did not match any of the valid hosts for this certificate', 'san-mismatch'],
  ['The issuer certificate of a locally looked up certificate could not be found', 'unknown-authority'],
  ['No certificates could be verified', 'unknown-authority'],
  ['Error connecting with SSL. EOF was observed that violates the protocol', 'reset'],
  ['WinHttpSendRequest: 12175: A security error occurred', 'handshake-failure'],
  ['WinINet error 12038 ERROR_INTERNET_SEC_CERT_CN_INVALID', 'san-mismatch'],
  ['WinINet error 12037 ERROR_INTERNET_SEC_CERT_DATE_INVALID', 'expired-or-not-yet-valid'],
  ['ERROR_WINHTTP_SECURE_INVALID_CA', 'untrusted-root'],
  ['12044: ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED', 'client-cert-required'],
  [
    'Warning: Ignoring extra certs from `/etc/ssl/corp.pem`, load failed: error:80000002:system library::No such file or directory',
    'file-missing',
  ],
  ['Error: open /etc/kubernetes/pki/apiserver.crt: no such file or directory', 'file-missing'],
  ['Error: tls: failed to find any PEM data in certificate input', 'bad-pem'],
  [
    'Unable to authenticate the request" err="[x509: certificate has expired or is not yet valid: current time 2026-11-22T03:12:46Z is after 2026-11-21T00:00:00Z, verifying certificate SN=12, SKID=, AKID=AA failed: x509: certificate has expired]"',
    'expired',
  ],
  [
    'E1122 03:12:46.1 1 authentication.go:73] "Unable to authenticate the request" err="[x509: certificate signed by unknown authority]"',
    'unknown-authority',
  ],
  [
    'ERROR: failed to solve: failed to fetch anonymous token: Get "https://auth.docker.io/token": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'unknown-authority',
  ],
  [
    'level=error msg="Error creating session" error="rpc error: code = Unavailable desc = connection error: desc = \\"transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority\\""',
    'unknown-authority',
  ],
  ['Error response from daemon: Get "https://10.0.0.4:5000/v2/": http: server gave HTTP response to HTTPS client', 'plaintext-http'],
  [
    'consul: [ERROR] agent.server.rpc: failed to read first RPC byte / TLS handshake: conn=from=10.0.0.9:51122 error="remote error: tls: bad certificate"',
    'unknown-authority',
  ],
  ['vault: http: TLS handshake error from 10.0.0.9:51122: remote error: tls: unknown certificate authority', 'unknown-authority'],
  ["nats: tls: client didn't provide a certificate", 'client-cert-required'],
  ['[ERR] 10.0.0.9:51122 - cid:12 - TLS handshake error: remote error: tls: bad certificate', 'unknown-authority'],
  [
    'org.elasticsearch.transport: exception caught on transport layer [Netty4TcpChannel], closing connection io.netty.handler.codec.DecoderException: javax.net.ssl.SSLHandshakeException: Received fatal alert: bad_certificate',
    'unknown-authority',
  ],
  [
    'io.netty.handler.codec.DecoderException: io.netty.handler.ssl.NotSslRecordException: not an SSL/TLS record: 474554202f20485454502f312e31',
    'not-tls',
  ],
  ['received plaintext http traffic on an https channel, closing connection Netty4HttpChannel', 'plaintext-http'],
  ['SSL/TLS request received but SSL/TLS is not enabled on this node, got (16,3,1,2)', 'plaintext-http'],
  [
    ':error=>"PKIX path building failed", :exception=>LogStash::Outputs::ElasticSearch::HttpClient::Pool::HostUnreachableError',
    'unknown-authority',
  ],
  [
    'Caused by: org.apache.kafka.common.errors.SslAuthenticationException: SSL handshake failed\nCaused by: javax.net.ssl.SSLHandshakeException: PKIX path building failed',
    'unknown-authority',
  ],
  ['Caused by: java.security.cert.CertificateException: No name matching kafka-0.kafka.svc found', 'san-mismatch'],
  [
    'org.apache.kafka.common.network.SslTransportLayer: Failed authentication with /10.0.0.9 (Empty client certificate chain)',
    'client-cert-required',
  ],
  ['java.io.IOException: keystore password was incorrect', 'bad-passphrase'],
  ['java.security.UnrecoverableKeyException: Cannot recover key', 'bad-passphrase'],
  [
    'Code: 210. DB::NetException: SSL Exception: error:0A000086:SSL routines::certificate verify failed (clickhouse:9440)',
    'unknown-authority',
  ],
  [
    'Poco::Exception. Code: 1000, e.code() = 0, Certificate validation error: Unacceptable certificate from api.test: application verification failure',
    'unknown-authority',
  ],
  ['SSL connection error: error:00000001:lib(0)::reason(1)', 'handshake-failure'],
  ['MySQL error 2026: SSL connection error: self-signed certificate', 'self-signed'],
  ['ERROR 3159 (HY000): Connections using insecure transport are prohibited while --require_secure_transport=ON.', 'plaintext-http'],
  [
    'com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure\nCaused by: javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: Path does not chain with any of the trust anchors',
    'stale-trust-bundle',
  ],
  ['MongoNetworkError: unable to verify the first certificate', 'unknown-authority'],
  [
    '{"t":{"$date":"2026-11-22T03:12:44.120+00:00"},"s":"E","c":"NETWORK","id":23255,"ctx":"conn12","msg":"No SSL certificate provided by peer; connection rejected"}',
    'client-cert-required',
  ],
  [
    '{"s":"I","c":"NETWORK","id":22988,"ctx":"conn12","msg":"Error receiving request from client. Ending connection from remote","attr":{"error":{"code":141,"codeName":"SSLHandshakeFailed","errmsg":"SSL peer certificate validation failed: self signed certificate in certificate chain"},"remote":"10.0.0.9:51122"}}',
    'client-cert-unknown-ca',
  ],
  [
    'redis: Error accepting a client connection: error:0A000102:SSL routines::unsupported protocol (addr=10.0.0.9:51122 laddr=10.0.0.4:6379)',
    'version-mismatch',
  ],
  ['redis: Error accepting a client connection: error:0A00010B:SSL routines::wrong version number (addr=10.0.0.9:51122)', 'not-tls'],
  [
    'redis: Error accepting a client connection: error:0A0000C7:SSL routines::peer did not return a certificate (addr=10.0.0.9:51122)',
    'client-cert-required',
  ],
  [
    'redis: Error accepting a client connection: error:0A000418:SSL routines::tlsv1 alert unknown ca (addr=10.0.0.9:51122)',
    'unknown-authority',
  ],
  [
    'rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: credentials: cannot check peer: missing selected ALPN property"',
    'alpn-mismatch',
  ],
  ['javax.net.ssl.SSLProtocolException: handshake alert: unrecognized_name', 'sni-rejected'],
  ['linkerd: WARN rustls::conn: Sending fatal alert BadCertificate', 'unknown-authority'],
  ['identity: could not validate trust anchors: certificate not valid anymore. Expired on 2026-11-21T00:00:00Z', 'expired'],
  [
    '[warning][config] gRPC config stream closed: 14, upstream connect error or disconnect/reset before headers. reset reason: connection failure, transport failure reason: TLS error: 268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end:verify cert failed: verify SAN list',
    'san-mismatch',
  ],
  ['2021/04/20 17:07:14 http: TLS handshake error from 10.128.0.110:59880: no certificate available', 'sni-rejected'],
  [
    'I/flutter (24204): Client exception - HandshakeException: Handshake error in client (OS Error: \nI/flutter (24204): \tCERTIFICATE_VERIFY_FAILED: unable to get local issuer certificate(handshake.cc:363))',
    'unknown-authority',
  ],
  [
    'E/flutter (11132): [ERROR:flutter/lib/ui/ui_dart_state.cc(198)] Unhandled Exception: HandshakeException: Handshake error in client (OS Error: \nE/flutter (11132): \tWRONG_VERSION_NUMBER(tls_record.cc:242))',
    'not-tls',
  ],
  [
    'Unhandled Exception: HandshakeException: Handshake error in client (OS Error:\n\tCERTIFICATE_VERIFY_FAILED: ok(handshake.cc:354))',
    'unknown-authority',
  ],
  ['esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x2080', 'weak-signature'],
  [
    'HandshakeException: Handshake error in client (OS Error:\n        SSLV3_ALERT_HANDSHAKE_FAILURE(../../third_party/boringssl/src/ssl/tls_record.cc:594)\n        HANDSHAKE_FAILURE_ON_CLIENT_HELLO(../../third_party/boringssl/src/ssl/handshake.cc:644))',
    'handshake-failure',
  ],
  ['CLIENT ALERT: Fatal - Certificate Unknown', 'unknown-authority'],
  [
    'Internal error occurred: failed calling webhook "pods.x": failed to call webhook: Post "https://vault-secrets-webhook.svc:443/pods?timeout=30s": net/http: TLS handshake timeout',
    'timeout',
  ],
  [
    'time=2025-10-23T05:45:35.175Z level=INFO msg="http: TLS handshake error from 10.233.88.64:17468: EOF" app=vault-secrets-webhook',
    'reset',
  ],
  ['error in handshake - 0x7780 mbedtls_ssl_handshake returned -0x7780', 'handshake-failure'],
  ['[notice] TLS server: In state hello at tls_record.erl:564 generated SERVER ALERT: Fatal - Protocol Version', 'version-mismatch'],
];

describe('what products print', () => {
  it.each(CASES.map(([text, code]) => ({ text, code })))('$code: $text', ({ text, code }) => {
    expect(explainText(text, NOW)[0]?.code).toBe(code);
  });
});
