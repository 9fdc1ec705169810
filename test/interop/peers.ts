import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';

/** Real servers of other makers on loopback, each with the same certificates, with or without a demand for a client certificate. */

export type Version = 'TLSv1.2' | 'TLSv1.3';
export interface Peer {
  name: string;
  /** Programs that have to be there. */
  needs: readonly string[];
  /** Says nothing at TLS level about a missing client certificate: only its HTTP answer does. */
  refusesInHttp?: boolean;
  starttls?: string;
  start(files: Files, port: number, version: Version, demand: boolean): ChildProcess | Promise<ChildProcess>;
}

export interface Files {
  directory: string;
  chain: string;
  key: string;
  /** Certificate chain and key in one, as HAProxy wants it. */
  both: string;
  ca: string;
  p12: string;
  clientChain: string;
  clientKey: string;
  foreignChain: string;
  foreignKey: string;
}

export function makeFiles(): Files {
  const directory = mkdtempSync(join(tmpdir(), 'tm-interop-'));
  chmodSync(directory, 0o755);
  const authority = createAuthority({ name: 'Interop', organization: 'Ünïcode & Söns' });
  const stranger = createAuthority({ name: 'Stranger' });
  const server = issueCertificate(authority, { names: ['localhost', '127.0.0.1'], profile: 'server' });
  const client = issueCertificate(authority, { names: ['gateway'], profile: 'client' });
  const foreign = issueCertificate(stranger, { names: ['gateway'], profile: 'client' });
  const write = (name: string, text: string, mode = 0o644) => {
    const path = join(directory, name);
    writeFileSync(path, text, { mode });
    return path;
  };
  const files: Files = {
    directory,
    chain: write('server.pem', server.chainPem),
    key: write('server.key', server.keyPem as string, 0o600),
    both: write('both.pem', `${server.chainPem}${server.keyPem}`, 0o600),
    ca: write('ca.pem', `${authority.root.pem}${authority.intermediate.pem}`),
    p12: join(directory, 'server.p12'),
    clientChain: write('client.pem', client.chainPem),
    clientKey: write('client.key', client.keyPem as string, 0o600),
    foreignChain: write('foreign.pem', foreign.chainPem),
    foreignKey: write('foreign.key', foreign.keyPem as string, 0o600),
  };
  write('server-issuer.pem', authority.intermediate.pem);
  write('client-issuer.pem', authority.intermediate.pem);
  write('foreign-issuer.pem', stranger.intermediate.pem);
  execFileSync('openssl', [
    'pkcs12',
    '-export',
    '-in',
    files.chain,
    '-inkey',
    files.key,
    '-out',
    files.p12,
    '-passout',
    'pass:changeit',
    '-name',
    'server',
  ]);
  return files;
}

/** Where a program is: servers are not always on the path of a user. */
export function programPath(program: string): string | undefined {
  const versions = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
    : [];
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', ...versions];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

export function has(program: string): boolean {
  return programPath(program) !== undefined;
}

export function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

/** Waits until somebody listens. */
export async function listening(port: number, child: ChildProcess, log: () => string): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${log()}`);
    const open = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        done(true);
      });
      socket.on('error', () => done(false));
    });
    if (open) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error(`the server does not listen: ${log()}`);
}

export interface RunningPeer {
  port: number;
  stop(): void;
}

export async function startPeer(peer: Peer, files: Files, version: Version, demand: boolean): Promise<RunningPeer> {
  const port = await freePort();
  const child = await peer.start(files, port, version, demand);
  let log = '';
  child.stdout?.on('data', (text) => {
    log += String(text);
  });
  child.stderr?.on('data', (text) => {
    log += String(text);
  });
  const stop = () => child.kill('SIGKILL');
  try {
    await listening(port, child, () => log.slice(-2000));
  } catch (error) {
    stop();
    throw error;
  }
  return { port, stop };
}

const dotted = (version: Version) => version.slice(4);

const GO_SERVER = `package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
)

func main() {
	args := os.Args
	certificate, err := tls.LoadX509KeyPair(args[1], args[2])
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pem, _ := os.ReadFile(args[3])
	pool.AppendCertsFromPEM(pem)
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, ClientCAs: pool}
	if args[5] == "TLSv1.2" {
		config.MaxVersion = tls.VersionTLS12
	} else {
		config.MinVersion = tls.VersionTLS13
	}
	if args[6] == "true" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:"+args[4], config)
	if err != nil {
		panic(err)
	}
	http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("hello")) }))
}
`;

const JAVA_SERVER = `import java.io.*;
import java.security.KeyStore;
import java.security.cert.*;
import javax.net.ssl.*;

