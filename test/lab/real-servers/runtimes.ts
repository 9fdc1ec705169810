import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RealServerKind, startProgram } from './real-server.js';

/** Servers of the languages that services are written in: their standard libraries, ten lines each. */

const GO = `package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	version := uint16(tls.VersionTLS13)
	if os.Args[4] == "TLSv1.2" {
		version = tls.VersionTLS12
	}
	config := &tls.Config{MinVersion: version, MaxVersion: version}
	if len(os.Args) > 5 {
		pem, err := os.ReadFile(os.Args[5])
		if err != nil {
			log.Fatal(err)
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		config.ClientCAs = pool
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	server := &http.Server{Addr: "127.0.0.1:" + os.Args[1], TLSConfig: config, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })}
	log.Fatal(server.ListenAndServeTLS(os.Args[2], os.Args[3]))
}
`;

let goBinary: string | undefined;

export const goServer: RealServerKind = {
  name: 'Go net/http',
  needs: ['go'],
  start: async ({ chain, key, version, clientCa }) => {
    if (goBinary === undefined || !existsSync(goBinary)) {
      const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-go-'));
      writeFileSync(join(folder, 'server.go'), GO);
      goBinary = join(folder, 'server');
      execFileSync('go', ['build', '-o', goBinary, 'server.go'], {
        cwd: folder,
        env: { ...process.env, GOFLAGS: '-mod=mod', GO111MODULE: 'off', GOTOOLCHAIN: 'local' },
      });
    }
    const port = await freePort();
    return startProgram(goBinary, [String(port), chain, key, version, ...(clientCa === undefined ? [] : [clientCa])], port);
  },
};

const PYTHON = `
import http.server, ssl, sys
port, chain, key, version = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(chain, key)
context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3 if version == 'TLSv1.3' else ssl.TLSVersion.TLSv1_2
if len(sys.argv) > 5:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(sys.argv[5])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header('Content-Length', '3'); self.end_headers(); self.wfile.write(b'ok\\n')
class Server(http.server.ThreadingHTTPServer):
    def get_request(self):
        sock, address = self.socket.accept()
        return context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), address
Server(('127.0.0.1', port), Handler).serve_forever()
`;

export const pythonServer: RealServerKind = {
  name: 'Python http.server',
  needs: ['python3'],
  start: async ({ directory, chain, key, version, clientCa }) => {
    mkdirSync(directory, { recursive: true });
    const script = join(directory, 'server.py');
    writeFileSync(script, PYTHON);
    const port = await freePort();
    return startProgram('python3', [script, String(port), chain, key, version, ...(clientCa === undefined ? [] : [clientCa])], port);
  },
};

const JAVA = `
import com.sun.net.httpserver.*;
import java.io.*; import java.net.*; import java.nio.file.*; import java.security.*; import java.security.cert.*; import javax.net.ssl.*;

public class Server {
  public static void main(String[] args) throws Exception {
    char[] password = "changeit".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(Path.of(args[1]))) { keys.load(in, password); }
    KeyManagerFactory kmf = KeyManagerFactory.getInstance("PKIX");
    kmf.init(keys, password);
    TrustManager[] trust = null;
    if (args.length > 3) {
      KeyStore anchors = KeyStore.getInstance("PKCS12");
      anchors.load(null, null);
      try (InputStream in = Files.newInputStream(Path.of(args[3]))) {
        int i = 0;
        for (java.security.cert.Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) anchors.setCertificateEntry("ca" + i++, c);
      }
      TrustManagerFactory tmf = TrustManagerFactory.getInstance("PKIX");
      tmf.init(anchors);
      trust = tmf.getTrustManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(kmf.getKeyManagers(), trust, null);
    boolean mutual = args.length > 3;
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context) {
      @Override public void configure(HttpsParameters p) {
        SSLParameters s = context.getDefaultSSLParameters();
        s.setProtocols(new String[] { args[2] });
        if (mutual) s.setNeedClientAuth(true);
        p.setSSLParameters(s);
      }
    });
    server.createContext("/", e -> { e.sendResponseHeaders(200, 3); e.getResponseBody().write("ok\\n".getBytes()); e.close(); });
    server.start();
  }
}
`;

let javaClasses: string | undefined;

export const javaServer: RealServerKind = {
  name: 'Java HttpsServer',
  needs: ['java', 'javac', 'openssl'],
  start: async ({ directory, chain, key, version, clientCa }) => {
    mkdirSync(directory, { recursive: true });
    if (javaClasses === undefined || !existsSync(javaClasses)) {
      javaClasses = mkdtempSync(join(tmpdir(), 'tlsmedic-java-'));
      writeFileSync(join(javaClasses, 'Server.java'), JAVA);
      execFileSync('javac', ['-nowarn', '-d', javaClasses, join(javaClasses, 'Server.java')], { stdio: 'pipe' });
    }
    const store = join(directory, 'server.p12');
    execFileSync(
      'openssl',
      ['pkcs12', '-export', '-in', chain, '-inkey', key, '-out', store, '-passout', 'pass:changeit', '-name', 'server'],
      { stdio: 'pipe' },
    );
    const port = await freePort();
    return startProgram(
      'java',
      [
        '-XX:TieredStopAtLevel=1',
        '-XX:+UseSerialGC',
        '-cp',
        javaClasses,
        'Server',
        String(port),
        store,
        version,
        ...(clientCa === undefined ? [] : [clientCa]),
      ],
      port,
    );
  },
};
