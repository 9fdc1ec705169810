/** What a text tells beside its cause: the target, the peer, names, times, files. Values are a stranger's words; whoever shows them escapes them. */

/** Facts read out of a text; each only when it is there. */
export interface Captured {
  /** The end that was connected to. */
  host?: string;
  port?: number;
  /** STARTTLS protocol that the port or scheme speaks, when it starts in the clear. */
  starttls?: string;
  /** The client's address, in a server's text. */
  peer?: string;
  /** The name that was wanted. */
  wanted?: string;
  /** The names that the certificate has. */
  names?: string;
  /** Times in ISO 8601, as the text gives them. */
  currentTime?: string;
  notAfter?: string;
  notBefore?: string;
  file?: string;
  algorithm?: string;
  candidate?: string;
}

const SCHEME_PORTS: Readonly<Record<string, readonly [port: number, starttls?: string]>> = {
  https: [443],
  wss: [443],
  grpcs: [443],
  ldaps: [636],
  ldap: [389, 'ldap'],
  amqps: [5671],
  mqtts: [8883],
  rediss: [6379],
  postgres: [5432, 'postgres'],
  postgresql: [5432, 'postgres'],
  mysql: [3306, 'mysql'],
  mongodb: [27017],
  smtps: [465],
  smtp: [587, 'smtp'],
  imaps: [993],
  imap: [143, 'imap'],
  ftps: [990],
};

const STARTTLS_PORTS: Readonly<Record<number, string>> = {
  21: 'ftp',
  25: 'smtp',
  110: 'pop3',
  119: 'nntp',
  143: 'imap',
  389: 'ldap',
  587: 'smtp',
  3306: 'mysql',
  4190: 'sieve',
  5222: 'xmpp',
  5432: 'postgres',
};

const HOST = String.raw`(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}))`;
const URL = new RegExp(
  String.raw`\b(https|wss|grpcs|ldaps|ldap|amqps|mqtts|rediss|postgres|postgresql|mysql|mongodb|smtps|smtp|imaps|imap|ftps):\/\/(?:[^@/\s"']{0,200}@)?${HOST}(?::(\d{1,5}))?`,
);
const PAIRS: readonly RegExp[] = [
  /HTTPSConnection(?:Pool)?\(host='([^']{1,253})', port=(\d{1,5})\)/,
  new RegExp(String.raw`dial tcp(?:4|6)?:? ${HOST}:(\d{1,5})`),
  new RegExp(
    String.raw`(?:connect(?:ing|ion|ed)?|Connect(?:ing|ion)?|connection) (?:to|with)(?: Redis at| broker| server at| host)? "?${HOST}(?::| port )(\d{1,5})`,
  ),
  new RegExp(
    String.raw`(?:peeraddr=|ipv[46]:|Addr: \\?"|"broker":"|"target":"[^"]{0,80}\/|server ?at |server: |host[= ]"?|pinging container registry |reading from |querying |upstream: "?(?:https:\/\/)?)${HOST}:(\d{1,5})`,
  ),
  new RegExp(
    String.raw`(?:Can't connect to|Cannot connect to|unable to connect to|in connection to|for|during a connection to) ${HOST}:(\d{1,5})`,
  ),
];
const PEERS: readonly RegExp[] = [
  /(?:error from|connection from|[Cc]onnection from|from client|handshake with|with) "?\/?(\[?[0-9a-fA-F.:]{3,45}\]?:\d{1,5})/,
  /client: ([0-9a-fA-F.:]{3,45})/,
  /\[client ([0-9a-fA-F.:]{3,45})\]/,
  /^(?:\S{1,40} ){0,5}(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}:\d{1,5}) \[/,
  /(?:tlsClientError) (?:::ffff:)?([0-9a-fA-F.:]{3,45})/,
];
const SERVER_NAME = /ServerName:? \\?"([A-Za-z0-9.-]{1,253})(?::\d{1,5})?\\?"/;
const FILE = /[`'"( =:]((?:\.{0,2}\/|[A-Za-z]:\\)[^\s`'"(),;:]{1,240}\.(?:crt|pem|cer|key|p12|pfx|jks|p8|csr|der))\b/;

/** For the check that none of them can run away. */
export const CAPTURE_EXPRESSIONS: readonly RegExp[] = [URL, ...PAIRS, ...PEERS, SERVER_NAME, FILE];

/** Reads target, peer, server name and file out of a text. */
export function captureSurroundings(text: string): Captured {
  const captured: Captured = {};
  const url = URL.exec(text);
  if (url !== null) {
    const [port, starttls] = SCHEME_PORTS[url[1] as string] ?? [443];
    captured.host = bare(url[2] as string);
    captured.port = url[3] === undefined ? port : Number(url[3]);
    if (starttls !== undefined) captured.starttls = starttls;
  } else {
    for (const pattern of PAIRS) {
      const pair = pattern.exec(text);
      if (pair === null) continue;
      captured.host = bare(pair[1] as string);
      captured.port = Number(pair[2]);
      break;
    }
  }
  // An address that means "any" is none to connect to.
  if (captured.host === '0.0.0.0' || captured.host === '::') delete captured.host;
  if (captured.port !== undefined && (captured.port < 1 || captured.port > 65535)) delete captured.port;
  if (captured.port !== undefined && captured.starttls === undefined) {
    const starttls = STARTTLS_PORTS[captured.port];
    if (starttls !== undefined) captured.starttls = starttls;
  }
  const peer = capturePeer(text);
  if (peer !== undefined) captured.peer = peer;
  const serverName = SERVER_NAME.exec(text);
  if (serverName !== null) captured.wanted = serverName[1] as string;
  const file = FILE.exec(text);
  if (file !== null) captured.file = file[1] as string;
  return captured;
}

/** The client's address in a server's text. */
export function capturePeer(text: string): string | undefined {
  for (const pattern of PEERS) {
    const peer = pattern.exec(text);
    if (peer !== null) return peer[1];
  }
  return undefined;
}

const bare = (host: string) => (host.startsWith('[') ? host.slice(1, -1) : host.replace(/[.:]+$/, ''));