public class Server {
  public static void main(String[] args) throws Exception {
    char[] password = "changeit".toCharArray();
    KeyStore own = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(args[0])) { own.load(in, password); }
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(own, password);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = new FileInputStream(args[1])) {
      int i = 0;
      for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) trusted.setCertificateEntry("ca" + i++, c);
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(Integer.parseInt(args[2]), 50, java.net.InetAddress.getByName("127.0.0.1"));
    server.setEnabledProtocols(new String[] { args[3] });
    server.setNeedClientAuth(args[4].equals("true"));
    while (true) {
      SSLSocket socket = (SSLSocket) server.accept();
      new Thread(() -> {
        try (socket) {
          BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
          while (true) { String line = in.readLine(); if (line == null) return; if (line.isEmpty()) break; }
          socket.getOutputStream().write("HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\nConnection: close\\r\\n\\r\\nhello".getBytes());
        } catch (IOException e) { System.err.println(e); }
      }).start();
    }
  }
}
`;

const PYTHON_SERVER = `import socket, ssl, sys, threading
chain, key, ca, port, version, demand = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(chain, key)
context.load_verify_locations(ca)
context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version.replace('.', '_'))
if demand == 'true': context.verify_mode = ssl.CERT_REQUIRED
listener = socket.create_server(('127.0.0.1', int(port)))
def serve(raw):
    try:
        with context.wrap_socket(raw, server_side=True) as s:
            if s.recv(4096): s.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\nConnection: close\\r\\n\\r\\nhello')
    except OSError as e: print(e, file=sys.stderr)
while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
`;

const NODE_SERVER = `const [, , chain, key, ca, port, version, demand] = process.argv, read = require('node:fs').readFileSync;
require('node:https').createServer({ cert: read(chain), key: read(key), ca: read(ca), minVersion: version, maxVersion: version,
  requestCert: demand === 'true', rejectUnauthorized: demand === 'true' }, (_, answer) => answer.end('hello')).listen(Number(port), '127.0.0.1');`;

function put(files: Files, name: string, text: string): string {
  const path = join(files.directory, name);
  writeFileSync(path, text);
  return path;
}

const run = (program: string, args: readonly string[], options: object = {}) =>
  spawn(programPath(program) ?? program, [...args], { stdio: ['pipe', 'pipe', 'pipe'], ...options });

export const PEERS: readonly Peer[] = [
  {
    name: 'openssl s_server',
    needs: ['openssl'],
    start: (files, port, version, demand) =>
      run('openssl', [
        's_server',
        '-accept',
        `127.0.0.1:${port}`,
        '-cert',
        files.chain,
        '-cert_chain',
        files.chain.replace('.pem', '-issuer.pem'),
        '-key',
        files.key,
        '-www',
        version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3',
        ...(demand ? ['-Verify', '2', '-verify_return_error', '-CAfile', files.ca] : []),
      ]),
  },
  {
    name: 'nginx',
    needs: ['nginx'],
    refusesInHttp: true,
    start: (files, port, version, demand) => {
      const config = put(
        files,
        `nginx-${port}.conf`,
        `daemon off; master_process off; pid ${files.directory}/nginx-${port}.pid; error_log stderr;
events {}
http { access_log off; client_body_temp_path ${files.directory}; proxy_temp_path ${files.directory}; fastcgi_temp_path ${files.directory}; uwsgi_temp_path ${files.directory}; scgi_temp_path ${files.directory};
  server { listen 127.0.0.1:${port} ssl; ssl_certificate ${files.chain}; ssl_certificate_key ${files.key}; ssl_protocols ${version};
    ${demand ? `ssl_verify_client on; ssl_client_certificate ${files.ca}; ssl_verify_depth 3;` : ''} location / { return 200 "hello"; } } }`,
      );
      return run('nginx', ['-c', config, '-p', files.directory]);
    },
  },
  {
    name: 'HAProxy',
    needs: ['haproxy'],
    start: (files, port, version, demand) => {
      const only = dotted(version);
      const config = put(
        files,
        `haproxy-${port}.cfg`,
        `defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 1s
frontend f
  bind 127.0.0.1:${port} ssl crt ${files.both} ssl-min-ver TLSv${only} ssl-max-ver TLSv${only} ${demand ? `ca-file ${files.ca} verify required` : ''}
  http-request return status 200 content-type text/plain string "hello"
