import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificatesIn } from '../../src/lib/lab/pem-list.js';

/** The certificates behind the first one as a file of their own, as s_client wants them. */
function intermediatesOf(chain: string): string {
  const file = `${chain}.rest`;
  writeFileSync(file, certificatesIn(readFileSync(chain, 'utf8')).slice(1).join(''));
  return file;
}

/** What a real client is told to do: one GET over TLS. */
export interface RealCall {
  port: number;
  /** Trust anchors. */
  ca: string;
  /** Chain, key, and both as PKCS#12 with the password `changeit`. */
  cert?: string;
  key?: string;
  p12?: string;
  maxVersion?: 'TLSv1.2';
  minVersion?: 'TLSv1.3';
}

export interface RealClientKind {
  name: string;
  needs: readonly string[];
  /** Whether it was content. */
  call(call: RealCall): Promise<boolean>;
  /** Sends no certificate when none matches the authorities that the server names. */
  choosy?: boolean;
  /** Sends no SNI for a name without a dot. */
  noSni?: boolean;
}

function run(command: string, args: readonly string[], input = ''): Promise<boolean> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { timeout: 20_000 }, (error) => resolve(error === null));
    child.stdin?.on('error', () => undefined);
    if (input !== '') {
      // Held open for a moment: s_client and gnutls-cli leave at the end of their input, before a late refusal has arrived.
      child.stdin?.write(input);
      setTimeout(() => child.stdin?.end(), 600);
    } else child.stdin?.end();
  });
}

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

export const curl: RealClientKind = {
  name: 'curl',
  needs: ['curl'],
  call: ({ port, ca, cert, key, maxVersion, minVersion }) =>
    run('curl', [
      '-sS',
      '-f',
      '-m',
      '15',
      '--cacert',
      ca,
      ...(cert === undefined || key === undefined ? [] : ['--cert', cert, '--key', key]),
      ...(maxVersion === undefined ? [] : ['--tls-max', '1.2']),
      ...(minVersion === undefined ? [] : ['--tlsv1.3']),
      `https://localhost:${port}/`,
    ]),
};

export const opensslClient: RealClientKind = {
  name: 'openssl s_client',
  needs: ['openssl'],
  call: ({ port, ca, cert, key, maxVersion, minVersion }) =>
    run(
      'openssl',
      [
        's_client',
        '-connect',
        `127.0.0.1:${port}`,
        '-servername',
        'localhost',
        '-CAfile',
        ca,
        '-verify_return_error',
        '-verify_hostname',
        'localhost',
        '-quiet',
        '-no_ign_eof',
        ...(cert === undefined || key === undefined ? [] : ['-cert', cert, '-cert_chain', intermediatesOf(cert), '-key', key]),
        ...(maxVersion === undefined ? [] : ['-tls1_2']),
        ...(minVersion === undefined ? [] : ['-tls1_3']),
      ],
      GET,
    ),
};

export const gnutlsClient: RealClientKind = {
  name: 'gnutls-cli',
  needs: ['gnutls-cli'],
  choosy: true,
  call: ({ port, ca, cert, key, maxVersion, minVersion }) =>
    run(
      'gnutls-cli',
      [
        '--x509cafile',
        ca,
        '--sni-hostname',
        'localhost',
        '--verify-hostname',
        'localhost',
        '-p',
        String(port),
        ...(cert === undefined || key === undefined ? [] : ['--x509certfile', cert, '--x509keyfile', key]),
        ...(maxVersion === undefined ? [] : ['--priority', 'NORMAL:-VERS-TLS1.3']),
        ...(minVersion === undefined ? [] : ['--priority', 'NORMAL:-VERS-ALL:+VERS-TLS1.3']),
        '127.0.0.1',
      ],
      GET,
    ),
};

const PYTHON = `
import http.client, ssl, sys
port, ca, cert, key, limit = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5]
context = ssl.create_default_context(cafile=ca)
if cert: context.load_cert_chain(cert, key)
if limit == 'max': context.maximum_version = ssl.TLSVersion.TLSv1_2
if limit == 'min': context.minimum_version = ssl.TLSVersion.TLSv1_3
connection = http.client.HTTPSConnection('localhost', port, context=context, timeout=15)
connection.request('GET', '/')
sys.exit(0 if connection.getresponse().status == 200 else 1)
`;

