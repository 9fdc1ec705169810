/** Absolute paths of the files a configuration names. */
export interface ConfigFiles {
  certificate: string;
  key: string;
  bundle: string;
  /** PKCS#12 key store and trust store with the file that holds their passphrase, where they were made. */
  keyStore?: string | undefined;
  trustStore?: string | undefined;
  passphrase?: string | undefined;
  /** The first DNS name or address in the certificate; none in that of a person or a SPIFFE workload. */
  host: string | undefined;
  /** Common name, which PostgreSQL takes for the user. */
  commonName: string | undefined;
}

interface Snippet {
  /** What the text is, for the heading. */
  title: string;
  text(files: ConfigFiles): string;
}

/** A string of JavaScript, Go, Python and YAML alike. */
const quoted = (text: string): string => JSON.stringify(text);
/** A word of a shell, and of HAProxy, whose strong quotes are the same. */
const word = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
/** A parameter of nginx. */
const parameter = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`);
/** A value in postgresql.conf, which knows backslash escapes. */
const setting = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
/** A value in a connection string of libpq. */
const connectionValue = (text: string): string => (/^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replace(/['\\]/g, '\\$&')}'`);

/** What a client types for a host: any one of those that a wildcard stands for; `SERVER` where the certificate names none. */
function hostToDial({ host }: ConfigFiles): string {
  return host === undefined ? 'SERVER' : host.replace(/^\*\./, 'any.');
}

/** As it stands in a URL: IPv6 addresses in brackets. */
function hostInUrl(files: ConfigFiles): string {
  const host = hostToDial(files);
  return host.includes(':') ? `[${host}]` : host;
}

