/** Which end printed a text, read off its surroundings: most wordings are the same on both ends. */
import type { Side } from './pattern.js';

export const SIDE_CUES: ReadonlyArray<readonly [Side, RegExp]> = [
  // The words of a server about a client.
  ['client', /while SSL handshaking to upstream|while connecting to upstream|upstream SSL/],
  [
    'startup',
    /\[emerg\]|config : parsing|Syntax error on line|could not load (?:server|root|private)|Check (?:certfile|keyfile|cafile)|Failed to start|failed to start|provision(?:ing)? http|Unable to load (?:server|client|CA|certificate)|error parsing X509|\[ssl:emerg\]|could not add CA/,
  ],
  ['server', /failed to verify client(?:'s|\\u0027s)? certificate/],
  ['server', /TLS handshake error from|rejected connection from|cid:\d{1,19} - TLS|TLS handshake error: (?:tls|remote|local|EOF|read tcp)/],
  [
    'server',
    /SSL_accept|SSL accept|Failed SSL connection from|accept failed=|STARTTLS=server|accepting a client connection|agent\.server\.rpc|transport layer \[Netty4Tcp|smtpd\[\d|eap_tls|accept:error|ssl_accept|SSL_R_PEER_DID_NOT|wolfSSL_accept|AcceptSecurityContext|while accepting/i,
  ],
  ['server', /while SSL handshaking, client:|while SSL handshaking,|while reading client request|client: [0-9a-f.:]{3,45}, server:/],
  [
    'server',
    /could not accept SSL connection|Client connection from|client \S{1,60} disconnected|New connection from|tlsClientError|failed authentication with \/|handshake with \/|TLS handshake with \S{1,80} failed/i,
  ],
  ['server', /TLS server:|received CLIENT ALERT|generated SERVER ALERT/],
  ['client', /TLS client:|received SERVER ALERT|generated CLIENT ALERT/],
  ['server', /~: SSL handshake|https?-in|\bbind \d|frontend|\[ssl:(?:info|error|warn)\]|AH0\d{4}: .{0,40}client|AH02008|\[client /],
  [
    'server',
    /NioEndpoint|Http11|SSLServerSocket|ServerSocketImpl|SelectorManager|SslConnectionFactory|DecryptedEndPoint|SocketServer|qtp\d{4,10}|\bnioEventLoop.{0,80}(?:server|channelRead)|TlsServerProtocol/,
  ],
  [
    'server',
    /gnutls-serv|\* Accepted connection from|Error in handshake|\bs_server\b|ACCEPT\b|Error receiving request from client|NETWORK {1,4}\[conn|Ending connection from|client sent|client offered|from client|client certificate (?:verify|verification|not)/,
  ],
  [
    'client',
    /SSL_connect|SSL connect|\bGet \\?"?https?:|\bPost \\?"?https?:|dial tcp|curl: \(|cURL error|Unable to connect|connect_nonblock|_InactiveRpcError|I\/O error on [A-Z]{3,7} request for|fetch failed|request to https|HTTPSConnectionPool|urlopen error|unable to access|to upstream|outbound/,
  ],
  ['server', /tls_(?:early_post_|post_)?process_client_|statem_srvr|get_client_(?:hello|certificate)/i],
  ['client', /tls_process_server_|statem_clnt|get_server_(?:hello|certificate)/i],
  [
    'server',
    /(?:^|\s)(?:postfix\/smtpd|dovecot|slapd|mysqld|mongod|redis-server|nginx|haproxy|httpd|apache2)(?:\[\d{1,10}\])?:|envoy.{0,200}\bdownstream|\binbound:/,
  ],
];

/** The side that the first matching cue tells, or undefined. */
export function sideOf(text: string): Side | undefined {
  for (const [side, cue] of SIDE_CUES) if (cue.test(text)) return side;
  return undefined;
}