const limitOf = ({ maxVersion, minVersion }: RealCall): string =>
  maxVersion !== undefined ? 'max' : minVersion !== undefined ? 'min' : '';

export const pythonClient: RealClientKind = {
  name: 'Python http.client',
  needs: ['python3'],
  call: (call) => run('python3', ['-c', PYTHON, String(call.port), call.ca, call.cert ?? '', call.key ?? '', limitOf(call)]),
};

const GO = `package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
)

func main() {
	pem, _ := os.ReadFile(os.Args[2])
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	config := &tls.Config{RootCAs: pool}
	if os.Args[3] != "" {
		pair, err := tls.LoadX509KeyPair(os.Args[3], os.Args[4])
		if err != nil {
			panic(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	if os.Args[5] == "max" {
		config.MaxVersion = tls.VersionTLS12
	}
	if os.Args[5] == "min" {
		config.MinVersion = tls.VersionTLS13
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	response, err := client.Get("https://localhost:" + os.Args[1] + "/")
	if err != nil || response.StatusCode != 200 {
		os.Exit(1)
	}
}
`;

let goBinary: string | undefined;

export const goClient: RealClientKind = {
  name: 'Go net/http',
  needs: ['go'],
  choosy: true,
  call: (call) => {
    if (goBinary === undefined || !existsSync(goBinary)) {
      const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-go-client-'));
      writeFileSync(join(folder, 'client.go'), GO);
      goBinary = join(folder, 'client');
      execFileSync('go', ['build', '-o', goBinary, 'client.go'], {
        cwd: folder,
        env: { ...process.env, GOFLAGS: '', GO111MODULE: 'off', GOTOOLCHAIN: 'local' },
      });
    }
    return run(goBinary, [String(call.port), call.ca, call.cert ?? '', call.key ?? '', limitOf(call)]);
  },
};

const JAVA = `
import java.io.*; import java.net.*; import java.nio.file.*; import java.security.*; import java.security.cert.*; import javax.net.ssl.*;

public class Client {
  public static void main(String[] args) throws Exception {
    KeyStore anchors = KeyStore.getInstance("PKCS12");
    anchors.load(null, null);
    try (InputStream in = Files.newInputStream(Path.of(args[1]))) {
      int i = 0;
      for (java.security.cert.Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) anchors.setCertificateEntry("ca" + i++, c);
    }
    TrustManagerFactory tmf = TrustManagerFactory.getInstance("PKIX");
    tmf.init(anchors);
    KeyManager[] keys = null;
    if (!args[2].isEmpty()) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(Path.of(args[2]))) { store.load(in, "changeit".toCharArray()); }
      KeyManagerFactory kmf = KeyManagerFactory.getInstance("PKIX");
      kmf.init(store, "changeit".toCharArray());
      keys = kmf.getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, tmf.getTrustManagers(), null);
    HttpsURLConnection c = (HttpsURLConnection) new URL("https://localhost:" + args[0] + "/").openConnection();
    c.setSSLSocketFactory(context.getSocketFactory());
    System.exit(c.getResponseCode() == 200 ? 0 : 1);
  }
}
`;

let javaClasses: string | undefined;

export const javaClient: RealClientKind = {
  name: 'Java HttpsURLConnection',
  needs: ['java', 'javac'],
  choosy: true,
  noSni: true,
  call: (call) => {
    if (javaClasses === undefined || !existsSync(javaClasses)) {
      javaClasses = mkdtempSync(join(tmpdir(), 'tlsmedic-java-client-'));
      writeFileSync(join(javaClasses, 'Client.java'), JAVA);
      execFileSync('javac', ['-nowarn', '-d', javaClasses, join(javaClasses, 'Client.java')], { stdio: 'pipe' });
    }
    const limit = limitOf(call);
    const protocols =
      limit === 'max' ? ['-Djdk.tls.client.protocols=TLSv1.2'] : limit === 'min' ? ['-Djdk.tls.client.protocols=TLSv1.3'] : [];
    return run('java', [
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      ...protocols,
      '-cp',
      javaClasses,
      'Client',
      String(call.port),
      call.ca,
      call.p12 ?? '',
    ]);
  },
};

/** Every real client that the slow suites know how to run. */
export const REAL_CLIENTS: readonly RealClientKind[] = [curl, opensslClient, gnutlsClient, goClient, pythonClient, javaClient];