/** How programs use the files, client certificates required on the server's side. Every one of them is run by the tests where the program is there. */
export const CONFIG_SNIPPETS = {
  nginx: {
    title: 'nginx: inside http { }',
    text: ({ certificate, key, bundle, host }) => `server {
    listen 8443 ssl;
    server_name ${host === undefined ? '_' : host.includes(':') ? `[${host}]` : host};

    ssl_certificate         ${parameter(certificate)};
    ssl_certificate_key     ${parameter(key)};
    ssl_client_certificate  ${parameter(bundle)};
    ssl_verify_client       on;
    ssl_verify_depth        3;
    ssl_protocols           TLSv1.2 TLSv1.3;

    location / {
        return 200 "hello $ssl_client_s_dn\\n";
    }
}
`,
  },
  haproxy: {
    title: 'haproxy: wants certificate and key in one file first',
    text: ({ certificate, key, bundle }) => {
      const both = word(`${certificate.replace(/\.crt$/, '')}.haproxy.pem`);
      return `# (umask 077; cat ${word(certificate)} ${word(key)} > ${both})
frontend mtls
    mode http
    timeout client 30s
    bind :8443 ssl crt ${both} ca-file ${word(bundle)} verify required ssl-min-ver TLSv1.2
    http-request return status 200 content-type text/plain lf-string "hello %[ssl_c_s_dn]\\n"
`;
    },
  },
  envoy: {
    title: 'envoy: transport_socket of a filter chain',
    text: ({ certificate, key, bundle }) => `transport_socket:
  name: envoy.transport_sockets.tls
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
    require_client_certificate: true
    common_tls_context:
      tls_params: { tls_minimum_protocol_version: TLSv1_2, tls_maximum_protocol_version: TLSv1_3 }
      tls_certificates:
        - certificate_chain: { filename: ${quoted(certificate)} }
          private_key: { filename: ${quoted(key)} }
      validation_context:
        trusted_ca: { filename: ${quoted(bundle)} }
`,
  },
  node: {
    title: 'Node.js: server, and client below',
    text: ({ certificate, key, bundle, ...files }) => `import { readFileSync } from 'node:fs';
import https from 'node:https';

const files = {
  cert: readFileSync(${quoted(certificate)}),
  key: readFileSync(${quoted(key)}),
  ca: readFileSync(${quoted(bundle)}),
};

https
  .createServer({ ...files, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' }, (request, response) => {
    response.end(\`hello \${request.socket.getPeerCertificate().subject.CN}\\n\`);
  })
  .listen(8443);

// client: https.get({ ...files, host: ${quoted(hostToDial({ certificate, key, bundle, ...files }))}, port: 8443 }, (response) => response.pipe(process.stdout));
`,
  },
  go: {
    title: 'Go: server; tls.Config{Certificates, RootCAs: pool} is the client',
    text: ({ certificate, key, bundle }) => `package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	pair, err := tls.LoadX509KeyPair(${quoted(certificate)}, ${quoted(key)})
	if err != nil {
		log.Fatal(err)
	}
	roots, err := os.ReadFile(${quoted(bundle)})
	if err != nil {
		log.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(roots) {
		log.Fatal("no certificate in the trust bundle")
	}
	server := http.Server{
		Addr: ":8443",
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "hello %s\\n", r.TLS.PeerCertificates[0].Subject.CommonName)
		}),
		TLSConfig: &tls.Config{
			MinVersion:   tls.VersionTLS12,
			Certificates: []tls.Certificate{pair},
			ClientAuth:   tls.RequireAndVerifyClientCert,
			ClientCAs:    pool,
		},
	}
	log.Fatal(server.ListenAndServeTLS("", ""))
}
`,
  },
  python: {
    title: 'Python: server, and client below',
    text: ({ certificate, key, bundle, ...files }) => `import http.server
import ssl


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        subject = dict(part[0] for part in self.connection.getpeercert().get("subject", ()))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"hello {subject.get('commonName', 'nobody')}\\n".encode())


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=${quoted(bundle)})
context.load_cert_chain(${quoted(certificate)}, ${quoted(key)})
context.verify_mode = ssl.CERT_REQUIRED
context.minimum_version = ssl.TLSVersion.TLSv1_2

server = http.server.ThreadingHTTPServer(("", 8443), Hello)
# The handshake belongs to the thread of its connection: one slow client must not hold up the others.
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()

# client: requests.get("https://${hostInUrl({ certificate, key, bundle, ...files })}:8443/", cert=(${quoted(certificate)}, ${quoted(key)}), verify=${quoted(bundle)})
`,
  },
  java: {
    title: 'Java: options of the virtual machine (key store and trust store made by --format p12)',
    text: ({ keyStore, trustStore, passphrase, certificate }) => {
      const store = keyStore ?? certificate.replace(/\.crt$/, '.p12');
      return `# the server has to ask for a client certificate: SSLServerSocket.setNeedClientAuth(true), Spring: server.ssl.client-auth=need
KEY_STORE=${word(store)}
TRUST_STORE=${word(trustStore ?? store.replace(/\.p12$/, '.ca.p12'))}
PASSPHRASE=$(${passphrase === undefined ? 'head -n 1 THE-PASSPHRASE-FILE' : `head -n 1 ${word(passphrase)}`})
# In the environment, not on the command line, which every user of the machine may read (Java 9 or newer).
export JDK_JAVA_OPTIONS="-Djavax.net.ssl.keyStore=\\"$KEY_STORE\\" -Djavax.net.ssl.keyStoreType=PKCS12 -Djavax.net.ssl.keyStorePassword=\\"$PASSPHRASE\\" \\
  -Djavax.net.ssl.trustStore=\\"$TRUST_STORE\\" -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=\\"$PASSPHRASE\\""
java -jar app.jar
`;
    },
  },
  curl: {
    title: 'curl: as a client',
    text: (files) =>
      `curl --cacert ${word(files.bundle)} --cert ${word(files.certificate)} --key ${word(files.key)} ${word(`https://${hostInUrl(files)}:8443/`)}
`,
  },
  postgres: {
    title: 'PostgreSQL: postgresql.conf, pg_hba.conf, and the client',
    text: (files) => {
      const { certificate, key, bundle, commonName } = files;
      const connection = Object.entries({
        host: hostToDial(files),
        user: commonName ?? 'NAME',
        sslmode: 'verify-full',
        sslrootcert: bundle,
        sslcert: certificate,
        sslkey: key,
      }).map(([name, value]) => `${name}=${connectionValue(value)}`);
      return `# postgresql.conf (the key has to belong to the user postgres, or to root with mode 0640)
ssl = on
ssl_cert_file = ${setting(certificate)}
ssl_key_file = ${setting(key)}
ssl_ca_file = ${setting(bundle)}
ssl_min_protocol_version = 'TLSv1.2'

# pg_hba.conf: the common name of the client's certificate is the user
hostssl all all all cert

# client
# psql ${word(`dbname=postgres ${connection.join(' ')}`)}
`;
    },
  },
} as const satisfies Record<string, Snippet>;

export type ConfigTarget = keyof typeof CONFIG_SNIPPETS;
export const CONFIG_TARGETS = Object.keys(CONFIG_SNIPPETS) as ConfigTarget[];