`,
      );
      return run('haproxy', ['-db', '-f', config]);
    },
  },
  {
    name: 'GnuTLS gnutls-serv',
    needs: ['gnutls-serv'],
    start: (files, port, version, demand) =>
      run('gnutls-serv', [
        '--port',
        String(port),
        '--x509certfile',
        files.chain,
        '--x509keyfile',
        files.key,
        '--x509cafile',
        files.ca,
        '--http',
        '--quiet',
        '--priority',
        `NORMAL:-VERS-ALL:+VERS-TLS${dotted(version)}`,
        ...(demand ? ['--require-client-cert', '--verify-client-cert'] : ['--disable-client-cert']),
      ]),
  },
  {
    name: 'Go crypto/tls',
    needs: ['go'],
    start: (files, port, version, demand) => {
      const program = join(files.directory, 'go-server');
      if (!existsSync(program)) {
        const folder = join(files.directory, 'go');
        mkdirSync(folder);
        const env = { ...process.env, GOFLAGS: '', GO111MODULE: 'on', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
        // Outside of a module, or in one of an older language version, Go keeps to the defaults of that time: no groups with ML-KEM.
        const version = /go(\d+\.\d+)/.exec(execFileSync('go', ['env', 'GOVERSION'], { env }).toString())?.[1] ?? '1.22';
        writeFileSync(join(folder, 'go.mod'), `module server\n\ngo ${version}\n`);
        writeFileSync(join(folder, 'server.go'), GO_SERVER);
        execFileSync('go', ['build', '-o', program, '.'], { cwd: folder, env, stdio: 'pipe' });
      }
      return run(program, [files.chain, files.key, files.ca, String(port), version, String(demand)]);
    },
  },
  {
    name: 'Java JSSE',
    needs: ['java', 'javac'],
    start: (files, port, version, demand) => {
      if (!existsSync(join(files.directory, 'Server.class')))
        execFileSync('javac', ['-d', files.directory, put(files, 'Server.java', JAVA_SERVER)], { stdio: 'pipe' });
      return run('java', [
        '-XX:TieredStopAtLevel=1',
        '-cp',
        files.directory,
        'Server',
        files.p12,
        files.ca,
        String(port),
        version,
        String(demand),
      ]);
    },
  },
  {
    name: 'Python ssl',
    needs: ['python3'],
    start: (files, port, version, demand) =>
      run('python3', [put(files, 'server.py', PYTHON_SERVER), files.chain, files.key, files.ca, String(port), version, String(demand)]),
  },
  {
    name: 'Node',
    needs: [],
    start: (files, port, version, demand) =>
      run(process.execPath, [
        put(files, 'server.cjs', NODE_SERVER),
        files.chain,
        files.key,
        files.ca,
        String(port),
        version,
        String(demand),
      ]),
  },
  {
    name: 'PostgreSQL by STARTTLS',
    needs: ['postgres', 'initdb'],
    starttls: 'postgres',
    start: (files, port, version, demand) => {
      // PostgreSQL refuses to run as root, and to read a key that others may read.
      const owner = process.getuid?.() === 0 ? Number(execFileSync('id', ['-u', 'postgres']).toString()) : undefined;
      const as = owner === undefined ? {} : { uid: owner };
      const data = join(files.directory, `pg-${port}`);
      execFileSync('mkdir', [data]);
      if (owner !== undefined) execFileSync('chown', ['postgres', data]);
      execFileSync(programPath('initdb') ?? 'initdb', ['-D', data, '-A', 'trust', '--no-sync', '-U', 'postgres'], {
        ...as,
        stdio: 'pipe',
        cwd: '/',
      });
      for (const [from, to] of [
        [files.chain, 'server.crt'],
        [files.key, 'server.key'],
        [files.ca, 'root.crt'],
      ] as const) {
        execFileSync('cp', [from, join(data, to)]);
        execFileSync('chmod', ['600', join(data, to)]);
        if (owner !== undefined) execFileSync('chown', ['postgres', join(data, to)]);
      }
      if (demand) {
        writeFileSync(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 cert\n');
      }
      const settings = {
        port,
        listen_addresses: '127.0.0.1',
        unix_socket_directories: data,
        ssl: 'on',
        ssl_ca_file: 'root.crt',
        ssl_min_protocol_version: version,
        ssl_max_protocol_version: version,
        fsync: 'off',
      };
      return run('postgres', ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])], {
        ...as,
        cwd: '/',
      });
    },
  },
];

export function removeFiles(files: Files): void {
  rmSync(files.directory, { recursive: true, force: true });
}
